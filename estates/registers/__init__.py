"""The registers that this app declares, in the order in which people meet them."""

from estates.registers.committees import (
    CommitteeMeetings,
    CommitteeMembers,
    FormationCases,
    FormationSteps,
    OwnersCommittees,
)
from estates.registers.contracts import Contracts, FilingDocuments, Filings
from estates.registers.disclosures import DisclosureCategories, DisclosureObjections, Disclosures, PeriodicReports
from estates.registers.estates import Estates, HandOvers, ManagerAppointments, ServiceAssignments
from estates.registers.funds import Fundings, Renovations, RepairOrders, RepairPlatforms
from estates.registers.old import FeePolicies, ModeAssignments, OldNeighbourhoods, StageChanges
from estates.registers.standards import ServiceGrades, ServiceStandards, StandardItems

REGISTERS = [
    Estates,
    ServiceAssignments,
    ManagerAppointments,
    HandOvers,
    OldNeighbourhoods,
    ModeAssignments,
    StageChanges,
    FeePolicies,
    Contracts,
    Filings,
    FilingDocuments,
    ServiceStandards,
    ServiceGrades,
    StandardItems,
    DisclosureCategories,
    Disclosures,
    DisclosureObjections,
    PeriodicReports,
    OwnersCommittees,
    CommitteeMembers,
    CommitteeMeetings,
    FormationCases,
    FormationSteps,
    Fundings,
    Renovations,
    RepairPlatforms,
    RepairOrders,
]
