"""The `bothsides` command."""

import typer

from app.cli.run import run
from app.cli.settings import settings
from app.cli.transcribe import transcribe
from app.cli.worker import web, worker

cli = typer.Typer(
    name="bothsides",
    help="Call review and coaching that hears both sides of the conversation.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
cli.command()(run)
cli.command()(transcribe)
cli.command()(web)
cli.command()(worker)
cli.command()(settings)


def main() -> None:
    """Entry point of the installed script."""
    cli()
