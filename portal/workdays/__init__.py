"""Working time: which days are working days, and when a limit in working days or hours ends, told so that people can check it.

``rules`` computes, ``models`` keeps the announced days, ``calendar`` gives the calendar as it stands and puts a due time into
words. Whoever needs a due time writes ``work_calendar().due(moment, Limit(3, Unit.WORKDAYS))`` and shows ``explain(due)``.
"""
