"""The object in words: sections of sentences and tables, the same on the page and in the PDF."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from evaluations import rules
from evaluations.evidence.rules import AUTHORITIES, ENTERPRISE, NOBODY
from evaluations.evidence.wording import LABELS, MEANINGS
from evaluations.summaries import PART_NAMES, Part, missing
from evaluations.why.reading import OneMore, Since, Why
from portal.templatetags.portal import decimals, number, percent, period, place, plain


@dataclass(frozen=True)
class Table:
    """``rows`` of text; the first cell of each names the row. ``numeric``: which columns are numbers, from the second on."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: bool = True
    has_total: bool = False


@dataclass(frozen=True)
class Section:
    name: str
    title: str
    texts: Sequence[str] = ()
    table: Table | None = None
    notes: Sequence[str] = ()
    points: Sequence[str] = field(default_factory=list)
    """A list of sentences."""


def sections(why: Why) -> list[Section]:
    """In the order in which a reader asks: how, who, where, what changed, what would help, how certain, who answers, what not."""
    found = [_score(why), _gates(why), _place(why), _since(why), _one_more(why), _evidence(why)]
    if why.parties:
        found.append(_parties(why))
    return [*found, _limits()]


def title(why: Why) -> str:
    if why.entry.eligible:
        texts = {"rank": number(why.entry.rank), "count": number(why.ranking.eligible)}
        return _("Why rank %(rank)s of %(count)s") % texts
    return _("Not ranked: too few cases")


# --- how ----------------------------------------------------------------------------------------------------------------


def _score(why: Why) -> Section:
    rows = [
        (str(part.title), plain(part.numerator), str(part.denominator), percent(part.rate), plain(part.full),
         decimals(part.points, 4))
        for part in why.parts
    ]  # fmt: skip
    notes = []
    if why.entry.eligible:
        rows.append((_("Score"), "", "", "", "100", str(why.entry.score)))
        notes = [
            _("With a pocket calculator:") + " " + _sum(why.parts) + f" = {why.entry.score}",
            _("Added exactly, rounded half up once to four decimals; two are printed in the lists."),
        ]
    head = (_("Rate"), _("On time, or level weights"), _("Counted"), _("Rate, %"), _("Points at most"), _("Points"))
    caption = _("The three rates of this neighbourhood and their points")
    formula = " + ".join(f"{plain(part.full)} × {part.title}" for part in why.parts)
    texts = [_("Score") + " = " + formula]
    return Section("score", _("How the score is made"), texts, Table(caption, head, rows, has_total=bool(notes)), notes)


def _sum(parts: Sequence[Part]) -> str:
    terms = [
        f"{plain(part.full)} × {plain(part.numerator)} ÷ {part.denominator}"
        if part.denominator
        else f"{plain(part.full)} × 0"
        for part in parts
    ]
    return " + ".join(terms)


# --- who ----------------------------------------------------------------------------------------------------------------


def _gates(why: Why) -> Section:
    rows = [
        (str(PART_NAMES[gate.name]), str(gate.counted), str(gate.needed), _("yes") if gate.is_met else _("no"))
        for gate in why.gates
    ]
    texts = [window_sentence(why.ranking, why.policy)]
    if not why.entry.eligible:
        lacking = pgettext("in a list", ", ").join(missing(why.counts, why.policy))
        texts.append(_("Missing to be ranked:") + " " + lacking + pgettext("full stop", "."))
        texts.append(_("That is a normal state; cases are handled as everywhere."))
    head = (_("Rate"), _("Counted"), _("Needed"), _("Met"))
    return Section("gates", _("Who is ranked"), texts, Table(_("Gates: what is needed to be ranked"), head, rows))


def window_sentence(ranking, policy: rules.Policy) -> str:
    """The one sentence above a list: window, gates, how many are ranked and how many are not."""
    first = ranking.half_month.shift(1 - policy.window_periods)
    return _(
        "Counted from %(start)s to %(end)s; ranked is who has at least %(acceptance)s acceptances, %(handling)s handlings and "
        "%(ratings)s ratings: %(eligible)s neighbourhoods are, %(others)s are not."
    ) % {
        "start": period(first),
        "end": period(ranking.half_month),
        "acceptance": policy.gate_acceptance,
        "handling": policy.gate_handling,
        "ratings": policy.gate_ratings,
        "eligible": number(ranking.eligible),
        "others": number(ranking.not_ranked),
    }


