"""`bothsides web` and `bothsides worker`: one process alone, for whoever has a supervisor of their own."""

import sys

from app.settings import load_settings


def web() -> None:
    """Start only the web server. The database must be migrated: `bothsides run` does that."""
    from app.web.serve import run_web  # noqa: PLC0415 - the worker needs no web framework

    sys.exit(run_web(load_settings()))


def worker() -> None:
    """Start only a worker. More of them may run at once; each loads its own models."""
    from app.jobs.worker import main  # noqa: PLC0415 - the web process needs no queue consumer

    main()
