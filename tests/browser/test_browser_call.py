"""The call page in a real browser: hear, read, correct, and find it all there again."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from review.model import Side
from tests.browser.conftest import House, MakeCall, NewPage
from tests.browser.made_calls import Seat, demo_turns
from tests.browser.waiting import becomes

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def call_id(ready_call: MakeCall, demo: Path) -> str:
    return ready_call(demo_turns(demo, "missed-discovery"))


@pytest.fixture
def call_page(new_page: NewPage, call_id: str) -> Page:
    page = new_page(f"/calls/{call_id}")
    words_are_here(page)
    return page


def words_are_here(page: Page) -> None:
    page.wait_for_selector('html[data-words="here"]', state="attached")


def turn(page: Page, text: str) -> Locator:
    return page.locator("article.turn", has_text=text)


def sound_time(page: Page) -> float:
    return float(page.evaluate("document.getElementById('sound').currentTime"))


def click_word(page: Page, word: str, *, twice: bool = False) -> None:
    """Clicks the middle of a word, which is no element."""
    x, y = page.evaluate(
        """(word) => {
            for (const text of document.querySelectorAll("article.turn > p")) {
                const at = text.firstChild.data.indexOf(word);
                if (at < 0) continue;
                text.scrollIntoView({block: "center"});
                const range = document.createRange();
                range.setStart(text.firstChild, at);
                range.setEnd(text.firstChild, at + word.length);
                const box = range.getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2];
            }
        }""",
        word,
    )
    if twice:
        page.mouse.dblclick(x, y)
    else:
        page.mouse.click(x, y)


def select_words(page: Page, words: str) -> None:
    page.evaluate(
        """(words) => {
            for (const text of document.querySelectorAll("article.turn > p")) {
                const at = text.firstChild.data.indexOf(words);
                if (at < 0) continue;
                getSelection().setBaseAndExtent(text.firstChild, at, text.firstChild, at + words.length);
            }
        }""",
        words,
    )


def lit_word(page: Page) -> str:
    return str(
        page.evaluate(
            "['rep', 'prospect'].flatMap((side) => [...CSS.highlights.get(`now-${side}`)]).join(' ')"
        )
    )


def test_rep_is_on_the_left_and_prospect_on_the_right(call_page: Page) -> None:
    left = turn(call_page, "Thanks for making the time").locator("p").bounding_box()
    right = turn(call_page, "about twenty minutes").locator("p").bounding_box()
    assert left is not None
    assert right is not None
    assert left["x"] + 100 < right["x"]


def test_a_clicked_word_is_heard_and_lit(call_page: Page) -> None:
    click_word(call_page, "spreadsheet")
    expect(call_page.locator("#play")).to_have_attribute("aria-label", "Pause")
    # The word is the sixth of a turn that begins at 24.985 s and has 24 words over 6.19 s.
    becomes(call_page, "document.getElementById('sound').currentTime > 26")
    assert 26 < sound_time(call_page) < 29
    call_page.keyboard.press("Space")
    expect(call_page.locator("#play")).to_have_attribute("aria-label", "Play")
    click_word(call_page, "spreadsheet")
    call_page.keyboard.press("Space")
    assert lit_word(call_page) in "spreadsheet and a lot of"
    expect(turn(call_page, "shared spreadsheet")).to_have_class(re.compile(r"\bnow\b"))


def test_on_a_narrow_page_words_stay_where_they_are_when_their_turn_is_pointed_at(
    new_page: NewPage, call_id: str
) -> None:
    page = new_page(f"/calls/{call_id}", width=390, height=844)
    words_are_here(page)
    words = turn(page, "shared spreadsheet").locator("p")
    words.scroll_into_view_if_needed()
    before = words.bounding_box()
    words.hover()
    expect(turn(page, "shared spreadsheet").get_by_role("button", name="Correct")).to_be_visible()
    assert words.bounding_box() == before


def test_a_link_to_a_moment_opens_there(new_page: NewPage, call_id: str) -> None:
    page = new_page(f"/calls/{call_id}?t=61.5", height=500)
    becomes(page, "Math.abs(document.getElementById('sound').currentTime - 61.5) < 0.2")
    expect(page.locator("#now")).to_have_text("1:01")
    expect(turn(page, "We have permissions too")).to_be_in_viewport()


def test_keys(call_page: Page) -> None:
    call_page.keyboard.press("l")
    call_page.keyboard.press("l")
    expect(call_page.locator("#now")).to_have_text("0:10")
    call_page.keyboard.press("j")
    expect(call_page.locator("#now")).to_have_text("0:05")
    call_page.keyboard.press(".")
    expect(call_page.locator("#now")).to_have_text("0:17")
    call_page.keyboard.press(",")
    expect(call_page.locator("#now")).to_have_text("0:04")
    call_page.keyboard.press("3")
    expect(call_page.locator("#solo button", has_text="Dana")).to_have_attribute("aria-pressed", "true")
    call_page.keyboard.press("1")
    expect(call_page.locator("#solo button", has_text="Both")).to_have_attribute("aria-pressed", "true")
    call_page.keyboard.press("?")
    expect(call_page.locator("#help")).to_be_visible()
    call_page.keyboard.press("Escape")
    expect(call_page.locator("#help")).to_be_hidden()


def test_the_lanes_are_a_slider(call_page: Page) -> None:
    lanes = call_page.get_by_role("slider", name="Place in the call")
    lanes.focus()
    call_page.keyboard.press("ArrowRight")
    expect(lanes).to_have_attribute("aria-valuetext", re.compile("0:05, Dana Whitlock speaking"))
    box = lanes.bounding_box()
    assert box is not None
    call_page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    becomes(call_page, "Math.abs(document.getElementById('sound').currentTime - 39.5) < 1.5")


def test_one_side_alone_keeps_playing_and_can_be_left(call_page: Page) -> None:
    click_word(call_page, "spreadsheet")
    call_page.keyboard.press("2")
    before = sound_time(call_page)
    becomes(call_page, f"document.getElementById('sound').currentTime > {before + 0.5}")
    assert call_page.evaluate("document.getElementById('sound').muted") is False
    call_page.keyboard.press("1")
    call_page.keyboard.press("Space")


def test_in_a_mixed_recording_the_other_side_is_muted(
    new_page: NewPage, ready_call: MakeCall, demo: Path
) -> None:
    page = new_page(f"/calls/{ready_call(demo_turns(demo, 'no-urgency'), sound='no-urgency.mono.ogg')}")
    words_are_here(page)
    page.keyboard.press("3")
    click_word(page, "Hello")
    becomes(page, "document.getElementById('sound').muted")
    page.keyboard.press(".")
    becomes(page, "!document.getElementById('sound').muted")


def test_silence_is_skipped(call_page: Page) -> None:
    call_page.get_by_role("button", name="Skip silence").click()
    call_page.keyboard.press("3")
    click_word(call_page, "Thanks for making")
    # Only Dana is heard, and she is silent until 4.9 s.
    becomes(call_page, "document.getElementById('sound').currentTime > 4.4")
    call_page.keyboard.press("Space")


def test_swapped_sides_stay_swapped(call_page: Page) -> None:
    expect(turn(call_page, "Thanks for making the time")).to_have_class(re.compile(r"\bleft\b"))
    call_page.get_by_role("button", name="Swap sides").click()
    expect(turn(call_page, "Thanks for making the time")).to_have_class(re.compile(r"\bright\b"))
    expect(turn(call_page, "Thanks for making the time").locator("b")).to_have_text("Dana")
    call_page.reload()
    expect(turn(call_page, "Thanks for making the time")).to_have_class(re.compile(r"\bright\b"))


def test_a_guess_is_asked_about_until_somebody_says(
    new_page: NewPage, ready_call: MakeCall, demo: Path
) -> None:
    seats = (Seat(Side.REP, "A", guessed=True), Seat(Side.PROSPECT, "B", guessed=True))
    page = new_page(f"/calls/{ready_call(demo_turns(demo, 'missed-discovery'), seats=seats)}")
    expect(page.locator(".guess")).to_contain_text("We guessed that the rep is the one who begins with")
    page.get_by_role("button", name="That’s right").click()
    expect(page.locator(".guess")).to_have_count(0)
    page.reload()
    expect(page.locator("#conversation article").first).to_be_visible()
    expect(page.locator(".guess")).to_have_count(0)


def test_a_corrected_word_stays_and_can_be_undone(call_page: Page) -> None:
    click_word(call_page, "spreadsheet", twice=True)
    editor = call_page.get_by_role("textbox", name="Correct these words")
    expect(editor).to_have_text("spreadsheet")
    call_page.keyboard.type("whiteboard")
    call_page.keyboard.press("Enter")
    expect(turn(call_page, "we use a shared whiteboard and a lot of email")).to_be_visible()
    mark = turn(call_page, "shared whiteboard").locator(".mark")
    mark.click()
    expect(turn(call_page, "shared whiteboard").locator(".machine")).to_contain_text("shared spreadsheet and")
    call_page.reload()
    words_are_here(call_page)
    expect(turn(call_page, "shared whiteboard and")).to_be_visible()
    call_page.keyboard.press("Control+z")
    expect(turn(call_page, "shared spreadsheet and")).to_be_visible()
    call_page.keyboard.press("Control+Shift+z")
    expect(turn(call_page, "shared whiteboard and")).to_be_visible()
    call_page.get_by_role("button", name="Undo the last").click()
    expect(turn(call_page, "shared spreadsheet and")).to_be_visible()


def test_escape_leaves_the_words_as_they_are(call_page: Page) -> None:
    select_words(call_page, "twenty minutes")
    call_page.keyboard.press("e")
    expect(call_page.get_by_role("textbox", name="Correct these words")).to_have_text("twenty minutes.")
    call_page.keyboard.type("an hour")
    call_page.keyboard.press("Escape")
    expect(turn(call_page, "I have about twenty minutes.")).to_be_visible()
    expect(call_page.locator(".mark")).to_have_count(0)


def test_a_correction_that_cannot_be_saved_is_not_lost(new_page: NewPage, call_id: str) -> None:
    page = new_page(f"/calls/{call_id}", quietly=True)
    words_are_here(page)
    select_words(page, "twenty minutes")
    page.keyboard.press("Enter")
    page.keyboard.type("thirty minutes.")
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator(".fix-problem")).to_contain_text("cannot be reached")
    page.context.set_offline(False)
    page.get_by_role("button", name="Save").click()
    expect(turn(page, "I have about thirty minutes.")).to_be_visible()


def test_a_moved_turn_changes_sides(call_page: Page) -> None:
    turn(call_page, "Sure, that sounds good").hover()
    call_page.get_by_role("button", name="Joe said this").click()
    expect(turn(call_page, "Sure, that sounds good")).to_have_class(re.compile(r"\bleft\b"))
    expect(turn(call_page, "Sure, that sounds good").locator(".moved")).to_have_attribute(
        "title", "The machine heard Dana"
    )
    call_page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(turn(call_page, "Sure, that sounds good")).to_have_class(re.compile(r"\bright\b"))


def test_selected_words_alone_can_be_moved(call_page: Page) -> None:
    select_words(call_page, "Hi Joe.")
    turn(call_page, "Hi Joe. No problem").hover()
    call_page.get_by_role("button", name="Joe said this").click()
    expect(call_page.locator("article.turn.left p", has_text=re.compile("^Hi Joe.$"))).to_be_visible()
    expect(call_page.locator("article.turn.right p", has_text=re.compile("^No problem"))).to_be_visible()


def test_names_are_edited_where_they_stand(call_page: Page) -> None:
    call_page.locator("[data-rename-party]", has_text="Dana Whitlock").click()
    call_page.get_by_role("textbox", name="Name of Dana Whitlock").fill("Dana Reyes")
    call_page.keyboard.press("Enter")
    expect(call_page.locator("[data-rename-party]", has_text="Dana Reyes")).to_be_focused()
    expect(call_page.locator(".facts")).to_contain_text("Dana Reyes")
    call_page.get_by_role("button", name="Rename this call").click()
    call_page.get_by_role("textbox", name="Title of the call").fill("Second talk with “Harbor & Co”")
    call_page.keyboard.press("Enter")
    expect(call_page.locator("h1")).to_have_text("Second talk with “Harbor & Co”")
    call_page.reload()
    expect(call_page.locator("h1")).to_have_text("Second talk with “Harbor & Co”")
    expect(call_page.locator(".facts")).to_contain_text("Dana Reyes")


def test_every_turn_is_a_handful_of_elements_and_one_text(call_page: Page) -> None:
    sizes = call_page.evaluate(
        "Array.from(document.querySelectorAll('article.turn'), (turn) => turn.querySelectorAll('*').length)"
    )
    texts = call_page.evaluate(
        "[...document.querySelectorAll('article.turn > p')].every((text) => text.childNodes.length === 1)"
    )
    assert max(sizes) <= 8
    assert texts


def test_downloads_and_recording(call_page: Page, house: House, demo: Path) -> None:
    for name, expected in (("Text", "Dana"), ("SRT", "-->"), ("WebVTT", "WEBVTT"), ("JSON", '"turns"')):
        with call_page.expect_download() as coming:
            call_page.locator(".downloads").get_by_role("link", name=name, exact=True).click()
        assert expected in coming.value.path().read_text(encoding="utf-8")
    with call_page.expect_download() as coming:
        call_page.locator(".downloads").get_by_role("link", name="Recording").click()
    assert coming.value.path().read_bytes() == (demo / "missed-discovery.ogg").read_bytes()


def test_a_deleted_call_is_gone(call_page: Page, house: House, call_id: str) -> None:
    call_page.get_by_role("button", name="Delete this call").click()
    call_page.locator("#ask").get_by_role("button", name="Delete").click()
    call_page.wait_for_url("**/calls")
    until = time.monotonic() + 5
    while house.parts.media.folder(call_id).exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not house.parts.media.folder(call_id).exists()
