"""The two formats of an answer. JSON is the XML with lists as arrays; errors are an array in both."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from xml.etree import ElementTree

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent, ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _

from portal.rules import CHINA

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Refused(Exception):
    """The request cannot be answered: HTTP status and one message for each thing wrong."""

    def __init__(self, status: int, *messages: str) -> None:
        super().__init__(*messages)
        self.status, self.messages = status, messages


def moment(value: datetime | None) -> str | None:
    """W3C date and time with its offset, to the second."""
    return value.astimezone(CHINA).replace(microsecond=0).isoformat() if value else None


def answer(form: str, root: str, child: str, data: Any, status: int = 200) -> HttpResponse:
    """``data`` (rows, or one object where ``child`` is empty) as ``json`` or ``xml``."""
    if form == "json":
        body = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
        return HttpResponse(body, status=status, content_type="application/json; charset=utf-8")
    element = _element(root, child, data)
    body = ElementTree.tostring(element, encoding="utf-8", xml_declaration=True)
    return HttpResponse(body, status=status, content_type="text/xml; charset=utf-8")


ITEMS = {"attributes": "attribute", "values": "value", "endpoints": "endpoint", "formats": "format"}
"""What one thing in a list of the specification is called in XML."""


def _element(name: str, child: str, data: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(data, dict):
        for key, value in data.items():
            element.append(_element(key, ITEMS.get(key, ""), value))
    elif isinstance(data, list):
        for value in data:
            element.append(_element(child, "", value))
    elif data is not None:
        text = str(data).lower() if isinstance(data, bool) else str(data)
        element.text = _NO_XML.sub("", text)
    return element


def errors(form: str, status: int, *messages: str) -> HttpResponse:
    rows = [{"code": status, "description": message} for message in messages]
    return answer(form, "errors", "error", rows, status)


def in_its_format(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Go around a view: whatever it refuses is told in the format that was asked for. The answer is for nobody else."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, form: str, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, form=form, **kwargs)
        except Refused as refused:
            response = errors(form, refused.status, *refused.messages)
        except ValidationError as invalid:
            response = errors(form, 400, *invalid.messages)
        except (RequestDataTooBig, TooManyFilesSent):
            response = errors(form, 413, _("The request is too large."))
        except (MultiPartParserError, UnicodeDecodeError):
            response = errors(form, 400, _("The body cannot be read as a form."))
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Access-Control-Allow-Origin"] = "*"  # without cookies: what anybody may read, any page may
        return response

    return wrapped
