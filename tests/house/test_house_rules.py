"""The rules of the house, each a few lines."""

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver

from enterprises.models import EnterpriseScopedQuerySet
from evaluations.models import Ranking
from portal import translations
from portal.models import CityWideQuerySet, Region, ScopedQuerySet
from portal.roles import ROLES, Permission, Role

OWN_APPS = ("portal", "enterprises", "estates", "partybuilding", "inspections", "evaluations", "casedesk", "bulletins")
BASE = Path(settings.BASE_DIR)

PUBLIC_PAGES = {
    "public-ranking", "public-ranking-period", "public-ranking-entries", "public-ranking-not-ranked",
    "public-neighbourhood", "public-why", "public-why-pdf", "public-objection-new", "objection-status",
    "public-ranking-differences", "ranking-csv", "ranking-xlsx", "ranking-feed", "sign-in", "language", "district-outlines",
    "public-bulletins", "public-bulletin", "public-bulletin-file",
    "rating-by-code", "rating-by-link", "rating-of-case", "rating-thanks", "appraisal-integrity",
    "report", "report-places", "report-done", "report-status", "report-case", "report-photo", "report-qr",
    "open311-discovery", "open311-services", "open311-definition", "open311-requests", "open311-request",
    "open311-token", "open311-photo", "open311-nothing",
}  # fmt: skip
"""What anybody may open without signing in. Everything else asks who you are."""


def routes(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, entry


def test_the_ladder_holds():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=BASE, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_every_page_asks_for_sign_in_unless_it_is_on_the_public_list():
    pages = {entry.name: entry.callback for path, entry in routes() if not path.startswith(("admin/", "api/"))}
    marked = {name for name, view in pages.items() if getattr(view, "is_public", False)}
    assert marked == PUBLIC_PAGES


def test_every_scoped_model_reaches_a_region():
    for model in apps.get_models():
        rows = model._default_manager.all()
        if not isinstance(rows, ScopedQuerySet) or isinstance(rows, CityWideQuerySet) or model is Region:
            continue
        path = rows.path_lookup
        if isinstance(rows, EnterpriseScopedQuerySet):
            path = "__".join(filter(None, [rows.enterprise_lookup, "registered_district__path"]))
        field = model
        for step in path.split("__")[:-1]:
            field = field._meta.get_field(step).related_model
        assert field is Region, model


def test_every_move_names_a_permission_that_some_role_holds():
    held = frozenset().union(*ROLES.values())
    assert set(ROLES) == set(Role)
    assert held == set(Permission)
    tables = [model.MOVES for model in apps.get_models() if hasattr(model, "MOVES")]
    assert Ranking.MOVES in tables
    for moves in tables:
        assert set(moves.values()) <= held


@pytest.mark.parametrize("path", sorted((BASE / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_every_template_compiles(path):
    get_template(str(path.relative_to(BASE / "templates")))


def test_no_text_of_the_screen_lacks_its_chinese():
    catalogue = translations.read_catalogue()
    assert translations.missing(catalogue) + translations.untranslated(catalogue) == []


def test_no_migration_is_missing(db):
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


def test_no_file_is_called_i_did_not_decide():
    names = {"utils", "helpers", "common", "services", "managers", "signals", "constants", "misc"}
    found = [path for app in OWN_APPS for path in (BASE / app).rglob("*.py") if path.stem in names]
    assert found == []
