from django.apps import AppConfig
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.menu import MenuEntry
from portal.roles import Permission


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    verbose_name = _("Evaluations")

    @property
    def city_files(self):
        from evaluations import resources

        return [resources.PolicyJson(), resources.CaseRows()]

    @property
    def event_kinds(self):
        from evaluations.events import EVENT_KINDS

        return EVENT_KINDS

    @property
    def registers(self):
        from evaluations.registers import REGISTERS

        return REGISTERS

    @property
    def menu(self):
        return [
            MenuEntry(
                _("Registers"),
                _("Annual overview"),
                "overview",
                "report-analytics",
                "overview",
                Permission.VIEW_ESTATES,
            ),
            MenuEntry(_("Appraisal"), _("Cases"), "case-list", "message-report", "cases", Permission.VIEW_CASES),
            MenuEntry(
                _("Appraisal"), _("Rankings"), "ranking-list", "list-numbers", "rankings-desk", Permission.VIEW_RANKINGS
            ),
            MenuEntry(
                _("Appraisal"),
                _("Objections to rankings"),
                "ranking-objection-list",
                "message-circle",
                "ranking-objections",
                Permission.VIEW_RANKINGS,
            ),
            MenuEntry(
                _("Appraisal"),
                _("My objections and replies"),
                "ranking-objection-list",
                "message-circle",
                "ranking-objections",
                Permission.OBJECT,
            ),
            MenuEntry(
                _("Appraisal"),
                _("Ranking policies"),
                "policy-list",
                "adjustments",
                "ranking-policies",
                Permission.VIEW_RANKINGS,
            ),
        ]

    @staticmethod
    def demo_steps(now):
        from evaluations import tour

        ranking = tour.ranking_to_object_to(now)
        if ranking is not None:
            yield str(_("objections to rankings")), lambda: tour.object_to(ranking, now=now)

    @staticmethod
    def duties(user):
        from evaluations import duties

        return duties.duties(user, timezone.now())

    @staticmethod
    def home_figures(user):
        from evaluations import home

        return home.figures(user, timezone.now())

    @staticmethod
    def home_cards(user):
        from evaluations import home

        return home.cards(user, timezone.now())

    @staticmethod
    def search(user, text):
        from evaluations import home

        return home.search(user, text)
