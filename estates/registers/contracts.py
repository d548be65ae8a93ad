"""Registers of contracts, and of the five filings with their documents."""

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from estates import rules
from estates.deeds import FILING_DEEDS
from estates.models import Filing, FilingDocument, ServiceAssignment, ServiceContract
from estates.reasons import filing_warnings
from estates.registers.estates import BY_SERVICE, EstatesRegister
from portal.dated import last_day
from portal.registers import ComputedFacet

_S = Filing.Status
ENDING = ComputedFacet.yes_no(
    "ending",
    gettext_lazy("Runs out"),
    lambda: ServiceContract.objects.all().running_out_on(timezone.localdate()),
    yes=gettext_lazy("Within six months"),
    no=gettext_lazy("Later, or over"),
)
LATE = ComputedFacet.yes_no(
    "late",
    pgettext_lazy("filing", "In time"),
    lambda: Q(submitted_on__gt=F("due_on")) | Q(submitted_on=None, due_on__lt=timezone.localdate()),
    yes=pgettext_lazy("filing", "Late"),
    no=pgettext_lazy("filing", "In time"),
)


class Contracts(EstatesRegister):
    slug = "contracts"
    model = ServiceContract
    icon = "file-certificate"
    key = ("number",)
    fields = (
        "number", "estate", "enterprise", "kind", "grade", "fee_yuan_m2_month", "signed_on", "valid", "note",
    )  # fmt: skip
    columns = ("number", "estate", "enterprise", "kind", "valid")
    facets = ("kind",)
    computed_facets = (ENDING,)
    search = ("number", *BY_SERVICE)
    order = ("-valid", "number")

    def warnings(self, row):
        found = []
        today = timezone.localdate()
        if rules.is_running_out(last_day(row.valid), today):
            found.append(_("This contract runs out on %(day)s.") % {"day": last_day(row.valid)})
        serving = ServiceAssignment.objects.on(today).filter(estate=row.estate_id).select_related("enterprise").first()
        in_force = row.valid.lower <= today < row.valid.upper
        if in_force and serving is not None and serving.enterprise_id != row.enterprise_id:
            found.append(_("Another enterprise serves this neighbourhood: “%(name)s”.") % {"name": serving.enterprise})
        return found


class Filings(EstatesRegister):
    """Keepers enter what came in; how a filing goes on is decided by actions (``estates.actions``)."""

    slug = "filings"
    model = Filing
    icon = "clipboard-check"
    key = ("number",)
    fields = (
        "number", "kind", "estate", "enterprise", "applicant", "triggered_on", "due_on", "submitted_on", "status",
        "decided_on", "reason", "supersedes",
    )  # fmt: skip
    deeds = FILING_DEEDS
    fixed = ("due_on", "submitted_on", "status", "decided_on", "reason")
    columns = ("number", "kind", "estate", "status", "due_on", "submitted_on")
    facets = ("kind", "status")
    computed_facets = (LATE,)
    search = ("number", "applicant", *BY_SERVICE)
    order = ("-triggered_on", "number")

    def obstacle_to_change(self, row):
        return _decided(row)

    def warnings(self, row):
        return filing_warnings(row, timezone.localdate())


def _decided(filing: Filing) -> str:
    if filing.status in (_S.DRAFT, _S.SUBMITTED, _S.CORRECTION_REQUESTED):
        return ""
    text = _("Filing %(number)s was decided: what the decision rests on stays as it is. A new filing supersedes it.")
    return text % {"number": filing}


class FilingDocuments(EstatesRegister):
    slug = "filing-documents"
    model = FilingDocument
    icon = "paperclip"
    key = ("filing", "kind", "title")
    fields = ("filing", "kind", "title", "reference_no", "received_on")
    columns = ("filing", "kind", "title", "received_on")
    facets = ("kind",)
    search = ("filing__number", "title", "reference_no")
    order = ("filing", "kind", "title")

    def obstacle_to_change(self, row):
        return _decided(row.filing)

    def check(self, row):
        if obstacle := _decided(row.filing):
            raise ValidationError({"filing": obstacle})
