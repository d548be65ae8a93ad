"""Published documents: what everybody reads and nobody changes, served as ready bytes from the process's memory.

``@published_document(version, max_age=60)`` goes around a Django view or a DRF ``as_view()``. A body that was made once
is served again, with a strong ETag, 304, HEAD and gzip, until ``version()`` says something else; it is asked at most
once a second per process. A hit costs neither database nor template, and is not throttled. Errors are never kept, and
what a signed-in person gets is never kept or shown to another.
"""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial, wraps
from threading import Lock
from time import monotonic

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import get_language
from rest_framework.utils.mediatypes import media_type_matches, order_by_precedence

MAX_DOCUMENTS = 10_000
MAX_BYTES = 64 * 2**20
MAX_KEY = 1000
"""Longer addresses are answered, but not kept."""
FRESH_SECONDS = 1.0
WORTH_COMPRESSING = 1000

IMMUTABLE = "public, max-age=31536000, immutable"
"""Cache-Control of a document whose address names one revision; a view sets it on its response."""


class Body:
    """Bytes with their strong entity tag."""

    def __init__(self, content: bytes, encoding: str = "") -> None:
        self.content, self.encoding = content, encoding
        self.etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'

    def is_known_to(self, if_none_match: str) -> bool:
        tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
        return self.etag in tags or tags == ["*"]


@dataclass(eq=False)
class Document:
    """A response that can be given again. ``personal``: its view looks at who is signed in."""

    version: str
    plain: Body
    headers: dict[str, str]
    personal: bool
    by_language: bool
    packed: Body | None = None

    @property
    def size(self) -> int:
        return len(self.plain.content) + (len(self.packed.content) if self.packed else 0) + 1000

    def response(self, request: HttpRequest) -> HttpResponse:
        body = self.plain
        if self.packed is not None and _accepts_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            body = self.packed
        known = request.META.get("HTTP_IF_NONE_MATCH")
        if known is not None and body.is_known_to(known):
            response = HttpResponse(status=304)
        else:
            response = HttpResponse(body.content if request.method != "HEAD" else b"")
            response.headers["Content-Length"] = str(len(body.content))
            if body.encoding:
                response.headers["Content-Encoding"] = body.encoding
        for name, value in self.headers.items():
            response.headers[name] = value
        response.headers["ETag"] = body.etag
        response.same_in_every_language = not self.by_language
        return response


@lru_cache(maxsize=256)
def _accepts_gzip(accept_encoding: str) -> bool:
    for part in accept_encoding.lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";q=")
        if coding == "gzip":
            return weight not in ("0", "0.0", "0.00", "0.000")
    return False


@dataclass(eq=False)
class Shelf:
    """The documents at hand, least recently used out first; bounded in number and in bytes."""

    max_documents: int = MAX_DOCUMENTS
    max_bytes: int = MAX_BYTES
    size: int = 0
    _documents: "OrderedDict[tuple, Document]" = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: tuple, version: str) -> Document | None:
        with self._lock:
            document = self._documents.get(key)
            if document is None or document.version != version:
                return None
            self._documents.move_to_end(key)
            return document

    def put(self, key: tuple, document: Document) -> None:
        if document.size > self.max_bytes // 4:
            return
        with self._lock:
            before = self._documents.pop(key, None)
            self._documents[key] = document
            self.size += document.size - (before.size if before else 0)
            while self.size > self.max_bytes or len(self._documents) > self.max_documents:
                self.size -= self._documents.popitem(last=False)[1].size

    def clear(self) -> None:
        with self._lock:
            self._documents.clear()
            self.size = 0

    def __len__(self) -> int:
        return len(self._documents)


