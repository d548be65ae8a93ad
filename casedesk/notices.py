"""Who is told of what happens to a case, and in which words. Short, without personal data; one notice per event and recipient.

The reporter is told by e-mail and telephone as far as they left them; people in office in the portal. Where many work for a
body, the daily digest tells them of its cases: only an emergency reaches every one of them at once.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.urls import NoReverseMatch, reverse
from django.utils.functional import lazy
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from casedesk import parties
from casedesk.models import CaseEvent, CaseFile, Dispatch, Extension, RatingReview
from enterprises.models import Enterprise, EnterpriseMembership
from portal.models import Agency, Grant, Region, User
from portal.notices.actions import notify
from portal.notices.models import PHONE_IN_TEXT, Notice
from portal.roles import Role

Kind = CaseEvent.Kind
MANY = 5
"""From more members than this on a body is told by the daily digest only. Assumption."""
LONGEST = 200
INVITED = "rating-invited"

filled = lazy(lambda text, values: str(text) % values, str)
"""A text with its values, translated for each reader when it is written down."""


def told(event: CaseEvent) -> None:
    """Tell whoever is concerned by ``event``, in the caller's transaction."""
    if event.kind not in _TO_REPORTER and event.kind not in _TO_OFFICE:
        return
    file = CaseFile.objects.select_related("case").filter(pk=event.case_id).first()
    if file is None:  # a case of another system
        return
    if event.kind in _TO_REPORTER and event.is_public:
        title, body = _TO_REPORTER[event.kind]
        _tell_reporter(
            file, f"case-{event.kind}", title, body, _values(file, event), key=f"event:{event.pk}", at=event.at
        )
    if event.kind in _TO_OFFICE:
        recipients, title = _TO_OFFICE[event.kind]
        for user in recipients(file, event):
            if user != event.by:
                _tell_user(user, file, event, title)


def invited(file: CaseFile, path: str, until: datetime, *, key: str, now: datetime) -> None:
    """Tell the reporter that the case was handled, with the link by which it is rated."""
    title, body = _("Case %(number)s has been handled"), _("Say by this link until %(until)s how it was settled.")
    values = {"number": file.case.case_no, "until": _time(until)}
    _tell_reporter(file, INVITED, title, body, values, key=key, at=now, url=path)


def forget_links(keys: list[str]) -> None:
    """Take links that rate nothing any more out of the notices with these keys."""
    Notice.objects.filter(dedupe_key__in=keys, kind=INVITED).update(url="")


# --- words --------------------------------------------------------------------------------------------------------------

_TO_REPORTER: Mapping[str, tuple[object, object]] = {
    Kind.REPORTED: (
        _("Case %(number)s has been received"),
        _("Tracking code %(code)s: with it and your telephone's last four digits you see how it goes on."),
    ),
    Kind.DISPATCHED: (
        _("Case %(number)s was sent to %(party)s"),
        _("To be accepted by %(accept_due)s and handled by %(handle_due)s."),
    ),
    Kind.ACCEPTED: (_("%(party)s has accepted case %(number)s"), _("To be handled by %(handle_due)s.")),
    Kind.EXTENDED: (_("Case %(number)s takes longer: until %(handle_due)s"), _("Reason: %(text)s")),
    Kind.REOPENED: (_("Case %(number)s is handled again"), _("%(party)s answers again by %(handle_due)s.")),
    Kind.REVIEW_WITHDRAWN: (
        _("Your rating of case %(number)s no longer counts"),
        _("It was withdrawn on review and stays readable. Reason: %(text)s"),
    ),
    Kind.REVIEW_UPHELD: (_("Your rating of case %(number)s stands after a review"), _("Reason: %(text)s")),
    Kind.RATING_RELEASED: (_("Your rating of case %(number)s counts now"), ""),
    Kind.CONTACT_CHANGED: (
        _("The contact of case %(number)s was changed"),
        _("Whoever did not want that tells the office that keeps the case."),
    ),
    Kind.EXCLUDED: (_("Case %(number)s is not carried further"), _("Reason: %(text)s")),
    Kind.INCLUDED: (_("Case %(number)s is carried further"), ""),
}

Recipients = Callable[[CaseFile, CaseEvent], Iterable[User]]


def _values(file: CaseFile, event: CaseEvent) -> dict[str, str]:
    text = re.sub(PHONE_IN_TEXT, r"\1***\2", event.text)[:LONGEST]
    return {
        "number": file.case.case_no,
        "code": file.tracking_code,
        "party": event.party,
        "text": text,
        "accept_due": _time(file.case.accept_due_at),
        "handle_due": _time(file.round_due_at or file.case.handle_due_at),
    }


def _time(moment: datetime) -> str:
    return f"{localtime(moment):%Y-%m-%d %H:%M}"


# --- the reporter -------------------------------------------------------------------------------------------------------


