"""Registers: what officials keep. An app declares one in a few lines; list, page, form, history, workbook and API follow."""

from portal.registers.declaration import Register, by_group, by_need, register, register_of, registers, registers_for
from portal.registers.fields import Computed, ComputedFacet, Kind, RegisterField

__all__ = [
    "Computed",
    "ComputedFacet",
    "Kind",
    "Register",
    "RegisterField",
    "by_group",
    "by_need",
    "register",
    "register_of",
    "registers",
    "registers_for",
]
