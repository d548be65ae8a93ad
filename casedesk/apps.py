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
            MenuEntry(_("Appraisal"), _("My work"), "my-work", "inbox", "my-work", Permission.VIEW_CASES),
            MenuEntry(
                _("Appraisal"), _("Enter a case"), "desk-enter", "phone-plus", "desk-enter", Permission.ENTER_CASES
            ),
            MenuEntry(
                _("Appraisal"), _("Ratings to decide"), "rating-list", "star", "ratings", Permission.DECIDE_CASES
            ),
            MenuEntry(_("Appraisal"), _("Callbacks"), "callbacks", "phone-call", "callbacks", Permission.CALL_BACK),
            MenuEntry(_("Appraisal"), _("Watch for gaming"), "watch", "eye", "watch", Permission.WATCH_CASES),
            MenuEntry(
                _("Appraisal"), _("Service march"), "campaigns", "speakerphone", "campaigns", Permission.VIEW_CASES
            ),
            MenuEntry(_("Appraisal"), _("QR codes"), "qr-streets", "qrcode", "qr", Permission.ENTER_CASES),
        ]

    @property
    def registers(self):
        from casedesk.registers import REGISTERS

        return REGISTERS

    @staticmethod
    def demo_cases(now):
        from casedesk import tour

        if tour.is_wanted():
            yield str(_("case desk")), lambda: tour.show(now)

    @staticmethod
    def duties(user):
        from casedesk.desk import duties as desk
        from casedesk.rating import duties as ratings

        return [*desk.duties(user), *ratings.duties(user)]

    @staticmethod
    def home_figures(user):
        from casedesk.desk import duties

        return duties.figures(user)

    @staticmethod
    def bulletin_figures(month):
        from casedesk.watching import counting

        return counting.bulletin_figures(month)

    @staticmethod
    def case_member_scope(user, permission):
        from casedesk import parties

        return parties.joint_scope(user, permission)
