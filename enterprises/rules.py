"""Pure rules of enterprises: the unified social credit code, and what five stars are given for."""

from datetime import date

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 signs of GB 32100-2015: digits and capital letters without I, O, S, V, Z."""


def check_digit(body: str) -> str:
    """The 18th sign of a unified social credit code, from its first 17 (GB 32100-2015, 3.5).

    Raises:
        ValueError: ``body`` is not 17 signs of the alphabet.
    """
    if len(body) != 17 or any(sign not in ALPHABET for sign in body):
        raise ValueError(body)
    total = sum(ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return ALPHABET[-total % 31]


def is_credit_code(text: str) -> bool:
    """Whether ``text`` is a unified social credit code with the right check digit."""
    return len(text) == 18 and all(sign in ALPHABET for sign in text) and check_digit(text[:17]) == text[17]


DIMENSIONS = ("organisation", "backbone_team", "service_quality", "operation", "public_image")
"""What a five-star enterprise is rated for. Source: 2021 report, section 7.2."""

MOST_STARS = 5
"""The best rating in a dimension."""

HEADCOUNT_DUE_MONTH = 4
"""From this month on last year's headcount return is missed. Assumption: three months after the year."""


def headcount_year_due(today: date) -> int:
    """The latest year whose headcount return should be there on ``today``."""
    return today.year - (1 if today.month >= HEADCOUNT_DUE_MONTH else 2)
