"""Neighbourhoods with what stands around them: the places above, and who serves them now."""

from django.db.models import Prefetch, QuerySet

from estates.models import Estate, ServiceAssignment


def with_places(estates: QuerySet[Estate]) -> QuerySet[Estate]:
    """With community, street and district; without the boundaries, which no list shows."""
    above = ("community", "community__parent", "community__parent__parent")
    return estates.select_related(above[-1]).defer(*(f"{region}__boundary" for region in above))


def with_service(estates: QuerySet[Estate]) -> QuerySet[Estate]:
    """With their places, and who serves them now as ``serving`` (a list of one or none)."""
    current = ServiceAssignment.objects.current().select_related("enterprise").order_by()
    return with_places(estates).prefetch_related(Prefetch("assignments", queryset=current, to_attr="serving"))
