"""The multipart reader alone: however the network cuts the body, the same comes out."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.api.upload_form import UploadForm
from app.web.problems import ProblemError

BOUNDARY = "xyz"
KIND = f"multipart/form-data; boundary={BOUNDARY}"


class Sink:
    """Stands for an Incoming: remembers what was written."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, chunk: bytes) -> None:
        self.written += chunk


def body_of(content: bytes) -> bytes:
    return (
        b"--xyz\r\nContent-Disposition: form-data; name=metadata\r\n\r\n"
        b'{"title":"T"}\r\n--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n'
        b"Content-Type: audio/wav\r\n\r\n" + content + b"\r\n--xyz--\r\n"
    )


# Bytes that look like the beginning of a boundary are what a reader gets wrong.
CONTENT = st.lists(
    st.sampled_from([b"\r", b"\n", b"-", b"--", b"\r\n--", b"\r\n--xy", b"xyz", b"a"]), min_size=1
)


@given(content=CONTENT.map(b"".join), cuts=st.lists(st.integers(0, 400), max_size=12))
def test_it_does_not_matter_where_the_body_is_cut(content: bytes, cuts: list[int]) -> None:
    if b"\r\n--xyz" in b"\r\n" + content:
        return
    body = body_of(content)
    edges = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    sink = Sink()
    form = UploadForm(KIND, receive=lambda: sink)
    for start, end in pairwise(edges):
        form.feed(body[start:end])
    assert form.finish().file_name == "a.wav"
    assert form.finish().metadata.title == "T"
    assert sink.written == content


@given(st.binary(max_size=300), st.integers(0, 250))
def test_any_damage_is_refused_or_harmless(noise: bytes, at: int) -> None:
    """Nothing but a ProblemError ever comes out, whatever is put into the body."""
    body = body_of(b"sound")
    sink = Sink()
    with suppress(ProblemError):
        form = UploadForm(KIND, receive=lambda: sink)
        form.feed(body[:at] + noise + body[at + len(noise) // 2 :])
        form.finish()


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data", "multipart/mixed; boundary=x"])
def test_another_content_type_is_415(kind: str) -> None:
    with pytest.raises(ProblemError) as refused:
        UploadForm(kind, receive=Sink)
    assert refused.value.status_code == 415


def test_an_endless_boundary_is_refused() -> None:
    with pytest.raises(ProblemError) as refused:
        UploadForm("multipart/form-data; boundary=" + "x" * 5000, receive=Sink)
    assert refused.value.status_code == 400
