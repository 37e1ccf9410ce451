"""How values look on a page: lengths, times with their zone, sizes, states. Pure functions, no I/O."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.calls.views import CallState, CallView
from review.model import Party, Side

STATE_WORDS = {
    CallState.RECEIVED: "Waiting its turn",
    CallState.INSPECTING: "Reading the recording",
    CallState.TRANSCRIBING: "Writing down the words",
    CallState.DIARIZING: "Telling the voices apart",
    CallState.ATTRIBUTING: "Putting the conversation together",
    CallState.READY: "Ready",
    CallState.FAILED: "Failed",
    CallState.CANCELLED: "Cancelled",
}

SIDE_WORDS = {
    Side.REP: "rep",
    Side.PROSPECT: "prospect",
    Side.MANAGER: "manager",
    Side.OTHER: "someone else",
}

_SIDE_ORDER = (Side.REP, Side.MANAGER, Side.PROSPECT, Side.OTHER)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def clock(seconds: float | None) -> str:
    """`75.4` as "1:15", `3725` as "1:02:05"; whole seconds, rounded down; "–" when not known yet."""
    if seconds is None:
        return "–"
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def spoken_length(seconds: float | None) -> str:
    """The same for a screen reader: "1 minute 15 seconds"."""
    if seconds is None:
        return "length not known yet"
    whole = max(0, int(seconds))
    parts = [(whole // 3600, "hour"), (whole % 3600 // 60, "minute"), (whole % 60, "second")]
    said = [f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts if number]
    return " ".join(said) or "0 seconds"


def day_and_time(moment: datetime, zone: ZoneInfo) -> str:
    """ "Fri 14 Nov 2026, 10:02" in `zone`; the zone is named beside it by `zone_name`."""
    local = moment.astimezone(zone)
    day = f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{day}, {local.hour:02d}:{local.minute:02d}"


def zone_name(moment: datetime, zone: ZoneInfo) -> str:
    """What people call the zone at that moment ("CET"), or its IANA name where it has only an offset."""
    short = moment.astimezone(zone).tzname() or ""
    return short if short.isalpha() else zone.key.replace("_", " ")


def local_input(moment: datetime | None, zone: ZoneInfo) -> str:
    """The value of a datetime-local field."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if moment else ""


def percent(fraction: float) -> int:
    """Whole percent, rounded down so that 100 means done."""
    return int(max(0.0, min(1.0, fraction)) * 100)


def state_words(state: CallState) -> str:
    return STATE_WORDS[state]


def side_words(side: Side) -> str:
    return SIDE_WORDS[side]


def in_side_order(parties: tuple[Party, ...]) -> list[Party]:
    """Our side first: rep, manager, prospect, others."""
    return sorted(parties, key=lambda party: _SIDE_ORDER.index(party.side))


def lane(side: Side) -> str:
    """Which half of the page and of the sound picture a side has: ours "left", theirs "right"."""
    return "left" if side in (Side.REP, Side.MANAGER) else "right"


def language_name(code: str | None) -> str:
    return LANGUAGES.get(code or "", code or "")


LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "nl": "Dutch",
    "pt": "Portuguese", "pl": "Polish", "sv": "Swedish", "da": "Danish", "no": "Norwegian", "fi": "Finnish",
    "cs": "Czech", "sk": "Slovak", "hu": "Hungarian", "ro": "Romanian", "bg": "Bulgarian", "el": "Greek",
    "uk": "Ukrainian", "ru": "Russian", "tr": "Turkish", "ar": "Arabic", "he": "Hebrew", "hi": "Hindi",
    "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "vi": "Vietnamese", "th": "Thai", "id": "Indonesian",
    "ca": "Catalan", "hr": "Croatian", "sl": "Slovenian", "lt": "Lithuanian", "lv": "Latvian",
    "et": "Estonian",
}  # fmt: skip
"""The languages offered in menus; Whisper knows more, and shows those by their code."""


def guessed_rep(call: CallView) -> Party | None:
    """The party that the program took for the rep without being told, while nobody has confirmed it."""
    return next((party for party in call.parties if party.side is Side.REP and party.guessed), None)
