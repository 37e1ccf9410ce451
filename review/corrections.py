"""What people changed, laid over the machine's transcript. docs/conversation.md states the rules for readers.

A correction is anchored to sound: a stretch of seconds and the voice that **the machine** heard there, even
where an earlier correction moved those words to another voice (`anchor_of` gives a turn's anchor). So the
order of moving and correcting does not matter, undoing a move leaves the corrected text alone, and a re-run
with slightly other word times keeps everything in place. Corrections apply in their order to what the earlier
ones made; where two meet, the later wins.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from review.model import Conversation, Correction, TextCorrection, Turn, TurnMove
from transcription.model import Word

HEARD_BY_A_PERSON = 1.0
"""The probability of a word that a person wrote."""

EDGE_SHARE = 0.5
"""Where no word has its middle in a correction's stretch (a re-run moved a short word's edges), a word
counts as meant that shares at least half of the shorter of the two."""

INFINITY = float("inf")

SHORTEST_SECONDS = 0.001
"""What words take that a person wrote for a stretch without length."""


def anchor_of(turn: Turn) -> tuple[str, float, float]:
    """What a correction of the whole turn is anchored to: the machine's voice, start and end in seconds."""
    return turn.moved_from or turn.voice, turn.start, turn.end


def apply(conversation: Conversation, corrections: Sequence[Correction]) -> Conversation:
    """The conversation as people left it. `conversation` is the machine's; parties are not touched.

    Turns that no correction reaches are the very same values. A turn of which a part was moved falls into
    pieces: the first keeps the id ("t5"), the others are "t5.1", "t5.2", …. A turn left without words is
    not in the result; the correction that emptied it can still be undone, for it is in the list. Words for
    a stretch where the machine has none become a turn of their own with the id "c" + the correction's id.
    After a move, turns of one voice may overlap.
    """
    if not corrections:
        return conversation
    drafts = _Drafts(conversation.turns)
    for correction in corrections:
        if isinstance(correction, TextCorrection):
            _rewrite(drafts, correction)
        else:
            _move(drafts, correction)
    turns = sorted(drafts.turns(), key=lambda turn: turn.start)
    return replace(conversation, turns=tuple(turns))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A word and the voice that it belongs to now."""

    word: Word
    voice: str


@dataclass(slots=True)
class _Draft:
    """A turn being changed. `start` and `end` stay the machine's: an emptied turn can be found again."""

    id: str
    voice: str
    start: float
    end: float
    machine: Turn | None
    placed: list[_Placed] | None = None
    """None while untouched."""

    def words(self) -> list[_Placed]:
        """A list to change: it counts once it is put into `placed`."""
        if self.placed is not None:
            return list(self.placed)
        return [_Placed(word, self.voice) for word in (self.machine.words if self.machine else ())]


class _Drafts:
    """The turns by the machine's voice, in order of start; a voice's turns do not overlap."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._of_voice: dict[str, list[_Draft]] = {}
        for turn in turns:
            draft = _Draft(turn.id, turn.voice, turn.start, turn.end, machine=turn)
            self._of_voice.setdefault(turn.voice, []).append(draft)

    def within(self, voice: str, start: float, end: float) -> list[_Draft]:
        """The voice's turns that meet [start, end]."""
        drafts = self._of_voice.get(voice, [])
        first = bisect_left(drafts, start, key=lambda draft: draft.end)
        return drafts[first : bisect_right(drafts, end, key=lambda draft: draft.start)]

    def add(self, draft: _Draft) -> None:
        insort(self._of_voice.setdefault(draft.voice, []), draft, key=lambda draft: draft.start)

    def turns(self) -> Iterator[Turn]:
        for drafts in self._of_voice.values():
            for draft in drafts:
                yield from _finished(draft)


_Covered = list[tuple[_Draft, list[int]]]
"""The words that a correction means: positions in each turn's words."""


def _covered(drafts: _Drafts, correction: Correction) -> _Covered:
    start, end = correction.start, correction.end
    near = drafts.within(correction.voice, start, end)

    def meant(word: Word) -> bool:
        return start <= (word.start + word.end) / 2 <= end

    def shares_enough(word: Word) -> bool:
        shared = min(word.end, end) - max(word.start, start)
        return shared > 0 and shared >= EDGE_SHARE * min(word.end - word.start, end - start)

    for test in (meant, shares_enough):
        found = [(draft, [at for at, p in enumerate(draft.words()) if test(p.word)]) for draft in near]
        found = [(draft, places) for draft, places in found if places]
        if found:
            return found
    return []


