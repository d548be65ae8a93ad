"""Party organisations and coverage, cross-appointments, graduate recruits, and the programme's milestones."""

from partybuilding.models.appointments import CrossAppointment as CrossAppointment
from partybuilding.models.appointments import MeetingDecision as MeetingDecision
from partybuilding.models.appointments import SupervisionVisit as SupervisionVisit
from partybuilding.models.appointments import TripartiteMeeting as TripartiteMeeting
from partybuilding.models.graduates import CadrePairing as CadrePairing
from partybuilding.models.graduates import GraduateRecruit as GraduateRecruit
from partybuilding.models.graduates import MentorAssignment as MentorAssignment
from partybuilding.models.graduates import RecruitmentIntake as RecruitmentIntake
from partybuilding.models.graduates import Training as Training
from partybuilding.models.organisations import PartyActivity as PartyActivity
from partybuilding.models.organisations import PartyCoverage as PartyCoverage
from partybuilding.models.organisations import PartyOrganisation as PartyOrganisation
from partybuilding.models.persons import Person as Person
from partybuilding.models.programme import ProgrammeMilestone as ProgrammeMilestone
