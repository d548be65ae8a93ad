"""The queue of objections and replies, one objection with its deeds, and the decision with the recount before it is taken."""

import json
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluations.models import AppraisalCase, CaseCorrection, EntryReply, RankingEntry, RankingObjection
from evaluations.objections import corrections, deciding, evidence
from evaluations.objections.corrections import Correction
from evaluations.objections.forms import DecisionForm, ReasonForm, case_numbers, correction_forms
from portal.models import AuditEntry
from portal.roles import Permission
from portal.templatetags.portal import MISSING, full_moment
from portal.workflow import LostRace, MoveRefused

ROWS = 50
Status = RankingObjection.Status


def _visible(request: HttpRequest) -> QuerySet:
    people = ("ranking__policy", "raised_by", "marked_by", "decided_by", "led_to")
    return RankingObjection.objects.for_user(request.user, Permission.VIEW_RANKINGS).select_related(*people)


def _objection(request: HttpRequest, number: str) -> RankingObjection:
    return get_object_or_404(_visible(request), number=number)


@require_safe
def objection_list(request: HttpRequest) -> HttpResponse:
    """What waits, the next due first, with how many there are of each state; or, asked for, those of one state or period."""
    rows = _visible(request)
    if not (request.user.has_perm(Permission.VIEW_RANKINGS) or request.user.has_perm(Permission.OBJECT)):
        raise PermissionDenied
    now, state, period = timezone.now(), request.GET.get("state", "open"), request.GET.get("period", "")[:10]
    late = Q(status=Status.RECEIVED, mark_due_at__lt=now) | Q(status=Status.MARKED, decide_due_at__lt=now)
    counts = rows.aggregate(
        **{value: Count("pk", filter=Q(status=value)) for value in Status.values},
        late=Count("pk", filter=late),
        all=Count("pk"),
    )
    counts["open"] = counts[Status.RECEIVED] + counts[Status.MARKED]
    states = {"open": Q(status__in=RankingObjection.UNDECIDED), "late": late, "all": Q()} | {
        value: Q(status=value) for value in Status.values
    }
    rows = rows.filter(states.get(state, states["open"]))
    if period:
        rows = rows.filter(ranking__period=period)
    order = ("decide_due_at", "pk") if state in ("open", "late") else ("-received_at", "-pk")
    waiting = EntryReply.objects.for_user(request.user, Permission.VIEW_RANKINGS).select_related(
        "ranking", "written_by"
    )
    context = {
        "section": "ranking-objections", "now": now, "state": state if state in states else "open", "period": period,
        "counts": counts, "page": Paginator(rows.order_by(*order), ROWS).get_page(request.GET.get("page")),
        "tabs": [("open", _("To do")), ("late", _("Overdue")), *Status.choices, ("all", _("All"))],
        "replies": waiting.filter(status="submitted").order_by("written_at")[:ROWS],
        "is_official": request.user.has_perm(Permission.VIEW_RANKINGS),
        "own_replies": waiting.filter(written_by=request.user)[:ROWS],
    }  # fmt: skip
    return render(request, "evaluations/objections/list.html", context)


@require_safe
def objection_page(request: HttpRequest, number: str) -> HttpResponse:
    """One objection: what was said, where it stands, what may be done with it and by whom."""
    return _page(request, _objection(request, number))


def _page(request: HttpRequest, objection: RankingObjection, status: int = 200, **more) -> HttpResponse:
    user = request.user
    handles = user.has_perm(Permission.HANDLE_OBJECTIONS)
    entry = RankingEntry.objects.filter(ranking=objection.ranking, estate_code=objection.estate_code).first()
    context = {
        "section": "ranking-objections",
        "objection": objection,
        "ranking": objection.ranking,
        "entry": entry,
        "now": timezone.now(),
        "cases": _named_cases(objection),
        "may_mark": handles and objection.status == Status.RECEIVED,
        "may_reveal": handles and bool(objection.phone),
        "may_withdraw": objection.raised_by_id == user.pk and objection.is_undecided,
        "is_official": user.has_perm(Permission.VIEW_RANKINGS),
        "obstacle": deciding.obstacle_to_deciding(objection, user) if handles and objection.is_undecided else "",
        "may_decide": handles and objection.status == Status.MARKED,
        "corrections": _in_words(objection),
        "audit": _audit_trail(objection),
        "phone_form": ReasonForm(auto_id="phone_%s"),
    } | more
    return render(request, "evaluations/objections/objection.html", context, status=status)


