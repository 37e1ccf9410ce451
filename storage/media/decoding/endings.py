"""Whether a file was cut off, told from its last bytes, for containers whose demuxer does not say."""

import io

OGG_TAIL = 70_000
"""More than the largest Ogg page (65,307 bytes), so that the last one begins within."""

SEGMENT = b"\x18\x53\x80\x67"
"""The Matroska element that holds everything after the file's header."""

HEAD = 4096


def declared_more(file: io.FileIO, size: int, container: str) -> bool:
    """Whether the file ends before it says it does. False where its kind does not tell."""
    if container == "ogg":
        file.seek(max(size - OGG_TAIL, 0))
        return _ogg_is_open(_read(file, OGG_TAIL))
    if container == "matroska":
        file.seek(0)
        return _segment_end(_read(file, HEAD)) > size
    return False


def _ogg_is_open(tail: bytes) -> bool:
    """Whether the last page is incomplete or not marked as the last (RFC 3533, section 6)."""
    start = tail.rfind(b"OggS")
    page = tail[start:]
    if start < 0 or len(page) < 27 or len(page) < 27 + page[26]:
        return True
    length = 27 + page[26] + sum(page[27 : 27 + page[26]])
    return len(page) < length or not page[5] & 4


def _segment_end(head: bytes) -> int:
    """Where the segment says it ends (RFC 8794, section 4); 0 when it leaves that open, as live ones do."""
    start = head.find(SEGMENT) + len(SEGMENT)
    if start < len(SEGMENT) or start >= len(head) or not head[start]:
        return 0
    width = 9 - head[start].bit_length()
    value = int.from_bytes(head[start : start + width]) & ((1 << 7 * width) - 1)
    return 0 if value == (1 << 7 * width) - 1 else start + width + value


def _read(file: io.FileIO, count: int) -> bytes:
    data = b""
    while len(data) < count and (more := file.read(count - len(data))):
        data += more
    return data