def _tell_reporter(
    file: CaseFile,
    kind: str,
    title: object,
    body: object,
    values: Mapping[str, str],
    *,
    key: str,
    at: datetime,
    url: str = "",
) -> None:
    for address in filter(None, (file.phone, file.email)):
        notify(
            kind.replace("_", "-"), to=address, title=filled(title, values), body=filled(body, values),
            url=url or _page_of("report-status"), subject=file.case.case_no, dedupe_key=key, now=at,
        )  # fmt: skip


def _page_of(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


# --- people in office ---------------------------------------------------------------------------------------------------


def members_of(party: parties.Party | None) -> list[User]:
    """The active people who act for ``party``."""
    if isinstance(party, Enterprise):
        rows = EnterpriseMembership.objects.filter(enterprise=party).values("user")
    elif isinstance(party, Agency):
        rows = Grant.objects.filter(role=Role.AGENCY_HANDLER, agency=party).values("user")
    elif isinstance(party, Region):
        rows = Grant.objects.filter(role=Role.STREET_STAFF, region=party).values("user")
    else:
        return []
    return list(User.objects.filter(pk__in=rows, is_active=True).order_by("pk"))


def _few_of(party: parties.Party | None, file: CaseFile) -> list[User]:
    members = members_of(party)
    return members if len(members) <= MANY or file.urgency == CaseFile.Urgency.EMERGENCY else []


def _lead(file: CaseFile, event: CaseEvent) -> list[User]:
    """Whoever accepted the case, and the members of its lead where they are few."""
    dispatch = parties.standing_dispatch(file.case)
    if dispatch is None:
        return []
    accepted = [dispatch.accepted_by] if dispatch.accepted_by and dispatch.accepted_by.is_active else []
    return list(dict.fromkeys([*accepted, *_few_of(dispatch.party, file)]))


def _bodies(file: CaseFile, event: CaseEvent) -> list[User]:
    """The members of the lead and of the joint handlers, each body where its members are few."""
    dispatch = parties.standing_dispatch(file.case)
    if dispatch is None:
        return []
    joint = dispatch.joint_handlers.select_related("enterprise", "agency", "street")
    members = [_few_of(party, file) for party in (dispatch.party, *(one.party for one in joint))]
    return list(dict.fromkeys(user for some in members for user in some))


def _objector(file: CaseFile, event: CaseEvent) -> list[User]:
    newest = Dispatch.objects.filter(case=file.case).exclude(objected_by=None).select_related("objected_by").last()
    return [newest.objected_by] if newest else []


def _who_asked_for_time(file: CaseFile, event: CaseEvent) -> list[User]:
    newest = Extension.objects.filter(case=file.case).select_related("asked_by").order_by("-asked_at").first()
    return [newest.asked_by] if newest else []


def _who_asked_for_review(file: CaseFile, event: CaseEvent) -> list[User]:
    newest = (
        RatingReview.objects.filter(rating__case=file.case).select_related("asked_by").order_by("-asked_at").first()
    )
    return [newest.asked_by] if newest else []


def _rated_badly(file: CaseFile, event: CaseEvent) -> list[User]:
    is_bad = event.data.get("level", 5) <= 2 or event.data.get("resolved") == "no"
    return _lead(file, event) if is_bad else []


_TO_OFFICE: Mapping[str, tuple[Recipients, object]] = {
    Kind.DISPATCHED: (_bodies, _("Case %(number)s was sent to your body: accept it by %(accept_due)s")),
    Kind.OBJECTION_UPHELD: (_objector, _("The objection to case %(number)s was upheld")),
    Kind.OBJECTION_DISMISSED: (_objector, _("The objection to case %(number)s was dismissed: accept it")),
    Kind.EXTENDED: (_who_asked_for_time, _("The extension of case %(number)s was granted until %(handle_due)s")),
    Kind.EXTENSION_REFUSED: (_who_asked_for_time, _("The extension of case %(number)s was refused")),
    Kind.SUPERVISED: (_lead, _("Case %(number)s is under supervision: answer it")),
    Kind.RATED: (_rated_badly, _("Case %(number)s was rated dissatisfied or not solved")),
    Kind.REOPENED: (_lead, _("Case %(number)s is to be handled again by %(handle_due)s")),
    Kind.REVIEW_UPHELD: (_who_asked_for_review, _("The rating of case %(number)s stands after the review")),
    Kind.REVIEW_WITHDRAWN: (_who_asked_for_review, _("The rating of case %(number)s was withdrawn on review")),
}


def _tell_user(user: User, file: CaseFile, event: CaseEvent, title: object) -> None:
    values = _values(file, event)
    body = "" if event.kind == Kind.RATED else values["text"]  # a resident's remark may name people
    notify(
        f"case-{event.kind}".replace("_", "-"), to=user, title=filled(title, values), body=body,
        url=_page_of("case-detail", file.pk), subject=file.case.case_no, dedupe_key=f"event:{event.pk}", now=event.at,
    )  # fmt: skip
