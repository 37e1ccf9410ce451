"""Why a recording cannot be used: a code for programs, a sentence for people that says what to do."""

from storage.media.limits import MediaLimits

FORMATS = "WAV, MP3, M4A, OGG, FLAC, WebM or AMR, or video as MP4, MOV or MKV"

SENTENCES = {
    "not_media": (
        "This file is not a recording that Both Sides can read, whatever its name says. "
        f"It takes {FORMATS}. Check that it is the right file, or export the call again in one of these."
    ),
    "no_sound": (
        "This file has no sound track. If it is a screen recording, record it again with sound, "
        "or upload the sound recording of the call."
    ),
    "too_short": (
        "There is less than {min_duration} of sound in this file, too little for a call. "
        "Check that the whole call was exported, then upload it again."
    ),
    "too_long": (
        "This recording is longer than {max_duration}, the most that this server takes. "
        "Split it into parts, or ask whoever runs the server to raise the limit."
    ),
    "broken": (
        "This file is damaged: no sound can be read from it. "
        "Download or export it again from the phone system, then upload the new copy."
    ),
    "unsupported": (
        "The sound in this file is stored in a way that Both Sides does not read. "
        "Export or convert the call to WAV or MP3, then upload it again."
    ),
    "took_too_long": (
        "Reading this file took far longer than it should, so it was stopped. The file is probably damaged. "
        "Export the call again, as MP3 or WAV if you can choose, then upload the new file."
    ),
    "used_too_much": (
        "Reading this file needed far more memory or disk than a call does, so it was stopped. "
        "The file is probably damaged. Export the call again, as MP3 or WAV if you can choose, "
        "then upload the new file."
    ),
    "missing": "The recording is no longer on the server. Upload it again.",
}


class MediaRejected(Exception):
    """A recording that cannot be used. `code` is a key of SENTENCES; `message` is for people."""

    def __init__(self, code: str, limits: MediaLimits) -> None:
        sentence = SENTENCES[code].format(
            min_duration=duration_in_words(limits.min_duration),
            max_duration=duration_in_words(limits.max_duration),
        )
        super().__init__(sentence)
        self.code = code
        self.message = sentence


class InspectionBroke(RuntimeError):
    """The inspection itself failed, through no fault of the recording; trying again may help."""


def duration_in_words(seconds: float) -> str:
    """“6 hours”, “90 minutes”, “half a second”."""
    if seconds == 0.5:
        return "half a second"
    for size, name in ((3600, "hour"), (60, "minute")):
        count = seconds / size
        if count >= 1 and count == int(count):
            return f"{int(count)} {name}{'s' if count != 1 else ''}"
    return f"{seconds:g} seconds"
