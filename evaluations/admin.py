"""The back office of evaluations: to look at. Rankings and policies are worked on at their own desks, never here."""

from django.contrib import admin

from evaluations.models import Ranking, RankingPolicy
from portal.admin import ReadOnly


@admin.register(RankingPolicy)
class RankingPolicies(ReadOnly):
    """Two persons decide on a policy, on its own pages: nobody writes one here."""

    list_display = ("document", "status", "effective_from", "window_periods", "list_size", "notice_days")
    list_filter = ("status",)
    date_hierarchy = "effective_from"


@admin.register(Ranking)
class Rankings(ReadOnly):
    list_display = ("period", "revision", "status", "eligible", "not_ranked", "computed_at", "published_at")
    list_filter = ("status",)
