"""Request bodies: how large they may be, and how one that is refused half-way is let down gently."""

import time
from collections.abc import Callable, Mapping

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.problems import ProblemError, problem_response

MAX_BODY_BYTES = 1024**2
"""For everything but uploads. The largest body a page sends is a corrected turn of some kilobytes."""

LINGER_SECONDS = 30.0
LINGER_IDLE_SECONDS = 5.0
"""How long a refused body is still read and thrown away, in all and without a byte coming: the values of
nginx's lingering_time and lingering_timeout."""

Larger = tuple[int, Callable[[], ProblemError]]
"""How many bytes are taken, and what to say about more."""


class BodyLimit:
    """413 for bodies over the limit: at once when the length is announced, else when they have become too
    long."""

    def __init__(self, app: ASGIApp, *, larger: Mapping[tuple[str, str], Larger]) -> None:
        self.app = app
        self.larger = larger
        """By method and path, where more than MAX_BODY_BYTES is taken."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit, refusal = self.larger.get((scope["method"], scope["path"]), _USUAL)
        if (announced_length(scope) or 0) > limit:
            await problem_response(Request(scope), refusal())(scope, receive, send)
            return
        taken = 0

        async def receive_counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise refusal()
            return message

        await self.app(scope, receive_counted, send)


class LingeringClose:
    """Answers before the body is through without cutting the client off.

    A server that closes a connection with unread bytes resets it, and the client may never see why it was
    refused. So the answer goes out whole, then the rest of the body is read and thrown away for a while,
    and only then is the connection closed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(scope):
            await self.app(scope, receive, send)
            return
        body_done = False
        early = False

        async def receive_watched() -> Message:
            nonlocal body_done
            message = await receive()
            body_done = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def send_lingering(message: Message) -> None:
            nonlocal early
            if message["type"] == "http.response.start" and not body_done:
                early = True
                MutableHeaders(scope=message)["Connection"] = "close"
            last = message["type"] == "http.response.body" and not message.get("more_body", False)
            if not (early and last):
                await send(message)
                return
            await send({**message, "more_body": True})
            deadline = time.monotonic() + LINGER_SECONDS
            while not body_done and (left := deadline - time.monotonic()) > 0:
                with anyio.move_on_after(min(LINGER_IDLE_SECONDS, left)) as waiting:
                    await receive_watched()
                if waiting.cancelled_caught:
                    break
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self.app(scope, receive_watched, send_lingering)


def announced_length(scope: Scope) -> int | None:
    """Content-Length, or None when it is missing or no number."""
    announced = Headers(scope=scope).get("content-length", "")
    return int(announced) if announced.isascii() and announced.isdigit() else None


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _too_large() -> ProblemError:
    return ProblemError(
        413,
        "too_large",
        f"The request is larger than the {readable_size(MAX_BODY_BYTES)} that are taken here. Send less at a "
        "time.",
    )


_USUAL: Larger = (MAX_BODY_BYTES, _too_large)


def readable_size(size: int) -> str:
    """Decimal units, as file managers show them: "900 bytes", "1 MB", "3.9 GB"."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.1f}".removesuffix(".0") + f" {unit}"