# --- where --------------------------------------------------------------------------------------------------------------

LISTS = {
    rules.TOP: gettext_lazy("It stands on the first list."),
    rules.BOTTOM: gettext_lazy("It stands on the last list."),
}


def _place(why: Why) -> Section:
    entry, district = why.entry, place(why.entry.district_name)
    if not entry.eligible:
        text = _("Without a rank; in %(district)s %(count)s neighbourhoods are ranked.")
        return Section(
            "place", _("Where it stands"), [text % {"district": district, "count": number(why.ranked_in_district)}]
        )
    texts = [
        ngettext(
            "%(count)s neighbourhood has a higher score.", "%(count)s neighbourhoods have a higher score.", why.higher
        )
        % {"count": number(why.higher)},
        ngettext(
            "%(count)s other has the same score and shares the rank.",
            "%(count)s others have the same score and share the rank.",
            why.sharing,
        )
        % {"count": number(why.sharing)}
        if why.sharing
        else _("No other has the same score."),
        _("In %(district)s it is rank %(rank)s of %(count)s.")
        % {"district": district, "rank": number(entry.district_rank), "count": number(why.ranked_in_district)},
    ]
    if entry.list:
        texts.append(str(LISTS[entry.list]))
    return Section("place", _("Where it stands"), texts)


# --- what changed -------------------------------------------------------------------------------------------------------


def _since(why: Why) -> Section:
    heading, since = _("What changed since the last ranking"), why.since
    if since is None:
        return Section(
            "since", heading, [_("It stood in no earlier published ranking that this one is compared with.")]
        )
    now, then = why.counts, since.counts
    pairs = {
        "acceptance": (then.acceptance, now.acceptance),
        "handling": (then.handling, now.handling),
        "ratings": (then.satisfaction, now.satisfaction),
    }
    rows = [
        (str(PART_NAMES[name]), _of(before), _of(after), percent(before), percent(after), signed(since.moved[name]))
        for name, (before, after) in pairs.items()
    ]
    change = why.entry.score - since.score if why.entry.score is not None and since.score is not None else None
    rows.append((_("Score"), "", "", decimals(since.score, 4), decimals(why.entry.score, 4), signed(change)))
    head = (_("Rate"), _("Counts then"), _("Counts now"), _("Then, %"), _("Now, %"), _("Points moved"))
    notes = [_("Points are rounded to four decimals, so a sum may differ by one in the last.")]
    if not since.same_policy:
        notes.append(_("The policy changed in between; part of the difference comes from its weights."))
    table = Table(_("Counts and points then and now"), head, rows, has_total=True)
    return Section("since", heading, [_since_sentence(why, since)], table, notes)


def _since_sentence(why: Why, since: Since) -> str:
    when = period(since.period)
    if since.rank is None:
        return _("In the ranking of %(period)s it had too few cases to be ranked.") % {"period": when}
    return _("In the ranking of %(period)s it was rank %(rank)s of %(count)s with %(score)s.") % {
        "period": when,
        "rank": number(since.rank),
        "count": number(since.ranked),
        "score": decimals(since.score),
    }


def _of(rate: tuple[Any, int]) -> str:
    return f"{plain(rate[0])} / {rate[1]}"


def signed(value: Decimal | None) -> str:
    """With its sign: +0.1200, −3.0000, 0.0000; missing is a dash."""
    if value is None:
        return "—"
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{abs(value)}"


# --- what would help ----------------------------------------------------------------------------------------------------

WHAT = {
    "rating": gettext_lazy("one rating “very satisfied” more"),
    "handling": gettext_lazy("one handling on time more"),
    "acceptance": gettext_lazy("one acceptance on time more"),
}


def _one_more(why: Why) -> Section:
    rows = [_step(why, step) for step in why.one_more]
    head = (_("If there were"), _("Score"), _("Points"), _("Rank"), _("Places"))
    texts = [_("Reckoned with the counts of this window, all others staying as they are.")]
    table = Table(_("What one matter more that goes well would do"), head, rows)
    return Section("one-more", _("What one more would do"), texts, table)


