from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from portal.menu import MenuEntry
from portal.roles import Permission


class BulletinsConfig(AppConfig):
    name = "bulletins"
    verbose_name = _("Bulletins")
    event_kinds = {
        "bulletin.published": _("A bulletin was published"),
        "bulletin.withdrawn": _("A bulletin was withdrawn"),
    }

    @property
    def menu(self):
        return [
            MenuEntry(
                _("Appraisal"),
                _("Bulletins"),
                "bulletin-list",
                "file-certificate",
                "bulletins-desk",
                Permission.VIEW_BULLETINS,
            ),
        ]

    @staticmethod
    def demo_steps(now):
        from bulletins import tour

        if tour.months(now):
            yield str(_("bulletins")), lambda: tour.show(now)
