"""Places people live in: who serves them, under which contract and filings, and what is kept about them."""

from estates.models.estates import Estate as Estate
from estates.models.estates import EstateQuerySet as EstateQuerySet
from estates.models.estates import ServiceAssignment as ServiceAssignment
from estates.models.estates import ServiceAssignmentQuerySet as ServiceAssignmentQuerySet
