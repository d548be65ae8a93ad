"""Writing a case's timeline."""

from datetime import datetime
from typing import Any

from casedesk import notices
from casedesk.models import CaseEvent
from evaluations.models import AppraisalCase
from portal.models import User


def tell(
    case: AppraisalCase,
    kind: CaseEvent.Kind,
    *,
    at: datetime,
    by: User | None = None,
    party: object = "",
    text: str = "",
    is_public: bool = True,
    **data: Any,
) -> CaseEvent:
    """Write one event and tell whom it concerns, in the caller's transaction.

    ``by=None`` is the resident or the system; ``party`` is named as text.
    """
    event = CaseEvent.objects.create(
        case=case, kind=kind, at=at, by=by, party=str(party or ""), text=text, is_public=is_public, data=data
    )
    notices.told(event)
    return event
