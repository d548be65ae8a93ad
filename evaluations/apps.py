from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    verbose_name = _("Evaluations")

    @property
    def city_files(self):
        from evaluations import resources

        return [resources.PolicyJson(), resources.CaseRows()]
