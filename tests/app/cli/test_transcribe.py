"""`bothsides transcribe` with canned speech engines: the command line, the files, the failures."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from app.cli import transcribe as command
from app.cli.inputs import find_inputs, one_line, plan_outputs
from transcription.port import TranscriptionFailed

RATE = 16_000


@pytest.fixture(autouse=True)
def fake_engines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BOTHSIDES_ENGINES", "fake")
    monkeypatch.setenv("BOTHSIDES_DATA", str(tmp_path / "data"))


def write_wav(path: Path, *channels: list[tuple[float, float]], seconds: float = 6.0) -> Path:
    """A WAV whose channels buzz in the stretches given, each in its own pitch."""
    times = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(7)
    sound = []
    for number, stretches in enumerate(channels):
        loud = np.zeros(len(times), dtype=bool)
        for start, end in stretches:
            loud |= (times >= start) & (times < end)
        buzz = (
            0.3 * np.sign(np.sin(2 * np.pi * (140 + 90 * number) * times)) * (0.6 + 0.4 * np.sin(25 * times))
        )
        sound.append(np.where(loud, buzz, 0) + noise.normal(0, 0.0005, len(times)))
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.stack(sound, axis=1) * 32767).astype("<i2").tobytes())
    return path


MONO: list[list[tuple[float, float]]] = [[(0.5, 1.7), (2.5, 3.7), (4.4, 5.6)]]
STEREO: list[list[tuple[float, float]]] = [[(0.5, 1.7), (4.4, 5.6)], [(2.5, 3.7)]]


def bothsides(*arguments: str | Path) -> Result:
    cli = typer.Typer()
    cli.command()(command.transcribe)
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


# What comes out


def test_one_recording_is_written_to_standard_output(tmp_path: Path) -> None:
    result = bothsides(write_wav(tmp_path / "call.wav", *MONO))
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert next(line.split(":")[:2] for line in lines) == ["0", "00  Rep"]
    assert [line.split("  ")[1].split(":")[0] for line in lines] == ["Rep", "Prospect", "Rep"]
    assert "voices" in result.stderr
    assert "3 turns in 0:06" in result.stderr


def test_json_has_the_documented_fields(tmp_path: Path) -> None:
    result = bothsides(write_wav(tmp_path / "call.wav", *MONO), "--format", "json")
    shown = json.loads(result.stdout)
    assert list(shown) == ["duration", "parties", "turns", "engines", "timings"]
    assert shown["duration"] == 6.0
    assert [party["side"] for party in shown["parties"]] == ["rep", "prospect"]
    assert all(set(party) == {"id", "side", "label", "guessed"} for party in shown["parties"])
    assert {turn["party"] for turn in shown["turns"]} == {party["id"] for party in shown["parties"]}
    assert set(shown["turns"][0]) == {"party", "start", "end", "text", "words"}
    assert set(shown["turns"][0]["words"][0]) == {"start", "end", "text", "probability"}
    assert shown["engines"]["transcriber"]["engine"] == "fake"
    assert shown["engines"]["diarizer"]["engine"] == "fake"
    assert list(shown["timings"]) == ["decode", "transcribe", "diarize", "attribute", "total"]


@pytest.mark.parametrize(("channel", "first"), [("left", "rep"), ("right", "prospect")])
def test_the_reps_channel_decides_the_sides(tmp_path: Path, channel: str, first: str) -> None:
    recording = write_wav(tmp_path / "call.wav", *STEREO)
    shown = json.loads(bothsides(recording, "--format", "json", "--rep-channel", channel).stdout)
    sides = {party["id"]: party["side"] for party in shown["parties"]}
    assert sides[shown["turns"][0]["party"]] == first
    assert not any(party["guessed"] for party in shown["parties"])
    assert shown["engines"]["diarizer"]["engine"] == "channels"


def test_a_channel_map_for_a_recording_with_one_channel_is_said_to_be_of_no_use(tmp_path: Path) -> None:
    result = bothsides(write_wav(tmp_path / "call.wav", *MONO), "--rep-channel", "left", "--quiet")
    assert result.exit_code == 0
    assert "--rep-channel was of no use. The recording has one channel. The rep was guessed." in result.stderr


def test_the_number_of_speakers_is_passed_on(tmp_path: Path) -> None:
    recording = write_wav(tmp_path / "call.wav", *MONO)
    shown = json.loads(bothsides(recording, "--format", "json", "--speakers", "3").stdout)
    assert [party["label"] for party in shown["parties"]] == ["Rep", "Prospect", "Speaker C"]


def test_silence_says_so(tmp_path: Path) -> None:
    silent = write_wav(tmp_path / "silent.wav", [])
    assert bothsides(silent, "-q").stdout == "Nobody speaks in this recording.\n"
    assert bothsides(silent, "-q", "--format", "vtt").stdout == "WEBVTT\n"
    assert json.loads(bothsides(silent, "-q", "--format", "json").stdout)["turns"] == []
    assert bothsides(silent, "-q", "--format", "srt").stdout == ""


# Folders and files


def test_a_folder_gives_a_file_for_each_recording_below_it(tmp_path: Path) -> None:
    calls, out = tmp_path / "calls", tmp_path / "out" / "deep"
    write_wav(calls / "b.wav", *MONO)
    write_wav(calls / "week 2" / "a.wav", *MONO)
    write_wav(calls / ".trash" / "c.wav", *MONO)
    (calls / "notes.txt").write_text("not a recording")
    result = bothsides(calls, "--format", "srt", "--out", out)
    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in out.iterdir()) == ["a.srt", "b.srt"]
    assert result.stdout == ""


def test_recordings_of_one_name_get_a_file_each(tmp_path: Path) -> None:
    paths = [Path(name) for name in ("a/call.wav", "a/call.mp3", "b/call.wav", "b/CALL.WAV", "c/other.wav")]
    planned = plan_outputs(paths, Path("out"), ".json")
    assert [path.name for path in planned] == [
        "call.wav.json",
        "call.mp3.json",
        "call.wav-2.json",
        "CALL.WAV-3.json",
        "other.json",
    ]


def test_names_made_for_one_clash_do_not_make_another() -> None:
    paths = [Path(name) for name in ("a/x.wav", "b/x.mp3", "c/x.wav.ogg", "d/x.wav", "e/x.wav-2.ogg")]
    names = [path.name.casefold() for path in plan_outputs(paths, Path("out"), ".json")]
    assert len(set(names)) == len(paths)


def test_a_result_that_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    recording, out = write_wav(tmp_path / "call.wav", *MONO), tmp_path / "out"
    out.mkdir()
    (out / "call.txt").write_text("mine")
    refused = bothsides(recording, "--out", out)
    assert refused.exit_code == 1
    assert "is there already" in refused.stderr
    assert (out / "call.txt").read_text() == "mine"
    assert bothsides(recording, "--out", out, "--overwrite").exit_code == 0
    assert "Rep:" in (out / "call.txt").read_text()


def test_a_recording_is_never_replaced_by_a_result(tmp_path: Path) -> None:
    recording = write_wav(tmp_path / "call.txt", *MONO)
    before = recording.read_bytes()
    result = bothsides(recording, "--out", tmp_path, "--overwrite")
    assert result.exit_code == 1
    assert recording.read_bytes() == before


def test_a_recording_named_twice_is_done_once(tmp_path: Path) -> None:
    recording = write_wav(tmp_path / "call.wav", *MONO)
    assert find_inputs([recording, tmp_path, tmp_path / "." / "call.wav"]).recordings == (recording,)


def test_several_recordings_as_text_are_told_apart(tmp_path: Path) -> None:
    paths = [write_wav(tmp_path / f"{name}.wav", *MONO) for name in "ab"]
    result = bothsides(*paths)
    assert [line for line in result.stdout.splitlines() if line.startswith("==")] == [
        f"== {p}" for p in paths
    ]


# What goes wrong


def test_bad_files_get_a_line_each_and_the_others_go_on(tmp_path: Path) -> None:
    good = write_wav(tmp_path / "good.wav", *MONO)
    text, empty = tmp_path / "text.wav", tmp_path / "empty.wav"
    text.write_text("Dear diary " * 100)
    empty.write_bytes(b"")
    short = write_wav(tmp_path / "short.wav", [(0.0, 0.1)], seconds=0.2)
    out = tmp_path / "out"
    result = bothsides("-q", text, empty, short, tmp_path / "gone.wav", good, "--out", out)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 4, lines
    for bad in ("text.wav", "empty.wav", "short.wav", "gone.wav"):
        assert sum(f"{bad}: " in line for line in lines) == 1
    assert [path.name for path in out.iterdir()] == ["good.txt"]


def test_an_engine_that_fails_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def transcribe(self, *_: object, **__: object) -> None:
            raise TranscriptionFailed("The model\nis broken. Put it back.")

    monkeypatch.setattr(command, "build_transcriber", lambda _: Broken())
    result = bothsides("-q", write_wav(tmp_path / "call.wav", *MONO))
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [f"{tmp_path}/call.wav: The model is broken. Put it back."]


def test_an_empty_folder_is_a_failure_that_says_so(tmp_path: Path) -> None:
    result = bothsides(tmp_path)
    assert result.exit_code == 1
    assert "no recordings in this folder" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["call.wav", "--speakers", "0"],
        ["call.wav", "--rep-channel", "middle"],
        ["call.wav", "--format", "doc"],
        ["call.wav", "--language", "english"],
    ],
)
def test_a_command_that_makes_no_sense_ends_with_2(arguments: list[str]) -> None:
    assert bothsides(*arguments).exit_code == 2


def test_several_recordings_as_json_need_a_folder(tmp_path: Path) -> None:
    paths = [write_wav(tmp_path / f"{name}.wav", *MONO) for name in "ab"]
    assert bothsides(*paths, "--format", "json").exit_code == 2


def test_a_file_as_out_makes_no_sense(tmp_path: Path) -> None:
    recording = write_wav(tmp_path / "call.wav", *MONO)
    assert bothsides(recording, "--out", recording).exit_code == 2


def test_names_with_line_breaks_and_strange_bytes_are_one_line() -> None:
    name = os.fsdecode(b"a\nb\xff\x1b[31m.wav")
    assert one_line(Path(name)).isprintable()


PROGRAM = "import typer, app.cli.transcribe as t; {}cli = typer.Typer(); cli.command()(t.transcribe); cli()"
ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parents[3])}


@pytest.mark.processes
def test_bars_on_a_terminal_leave_standard_output_to_the_conversation(tmp_path: Path) -> None:
    recording = write_wav(tmp_path / "call.wav", *MONO)
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(""), str(recording)],
        env={**ENVIRONMENT, **os.environ, "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=end,
        text=True,
    )
    os.close(end)
    on_terminal = b""
    with contextlib.suppress(OSError):  # Linux says EIO when the other end is closed
        while some := os.read(terminal, 65536):
            on_terminal += some
    os.close(terminal)
    assert process.stdout is not None
    said = process.stdout.read()
    assert process.wait(timeout=20) == 0
    assert len(said.splitlines()) == 3
    assert said.startswith("0:00  Rep: ")
    assert b"3 turns in 0:06" in on_terminal
    assert b"Rep: " not in on_terminal


@pytest.mark.processes
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_stopped_half_way_it_leaves_nothing(tmp_path: Path, sent: signal.Signals) -> None:
    recording = write_wav(tmp_path / "call.wav", *MONO)
    scratch, out = tmp_path / "scratch", tmp_path / "out"
    scratch.mkdir()
    slow = (
        "from transcription.fake import FakeTranscriber;"
        "t.build_transcriber = lambda settings: FakeTranscriber(seconds=60);"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(slow), str(recording), "--out", str(out)],
        env={**ENVIRONMENT, **os.environ, "TMPDIR": str(scratch)},
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background has its children ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.rstrip().endswith(": words"):
            break
    time.sleep(0.2)
    process.send_signal(sent)
    assert process.wait(timeout=20) == 130
    assert process.stderr.read() == "Stopped.\n"
    assert list(scratch.iterdir()) == []
    assert not out.exists() or list(out.iterdir()) == []
