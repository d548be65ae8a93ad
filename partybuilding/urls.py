"""Names of the pages of Party building: a contract with other apps."""

from django.urls import path

from partybuilding import views

urlpatterns = [
    path("party-building/", views.overview, name="party-overview"),
    path("enterprises/<str:uscc>/party/", views.enterprise_party, name="enterprise-party"),
]
