"""Files that the pages are made of: our own, and those of the front-end packages in package.json."""

import json
import logging
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

log = logging.getLogger("bothsides.web")

STATIC = Path(__file__).parent / "static"
CHECKOUT = Path(__file__).parent.parent.parent


def mount_files(app: FastAPI, *, checkout: Path = CHECKOUT) -> None:
    """/static is ours; /vendor/<package> is a package that package.json names, and nothing else of
    node_modules."""
    STATIC.mkdir(exist_ok=True)
    app.mount("/static", _Revalidated(directory=STATIC), name="static")
    for package in _packages(checkout / "package.json"):
        folder = checkout / "node_modules" / package
        if folder.is_dir():
            app.mount(f"/vendor/{package}", _Revalidated(directory=folder), name=f"vendor-{package}")
        else:
            log.warning("The front-end package %s is not installed; `make run` installs it.", package)


class _Revalidated(StaticFiles):
    """Kept by browsers, asked for again each time by ETag: a new version is never mixed with an old one."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response


def _packages(manifest: Path) -> list[str]:
    try:
        found = json.loads(manifest.read_text(encoding="utf-8")).get("dependencies", {})
    except FileNotFoundError:
        return []
    return sorted(found)
