"""The calendar of working days as registers: whoever sees cases reads it, the city keeps it."""

from portal.registers import Register
from portal.roles import Permission
from portal.workdays.models import CalendarDay, CalendarYear


class CalendarYears(Register):
    slug = "calendar-years"
    model = CalendarYear
    view, keep = Permission.VIEW_CASES, Permission.KEEP_CALENDAR
    icon = "calendar"
    key = ("year",)
    fields = ("year", "document")
    columns = ("year", "document")
    search = ("document",)
    order = ("-year",)
    sample = {"year": "2022", "document": "国办发明电〔2021〕11号"}


class CalendarDays(Register):
    slug = "calendar-days"
    model = CalendarDay
    view, keep = Permission.VIEW_CASES, Permission.KEEP_CALENDAR
    icon = "calendar-event"
    key = ("day",)
    fields = ("day", "is_workday", "holiday", "note")
    columns = ("day", "is_workday", "holiday", "note")
    facets = ("holiday", "is_workday")
    search = ("note",)
    order = ("-day",)
    sample = {"day": "2021-10-09", "is_workday": "是", "holiday": "national_day"}


REGISTERS = [CalendarYears, CalendarDays]
