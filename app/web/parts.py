"""How a request handler gets at the parts of the program, and the ids in an address."""

import re
from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Depends, Path, Request

from app.bootstrap import Parts
from app.calls.errors import CallError, NotFound, no_such_call
from app.calls.service import CallService

ID = re.compile(r"[0-9a-z]{26}")


def parts_of(request: Request) -> Parts:
    return cast(Parts, request.app.state.parts)


def calls_of(request: Request) -> CallService:
    return parts_of(request).calls


def _checked(value: str, missing: Callable[[], CallError]) -> str:
    # What cannot be an id is no such thing, and never reaches the database, which may not take its
    # characters.
    if not ID.fullmatch(value):
        raise missing()
    return value


def _call_id(call_id: Annotated[str, Path(description="The call's id.")]) -> str:
    return _checked(call_id, no_such_call)


def _party_id(party_id: str) -> str:
    return _checked(party_id, lambda: NotFound("no_such_party", "There is no such person on this call."))


def _correction_id(correction_id: str) -> str:
    return _checked(
        correction_id, lambda: NotFound("no_such_correction", "There is no such correction on this call.")
    )


PartsDep = Annotated[Parts, Depends(parts_of)]
CallsDep = Annotated[CallService, Depends(calls_of)]
CallId = Annotated[str, Depends(_call_id)]
PartyId = Annotated[str, Depends(_party_id)]
CorrectionId = Annotated[str, Depends(_correction_id)]
