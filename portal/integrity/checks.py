"""Named checks of the registers' rows. A check narrows the rows that a person may see, so it cannot leave their scope."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.apps import apps
from django.core.cache import cache as kept
from django.db import models
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from portal.integrity.likeness import Likeness
from portal.registers import Register, register

FIVE_MINUTES = 300


@dataclass(frozen=True)
class Check:
    """What is looked for in one register. ``key`` is its address; ``register`` the slug of the register whose rows it finds.

    ``narrow`` takes rows of that register and today's date, and returns those that are findings. ``permission`` is needed
    beside that of the register, where the finding itself tells Party data. A check with a ``likeness`` finds rows that may
    stand for the same thing; those can be merged.
    """

    key: str
    title: str | Promise
    why: str | Promise
    remedy: str | Promise
    register: str
    narrow: Callable[[QuerySet, date], QuerySet]
    permission: str = ""
    likeness: Likeness | None = None

    @property
    def kept_in(self) -> Register:
        """The register of the rows."""
        found = register(self.register)
        if found is None:
            raise LookupError(self.register)
        return found

    def is_open_to(self, user) -> bool:
        return user.has_perm(self.kept_in.view) and (not self.permission or user.has_perm(self.permission))

    def findings(self, user) -> QuerySet:
        """The findings among the rows that ``user`` may see; none for whom the check is not open to."""
        rows = self.kept_in.scoped(user).order_by()
        if not self.is_open_to(user):
            return rows.none()
        if self.permission:
            allowed = self.kept_in.scoped(user, self.permission).order_by()
            rows = rows.filter(pk__in=allowed.values("pk"))
        return self.narrow(rows, timezone.localdate())


def duplicates(key: str, title: str | Promise, remedy: str | Promise, register: str, likeness: Likeness) -> Check:
    """The check that finds rows of ``register`` that are alike by ``likeness``."""
    return Check(
        key, title, likeness.why, remedy, register, lambda rows, today: likeness.with_twin(rows), likeness=likeness
    )


@cache
def checks() -> list[Check]:
    """The checks of all installed apps, ground floor first (``AppConfig.integrity_checks``)."""
    return [one for config in apps.get_app_configs() for one in getattr(config, "integrity_checks", ())]


def check(key: str) -> Check | None:
    return next((one for one in checks() if one.key == key), None)


def checks_for(user) -> list[Check]:
    """The checks that are open to ``user``."""
    return [one for one in checks() if one.is_open_to(user)]


def by_floor(found: Sequence[Check]) -> dict[str, list[Check]]:
    """Checks under the titles of the apps whose registers they look into."""
    floors: dict[str, list[Check]] = {}
    for one in found:
        floors.setdefault(str(apps.get_app_config(one.kept_in.model._meta.app_label).verbose_name), []).append(one)
    return floors


def count(user, found: Sequence[Check]) -> dict[str, int]:
    """Check's key → findings in the scope of ``user``. One statement, whatever the number of checks."""
    counted = {one.key: _count_of(one.findings(user)) for one in found}
    if not counted:
        return {}
    queries = [rows.annotate(_of=models.Value(key)).values_list("_of", "_count") for key, rows in counted.items()]
    return dict.fromkeys(counted, 0) | dict(queries[0].union(*queries[1:], all=True) if queries[1:] else queries[0])


def _count_of(rows: QuerySet) -> QuerySet:
    """Rows counted inside the statement, so that several can be joined."""
    everything = rows.order_by().annotate(_all=models.Value(1)).values("_all")
    return everything.annotate(_count=Count("pk"))


def total(user) -> int:
    """Findings of all checks in the scope of ``user``, at most five minutes old: for the home page."""
    return kept.get_or_set(f"integrity_{user.pk}", lambda: sum(count(user, checks_for(user)).values()), FIVE_MINUTES)
