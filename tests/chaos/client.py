"""A client as one would write it: every recording has its own id; what got no answer is sent again."""

import hashlib
import io
import json
import random
import threading
import time
import wave
from collections.abc import Iterator

import httpx
import numpy as np

RATE = 8000


class Uploader(threading.Thread):
    """Sends small recordings one after the other until told to stop; then finishes the one in hand."""

    def __init__(self, url: str, chance: random.Random, name: str, stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.acknowledged: dict[str, str] = {}
        """clientUniqueId -> SHA-256 of what was sent."""
        self.surprises: list[str] = []
        self._url = url
        self._chance = chance
        self._stop_asked = stop

    def run(self) -> None:
        number = 0
        while not self._stop_asked.is_set():
            number += 1
            key = f"{self.name}-{number}"
            sound = recording(self._chance)
            if self._send(key, sound):
                self.acknowledged[key] = hashlib.sha256(sound).hexdigest()
            time.sleep(self._chance.uniform(0.2, 1.0))

    def _send(self, key: str, sound: bytes) -> bool:
        metadata = {
            "clientUniqueId": key,
            "title": f"Chaos {key}",
            "parties": [{"name": "Ann", "side": "rep"}],
        }
        for _ in range(300):
            try:
                answer = self._post(key, metadata, sound)
            except httpx.TransportError:
                time.sleep(0.2)
                continue
            if answer.status_code in (200, 202):
                return True
            if answer.status_code < 500:
                self.surprises.append(f"{key}: {answer.status_code} {answer.text[:300]}")
                return False
            self.surprises.append(f"{key}: {answer.status_code} {answer.text[:300]}")
            time.sleep(0.5)
        self.surprises.append(f"{key}: no answer in 300 tries")
        return False

    def _post(self, key: str, metadata: dict, sound: bytes) -> httpx.Response:
        """Now and then slowly, so that a kill strikes in the middle of a body."""
        whole = httpx.Request(
            "POST",
            f"{self._url}/api/v1/calls",
            data={"metadata": json.dumps(metadata)},
            files={"file": (f"{key}.wav", sound, "audio/wav")},
        )
        body = whole.read()
        slowly = self._chance.random() < 0.5
        return httpx.post(
            whole.url,
            content=trickle(body) if slowly else body,
            headers={"content-type": whole.headers["content-type"]},
            timeout=30,
        )


def trickle(body: bytes, pieces: int = 8, seconds: float = 0.6) -> Iterator[bytes]:
    """The body in pieces over so many seconds."""
    size = len(body) // pieces + 1
    for start in range(0, len(body), size):
        yield body[start : start + size]
        time.sleep(seconds / pieces)


def recording(chance: random.Random) -> bytes:
    """A WAV of 1 to 4 s with bursts of noise: unlike every other one, with sound for the engines to find."""
    noise = np.random.default_rng(chance.getrandbits(32))
    seconds = chance.uniform(1.0, 4.0)
    samples = noise.normal(0, 0.2, int(seconds * RATE))
    samples *= np.repeat(noise.integers(0, 2, len(samples) // 2000 + 1), 2000)[: len(samples)]
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return out.getvalue()
