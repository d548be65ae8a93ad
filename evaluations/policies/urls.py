"""Names of the pages of ranking policies: a contract with other apps."""

from django.urls import path

from evaluations.views import policies

urlpatterns: list = [
    path("ranking-policies/", policies.policy_list, name="policy-list"),
    path("ranking-policies/new/", policies.policy_new, name="policy-new"),
    path("ranking-policies/<int:pk>/", policies.policy_page, name="policy"),
    path("ranking-policies/<int:pk>/edit/", policies.policy_edit, name="policy-edit"),
    path("ranking-policies/<int:pk>/trial/", policies.policy_trial, name="policy-trial"),
    path("ranking-policies/<int:pk>/<slug:verb>/", policies.policy_deed, name="policy-deed"),
]
