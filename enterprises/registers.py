"""The registers that enterprises keep: enterprises, their headcount, project managers, and honours."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from enterprises.actions import award_obstacles
from enterprises.deeds import ENTERPRISE_DEEDS, GRANT_DEEDS
from enterprises.models import AwardGrant, AwardRound, Enterprise, HeadcountReturn, ProjectManager
from enterprises.rules import DIMENSIONS
from portal.registers import Register
from portal.roles import Permission


class EnterprisesRegister(Register):
    """What all registers of this app have in common."""

    view, keep = Permission.VIEW_ENTERPRISES, Permission.KEEP_ENTERPRISES


class Enterprises(EnterprisesRegister):
    slug = "enterprises"
    model = Enterprise
    icon = "building"
    key = ("uscc",)
    fields = (
        "uscc", "name", "origin", "is_branch", "parent_company", "registered_district", "founded_on",
        "legal_representative", "phone", "is_public_benefit", "formation_method", "formed_by", "status", "status_since",
    )  # fmt: skip
    columns = ("name", "uscc", "origin", "registered_district", "is_public_benefit", "status")
    facets = ("origin", "is_public_benefit", "formation_method", "is_branch", "status")
    search = ("uscc", "legal_representative")
    order = ("pinyin", "uscc")
    section = "enterprises"
    has_own_api = True
    is_public_record = True
    list_url_name = "enterprise-list"
    detail_url_name = "enterprise-detail"
    deeds = ENTERPRISE_DEEDS
    sample: ClassVar[dict[str, str]] = {"uscc": "91420100MA00000012", "origin": "local", "status": "active"}

    def warnings(self, row: Enterprise) -> list[str]:
        found = []
        if row.registered_district_id is None:
            found.append(
                _("No district is recorded: only the city can keep this enterprise, and every district sees it.")
            )
        if row.is_public_benefit and not (row.formation_method and row.formed_by_id):
            found.append(_("How and by which district this public-benefit enterprise was formed is not recorded."))
        if row.is_branch and not row.parent_company:
            found.append(_("The parent company of this branch is not recorded."))
        return found


class HeadcountReturns(EnterprisesRegister):
    slug = "headcount-returns"
    model = HeadcountReturn
    icon = "users-group"
    key = ("enterprise", "year")
    fields = ("enterprise", "year", "headcount", "reported_on")
    columns = ("enterprise", "year", "headcount", "reported_on")
    facets = ("year",)
    search = ("enterprise__name", "enterprise__uscc", "enterprise__initials")
    order = ("-year", "enterprise__pinyin", "pk")


class ProjectManagers(EnterprisesRegister):
    slug = "project-managers"
    model = ProjectManager
    icon = "user-star"
    key = ("code",)
    fields = ("code", "name", "id_number", "phone", "enterprise", "is_party_member")
    columns = ("name", "code", "enterprise", "phone")
    search = ("code", "enterprise__name", "enterprise__initials")
    order = ("pinyin", "code")
    restricted: ClassVar[dict[str, Permission]] = {"is_party_member": Permission.VIEW_PARTY}


class AwardRounds(EnterprisesRegister):
    """Rounds belong to the whole city: every district reads them, the city keeps them."""

    slug = "award-rounds"
    model = AwardRound
    icon = "award"
    key = ("code",)
    fields = ("code", "award", "year", "title", "awarding_body", "announced_on")
    columns = ("title", "code", "award", "year", "announced_on")
    facets = ("award", "year")
    search = ("code", "title", "awarding_body")
    order = ("-year", "code")


class AwardGrants(EnterprisesRegister):
    """Grants. A revocation is a deed of its own (``enterprises.actions.revoke_award``)."""

    slug = "award-grants"
    model = AwardGrant
    icon = "medal"
    key = ("round", "enterprise", "project_name")
    fields = ("round", "enterprise", "project_name", *DIMENSIONS, "granted_on", "revoked_on", "revoke_reason")
    columns = ("round", "enterprise", "project_name", "granted_on", "revoked_on")
    search = ("round__title", "enterprise__name", "enterprise__initials", "project_name")
    order = ("-granted_on", "pk")
    fixed = ("revoked_on", "revoke_reason")
    deeds = GRANT_DEEDS

    def obstacle_to_removal(self, row: AwardGrant) -> str:
        return _("A grant is never removed; it can be revoked with a reason.")

    def check(self, row: AwardGrant) -> None:
        if row.pk is None and (obstacles := award_obstacles(row.round, row.enterprise)):
            raise ValidationError({"enterprise": obstacles})


REGISTERS = [Enterprises, HeadcountReturns, ProjectManagers, AwardRounds, AwardGrants]
