"""The evaluations' files of the city package: policy and cases."""

from datetime import date
from decimal import Decimal, InvalidOperation
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
        except (KeyError, TypeError, ValueError, InvalidOperation, rules.PolicyError) as error:
            reason = error.args[0] if isinstance(error, rules.PolicyError) else _("the field %(error)s is missing or not of its form.") % {"error": error}
            loading.problem(self.file, 0, "", reason)
            return Tally()
        clash = RankingPolicy.objects.filter(effective_from=fields["effective_from"]).exclude(document=document).first()
        if clash:
            loading.problem(self.file, 0, "effective_from", _("“%(document)s” is in force from the same day.") % {"document": clash})
            return Tally()
        return upsert(RankingPolicy, "document", {document: fields})


def policy_fields(content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Document number and model fields of a policy record as ``policy.json`` writes it.

    Raises:
        KeyError, TypeError, ValueError, InvalidOperation: a field is missing or not of its form.
        rules.PolicyError: the record contradicts the rule.
    """
    weights, gates = content["weights"], content["gates"]
    fields = {
        "effective_from": date.fromisoformat(content["effective_from"]),
        "window_periods": int(content["window_periods"]),
        "weight_acceptance": Decimal(str(weights["acceptance"])),
        "weight_handling": Decimal(str(weights["handling"])),
        "weight_satisfaction": Decimal(str(weights["satisfaction"])),
        "level_weights": {str(level): str(Decimal(str(content["level_weights"][str(level)]))) for level in range(1, 6)},
        "gate_acceptance": int(gates["acceptance"]),
        "gate_handling": int(gates["handling"]),
        "gate_ratings": int(gates["ratings"]),
        "list_size": int(content["list_size"]),
        "notice_days": int(content.get("notice_days", 3)),
    }
    if fields["notice_days"] < 0:
        raise ValueError("notice_days")
    document = content["document"]
    if not isinstance(document, str) or not 0 < len(document) <= 200:
        raise ValueError("document")
    RankingPolicy(document=document, **fields).rule  # noqa: B018 - the rule refuses what contradicts it
    return document, fields


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
