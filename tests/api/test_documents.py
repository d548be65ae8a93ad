"""Ready documents: what is kept, for how long, and what never is."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.test import RequestFactory
from django.utils import translation

from portal.documents import published as documents
from portal.documents.published import Body, Document, Shelf, published_document


class Session(dict):
    accessed = False


class Counting:
    """A view that says how often it was asked; ``make`` builds its answer."""

    def __init__(self, make=lambda request: HttpResponse("text")):
        self.asked, self.make = 0, make
        self.__name__ = "view"

    def __call__(self, request, **kwargs):
        self.asked += 1
        return self.make(request)


class Now:
    """A version that the test sets."""

    value = "1"

    def __call__(self):
        return self.value


def ask(view, path="/x", method="get", cookies=(), **headers):
    request = getattr(RequestFactory(headers=headers), method)(path)
    request.COOKIES.update(cookies)
    if cookies:
        request.META["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in dict(cookies).items())
    request.session, request.user = Session(), AnonymousUser()
    return view(request)


def test_the_view_is_asked_once_until_the_version_changes(monkeypatch):
    monkeypatch.setattr(documents, "FRESH_SECONDS", 0)
    inner, version = Counting(), Now()
    view = published_document(version, max_age=5)(inner)
    assert [ask(view).content for _ in range(3)] == [b"text"] * 3
    assert inner.asked == 1
    version.value = "2"
    ask(view)
    assert inner.asked == 2


def test_the_version_is_not_read_at_every_request():
    class Reading(Now):
        read = 0

        def __call__(self):
            self.read += 1
            return "1"

    version = Reading()
    view = published_document(version, max_age=5)(Counting())
    for _ in range(5):
        ask(view)
    assert version.read == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda request: HttpResponse("no", status=404),
        lambda request: HttpResponseRedirect("/"),
        lambda request: StreamingHttpResponse(["a"]),
    ],
)
def test_errors_and_streams_are_not_kept(make):
    inner = Counting(make)
    view = published_document(Now(), max_age=5)(inner)
    ask(view), ask(view)
    assert inner.asked == 2


def test_a_cookie_is_never_kept():
    def make(request):
        response = HttpResponse("text")
        response.set_cookie("a", "b")
        return response

    inner = Counting(make)
    view = published_document(Now(), max_age=5)(inner)
    assert "private" in ask(view)["Cache-Control"]
    assert ask(view).cookies
    assert inner.asked == 2


def test_what_a_signed_in_person_sees_is_neither_kept_nor_replaced_by_what_strangers_see():
    def make(request):
        request.session.accessed = True
        return HttpResponse("Lin" if request.COOKIES else "stranger")

    view = published_document(Now(), max_age=5)(Counting(make))
    signed_in = {"sessionid": "abc"}
    assert ask(view, cookies=signed_in).content == b"Lin"
    stranger = ask(view)
    assert (stranger.content, stranger["Vary"]) == (b"stranger", "Cookie")
    assert ask(view, cookies=signed_in).content == b"Lin"
    assert ask(view).content == b"stranger"


def test_each_language_has_its_own_body_where_it_matters():
    inner = Counting(lambda request: HttpResponse(translation.get_language()))
    view = published_document(Now(), max_age=5, by_language=True)(inner)
    with translation.override("zh-hans"):
        chinese = ask(view)
    with translation.override("en"):
        english = ask(view)
    assert (chinese.content, english.content) == (b"zh-hans", b"en")
    assert english["Vary"] == "Accept-Language, Cookie"


def test_other_methods_go_through():
    inner = Counting()
    view = published_document(Now(), max_age=5)(inner)
    ask(view, method="post"), ask(view, method="post")
    assert inner.asked == 2


def test_the_shelf_is_bounded_in_number_and_bytes():
    shelf = Shelf(max_documents=3, max_bytes=100_000)

    def document(size):
        return Document("1", Body(b"x" * size), {}, False, False)

    for number in range(5):
        shelf.put((number,), document(10))
    assert [shelf.get((number,), "1") is None for number in range(5)] == [True, True, False, False, False]
    shelf.put((9,), document(90_000))
    assert shelf.get((9,), "1") is None  # one document does not empty the shelf
    for number in range(20):
        shelf.put((number,), document(20_000))
    assert shelf.size <= 100_000
    assert shelf.get((19,), "2") is None  # another version


@pytest.mark.parametrize(
    ("accept_encoding", "packed"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("", False), ("identity", False)],
)
def test_gzip_is_sent_to_who_takes_it(accept_encoding, packed):
    view = published_document(Now(), max_age=5)(Counting(lambda request: HttpResponse("text " * 1000)))
    response = ask(view, **{"accept-encoding": accept_encoding})
    assert ("Content-Encoding" in response) is packed


def test_a_crowd_that_asks_for_a_new_document_has_it_made_once(rf):
    """Eight readers at once, right after a publication: one renders, the others wait for it."""
    from concurrent.futures import ThreadPoolExecutor
    from time import sleep

    made = []

    def slow(request):
        made.append(request)
        sleep(0.05)
        return HttpResponse("text")

    view = published_document(Now(), max_age=5)(slow)
    with ThreadPoolExecutor(8) as readers:
        answers = list(readers.map(lambda _: view(rf.get("/crowd/")).content, range(8)))
    assert answers == [b"text"] * 8
    assert len(made) == 1
