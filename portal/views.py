"""Pages of the ground floor: sign-in and out, language, the map's outlines, search across the registers."""

from django.apps import apps
from django.conf import settings
from django.contrib.auth import views as auth_views
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal import home as home_page
from portal.forms import PasswordChangeForm, SignInForm
from portal.middleware import public
from portal.models import Region


@method_decorator(public, name="dispatch")
class SignIn(auth_views.LoginView):
    template_name = "people/sign_in.html"
    authentication_form = SignInForm


class SignOut(auth_views.LogoutView):
    pass


class PasswordChange(auth_views.PasswordChangeView):
    template_name = "people/password_change.html"
    form_class = PasswordChangeForm
    success_url = reverse_lazy("home")


@public
@require_safe
def choose_language(request: HttpRequest, code: str) -> HttpResponse:
    """Remember the visitor's language and go back to where they were."""
    target = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    if code in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=365 * 86_400, samesite="Lax", httponly=True)
    return response


@public
@require_safe
@cache_control(public=True, max_age=3600)
def district_outlines(request: HttpRequest) -> HttpResponse:
    """The districts that have a boundary, as GeoJSON; ``properties`` carry code, name and peer group."""
    features = [
        district.boundary
        | {
            "properties": (district.boundary.get("properties") or {})
            | {"code": district.code, "name": district.name, "peer_group": district.peer_group}
        }
        for district in Region.objects.districts().exclude(boundary=None)
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features}, content_type="application/geo+json")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where an official's day begins: what the installed apps show this person, all of it in their own scope."""
    context = {
        "section": "home",
        "now": timezone.now(),
        "figures": home_page.figures(request.user),
        "cards": home_page.cards(request.user),
    }
    return render(request, "home.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What the installed apps find for ``q`` in this person's scope."""
    text = request.GET.get("q", "").strip().replace("\x00", "")[:100]
    found = []
    if text:
        for config in apps.get_app_configs():
            found += getattr(config, "search", lambda user, text: [])(request.user, text)
    return render(request, "search.html", {"text": text, "found": found})
