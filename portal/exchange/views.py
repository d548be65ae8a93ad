"""Pages of imports and exports: template, upload, preview, result, the files on the way back, long exports."""

from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import registers
from portal.exchange import actions, exporting
from portal.exchange.columns import template_columns
from portal.exchange.forms import UploadForm
from portal.exchange.models import ImportBatch, RegisterExport
from portal.registers.views import register_or_404
from portal.spreadsheets.templates import template
from portal.workflow import LostRace, MoveRefused

ROWS = 25
XLSX = exporting.FORMATS["xlsx"][1]
Status = ImportBatch.Status


def batch_or_404(request: HttpRequest, pk: int) -> ImportBatch:
    """A batch of this person's own; another's is not there. One whose worker died is shown as failed."""
    batch = get_object_or_404(ImportBatch.objects.select_related("uploaded_by"), pk=pk, uploaded_by=request.user)
    if registers.register(batch.register) is None:
        raise Http404
    return actions.look(batch)


def download(content, name: str, media_type: str) -> HttpResponse:
    """A response that is saved under ``name``."""
    response = StreamingHttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _progress(request: HttpRequest, job: ImportBatch | RegisterExport, at_work: bool) -> HttpResponse:
    """The fragment that a page asks for while a job is at work; ``X-Done`` tells it that the whole page is due."""
    response = render(request, "exchange/_progress.html", {"job": job, "at_work": at_work})
    if not at_work:
        response.headers["X-Done"] = "1"
    return response


# --- imports --------------------------------------------------------------------------------------------------------------


@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    """This person's imports and long exports, newest first, and the registers that they may fill."""
    page = Paginator(ImportBatch.objects.filter(uploaded_by=request.user).defer("problems", "preview"), ROWS).get_page(
        request.GET.get("page")
    )
    context = {
        "section": "imports",
        "page": page,
        "batches": [(actions.look(batch), registers.register(batch.register)) for batch in page.object_list],
        "exports": [
            (export, registers.register(export.register))
            for export in RegisterExport.objects.filter(asked_by=request.user)[:10]
        ],
        "kept": registers.registers_for(request.user, "keep"),
    }
    return render(request, "exchange/list.html", context)


@require_safe
def import_template(request: HttpRequest, slug: str) -> HttpResponse:
    """The register's template workbook in the visitor's language."""
    register = register_or_404(request, slug, "keep")
    content = template(template_columns(register, request.user), title=str(register.title))
    return download([content], _("%(register)s template.xlsx") % {"register": register.title}, XLSX)


@require_http_methods(["GET", "HEAD", "POST"])
def import_upload(request: HttpRequest, slug: str) -> HttpResponse:
    """Upload a file for a register; it is checked at once, or by a worker when it is long."""
    register = register_or_404(request, slug, "keep")
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        batch = actions.upload(register, form.cleaned_data["file"], by=request.user)
        return start(request, batch, Status.CHECKING)
    context = {
        "section": register.section,
        "register": register,
        "form": form,
        "columns": template_columns(register, request.user),
    }
    return render(request, "exchange/upload.html", context, status=422 if form.is_bound and form.errors else 200)


def start(request: HttpRequest, batch: ImportBatch, to: ImportBatch.Status) -> HttpResponse:
    """Check or apply: here while it is small, else by a worker; then its page."""
    try:
        actions.start(batch, to, by=request.user)
    except LostRace:
        messages.warning(request, _("This import has moved on meanwhile; this is how it stands."))
    return redirect("import", batch.pk)


