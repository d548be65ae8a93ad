"""The desk of ratings: what is held, what is under review, and the deeds that decide."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from casedesk import photos, signs
from casedesk.actions import contacts, ratings, reviews
from casedesk.actions.reviews import obstacle_to_ask, obstacle_to_decide_review
from casedesk.models import CaseEvent, CaseFile, CasePhoto, OutcomeRating, RatingReview
from casedesk.rating.forms import ContactForm, ReasonForm, ReviewForm
from portal.listing import ROWS
from portal.models import User
from portal.roles import Permission
from portal.workflow import LostRace, MoveRefused

Status = OutcomeRating.Status
TABS = {
    "held": gettext_lazy("Held for a check"),
    "reviews": gettext_lazy("Under review"),
    "bad": gettext_lazy("Dissatisfied or not solved, waiting"),
    "checked": gettext_lazy("Decided"),
}
"""Lists of the page and what they are called."""


@require_safe
@permission_required(Permission.DECIDE_CASES, raise_exception=True)
def rating_list(request: HttpRequest) -> HttpResponse:
    """Ratings in this person's scope that wait for a decision, oldest first; and those decided, newest first."""
    tab = request.GET.get("tab", "held")
    if tab not in TABS:
        tab = "held"
    lists = {name: lists_of(request.user, name) for name in TABS}
    page = Paginator(_with_case(lists[tab]), ROWS).get_page(request.GET.get("page"))
    counts = [(name, title, lists[name].count() if name != "checked" else None) for name, title in TABS.items()]
    context = {"section": "ratings", "tab": tab, "tabs": counts, "page": page, "now": timezone.now()}
    return render(request, "casedesk/rating/list.html", context)


def lists_of(user: User, tab: str):
    """The ratings of a tab in the scope of ``user``."""
    rows = OutcomeRating.objects.for_user(user, Permission.DECIDE_CASES)
    if tab == "held":
        return rows.filter(status=Status.HELD).order_by("status_changed_at", "pk")
    if tab == "reviews":
        return rows.filter(reviews__status=RatingReview.Status.PENDING).order_by("reviews__due_at", "pk")
    if tab == "bad":
        waiting = CaseFile.objects.filter(status=CaseFile.Status.HANDLED).values("case")
        bad = rows.filter(ratings.BAD, status=Status.COUNTED, reviews=None, case__in=waiting)
        return bad.order_by("status_changed_at", "pk")
    return rows.exclude(checked_by=None).order_by("-status_changed_at", "-pk")


def _with_case(rows):
    return rows.select_related("case__estate", "checked_by").prefetch_related("reviews")


# --- deeds ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deed:
    """Something that is done to a rating: asked before, then done. ``run`` gets the rating, the person, the time, the answer."""

    verb: str
    label: str | Promise
    consequence: str | Promise
    done: str | Promise
    permission: str
    form: type[forms.Form]
    run: Callable[[OutcomeRating, User, datetime, dict[str, Any]], Any]
    is_harmful: bool = False


def _ask(rating: OutcomeRating, by: User, now: datetime, answer: dict[str, Any]) -> None:
    with photos.cleaned_on_failure(), transaction.atomic():
        reviews.ask_review(rating, by=by, ground=answer["ground"], evidence=answer["evidence"], now=now)
        for photograph in answer["photos"]:
            photos.store_photo(
                rating.case, photograph, kind=CasePhoto.Kind.EVIDENCE, now=now, by=by, round=rating.round
            )  # fmt: skip


def _review_of(rating: OutcomeRating) -> RatingReview:
    return get_object_or_404(RatingReview, rating=rating)


