"""Places people live in: who serves them, under which contract and filings, and what is kept about them."""

from estates.models.contracts import ServiceContract as ServiceContract
from estates.models.estates import Estate as Estate
from estates.models.estates import EstateQuerySet as EstateQuerySet
from estates.models.estates import EstateScopedQuerySet as EstateScopedQuerySet
from estates.models.estates import EstateSpanQuerySet as EstateSpanQuerySet
from estates.models.estates import HandOver as HandOver
from estates.models.estates import ManagerAppointment as ManagerAppointment
from estates.models.estates import ServedScopedQuerySet as ServedScopedQuerySet
from estates.models.estates import ServedSpanQuerySet as ServedSpanQuerySet
from estates.models.estates import ServiceAssignment as ServiceAssignment
from estates.models.estates import ServiceAssignmentQuerySet as ServiceAssignmentQuerySet
from estates.models.filings import Filing as Filing
from estates.models.filings import FilingDocument as FilingDocument
from estates.models.old import MODE_ALIASES as MODE_ALIASES
from estates.models.old import FeePolicy as FeePolicy
from estates.models.old import Mode as Mode
from estates.models.old import ModeAssignment as ModeAssignment
from estates.models.old import OldNeighbourhood as OldNeighbourhood
from estates.models.old import Stage as Stage
from estates.models.old import StageChange as StageChange
from estates.models.standards import CityWideQuerySet as CityWideQuerySet
from estates.models.standards import ServiceGrade as ServiceGrade
from estates.models.standards import ServiceStandard as ServiceStandard
from estates.models.standards import StandardItem as StandardItem
