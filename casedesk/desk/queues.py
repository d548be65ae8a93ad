"""My work: what waits for a person, one queue per kind of work, the most pressing first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casedesk import parties
from casedesk.models import CaseFile, Dispatch, Extension, RatingReview, Supervision
from enterprises.models import enterprises_of
from estates.models import ServiceAssignment
from portal.listing import ROWS
from portal.models import Region, User
from portal.roles import Permission
from portal.rules import CHINA

Status, P = CaseFile.Status, Permission
Found = Callable[[User], QuerySet]


@dataclass(frozen=True)
class Queue:
    """Work of one kind. ``found`` gives its rows in the scope of a person, each with ``due``; ``case`` leads to the case's id.

    ``verb`` is the deed that it waits for. A queue with ``url_name`` has a page of its own, and here its count only.
    """

    name: str
    title: str | Promise
    icon: str
    permission: Permission
    found: Found
    case: str = "pk"
    verb: str = ""
    empty: str | Promise = ""
    url_name: str = ""

    @property
    def is_duty(self) -> bool:
        """Whether somebody in office has to act; what the resident may still do is none."""
        return not self.url_name and self.name != "unrated"

    @property
    def url(self) -> str:
        try:
            return reverse(self.url_name) if self.url_name else reverse("my-work", query={"queue": self.name})
        except NoReverseMatch:
            return ""


@dataclass(frozen=True)
class Row:
    """A case in a queue: its file, when the work is due, and whom the catalogue names where it waits for dispatch."""

    file: CaseFile
    due: datetime | None
    left: timedelta
    is_late: bool
    proposed: parties.Party | None = None


# --- what waits -----------------------------------------------------------------------------------------------------------


def of_my_bodies(user: User, prefix: str = "") -> Q:
    """Rows whose party the person acts for: their enterprises, agencies, and the street offices that they work at."""
    mine = Q(**{f"{prefix}enterprise__in": enterprises_of(user, P.HANDLE_CASES)})
    mine |= Q(**{f"{prefix}agency__in": user.agencies_with(P.HANDLE_CASES)})
    return mine | Q(**{f"{prefix}street__path__in": user.reach(P.HANDLE_CASES)})


def _files(user: User, permission: str) -> QuerySet[CaseFile]:
    return CaseFile.objects.for_user(user, permission)


def _to_dispatch(user: User) -> QuerySet:
    return _files(user, P.DISPATCH_CASES).filter(status=Status.SUBMITTED, duplicate_of=None).annotate(
        due=F("case__accept_due_at")
    )  # fmt: skip


def _own(user: User, *statuses: str) -> QuerySet[Dispatch]:
    return Dispatch.objects.filter(of_my_bodies(user), status__in=statuses)


def _to_accept(user: User) -> QuerySet:
    sent = _own(user, Dispatch.Status.SENT, Dispatch.Status.DISMISSED)
    waiting = CaseFile.objects.filter(status=Status.DISPATCHED, duplicate_of=None)
    return waiting.filter(case__in=sent.values("case")).annotate(due=F("case__accept_due_at"))


def _to_handle(user: User) -> QuerySet:
    accepted = _own(user, Dispatch.Status.ACCEPTED)
    first = Q(status=Status.ACCEPTED, duplicate_of=None) | Q(status=Status.REOPENED)
    waiting = CaseFile.objects.filter(first, case__in=accepted.values("case"))
    return waiting.annotate(due=Coalesce("round_due_at", "case__handle_due_at"))


def _objections(user: User) -> QuerySet:
    rows = Dispatch.objects.for_user(user, P.DECIDE_CASES).filter(status=Dispatch.Status.OBJECTED)
    return rows.filter(case__in=CaseFile.objects.filter(duplicate_of=None).values("case")).annotate(
        due=F("review_due_at")
    )  # fmt: skip


def _extensions(user: User) -> QuerySet:
    rows = Extension.objects.for_user(user, P.DECIDE_CASES).filter(status=Extension.Status.ASKED)
    return rows.exclude(asked_by=user).annotate(due=F("old_due_at"))


def _to_answer(user: User) -> QuerySet:
    own = _own(user, *Dispatch.STANDING)
    return Supervision.objects.filter(status=Supervision.Status.OPEN, case__in=own.values("case")).annotate(
        due=F("due_at")
    )  # fmt: skip


def _held(user: User) -> QuerySet:
    reach = user.reach(P.SUPERVISE_CASES)
    office = Q(office__level=Region.Level.CITY) if "" in reach else Q(office__path__in=reach)
    rows = Supervision.objects.for_user(user, P.SUPERVISE_CASES).filter(office)
    return rows.exclude(status=Supervision.Status.CLOSED).annotate(due=F("due_at"))


def _reviews(user: User) -> QuerySet:
    rows = RatingReview.objects.for_user(user, P.DECIDE_CASES).filter(status=RatingReview.Status.PENDING)
    return rows.annotate(due=F("due_at"))


def _unrated(user: User) -> QuerySet:
    return _files(user, P.CALL_BACK).filter(status=Status.HANDLED).annotate(due=F("rating_until"))


QUEUES = (
    Queue(
        "to-dispatch", _("To dispatch"), "send", P.DISPATCH_CASES, _to_dispatch, verb="dispatch",
        empty=_("Every case in your scope has been dispatched."),
    ),
    Queue(
        "to-accept", _("To accept"), "circle-check", P.HANDLE_CASES, _to_accept, verb="accept",
        empty=_("Every case sent to your body has been accepted."),
    ),
    Queue(
        "to-handle", _("To handle"), "tool", P.HANDLE_CASES, _to_handle, verb="handle",
        empty=_("Your body has handled every case that it accepted."),
    ),
    Queue(
        "to-answer", _("Supervision to answer"), "speakerphone", P.HANDLE_CASES, _to_answer, "case_id",
        "answer-supervision", _("Nobody waits for an answer of your body."),
    ),
    Queue(
        "objections", _("Objections to decide"), "gavel", P.DECIDE_CASES, _objections, "case_id", "uphold",
        _("No objection to a dispatch waits."),
    ),
    Queue(
        "extensions", _("Extensions to decide"), "clock-plus", P.DECIDE_CASES, _extensions, "case_id",
        "grant-extension", _("Nobody asks for more time."),
    ),
    Queue(
        "supervision", _("Supervision held by me"), "eye-exclamation", P.SUPERVISE_CASES, _held, "case_id",
        "close-supervision", _("Your post holds no open supervision."),
    ),
    Queue(
        "reviews", _("Ratings to review"), "scale", P.DECIDE_CASES, _reviews, "rating__case_id", url_name="rating-list",
        empty=_("No rating is under review."),
    ),
    Queue(
        "unrated", _("Waiting for rating"), "mood-smile", P.CALL_BACK, _unrated,
        empty=_("No handled case waits for its rating."),
    ),
)  # fmt: skip


def queues_for(user: User) -> list[Queue]:
    """The queues whose work the person may do."""
    held = {permission: user.has_perm(permission) for permission in {queue.permission for queue in QUEUES}}
    return [queue for queue in QUEUES if held[queue.permission]]


def counts(user: User, queues: Iterable[Queue]) -> dict[str, int]:
    """How many wait in each of ``queues``."""
    return {queue.name: queue.found(user).order_by().count() for queue in queues}


def counts_with_late(user: User, queues: Sequence[Queue], now: datetime) -> dict[str, tuple[int, int]]:
    """How many wait in each of ``queues``, and how many of them were due before ``now``: one statement for all."""
    counted = [
        queue.found(user).order_by().annotate(queue=Value(queue.name)).values("queue").annotate(
            waiting=Count("pk"), late=Count("pk", filter=Q(due__lt=now))
        )
        for queue in queues
    ]  # fmt: skip
    if not counted:
        return {}
    found = {row["queue"]: (row["waiting"], row["late"]) for row in counted[0].union(*counted[1:], all=True)}
    return {queue.name: found.get(queue.name, (0, 0)) for queue in queues}


# --- a page of a queue ----------------------------------------------------------------------------------------------------


def page_of(queue: Queue, user: User, number: str | None, now: datetime) -> Page:
    """A page of 25 rows, what is due first at the top; statements as many for one row as for all."""
    keys = queue.found(user).order_by(F("due").asc(nulls_last=True), queue.case).values_list(queue.case, "due")
    page = Paginator(keys, ROWS).get_page(number)
    wanted = list(page.object_list)
    files = CaseFile.objects.with_case().in_bulk([pk for pk, _due in wanted])
    proposed = proposed_parties(files.values()) if queue.verb == "dispatch" else {}
    page.object_list = [
        Row(files[pk], due, abs(due - now) if due else timedelta(), bool(due and due < now), proposed.get(pk))
        for pk, due in wanted
        if pk in files
    ]
    return page


def proposed_parties(files: Iterable[CaseFile]) -> dict[int, parties.Party | None]:
    """Whom the catalogue names for each of ``files``, by the case's id: as :func:`parties.proposed_party`, in one statement."""
    known = list(files)
    served: dict[int, list[ServiceAssignment]] = {}
    rows = ServiceAssignment.objects.filter(estate__in={file.case.estate_id for file in known})
    for row in rows.select_related("enterprise"):
        served.setdefault(row.estate_id, []).append(row)
    return {file.pk: _proposed(file, served.get(file.case.estate_id, [])) for file in known}


def _proposed(file: CaseFile, served: list[ServiceAssignment]) -> parties.Party | None:
    item, day = file.item, file.case.reported_at.astimezone(CHINA).date()
    if item is None:
        return None
    if item.party_kind == "agency":
        return item.agency
    if item.party_kind == "street":
        return file.case.estate.community.parent
    return next((row.enterprise for row in served if day in row.valid), None)
