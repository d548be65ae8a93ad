"""What the API's description (OpenAPI 3.1) says of every operation: the token, and the problems it may answer with."""

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension

PROBLEM = "application/problem+json"

_EVERYWHERE = {
    "400": "A parameter or the body is malformed, or a parameter is unknown.",
    "404": "There is no such thing, or not for the caller.",
    "406": "None of the asked media types is offered.",
    "429": "Too many requests; `Retry-After` says for how many seconds to wait.",
    "500": "An error on this side; it has been reported.",
}
_WITH_TOKEN = {"401": "No credentials, or none that hold.", "403": "The account or its token lacks the permission."}
_WITH_BODY = {
    "413": f"The body is larger than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20} MB.",
    "415": "The body is not JSON.",
}


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "portal.backends.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token …`, made by `manage.py create_token`. It may do what it was given, at most what its account may.",
        }


def with_problems(result: dict, generator, request, public) -> dict:
    """Postprocessing hook of drf-spectacular: declare the problem answers, and what headers come with them."""
    for address in result["paths"].values():
        for operation in address.values():
            _declare(operation)
            for parameter in operation.get("parameters", ()):
                if parameter["schema"].get("type") == "string" and not {"enum", "pattern"} & set(parameter["schema"]):
                    parameter["schema"]["pattern"] = r"^[^\x00]*$"
    result["components"]["schemas"]["Problem"]["examples"] = [PROBLEM_EXAMPLE]
    return result


PROBLEM_EXAMPLE = {
    "type": "about:blank",
    "title": "Bad Request",
    "status": 400,
    "detail": "The request has invalid values; see errors.",
    "errors": [{"pointer": "/page", "detail": "Not a whole number from 1 to 100000."}],
}


def _declare(operation: dict) -> None:
    operation.setdefault("summary", operation.get("description", "").split(".")[0].split(":")[0])
    codes = dict(_EVERYWHERE)
    if operation.get("security") != [{}] and "security" in operation:
        codes |= _WITH_TOKEN
    if "requestBody" in operation:
        codes |= _WITH_BODY
    responses = operation["responses"]
    for code, description in codes.items():
        responses.setdefault(code, {"description": description})
    for code, response in responses.items():
        if "text/csv" in response.get("content", {}):
            response["content"]["text/csv"] = {"schema": {"type": "string"}}
        if not code.startswith(("4", "5")):
            continue
        schema = {"$ref": "#/components/schemas/Problem"}
        for content in response.get("content", {}).values():
            schema = content["schema"]
        response["content"] = {PROBLEM: {"schema": schema}}
        if code == "429":
            response["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
        if code == "401":
            response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
