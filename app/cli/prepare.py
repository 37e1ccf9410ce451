"""What must be there before the first request: folders, tables, model files, demo calls."""

import importlib
from collections.abc import Callable

from app.settings import Settings


def prepare(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Bring database, model files and demo calls in place. Doing it again costs a second or two.

    Raises SystemExit with a plain message when something that only a person can mend is missing.
    """
    database = importlib.import_module("storage.database")
    database.migrate(settings.database())
    if settings.engines == "real":
        importlib.import_module("app.engines").ensure_models(settings, say=say)
    if settings.demo:
        seed = importlib.import_module("app.demo.seed")
        added = seed.add_demo_calls(settings)
        if added:
            say(f"Added {added} demo calls; the worker transcribes them now.")
