from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from portal.menu import MenuEntry
from portal.roles import Permission


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Portal")

    def ready(self):
        from portal import checks, openapi  # noqa: F401 - registers them

    @property
    def menu(self):
        return [
            MenuEntry(
                _("Registers"), _("All registers"), "register-index", "books", "registers", Permission.VIEW_ESTATES
            ),
            MenuEntry(
                _("Registers"),
                _("Imports and exports"),
                "import-list",
                "database-import",
                "imports",
                Permission.KEEP_ESTATES,
            ),
            MenuEntry(
                _("Registers"), _("Data integrity"), "integrity", "stethoscope", "integrity", Permission.VIEW_ESTATES
            ),
            MenuEntry(
                _("Operation"), _("Outbox"), "outbox", "mail-forward", "outbox", Permission.KEEP_NOTICES, is_last=True
            ),
            MenuEntry(
                _("Operation"), _("Webhooks"), "webhooks", "webhook", "webhooks", Permission.KEEP_WEBHOOKS, is_last=True
            ),
        ]

    @property
    def registers(self):
        from portal.workdays.registers import REGISTERS

        return REGISTERS

    @property
    def city_files(self):
        from portal import resources

        return [
            resources.CityJson(),
            resources.DistrictRows(),
            resources.StreetRows(),
            resources.CommunityRows(),
            resources.AgencyRows(),
            resources.BoundariesGeoJson(),
        ]

    @staticmethod
    def home_cards(user):
        from portal import duties

        return duties.cards(user)
