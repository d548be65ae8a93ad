"""The back office of enterprises: who works for which. The register itself comes with the city package."""

from django.contrib import admin

from enterprises.models import Enterprise, EnterpriseMembership
from portal.admin import ReadOnly


@admin.register(Enterprise)
class Enterprises(ReadOnly):
    list_display = ("uscc", "name", "origin", "is_public_benefit")
    list_filter = ("origin", "is_public_benefit")
    search_fields = ("uscc", "name", "initials")


@admin.register(EnterpriseMembership)
class Memberships(admin.ModelAdmin):
    list_display = ("user", "enterprise")
    list_select_related = ("user", "enterprise")
    search_fields = ("user__username", "user__name", "enterprise__name", "enterprise__uscc")
    autocomplete_fields = ("user", "enterprise")
