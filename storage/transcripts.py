"""The machine's turns, and apart from them what people corrected."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from review.model import Correction, TextCorrection, Turn, TurnMove
from storage.ids import new_id
from storage.tables import CorrectionRow, TurnRow
from transcription.model import Word


class TranscriptRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def turns(self, call_id: str) -> tuple[Turn, ...]:
        """The machine's turns in order of start."""
        found = self._session.execute(
            select(TurnRow.seq, TurnRow.voice, TurnRow.words)
            .where(TurnRow.call_id == call_id)
            .order_by(TurnRow.seq)
        )
        return tuple(
            Turn(id=f"t{seq}", voice=voice, words=tuple(Word(*word) for word in words))
            for seq, voice, words in found
        )

    def replace_turns(self, call_id: str, turns: Sequence[Turn]) -> None:
        """All of the call's turns at once; the corrections are not touched."""
        self._session.execute(delete(TurnRow).where(TurnRow.call_id == call_id))
        rows = [
            {
                "call_id": call_id,
                "seq": seq,
                "voice": turn.voice,
                "start": turn.start,
                "end": turn.end,
                "text": turn.text,
                "words": [[word.start, word.end, word.text, word.probability] for word in turn.words],
            }
            for seq, turn in enumerate(turns)
        ]
        if rows:
            self._session.execute(insert(TurnRow), rows)

    def voices(self, call_id: str) -> list[str]:
        """The voices that the machine heard, in order of letter."""
        found = select(TurnRow.voice).where(TurnRow.call_id == call_id).distinct().order_by(TurnRow.voice)
        return list(self._session.scalars(found))

    def voices_moved_to(self, call_id: str) -> set[str]:
        """The voices that people gave turns to, as far as that stands."""
        found = select(CorrectionRow.to_voice).where(
            CorrectionRow.call_id == call_id,
            CorrectionRow.undone_at.is_(None),
            CorrectionRow.to_voice.is_not(None),
        )
        return {voice for voice in self._session.scalars(found) if voice is not None}

    def corrections(self, call_id: str) -> list[CorrectionRow]:
        """What stands, oldest first; undone corrections are left out."""
        found = (
            select(CorrectionRow)
            .where(CorrectionRow.call_id == call_id, CorrectionRow.undone_at.is_(None))
            .order_by(CorrectionRow.created_at, CorrectionRow.id)
        )
        return list(self._session.scalars(found))

    def correction(self, call_id: str, correction_id: str) -> CorrectionRow | None:
        """One correction of the call, undone or not."""
        row = self._session.get(CorrectionRow, correction_id)
        return row if row is not None and row.call_id == call_id else None

    def add_text(
        self, call_id: str, *, voice: str, start: float, end: float, text: str, at: datetime
    ) -> CorrectionRow:
        return self._add(
            CorrectionRow(
                id=new_id(),
                call_id=call_id,
                kind="text",
                voice=voice,
                start=start,
                end=end,
                text=text,
                created_at=at,
            )
        )

    def add_move(
        self, call_id: str, *, voice: str, start: float, end: float, to_voice: str, at: datetime
    ) -> CorrectionRow:
        return self._add(
            CorrectionRow(
                id=new_id(),
                call_id=call_id,
                kind="move",
                voice=voice,
                start=start,
                end=end,
                to_voice=to_voice,
                created_at=at,
            )
        )

    def _add(self, row: CorrectionRow) -> CorrectionRow:
        self._session.add(row)
        self._session.flush()
        return row


def correction_of(row: CorrectionRow) -> Correction:
    """The domain's value behind a row."""
    if row.kind == "move":
        return TurnMove(
            id=row.id, voice=row.voice, start=row.start, end=row.end, to_voice=row.to_voice or row.voice
        )
    return TextCorrection(id=row.id, voice=row.voice, start=row.start, end=row.end, text=row.text or "")
