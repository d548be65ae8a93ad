"""Lines of defence and one courtesy, in the order of ``settings.MIDDLEWARE``."""

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.middleware.locale import LocaleMiddleware
from django.urls import resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "style-src 'self' 'unsafe-inline'",  # bars and charts set their widths inline
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "object-src 'none'",
    )
)


class ContentSecurityPolicy:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        return response


class VisitorLanguage(LocaleMiddleware):
    """The visitor's choice, else the browser's first languages, else Chinese; never in the API's machine answers' shape."""

    def process_request(self, request):
        translation.activate(translation.get_language_from_request(request))
        request.LANGUAGE_CODE = translation.get_language()

    def process_response(self, request, response):
        """Caches on the way learn that the language makes a difference, where it does."""
        if getattr(response, "same_in_every_language", False):
            return response
        patch_vary_headers(response, ("Cookie",))  # the visitor's choice
        return super().process_response(request, response)


class SignInRequired:
    """Every page asks for sign-in unless its view says that it is public (``@public``). The API answers for itself."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if getattr(view, "is_public", False) or request.path.startswith("/api/") or request.user.is_authenticated:
            return None  # the user is asked last: a public page costs no session
        if resolve(request.path_info).app_name == "admin":
            return None  # the back office has its own door
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)


class NoNul:
    """The database keeps no NUL character, so no address asks for one. The API and public pages answer for themselves."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if getattr(view, "is_public", False) or request.path.startswith("/api/"):
            return
        if "\x00" in request.path or any("\x00" in value for values in request.GET.lists() for value in values[1]):
            raise BadRequest("NUL character")


def public(view):
    """Mark a view as open to everybody. A test compares the marked ones with the written list."""
    view.is_public = True
    return view
