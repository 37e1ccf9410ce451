"""Words x speakers -> turns: who said which word. Pure; docs/conversation.md states the rules for readers."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from diarization.model import Diarization
from review.model import Turn
from review.spans import Spans, spans_by_voice
from review.turns import PHRASE_PAUSE_SECONDS, build_turns, ends_sentence
from review.words import clean_words
from transcription.model import Transcript, Word

VOICES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

EDGE_SECONDS = 0.3
"""How far a word's times and a voice's edges may lie apart and still belong together: word times that an
engine reads off its attention are wrong by 0.1-0.2 s as a rule, and a level meter opens late on soft
sounds."""

SUPPORT_FLOOR = 0.03
"""The weight that a voice keeps on a word where the diarization does not hear it at all, of 1."""

NEAR_SECONDS = 0.25
"""How fast a voice's claim on a word beside its stretch fades: to 1/e at this distance."""

NEAR_WEIGHT = 0.25
"""What being near counts beside being inside."""

CHANGE_COST = {"sentence": 0.2, "pause": 1.0, "within": 5.0}
"""What it costs, in nats of evidence, that the speaker changes between two words: after a sentence's end,
in a pause of PHRASE_PAUSE_SECONDS inside a sentence, and between words that follow at once; in shorter
pauses, in proportion. A word that lies wholly in one voice's stretch brings one to three: the flicker of a
diarizer inside a sentence is outvoted, somebody who really cuts in with a sentence is not."""


def attribute_channels(transcripts: Sequence[Transcript], diarization: Diarization) -> tuple[Turn, ...]:
    """Turns where each channel is one voice: the first transcript is voice "A", the second "B".

    A word is left out as bleed only when the diarization (which goes by level) hears another voice there
    and hears its own voice nowhere within EDGE_SECONDS. Where it hears nobody the word stays: a soft word
    is better kept. Words are never compared. Overlapping talk stays as overlapping turns.
    """
    spans = spans_by_voice(diarization.turns)
    words_of: dict[str, Sequence[Word]] = {}
    for voice, transcript in zip(VOICES, transcripts, strict=False):
        own = spans.get(voice, Spans(()))
        others = [span for other, span in spans.items() if other != voice]
        words = clean_words(transcript.words, own)
        words_of[voice] = [word for word in words if not _only_bleed(word, own, others)]
    return build_turns(words_of)


def attribute_mixed(transcript: Transcript, diarization: Diarization) -> tuple[Turn, ...]:
    """Turns where all voices share one channel.

    Words get the sequence of voices that explains them best: each word by how much of it lies inside, or
    close to, a voice's stretch of `diarization.exclusive`, against what each change of speaker costs
    (little after a sentence, much inside one; see CHANGE_COST). So a word at a turn's edge goes with its
    sentence, a one-word flip inside a sentence is smoothed away, and a "yeah" that the diarization hears
    in full stays with the one who said it. With no voices at all, every word is voice "A"'s.
    """
    spans = spans_by_voice(diarization.exclusive or diarization.turns)
    words = clean_words(transcript.words, Spans((turn.start, turn.end) for turn in diarization.turns))
    chosen = _best_voices(words, spans) if spans else [VOICES[0]] * len(words)
    words_of: dict[str, list[Word]] = {voice: [] for voice in chosen}
    for word, voice in zip(words, chosen, strict=True):
        words_of[voice].append(word)
    return build_turns(words_of)


def _only_bleed(word: Word, own: Spans, others: Sequence[Spans]) -> bool:
    if own.distance(word.start, word.end) <= EDGE_SECONDS:
        return False
    return any(other.overlap(word.start, word.end) > 0 for other in others)


def _best_voices(words: Sequence[Word], spans: Mapping[str, Spans]) -> list[str]:
    """The cheapest sequence of voices (Viterbi): one a word; on a tie, the voice that comes first by name."""
    if not words:
        return []
    voices = list(spans)
    cost = _word_costs(words[0], spans)
    came_from: list[list[int]] = []
    for before, word in pairwise(words):
        change = change_cost(before, word)
        cheapest = min(range(len(voices)), key=cost.__getitem__)
        stay = [cost[v] <= cost[cheapest] + change for v in range(len(voices))]
        came_from.append([v if stay[v] else cheapest for v in range(len(voices))])
        own = _word_costs(word, spans)
        cost = [own[v] + (cost[v] if stay[v] else cost[cheapest] + change) for v in range(len(voices))]
    at = min(range(len(voices)), key=cost.__getitem__)
    path = [at]
    for origins in reversed(came_from):
        at = origins[at]
        path.append(at)
    return [voices[v] for v in reversed(path)]


def change_cost(before: Word, after: Word) -> float:
    """What a change of speaker between two neighbouring words costs."""
    if ends_sentence(before.text):
        return CHANGE_COST["sentence"]
    pause = min(1.0, (after.start - before.end) / PHRASE_PAUSE_SECONDS)
    return CHANGE_COST["within"] + pause * (CHANGE_COST["pause"] - CHANGE_COST["within"])


def _word_costs(word: Word, spans: Mapping[str, Spans]) -> list[float]:
    """For each voice, minus the logarithm of its share of the claims on the word."""
    claims = [SUPPORT_FLOOR + _claim(word, span) for span in spans.values()]
    total = sum(claims)
    return [-math.log(claim / total) for claim in claims]


def _claim(word: Word, span: Spans) -> float:
    inside = span.overlap(word.start, word.end) / (word.end - word.start)
    near = math.exp(-span.distance(word.start, word.end) / NEAR_SECONDS)
    return (1 - NEAR_WEIGHT) * inside + NEAR_WEIGHT * near
