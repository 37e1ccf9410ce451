"""A client as one would write it: every recording has its own id; what got no answer is sent again."""

import contextlib
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
LOOK_ON_SECONDS = 15.0


class Uploader(threading.Thread):
    """Sends small recordings one after the other until told to stop; then finishes the one in hand."""

    def __init__(self, url: str, chance: random.Random, name: str, stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.acknowledged: dict[str, str] = {}
        """clientUniqueId -> SHA-256 of what was sent."""
        self.surprises: list[str] = []
        self._client = httpx.Client(base_url=url, timeout=30)
        self._chance = chance
        self._stop_asked = stop

    def run(self) -> None:
        number = 0
        while not self._stop_asked.is_set():
            number += 1
            key = f"{self.name}-{number}"
            sound = recording(self._chance)
            call_id = self._send(key, sound)
            if call_id is not None:
                self.acknowledged[key] = hashlib.sha256(sound).hexdigest()
                self._look_on(call_id)
            time.sleep(self._chance.uniform(0.2, 1.0))

    def _look_on(self, call_id: str) -> None:
        """Lets the worker keep up, so that kills strike it in every stage and not in the first one only."""
        deadline = time.monotonic() + LOOK_ON_SECONDS
        while time.monotonic() < deadline and not self._stop_asked.is_set():
            with contextlib.suppress(httpx.TransportError):
                if self._client.get(f"/api/v1/calls/{call_id}").json().get("state") == "ready":
                    return
            time.sleep(0.5)

    def _send(self, key: str, sound: bytes) -> str | None:
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
                return str(answer.json()["id"])
            if answer.status_code < 500:
                self.surprises.append(f"{key}: {answer.status_code} {answer.text[:300]}")
                return None
            self.surprises.append(f"{key}: {answer.status_code} {answer.text[:300]}")
            time.sleep(0.5)
        self.surprises.append(f"{key}: no answer in 300 tries")
        return None

    def _post(self, key: str, metadata: dict, sound: bytes) -> httpx.Response:
        """Now and then slowly, so that a kill strikes in the middle of a body."""
        whole = self._client.build_request(
            "POST",
            "/api/v1/calls",
            data={"metadata": json.dumps(metadata)},
            files={"file": (f"{key}.wav", sound, "audio/wav")},
        )
        body = whole.read()
        slowly = self._chance.random() < 0.5
        return self._client.post(
            "/api/v1/calls",
            content=trickle(body) if slowly else body,
            headers={"content-type": whole.headers["content-type"]},
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
