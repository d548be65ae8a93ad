"""Cases by API: one result per row, idempotent, in scope, and nothing half-done."""

import json
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from estates.models import Estate
from evaluations import intake
from evaluations.api.cases import EXAMPLE
from evaluations.models import AppraisalCase
from portal.models import AuditEntry, Grant, Region, User
from portal.roles import Role
from portal.wsgi import application
from tests import world
from tests.api.conftest import API, client_of, post, problem


def stored(case_no: str = EXAMPLE["case_no"]) -> AppraisalCase:
    return AppraisalCase.objects.get(source="test", case_no=case_no)


def case(**changes) -> dict:
    return EXAMPLE | {"source": "test"} | changes


def statuses(response) -> list[str]:
    return [row["status"] for row in response.json()["results"]]


def test_one_case_is_created_then_unchanged_then_updated(api):
    first = post(api, case())
    assert (first.status_code, statuses(first)) == (201, ["created"])
    assert (stored().category, stored().enterprise.uscc) == ("lift", stored().estate.assignments.get().enterprise.uscc)
    again = post(api, case())
    assert (again.status_code, statuses(again)) == (200, ["unchanged"])
    changed = post(api, case(rating=5, rated_at="2021-10-26T09:30:00+08:00", resolved="yes"))
    assert (changed.status_code, statuses(changed)) == (200, ["updated"])
    assert stored().rating == 5
    assert AppraisalCase.objects.filter(source="test").count() == 1


def test_the_street_of_the_neighbourhood_may_answer_and_no_other(api):
    street = Estate.objects.get(code=EXAMPLE["estate_code"]).community.parent
    assert post(api, case(responsible=street.code)).status_code == 201
    assert (stored().street, stored().enterprise, stored().agency) == (street, None, None)
    row = api.get(f"{API}cases/", {"source": "test"}).json()["results"][0]
    assert row["responsible"] == street.code
    assert statuses(post(api, case(responsible=street.code))) == ["unchanged"]
    assert statuses(post(api, case(responsible="enterprise"))) == ["updated"]
    assert stored().street is None and stored().enterprise is not None
    other = Region.objects.filter(level="street").exclude(pk=street.pk).first()
    assert post(api, case(responsible=other.code)).status_code == 422


def test_no_other_system_writes_cases_of_the_portal_itself(api):
    refused = post(api, case(source="portal"))
    assert refused.status_code == 422
    assert not AppraisalCase.objects.filter(source="portal").exists()


def test_texts_are_taken_where_json_has_its_own_type(api):
    texts = case(rating="4", rated_at="2021-10-26T01:30:00Z", rating_withdrawn="true", handled_at="", resolved=None)
    assert post(api, texts).status_code == 201
    assert (stored().rating, stored().rating_withdrawn, stored().handled_at) == (4, True, None)


def test_good_rows_are_taken_though_others_are_rejected(api):
    response = post(api, [case(case_no="a"), case(case_no="b", estate_code="NOWHERE", rating=9), case(case_no="c")])
    assert response.status_code == 207
    assert statuses(response) == ["created", "rejected", "created"]
    assert {row["pointer"] for row in response.json()["results"][1]["errors"]} == {"/rating"}
    unknown = post(api, [case(case_no="a"), case(case_no="b", estate_code="NOWHERE", responsible="nobody")])
    assert [row["pointer"] for row in unknown.json()["results"][1]["errors"]] == ["/estate_code", "/responsible"]
    assert set(AppraisalCase.objects.filter(source="test").values_list("case_no", flat=True)) == {"a", "c"}


def test_a_case_named_twice_in_one_request_is_taken_once(api):
    response = post(api, [case(case_no="a"), case(case_no="a", category="other")])
    assert statuses(response) == ["created", "rejected"]
    assert "index 0" in response.json()["results"][1]["errors"][0]["detail"]
    assert stored("a").category == "lift"


