"""Pages of a list in the API: by number with a count, or by cursor, which a change in the list does not disturb."""

from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000
MAX_PAGE = 100_000

_SIGNER = Signer(salt="portal.paging")


class Pages(BasePagination):
    """``?page=2&page_size=50``, or ``?cursor=`` and then the ``next`` link; where both are given, the cursor counts.

    The view says the order: ``paging_order(request)`` gives two field names, the second one unique among rows of the same
    first one; either may begin with ``-``. Rows without a value come last. A cursor is signed, because it names values.
    """

    by_number = True
    parameters = ("page", "page_size", "cursor")

    def paginate_queryset(self, queryset: QuerySet, request, view=None) -> list:
        self.request, self.order = request, view.paging_order(request)
        self.count = None
        query = request.query_params
        self.size = self._number("page_size", PAGE_SIZE, MAX_PAGE_SIZE)
        rows = in_order(queryset, self.order)
        page = self._number("page", 1, MAX_PAGE)
        if "cursor" in query or not self.by_number:
            return self._by_cursor(rows, query.get("cursor", ""))
        return self._by_number(rows, page)

    def _number(self, name: str, default: int, highest: int) -> int:
        text = self.request.query_params.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= highest):
            raise ValidationError({name: [_("Not a whole number from 1 to %(highest)d.") % {"highest": highest}]})
        return int(text)

    def _by_number(self, rows: QuerySet, page: int) -> list:
        self.count = rows.count()
        start = (page - 1) * self.size
        if page > 1 and start >= self.count:
            raise NotFound(_("There is no such page."))
        url = self.request.build_absolute_uri()
        self.next = replace_query_param(url, "page", page + 1) if start + self.size < self.count else None
        self.previous = replace_query_param(url, "page", page - 1) if page > 1 else None
        return list(rows[start : start + self.size])

    def _by_cursor(self, rows: QuerySet, cursor: str) -> list:
        if cursor:
            rows = rows.filter(self._after(rows.model, *self._read(cursor)))
        found = list(rows[: self.size + 1])
        page, more = found[: self.size], len(found) > self.size
        url = remove_query_param(self.request.build_absolute_uri(), "page")
        self.next = replace_query_param(url, "cursor", self._cursor(page[-1])) if more else None
        self.previous = None
        return page

    def _cursor(self, row: Any) -> str:
        values = [
            row[name.lstrip("-")] if isinstance(row, dict) else getattr(row, name.lstrip("-")) for name in self.order
        ]
        texts = [
            None if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)
            for value in values
        ]
        return _SIGNER.sign_object([*self.order, *texts])

    def _read(self, cursor: str) -> list:
        try:
            *order, first, second = _SIGNER.unsign_object(cursor)
        except (BadSignature, ValueError, UnicodeError) as error:
            raise NotFound(_("This list gave no such cursor.")) from error
        if order != list(self.order):
            raise NotFound(_("This cursor belongs to another order."))
        return [first, second]

    def _after(self, model, first: str | None, second: str) -> Q:
        """What comes after the row with these values; empty values are last."""
        main, tie = (name.lstrip("-") for name in self.order)
        beyond, past = ("lt" if name.startswith("-") else "gt" for name in self.order)
        if first is None:
            return Q(**{f"{main}__isnull": True, f"{tie}__{past}": second})
        field = model._meta.get_field(main)
        value = field.to_python(first)
        after = Q(**{f"{main}__{beyond}": value}) | Q(**{main: value, f"{tie}__{past}": second})
        # The bound alone, where it says no more than the rest, is what an index can begin at.
        return after | Q(**{f"{main}__isnull": True}) if field.null else after & Q(**{f"{main}__{beyond}e": value})

    def get_paginated_response(self, data) -> Response:
        response = Response({"count": self.count, "next": self.next, "previous": self.previous, "results": data})
        links = [f'<{url}>; rel="{name}"' for name, url in (("next", self.next), ("prev", self.previous)) if url]
        if links:
            response.headers["Link"] = ", ".join(links)
        return response

    def get_paginated_response_schema(self, schema):
        url = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": ["integer", "null"], "description": "Rows in all; empty when paging by cursor."},
                "next": url,
                "previous": url,
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view):
        number = {
            "name": "page",
            "in": "query",
            "description": "Number of the page, from 1.",
            "schema": _whole(MAX_PAGE),
        }
        size = {
            "name": "page_size",
            "in": "query",
            "description": f"Rows per page ({PAGE_SIZE}).",
            "schema": _whole(MAX_PAGE_SIZE),
        }
        cursor = {
            "name": "cursor",
            "in": "query",
            "description": "Empty for the first page, then as in `next`; a cursor belongs to one order.",
            "schema": {"type": "string"},
            "allowEmptyValue": True,
        }
        return [number, size, cursor] if self.by_number else [size, cursor]


class CursorPages(Pages):
    """By cursor only: for lists too long to count."""

    by_number = False
    parameters = ("page_size", "cursor")


def in_order(rows: QuerySet, order: tuple[str, str]) -> QuerySet:
    """Rows ordered by two field names; either may begin with ``-``. Rows without a value come last."""
    return rows.order_by(*(_ordered(rows.model, name) for name in order))


def _ordered(model, name: str):
    if not model._meta.get_field(name.lstrip("-")).null:
        return name  # said plainly, an index can serve it
    field = F(name.lstrip("-"))
    return field.desc(nulls_last=True) if name.startswith("-") else field.asc(nulls_last=True)


def _whole(highest: int) -> dict:
    return {"type": "integer", "minimum": 1, "maximum": highest}
