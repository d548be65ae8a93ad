"""What can be wrong with enterprises and project managers."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise, HeadcountReturn
from enterprises.rules import headcount_year_due
from portal.integrity.checks import Check, duplicates
from portal.integrity.likeness import Likeness, plain_name

_LEGAL_FORMS = "有限责任公司|股份有限公司|有限公司|公司"


def _active(rows: QuerySet) -> QuerySet:
    return rows.filter(status=Enterprise.Status.ACTIVE)


def _without_headcount(rows: QuerySet, today: date) -> QuerySet:
    year = headcount_year_due(today)
    founded_after = Q(founded_on__year__gt=year)
    returned = HeadcountReturn.objects.filter(enterprise=OuterRef("pk"), year=year)
    return _active(rows).exclude(founded_after).filter(~Exists(returned))


_DROP_ONE = _("Compare the two. If they are one, choose which record stays; everything that refers to the other moves.")

CHECKS = [
    Check(
        "enterprises-without-district",
        _("Enterprises without a registered district"),
        _("No district answers for such a record: only the city can keep it, and every district sees it."),
        _("Enter the district in which the enterprise is registered."),
        "enterprises",
        lambda rows, today: _active(rows).filter(registered_district=None),
    ),
    Check(
        "headcount-missing",
        _("Enterprises without last year's headcount return"),
        _("The sum of employees in the trade is wrong by whoever has not reported."),
        _("Ask the enterprise for its return and enter it under headcount returns."),
        "enterprises",
        _without_headcount,
    ),
    duplicates(
        "duplicate-enterprises",
        _("Enterprises that may be entered twice"),
        _DROP_ONE,
        "enterprises",
        Likeness(
            _("The names read the same but for signs and legal form, while the credit codes differ."),
            plain_name(_LEGAL_FORMS),
        ),
    ),
    duplicates(
        "duplicate-project-managers",
        _("Project managers who may be entered twice"),
        _DROP_ONE,
        "project-managers",
        Likeness(_("Name and telephone number are the same."), plain_name(), ("phone",), ~Q(phone="")),
    ),
]
