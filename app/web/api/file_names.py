"""The name that an uploader gave a file, made fit to show. It is never used as a path."""

import email.message
import re
import unicodedata
from collections.abc import Mapping, Sequence
from email.utils import collapse_rfc2231_value

NAMELESS = "recording"
LONGEST = 255
"""Characters; what common file systems take."""

_BROWSER_ESCAPES = {"%22": '"', "%0D": " ", "%0A": " "}
"""What browsers put in place of the three characters that a quoted header value cannot hold (WHATWG
HTML)."""


def file_name_of(options: Mapping[bytes, bytes], disposition: bytes) -> str:
    """The display name in a Content-Disposition: `filename*` (RFC 5987) before `filename`, made safe."""
    extended = _extended_file_name(disposition)
    if extended is not None:
        return safe_file_name(extended)
    plain = options.get(b"filename", b"").decode("utf-8", errors="replace")
    for escape, meant in _BROWSER_ESCAPES.items():
        plain = plain.replace(escape, meant)
    return safe_file_name(plain)


def safe_file_name(name: str) -> str:
    """`name` without folders, control and direction-changing characters; never empty, at most 255
    characters."""
    name = unicodedata.normalize("NFC", name)
    name = "".join(_harmless(character) for character in name)
    name = re.split(r"[/\\]", name)[-1]
    name = " ".join(name.split())
    if not name.strip(". "):
        return NAMELESS
    if len(name) > LONGEST:
        stem, dot, ending = name.rpartition(".")
        keep = f"{dot}{ending}" if dot and len(ending) <= 16 else ""
        name = (stem if keep else name)[: LONGEST - len(keep)] + keep
    return name


def _harmless(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return " " if character in "\t\r\n" else ""
    # Cf holds the marks that turn the direction of what follows ("gpj.exe"); Cs would not survive UTF-8.
    return "" if category in ("Cf", "Cs") else character


def _parameters(header: email.message.Message) -> Sequence[tuple[str, object]]:
    return header.get_params(header="content-disposition", failobj=[])


def _extended_file_name(disposition: bytes) -> str | None:
    if b"filename*" not in disposition.lower():
        return None
    header = email.message.Message()
    header["Content-Disposition"] = disposition.decode("latin-1")
    # A tuple of character set, language and text where the name was written as `filename*`, else a string.
    for name, value in _parameters(header):
        if name == "filename" and isinstance(value, tuple):
            return collapse_rfc2231_value(value)
    return None