@never_cache
@require_safe
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How an import stands: being checked, the preview with every problem, the result. Its progress alone as a fragment."""
    batch = batch_or_404(request, pk)
    register = registers.register(batch.register)
    at_work = batch.status in (Status.CHECKING, Status.APPLYING)
    if request.headers.get("X-Fragment"):
        return _progress(request, batch, at_work)
    context = {
        "section": register.section,
        "register": register,
        "batch": batch,
        "at_work": at_work,
        "step": _step(batch),
        "has_file": actions.path_of(batch).exists(),
    }
    if batch.status in (Status.CHECKED, Status.APPLIED, Status.UNDONE):
        context |= _preview(request, batch)
    return render(request, "exchange/import.html", context)


def _step(batch: ImportBatch) -> int:
    """Which of the four steps a batch stands at: upload, check, confirm, done."""
    return {Status.CHECKING: 2, Status.CHECKED: 2, Status.APPLYING: 3, Status.APPLIED: 4, Status.UNDONE: 4}.get(
        Status(batch.status), 1
    )


def _preview(request: HttpRequest, batch: ImportBatch) -> dict:
    kinds = {
        "problems": (_("Errors"), batch.problem_count, batch.problems),
        "changes": (_("Changes"), batch.changed, batch.preview.get("changes", [])),
        "entered": (capfirst(_("new")), batch.new, batch.preview.get("entered", [])),
    }
    chosen = request.GET.get("show")
    if chosen not in kinds:
        chosen = next((kind for kind, (_title, count, _rows) in kinds.items() if count), "problems")
    page = Paginator(kinds[chosen][2], ROWS).get_page(request.GET.get("page"))
    return {
        "kinds": [(kind, title, count, kind == chosen) for kind, (title, count, _rows) in kinds.items()],
        "chosen": chosen,
        "page": page,
        "total": kinds[chosen][1],
        "grid": batch.preview.get("grid"),
        "sheets": batch.preview.get("sheets", []),
        "reasons": _reasons(batch),
    }


def _reasons(batch: ImportBatch) -> list[tuple[str, int]]:
    """Columns with problems and how many, most first."""
    counts: dict[str, int] = {}
    for problem in batch.problems:
        title = problem["title"] or _("Row as a whole")
        counts[title] = counts.get(title, 0) + 1
    return sorted(counts.items(), key=lambda pair: -pair[1])[:8]


@require_POST
def import_check(request: HttpRequest, pk: int) -> HttpResponse:
    return start(request, batch_or_404(request, pk), Status.CHECKING)


@require_POST
def import_apply(request: HttpRequest, pk: int) -> HttpResponse:
    return start(request, batch_or_404(request, pk), Status.APPLYING)


@require_POST
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    batch = batch_or_404(request, pk)
    try:
        actions.discard(batch, by=request.user)
    except LostRace:
        messages.warning(request, _("This import has moved on meanwhile; this is how it stands."))
        return redirect("import", pk)
    messages.success(request, _("Discarded: %(what)s.") % {"what": batch.file_name})
    return redirect("import-list")


@require_POST
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    batch = batch_or_404(request, pk)
    try:
        actions.undo(batch, by=request.user)
    except MoveRefused as refused:
        messages.error(request, str(refused))
    except LostRace:
        messages.warning(request, _("This import has moved on meanwhile; this is how it stands."))
    else:
        messages.success(request, _("Undone: the register is as it was before this import."))
    return redirect("import", pk)


@require_safe
def import_errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The uploaded file back, with its errors."""
    batch = batch_or_404(request, pk)
    if not batch.preview.get("sheets") or not actions.path_of(batch, "problems").exists():
        raise Http404
    stem, dot, suffix = batch.file_name.rpartition(".")
    name = _("%(file)s with errors") % {"file": stem or batch.file_name} + (f".{suffix}" if dot else "")
    return download(actions.marked_file(batch), name, XLSX if suffix.lower() == "xlsx" else "text/csv; charset=utf-8")


# --- exports --------------------------------------------------------------------------------------------------------------


@require_safe
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """What the list shows, as a file: ``?format=xlsx|csv|csv-gb18030`` beside the list's own parameters. A long one is a job."""
    register = register_or_404(request, slug)
    form = request.GET.get("format", "xlsx")
    if form not in exporting.FORMATS:
        raise Http404
    query = request.GET.copy()
    for name in ("format", "page", "sort"):
        query.pop(name, None)
    rows = exporting.rows_for(register, request.user, query)
    count = rows.count()
    if count > exporting.LONG:
        asked = exporting.ask(register, query, form, count, by=request.user)
        return redirect("export", asked.pk)
    exporting.record_export(register, request.user, count, query.urlencode())
    content = exporting.content(register, request.user, rows, form, count)
    return download(content, exporting.file_name(register, form), exporting.FORMATS[form][1])


def export_or_404(request: HttpRequest, pk: int) -> RegisterExport:
    return get_object_or_404(RegisterExport, pk=pk, asked_by=request.user)


@never_cache
@require_safe
def export_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How a long export stands."""
    asked = export_or_404(request, pk)
    register = register_or_404(request, asked.register)
    at_work = asked.status == RegisterExport.Status.WAITING
    if request.headers.get("X-Fragment"):
        return _progress(request, asked, at_work)
    context = {"section": register.section, "register": register, "export": asked, "at_work": at_work}
    return render(request, "exchange/export.html", context)


@require_safe
def export_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of a long export, for whoever asked for it while they may still see the register."""
    asked = export_or_404(request, pk)
    register = register_or_404(request, asked.register)
    path = exporting.path_of(asked)
    if asked.status != RegisterExport.Status.DONE or not path.exists():
        raise Http404
    name = exporting.file_name(register, asked.format)
    return FileResponse(
        open(path, "rb"), as_attachment=True, filename=name, content_type=exporting.FORMATS[asked.format][1]
    )
