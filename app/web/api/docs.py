"""The API's description of itself: the OpenAPI document, and Swagger UI from this server's own files."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse

from app.web.api.documented import extra_schemas

OPENAPI_URL = "/api/v1/openapi.json"

DESCRIPTION = """\
Upload recordings of sales calls, and read them from both sides.

Errors are problem documents (RFC 9457, `application/problem+json`): `detail` says what to do, `code` is for
programs and stable, and `errors` names the fields that are wrong. Times are ISO 8601 with their zone;
lengths are seconds. There are no accounts yet: the server listens on its own machine only.
"""

TAGS = [
    {"name": "calls", "description": "Recordings come in, are worked on, and can be listed and changed."},
    {"name": "conversation", "description": "What was said, and the sound of it."},
    {"name": "parties", "description": "Who is who, and on which side."},
    {"name": "corrections", "description": "What people changed in the transcript; all can be undone."},
]

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>API – Both Sides</title>
  <link rel="icon" href="/static/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/vendor/swagger-ui-dist/swagger-ui.css">
  <script src="/vendor/swagger-ui-dist/swagger-ui-bundle.js" defer></script>
  <script src="/static/js/api-docs.js" defer></script>
</head>
<body>
  <main id="api-docs" data-openapi="{openapi}"></main>
  <noscript>
    <p>This page needs JavaScript. The same as a file: <a href="{openapi}">{openapi}</a></p>
  </noscript>
</body>
</html>
"""

router = APIRouter(include_in_schema=False)


@router.get("/api/docs")
def docs() -> HTMLResponse:
    return HTMLResponse(_PAGE.format(openapi=OPENAPI_URL))


def describe(app: FastAPI) -> None:
    """Add to the OpenAPI document what FastAPI cannot know."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes, tags=TAGS
            )
            for methods in document["paths"].values():
                for operation in methods.values():
                    _without_unused_error(operation["responses"])
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            schemas.update(extra_schemas())
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _without_unused_error(responses: dict[str, Any]) -> None:
    """FastAPI adds its own 422 wherever there is a parameter; ours is named where one can happen."""
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
