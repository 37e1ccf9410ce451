"""The editor of words, while other things change on the page."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MakeCall, NewPage
from tests.browser.made_calls import demo_turns

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def call_page(new_page: NewPage, ready_call: MakeCall, demo: Path) -> Page:
    page = new_page(f"/calls/{ready_call(demo_turns(demo, 'missed-discovery'))}")
    page.wait_for_selector('html[data-words="here"]', state="attached")
    return page


def test_what_is_being_written_outlives_a_change_of_the_same_turn(call_page: Page) -> None:
    said = call_page.locator("article.turn", has_text="Sure, that sounds good")
    said.hover()
    call_page.get_by_role("button", name="Joe said this").click()
    expect(said).to_have_class(re.compile(r"\bleft\b"))
    said.locator("a.t").focus()
    call_page.keyboard.press("e")
    editor = call_page.get_by_role("textbox", name="Correct these words")
    editor.fill("Surely,")
    call_page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(call_page.locator("#toasts")).to_contain_text("Undone.")
    expect(editor).to_have_text("Surely,")
    editor.press("Enter")
    expect(editor).to_have_count(0)
    expect(call_page.locator("article.turn > p", has_text="Surely,")).to_be_visible()