DEEDS = {
    deed.verb: deed
    for deed in (
        Deed(
            "release", gettext_lazy("Release the rating"),
            gettext_lazy("The rating counts from now on: it is the resident's own."), gettext_lazy("Released; it counts now."),
            Permission.DECIDE_CASES, ReasonForm,
            lambda rating, by, now, answer: ratings.check(rating, release=True, by=by, reason=answer["reason"], now=now),
        ),
        Deed(
            "reject", gettext_lazy("Reject the rating"),
            gettext_lazy("The rating never counts; it stays readable, and rejected ratings are counted in public."),
            gettext_lazy("Rejected; it does not count."), Permission.DECIDE_CASES, ReasonForm,
            lambda rating, by, now, answer: ratings.check(rating, release=False, by=by, reason=answer["reason"], now=now),
            is_harmful=True,
        ),
        Deed(
            "hold", gettext_lazy("Hold the rating"),
            gettext_lazy("The rating counts no longer until somebody else has checked it."), gettext_lazy("Held for a check."),
            Permission.DECIDE_CASES, ReasonForm,
            lambda rating, by, now, answer: ratings.hold(rating, by=by, reason=answer["reason"], now=now),
        ),
        Deed(
            "ask-review", gettext_lazy("Ask for a review of the rating"),
            gettext_lazy(
                "Somebody else decides within five working days. If the rating stands, the case is handled once more; if it is "
                "withdrawn, that is counted in public."
            ),
            gettext_lazy("The review was asked for."), Permission.HANDLE_CASES, ReviewForm, _ask,
        ),
        Deed(
            "uphold", gettext_lazy("Let the rating stand"),
            gettext_lazy("The rating counts, and the case is handled once more by the same lead."),
            gettext_lazy("The rating stands; the case is handled again."), Permission.DECIDE_CASES, ReasonForm,
            lambda rating, by, now, answer: reviews.decide_review(
                _review_of(rating), withdraw=False, by=by, reason=answer["reason"], now=now
            ),
        ),
        Deed(
            "withdraw", gettext_lazy("Withdraw the rating"),
            gettext_lazy(
                "The rating counts no longer; it stays readable, the resident is told why, and withdrawals are counted in public."
            ),
            gettext_lazy("Withdrawn; it counts no longer."), Permission.DECIDE_CASES, ReasonForm,
            lambda rating, by, now, answer: reviews.decide_review(
                _review_of(rating), withdraw=True, by=by, reason=answer["reason"], now=now
            ),
            is_harmful=True,
        ),
    )
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def rating_deed(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Ask before it is done (GET), and do it (POST)."""
    deed = DEEDS.get(verb)
    if deed is None:
        raise Http404
    if not request.user.has_perm(deed.permission):
        raise PermissionDenied
    rows = OutcomeRating.objects.for_user(request.user, deed.permission).select_related("case__estate")
    rating, now = get_object_or_404(rows, pk=pk), timezone.now()
    form = deed.form(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            deed.run(rating, request.user, now, form.cleaned_data)
        except LostRace:
            messages.error(request, _("Somebody else was faster. Nothing was done; look at it as it is now."))
        except MoveRefused as refusal:
            messages.error(request, str(refusal))
        except ValidationError as error:
            _add_errors(form, error)
            return _asked(request, deed, rating, form, now, 422)
        else:
            messages.success(request, str(deed.done))
        return redirect("case-detail", rating.case_id)
    return _asked(request, deed, rating, form, now, 422 if request.method == "POST" else 200)


def _asked(
    request: HttpRequest, deed: Deed, rating: OutcomeRating, form: forms.Form, now: datetime, status: int
) -> HttpResponse:
    file = CaseFile.objects.with_case().get(pk=rating.case_id)
    review = RatingReview.objects.filter(rating=rating).select_related("asked_by").first()
    context = {
        "section": "ratings",
        "deed": deed,
        "rating": rating,
        "case": rating.case,
        "file": file,
        "form": form,
        "review": review,
        "photos": CasePhoto.objects.filter(case=rating.case_id, kind=CasePhoto.Kind.EVIDENCE, round=rating.round),
        "beside": beside(rating, request.user),
        "refusal": _refusal(deed, file, rating, review, request.user, now),
    }
    return render(request, "casedesk/rating/deed.html", context, status=status)


def _refusal(
    deed: Deed, file: CaseFile, rating: OutcomeRating, review: RatingReview | None, by: User, now: datetime
) -> str:
    """Why the deed cannot be done, before anybody fills in a form."""
    if deed.verb == "ask-review":
        return obstacle_to_ask(file, rating, by, now=now)
    if deed.verb in ("uphold", "withdraw"):
        return obstacle_to_decide_review(file, review, by) if review else _("No review of this rating was asked for.")
    return ratings.obstacle_to_check(file, rating, by, hold=deed.verb == "hold")


def beside(rating: OutcomeRating, by: User) -> list[OutcomeRating]:
    """The ratings given in the same minutes for the same neighbourhood, or on the same device: what whoever checks compares.

    Only those on which ``by`` decides; a rated party compares nothing.
    """
    window = signs.burst_rule().window
    scope = OutcomeRating.objects.for_user(by, Permission.DECIDE_CASES)
    near = scope.filter(at__range=(rating.at - window, rating.at + window)).exclude(pk=rating.pk)
    same = near.filter(case__estate=rating.case.estate_id)
    if rating.device_hash:
        same |= near.filter(device_hash=rating.device_hash)
    return list(same.select_related("case__estate").order_by("at")[:20])


def _add_errors(form: forms.Form, error: ValidationError) -> None:
    for name, texts in error.message_dict.items():
        form.add_error(name if name in form.fields else None, texts)


# --- contact ----------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.DECIDE_CASES, raise_exception=True)
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Another telephone or e-mail address of a reporter. The present one is shown masked."""
    file = get_object_or_404(CaseFile.objects.for_user(request.user, Permission.DECIDE_CASES).with_case(), pk=pk)
    form = ContactForm(request.POST or None, initial={"seen": file.version})
    if request.method == "POST" and form.is_valid():
        try:
            contacts.change_contact(file, by=request.user, now=timezone.now(), **form.cleaned_data)
        except LostRace:
            messages.error(request, _("Somebody else was faster. Nothing was done; look at it as it is now."))
        except MoveRefused as refusal:
            messages.error(request, str(refusal))
        except ValidationError as error:
            _add_errors(form, error)
            return render(request, "casedesk/rating/contact.html", _of_contact(file, form), status=422)
        else:
            messages.success(request, _("The contact was changed; the old one is told."))
        return redirect("case-detail", file.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "casedesk/rating/contact.html", _of_contact(file, form), status=status)


def _of_contact(file: CaseFile, form: ContactForm) -> dict[str, Any]:
    changes = CaseEvent.objects.filter(case=file.case, kind=CaseEvent.Kind.CONTACT_CHANGED).select_related("by")
    return {"section": "cases", "file": file, "case": file.case, "form": form, "changes": changes}
