"""Why a recording is not taken into the store: a code for programs, a sentence for people."""


class StorageRefused(Exception):
    """A recording was not stored. Nothing of it is kept."""

    code = "storage_refused"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TooLarge(StorageRefused):
    """The recording has more bytes than the limit in the settings."""

    code = "too_large"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(
            f"This recording is larger than the {in_words(max_bytes)} that this server takes. "
            "Upload only its sound (for example as M4A or MP3), or split it into parts."
        )


class DiskFull(StorageRefused):
    """The disk is full, or would fall below the reserve that the settings keep free."""

    code = "disk_full"

    def __init__(self) -> None:
        super().__init__(
            "The server's disk has too little free space for this recording. "
            "Delete calls that are no longer needed, or ask whoever runs the server for more space. "
            "Then try again."
        )


class EmptyRecording(StorageRefused):
    """The recording has no bytes."""

    code = "empty"

    def __init__(self) -> None:
        super().__init__(
            "This file is empty (0 bytes). Export the recording again from the phone system, "
            "then upload the new file."
        )


def in_words(size: float) -> str:
    """A number of bytes for people, in decimal units as file managers show them: “4.3 GB”."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"
