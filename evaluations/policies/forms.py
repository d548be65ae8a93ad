"""The input shape of a policy proposal: each field with what it may be, the whole against the rule."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.models import RankingPolicy
from portal.forms import StyledWidgets

LEVELS = (5, 4, 3, 2, 1)
LEVEL_LABELS = {
    5: gettext_lazy("Very satisfied counts"), 4: gettext_lazy("Satisfied counts"),
    3: gettext_lazy("Basically satisfied counts"), 2: gettext_lazy("Dissatisfied counts"),
    1: gettext_lazy("Very dissatisfied counts"),
}  # fmt: skip
MANY = 100_000


def _weight(label, help_text="") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, help_text=help_text, min_value=0, max_value=1, max_digits=5, decimal_places=4
    )


def _number(label, lowest: int, highest: int, help_text="") -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, min_value=lowest, max_value=highest)


class PolicyForm(StyledWidgets, forms.ModelForm):
    """A proposal: weights sum to 1, gates are at least 1 where their rate has a weight, the list has at least one place."""

    window_periods = _number(
        gettext_lazy("window (half months)"), 1, 48, gettext_lazy("1 to 48 half months, the ranked one included.")
    )
    weight_acceptance = _weight(gettext_lazy("weight of acceptance"))
    weight_handling = _weight(gettext_lazy("weight of handling"))
    weight_satisfaction = _weight(gettext_lazy("weight of satisfaction"), gettext_lazy("The three weights sum to 1."))
    gate_acceptance = _number(gettext_lazy("gate: acceptances"), 0, MANY)
    gate_handling = _number(gettext_lazy("gate: handlings"), 0, MANY)
    gate_ratings = _number(
        gettext_lazy("gate: ratings"), 0, MANY, gettext_lazy("Under a gate a neighbourhood is not ranked.")
    )
    list_size = _number(gettext_lazy("list size"), 1, 1000)
    notice_days = _number(gettext_lazy("public notice (days)"), 0, 365)
    objection_days = _number(gettext_lazy("objections after publication (working days)"), 1, 365)
    decide_days = _number(gettext_lazy("decision on an objection (working days)"), 1, 365)
    level_5 = _weight(LEVEL_LABELS[5])
    level_4 = _weight(LEVEL_LABELS[4])
    level_3 = _weight(LEVEL_LABELS[3])
    level_2 = _weight(LEVEL_LABELS[2])
    level_1 = _weight(LEVEL_LABELS[1])
    grounds = forms.CharField(
        label=gettext_lazy("why it changes"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000
    )

    class Meta:
        model = RankingPolicy
        fields = (
            "document", "effective_from", "window_periods", "weight_acceptance", "weight_handling", "weight_satisfaction",
            "gate_acceptance", "gate_handling", "gate_ratings", "list_size", "notice_days", "objection_days", "decide_days",
            "grounds",
        )  # fmt: skip
        widgets: ClassVar = {"effective_from": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}
        help_texts: ClassVar = {
            "document": gettext_lazy("The number of the document that orders it."),
            "effective_from": gettext_lazy("The 1st or the 16th of a month, not in the past; no ranking since then."),
        }

    def __init__(self, *args, instance: RankingPolicy, **kwargs):
        levels = instance.level_weights or {}
        kwargs["initial"] = {f"level_{level}": levels.get(str(level)) for level in LEVELS}
        super().__init__(*args, instance=instance, **kwargs)

    def clean_document(self) -> str:
        return self.cleaned_data["document"].replace("\x00", "").strip()

    def clean_grounds(self) -> str:
        return self.cleaned_data["grounds"].replace("\x00", "")

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        weights = [said.get(f"weight_{part}") for part in ("acceptance", "handling", "satisfaction")]
        if None not in weights and sum(weights) != 1:
            told = _("The three weights sum to %(sum)s, not to 1.") % {"sum": f"{sum(weights).normalize():f}"}
            self.add_error("weight_satisfaction", told)
        pairs = (("acceptance", "acceptance"), ("handling", "handling"), ("satisfaction", "ratings"))
        for part, gate in pairs:
            if said.get(f"weight_{part}") and said.get(f"gate_{gate}") == 0:
                self.add_error(f"gate_{gate}", _("At least 1, because its rate has a weight."))
        return said

    def _post_clean(self) -> None:
        """The record is checked as a whole where it is proposed."""

    @property
    def level_weights(self) -> dict[str, str]:
        def short(number: Decimal) -> str:
            return f"{number.normalize():f}"

        return {str(level): short(self.cleaned_data[f"level_{level}"]) for level in LEVELS}

    @property
    def values(self) -> dict[str, Any]:
        """The fields of the record."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields} | {"level_weights": self.level_weights}
