"""The half-monthly ranking: from six counts to score, rank and list. Pure, exact, no floats.

Source: ranking policy, "Rates and score", "Who is ranked", "Ranks and lists".
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import lcm
from typing import Any, NamedTuple

SCORE_DECIMALS = 4
TOP, BOTTOM, NO_LIST = "top", "bottom", ""


class PolicyError(ValueError):
    """A policy record that contradicts the rule; the message names the field."""


@dataclass(frozen=True)
class Policy:
    """What a ranking policy record says: weights sum to 1, level weights lie in 0..1, gates are at least 1 where used."""

    window_periods: int
    weight_acceptance: Decimal
    weight_handling: Decimal
    weight_satisfaction: Decimal
    level_weights: Mapping[int, Decimal]
    gate_acceptance: int
    gate_handling: int
    gate_ratings: int
    list_size: int

    def __post_init__(self) -> None:
        if not 1 <= self.window_periods <= 48:
            raise PolicyError("window_periods: 1 to 48 half months")
        for name, weight, gate in self.parts:
            if not 0 <= weight <= 1:
                raise PolicyError(f"weights.{name}: between 0 and 1")
            if gate < (1 if weight else 0):
                raise PolicyError(f"gates.{name}: at least 1, because its rate has a weight")
        if sum(weight for _, weight, _ in self.parts) != 1:
            raise PolicyError("weights: do not sum to 1")
        if set(self.level_weights) != {1, 2, 3, 4, 5} or not all(0 <= w <= 1 for w in self.level_weights.values()):
            raise PolicyError("level_weights: one weight between 0 and 1 for each of the levels 1 to 5")
        if self.list_size < 1:
            raise PolicyError("list_size: at least 1")

    @classmethod
    def parse(cls, content: Mapping[str, Any]) -> "Policy":
        """The policy that a ``policy.json`` (or the snapshot of one) writes down.

        Raises:
            KeyError, TypeError, ValueError, ArithmeticError: a field is missing or not of its form.
            PolicyError: the record contradicts the rule.
        """
        weights, gates, levels = content["weights"], content["gates"], content["level_weights"]
        return cls(
            window_periods=int(content["window_periods"]),
            weight_acceptance=Decimal(str(weights["acceptance"])),
            weight_handling=Decimal(str(weights["handling"])),
            weight_satisfaction=Decimal(str(weights["satisfaction"])),
            level_weights={level: Decimal(str(levels[str(level)])) for level in range(1, 6)},
            gate_acceptance=int(gates["acceptance"]),
            gate_handling=int(gates["handling"]),
            gate_ratings=int(gates["ratings"]),
            list_size=int(content["list_size"]),
        )

    @property
    def parts(self) -> tuple[tuple[str, Decimal, int], ...]:
        return (
            ("acceptance", self.weight_acceptance, self.gate_acceptance),
            ("handling", self.weight_handling, self.gate_handling),
            ("ratings", self.weight_satisfaction, self.gate_ratings),
        )

    @property
    def level_decimals(self) -> int:
        """How many decimals the sum of level weights needs; at least one."""
        return max(1, *(_decimals(weight) for weight in self.level_weights.values()))


class Counts(NamedTuple):
    """The six counts of a neighbourhood in the window. ``satisfied_weight`` is the sum of the ratings' level weights."""

    accept_due: int
    accept_on_time: int
    handle_due: int
    handle_on_time: int
    ratings: int
    satisfied_weight: Decimal

    def __add__(self, other: "Counts") -> "Counts":  # type: ignore[override]
        """Pooled counts of two groups of neighbourhoods."""
        pairs: Iterable[tuple[Any, Any]] = zip(self, other, strict=True)
        return Counts(*(a + b for a, b in pairs))

    @property
    def acceptance(self) -> tuple[int, int]:
        """On time, of those counted: a rate that is not rounded yet."""
        return self.accept_on_time, self.accept_due

    @property
    def handling(self) -> tuple[int, int]:
        return self.handle_on_time, self.handle_due

    @property
    def satisfaction(self) -> tuple[Decimal, int]:
        """The sum of level weights, of the ratings."""
        return self.satisfied_weight, self.ratings


class Placed(NamedTuple):
    """Where a neighbourhood stands. Score and ranks are ``None`` where it is not ranked; ``from_bottom`` counts from the end."""

    score: Decimal | None
    rank: int | None
    from_bottom: int | None
    district_rank: int | None
    list: str


NOT_RANKED = Placed(None, None, None, None, NO_LIST)


