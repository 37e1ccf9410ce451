"""The demo calls through `bothsides transcribe` with the real models: both sides, and the right ones."""

import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest
import typer
from meeteval.wer import cp_word_error_rate
from typer.testing import CliRunner
from whisper_normalizer.english import EnglishTextNormalizer

from app.cli.transcribe import transcribe

WORST = {
    "caved-on-discount.mono": 0.196,
    "caved-on-discount": 0.070,
    "missed-discovery.mono": 0.088,
    "missed-discovery": 0.109,
    "no-urgency.mono": 0.168,
    "no-urgency": 0.067,
}
"""cpWER of the first prototype on these calls, and 0.03."""


@pytest.mark.models
@pytest.mark.timeout(1200)
def test_the_demo_calls_are_heard_from_both_sides(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOTHSIDES_DATA", str(tmp_path / "data"))
    cli = typer.Typer()
    cli.command()(transcribe)
    result = CliRunner().invoke(cli, ["-q", str(demo), "--format", "json", "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert {path.stem for path in (tmp_path / "out").iterdir()} == set(WORST)
    rates = {}
    for name in WORST:
        heard = json.loads((tmp_path / "out" / f"{name}.json").read_text(encoding="utf-8"))
        truth = json.loads((demo / f"{name.removesuffix('.mono')}.json").read_text(encoding="utf-8"))
        side_of = {party["id"]: party["side"] for party in heard["parties"]}
        hypothesis = _by_speaker((side_of[turn["party"]], turn["text"]) for turn in heard["turns"])
        reference = _by_speaker((turn["speaker"], turn["text"]) for turn in truth["turns"])
        measured = cp_word_error_rate(reference, hypothesis)
        rates[name] = round(measured.error_rate, 3)
        assert set(measured.assignment) == {("rep", "rep"), ("prospect", "prospect")}, name
        assert all(party["guessed"] for party in heard["parties"])
        for turn in heard["turns"]:
            pauses = [b["start"] - a["end"] for a, b in pairwise(turn["words"])]
            assert max(pauses, default=0.0) <= 2.001
    print(rates)
    assert {name: rate for name, rate in rates.items() if rate > WORST[name]} == {}


def _by_speaker(lines: Iterable[tuple[str, str]]) -> dict[str, str]:
    """All that each speaker says, normalised as the benchmarks of speech recognition do."""
    normalise = EnglishTextNormalizer()
    said: dict[str, list[str]] = {}
    for speaker, text in lines:
        said.setdefault(speaker, []).append(text)
    return {speaker: normalise(" ".join(texts)) for speaker, texts in said.items()}
