"""What became of a row: who changed which value when, read from the rows that the database's own triggers keep."""

from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.models import AuditEntry, User
from portal.persons import masked_phone
from portal.registers.declaration import Register
from portal.registers.fields import Kind, RegisterField, code_field


@dataclass(frozen=True)
class Change:
    """One value before and after, as people read them."""

    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Version:
    """A moment at which a row changed: by whom (empty: the system or a file) and what."""

    at: datetime
    by: str
    verb: str
    reason: str
    changes: list[Change]


def history(register: Register, row: models.Model, fields: list[RegisterField]) -> list[Version]:
    """The versions of ``row``, newest first; only the ``fields`` that the reader may see."""
    events = list(_events(register.model).filter(pgh_obj_id=row.pk).select_related("pgh_context").order_by("pgh_id"))
    names = _names(event.pgh_context for event in events)
    versions = []
    for event, following in zip(events, [*events, row][1:], strict=True):
        changes = _changes(fields, event, following)
        if changes:
            by = names.get((getattr(event.pgh_context, "metadata", None) or {}).get("user"), "")
            versions.append(Version(event.pgh_created_at, by, _("edited"), "", changes))
    deeds = _deeds(register, row)
    versions += [Version(deed.at, str(deed.by or ""), _verb(deed.verb), deed.reason, []) for deed in deeds]
    return sorted(versions, key=lambda version: version.at, reverse=True)


def _events(model: type[models.Model]) -> models.QuerySet:
    return apps.get_model(model._meta.app_label, f"{model.__name__}Event")._default_manager.all()


def _deeds(register: Register, row: models.Model) -> models.QuerySet:
    """What was done with the row itself, and by its register's deeds: those write the row's code under its model's name."""
    made = {deed.register_of_fields(register).model._meta.model_name for deed in register.deeds}
    name = row._meta.model_name
    own = Q(subject_type=name, details__pk=row.pk)
    upon = Q(subject_type__in=made - {name}, **{f"details__{name}": getattr(row, code_field(register.model))})
    return AuditEntry.objects.filter(own | upon).exclude(verb="edit").select_related("by")


VERBS = {
    "enter": gettext_lazy("entered"),
    "reveal": gettext_lazy("telephone number revealed"),
    "remove": gettext_lazy("removed"),
    "merge": gettext_lazy("another record merged into it"),
    "undo_merge": gettext_lazy("merge undone"),
    "grant": gettext_lazy("award granted"),
    "revoke": gettext_lazy("award revoked"),
    "estates.hand_over": gettext_lazy("handed over"),
    "estates.change_mode": gettext_lazy("service mode changed"),
    "estates.change_stage": gettext_lazy("stage changed"),
    "filings.submit": gettext_lazy("submitted"),
    "filings.request_correction": gettext_lazy("correction requested"),
    "filings.accept": gettext_lazy("accepted"),
    "filings.reject": gettext_lazy("rejected"),
    "filings.supersede": gettext_lazy("superseded"),
    "appoint": gettext_lazy("appointed"),
    "end_appointment": gettext_lazy("appointment ended"),
    "change_coverage": gettext_lazy("Party coverage changed"),
}
"""How the history words what the audit log calls by an identifier."""


def _verb(verb: str) -> str:
    return str(VERBS.get(verb, verb))


def _names(contexts) -> dict[int, str]:
    ids = {(context.metadata or {}).get("user") for context in contexts if context is not None} - {None}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)}


def _changes(fields: list[RegisterField], before: models.Model, after: models.Model) -> list[Change]:
    changes = []
    for field in fields:
        if field.source is None:
            continue
        old, new = getattr(before, field.source.attname), getattr(after, field.source.attname)
        if field.kind in (Kind.FIRST_DAY, Kind.LAST_DAY):
            old, new = field.value(before), field.value(after)
        if old == new:
            continue
        if field.kind is Kind.REFERENCE:
            told = [_referred(field, key) for key in (old, new)]
        elif field.kind is Kind.PHONE:
            told = [masked_phone(old), masked_phone(new)]
        else:
            told = [field.text_of(old), field.text_of(new)]
        changes.append(Change(str(field.title), *told))
    return changes


def _referred(field: RegisterField, key) -> str:
    if key is None:
        return ""
    target = field.target._default_manager.filter(pk=key).first()
    return str(target) if target is not None else f"#{key}"
