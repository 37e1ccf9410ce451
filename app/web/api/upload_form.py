"""An upload's multipart body, read piece by piece: the file goes to the disk as it comes.

Nothing here knows HTTP or asyncio: bytes in, a `Form` out, so that it can run in a thread and be tested
alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import ValidationError
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.calls.metadata import CallMetadata
from app.web.api.file_names import file_name_of
from app.web.problems import FieldProblem, ProblemError, field_problems, invalid
from storage.media.store import Incoming

MAX_METADATA_BYTES = 256 * 1024
"""Ten parties with every field at its longest need less than 40 KB."""
MAX_FRAMING_BYTES = 64 * 1024
"""Boundaries and part headers around the two parts; python-multipart itself limits each header."""

_PLAIN_ENCODINGS = (b"binary", b"8bit", b"7bit")


@dataclass(frozen=True)
class Form:
    """A whole upload. The file is written, not yet finished."""

    incoming: Incoming
    file_name: str
    metadata: CallMetadata


class UploadForm:
    """Feed it the body; take the form at the end. Raises ProblemError, and StorageRefused from the media
    store."""

    def __init__(self, content_type: str, *, receive: Callable[[], Incoming]) -> None:
        """`receive` opens a place for the recording; it is called when the file part begins."""
        self.incoming: Incoming | None = None
        """Open as soon as the file part begins; whoever made this form must leave it if no form came of
        it."""
        self._receive = receive
        self._parser = _parser(content_type, self)
        self._file_name = ""
        self._metadata: CallMetadata | None = None
        self._metadata_bytes = bytearray()
        self._part = ""
        self._take: Callable[[bytes], None] = self._take_metadata
        self._header_name = b""
        self._header_value = b""
        self._headers: dict[bytes, bytes] = {}
        self._complete = False

    def feed(self, piece: bytes) -> None:
        """The next bytes of the body."""
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise _malformed() from error

    def finish(self) -> Form:
        """What came, once the whole body has been fed."""
        if not self._complete:
            raise _malformed()
        if self.incoming is None:
            raise ProblemError(
                422,
                "file_missing",
                "The upload has no part named “file”. Send the recording in it.",
                errors=[FieldProblem(where="file", what="This part is missing")],
            )
        return Form(self.incoming, self._file_name, self._metadata or CallMetadata())

    # Callbacks of the parser

    def on_part_begin(self) -> None:
        self._headers = {}

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def on_header_end(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value.strip(b" \t")
        self._header_name = self._header_value = b""

    def on_headers_finished(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"")
        _, options = parse_options_header(disposition)
        self._part = options.get(b"name", b"").decode("utf-8", errors="replace")
        if self._headers.get(b"content-transfer-encoding", b"binary").lower() not in _PLAIN_ENCODINGS:
            raise _part_refused(self._part, "Send it as it is, without a Content-Transfer-Encoding")
        if self._part == "file":
            if self.incoming is not None:
                raise _part_refused("file", "This part came twice; send one recording at a time")
            self._file_name = file_name_of(options, disposition)
            self.incoming = self._receive()
            self._take = self.incoming.write
        elif self._part == "metadata":
            if self._metadata is not None:
                raise _part_refused("metadata", "This part came twice")
            self._take = self._take_metadata
        else:
            raise _part_refused(
                self._part or "(no name)", "There is no such part; send “file” and “metadata”"
            )

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._take(data[start:end])

    def _take_metadata(self, piece: bytes) -> None:
        self._metadata_bytes += piece
        if len(self._metadata_bytes) > MAX_METADATA_BYTES:
            raise ProblemError(
                413,
                "metadata_too_large",
                f"The “metadata” part is larger than {MAX_METADATA_BYTES // 1024} KB.",
                errors=[FieldProblem(where="metadata", what="This part is too large")],
            )

    def on_part_end(self) -> None:
        if self._part == "metadata":
            self._metadata = parse_metadata(bytes(self._metadata_bytes))

    def on_end(self) -> None:
        self._complete = True


def parse_metadata(document: bytes) -> CallMetadata:
    """The `metadata` part. Raises ProblemError that names each wrong field."""
    try:
        return CallMetadata.model_validate_json(document)
    except ValidationError as error:
        problems = field_problems(
            error.errors(include_url=False, include_context=False, include_input=False), within="metadata"
        )
        raise invalid(problems, subject="The “metadata” part") from error


def _parser(content_type: str, form: UploadForm) -> MultipartParser:
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise ProblemError(
            415,
            "not_multipart",
            "Send the upload as multipart/form-data, with the recording in a part named “file” and, "
            "if you like, its facts as JSON in a part named “metadata”.",
            headers={"Accept-Post": "multipart/form-data"},
        )
    try:
        return MultipartParser(
            boundary,
            {
                "on_part_begin": form.on_part_begin,
                "on_part_data": form.on_part_data,
                "on_part_end": form.on_part_end,
                "on_header_field": form.on_header_field,
                "on_header_value": form.on_header_value,
                "on_header_end": form.on_header_end,
                "on_headers_finished": form.on_headers_finished,
                "on_end": form.on_end,
            },
        )
    except FormParserError as error:
        raise _malformed() from error


def _part_refused(part: str, what: str) -> ProblemError:
    return invalid([FieldProblem(where=part, what=what)], subject="The upload")


def _malformed() -> ProblemError:
    return ProblemError(
        400,
        "malformed_upload",
        "The upload could not be read as multipart/form-data: it is broken or it ended too early. "
        "Send it again.",
    )
