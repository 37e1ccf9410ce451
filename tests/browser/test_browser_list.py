"""The list of calls in a real browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House, MakeCall, NewPage
from tests.browser.made_calls import add_failed_call, add_stopped_call, demo_turns

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_search_finds_by_title_and_by_person_while_typing(
    new_page: NewPage, ready_call: MakeCall, demo: Path
) -> None:
    ready_call(demo_turns(demo, "missed-discovery"), title="Zebra crossing")
    page = new_page("/calls")
    box = page.get_by_role("searchbox", name="Search by title or person")
    box.press_sequentially("zebra")
    expect(page.locator("li.call")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=zebra"))
    box.fill("zebra whitlock")
    expect(page.locator("li.call .title")).to_have_text("Zebra crossing")
    box.fill("zebra nobody")
    expect(page.get_by_role("heading", name="No call matches")).to_be_visible()
    expect(box).to_be_focused()
    page.get_by_role("link", name="Show all calls").click()
    expect(page.locator("li.call").first).to_be_visible()


def test_state_filter(new_page: NewPage, house: House) -> None:
    add_failed_call(house.parts, title="Broken giraffe", reason="This file holds text.")
    page = new_page("/calls?q=giraffe")
    page.get_by_label("Show only").select_option(label="Ready")
    expect(page.get_by_role("heading", name="No call matches")).to_be_visible()
    page.get_by_label("Show only").select_option(label="Failed")
    expect(page.locator("li.call")).to_contain_text("This file holds text.")


def test_a_call_is_deleted_after_a_question(new_page: NewPage, house: House) -> None:
    call_id = add_failed_call(house.parts, title="To be deleted", reason="It is no good.")
    page = new_page("/calls?q=to+be+deleted")
    page.get_by_role("button", name="Delete To be deleted").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator(f"#call-{call_id}")).to_be_visible()
    page.get_by_role("button", name="Delete To be deleted").click()
    page.locator("#ask").get_by_role("button", name="Delete").click()
    expect(page.locator(f"#call-{call_id}")).to_have_count(0)


def test_older_calls_are_on_the_next_page(new_page: NewPage, house: House) -> None:
    for number in range(51):
        add_stopped_call(house.parts, title=f"Penguin {number}")
    page = new_page("/calls?q=penguin")
    expect(page.locator("li.call")).to_have_count(50)
    expect(page.locator(".count")).to_contain_text("51 calls")
    page.get_by_role("link", name="Older calls").click()
    expect(page.locator("li.call .title")).to_have_text("Penguin 0")
    page.get_by_role("link", name="Newest calls").click()
    expect(page.locator("li.call .title").first).to_have_text("Penguin 50")
