"""How far a conversation is from the truth. Both texts are normalised by Whisper's English rules."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from meeteval.wer.wer.cp import cp_word_error_rate
from meeteval.wer.wer.siso import siso_word_error_rate
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate
from whisper_normalizer.english import EnglishTextNormalizer


@dataclass(frozen=True, slots=True)
class Said:
    """What one person said in one go. Seconds."""

    speaker: str
    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Scores:
    """Error rates, 0 is perfect. None where they cannot be had.

    wer    all words in the order of their time, whoever said them
    cpwer  words per speaker, speakers matched as fits best: it counts words given to the wrong speaker
    der    share of the speech time given to nobody, to too many or to the wrong one; no collar, with overlap
    """

    wer: float | None
    cpwer: float | None
    der: float | None


def truth_of(recording: Path) -> tuple[Said, ...] | None:
    """The truth beside a recording: NAME.json for NAME.ogg and NAME.mono.ogg; None where there is none."""
    path = recording.with_name(recording.name.split(".")[0] + ".json")
    if not path.is_file():
        return None
    turns = json.loads(path.read_text())["turns"]
    said = (Said(turn["speaker"], turn["start"], turn["end"], turn["text"]) for turn in turns)
    return tuple(sorted(said, key=lambda turn: turn.start))


def score(truth: Sequence[Said], heard: Sequence[Said], *, words: str, voices: Iterable[Said]) -> Scores:
    """`heard` are the turns, `words` all words in the order of their time, `voices` who spoke when."""
    return Scores(
        wer=word_error_rate(" ".join(said.text for said in truth), words),
        cpwer=speaker_word_error_rate(truth, heard),
        der=diarization_error_rate(truth, voices),
    )


def word_error_rate(truth: str, heard: str) -> float:
    return float(siso_word_error_rate(normal(truth), normal(heard)).error_rate)


def speaker_word_error_rate(truth: Sequence[Said], heard: Sequence[Said]) -> float:
    error = cp_word_error_rate(
        _by_speaker(truth),
        _by_speaker(heard) or {"nobody": ""},
        # Each speaker's text is one piece, already in order.
        reference_sort=False,
        hypothesis_sort=False,
    )
    return float(error.error_rate)


def diarization_error_rate(truth: Iterable[Said], voices: Iterable[Said]) -> float:
    reference, hypothesis = _annotation(truth), _annotation(voices)
    extent = reference.get_timeline().extent() | hypothesis.get_timeline().extent()
    metric = DiarizationErrorRate(collar=0.0, skip_overlap=False)
    return float(metric(reference, hypothesis, uem=Timeline([extent])))


def normal(text: str) -> str:
    return str(_normalizer()(text))


@cache
def _normalizer() -> EnglishTextNormalizer:
    return EnglishTextNormalizer()


def _by_speaker(turns: Iterable[Said]) -> dict[str, str]:
    texts: dict[str, list[str]] = {}
    for turn in turns:
        texts.setdefault(turn.speaker, []).append(turn.text)
    return {speaker: normal(" ".join(parts)) for speaker, parts in texts.items()}


def _annotation(turns: Iterable[Said]) -> Annotation:
    annotation = Annotation()
    for number, turn in enumerate(turns):
        annotation[Segment(turn.start, turn.end), number] = turn.speaker
    return annotation
