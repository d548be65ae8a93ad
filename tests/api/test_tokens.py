"""Tokens: shown once, bounded by their account, and written down."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.models import ApiToken, AuditEntry
from tests.api.conftest import API, problem


def create(*words) -> str:
    out = StringIO()
    call_command("create_token", *words, stdout=out)
    return out.getvalue().strip()


def test_a_token_works_is_stored_as_a_hash_and_written_down(client, people):
    token = create("api_client", "--may", "estates.view", "--days", "5", "--label", "hotline")
    assert client.get(API + "estates/", headers={"authorization": f"Token {token}"}).status_code == 200
    problem(client.get(API + "cases/", headers={"authorization": f"Token {token}"}), 403)
    row = ApiToken.objects.get()
    assert token not in (row.digest, row.token_key)
    assert (row.label, row.permissions, (row.expiry - row.created).days in (4, 5)) == (
        "hotline",
        ["estates.view"],
        True,
    )
    entry = AuditEntry.objects.get(verb="tokens.create")
    assert entry.details["permissions"] == ["estates.view"]
    assert token not in str(entry.details)


def test_an_expired_token_is_refused(client, people):
    token = create("api_client", "--may", "estates.view")
    ApiToken.objects.update(expiry="2021-01-01T00:00:00Z")
    problem(client.get(API + "estates/", headers={"authorization": f"Token {token}"}), 401)


@pytest.mark.parametrize(
    "words",
    [
        ("nobody", "--may", "estates.view"), ("api_client", "--may", "rankings.sign"), ("stranger", "--may", "estates.view"),
        ("api_client", "--may", "everything"), ("api_client",), ("api_client", "--may", "estates.view", "--days", "0"),
        ("api_client", "--may", "estates.view", "--days", "99999999999"),
        ("api_client", "--may", "estates.view", "--label", "x" * 101),
    ],
)  # fmt: skip
def test_what_cannot_be_given_is_refused_and_nothing_is_kept(people, words):
    with pytest.raises(CommandError):
        create(*words)
    assert not ApiToken.objects.exists()
