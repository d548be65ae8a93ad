"""Who answers for a case, and for whom a person may act: an enterprise, an agency or a street office."""

from django.db.models import Model, Q

from casedesk.models import CatalogueItem, Dispatch, JointHandler
from casedesk.models.catalogue import PartyKind
from enterprises.models import Enterprise, enterprises_of
from estates.models import Estate, ServiceAssignment
from evaluations.models import AppraisalCase
from portal.models import Agency, Region, User
from portal.rules import CHINA

Party = Enterprise | Agency | Region
FIELDS: dict[type[Model], str] = {Enterprise: "enterprise", Agency: "agency", Region: "street"}


def as_fields(party: Party) -> dict[str, Party | None]:
    """The three columns that name ``party`` on a case, a dispatch or a joint handler."""
    return dict.fromkeys(FIELDS.values()) | {FIELDS[type(party)]: party}


def enterprise_in_charge(estate: Estate, day) -> Enterprise | None:
    """The enterprise that served ``estate`` on ``day``."""
    served = ServiceAssignment.objects.filter(estate=estate, valid__contains=day).select_related("enterprise").first()
    return served.enterprise if served else None


def proposed_party(item: CatalogueItem | None, case: AppraisalCase) -> Party | None:
    """Whom the catalogue names for a case; ``None`` where nobody serves the neighbourhood or the item is unknown."""
    if item is None:
        return None
    if item.party_kind == PartyKind.AGENCY:
        return item.agency
    if item.party_kind == PartyKind.STREET:
        return case.estate.community.parent
    return enterprise_in_charge(case.estate, case.reported_at.astimezone(CHINA).date())


def acts_for(user: User, party: Party | None, permission: str) -> bool:
    """Whether ``user`` holds ``permission`` as a member of ``party`` (not merely in the place around it)."""
    if isinstance(party, Enterprise):
        return party.pk in set(enterprises_of(user, permission))
    if isinstance(party, Agency):
        return party.pk in user.agencies_with(permission)
    if isinstance(party, Region):
        return party.path in user.reach(permission)
    return False


def posts(case: AppraisalCase) -> tuple[Region, Region, Region]:
    """The street office, the district and the city in which the neighbourhood of a case lies."""
    street = case.estate.community.parent
    district = street.parent
    return street, district, district.parent


def standing_dispatch(case: AppraisalCase) -> Dispatch | None:
    """The one dispatch of a case that is not over, with its parties."""
    return (
        Dispatch.objects.filter(case=case, status__in=Dispatch.STANDING)
        .select_related("enterprise", "agency", "street")
        .first()
    )


def joint_scope(user: User, permission: str) -> Q:
    """Cases in which a body of ``user`` helps the lead of the standing dispatch."""
    agencies, enterprises = user.agencies_with(permission), enterprises_of(user, permission)
    if not agencies and not enterprises:  # almost everybody
        return Q(pk__in=[])
    rows = JointHandler.objects.filter(dispatch__status__in=Dispatch.STANDING).filter(
        Q(agency__in=agencies) | Q(enterprise__in=enterprises)
    )
    return Q(pk__in=rows.values("dispatch__case"))
