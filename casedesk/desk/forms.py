"""What the deeds on a case ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casedesk import limits, parties
from casedesk.actions.exclusion import Ground
from casedesk.actions.handling import LONGEST_EXTENSION
from casedesk.models import CaseFile, Handling
from casedesk.photos import ACCEPTED
from casedesk.reporting.forms import PhotosField
from casedesk.situation import Situation
from enterprises.models import Enterprise
from evaluations.templatetags.appraisal import category as category_name
from portal.models import Agency
from portal.registers.forms import TakesErrors, dress
from portal.rules import CHINA
from portal.templatetags.portal import place


def long_text(
    label: object, longest: int, *, required: bool = True, rows: int = 3, help_text: object = ""
) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=longest, required=required, widget=widget, help_text=help_text)


class DeedForm(TakesErrors, forms.Form):
    """The version of the case that the person had before their eyes, and what else a deed asks for."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, situation: Situation, **kwargs: Any):
        initial = {"seen": situation.file.version} | kwargs.pop("initial", {})
        super().__init__(*args, initial=initial, **kwargs)
        self.situation = situation
        self.settle()
        dress(self)

    def settle(self) -> None:
        """Fill in choices that depend on the case."""


class ReasonForm(DeedForm):
    reason = long_text(gettext_lazy("Reason"), 500)


class DecisionForm(DeedForm):
    reason = long_text(
        gettext_lazy("Reason"), 500, required=False, help_text=gettext_lazy("Needed where it is refused.")
    )


class DispatchForm(DeedForm):
    """To whom: the catalogue's proposal stands first; anybody else is a choice."""

    to = forms.ChoiceField(
        label=gettext_lazy("Leading party"), widget=forms.RadioSelect(attrs={"class": "form-check-input"})
    )
    agency = forms.ModelChoiceField(
        Agency.objects.order_by("kind", "code"), label=gettext_lazy("Department, station or utility"), required=False,
        empty_label=gettext_lazy("Choose …"),
    )  # fmt: skip
    uscc = forms.CharField(
        label=gettext_lazy("Other enterprise"), max_length=60, required=False,
        help_text=gettext_lazy("Its unified social credit code."),
    )  # fmt: skip
    joint = forms.MultipleChoiceField(
        label=gettext_lazy("Joint handlers"), required=False, widget=forms.CheckboxSelectMultiple
    )
    joint_agency = forms.ModelChoiceField(
        Agency.objects.order_by("kind", "code"), label=gettext_lazy("Joint handler: department, station or utility"),
        required=False, empty_label="—",
    )  # fmt: skip
    note = long_text(gettext_lazy("Note to the parties"), 500, required=False, rows=2)

    def settle(self) -> None:
        case = self.situation.case
        day = case.reported_at.astimezone(CHINA).date()
        self.street = case.estate.community.parent
        self.enterprise = parties.enterprise_in_charge(case.estate, day)
        self.proposed = parties.proposed_party(self.situation.file.item, case)
        named = [
            ("proposed", self.proposed and _("As the catalogue says: %(party)s") % {"party": place(str(self.proposed))}),
            ("enterprise", self.enterprise and _("Enterprise in charge: %(party)s") % {"party": place(str(self.enterprise))}),
            ("street", _("Street office: %(party)s") % {"party": place(str(self.street))}),
            ("agency", _("A department, station or utility")),
            ("uscc", _("Another enterprise")),
        ]  # fmt: skip
        doubled = {self.enterprise: "enterprise", self.street: "street"}.get(self.proposed)
        self.fields["to"].choices = [(key, text) for key, text in named if text and key != doubled]
        self.initial.setdefault("to", self.fields["to"].choices[0][0])
        helpers = [("enterprise", self.enterprise), ("street", self.street)]
        self.fields["joint"].choices = [(key, place(str(one))) for key, one in helpers if one]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chosen = given.get("to")
        if chosen == "agency" and not given.get("agency"):
            self.add_error("agency", _("Choose the department, station or utility."))
        if chosen == "uscc":
            given["other"] = Enterprise.objects.filter(uscc=given.get("uscc", "").strip().upper()).first()
            if given["other"] is None:
                self.add_error("uscc", _("There is no enterprise with this code."))
        return given

    @property
    def party(self) -> parties.Party:
        given = self.cleaned_data
        return {
            "proposed": self.proposed, "enterprise": self.enterprise, "street": self.street,
            "agency": given.get("agency"), "uscc": given.get("other"),
        }[given["to"]]  # fmt: skip

    @property
    def joint_parties(self) -> list[parties.Party]:
        named = {"enterprise": self.enterprise, "street": self.street}
        return [named[key] for key in self.cleaned_data["joint"]] + list(
            filter(None, [self.cleaned_data["joint_agency"]])
        )


