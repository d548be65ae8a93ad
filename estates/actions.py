"""Writes with a consequence: who serves a neighbourhood."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from estates.models import ServiceAssignment


@transaction.atomic
def assign_enterprises(enterprise_of: Mapping[int, int], *, on: date) -> int:
    """Let each estate (id) be served by an enterprise (id) from the day ``on``; the number of estates that changed hands.

    An estate without any record gets one with an open start: nobody knows since when. A record that began on ``on`` itself
    is corrected rather than ended.
    """
    latest = {row.estate_id: row for row in ServiceAssignment.objects.current().filter(estate__in=list(enterprise_of))}
    known = set(ServiceAssignment.objects.filter(estate__in=list(enterprise_of)).values_list("estate_id", flat=True))
    new, changed = [], 0
    for estate_id, enterprise_id in enterprise_of.items():
        current = latest.get(estate_id)
        if current is not None and current.enterprise_id == enterprise_id:
            continue
        changed += 1
        if current is not None and current.valid.lower is not None and current.valid.lower >= on:
            current.enterprise_id = enterprise_id
            current.save(update_fields=["enterprise"])
            continue
        if current is not None:
            current.valid = DateRange(current.valid.lower, on)
            current.save(update_fields=["valid"])
        start = on if estate_id in known else None
        new.append(ServiceAssignment(estate_id=estate_id, enterprise_id=enterprise_id, valid=DateRange(start, None)))
    ServiceAssignment.objects.bulk_create(new, batch_size=2000)
    return changed
