from casedesk.models.campaigns import CampaignIssue, CampaignVisit
from casedesk.models.catalogue import CatalogueItem, CatalogueVersion
from casedesk.models.dispatches import Dispatch, Extension, JointHandler
from casedesk.models.files import CaseEvent, CaseFile, CasePhoto, NumberSeries
from casedesk.models.handling import Handling, ReplyTemplate
from casedesk.models.ratings import OutcomeRating, RatingLink, RatingReview
from casedesk.models.receipts import QrScan, Receipt
from casedesk.models.supervisions import Supervision, SupervisionAnswer

__all__ = [
    "CampaignIssue",
    "CampaignVisit",
    "CaseEvent",
    "CaseFile",
    "CasePhoto",
    "CatalogueItem",
    "CatalogueVersion",
    "Dispatch",
    "Extension",
    "Handling",
    "JointHandler",
    "NumberSeries",
    "OutcomeRating",
    "QrScan",
    "RatingLink",
    "RatingReview",
    "Receipt",
    "ReplyTemplate",
    "Supervision",
    "SupervisionAnswer",
]
