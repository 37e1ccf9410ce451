"""The templates, with the functions that pages format values by."""

from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, StreamingResponse
from fastapi.templating import Jinja2Templates

from app.web.bodies import readable_size
from app.web.pages import present

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"

NOT_KEPT = {"Cache-Control": "no-store"}

PIECES_AT_ONCE = 1500
"""Template pieces in one write: the head of a call's page and about 40 turns."""

templates = Jinja2Templates(directory=TEMPLATES)
templates.env.trim_blocks = True
templates.env.lstrip_blocks = True
for _show in (
    present.clock,
    present.spoken_length,
    readable_size,
    present.percent,
    present.state_words,
    present.side_words,
    present.in_side_order,
    present.lane,
    present.language_name,
):
    templates.env.globals[_show.__name__] = _show


def zone_of(request: Request) -> ZoneInfo:
    """The zone that every time on a page is shown in: one setting for the whole team."""
    return ZoneInfo(request.app.state.parts.settings.time_zone)


def page(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A rendered template; times in it are in the team's zone. Never kept by a cache: calls are private."""
    return templates.TemplateResponse(
        request, template, values | _in_zone(request), status_code=status, headers=NOT_KEPT
    )


def page_as_it_comes(request: Request, template: str, **values: object) -> StreamingResponse:
    """The same, sent piece by piece: the first screen is there before the last turn is written."""
    stream = templates.get_template(template).stream(request=request, **values, **_in_zone(request))
    stream.enable_buffering(PIECES_AT_ONCE)
    return StreamingResponse(stream, media_type="text/html", headers=NOT_KEPT)


def _in_zone(request: Request) -> dict[str, object]:
    zone = zone_of(request)
    return {
        "zone": zone.key.replace("_", " "),
        "day_and_time": partial(present.day_and_time, zone=zone),
        "zone_name": partial(present.zone_name, zone=zone),
    }
