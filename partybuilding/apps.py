from django.apps import AppConfig
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.menu import MenuEntry
from portal.roles import Permission


class PartybuildingConfig(AppConfig):
    name = "partybuilding"
    verbose_name = _("Party building")

    @property
    def menu(self):
        return [
            MenuEntry(_("Registers"), _("Party building"), "party-overview", "flag", "party", Permission.VIEW_ESTATES),
        ]

    @property
    def integrity_checks(self):
        from partybuilding.integrity import CHECKS

        return CHECKS

    @staticmethod
    def duties(user):
        from partybuilding import duties

        return duties.duties(user)

    @property
    def registers(self):
        from partybuilding.registers import REGISTERS

        return REGISTERS

    @staticmethod
    def stage_facts(estate, enterprise_id: int) -> dict[str, bool]:
        """What the rule of the development path asks of Party building."""
        from partybuilding.coverage import stage_facts

        return stage_facts(estate, enterprise_id)

    @staticmethod
    def award_obstacles(round, enterprise) -> list[str]:
        """Why ``enterprise`` may not get an award of ``round``, as far as Party building is concerned.

        Source: 2021 report: all demonstration projects' enterprises have a Party organisation.
        """
        from partybuilding.models import PartyCoverage

        if round.award != "demo_project":
            return []
        if PartyCoverage.objects.current().by_organisation().filter(enterprise=enterprise).exists():
            return []
        return [gettext("The enterprise has no Party organisation of its own, joint or attached.")]
