"""Pages for those who hold something against a ranking: object, follow, withdraw, reply; and what a revision changed.

The form is open to everybody. Who is signed in speaks for a party, or signs out to speak as a resident.
"""

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.throttling import BaseThrottle

from evaluations import differences
from evaluations.models import EntryReply, RankingEntry, RankingObjection
from evaluations.objections import raising, replies
from evaluations.objections.forms import ObjectionForm, ReasonForm, ReplyForm, StatusForm, add_errors
from evaluations.publication import publication_version
from evaluations.views.public import MAX_AGE, Periods, Status
from portal.documents.published import published_document
from portal.middleware import public
from portal.roles import Permission
from portal.workflow import LostRace, MoveRefused

TRIES_OF_NUMBER, TRIES_OF_ADDRESS, TRY_SECONDS = 10, 60, 3600
"""How often a status is asked for with one number and from one address until it has to wait: a telephone's tail has four digits."""


def _entry(request: HttpRequest, period: str, code: str) -> RankingEntry:
    """The entry of a ranking that everybody may see, in the revision that the address names."""
    ranking = Periods.load().find(period, request.GET.get("revision", ""))
    if ranking is None or ranking.status == Status.WITHDRAWN or "\x00" in code:
        raise Http404
    return get_object_or_404(RankingEntry.objects.select_related("ranking__policy"), ranking=ranking, estate_code=code)


# --- objecting -----------------------------------------------------------------------------------------------------------


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def objection_new(request: HttpRequest, period: str, code: str) -> HttpResponse:
    """Object to one entry. Sent, it shows the number by which the objection is followed."""
    entry, now = _entry(request, period, code), timezone.now()
    user = request.user if request.user.is_authenticated else None
    party = raising.party_of(user, entry, Permission.OBJECT) if user else None
    context = {
        "section": "ranking", "entry": entry, "ranking": entry.ranking, "party": party,
        "closed": not raising.is_open(entry.ranking, now), "until": raising.open_until(entry.ranking),
        "stranger": user is not None and party is None,
    }  # fmt: skip
    if context["closed"] or context["stranger"]:
        return render(
            request, "evaluations/public/object.html", context, status=403 if request.method == "POST" else 200
        )
    if request.method != "POST":
        return render(
            request, "evaluations/public/object.html", context | {"form": ObjectionForm(as_party=bool(party))}
        )
    form = ObjectionForm(request.POST, {"files": request.FILES.getlist("files")}, as_party=bool(party))
    if form.is_of_a_machine:
        return render(request, "evaluations/public/objected.html", context | {"number": "", "tail": ""})
    if not form.is_valid():
        return render(request, "evaluations/public/object.html", context | {"form": form}, status=422)
    try:
        objection = _raise(request, entry, form, now)
    except MoveRefused as refusal:
        form.add_error(None, str(refusal))
        status = 429 if isinstance(refusal, raising.TooMany) else 409
        return render(request, "evaluations/public/object.html", context | {"form": form}, status=status)
    except ValidationError as error:
        add_errors(form, error)
        return render(request, "evaluations/public/object.html", context | {"form": form}, status=422)
    return render(request, "evaluations/public/objected.html", context | {"objection": objection})


def _raise(request: HttpRequest, entry: RankingEntry, form: ObjectionForm, now) -> RankingObjection:
    if request.user.is_authenticated:
        return raising.raise_as_party(entry, form.claim, by=request.user, now=now)
    phone = form.cleaned_data["phone"]
    return raising.raise_as_resident(entry, form.claim, phone=phone, address=_address(request), now=now)


def _address(request: HttpRequest) -> str:
    """Who asks; behind proxies, whom they name (``NUM_PROXIES``), so that a city does not share one limit."""
    return BaseThrottle().get_ident(request) or ""


# --- following -----------------------------------------------------------------------------------------------------------


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def objection_status(request: HttpRequest) -> HttpResponse:
    """How a resident's objection stands, by its number and the last four digits of the telephone."""
    context = {"section": "ranking", "form": StatusForm(initial={"number": request.GET.get("number", "")[:20]})}
    if request.method != "POST":
        return render(request, "evaluations/public/objection_status.html", context)
    form = context["form"] = StatusForm(request.POST)
    if not form.is_valid():
        return render(request, "evaluations/public/objection_status.html", context, status=422)
    number, tail = form.cleaned_data["number"], form.cleaned_data["tail"]
    tries = {raising.as_number(number): TRIES_OF_NUMBER, _address(request): TRIES_OF_ADDRESS}
    over = [_too_many(asked, limit) for asked, limit in tries.items()]  # both are counted
    if any(over):
        form.add_error(None, _("Asked too often; try again in an hour."))
        return render(request, "evaluations/public/objection_status.html", context, status=429)
    objection = raising.find(number, tail)
    if objection is None:
        form.add_error(None, _("No objection has this number and this telephone."))
        return render(request, "evaluations/public/objection_status.html", context, status=404)
    if "withdraw" in request.POST:
        _withdraw(request, objection, by=None)
        objection.refresh_from_db()
    context |= {"objection": objection, "ranking": objection.ranking, "tail": tail}
    return render(request, "evaluations/public/objection_status.html", context)


