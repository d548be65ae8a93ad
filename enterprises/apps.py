from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from portal.menu import MenuEntry
from portal.roles import Permission


class EnterprisesConfig(AppConfig):
    name = "enterprises"
    verbose_name = _("Enterprises")

    @staticmethod
    def member_has_perm(user, permission: str) -> bool:
        """Whether ``user`` holds ``permission`` as the staff of some enterprise."""
        from enterprises.models import enterprises_of

        return bool(enterprises_of(user, permission))

    @property
    def city_files(self):
        from enterprises.resources import EnterpriseRows

        return [EnterpriseRows()]

    @property
    def integrity_checks(self):
        from enterprises.integrity import CHECKS

        return CHECKS

    @property
    def registers(self):
        from enterprises.registers import REGISTERS

        return REGISTERS

    @property
    def menu(self):
        return [
            MenuEntry(
                _("Registers"),
                _("Enterprises"),
                "enterprise-list",
                "building",
                "enterprises",
                Permission.VIEW_ENTERPRISES,
            )
        ]

    @staticmethod
    def home_figures(user):
        from enterprises import home

        return home.figures(user)

    @staticmethod
    def search(user, text):
        from enterprises import home

        return home.search(user, text)
