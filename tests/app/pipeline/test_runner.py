"""A worker's hands: every call comes out of them with a clear state, and they outlive every call."""

from typing import Any

import pytest

from app.calls.errors import NotFound
from app.calls.reruns import RerunOptions
from app.calls.views import CallState
from review.model import Side
from storage.stages import Stage
from transcription.port import TranscriptionFailed

JOE_AND_DANA = {
    "parties": [
        {"name": "Dana", "side": "prospect", "mediaChannelId": 1},
        {"name": "Joe", "side": "rep", "mediaChannelId": 0},
    ]
}


def stage(call: Any, name: Stage) -> Any:
    return next(one for one in call.stages if one.stage == name)


def test_a_call_with_a_party_on_each_channel_becomes_readable(bench: Any) -> None:
    call_id = bench.stereo(**JOE_AND_DANA)
    bench.runner.drain()
    call = bench.calls.get(call_id)
    assert (call.state, call.progress, call.layout, call.language) == ("ready", 1.0, "channels", "en")
    assert call.duration == pytest.approx(6.0, abs=0.05)
    assert (call.recording.codec, call.recording.channels, call.recording.sample_rate) == (
        "pcm_s16le",
        2,
        8000,
    )
    assert {party.label: (party.voice, party.guessed) for party in call.parties} == {
        "Joe": ("A", False),
        "Dana": ("B", False),
    }
    assert call.notice is None
    turns = bench.calls.conversation(call_id).conversation.turns
    assert [turn.voice for turn in turns] == ["A", "B", "A"]
    assert 0.3 <= turns[0].start <= 0.8


def test_a_call_with_all_voices_on_one_channel_becomes_readable(bench: Any) -> None:
    call_id = bench.mono()
    bench.runner.drain()
    call = bench.calls.get(call_id)
    assert (call.state, call.layout) == (CallState.READY, "mixed")
    assert {party.side for party in call.parties} == {Side.REP, Side.PROSPECT}
    assert all(party.guessed for party in call.parties)
    assert bench.shelf.speakers == [2]


@pytest.mark.parametrize(
    ("metadata", "speakers"),
    [
        ({"parties": [{"name": "Joe", "side": "rep"}]}, 2),
        ({"parties": [{"name": name} for name in "ABC"]}, 3),
        ({"parties": [{"name": name} for name in "ABC"], "speakers": 4}, 4),
        ({"speakers": 1}, 1),
    ],
)
def test_as_many_voices_are_told_apart_as_people_are_known_to_speak(
    bench: Any, metadata: dict[str, Any], speakers: int
) -> None:
    bench.mono(**metadata)
    bench.runner.drain()
    assert bench.shelf.speakers == [speakers]


def test_silence_is_a_call_without_a_word_that_says_so(bench: Any) -> None:
    call_id = bench.silence()
    bench.runner.drain()
    call = bench.calls.get(call_id)
    assert call.state is CallState.READY
    assert call.notice is not None
    assert call.notice.code == "silence"
    assert bench.calls.conversation(call_id).conversation.turns == ()


def test_a_file_that_is_no_recording_fails_with_words_and_the_worker_goes_on(bench: Any) -> None:
    bad, good = bench.upload(b"This is not sound."), bench.mono()
    bench.runner.drain()
    problem = bench.calls.get(bad).problem
    assert problem is not None
    assert (bench.calls.get(bad).state, problem.code) == (CallState.FAILED, "not_media")
    assert stage(bench.calls.get(bad), Stage.INSPECT).problem == problem
    assert bench.calls.get(good).state is CallState.READY


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (TranscriptionFailed("The model is not there. Install it."), "transcription_failed", "Install it"),
        (MemoryError(), "out_of_memory", "ran out of memory"),
        (ZeroDivisionError("oops"), "internal", "not with your recording"),
    ],
)
def test_whatever_an_engine_raises_the_call_fails_in_plain_words(
    bench: Any, error: Exception, code: str, says: str
) -> None:
    def break_down() -> None:
        raise error

    bench.shelf.meanwhile = break_down
    call_id = bench.mono()
    bench.runner.drain()
    call = bench.calls.get(call_id)
    assert call.state is CallState.FAILED
    assert call.problem is not None
    assert call.problem.code == code
    assert says in call.problem.message
    assert "oops" not in call.problem.message

    bench.shelf.meanwhile = lambda: None
    bench.calls.retry(call_id)
    bench.runner.drain()
    assert bench.calls.get(call_id).state is CallState.READY


