"""Whether a file was cut off, told from its own bytes, for containers whose demuxer does not say."""

import io

OGG_TAIL = 70_000
"""More than the largest Ogg page (65,307 bytes), so that the last one begins within."""

SEGMENT = b"\x18\x53\x80\x67"
"""The Matroska element that holds everything after the file's header."""

HEAD = 4096

OPEN_SIZE = 0x7FFF0000
"""WAV writers that cannot go back put 0, this or more where the number of bytes belongs."""

MAGIC = (b"OggS", b"fLaC", b"#!AMR", b"ID3", b"\x1a\x45\xdf\xa3")
MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")


def begins_like_media(file: io.FileIO) -> bool:
    """Whether the file begins as one of ours does, even if it cannot be opened."""
    file.seek(0)
    head = _read(file, 12)
    return head.startswith(MAGIC) or head[4:8] in MP4_BOXES or (head[:4], head[8:]) == (b"RIFF", b"WAVE")


def length_is_written(file: io.FileIO, container: str) -> bool:
    """Whether the duration that FFmpeg gives is the file's own word and not worked out from its bit rate."""
    if container != "mp3":
        return container in ("wav", "flac", "mp4", "ogg")
    place = file.tell()
    file.seek(0)
    head = _read(file, 10)
    # An ID3v2 tag gives its length in four times seven bits (id3.org, ID3v2.3, section 3.1).
    tag = 10 + sum(byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=False))
    file.seek(tag if head.startswith(b"ID3") else 0)
    first_frame = _read(file, 200)
    file.seek(place)
    return b"Xing" in first_frame or b"Info" in first_frame


def declared_more(file: io.FileIO, size: int, container: str) -> bool:
    """Whether the file ends before it says it does. False where its kind does not tell."""
    if container == "ogg":
        file.seek(max(size - OGG_TAIL, 0))
        return _ogg_is_open(_read(file, OGG_TAIL))
    if container == "wav":
        return _data_end(file, size) > size
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


def _data_end(file: io.FileIO, size: int) -> int:
    """Where the RIFF header says the samples end; 0 when it leaves that open or is not plain RIFF."""
    file.seek(0)
    head = _read(file, 12)
    place = 12
    while head[:4] == b"RIFF" and place + 8 <= size:
        file.seek(place)
        chunk = _read(file, 8)
        length = int.from_bytes(chunk[4:], "little")
        if chunk[:4] == b"data":
            return place + 8 + length if 0 < length < OPEN_SIZE else 0
        place += 8 + length + length % 2
    return 0


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
