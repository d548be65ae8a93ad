from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from portal.menu import MenuEntry
from portal.roles import Permission


class EstatesConfig(AppConfig):
    name = "estates"
    verbose_name = _("Neighbourhoods")

    @property
    def city_files(self):
        from estates.resources import EstateRows

        return [EstateRows()]

    @property
    def integrity_checks(self):
        from estates.integrity import CHECKS

        return CHECKS

    @staticmethod
    def duties(user):
        from estates import duties

        return duties.duties(user)

    @property
    def registers(self):
        from estates.registers import REGISTERS

        return REGISTERS

    @property
    def menu(self):
        return [
            MenuEntry(
                _("Registers"),
                _("Neighbourhoods"),
                "estate-list",
                "building-community",
                "estates",
                Permission.VIEW_ESTATES,
            ),
            MenuEntry(
                _("Registers"),
                _("Compliance calendar"),
                "compliance",
                "calendar-check",
                "compliance",
                Permission.VIEW_ESTATES,
            ),
        ]

    @staticmethod
    def after_undone_merge(row):
        from estates.actions import note_presences

        note_presences(row)

    @staticmethod
    def home_figures(user):
        from estates import home

        return home.figures(user)

    @staticmethod
    def search(user, text):
        from estates import home

        return home.search(user, text)
