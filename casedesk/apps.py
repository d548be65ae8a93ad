from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from portal.menu import MenuEntry
from portal.roles import Permission


class CaseDeskConfig(AppConfig):
    name = "casedesk"
    verbose_name = _("Case desk")

    @property
    def menu(self):
        return [
            MenuEntry(
                _("Appraisal"), _("Enter a case"), "desk-enter", "phone-plus", "desk-enter", Permission.ENTER_CASES
            ),
            MenuEntry(
                _("Appraisal"), _("Ratings to decide"), "rating-list", "star", "ratings", Permission.DECIDE_CASES
            ),
            MenuEntry(_("Appraisal"), _("Callbacks"), "callbacks", "phone-call", "callbacks", Permission.CALL_BACK),
            MenuEntry(_("Appraisal"), _("Watch for gaming"), "watch", "eye", "watch", Permission.WATCH_CASES),
            MenuEntry(_("Appraisal"), _("QR codes"), "qr-streets", "qrcode", "qr", Permission.ENTER_CASES),
        ]

    @staticmethod
    def duties(user):
        from casedesk.rating import duties

        return duties.duties(user)

    @staticmethod
    def bulletin_figures(month):
        from casedesk.watching import counting

        return counting.bulletin_figures(month)

    @staticmethod
    def case_member_scope(user, permission):
        from casedesk import parties

        return parties.joint_scope(user, permission)