def test_all_rejected_is_a_problem_with_a_result_per_row(api):
    one = problem(post(api, case(accepted_at="2021-10-17T00:00:00+08:00")), 422)
    assert one["errors"] == [{"pointer": "/accepted_at", "detail": "lies before the report."}]
    many = problem(post(api, [case(reported_at="2021-10-18T09:30:00"), case(case_no="")]), 422)
    assert [error["pointer"] for error in many["errors"]] == ["/0/reported_at", "/1/case_no"]
    assert [row["status"] for row in many["results"]] == ["rejected", "rejected"]
    assert not AppraisalCase.objects.filter(source="test").exists()


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"category": "a\x00b"}, "/category"),
        ({"case_no": "\ud800"}, "/case_no"),
        ({"estate_code": "\udfff"}, "/estate_code"),
        ({"responsible": "\x00"}, "/responsible"),
        ({"rating": 10**30}, "/rating"),
        ({"rating": 5.0}, "/rating"),
        ({"rating": True}, "/rating"),
        ({"rating_withdrawn": 1}, "/rating_withdrawn"),
        ({"source": ["a"]}, "/source"),
        ({"source": "x" * 41}, "/source"),
        ({"estate_code": "x" * 100_000}, "/estate_code"),
        ({"reported_at": "9999-12-31T23:59:59-23:59"}, "/reported_at"),
        ({"reported_at": "0001-01-01T00:00:00+23:59"}, "/reported_at"),
        ({"reported_at": "yesterday"}, "/reported_at"),
        ({"a/b~\ud800": 1}, "/a~1b~0?"),
    ],
)
def test_hostile_values_are_named(api, changes, pointer):
    assert pointer in [error["pointer"] for error in problem(post(api, case(**changes)), 422)["errors"]]


@pytest.mark.parametrize(
    "body",
    ["{", "[", "nul", "NaN", '{"rating": ' + "9" * 5000 + "}", "[" * 100_000, b"\xff\xfe", b"\xef\xbb\xbf{}", "[]"],
    ids=lambda body: repr(body[:8]),
)
def test_bodies_that_are_none_are_malformed(api, body):
    problem(post(api, body), 400)


def test_rows_that_are_no_objects_are_rejected(api):
    assert len(problem(post(api, [1, None, [], "x"]), 422)["results"]) == 4
    problem(post(api, "7"), 422)
    assert {"pointer": "/case_no", "detail": "is empty."} in problem(post(api, ""), 422)["errors"]


def test_a_request_holds_a_thousand_cases(api):
    problem(post(api, [case(case_no=str(number)) for number in range(1001)]), 400)
    assert post(api, [case(case_no=str(number)) for number in range(1000)]).json()["created"] == 1000


