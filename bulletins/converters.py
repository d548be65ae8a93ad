"""Months in addresses."""

from django.urls import register_converter

from bulletins.rules import MONTH_FORM


class MonthConverter:
    """A month's id: 2021-10."""

    regex = MONTH_FORM.strip("^$").replace("(19|", "(?:19|").replace("(0[1-9]|", "(?:0[1-9]|")
    to_python = to_url = staticmethod(str)


register_converter(MonthConverter, "month")
