"""Signs that ratings are not residents' own, and the sums behind rates that are watched. Plain functions of plain values.

Assumption: all thresholds. The 2021 report names none; the city sets its own (``RATING_BURSTS`` in the settings). A rating with
a sign is held for a person to look at, never deleted, so a threshold too low costs work and one too high lets pass.
"""

import hashlib
import hmac
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.rules import HalfMonth

TOP = 4
"""The lowest level that counts in full; a script need not choose the highest."""


@dataclass(frozen=True)
class BurstRule:
    """How many residents' ratings within ``minutes`` are a burst, each of another reporter; and how many reporters in
    ``device_days`` one device may rate for.
    """

    minutes: int = 10
    device: int = 3
    network: int = 8
    top_of_estate: int = 5
    top_of_party: int = 10
    device_days: int = 30
    device_reporters: int = 3

    def __post_init__(self) -> None:
        if min(vars(self).values()) < 1:
            raise ValueError("thresholds of bursts are at least 1")

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Given:
    """A rating as the rules see it. ``reporter`` tells reporters apart (a keyed hash); ``device``, ``network`` and ``party`` are
    empty where unknown.
    """

    pk: int
    at: datetime
    level: int
    reporter: str
    estate: int
    device: str = ""
    network: str = ""
    party: str = ""


def burst(new: Given, earlier: Iterable[Given], rule: BurstRule) -> frozenset[int]:
    """The ratings (their pk, ``new`` among them) that together make a burst which ``new`` completes; empty where there is none.

    Several ratings of one reporter count as one: who reported three matters rates three.
    """
    recent = [new, *(one for one in earlier if one.pk != new.pk and timedelta() <= new.at - one.at < rule.window)]
    found: set[int] = set()
    for most, alike in _likenesses(new, rule):
        members = [one for one in recent if alike(one)]
        if len({one.reporter for one in members}) >= most:
            found.update(one.pk for one in members)
    return frozenset(found)


def _likenesses(new: Given, rule: BurstRule) -> list[tuple[int, Callable[[Given], bool]]]:
    """What ratings may have in common with ``new``, and from how many on that is a burst."""
    found: list[tuple[int, Callable[[Given], bool]]] = []
    if new.device:
        found.append((rule.device, lambda one: one.device == new.device))
    if new.network:
        found.append((rule.network, lambda one: one.network == new.network))
    if new.level >= TOP:
        found.append((rule.top_of_estate, lambda one: one.level >= TOP and one.estate == new.estate))
        if new.party:
            found.append((rule.top_of_party, lambda one: one.level >= TOP and one.party == new.party))
    return found


def shared_device(reporters: Collection[str], rule: BurstRule) -> bool:
    """Whether one device rated for too many: ``reporters`` are those of ``device_days``, the new one among them."""
    return len(set(reporters)) >= rule.device_reporters


# --- callback -----------------------------------------------------------------------------------------------------------


def drawn(cases: Iterable[int], day: date, count: int, key: str) -> list[int]:
    """``count`` of ``cases`` by lot. Each case has its lot of ``day``, so that one more or less changes nobody else's place;
    ``key`` is a secret, so that nobody foretells the draw.
    """

    def lot(case: int) -> bytes:
        return hmac.new(key.encode(), f"{day.isoformat()} {case}".encode(), hashlib.sha256).digest()

    return sorted(set(cases), key=lot)[:count]


# --- figures ------------------------------------------------------------------------------------------------------------


def before_cut(moment: datetime, hours: int = 48) -> bool:
    """Whether ``moment`` lies in the last hours before its half month ends."""
    return HalfMonth.containing(moment).end - moment <= timedelta(hours=hours)


@dataclass(frozen=True)
class Spike:
    """Closures of the last 48 hours of a half month beside those of the rest of it; rates are per day."""

    at_cut: int
    before: int
    days_at_cut: float
    days_before: float

    @property
    def ratio(self) -> float | None:
        """How many times as many a day at the cut as before it; ``None`` where there were none before."""
        if not self.before or not self.days_before:
            return None
        return (self.at_cut / self.days_at_cut) / (self.before / self.days_before)


def spike(by_day: Sequence[tuple[date, int]], period: HalfMonth, days: int = 2) -> Spike:
    """Closures by day of ``period``, parted at the last ``days``. Days of other periods are not counted."""
    own = [(day, count) for day, count in by_day if period.start.date() <= day < period.end.date()]
    first_at_cut = period.last_day - days + 1
    at_cut = sum(count for day, count in own if day.day >= first_at_cut)
    length = period.last_day - period.first_day + 1
    return Spike(at_cut, sum(count for _day, count in own) - at_cut, float(days), float(length - days))


def publishable(total: int, least: int) -> bool:
    """Whether a rate of ``total`` is published: below ``least`` it would say something about single cases, not about a unit."""
    return total >= least