class Scorer:
    """Scores under one policy. The weights are made whole numbers once, so that each score is one whole-number division."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        weights = [weight for _, weight, _ in policy.parts]
        self._unit = lcm(*(weight.as_integer_ratio()[1] for weight in weights))
        self._accept, self._handle, self._satisfy = (int(weight * self._unit) for weight in weights)
        self._level_decimals = policy.level_decimals
        self._level_unit = 10**self._level_decimals

    def shortfalls(self, counts: Counts) -> dict[str, int]:
        """What is missing to be ranked, by gate: ``{"ratings": 2}``. Empty for an eligible neighbourhood."""
        have = {"acceptance": counts.accept_due, "handling": counts.handle_due, "ratings": counts.ratings}
        return {name: gate - have[name] for name, weight, gate in self.policy.parts if weight and have[name] < gate}

    def is_eligible(self, counts: Counts) -> bool:
        policy = self.policy
        return (
            (not self._accept or counts.accept_due >= policy.gate_acceptance)
            and (not self._handle or counts.handle_due >= policy.gate_handling)
            and (not self._satisfy or counts.ratings >= policy.gate_ratings)
        )

    def score(self, counts: Counts) -> Decimal:
        """100 x the weighted sum of the three rates, rounded half up to four decimals once, at the end.

        Raises:
            ZeroDivisionError: a rate that has a weight has nothing counted; ask :meth:`is_eligible` first.
        """
        return as_score(self.units(counts))

    def units(self, counts: Counts) -> int:
        """The score in ten-thousandths, as :meth:`score`; whole numbers compare and rank faster."""
        satisfied = int(counts.satisfied_weight.scaleb(self._level_decimals))
        accept_n = counts.accept_due if self._accept else 1
        handle_n = counts.handle_due if self._handle else 1
        rating_n = counts.ratings * self._level_unit if self._satisfy else 1
        numerator = (
            self._accept * counts.accept_on_time * handle_n * rating_n
            + self._handle * counts.handle_on_time * accept_n * rating_n
            + self._satisfy * satisfied * accept_n * handle_n
        ) * 10 ** (SCORE_DECIMALS + 2)
        denominator = self._unit * accept_n * handle_n * rating_n
        half_up: int = (2 * numerator + denominator) // (2 * denominator)
        return half_up


def place(rows: Sequence[tuple[str, Counts]], policy: Policy) -> list[Placed]:
    """Score, ranks and list of each ``(district_code, counts)``, in the order given.

    Competition ranking (1-2-2-4) city-wide and inside each district; equal scores share a rank and nothing breaks a tie.
    With E eligible, each list takes the ranks up to min(list size, E div 2) from its end; a tie across the line lengthens
    it, and whoever would stand on both stands on neither.
    """
    scorer = Scorer(policy)
    scores = [scorer.units(counts) if scorer.is_eligible(counts) else None for _, counts in rows]
    eligible = [score for score in scores if score is not None]
    rank_of = competition_ranks(eligible)
    bottom_of = competition_ranks([-score for score in eligible])
    districts: dict[str, list[int]] = {}
    for (district, _), score in zip(rows, scores, strict=True):
        if score is not None:
            districts.setdefault(district, []).append(score)
    district_rank_of = {district: competition_ranks(their) for district, their in districts.items()}
    length = min(policy.list_size, len(eligible) // 2)

    def placed(district: str, score: int | None) -> Placed:
        if score is None:
            return NOT_RANKED
        rank, from_bottom = rank_of[score], bottom_of[-score]
        on_top, on_bottom = rank <= length, from_bottom <= length
        listed = TOP if on_top and not on_bottom else BOTTOM if on_bottom and not on_top else NO_LIST
        return Placed(as_score(score), rank, from_bottom, district_rank_of[district][score], listed)

    return [placed(district, score) for (district, _), score in zip(rows, scores, strict=True)]


def as_score(units: int) -> Decimal:
    """Ten-thousandths as a score with four decimals."""
    return Decimal(units).scaleb(-SCORE_DECIMALS)


def competition_ranks(scores: Iterable[int]) -> dict[int, int]:
    """The rank of each score, highest first, 1-2-2-4."""
    ranks: dict[int, int] = {}
    for position, score in enumerate(sorted(scores, reverse=True), start=1):
        ranks.setdefault(score, position)
    return ranks


def change(listed: str, now: tuple[int, int], before: tuple[int, int]) -> int:
    """Places won (positive) or lost since the previous published ranking, from two ``(rank, from_bottom)``.

    In the last ten both are counted from the bottom, because the number ranked differs from period to period.
    """
    if listed == BOTTOM:
        return now[1] - before[1]
    return before[0] - now[0]


def canonical_json(manifest: Mapping[str, Any]) -> bytes:
    """Sorted keys, no white space, UTF-8: the same manifest gives the same bytes everywhere."""
    return json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical manifest, in hexadecimal."""
    return hashlib.sha256(canonical_json(manifest)).hexdigest()


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
