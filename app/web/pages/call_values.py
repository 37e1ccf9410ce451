"""What the templates of a call's page are given."""

import re
from dataclasses import dataclass
from typing import Any

from app.calls.views import CallView, ConversationView, StageView
from app.web.pages.conversation import ShownTurn, shown_turns
from app.web.pages.present import LANGUAGES, guessed_rep, in_side_order, lane, percent, spoken_length
from review.model import Party, Side

QUOTE_LETTERS = 60

STEP_WORDS = {
    "inspect": "Read the recording",
    "transcribe": "Write down the words",
    "diarize": "Tell the voices apart",
    "attribute": "Put the conversation together",
}

_TITLES = {"mr", "mrs", "ms", "miss", "dr", "prof", "sir", "herr", "frau"}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the progress list; `look` is done, doing or to-do."""

    words: str
    look: str
    note: str


@dataclass(frozen=True, slots=True)
class Guess:
    """What the banner asks a person to confirm."""

    text: str
    quote: str


def short_names(parties: tuple[Party, ...]) -> dict[str, str]:
    """By party id, the name to use where there is little room: the first name, unless two share it."""
    firsts = {party.id: _first_name(party.label) for party in parties}
    taken = list(firsts.values())
    return {
        party.id: firsts[party.id] if taken.count(firsts[party.id]) == 1 else party.label for party in parties
    }


def _first_name(label: str) -> str:
    words = label.split()
    if re.fullmatch(r"Speaker \S+", label) or len(words) < 2:
        return label
    return label if words[0].rstrip(".").lower() in _TITLES else words[0]


def guess_shown(call: CallView, turns: list[ShownTurn]) -> Guess | None:
    """The question whether the guessed rep is the rep, with the words that they begin with."""
    rep = guessed_rep(call)
    if rep is None or len([party for party in call.parties if party.voice]) < 2:
        return None
    first = next((turn.text for turn in turns if turn.voice == rep.voice), "")
    quote = first if len(first) <= QUOTE_LETTERS else first[:QUOTE_LETTERS].rsplit(" ", 1)[0] + " …"
    if rep.label == "Rep":
        return Guess("We guessed that the rep is the one who begins with", quote)
    return Guess(f"We guessed that {rep.label} is the rep, who begins with", quote)


def steps(stages: tuple[StageView, ...]) -> list[Step]:
    looks = {"done": "done", "running": "doing"}
    return [
        Step(STEP_WORDS.get(stage.stage, stage.stage), looks.get(stage.state, "to-do"), _note(stage))
        for stage in stages
    ]


def _note(stage: StageView) -> str:
    if stage.state == "done":
        return "" if stage.seconds is None else f"{stage.seconds:.0f} s" if stage.seconds >= 1 else "done"
    again = f", try {stage.attempt}" if stage.attempt > 1 else ""
    if stage.state == "running":
        return f"{percent(stage.progress)} %{again}"
    return "next" + again if stage.state == "queued" else ""


def state_values(call: CallView) -> dict[str, Any]:
    """For a call that is not ready."""
    return {
        "call": call,
        "place": "calls",
        "ready": False,
        "parties": in_side_order(call.parties),
        "steps": steps(call.stages),
        "original_url": f"/api/v1/calls/{call.id}/audio?original=true",
    }


def conversation_values(view: ConversationView) -> dict[str, Any]:
    """For a ready call, its whole page or the parts of it that a change replaces."""
    call = view.call
    parties = tuple(in_side_order(view.conversation.parties))
    heard = [party for party in parties if party.voice]
    short = short_names(parties)
    names = {party.voice: short[party.id] for party in heard if party.voice}
    turns = shown_turns(view.conversation, names)
    return {
        **state_values(call),
        "ready": True,
        "parties": parties,
        "heard": heard,
        "short": short,
        "turns": turns,
        "guess": guess_shown(call, turns) if turns else None,
        "jump_name": next((short[party.id] for party in heard if party.side is Side.PROSPECT), "Prospect"),
        "sides": list(Side),
        "can_swap": _can_swap(heard),
        "corrections": len(view.corrections),
        "engines": _engines(view),
        "took": spoken_length(view.timings["total"]) if view.timings.get("total") else "",
        "languages": sorted(LANGUAGES.items(), key=lambda item: item[1]),
        "file_stem": re.sub(r"[^\w .-]+", "-", call.title).strip(" .-")[:80] or "call",
        "call_data": _call_data(view, heard, short),
    }


def _can_swap(heard: list[Party]) -> bool:
    sides = {party.side for party in heard}
    return Side.REP in sides or Side.PROSPECT in sides


def _engines(view: ConversationView) -> list[tuple[str, str]]:
    named = (("transcriber", "Words by"), ("diarizer", "Voices by"))
    return [
        (
            words,
            " ".join(
                str(view.engines[kind][part]) for part in ("engine", "model") if view.engines[kind].get(part)
            ),
        )
        for kind, words in named
        if view.engines.get(kind)
    ]


def _call_data(view: ConversationView, heard: list[Party], short: dict[str, str]) -> dict[str, Any]:
    """What the page's scripts know of the call."""
    separate = view.call.layout == "channels"
    return {
        "id": view.call.id,
        "title": view.call.title,
        "duration": view.call.duration or 0,
        "separate": separate,
        "parties": [
            {
                "id": party.id,
                "voice": party.voice,
                "side": party.side,
                "lane": lane(party.side),
                "label": party.label,
                "short": short[party.id],
                "channel": view.call.voice_channels.get(party.voice or "") if separate else None,
            }
            for party in heard
        ],
        "corrections": [correction.id for correction in view.corrections],
    }
