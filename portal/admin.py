"""The back office of the ground floor: people and grants, bodies, tokens. What is computed or logged is read-only."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from portal.models import Agency, ApiToken, AuditEntry, CityProfile, Grant, JobRun, Region, User

admin.site.site_header = admin.site.site_title = _("Back office")
admin.site.unregister(Group)  # rights come from grants


class ReadOnly(admin.ModelAdmin):
    """Rows that nobody writes by hand."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class GrantInline(admin.TabularInline):
    model = Grant
    extra = 0
    autocomplete_fields = ("region", "agency")


@admin.register(User)
class People(UserAdmin):
    list_display = ("username", "name", "is_active", "last_login")
    list_filter = ("is_active", "is_superuser", "grants__role")
    search_fields = ("username", "name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password", "name", "email")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser", "last_login")}),
    )
    readonly_fields = ("last_login",)
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "name", "usable_password", "password1", "password2")}),
    )
    inlines = (GrantInline,)


@admin.register(Grant)
class Grants(admin.ModelAdmin):
    list_display = ("user", "role", "region", "agency")
    list_filter = ("role",)
    list_select_related = ("user", "region", "agency")
    search_fields = ("user__username", "user__name", "region__name", "agency__name")
    autocomplete_fields = ("user", "region", "agency")


@admin.register(Region)
class Regions(ReadOnly):
    """Places come with the city package."""

    list_display = ("code", "name", "level", "parent")
    list_filter = ("level",)
    list_select_related = ("parent",)
    search_fields = ("code", "name", "initials")
    exclude = ("boundary",)


@admin.register(CityProfile)
class CityProfiles(admin.ModelAdmin):
    list_display = ("region", "bureau", "map_approval")
    readonly_fields = ("region",)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Agency)
class Agencies(admin.ModelAdmin):
    list_display = ("code", "name", "kind", "parent")
    list_filter = ("kind",)
    list_select_related = ("parent",)
    search_fields = ("code", "name")
    autocomplete_fields = ("parent",)


@admin.register(ApiToken)
class ApiTokens(admin.ModelAdmin):
    """Tokens are issued by command, because only then is the secret seen; here they are looked through and revoked."""

    list_display = ("user", "label", "token_key", "created", "expiry")
    list_select_related = ("user",)
    search_fields = ("user__username", "label", "token_key")
    readonly_fields = ("user", "token_key", "permissions", "created", "expiry")
    fields = ("user", "label", "token_key", "permissions", "created", "expiry")

    def has_add_permission(self, request):
        return False


@admin.register(JobRun)
class JobRuns(ReadOnly):
    list_display = ("job", "subject", "status", "started_at", "finished_at", "outcome")
    list_filter = ("job", "status")


@admin.register(AuditEntry)
class AuditEntries(ReadOnly):
    list_display = ("at", "by", "verb", "subject", "reason")
    list_filter = ("verb",)
    list_select_related = ("by",)
    search_fields = ("subject", "reason", "by__username", "by__name")
    date_hierarchy = "at"
