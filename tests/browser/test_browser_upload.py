"""Uploading by the page: from a file to a conversation, and what happens when the file is no good."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House, NewPage
from tests.browser.made_calls import put

pytestmark = [pytest.mark.browser, pytest.mark.processes]

READY = 90_000
"""Milliseconds for a demo call to go through the canned engines on a busy machine."""


def choose(page: Page, *files: Path) -> None:
    page.locator("#files").set_input_files(list(files))


def test_an_uploaded_file_becomes_a_conversation_by_itself(new_page: NewPage, demo: Path) -> None:
    page = new_page("/upload")
    choose(page, demo / "no-urgency.ogg")
    card = page.locator("li.file")
    expect(card.get_by_label("Title")).to_have_value("no-urgency")
    card.get_by_label("Title").fill("Pricing talk")
    card.get_by_label("Rep", exact=True).fill("Joe Alder")
    card.get_by_label("Prospect").fill("Martin Vale")
    card.get_by_label("When").fill("2026-11-14T10:02")
    card.get_by_label("In stereo, the rep is").select_option(label="on the left")
    page.get_by_role("button", name="Upload 1 recording").click()
    card.get_by_role("link", name="Open the call").click()
    expect(page.locator("#conversation article.turn").first).to_be_visible(timeout=READY)
    expect(page.locator("h1")).to_have_text("Pricing talk")
    expect(page.locator(".facts")).to_contain_text("Joe Alder")
    expect(page.locator(".facts")).to_contain_text("Martin Vale")
    expect(page.locator(".guess")).to_have_count(0)
    # Greenwich time in the browser, Berlin time on the page, and both say so.
    expect(page.locator(".facts")).to_contain_text(re.compile(r"Sat 14 Nov 2026, \d\d:02 CET"))


def test_the_list_shows_progress_and_then_the_call(new_page: NewPage, demo: Path) -> None:
    page = new_page("/upload")
    choose(page, demo / "missed-discovery.ogg")
    page.locator("li.file").get_by_label("Title").fill("Seen from the list")
    page.get_by_role("button", name="Upload 1 recording").click()
    expect(page.get_by_role("link", name="Open the call")).to_be_visible()
    page.goto(page.url.replace("/upload", "/calls?q=seen+from"))
    row = page.locator("li.call", has_text="Seen from the list")
    expect(row).to_have_class(re.compile(r"\bready\b"), timeout=READY)
    expect(row.locator(".length")).to_contain_text("1:19")


def test_what_is_said_for_all_files_goes_where_nothing_was_said(new_page: NewPage, demo: Path) -> None:
    page = new_page("/upload")
    choose(page, demo / "no-urgency.ogg", demo / "missed-discovery.ogg")
    cards = page.locator("li.file")
    cards.nth(1).get_by_label("Rep", exact=True).fill("Ann")
    page.locator("#all").get_by_label("Rep", exact=True).fill("Joe")
    expect(cards.nth(0).get_by_label("Rep", exact=True)).to_have_value("Joe")
    expect(cards.nth(1).get_by_label("Rep", exact=True)).to_have_value("Ann")
    cards.nth(0).get_by_role("button", name="Leave no-urgency.ogg out").click()
    expect(page.get_by_role("button", name="Upload 1 recording")).to_be_visible()


def test_files_can_be_dropped(new_page: NewPage) -> None:
    page = new_page("/upload")
    page.evaluate(
        """() => {
            const carried = new DataTransfer();
            carried.items.add(new File(["abc"], "call with ünïcode & “quotes”.wav"));
            for (const name of ["dragenter", "dragover", "drop"]) {
                document.getElementById("drop").dispatchEvent(
                    new DragEvent(name, {dataTransfer: carried, bubbles: true, cancelable: true}));
            }
        }"""
    )
    expect(page.locator("li.file .name")).to_have_text("call with ünïcode & “quotes”.wav")


def test_an_empty_file_is_not_even_sent(new_page: NewPage, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    page = new_page("/upload")
    choose(page, tmp_path / "empty.wav")
    expect(page.locator("li.file .outcome")).to_contain_text("This file is empty")
    expect(page.get_by_role("button", name=re.compile("^Upload"))).to_be_hidden()


def test_a_file_that_is_no_recording_says_why_and_can_be_tried_again(
    new_page: NewPage, tmp_path: Path
) -> None:
    (tmp_path / "notes.wav").write_text("Dear diary, today I sold nothing.\n" * 100)
    page = new_page("/upload")
    choose(page, tmp_path / "notes.wav")
    page.get_by_role("button", name="Upload 1 recording").click()
    page.get_by_role("link", name="Open the call").click()
    expect(page.get_by_role("heading", name="This call could not be processed")).to_be_visible(timeout=READY)
    reason = page.locator(".reason").inner_text()
    assert len(reason.split()) > 5
    with page.expect_navigation():
        page.get_by_role("button", name="Try again").click()
    expect(page.locator(".reason")).to_have_text(reason, timeout=READY)
    page.goto(page.url.rsplit("/", 1)[0])
    expect(page.locator("li.call.failed").first).to_contain_text(reason)


def test_a_broken_connection_keeps_the_file_and_offers_to_try_again(new_page: NewPage, demo: Path) -> None:
    page = new_page("/upload", quietly=True)
    choose(page, demo / "no-urgency.ogg")
    page.locator("li.file").get_by_label("Title").fill("After the tunnel")
    page.context.set_offline(True)
    page.get_by_role("button", name="Upload 1 recording").click()
    expect(page.locator("li.file .outcome")).to_contain_text("The connection broke")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name="Open the call")).to_be_visible()


def test_the_same_upload_sent_again_makes_no_second_call(new_page: NewPage, demo: Path, house: House) -> None:
    """The answer was lost on the way: the page tries again with the same id."""
    page = new_page("/upload")
    page.evaluate(
        """() => {
            window.answers = [];
            const Real = XMLHttpRequest;
            window.XMLHttpRequest = function () {
                const request = new Real();
                request.addEventListener("load", (event) => {
                    window.answers.push(request.status);
                    if (window.answers.length > 1) return;
                    event.stopImmediatePropagation();
                    request.dispatchEvent(new ProgressEvent("error"));
                });
                return request;
            };
        }"""
    )
    choose(page, demo / "no-urgency.ogg")
    page.locator("li.file").get_by_label("Title").fill("Only once")
    page.get_by_role("button", name="Upload 1 recording").click()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name="Open the call")).to_be_visible()
    assert page.evaluate("window.answers") == [202, 200]
    assert house.parts.calls.list_calls(query="Only once").total == 1


def test_upload_works_with_the_keyboard_alone(new_page: NewPage, demo: Path) -> None:
    page = new_page("/upload")
    page.locator("#files").focus()
    expect(page.locator("#files")).to_be_focused()
    choose(page, demo / "no-urgency.ogg")
    page.get_by_role("button", name="Upload 1 recording").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Open the call")).to_be_visible()


def test_running_it_again_leaves_the_conversation_readable_and_the_corrections_in_place(
    new_page: NewPage, demo: Path, house: House
) -> None:
    call_id = put(house.parts, (demo / "no-urgency.ogg").read_bytes(), lambda *_: None, file_name="again.ogg")
    house.parts.queue.poke(call_id)
    page = new_page(f"/calls/{call_id}")
    expect(page.locator("#conversation article.turn").first).to_be_visible(timeout=READY)
    page.wait_for_selector('html[data-words="here"]', state="attached")
    page.locator("article.turn a.t").first.focus()
    page.keyboard.press("e")
    page.keyboard.type("Corrected by a person.")
    page.keyboard.press("Enter")
    expect(page.locator("article.turn > p").first).to_have_text("Corrected by a person.")
    page.locator("#again summary").click()
    page.locator("#rerun").get_by_label("Language").select_option(label="German")
    page.get_by_role("button", name="Run again").click()
    expect(page.locator("#toasts")).to_contain_text("It runs again")
    page.locator("#details summary").click()
    expect(page.locator("#details dd", has_text="German")).to_be_visible(timeout=READY)
    expect(page.locator("#again-status")).to_have_count(0, timeout=READY)
    expect(page.locator("article.turn > p").first).to_have_text("Corrected by a person.")
