"""The evaluations' files of the city package: policy and cases."""

from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from evaluations import intake, rules
from evaluations.models import Ranking, RankingPolicy
from portal.citypackage import Loading, Tally, read_csv, read_json, upsert
from portal.rules import HalfMonth


class PolicyJson:
    """``policy.json``: the city's policy record, approved by its document. A later document is a later record; the same document is
    corrected as long as no ranking has applied it.
    """

    file = "policy.json"

    def load(self, path: Path, loading: Loading) -> Tally:
        content = read_json(path, loading)
        if content is None:
            return Tally()
        try:
            document, fields = policy_fields(content)
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            reason = (
                error.args[0]
                if isinstance(error, rules.PolicyError)
                else _("the field %(error)s is missing or not of its form.") % {"error": error}
            )
            loading.problem(self.file, 0, "", reason)
            return Tally()
        if obstacle := obstacle_to_loading(document, fields):
            loading.problem(self.file, 0, *obstacle)
            return Tally()
        return upsert(RankingPolicy, "document", {document: fields})


def obstacle_to_loading(document: str, fields: dict[str, Any]) -> tuple[str, str] | None:
    """Why this record cannot be loaded as it is: the field and the reason, or ``None``.

    What was decided in the portal stays, what a ranking has applied stays, and no record reaches back behind a publication.
    """
    clash = RankingPolicy.objects.approved().filter(effective_from=fields["effective_from"]).exclude(document=document)
    if other := clash.first():
        return "effective_from", _("“%(document)s” is in force from the same day.") % {"document": other}
    known = RankingPolicy.objects.filter(document=document).first()
    if known and known.origin != RankingPolicy.Origin.DOCUMENT:
        return "document", _("“%(document)s” is a record of the portal's own; it is decided there.") % {
            "document": known
        }
    if known and all(getattr(known, name) == value for name, value in fields.items()):
        return None
    if known and Ranking.objects.filter(policy=known).exists():
        told = _("“%(document)s” has been applied by a ranking and stays as it is; a change takes a new document.")
        return "document", told % {"document": known}
    begins = fields["effective_from"]
    same_day = known is not None and known.effective_from == begins
    if not same_day and _published_since(begins):
        return "effective_from", _("Rankings of later periods have been published; a policy is never retroactive.")
    return None


def _published_since(day: date) -> bool:
    periods = Ranking.objects.readable().values_list("period", flat=True).distinct()
    return any(HalfMonth.parse(period).start.date() >= day for period in periods)


def policy_fields(content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Document number and model fields of a policy record as ``policy.json`` writes it.

    Raises:
        KeyError, TypeError, ValueError, ArithmeticError: a field is missing or not of its form.
        rules.PolicyError: the record contradicts the rule.
    """
    rule = rules.Policy.parse(content)
    document, notice_days = content["document"], int(content.get("notice_days", 3))
    if not isinstance(document, str) or not 0 < len(document) <= 200:
        raise ValueError("document")
    if not 0 <= notice_days <= 365:
        raise ValueError("notice_days")
    objection_days, decide_days = int(content.get("objection_days", 10)), int(content.get("decide_days", 5))
    if not 1 <= objection_days <= 365:
        raise ValueError("objection_days")
    if not 1 <= decide_days <= 365:
        raise ValueError("decide_days")
    fields = {name: getattr(rule, name) for name in rule.__dataclass_fields__}
    return document, fields | {
        "level_weights": {str(level): str(weight) for level, weight in rule.level_weights.items()},
        "effective_from": date.fromisoformat(content["effective_from"]),
        "notice_days": notice_days,
        "objection_days": objection_days,
        "decide_days": decide_days,
        "status": RankingPolicy.Status.APPROVED,
        "origin": RankingPolicy.Origin.DOCUMENT,
    }


class CaseRows:
    """``cases.csv``, streamed: a million rows take no more memory than a thousand."""

    file = "cases.csv"

    def load(self, path: Path, loading: Loading) -> Tally:
        before = loading.problems
        rows = read_csv(path, intake.COLUMNS, loading)
        good = intake.checked(rows, intake.References.of(), lambda *problem: loading.problem(self.file, *problem))
        count = intake.stage(good)
        for line, first, case_no in intake.staged_twice():
            reason = _("“%(code)s” stands already in line %(line)d.")
            loading.problem(self.file, line, "case_no", reason % {"code": case_no, "line": first})
        if loading.problems > before:
            return Tally()
        return intake.merge_staged(count)