def _in_words(objection: RankingObjection) -> list[CaseCorrection]:
    """The corrections that the objection led to, each fact with its name, as it was and as it is."""
    found = list(objection.corrections.select_related("case", "by"))
    for one in found:
        one.lines = [
            (AppraisalCase._meta.get_field(name).verbose_name, *(_fact(name, value) for value in pair))
            for name, pair in one.changed.items()
        ]
    return found


def _fact(name: str, value) -> str:
    if value in (None, ""):
        return MISSING
    if name.endswith("_at"):
        return full_moment(datetime.fromisoformat(value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(dict(AppraisalCase._meta.get_field(name).flatchoices).get(value, value))


DEEDS = {
    "objections.raise": gettext_lazy("raised the objection"),
    "objections.mark": gettext_lazy("marked the entry"),
    "objections.decide": gettext_lazy("decided the objection"),
    "objections.withdraw": gettext_lazy("withdrew the objection"),
    "reveal": gettext_lazy("read the telephone number"),
}


def _audit_trail(objection: RankingObjection) -> list[AuditEntry]:
    """What was done with an objection, newest first; each with its deed in words."""
    entries = AuditEntry.objects.filter(subject_type="rankingobjection", subject=objection.number).select_related("by")
    found = list(entries[:50])
    for entry in found:
        entry.deed = DEEDS.get(entry.verb, entry.verb)
    return found


def _named_cases(objection: RankingObjection) -> list[AppraisalCase]:
    """The cases of the neighbourhood that the objection names, or that bear one of its numbers elsewhere."""
    cases = AppraisalCase.objects.filter(case_no__in=objection.case_numbers)
    return list(cases.select_related("estate", "enterprise", "agency", "street").order_by("pk")[:20])


# --- deeds ---------------------------------------------------------------------------------------------------------------


def _handler(request: HttpRequest) -> None:
    if not request.user.has_perm(Permission.HANDLE_OBJECTIONS):
        raise PermissionDenied


@require_POST
def objection_mark(request: HttpRequest, number: str) -> HttpResponse:
    """Mark the entry as objected to."""
    objection = _objection(request, number)
    _handler(request)
    try:
        deciding.mark(objection, by=request.user, now=timezone.now())
    except LostRace:
        messages.error(request, _("Somebody else was faster. Nothing was done; look at it as it is now."))
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The entry is marked: an objection is being examined."))
    return redirect("ranking-objection", number)


@require_POST
def objection_phone(request: HttpRequest, number: str) -> HttpResponse:
    """Show the telephone number once, with the reason in the record."""
    objection = _objection(request, number)
    _handler(request)
    form = ReasonForm(request.POST, auto_id="phone_%s")
    if not form.is_valid():
        return _page(request, objection, status=422, phone_form=form)
    phone = deciding.reveal_phone(objection, by=request.user, reason=form.cleaned_data["reason"])
    response = _page(request, objection, phone=phone)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
def objection_file(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A file of evidence, as a download: to those who may see the objection."""
    file = get_object_or_404(_objection(request, number).files, pk=pk)
    path = evidence.path_of(file)
    if not path.exists():
        raise Http404
    content = path.open("rb")  # the response closes it
    response = FileResponse(content, as_attachment=True, filename=file.name, content_type=file.content_type)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


# --- the decision --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def objection_decide(request: HttpRequest, number: str) -> HttpResponse:
    """Decide: see the cases, put right what is wrong, look at the recount, uphold or dismiss."""
    objection = _objection(request, number)
    _handler(request)
    if obstacle := deciding.obstacle_to_deciding(objection, request.user):
        messages.error(request, obstacle)
        return redirect("ranking-objection", number)
    cases, problem = _cases_looked_at(request, objection)
    forms = correction_forms(cases, request.POST if request.method == "POST" else None)
    form = DecisionForm(request.POST or None, initial={"seen": _seen(objection, cases)})
    context = {
        "section": "ranking-objections", "objection": objection, "ranking": objection.ranking, "form": form, "forms": forms,
        "looked_at": " ".join(case.case_no for case in cases), "problem": problem,
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "evaluations/objections/decide.html", context)
    valid = [one.is_valid() for one in forms]  # each is asked, so that each shows its errors
    if not all(valid):
        return render(request, "evaluations/objections/decide.html", context, status=422)
    wrong = [Correction(one.instance, one.changes) for one in forms if one.changes]
    if "preview" in request.POST:
        return _preview(request, objection, wrong, context)
    if not form.is_valid():
        return render(request, "evaluations/objections/decide.html", context, status=422)
    if form.cleaned_data["seen"] != _seen(objection, cases):
        messages.error(
            request, _("The cases or the objection changed since you opened this page. Nothing was done; look again.")
        )
        return redirect("ranking-objection-decide", number)
    return _decide(request, objection, wrong, form, context)


def _cases_looked_at(request: HttpRequest, objection: RankingObjection) -> tuple[list[AppraisalCase], str]:
    """The cases on the page: those that the objection names, and those added by number."""
    asked = request.POST.get("looked_at") if request.method == "POST" else request.GET.get("cases")
    try:
        numbers = case_numbers(asked) if asked else objection.case_numbers
    except ValidationError as error:
        return [], error.messages[0]
    cases = list(AppraisalCase.objects.filter(case_no__in=numbers).select_related("estate").order_by("pk")[:20])
    unknown = set(numbers) - {case.case_no for case in cases}
    problem = _("No case has the number %(numbers)s.") % {"numbers": ", ".join(sorted(unknown))} if unknown else ""
    return cases, problem


def _seen(objection: RankingObjection, cases: list[AppraisalCase]) -> str:
    """What a decision is about: the state of the objection and the cases' facts that the person had before them."""
    facts = [objection.status, [corrections.facts_of(case) for case in cases]]
    return salted_hmac(
        "evaluations.objections.seen", json.dumps(facts, cls=DjangoJSONEncoder), algorithm="sha256"
    ).hexdigest()[:24]


def _preview(request: HttpRequest, objection: RankingObjection, wrong: list[Correction], context: dict) -> HttpResponse:
    context["form"] = DecisionForm(
        initial={name: request.POST.get(name, "") for name in ("decision", "reason")}
        | {"seen": request.POST.get("seen", "")}
    )
    try:
        found = corrections.recount(objection, wrong, by=request.user, now=timezone.now())
    except ValidationError as error:
        return render(request, "evaluations/objections/decide.html", context | {"errors": error.messages}, status=422)
    return render(request, "evaluations/objections/decide.html", context | {"found": found, "wrong": wrong})


def _decide(
    request, objection: RankingObjection, wrong: list[Correction], form: DecisionForm, context: dict
) -> HttpResponse:
    reason, now = form.cleaned_data["reason"], timezone.now()
    try:
        if form.cleaned_data["decision"] == "dismissed":
            if wrong:
                raise ValidationError(
                    _("A dismissed objection puts nothing right: undo the corrections, or uphold it.")
                )
            deciding.dismiss(objection, by=request.user, now=now, reason=reason)
            messages.success(request, _("Dismissed; whoever raised it is told."))
        else:
            draft = deciding.uphold(objection, wrong, by=request.user, now=now, reason=reason)
            told = (
                _("Upheld; the recount is the draft %(ranking)s.") % {"ranking": draft}
                if draft
                else _("Upheld; the ranking stays as it is.")
            )
            messages.success(request, told)
    except ValidationError as error:
        return render(request, "evaluations/objections/decide.html", context | {"errors": error.messages}, status=422)
    except LostRace:
        messages.error(request, _("Somebody else was faster. Nothing was done; look at it as it is now."))
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("ranking-objection", objection.number)
