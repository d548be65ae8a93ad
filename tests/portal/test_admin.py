"""The back office: only for administrators, and every page of it opens."""

import pytest
from django.contrib import admin
from django.urls import reverse

from portal.models import User


@pytest.fixture
def administrator(db) -> User:
    return User.objects.create_superuser("administrator")


def test_every_page_of_the_back_office_opens(client, administrator, published):
    client.force_login(administrator)
    for model, pages in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert client.get(reverse(f"{name}_changelist")).status_code == 200, model
        row = model._default_manager.first()
        if row is not None:
            assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200, model
        if pages.has_add_permission(_request(administrator)):
            assert client.get(reverse(f"{name}_add")).status_code == 200, model


def _request(user):
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.user = user
    return request


def test_an_applied_policy_cannot_be_changed(client, administrator, published):
    client.force_login(administrator)
    address = reverse("admin:evaluations_rankingpolicy_change", args=[published.policy_id])
    assert client.post(address, {"document": "another"}).status_code == 403


def test_officials_do_not_enter_the_back_office(client, people):
    for person in people:
        client.force_login(person)
        assert client.get("/admin/").status_code == 302
