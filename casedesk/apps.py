from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CaseDeskConfig(AppConfig):
    name = "casedesk"
    verbose_name = _("Case desk")

    @staticmethod
    def case_member_scope(user, permission):
        from casedesk import parties

        return parties.joint_scope(user, permission)