def _move(drafts: _Drafts, move: TurnMove) -> None:
    for draft, places in _covered(drafts, move):
        words = draft.words()
        for at in places:
            words[at] = replace(words[at], voice=move.to_voice)
        draft.placed = words


def _rewrite(drafts: _Drafts, correction: TextCorrection) -> None:
    covered = _covered(drafts, correction)
    texts = correction.text.split()
    if not covered:
        if texts:
            _insert(drafts, correction, texts)
        return
    parts = [
        (draft.words()[places[0]].word.start, draft.words()[places[-1]].word.end) for draft, places in covered
    ]
    for (draft, places), written in zip(covered, spread(texts, parts), strict=True):
        words = draft.words()
        voice = words[places[0]].voice
        draft.placed = [
            *words[: places[0]],
            *(_Placed(word, voice) for word in written),
            *words[places[-1] + 1 :],
        ]


def _insert(drafts: _Drafts, correction: TextCorrection, texts: list[str]) -> None:
    """Words where the machine has none (now): into the turn around them, else as a turn of their own."""
    start, end = correction.start, max(correction.end, correction.start + SHORTEST_SECONDS)
    near = drafts.within(correction.voice, start, end)
    if not near:
        near = [_Draft(f"c{correction.id}", correction.voice, start, end, machine=None)]
        drafts.add(near[0])
    draft = max(near, key=lambda draft: min(draft.end, end) - max(draft.start, start))
    words = draft.words()
    at = bisect_left(words, start, key=lambda placed: placed.word.start)
    if at < len(words):
        end = max(start + SHORTEST_SECONDS, min(end, words[at].word.start))
    voice = words[max(0, at - 1)].voice if words else correction.voice
    [written] = spread(texts, [(start, end)])
    draft.placed = [*words[:at], *(_Placed(word, voice) for word in written), *words[at:]]


def spread(texts: Sequence[str], parts: Sequence[tuple[float, float]]) -> list[list[Word]]:
    """Words for each part, filling the parts' seconds in proportion to the letters of the texts.

    Each word lies in the part that its middle falls into, and within that part's seconds.
    """
    total = sum(end - start for start, end in parts)
    letters = sum(len(text) for text in texts)
    written: list[list[Word]] = [[] for _ in parts]
    said = 0
    for text in texts:
        begin, middle, finish = (
            total * count / letters for count in (said, said + len(text) / 2, said + len(text))
        )
        said += len(text)
        at, offset = _part_at(parts, middle)
        start, end = parts[at]
        word_start = max(start, start + begin - offset)
        word_end = min(end, start + finish - offset)
        written[at].append(Word(word_start, word_end, text, HEARD_BY_A_PERSON))
    return written


def _part_at(parts: Sequence[tuple[float, float]], seconds: float) -> tuple[int, float]:
    """The part that lies `seconds` into all parts laid end to end, and the seconds before it."""
    before = 0.0
    for at, (start, end) in enumerate(parts[:-1]):
        if seconds < before + end - start:
            return at, before
        before += end - start
    return len(parts) - 1, before


def _finished(draft: _Draft) -> Iterator[Turn]:
    if draft.placed is None:
        if draft.machine:
            yield draft.machine
        return
    pieces = _runs(draft.placed)
    limits = [0.0, *(words[0].start for _, words in pieces[1:]), INFINITY]
    for n, (voice, words) in enumerate(pieces):
        piece = Turn(
            id=draft.id if n == 0 else f"{draft.id}.{n}",
            voice=voice,
            words=words,
            moved_from=draft.voice if voice != draft.voice else None,
        )
        machine_text = _machine_text(draft, limits[n], limits[n + 1])
        yield piece if piece.text == machine_text else replace(piece, machine_text=machine_text)


def _machine_text(draft: _Draft, start: float, end: float) -> str:
    """What the machine wrote from `start` to before `end`."""
    words = draft.machine.words if draft.machine else ()
    return " ".join(word.text for word in words if start <= (word.start + word.end) / 2 < end)


def _runs(placed: Sequence[_Placed]) -> list[tuple[str, tuple[Word, ...]]]:
    runs: list[tuple[str, list[Word]]] = []
    for item in placed:
        if runs and runs[-1][0] == item.voice:
            runs[-1][1].append(item.word)
        else:
            runs.append((item.voice, [item.word]))
    return [(voice, tuple(words)) for voice, words in runs]
