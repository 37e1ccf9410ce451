"""Mutated media files through inspect(): `python -m tests.storage.media.fuzz_inspect --count 2000 --seed 1`.

Each case is a small valid file of some container, damaged in one to four ways drawn from the seed and the
case's number, so that `--only NUMBER` replays it. It must end in facts with whole files, or in MediaRejected
with nothing left, within the limits, and with no process left over.
"""

import argparse
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from storage.media.inspect import MediaLimits, MediaRejected, inspect
from storage.media.pcm import Pcm
from storage.media.peaks import Peaks
from tests.storage.media.children import children
from tests.storage.media.media_files import KINDS, encoded, tone

LIMITS = MediaLimits(
    max_duration=300, wall_seconds=60, stall_seconds=30, cpu_seconds=30, memory_bytes=512 * 1024**2
)
OVERHEAD_SECONDS = 15
"""For starting and killing on a busy machine, beyond the wall limit."""

SIZED = [
    *(
        b"RIFF",
        b"fmt ",
        b"data",
        b"fact",
        b"ftyp",
        b"moov",
        b"trak",
        b"mdia",
        b"stbl",
        b"stsd",
        b"stts",
        b"stsc",
    ),
    *(b"stsz", b"stco", b"mdat", b"elst", b"mdhd", b"esds", b"mp4a", b"moof", b"trun", b"OggS", b"OpusHead"),
    *(b"vorbis", b"fLaC", b"Xing", b"Info", b"LAME", b"#!AMR", b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"),
    *(b"\x1f\x43\xb6\x75", b"\x16\x54\xae\x6b", b"\x15\x49\xa9\x66"),
]
"""Marks beside which the sizes and counts of the containers stand."""

EXTREMES = [
    0,
    1,
    2,
    7,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x10000,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFE,
    0xFFFFFFFF,
]

Mutation = Callable[[bytearray, random.Random, Sequence[bytes]], bytearray]


def seeds() -> dict[str, bytes]:
    """A short valid file of every kind."""
    made = {kind.name: kind.make(tone(0.8, kind.rate, kind.channels), kind.rate) for kind in KINDS}
    for name, flags in (("mp4-front", "+faststart"), ("mp4-fragments", "frag_keyframe+empty_moov")):
        options = {"movflags": flags}
        sound = tone(0.8, 48_000, 2)
        made[name] = encoded(
            sound, 48_000, container="mp4", codec="aac", sample_format="fltp", options=options
        )
    return made


def flip_bits(data: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    for _ in range(rng.choice([1, 3, 20, 200])):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def flip_head(data: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    for _ in range(rng.randint(1, 8)):
        data[rng.randrange(min(len(data), 200))] = rng.randrange(256)
    return data


def truncate(data: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    return data[: rng.randrange(1, len(data) + 1)]


def cut_out(data: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    start = rng.randrange(len(data))
    del data[start : start + rng.choice([1, 3, 64, 1000, len(data) // 3])]
    return data


def repeat_a_part(data: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    start = rng.randrange(len(data))
    part = data[start : start + rng.choice([1, 16, 500, len(data) // 2])]
    data[start:start] = part * rng.choice([1, 2, 10])
    return data


def splice(data: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    other = rng.choice(others)
    return data[: rng.randrange(len(data))] + other[rng.randrange(len(other)) :]


def concatenate(data: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    return data + rng.choice(others)


def put_garbage(data: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    start, count = rng.randrange(len(data)), rng.choice([4, 64, 2000])
    garbage = rng.choice([rng.randbytes(count), bytes(count), b"\xff" * count])
    data[start : start + rng.choice([0, count])] = garbage
    return data


def edit_a_size(data: bytearray, rng: random.Random, others: Sequence[bytes]) -> bytearray:
    """An extreme number beside a mark, as sizes and counts stand: before or after, in either byte order."""
    places = [place for mark in SIZED for place in _places(data, mark)]
    if not places:
        return flip_head(data, rng, others)
    place, width = rng.choice(places), rng.choice([1, 2, 4, 4, 4, 8])
    start = max(0, place + rng.choice([-4, 4, 8, 12, rng.randrange(-8, 60)]))
    value = rng.choice([*EXTREMES, rng.getrandbits(32)]) & ((1 << 8 * width) - 1)
    data[start : start + width] = value.to_bytes(width, rng.choice(["little", "big"]))
    return data


def _places(data: bytearray, mark: bytes) -> Iterator[int]:
    place = data.find(mark)
    while place >= 0:
        yield place
        place = data.find(mark, place + 1)


MUTATIONS: list[Mutation] = [
    flip_bits,
    flip_head,
    truncate,
    cut_out,
    repeat_a_part,
    splice,
    concatenate,
    put_garbage,
    edit_a_size,
    edit_a_size,
    edit_a_size,
]


@dataclass(frozen=True)
class Case:
    number: int
    name: str
    data: bytes


def case(seed: int, number: int, valid: dict[str, bytes]) -> Case:
    """Case `number` of the series `seed`."""
    rng = random.Random(f"{seed}/{number}")
    kind = sorted(valid)[number % len(valid)]
    data, done = bytearray(valid[kind]), [kind]
    others = [valid[name] for name in sorted(valid)]
    for _ in range(rng.choice([1, 1, 2, 2, 3, 4])):
        mutation = rng.choice(MUTATIONS)
        data = mutation(data, rng, others) or bytearray(b"\0")
        done.append(mutation.__name__)
    return Case(number, " ".join(done), bytes(data))


@dataclass(frozen=True)
class Outcome:
    case: Case
    result: str
    """ "facts", "facts, breaks off" or the code of the rejection."""
    seconds: float
    fault: str | None


def outcome(case: Case) -> Outcome:
    started = time.monotonic()
    fault = None
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name)
        recording = folder / "recording"
        recording.write_bytes(case.data)
        expected = {"recording"}
        try:
            facts = inspect(recording, folder, limits=LIMITS, progress=lambda fraction: None)
        except MediaRejected as reason:
            result = reason.code
        except Exception as problem:  # noqa: BLE001 - this is what is looked for
            result, fault = "error", repr(problem)
        else:
            result = "facts, breaks off" if facts.breaks_off else "facts"
            expected |= {"sound.pcm", "playback.m4a", "peaks.bin"}
            pcm, peaks = Pcm.open(folder / "sound.pcm"), Peaks.read(folder / "peaks.bin")
            if pcm.duration != facts.duration or pcm.channels != len(peaks.values):
                fault = f"the files do not fit the facts {facts}"
        left = {path.name for path in folder.iterdir()}
        if fault is None and left != expected:
            fault = f"the folder holds {sorted(left)}"
    seconds = time.monotonic() - started
    if fault is None and seconds > LIMITS.wall_seconds + OVERHEAD_SECONDS:
        fault = f"took {seconds:.0f} s"
    return Outcome(case, result, seconds, fault)


def run(seed: int, numbers: Sequence[int], jobs: int = 2) -> Iterator[Outcome]:
    valid = seeds()
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda number: outcome(case(seed, number, valid)), numbers)


class Unforeseen(logging.Handler):
    """Counts what made the child call a file broken without having expected it: worth a look, not a fault."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines[record.getMessage().strip().splitlines()[-1][:200]] += 1


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="replay one case")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="folder to put the files of bad cases into")
    chosen = parser.parse_args()
    numbers = range(chosen.count) if chosen.only is None else [chosen.only]
    print(f"{len(numbers)} cases, seed {chosen.seed}")
    unforeseen = Unforeseen()
    logging.getLogger("storage.media").addHandler(unforeseen)
    tally: Counter[str] = Counter()
    slowest = Outcome(Case(0, "", b""), "", 0.0, None)
    faults = 0
    for done in run(chosen.seed, numbers, chosen.jobs):
        tally[done.result] += 1
        slowest = max(slowest, done, key=lambda one: one.seconds)
        if chosen.only is not None:
            print(f"{done.case.name}: {done.result}")
        if done.fault:
            faults += 1
            print(f"FAULT in case {done.case.number} ({done.case.name}): {done.fault}")
            print(f"  replay: python -m {__spec__.name} --seed {chosen.seed} --only {done.case.number}")
            if chosen.keep:
                chosen.keep.mkdir(parents=True, exist_ok=True)
                (chosen.keep / f"{chosen.seed}-{done.case.number}").write_bytes(done.case.data)
        if sum(tally.values()) % 200 == 0:
            print(f"{sum(tally.values())}: {dict(tally.most_common())}", flush=True)
    if children():
        faults += 1
        print("FAULT: a child process is left over")
    for result, count in tally.most_common():
        print(f"{count:6} {result}")
    print(f"slowest: case {slowest.case.number} ({slowest.case.name}), {slowest.seconds:.1f} s")
    for line, count in unforeseen.lines.most_common(10):
        print(f"{count:6} times the child was surprised: {line}")
    print(f"{faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