def _step(why: Why, step: OneMore) -> tuple[str, ...]:
    what = str(WHAT[step.what])
    if step.score is None:
        return what, _("still not ranked"), "—", "—", "—"
    if why.entry.score is None:
        return what, decimals(step.score, 4), "—", number(step.rank), "—"
    gained = why.entry.rank - step.rank
    places = f"+{number(gained)}" if gained > 0 else f"−{number(-gained)}" if gained else "0"
    return what, decimals(step.score, 4), signed(step.score - why.entry.score), number(step.rank), places


# --- how certain --------------------------------------------------------------------------------------------------------


def _evidence(why: Why) -> Section:
    rows = [
        (str(part.title), percent(part.rate), *_ends(why.intervals[part.name]), str(part.denominator))
        for part in why.parts
    ]
    head = (_("Rate"), _("Rate, %"), _("Low, %"), _("High, %"), _("Counted"))
    texts, notes = _certainty(why), [
        _("Each rate is given with its 95 % interval (Wilson): with so few cases chance alone moves it that far. For ratings the "
          "sum of level weights counts as the number of satisfied ones."),
    ]  # fmt: skip
    if why.evidence:
        notes.append(
            _("The shrunk score draws each rate towards what is usual for neighbourhoods of its kind, the more so the fewer "
              "its cases. It stands beside the policy score and never decides a rank.")
        )  # fmt: skip
    return Section(
        "evidence", _("How certain this is"), texts, Table(_("Rates with their intervals"), head, rows), notes
    )


def _certainty(why: Why) -> list[str]:
    stored = why.evidence
    if stored is None:
        return [_("No evidence was recorded with this ranking; the intervals follow from its counts.")]
    texts = []
    if stored["label"]:
        texts.append(_("Evidence: %(label)s.") % {"label": LABELS[stored["label"]]})
        texts.append(str(MEANINGS[stored["label"]]))
    texts.append(
        _("Shrunk score %(score)s, standard deviation %(deviation)s.")
        % {"score": decimals(Decimal(stored["score"])), "deviation": decimals(Decimal(stored["deviation"]))}
    )
    if stored["ranks"]:
        best, worst = stored["ranks"]
        texts.append(
            _("Compared one by one, at 95 %% certainty it cannot be told apart from ranks %(best)s to %(worst)s.")
            % {"best": number(best), "worst": number(worst)}
        )
    return texts


def _ends(interval) -> tuple[str, str]:
    if interval is None:
        return "—", "—"
    return tuple(decimals(Decimal(repr(100 * end)), 1) for end in interval)


# --- who answers --------------------------------------------------------------------------------------------------------

PARTY_NAMES = {
    ENTERPRISE: gettext_lazy("The enterprise in charge"),
    AUTHORITIES: gettext_lazy("Departments, stations and streets"),
    NOBODY: gettext_lazy("No party named"),
}


def _parties(why: Why) -> Section:
    rows = [(str(PARTY_NAMES[party]), *_party_rates(counts)) for party, counts in why.parties.items()]
    rows.append((_("All cases"), *_party_rates(why.counts)))
    head = (_("Who answers"), *(str(PART_NAMES[name]) for name in ("acceptance", "handling", "ratings")))
    texts = [
        _("The score counts all cases of the neighbourhood. Here they are apart by who answers for them: what departments "
          "and streets leave undone is not the enterprise's, and the other way round."),
    ]  # fmt: skip
    table = Table(_("The three rates by who answers for the cases"), head, rows, has_total=True)
    return Section("parties", _("Who answers for the cases"), texts, table)


def _party_rates(counts: rules.Counts) -> list[str]:
    rates = (counts.acceptance, counts.handling, counts.satisfaction)
    return [f"{_of(rate)} ({percent(rate)} %)" if rate[1] else "—" for rate in rates]


# --- what not -----------------------------------------------------------------------------------------------------------

LIMITS = (
    gettext_lazy("It counts what residents reported, not the state of buildings, fees, repair funds or what nobody reported."),
    gettext_lazy("Satisfaction is that of those who rated; who did not rate is not counted as satisfied or dissatisfied."),
    gettext_lazy("It does not weigh how hard a matter is, nor the size, age or fees of a neighbourhood."),
    gettext_lazy("A rank is a place among others in this window. Many at either end will stand nearer the middle next time without "
                 "anybody doing anything."),
)  # fmt: skip


def _limits() -> Section:
    return Section("limits", _("What this does not measure"), points=[str(limit) for limit in LIMITS])