def test_a_cancel_stops_the_engine_in_the_middle(bench: Any) -> None:
    call_id = bench.mono()

    def cancel() -> None:
        bench.calls.cancel(call_id)
        bench.runner.renew()

    bench.shelf.meanwhile = cancel
    bench.runner.drain()
    call = bench.calls.get(call_id)
    assert call.state is CallState.CANCELLED
    assert stage(call, Stage.TRANSCRIBE).state == "cancelled"
    assert not bench.parts.media.pcm(call_id).exists()

    bench.shelf.meanwhile = lambda: None
    bench.calls.retry(call_id)
    bench.runner.drain()
    assert bench.calls.get(call_id).state is CallState.READY


def test_a_worker_that_leaves_gives_its_stage_back_uncounted(bench: Any) -> None:
    call_id = bench.mono()
    bench.shelf.meanwhile = bench.leaving.set
    bench.runner.drain()
    call = bench.calls.get(call_id)
    assert (stage(call, Stage.TRANSCRIBE).state, stage(call, Stage.INSPECT).state) == ("queued", "done")

    bench.leaving.clear()
    bench.shelf.meanwhile = lambda: None
    bench.runner.drain()
    assert bench.calls.get(call_id).state is CallState.READY


def test_a_call_deleted_in_the_middle_of_its_work_stays_gone_and_the_worker_goes_on(bench: Any) -> None:
    gone, other = bench.mono(), bench.stereo()

    def delete() -> None:
        bench.shelf.meanwhile = lambda: None
        bench.calls.delete(gone)

    bench.shelf.meanwhile = delete
    bench.runner.drain()
    with pytest.raises(NotFound):
        bench.calls.get(gone)
    assert not bench.parts.media.folder(gone).exists()
    assert bench.calls.get(other).state is CallState.READY


def test_the_same_recording_is_not_worked_through_twice(bench: Any) -> None:
    first, second = bench.mono(), bench.mono()
    bench.runner.drain()
    assert bench.shelf.transcribed == 1
    one, two = (bench.calls.conversation(call_id).conversation.turns for call_id in (first, second))
    assert one == two


def test_the_decoded_sound_goes_when_the_call_is_ready_and_comes_back_for_a_rerun(bench: Any) -> None:
    call_id = bench.mono()
    bench.runner.drain()
    assert not bench.parts.media.pcm(call_id).exists()
    assert bench.parts.media.playback(call_id).exists()
    assert bench.parts.media.peaks(call_id).exists()

    bench.calls.rerun(call_id, Stage.TRANSCRIBE, RerunOptions(model="other", language="de"))
    bench.runner.drain()
    assert bench.calls.get(call_id).state is CallState.READY
    assert bench.calls.get(call_id).language == "de"
    assert (bench.shelf.models, bench.shelf.languages) == ([None, "other"], [None, "de"])
    assert bench.calls.conversation(call_id).engines["transcriber"]["model"] == "other"
    assert not bench.parts.media.pcm(call_id).exists()


def test_a_rerun_as_mixed_puts_both_channels_together(bench: Any) -> None:
    call_id = bench.stereo(**JOE_AND_DANA)
    bench.runner.drain()
    bench.calls.rerun(call_id, Stage.DIARIZE, RerunOptions(layout="mixed"))
    assert bench.calls.get(call_id).layout == "channels"
    bench.runner.drain()
    call = bench.calls.get(call_id)
    assert (call.state, call.layout) == (CallState.READY, "mixed")
    assert {party.label for party in call.parties} == {"Joe", "Dana"}

    bench.calls.rerun(call_id, Stage.DIARIZE, RerunOptions(layout="channels"))
    bench.runner.drain()
    assert bench.calls.get(call_id).layout == "channels"


