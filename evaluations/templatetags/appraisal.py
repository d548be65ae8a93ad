"""Codes of cases in words. A code that is not listed is shown as it came: another city may have its own."""

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

CATEGORIES = {
    "property_service": _("Property service"),
    "fees_disclosure": _("Fees and disclosure"),
    "fees": _("Fees"),
    "parking": _("Parking"),
    "cleaning": _("Cleaning"),
    "leaks_repair": _("Leaks and repairs"),
    "noise": _("Noise"),
    "fumes_noise": _("Fumes and noise"),
    "lift": _("Lifts"),
    "lifts": _("Lifts"),
    "cooking_fumes": _("Cooking fumes"),
    "water_power": _("Water and power"),
    "gas": _("Gas"),
    "fire_safety": _("Fire safety"),
    "illegal_building": _("Illegal building"),
    "dogs": _("Dogs"),
    "security": _("Security"),
    "greenery": _("Greenery"),
    "owners_committee": _("Owners' committee"),
    "other": _("Other matters"),
}
SOURCES = {
    "hotline": _("Hotline"),
    "wechat": _("WeChat"),
    "web": _("Website"),
    "counter": _("Counter"),
    "portal": _("This portal"),
}
EXCLUSIONS = {"duplicate": _("Duplicate"), "out_of_scope": _("Out of scope"), "malicious": _("Malicious")}


@register.filter
def category(code: str):
    return CATEGORIES.get(code, code)


@register.filter
def source(code: str):
    return SOURCES.get(code, code)


@register.filter
def exclusion(code: str):
    return EXCLUSIONS.get(code, code)