class ExtensionForm(DeedForm):
    workdays = forms.IntegerField(label=gettext_lazy("Working days more"), min_value=1, max_value=LONGEST_EXTENSION)
    reason = long_text(
        gettext_lazy("Reason"), 500, help_text=gettext_lazy("The resident reads it if the time is granted.")
    )


class HandleForm(DeedForm):
    result = forms.ChoiceField(
        label=gettext_lazy("Result"),
        choices=Handling.Result.choices,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    text = long_text(
        gettext_lazy("What was done"), 500, help_text=gettext_lazy("The resident reads it. At most 500 signs.")
    )
    finished_at = forms.DateTimeField(
        label=gettext_lazy("Finished"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    late_reason = long_text(gettext_lazy("Why late"), 500, required=False, rows=1)
    photos = PhotosField(label=gettext_lazy("Photographs of the result"), required=False)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)
    accepted = ACCEPTED


class ExclusionForm(DeedForm):
    ground = forms.ChoiceField(label=gettext_lazy("Ground"), choices=Ground.choices)
    reason = long_text(gettext_lazy("Reason"), 500, help_text=gettext_lazy("The resident reads it."))

    def settle(self) -> None:
        if self.situation.proposal:
            self.initial.setdefault("ground", self.situation.proposal.data["proposes_exclusion"])


class ReclassifyForm(DeedForm):
    category = forms.ChoiceField(label=gettext_lazy("Category"))
    urgency = forms.ChoiceField(label=gettext_lazy("Urgency"), choices=CaseFile.Urgency.choices)
    reason = long_text(gettext_lazy("Reason"), 500, help_text=gettext_lazy("The resident reads it."))

    def settle(self) -> None:
        case = self.situation.case
        items = limits.items_in_force(case.reported_at.astimezone(CHINA).date())
        self.fields["category"].choices = [(one.category, category_name(one.category)) for one in items]
        self.initial.setdefault("category", case.category)
        self.initial.setdefault("urgency", self.situation.file.urgency)


class LinkForm(DeedForm):
    primary = forms.CharField(
        label=gettext_lazy("Number of the case that it goes along with"), max_length=60,
        help_text=gettext_lazy("Of the same neighbourhood, not handled yet."),
    )  # fmt: skip
    reason = long_text(gettext_lazy("Reason"), 500)

    def clean_primary(self) -> CaseFile:
        number = self.cleaned_data["primary"].strip()
        rows = CaseFile.objects.filter(case__case_no=number, case__estate=self.situation.case.estate_id)
        found = rows.first()
        if found is None:
            raise forms.ValidationError(_("There is no case with this number in this neighbourhood."))
        return found


class NoteForm(DeedForm):
    text = long_text(
        gettext_lazy("Note"), 1000, help_text=gettext_lazy("For those who work on the case; not for the resident.")
    )


class DemandForm(DeedForm):
    demand = long_text(gettext_lazy("What is demanded"), 500)


class AnswerForm(DeedForm):
    text = long_text(gettext_lazy("Answer"), 1000)