def test_a_body_that_is_too_large_is_refused(api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    problem(post(api, [case()] * 10), 413)


def test_another_media_type_is_refused(api):
    problem(api.post(API + "cases/", "a,b", content_type="text/csv"), 415)
    problem(post(api, case(), accept="text/csv"), 406)


@pytest.mark.parametrize("charset", ["klingon", "zlib", "hex", "utf-16", "rot13", "punycode", "undefined"])
def test_json_is_utf_8_whatever_the_header_claims(people, charset):
    body = json.dumps(case()).encode()
    environ = RequestFactory()._base_environ(
        REQUEST_METHOD="POST", PATH_INFO=API + "cases/", CONTENT_TYPE=f"application/json; charset={charset}",
        CONTENT_LENGTH=str(len(body)), HTTP_AUTHORIZATION=f"Token {world.token_for(people.api_client)}",
    )  # fmt: skip
    answered = []
    for query in ("%41=%42", ""):
        environ |= {"QUERY_STRING": query, "wsgi.input": BytesIO(body)}
        answered.append(application.get_response(application.request_class(environ)).status_code)
    assert answered == [400, 201]


def test_the_work_does_not_grow_with_the_rows(api, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        post(api, [case(case_no=str(number)) for number in range(300)])


def test_each_request_is_written_down_once_without_persons(api, people):
    post(api, [case(case_no="a"), case(case_no="b", estate_code="NOWHERE")])
    entry = AuditEntry.objects.get(verb="cases.submit")
    assert entry.by == people.api_client
    assert entry.details == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 1}


# --- scope --------------------------------------------------------------------------------------------------------------


def code_in(district: str) -> str:
    return Estate.objects.filter(community__parent__parent__code=district).order_by("code").first().code


@pytest.fixture
def eastern(people) -> Client:
    """A client of the eastern district only."""
    user = User.objects.create(username="eastern_client")
    Grant.objects.create(user=user, role=Role.API_CLIENT, region=Region.objects.get(code=world.EAST))
    return client_of(user)


def test_an_estate_elsewhere_is_an_unknown_code(eastern):
    problem(post(eastern, case(estate_code=code_in(world.WEST))), 422)
    assert post(eastern, case(estate_code=code_in(world.EAST))).status_code == 201


def test_a_case_of_another_district_cannot_be_taken_over(api, eastern):
    post(api, case(estate_code=code_in(world.WEST)))
    found = problem(post(eastern, case(estate_code=code_in(world.EAST))), 422)
    assert found["errors"][0]["pointer"] == "/case_no"
    assert stored().estate.code == code_in(world.WEST)


def test_reading_is_scoped_and_walks_every_row_once(api, eastern):
    east = AppraisalCase.objects.filter(estate__community__parent__parent__code=world.EAST)
    for client, rows in ((api, AppraisalCase.objects.all()), (eastern, east)):
        address, seen = API + "cases/?page_size=1000", []
        while address:
            page = client.get(address).json()
            seen += [(row["source"], row["case_no"]) for row in page["results"]]
            address = page["next"]
        assert len(seen) == len(set(seen)) == rows.count() > 0


def test_what_is_read_can_be_sent_back(api):
    post(api, case(rating=3, rated_at="2021-10-26T09:30:00+08:00"))
    row = api.get(API + "cases/?source=test").json()["results"][0]
    row.pop("enterprise_uscc")
    assert statuses(post(api, row)) == ["unchanged"]


def test_filters_narrow(api):
    def rows(query):
        return api.get(f"{API}cases/?page_size=1000&{query}").json()["results"]

    assert {row["reported_at"][:7] for row in rows("period=2021-10-H2")} == {"2021-10"}
    assert {row["estate_code"] for row in rows("estate=E00001")} == {"E00001"}
    assert {bool(row["excluded"]) for row in rows("stage=excluded")} == {True}
    assert {row["handled_at"] for row in rows("stage=open")} == {None}
    assert {row["responsible"] for row in rows("agency=fire")} == {"fire"}
    for nothing in ("district=nowhere", "agency=nobody", "estate=NOWHERE", "source=nowhere"):
        assert rows(nothing) == []
    for query in ("period=2021", "stage=x", "q=%00", "agency=%00", "estat=E00001"):
        problem(api.get(f"{API}cases/?{query}"), 400)


@pytest.mark.parametrize("count", [5, 25])
def test_a_list_takes_the_same_queries_for_few_rows_and_for_many(api, django_assert_max_num_queries, count):
    with django_assert_max_num_queries(8):
        assert len(api.get(f"{API}cases/?page_size={count}").json()["results"]) == count


# --- two at once --------------------------------------------------------------------------------------------------------


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """Writes that other connections see; what the test stored is removed afterwards."""
    with django_db_blocker.unblock():
        AppraisalCase.objects.filter(source="race").delete()
        yield
        AppraisalCase.objects.filter(source="race").delete()


def test_two_requests_at_once_create_each_case_once_and_do_not_lock_each_other_out(committed):
    references = intake.References.of()
    numbers = [str(number) for number in range(400)]

    def submit(order):
        values = [
            str(case(case_no=number, source="race").get(name) or "") for number in order for name in intake.COLUMNS
        ]
        size = len(intake.COLUMNS)
        rows = [
            intake.check(place, values[place * size : (place + 1) * size], references) for place in range(len(order))
        ]
        assert all(isinstance(row, intake.StagedCase) for row in rows), rows[0]
        try:
            return list(intake.submit(rows).values())
        finally:
            connection.close()

    for _round in range(3):
        with ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(submit, [numbers, numbers[::-1], numbers, numbers[::-1]]))
        assert sum(outcome.count("created") for outcome in outcomes) == 400
        assert sum(outcome.count("unchanged") for outcome in outcomes) == 1200
        AppraisalCase.objects.filter(source="race").delete()


def test_an_answer_is_json_that_any_program_reads(api):
    assert json.loads(post(api, case(category="电梯“卡”")).content)["created"] == 1
