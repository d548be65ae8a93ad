"""The calendar of working days as it stands, and a due time in words."""

from datetime import date
from threading import Lock

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from portal.workdays.models import CalendarDay, CalendarYear, Holiday
from portal.workdays.rules import WEEKEND, AnnouncedDay, Due, Skipped, Unit, WorkCalendar

_lock = Lock()
_kept: tuple[tuple, WorkCalendar] | None = None


def work_calendar() -> WorkCalendar:
    """The calendar as the database has it now. Costs one short statement; the rows are read again only when they changed."""
    global _kept
    mark = _mark()
    with _lock:
        if _kept is None or _kept[0] != mark:
            _kept = (mark, _read())
        return _kept[1]


def _mark() -> tuple:
    """Differs when any row does, however it was written, also by another process or in a transaction rolled back since."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), coalesce(sum(hashtextextended(kept::text, 0)), 0) FROM portal_calendarday kept
               UNION ALL
               SELECT count(*), coalesce(sum(hashtextextended(kept::text, 0)), 0) FROM portal_calendaryear kept"""
        )
        return tuple(cursor.fetchall())


def _read() -> WorkCalendar:
    days = {row.day: AnnouncedDay(row.is_workday, row.name) for row in CalendarDay.objects.all()}
    return WorkCalendar(days, frozenset(CalendarYear.objects.values_list("year", flat=True)))


# --- in words -----------------------------------------------------------------------------------------------------------


def explain(due: Due) -> str:
    """``due`` in the reader's language: the limit, what was skipped and made up, and whether it may still move."""
    parts = [_skips(due)] if due.skipped else []
    if due.made_up:
        days = _listed([_span(day, day) for day in due.made_up])
        parts.append(_("counts the make-up working day %(days)s") % {"days": days})
    if due.is_provisional:
        years = _listed([str(year) for year in due.provisional_years])
        parts.append(_("provisional, because the holidays of %(years)s have not been announced") % {"years": years})
    return _("; ").join([limit_text(due), *parts])


def limit_text(due: Due) -> str:
    """The limit alone: "3 working days"."""
    amount = due.limit.amount
    if due.limit.unit is Unit.HOURS:
        return ngettext("%(amount)d hour", "%(amount)d hours", amount) % {"amount": amount}
    return ngettext("%(amount)d working day", "%(amount)d working days", amount) % {"amount": amount}


def _skips(due: Due) -> str:
    holidays = [one for one in due.skipped if one.name != WEEKEND]
    weekends = [one for one in due.skipped if one.name == WEEKEND]
    told = [_("%(days)s (%(name)s)") % {"days": _span(one.first, one.last), "name": _called(one)} for one in holidays]
    if len(weekends) == 1:
        told.append(_("the weekend of %(days)s") % {"days": _span(weekends[0].first, weekends[0].last)})
    elif weekends:
        told.append(ngettext("%(count)d weekend", "%(count)d weekends", len(weekends)) % {"count": len(weekends)})
    return _("skips %(days)s") % {"days": _listed(told)}


def _called(skipped: Skipped) -> str:
    return str(dict(Holiday.choices).get(skipped.name, skipped.name))


def _listed(texts: list[str]) -> str:
    return ("、" if _is_chinese() else ", ").join(texts)


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _span(first: date, last: date) -> str:
    """ "1–7 October", "30 April – 4 May"; in Chinese "10月1日至7日"."""
    if _is_chinese():
        if first == last:
            return f"{first.month}月{first.day}日"
        return f"{first.month}月{first.day}日至{'' if first.month == last.month else f'{last.month}月'}{last.day}日"
    if first == last:
        return date_format(first, "j F")
    if first.month == last.month:
        return f"{first.day}–{date_format(last, 'j F')}"
    return f"{date_format(first, 'j F')} – {date_format(last, 'j F')}"
