"""Who may do what: one list of permissions, one table of roles. Who holds which role where is data (``Grant``)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Permission(TextChoices):
    """Everything a person or a token may be allowed to do. One verb per deed."""

    VIEW_ENTERPRISES = "enterprises.view", _("View enterprises")
    KEEP_ENTERPRISES = "enterprises.keep", _("Keep the registers of enterprises")
    VIEW_ESTATES = "estates.view", _("View neighbourhoods")
    KEEP_ESTATES = "estates.keep", _("Keep the registers of neighbourhoods")
    DECIDE_FILINGS = "filings.decide", _("Decide filings")
    VIEW_PARTY = "party.view", _("View Party building, with persons and Party membership")
    KEEP_PARTY = "party.keep", _("Keep the registers of Party building")
    REVEAL_PERSONS = "persons.reveal", _("Reveal a person's telephone number, which is recorded")
    VIEW_CASES = "cases.view", _("View cases")
    SUBMIT_CASES = "cases.submit", _("Submit cases from another system")
    ENTER_CASES = "cases.enter", _("Enter cases for residents who call or come")
    DISPATCH_CASES = "cases.dispatch", _("Dispatch cases")
    HANDLE_CASES = "cases.handle", _("Accept and handle cases sent to one's own body")
    DECIDE_CASES = "cases.decide", _("Decide on objections to dispatch, extensions, exclusions and reviews of ratings")
    SUPERVISE_CASES = "cases.supervise", _("Raise and close supervision")
    CALL_BACK = "cases.callback", _("Call residents back and enter their rating")
    WATCH_CASES = "cases.watch", _("See signs of gaming")
    KEEP_CATALOGUE = "catalogue.keep", _("Keep the dispatch catalogue")
    VIEW_RANKINGS = "rankings.view", _("View rankings before publication")
    COMPUTE_RANKINGS = "rankings.compute", _("Compute rankings")
    REVIEW_RANKINGS = "rankings.review", _("Review rankings")
    SIGN_RANKINGS = "rankings.sign", _("Sign and publish rankings")
    WITHDRAW_RANKINGS = "rankings.withdraw", _("Withdraw published rankings")
    HANDLE_OBJECTIONS = "rankings.objections", _("Mark and decide objections to rankings, check replies")
    OBJECT = "entries.object", _("Object to a ranking on behalf of a party")
    REPLY = "entries.reply", _("Reply beside an entry of a ranking on behalf of a party")
    PROPOSE_POLICIES = "policies.propose", _("Propose ranking policies")
    APPROVE_POLICIES = "policies.approve", _("Approve or reject ranking policies")
    VIEW_BULLETINS = "bulletins.view", _("View bulletins before publication")
    DRAFT_BULLETINS = "bulletins.draft", _("Draft bulletins")
    REVIEW_BULLETINS = "bulletins.review", _("Review bulletins")
    SIGN_BULLETINS = "bulletins.sign", _("Sign, publish and withdraw bulletins")
    VIEW_AUDIT = "audit.view", _("View the audit log")
    KEEP_CALENDAR = "calendar.keep", _("Keep the calendar of working days")
    KEEP_NOTICES = "notices.keep", _("See the outbox of notices and send again")
    KEEP_WEBHOOKS = "webhooks.keep", _("Keep webhooks and send again")


class Role(TextChoices):
    CITY_OFFICIAL = "city_official", _("City official")
    DISTRICT_OFFICIAL = "district_official", _("District official")
    ORGANISATION_DEPARTMENT = "organisation", _("Organisation department")
    STREET_STAFF = "street_staff", _("Street staff")
    INSPECTOR = "inspector", _("Inspector")
    AGENCY_HANDLER = "agency_handler", _("Agency handler")
    ENTERPRISE_STAFF = "enterprise_staff", _("Enterprise staff")
    AUDITOR = "auditor", _("Auditor")
    API_CLIENT = "api_client", _("API client")


P = Permission
_REGISTERS = frozenset({P.VIEW_ENTERPRISES, P.VIEW_ESTATES})
_CASES = _REGISTERS | {P.VIEW_CASES}
_DESK = frozenset({P.ENTER_CASES, P.DISPATCH_CASES, P.DECIDE_CASES, P.SUPERVISE_CASES, P.CALL_BACK})
_ANSWER = frozenset({P.OBJECT, P.REPLY})
_PARTY = frozenset({P.VIEW_PARTY, P.KEEP_PARTY, P.REVEAL_PERSONS})
_OFFICE = _CASES | _DESK | _PARTY | {P.KEEP_ENTERPRISES, P.KEEP_ESTATES, P.DECIDE_FILINGS}

ROLES: dict[Role, frozenset[Permission]] = {
    Role.CITY_OFFICIAL: _OFFICE
    | {P.VIEW_RANKINGS, P.COMPUTE_RANKINGS, P.REVIEW_RANKINGS, P.SIGN_RANKINGS, P.WITHDRAW_RANKINGS, P.VIEW_AUDIT}
    | {P.HANDLE_OBJECTIONS, P.PROPOSE_POLICIES, P.APPROVE_POLICIES}
    | {P.VIEW_BULLETINS, P.DRAFT_BULLETINS, P.REVIEW_BULLETINS, P.SIGN_BULLETINS}
    | {P.WATCH_CASES, P.KEEP_CATALOGUE, P.KEEP_CALENDAR, P.KEEP_NOTICES, P.KEEP_WEBHOOKS},
    Role.DISTRICT_OFFICIAL: _OFFICE | {P.OBJECT},
    Role.ORGANISATION_DEPARTMENT: _REGISTERS | _PARTY,
    Role.STREET_STAFF: _CASES | _ANSWER | {P.ENTER_CASES, P.HANDLE_CASES},
    Role.INSPECTOR: _REGISTERS,
    Role.AGENCY_HANDLER: _ANSWER | {P.VIEW_CASES, P.HANDLE_CASES},
    Role.ENTERPRISE_STAFF: _CASES | _ANSWER | {P.HANDLE_CASES},
    Role.AUDITOR: _CASES | {P.VIEW_RANKINGS, P.VIEW_BULLETINS, P.VIEW_AUDIT, P.WATCH_CASES},
    Role.API_CLIENT: _CASES | {P.SUBMIT_CASES},
}

# Rankings and the portal itself belong to the whole city: these count only where the role was granted for the city itself.
CITY_WIDE = frozenset(
    permission for permission in Permission if permission.value.startswith(("rankings.", "bulletins."))
) | {
    P.PROPOSE_POLICIES,
    P.APPROVE_POLICIES,
    P.VIEW_AUDIT,
    P.KEEP_CALENDAR,
    P.KEEP_NOTICES,
    P.KEEP_WEBHOOKS,
}

# Whoever keeps a record answers for it: these never reach beyond the place that a record belongs to.
KEEPING = frozenset({P.KEEP_ENTERPRISES, P.KEEP_ESTATES, P.KEEP_PARTY, P.DECIDE_FILINGS, P.KEEP_CALENDAR})

# Where a role reaches: a place, or one agency or enterprise whose member the person is.
REGIONAL_ROLES = frozenset(Role) - {Role.AGENCY_HANDLER, Role.ENTERPRISE_STAFF}


def roles_with(permission: str) -> list[str]:
    """The roles that hold ``permission``; empty for a permission that is none of ours."""
    return [role.value for role, permissions in ROLES.items() if permission in permissions]


def permission_choices() -> list[tuple[str, str]]:
    """All permissions for a field's ``choices``: asked for when needed, so that a new one takes no migration."""
    return Permission.choices