def test_both_channels_are_heard_in_the_language_of_the_fuller_one(bench: Any) -> None:
    bench.stereo()
    bench.runner.drain()
    assert bench.shelf.languages == [None, "en"]


def test_a_mono_file_said_to_have_separate_channels_is_worked_on_and_says_so(bench: Any) -> None:
    call_id = bench.mono(channels="separate")
    bench.runner.drain()
    call = bench.calls.get(call_id)
    assert (call.state, call.layout) == (CallState.READY, "mixed")
    assert call.notice is not None
    assert call.notice.code == "one_channel"


def test_people_never_lose_what_they_wrote_to_a_rerun(bench: Any) -> None:
    call_id = bench.mono()
    bench.runner.drain()
    turn = bench.calls.conversation(call_id).conversation.turns[0]
    bench.calls.correct_text(call_id, voice=turn.voice, start=turn.start, end=turn.end, text="What I heard.")
    named = next(party for party in bench.calls.get(call_id).parties if party.voice == turn.voice)
    bench.calls.update_party(call_id, named.id, name="Zoë")
    before = {party.id: party.voice for party in bench.calls.swap_sides(call_id).parties}
    bench.calls.rerun(call_id, Stage.INSPECT, RerunOptions())
    bench.runner.drain()
    after = bench.calls.conversation(call_id)
    assert after.conversation.turns[0].text == "What I heard."
    assert {party.id: party.voice for party in after.call.parties} == before
    assert "Zoë" in {party.label for party in after.call.parties}


def test_progress_is_seen_while_speech_is_being_decoded(bench: Any) -> None:
    call_id = bench.mono()
    seen = []
    bench.shelf.meanwhile = lambda: seen.append(bench.calls.get(call_id))
    bench.runner.drain()
    assert [call.state for call in seen] == [CallState.TRANSCRIBING]
    assert 0.0 < seen[0].progress < 1.0


def test_a_new_voice_never_takes_the_letter_of_somebody_who_was_given_a_turn(bench: Any) -> None:
    call_id = bench.mono(
        speakers=2, parties=[{"side": "rep"}, {"side": "prospect"}, {"name": "Boss", "side": "manager"}]
    )
    bench.runner.drain()
    boss = next(party for party in bench.calls.get(call_id).parties if party.label == "Boss")
    turn = bench.calls.conversation(call_id).conversation.turns[0]
    bench.calls.move_turn(call_id, voice=turn.voice, start=turn.start, end=turn.end, to_voice=boss.id)

    bench.calls.rerun(call_id, Stage.DIARIZE, RerunOptions(speakers=3))
    bench.runner.drain()
    shown = bench.calls.conversation(call_id).conversation
    assert [turn.voice for turn in shown.turns] == ["C", "B", "D"]
    assert shown.party_of("C").label == "Boss"
    assert shown.party_of("D").guessed


def test_seats_follow_the_channel_map_also_where_a_rerun_renamed_the_voices(bench: Any) -> None:
    call_id = bench.stereo(
        channels="mixed",
        parties=[
            {"name": "Dana", "side": "prospect", "mediaChannelId": 0},
            {"name": "Joe", "side": "rep", "mediaChannelId": 1},
        ],
    )
    bench.runner.drain()
    bench.calls.rerun(call_id, Stage.TRANSCRIBE, RerunOptions(layout="channels"))
    bench.runner.drain()
    shown = bench.calls.conversation(call_id).conversation
    left = next(turn for turn in shown.turns if turn.start < 1.0)
    assert shown.party_of(left.voice).label == "Dana"
    assert not any(party.guessed for party in shown.parties)
