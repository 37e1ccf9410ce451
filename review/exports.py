"""The conversation as JSON, plain text, SRT and WebVTT."""

from collections.abc import Mapping
from typing import Any

from review.cues import Cue, make_cues
from review.model import Conversation, Party, Turn
from review.times import format_clock

NOBODY_SPEAKS = "Nobody speaks in this recording."


def to_dict(
    conversation: Conversation,
    *,
    duration: float,
    engines: Mapping[str, Any],
    timings: Mapping[str, float],
) -> dict[str, Any]:
    """The transcript as plain JSON values: times in seconds to the millisecond, `party` the id of one.

    `engines` and `timings` are passed through. Nobody speaking gives an empty list of turns.
    """
    return {
        "duration": round(duration, 3),
        "parties": [
            {"id": party.id, "side": str(party.side), "label": party.label, "guessed": party.guessed}
            for party in conversation.parties
        ],
        "turns": [_turn_dict(conversation, turn) for turn in conversation.turns],
        "engines": dict(engines),
        "timings": {stage: round(seconds, 3) for stage, seconds in timings.items()},
    }


def to_text(conversation: Conversation) -> str:
    """A line a turn: when, who, what. Says so when nobody speaks."""
    if not conversation.turns:
        return NOBODY_SPEAKS + "\n"
    clocks = [format_clock(turn.start) for turn in conversation.turns]
    width = max(len(clock) for clock in clocks)
    return "".join(
        f"{clock:>{width}}  {label_of(conversation, turn)}: {turn.text}\n"
        for clock, turn in zip(clocks, conversation.turns, strict=True)
    )


def to_srt(conversation: Conversation) -> str:
    """SubRip, each cue with its speaker's label; empty when nobody speaks."""
    return "\n".join(
        f"{number}\n{_cue_time(cue.start_ms, ',')} --> {_cue_time(cue.end_ms, ',')}\n{_srt_safe(cue_text)}\n"
        for number, cue in enumerate(_cues(conversation), start=1)
        for cue_text in ["\n".join([f"{cue.label}: {cue.lines[0]}", *cue.lines[1:]])]
    )


def to_vtt(conversation: Conversation) -> str:
    """WebVTT with voice spans (`<v Rep>`), to style each side by; only a header for silence."""
    blocks = [
        f"{_cue_time(cue.start_ms, '.')} --> {_cue_time(cue.end_ms, '.')}\n"
        f"<v {_vtt_safe(cue.label)}>{_vtt_safe(chr(10).join(cue.lines))}</v>\n"
        for cue in _cues(conversation)
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def label_of(conversation: Conversation, turn: Turn) -> str:
    """Who says it, on one line; a voice without a party is called by its letter."""
    party = conversation.party_of(turn.voice)
    return " ".join(party.label.split()) if party else f"Speaker {turn.voice}"


def _turn_dict(conversation: Conversation, turn: Turn) -> dict[str, Any]:
    party: Party | None = conversation.party_of(turn.voice)
    return {
        "party": party.id if party else None,
        "start": round(turn.start, 3),
        "end": round(turn.end, 3),
        "text": turn.text,
        "words": [
            {
                "start": round(word.start, 3),
                "end": round(word.end, 3),
                "text": word.text,
                "probability": round(word.probability, 3),
            }
            for word in turn.words
        ],
    }


def _cues(conversation: Conversation) -> list[Cue]:
    """All turns' cues in order of start, as both formats want them."""
    cues = [cue for turn in conversation.turns for cue in make_cues(turn, label_of(conversation, turn))]
    return sorted(cues, key=lambda cue: cue.start_ms)


def _cue_time(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}{point}{rest:03}"


def _vtt_safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _srt_safe(text: str) -> str:
    """SRT has no escapes: only what would end the cue's text early is changed."""
    return text.replace("-->", "->")
