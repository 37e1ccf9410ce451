"""How the processes write their logs: a line each to stderr, libraries quiet unless something is wrong."""

import logging
import sys

QUIET = ("alembic", "faster_whisper", "httpx", "huey", "lightning", "pyannote", "uvicorn.error")


def start_logging(process: str) -> None:
    """Lines begin with the time and the name of the process, as the supervisor mixes those of both."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format=f"%(asctime)s {process} %(levelname)s %(message)s"
    )
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
