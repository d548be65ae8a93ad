"""What an enterprise has in hand: neighbourhoods by kind, weighed by floor area and households, and contracts that run out."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from enterprises.models import Enterprise
from estates import rules
from estates.models import Estate, ServiceContract
from portal.roles import Permission

ENDING_AT_MOST = 12
"""So many contracts are shown; the register's list has all."""


@dataclass(frozen=True)
class Share:
    """One kind of neighbourhood among those that an enterprise serves. ``area_m2`` and ``households`` are of those on record."""

    label: str
    estates: int
    area_m2: Decimal
    households: int


@dataclass(frozen=True)
class Portfolio:
    shares: list[Share]
    without_area: int
    """Neighbourhoods whose floor area is unknown, so that the weights say nothing of them."""

    @property
    def estates(self) -> int:
        return sum(share.estates for share in self.shares)

    @property
    def area_m2(self) -> Decimal:
        return sum((share.area_m2 for share in self.shares), Decimal(0))

    @property
    def households(self) -> int:
        return sum(share.households for share in self.shares)

    @property
    def weighed(self) -> list[tuple[Share, tuple, tuple]]:
        """Each share with its part of all floor area and of all households, as (part, whole)."""
        return [
            (share, (share.area_m2, self.area_m2), (share.households, self.households)) for share in self.shares
        ]  # fmt: skip


def portfolio(estates: QuerySet[Estate]) -> Portfolio:
    """``estates`` by kind. One query."""
    counted = estates.order_by().values("kind").annotate(
        estates=Count("pk"), with_area=Count("floor_area_m2"), area=Sum("floor_area_m2"), homes=Sum("households")
    )  # fmt: skip
    rows = sorted(counted, key=lambda row: Estate.Kind.values.index(row["kind"]))
    shares = [
        Share(str(Estate.Kind(row["kind"]).label), row["estates"], row["area"] or Decimal(0), row["homes"] or 0)
        for row in rows
    ]
    return Portfolio(shares, sum(row["estates"] - row["with_area"] for row in rows))


def ending_contracts(enterprise: Enterprise, user, today: date) -> list[ServiceContract]:
    """The enterprise's contracts in the scope of ``user`` that end within the notice, the next to end first. One query."""
    scope = ServiceContract.objects.for_user(user, Permission.VIEW_ESTATES).filter(enterprise=enterprise)
    until = rules.months_later(today, rules.CONTRACT_NOTICE_MONTHS)
    return list(
        scope.ending(today, until).select_related("estate").order_by("valid__endswith", "number")[:ENDING_AT_MOST]
    )  # fmt: skip
