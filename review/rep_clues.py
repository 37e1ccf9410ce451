"""What reps say and what prospects say: the phrases behind the guess of sides. English."""

import re
from dataclasses import dataclass

INTRODUCTION = r"(?:this is|my name is|my name's|i am|i'm)"
_NAME = r"(?-i:[A-Z][\w'-]*(?: [A-Z][\w'-]*)?)"
"""With its capital: “I'm looking at” is no introduction."""


@dataclass(frozen=True, slots=True)
class Clue:
    """A kind of phrase. `weight` > 0 speaks for the rep, < 0 for the other side."""

    weight: float
    says: str
    """Ends the sentence “voice A …”."""
    pattern: re.Pattern[str]


def _clue(weight: float, says: str, *phrases: str) -> Clue:
    """Phrases are regular expressions, matched at whole words in any case."""
    return Clue(weight, says, re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE))


CLUES = (
    _clue(
        4,
        "says which company it is from",
        rf"{INTRODUCTION} {_NAME},? (?:from|at|with|over at|here at|calling from)",
    ),
    _clue(
        3,
        "thanks the other for the call",
        r"thank(?:s| you)(?: so much| very much)? for "
        r"(?:calling|your time|joining|(?:making|taking) (?:the |my |this |some )?(?:time|call)"
        r"|(?:hopping|jumping) on)",
    ),
    _clue(
        2,
        "leads through the call",
        r"let me (?:show|walk)",
        r"walk you through",
        r"i(?:'d| would) (?:like|love) to (?:spend|show|start|walk)",
        r"i want(?:ed)? to (?:spend|show|start|walk)",
        r"agenda",
        r"does that sound (?:fair|good)",
        r"how (?:can|may) i help",
    ),
    _clue(
        2,
        "asks how the other works",
        r"i(?:'m| am) curious",
        r"tell me (?:a (?:little|bit)|more|about)",
        r"help me understand",
        r"walk me through",
        r"(?:what|how) do(?:es)? your (?:team|company|business)",
        r"may i (?:ask|repeat)",
    ),
    _clue(
        2,
        "offers something",
        r"our (?:customers|clients|platform|product|software|solution|plans?|pricing|onboarding|demo)",
        r"we offer",
        r"the plan (?:we discussed|includes|is)",
        r"per (?:user|seat)",
        r"teams (?:that|who|like)",
        r"send(?:ing)? (?:you |over )?(?:the |a |some )?"
        r"(?:proposal|quote|paperwork|contract|calendar|invitation|invite|link)",
    ),
    _clue(
        1.5,
        "makes an offer",
        r"i can (?:offer|give|do|include|throw in)",
        r"i(?:'ll| will) (?:make it happen|send)",
    ),
    _clue(
        -2,
        "asks for terms",
        r"not interested",
        r"too expensive",
        r"how much (?:does|is|would|do you)",
        r"what (?:does|would) it cost",
        r"we need an?",
        r"(?:could|can) you (?:also )?(?:throw|include|send|give|do)",
        r"send me",
    ),
    _clue(
        -2,
        "talks about its own firm's needs",
        r"our (?:budget|current|warehouse|boss|manager|director)",
        r"we (?:currently |already |still )?use",
        r"we (?:have been|are|were) having",
        r"i(?:'d| would) (?:have|need) to (?:check|ask|talk)",
        r"my (?:boss|manager|team)",
        r"think about it",
        r"get back to you",
    ),
)

WHY_I_CALL = _clue(
    3,
    "says why it calls",
    r"i(?:'m| am) calling",
    r"reason (?:for my call|i(?:'m| am) calling)",
    r"reaching out",
    r"following up",
    r"did i catch you",
    r"is (?:this|now) a (?:good|bad) time",
)
"""Counts unless the call is inbound: then it is the prospect who says why they call."""
