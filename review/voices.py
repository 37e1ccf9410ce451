"""Voices across runs: a re-run's letters, given the letters that people's work is anchored to."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from string import ascii_uppercase

from review.model import Turn


def voice_letters() -> Iterator[str]:
    """ "A" … "Z", "A1" … "Z1", "A2", …"""
    for round_ in count():
        for letter in ascii_uppercase:
            yield f"{letter}{round_ or ''}"


def unused_voice(taken: Collection[str]) -> str:
    """The first voice that is not taken: for a person who was listed, never heard, and now given a turn."""
    return next(voice for voice in voice_letters() if voice not in taken)


def voices_in(turns: Sequence[Turn]) -> tuple[str, ...]:
    """Each voice once, in order of first speech."""
    return tuple(dict.fromkeys(turn.voice for turn in turns))


def match_voices(old_turns: Sequence[Turn], new_turns: Sequence[Turn]) -> dict[str, str]:
    """For every voice of a re-run, the voice to call it: the old one that it shares the most seconds with.

    One to one, the largest share first; a new voice that is left over gets a letter that the old run never
    used. Both are machine turns in order of start. Hand the result to `rename_voices`, so that corrections
    and seats still fit.
    """
    shared = _shared_seconds(old_turns, new_turns)
    matched: dict[str, str] = {}
    for (new, old), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if new not in matched and old not in matched.values():
            matched[new] = old
    for voice in voices_in(new_turns):
        if voice not in matched:
            matched[voice] = unused_voice({*voices_in(old_turns), *matched.values()})
    return matched


def rename_voices(turns: Sequence[Turn], names: Mapping[str, str]) -> tuple[Turn, ...]:
    """The turns with their voices renamed; a voice without a new name keeps its own."""
    return tuple(replace(turn, voice=names.get(turn.voice, turn.voice)) for turn in turns)


def _shared_seconds(old_turns: Sequence[Turn], new_turns: Sequence[Turn]) -> dict[tuple[str, str], float]:
    """Seconds of words that a new and an old voice have at the same time; only pairs that have any."""
    shared: dict[tuple[str, str], float] = {}
    old_words = sorted((word.start, word.end, turn.voice) for turn in old_turns for word in turn.words)
    new_words = sorted((word.start, word.end, turn.voice) for turn in new_turns for word in turn.words)
    first = 0
    for start, end, voice in new_words:
        # Words are short: an old word that began ten seconds earlier cannot reach here.
        while first < len(old_words) and old_words[first][0] < start - 10.0:
            first += 1
        for at in range(first, len(old_words)):
            old_start, old_end, old_voice = old_words[at]
            if old_start >= end:
                break
            seconds = min(end, old_end) - max(start, old_start)
            if seconds > 0:
                shared[voice, old_voice] = shared.get((voice, old_voice), 0.0) + seconds
    return shared
