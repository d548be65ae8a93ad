"""The evaluations' files of the city package: policy and cases."""

from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from evaluations import intake, rules
from evaluations.models import RankingPolicy
from portal.citypackage import Loading, Tally, read_csv, read_json, upsert


class PolicyJson:
    """``policy.json``: the city's policy record. A later document is a later record; the same document is corrected."""

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
        clash = RankingPolicy.objects.filter(effective_from=fields["effective_from"]).exclude(document=document).first()
        if clash:
            loading.problem(
                self.file, 0, "effective_from", _("“%(document)s” is in force from the same day.") % {"document": clash}
            )
            return Tally()
        return upsert(RankingPolicy, "document", {document: fields})


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
    fields = {name: getattr(rule, name) for name in rule.__dataclass_fields__}
    return document, fields | {
        "level_weights": {str(level): str(weight) for level, weight in rule.level_weights.items()},
        "effective_from": date.fromisoformat(content["effective_from"]),
        "notice_days": notice_days,
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
