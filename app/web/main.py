"""The web application: API, pages, files and what stands before them, put together."""

import importlib.metadata

from fastapi import APIRouter, FastAPI, Request
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response

from app.bootstrap import Parts
from app.web import health
from app.web.api import calls, conversations, docs
from app.web.api.uploads import largest_upload
from app.web.bodies import BodyLimit, LingeringClose
from app.web.files import mount_files
from app.web.guard import RefuseCrossSite, RequestContext
from app.web.pages.routes import pages_router
from app.web.pages.templating import page
from app.web.problems import ProblemDocument, handle_problems

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]", "::1")


def create_app(parts: Parts) -> FastAPI:
    """The application on these parts. Does nothing to them until the first request."""
    app = FastAPI(
        title="Both Sides",
        version=_version(),
        openapi_url=docs.OPENAPI_URL,
        docs_url=None,
        redoc_url=None,
        # Nothing leaves this machine because of a variable that was meant for another program.
        telemetry={"auto_configure": False},
        middleware=[
            # The first is the outermost.
            Middleware(LingeringClose),
            Middleware(RequestContext),
            Middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK_NAMES, parts.settings.host]),
            Middleware(RefuseCrossSite),
            Middleware(
                BodyLimit, larger={("POST", "/api/v1/calls"): largest_upload(parts.settings.max_upload_bytes)}
            ),
        ],
    )
    app.state.parts = parts
    app.state.error_page = _error_page
    api = APIRouter(prefix="/api/v1")
    api.include_router(calls.router)
    api.include_router(conversations.router)
    for router in (api, docs.router, health.router, pages_router):
        app.include_router(router)
    mount_files(app)
    docs.describe(app)
    handle_problems(app)
    return app


def _error_page(request: Request, problem: ProblemDocument) -> Response:
    return page(request, "error.html", status=problem.status, title=problem.title, message=problem.detail)


def _version() -> str:
    try:
        return importlib.metadata.version("bothsides")
    except importlib.metadata.PackageNotFoundError:
        return "0"
