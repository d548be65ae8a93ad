"""How bodies of the API are read."""

import io

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class JsonParser(JSONParser):
    """DRF's, and a body over ``DATA_UPLOAD_MAX_MEMORY_SIZE`` or nested without end is refused."""

    def parse(self, stream, media_type=None, parser_context=None):
        body = parser_context["request"]._request.body  # raises RequestDataTooBig before it reads
        try:
            return super().parse(io.BytesIO(body), media_type, parser_context)
        except (RecursionError, LookupError) as error:  # LookupError: an unknown charset
            raise ParseError(_("The body is not readable as JSON.")) from error
