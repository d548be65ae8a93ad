"""Writes with a consequence on enterprises: granting and revoking honours. Atomic, audited; the actor is named ``by``."""

from collections.abc import Mapping
from datetime import date

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.models import AwardGrant, AwardRound, Enterprise
from portal.models import User
from portal.roles import Permission
from portal.workflow import MoveRefused, demand_reason, record


class AwardRefused(MoveRefused):
    """The award cannot be granted or revoked so; the message says why."""


def award_obstacles(award_round: AwardRound, enterprise: Enterprise) -> list[str]:
    """Why ``enterprise`` may not be given the award of the round, in the person's language; empty when it may.

    Installed apps are asked by ``AppConfig.award_obstacles(award_round, enterprise)``: Party building knows whether there is
    a Party organisation, which is no matter of this app.
    """
    found: list[str] = []
    if enterprise.status == Enterprise.Status.DEREGISTERED:
        found.append(_("The enterprise is deregistered."))
    for config in apps.get_app_configs():
        if hasattr(config, "award_obstacles"):
            found += config.award_obstacles(award_round, enterprise)
    return found


@transaction.atomic
def grant_award(
    award_round: AwardRound,
    enterprise: Enterprise,
    *,
    by: User,
    granted_on: date,
    project_name: str = "",
    dimensions: Mapping[str, int] | None = None,
) -> AwardGrant:
    """Give ``enterprise``, or its project ``project_name``, the award of a round; ``dimensions`` are a five-star
    enterprise's stars (0 to 5) by the names in ``rules.DIMENSIONS``.

    Raises:
        PermissionDenied: the person does not keep this enterprise.
        AwardRefused: something stands against it (:func:`award_obstacles`).
        ValidationError: a value is wrong, or this was granted already.
    """
    if not by.has_perm(Permission.KEEP_ENTERPRISES, enterprise):
        raise PermissionDenied
    obstacles = award_obstacles(award_round, enterprise)
    if obstacles:
        raise AwardRefused(" ".join(obstacles))
    grant = AwardGrant(
        round=award_round,
        enterprise=enterprise,
        project_name=project_name,
        granted_on=granted_on,
        **(dimensions or {}),
    )
    grant.full_clean()
    grant.save()
    record("grant", grant, by=by, pk=grant.pk, round=award_round.code, enterprise=enterprise.uscc)
    return grant


@transaction.atomic
def revoke_award(grant: AwardGrant, *, by: User, reason: str, revoked_on: date) -> None:
    """Take an award back as of ``revoked_on``; the grant stays on record with the reason.

    Raises:
        PermissionDenied: the person does not keep the enterprise.
        ValidationError: no reason was given, or the day lies before the grant.
        AwardRefused: it was revoked already; nothing was changed.
    """
    if not by.has_perm(Permission.KEEP_ENTERPRISES, grant):
        raise PermissionDenied
    given = demand_reason(reason, "revoke_reason")
    if revoked_on < grant.granted_on:
        raise ValidationError({"revoked_on": _("A grant cannot be revoked before it was given.")})
    standing = AwardGrant.objects.filter(pk=grant.pk, revoked_on=None)
    if not standing.update(revoked_on=revoked_on, revoke_reason=given):
        raise AwardRefused(_("This award was revoked already."))
    grant.revoked_on, grant.revoke_reason = revoked_on, given
    record("revoke", grant, by=by, reason=reason, pk=grant.pk, revoked_on=revoked_on.isoformat())
