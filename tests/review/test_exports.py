"""The conversation as JSON, text, SRT and WebVTT."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from review.cues import LINE_CHARACTERS, MAX_CUE_SECONDS, make_cues
from review.exports import NOBODY_SPEAKS, to_dict, to_srt, to_text, to_vtt
from review.model import Conversation, Party, Side, Turn
from review.times import format_clock
from transcription.model import Word


def turn(id: str, voice: str, start: float, text: str, pace: float = 0.4) -> Turn:
    words = [Word(start + n * pace, start + (n + 1) * pace, word, 0.9) for n, word in enumerate(text.split())]
    return Turn(id, voice, tuple(words))


REP = Party("p1", Side.REP, "Rep", "A", guessed=True)
DANA = Party("p2", Side.PROSPECT, "Dana <b> & Co", "B", guessed=False)
CALL = Conversation(
    (REP, DANA), (turn("t0", "A", 0.5, "Hi Dana."), turn("t1", "B", 3661.25, "a < b & c --> d"))
)
SILENT = Conversation((REP,), ())


def test_clock() -> None:
    assert [format_clock(s) for s in (0, 28.9, 61, 3723, 36000)] == [
        "0:00",
        "0:28",
        "1:01",
        "1:02:03",
        "10:00:00",
    ]


def test_json_has_the_documented_shape() -> None:
    shown = to_dict(
        CALL, duration=3700.12345, engines={"transcriber": {"model": "base"}}, timings={"total": 1.23456}
    )
    assert json.loads(json.dumps(shown)) == shown
    assert list(shown) == ["duration", "parties", "turns", "engines", "timings"]
    assert shown["duration"] == 3700.123
    assert shown["timings"] == {"total": 1.235}
    assert shown["parties"][0] == {"id": "p1", "side": "rep", "label": "Rep", "guessed": True}
    assert shown["turns"][0] == {
        "party": "p1",
        "start": 0.5,
        "end": 1.3,
        "text": "Hi Dana.",
        "words": [
            {"start": 0.5, "end": 0.9, "text": "Hi", "probability": 0.9},
            {"start": 0.9, "end": 1.3, "text": "Dana.", "probability": 0.9},
        ],
    }


def test_text_is_a_line_a_turn() -> None:
    assert to_text(CALL) == "   0:00  Rep: Hi Dana.\n1:01:01  Dana <b> & Co: a < b & c --> d\n"


def test_srt() -> None:
    assert to_srt(CALL) == (
        "1\n00:00:00,500 --> 00:00:01,300\nRep: Hi Dana.\n"
        "\n"
        "2\n01:01:01,250 --> 01:01:04,050\nDana <b> & Co: a < b & c -> d\n"
    )


def test_vtt_escapes_and_names_the_voice() -> None:
    assert to_vtt(CALL) == (
        "WEBVTT\n"
        "\n"
        "00:00:00.500 --> 00:00:01.300\n<v Rep>Hi Dana.</v>\n"
        "\n"
        "01:01:01.250 --> 01:01:04.050\n<v Dana &lt;b&gt; &amp; Co>a &lt; b &amp; c --&gt; d</v>\n"
    )


def test_silence_is_valid_and_says_so() -> None:
    assert to_dict(SILENT, duration=5, engines={}, timings={})["turns"] == []
    assert to_text(SILENT) == NOBODY_SPEAKS + "\n"
    assert to_srt(SILENT) == ""
    assert to_vtt(SILENT) == "WEBVTT\n"


def test_a_label_over_two_lines_stays_on_one() -> None:
    odd = Conversation((Party("p", Side.OTHER, "Kim\n\n00:01 --> x", "A", guessed=False),), CALL.turns[:1])
    assert to_srt(odd).splitlines()[2] == "Kim 00:01 -> x: Hi Dana."
    assert "<v Kim 00:01 --&gt; x>" in to_vtt(odd)


def test_overlapping_turns_make_cues_in_order() -> None:
    call = Conversation((REP, DANA), (turn("t0", "A", 0.0, "word " * 60), turn("t1", "B", 5.0, "yeah")))
    starts = re.findall(r"^(\S+) -->", to_vtt(call), re.MULTILINE)
    assert starts == sorted(starts)
    assert len(starts) > 3


def test_a_sentence_end_closes_a_cue_that_is_half_full() -> None:
    cues = make_cues(
        turn("t", "A", 0.0, "This is one sentence that is long enough here. And this is the next.", 0.2),
        "Rep",
    )
    assert [" ".join(cue.lines) for cue in cues] == [
        "This is one sentence that is long enough here.",
        "And this is the next.",
    ]


def test_no_cue_stands_over_a_pause() -> None:
    words = (*turn("t", "A", 0.0, "well then").words, *turn("t", "A", 2.5, "goodbye").words)
    assert [cue.lines for cue in make_cues(Turn("t", "A", words), "Rep")] == [("well then",), ("goodbye",)]


words = st.lists(
    st.tuples(
        st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=60),
        st.sampled_from([0.0001, 0.02, 0.3, 3.0, 9.0]),
        st.sampled_from([0.0, 0.2, 1.5]),
    ),
    min_size=1,
    max_size=60,
)


@given(words, st.sampled_from(["Rep", "A very long name of a person with many titles and degrees"]))
def test_cues_hold_every_word_once_and_can_be_read(
    spoken: list[tuple[str, float, float]], label: str
) -> None:
    at, made = 0.0, []
    for text, length, gap in spoken:
        made.append(Word(at, at + length, text, 0.5))
        at += length + gap
    one = Turn("t", "A", tuple(made))
    cues = make_cues(one, label)
    assert " ".join(line for cue in cues for line in cue.lines) == one.text
    for cue in cues:
        count = len(" ".join(cue.lines).split(" "))
        assert cue.start_ms < cue.end_ms
        assert 1 <= len(cue.lines) <= 2
        assert all(cue.lines)
        if count > 1:
            assert cue.end_ms - cue.start_ms <= MAX_CUE_SECONDS * 1000 + 1
            assert len(" ".join(cue.lines)) <= 2 * LINE_CHARACTERS


@given(words)
def test_srt_and_vtt_keep_their_form_whatever_is_said(spoken: list[tuple[str, float, float]]) -> None:
    one = Turn("t", "A", tuple(Word(n, n + length, text, 0.5) for n, (text, length, _) in enumerate(spoken)))
    call = Conversation((REP,), (one,))
    time = r"\d\d:\d\d:\d\d[.,]\d{3}"
    srt_cue = rf"\d+\n{time} --> {time}\n(?:(?!.*-->).+\n){{1,2}}"
    assert re.fullmatch(rf"(?:{srt_cue}\n)*{srt_cue}", to_srt(call))
    vtt_cue = rf"{time} --> {time}\n<v Rep>(?:(?!.*-->)[^<>\n]+\n?){{1,2}}</v>\n"
    assert re.fullmatch(rf"WEBVTT\n\n(?:{vtt_cue}\n)*{vtt_cue}", to_vtt(call))
