"""The days that the State Council has announced so far, from the library ``chinesecalendar``."""

from chinese_calendar import constants

from portal.workdays.models import CalendarDay, CalendarYear, Holiday

_HOLIDAYS = {
    constants.Holiday.new_years_day: Holiday.NEW_YEAR,
    constants.Holiday.spring_festival: Holiday.SPRING_FESTIVAL,
    constants.Holiday.tomb_sweeping_day: Holiday.TOMB_SWEEPING,
    constants.Holiday.labour_day: Holiday.LABOUR_DAY,
    constants.Holiday.dragon_boat_festival: Holiday.DRAGON_BOAT,
    constants.Holiday.mid_autumn_festival: Holiday.MID_AUTUMN,
    constants.Holiday.national_day: Holiday.NATIONAL_DAY,
}
_DOCUMENT = "国务院办公厅关于{year}年部分节假日安排的通知"


def seed(year: int | None = None, *, days=CalendarDay, years=CalendarYear) -> int:
    """Add every year (or ``year``) that the library knows and the calendar does not; how many years were added.

    A year that is there already stays as the city keeps it.
    """
    known = sorted({day.year for day in constants.holidays})
    there = set(years.objects.values_list("year", flat=True))
    missing = [one for one in known if one not in there and year in (None, one)]
    years.objects.bulk_create(years(year=one, document=_DOCUMENT.format(year=one)) for one in missing)
    announced = [(day, name, False) for day, name in constants.holidays.items()]
    announced += [(day, name, True) for day, name in constants.workdays.items()]
    days.objects.bulk_create(
        [_day(days, *one) for one in sorted(announced) if one[0].year in missing], ignore_conflicts=True
    )
    return len(missing)


def _day(days, day, name: str, is_workday: bool):
    occasion = constants.Holiday(name)
    holiday = _HOLIDAYS.get(occasion, Holiday.OTHER)
    note = occasion.chinese if holiday is Holiday.OTHER else ""
    return days(day=day, is_workday=is_workday, holiday=holiday, note=note)