class Version:
    """What ``read()`` says, asked at most once in :data:`FRESH_SECONDS`, by one thread while the others keep the old answer."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._read, self._value, self._until = read, None, 0.0
        self._lock = Lock()

    def __call__(self) -> str:
        if monotonic() >= self._until and self._lock.acquire(blocking=self._value is None):
            try:
                if monotonic() >= self._until:
                    self._value = self._read()
                    self._until = monotonic() + FRESH_SECONDS
            finally:
                self._lock.release()
        return self._value

    def forget(self) -> None:
        self._value, self._until = None, 0.0


_shelf = Shelf()
_making = [Lock() for _ in range(64)]
"""Locks shared out among the keys: after a publication a crowd asks for the same page, and it is made once."""
_versions: dict[Callable[[], str], Version] = {}


def forget_all() -> None:
    """Drop every document and ask for the versions anew: for tests, which undo what they published."""
    _shelf.clear()
    for version in _versions.values():
        version.forget()


def published_document(version: Callable[[], str], *, max_age: int, by_language: bool = False):
    """Decorate a view whose answer is the same for everybody while ``version()`` stays the same.

    ``max_age`` (seconds) is for caches on the way, which revalidate afterwards; a view that sets ``Cache-Control`` itself
    keeps its own. ``by_language``: the body depends on the visitor's language.
    """
    current = _versions.setdefault(version, Version(version))

    def decorate(view):
        renderers = getattr(getattr(view, "cls", None), "renderer_classes", None)
        negotiated = lru_cache(maxsize=256)(partial(_negotiated, renderers)) if renderers else lambda accept: ""

        @wraps(view)
        def shelved(request: HttpRequest, *args, **kwargs):
            if request.method not in ("GET", "HEAD"):
                return view(request, *args, **kwargs)
            now = current()
            signed_in = "HTTP_COOKIE" in request.META and settings.SESSION_COOKIE_NAME in request.COOKIES
            key = (
                request.META.get("HTTP_HOST"), request.scheme, request.path, _sorted(request.META.get("QUERY_STRING", "")),
                negotiated(request.META.get("HTTP_ACCEPT", "*/*")), get_language() if by_language else "",
            )  # fmt: skip
            document = _shelf.get(key, now)
            if document is not None and not (document.personal and signed_in):
                return document.response(request)
            if signed_in:
                return made(request, key, now, signed_in, args, kwargs)
            with _making[hash(key) % len(_making)]:  # one makes it, whoever asks meanwhile waits for that
                document = _shelf.get(key, now)
                return document.response(request) if document else made(request, key, now, signed_in, args, kwargs)

        def made(request: HttpRequest, key: tuple, now: str, signed_in: bool, args, kwargs) -> HttpResponse:
            response = view(request, *args, **kwargs)
            if not getattr(response, "is_rendered", True):
                response.render()
            if response.status_code != 200 or response.streaming:
                return response
            looked_at_person = getattr(getattr(request, "session", None), "accessed", False)
            if response.cookies or request.META.get("CSRF_COOKIE_NEEDS_UPDATE") or (looked_at_person and signed_in):
                patch_cache_control(response, private=True)
                return response
            document = _document(response, now, max_age, by_language, personal=looked_at_person)
            if len(key[2]) + len(key[3]) <= MAX_KEY:
                _shelf.put(key, document)
            return document.response(request)

        return shelved

    return decorate


def _document(response: HttpResponse, version: str, max_age: int, by_language: bool, *, personal: bool) -> Document:
    content = bytes(response.content)
    response.headers.setdefault("Cache-Control", f"public, max-age={max_age}, must-revalidate")
    if by_language:
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
    if personal:
        patch_vary_headers(response, ("Cookie",))
    packed = None
    if len(content) >= WORTH_COMPRESSING:
        packed = Body(gzip.compress(content, 6, mtime=0), "gzip")
        patch_vary_headers(response, ("Accept-Encoding",))
    headers = {name: value for name, value in response.items() if name not in ("Content-Length", "ETag")}
    return Document(version, Body(content), headers, personal, by_language, packed)


def _negotiated(renderers, accept: str) -> str:
    """The media type that DRF will answer ``accept`` with; the header itself where it takes none (that is a 406)."""
    for wanted in order_by_precedence([part.strip() for part in accept.split(",")]):
        for media_type in wanted:
            for renderer in renderers:
                if media_type_matches(renderer.media_type, media_type):
                    return renderer.media_type
    return accept


def _sorted(query: str) -> str:
    return "&".join(sorted(query.split("&"))) if "&" in query else query
