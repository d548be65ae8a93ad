"""How bodies of the API are read."""

import json

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils.json import strict_constant


class JsonParser(JSONParser):
    """JSON as RFC 8259 has it: UTF-8 whatever ``charset`` claims, no NaN, and no larger than ``DATA_UPLOAD_MAX_MEMORY_SIZE``."""

    def parse(self, stream, media_type=None, parser_context=None):
        body = parser_context["request"]._request.body  # raises RequestDataTooBig before it reads
        try:
            return json.loads(body.decode(), parse_constant=strict_constant)
        except (ValueError, RecursionError) as error:  # RecursionError: nested without end
            raise ParseError(_("The body is not readable as JSON (%(error)s).") % {"error": error}) from error
