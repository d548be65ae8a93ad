"""The back office of evaluations: policy records. Rankings are worked on at the rankings desk, never here."""

from django.contrib import admin

from evaluations.models import Ranking, RankingPolicy
from portal.admin import ReadOnly


@admin.register(RankingPolicy)
class RankingPolicies(admin.ModelAdmin):
    """A record is added; one that a ranking has applied is not changed or deleted any more: a new document supersedes it."""

    list_display = ("document", "effective_from", "window_periods", "list_size", "notice_days")
    date_hierarchy = "effective_from"

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not _is_applied(obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not _is_applied(obj)


def _is_applied(policy: RankingPolicy | None) -> bool:
    return policy is not None and Ranking.objects.filter(policy=policy).exists()


@admin.register(Ranking)
class Rankings(ReadOnly):
    list_display = ("period", "revision", "status", "eligible", "not_ranked", "computed_at", "published_at")
    list_filter = ("status",)
