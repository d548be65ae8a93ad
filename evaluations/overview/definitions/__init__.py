"""Every key of ``figures.csv`` with its definition, in sections."""

from evaluations.overview.definition import Section
from evaluations.overview.definitions import city, party, registers, report

SECTIONS: tuple[Section, ...] = (*registers.SECTIONS, *party.SECTIONS, *city.SECTIONS, *report.SECTIONS)
