"""`bothsides settings`: every setting, its value, where that came from and what it means."""

import os

from pydantic.fields import FieldInfo
from rich.console import Console
from rich.table import Table

from app.settings import Settings, load_settings


def _shown(name: str, value: object, field: FieldInfo) -> str:
    if field.repr is False and value:
        return "(set, not shown)"
    return str(value) if value != "" else "(empty)"


def settings() -> None:
    """Print every setting with its value, source and meaning."""
    now = load_settings()
    table = Table(show_lines=False, pad_edge=False, box=None, header_style="bold")
    for heading in ("Environment variable", "Value", "From", "Meaning"):
        table.add_column(heading, overflow="fold")
    prefix = str(Settings.model_config["env_prefix"])
    for name, field in Settings.model_fields.items():
        variable = f"{prefix}{name}".upper()
        source = "environment" if variable in {key.upper() for key in os.environ} else "default"
        table.add_row(variable, _shown(name, getattr(now, name), field), source, field.description or "")
    Console(soft_wrap=False).print(table)