def _too_many(asked: str, limit: int) -> bool:
    """Whether this was asked with too often; counts this try."""
    key = f"objection-tries-{raising.sender_of(asked)}"
    cache.add(key, 0, TRY_SECONDS)
    try:
        return cache.incr(key) > limit
    except ValueError:  # it ran out in between
        return False


def _withdraw(request: HttpRequest, objection: RankingObjection, *, by) -> None:
    try:
        raising.withdraw(objection, by=by)
    except LostRace:
        messages.error(request, _("Somebody else was faster. Nothing was done; look at it as it is now."))
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The objection was withdrawn."))


@require_POST
def objection_withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """A party withdraws its own objection."""
    objection = get_object_or_404(
        RankingObjection.objects.for_user(request.user, Permission.VIEW_RANKINGS), number=number
    )
    _withdraw(request, objection, by=request.user)
    return redirect("ranking-objection", number)


# --- replying ------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def reply_new(request: HttpRequest, period: str, code: str) -> HttpResponse:
    """Write a reply beside an entry, on behalf of the party for which the person speaks."""
    entry = _entry(request, period, code)
    party = raising.party_of(request.user, entry, Permission.REPLY)
    if party is None:
        raise PermissionDenied
    former = EntryReply.objects.filter(
        period=period, estate_code=code, party=party.kind, party_code=party.code, status__in=("submitted", "approved")
    ).first()
    form = ReplyForm(request.POST or None, initial={"text": former.text if former else ""})
    context = {"entry": entry, "ranking": entry.ranking, "party": party, "former": former, "form": form}
    if request.method != "POST":
        return render(request, "evaluations/objections/reply_new.html", context)
    if not form.is_valid():
        return render(request, "evaluations/objections/reply_new.html", context, status=422)
    try:
        reply = replies.write(entry, form.cleaned_data["text"], by=request.user, now=timezone.now())
    except (MoveRefused, ValidationError) as error:
        form.add_error(None, error.messages if isinstance(error, ValidationError) else str(error))
        return render(request, "evaluations/objections/reply_new.html", context, status=422)
    messages.success(request, _("The reply was handed in. It is shown once the city has checked it."))
    return redirect("ranking-reply", reply.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """One reply: its author follows it, an official of the city shows it or sends it back."""
    rows = EntryReply.objects.for_user(request.user, Permission.VIEW_RANKINGS)
    row = get_object_or_404(rows.select_related("ranking", "written_by", "checked_by"), pk=pk)
    may_check = request.user.has_perm(Permission.HANDLE_OBJECTIONS) and row.written_by_id != request.user.pk
    form = ReasonForm()
    if request.method == "POST":
        if not may_check:
            raise PermissionDenied
        form = ReasonForm(request.POST)
        if response := _check(request, row, form):
            return response
    context = {
        "section": "ranking-objections",
        "reply": row,
        "form": form,
        "may_check": may_check and row.status == "submitted",
    }
    return render(request, "evaluations/objections/reply.html", context, status=422 if form.errors else 200)


def _check(request: HttpRequest, row: EntryReply, form: ReasonForm) -> HttpResponse | None:
    try:
        if "approve" in request.POST:
            replies.approve(row, by=request.user, now=timezone.now())
            messages.success(request, _("The reply stands beside the entry."))
        elif form.is_valid():
            replies.send_back(row, by=request.user, now=timezone.now(), reason=form.cleaned_data["reason"])
            messages.success(request, _("The reply was sent back."))
        else:
            return None
    except LostRace:
        messages.error(request, _("Somebody else was faster. Nothing was done; look at it as it is now."))
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("ranking-reply", row.pk)


# --- what a revision changed -----------------------------------------------------------------------------------------------


@public
@require_safe
@published_document(publication_version, max_age=MAX_AGE, by_language=True)
def revision_differences(request: HttpRequest, period: str) -> HttpResponse:
    """What a revision changed against the one before it that everybody may read: who entered, left, moved, was recounted."""
    periods = Periods.load()
    ranking = periods.find(period, request.GET.get("revision", ""))
    if ranking is None or ranking.status == Status.WITHDRAWN:
        raise Http404
    earlier = (
        one for one in periods.revisions[period] if one.revision < ranking.revision and one.status != Status.WITHDRAWN
    )
    corrected = next(earlier, None)
    if corrected is None:
        raise Http404
    found = differences.between(differences.stored(corrected), differences.stored(ranking))
    context = {
        "section": "ranking", "ranking": ranking, "corrected": corrected, "found": found,
        "which": f"?revision={ranking.revision}",
    }  # fmt: skip
    return render(request, "evaluations/public/differences.html", context)
