"""What stands before every request: its id, security headers, the cross-site refusal, and the last
resort."""

import logging
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from ulid import ULID

from app.web.problems import ProblemError, problem_response

log = logging.getLogger("bothsides.web")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    # Other sites may neither embed a recording nor hold a handle on the page.
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class RequestContext:
    """Outermost: gives the request an id, sets the headers, turns what nobody caught into a problem,
    logs."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = str(ULID()).lower()
        scope["request_id"] = request_id
        began = time.monotonic()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _set_headers(MutableHeaders(scope=message), scope["path"], request_id)
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:
            log.exception("%s %s failed, request %s", scope["method"], scope["path"], request_id)
            if status:
                raise  # half an answer is out: the server can only cut the connection
            await problem_response(Request(scope), error)(scope, receive, send_with_headers)
        finally:
            if scope["method"] not in SAFE_METHODS or status >= 400:
                seconds = time.monotonic() - began
                where = f"{scope['method']} {scope['path']}"
                log.info("%s %s in %.3f s, request %s", where, status or "unanswered", seconds, request_id)


def _set_headers(headers: MutableHeaders, path: str, request_id: str) -> None:
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store" if path.startswith("/api/") else "private, no-cache")
    headers["X-Request-ID"] = request_id


class RefuseCrossSite:
    """Refuses changes that another site's page asks for.

    Browsers say where a request comes from in Sec-Fetch-Site, older ones in Origin; programs say neither
    and are let through. "same-site" is refused too: every port of localhost is the same site.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and _comes_from_elsewhere(scope):
            refused = ProblemError(
                403, "cross_site", "This change was asked for by another site's page, so it was not made."
            )
            await problem_response(Request(scope), refused)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _comes_from_elsewhere(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
