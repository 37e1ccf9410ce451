"""Three hours of conversation: there at once, and light."""

import os
from pathlib import Path

import pytest

from tests.browser.conftest import MakeCall, NewPage
from tests.browser.made_calls import long_turns
from tests.browser.waiting import becomes

pytestmark = [pytest.mark.browser, pytest.mark.processes]

HOURS = 3
TURNS = 3000
TRIES = 4
FIRST_SCREEN = 1.0
"""Seconds until the first turns are painted."""
IN_VIEW = """(() => {
    const {top, bottom} = document.getElementById("t2500").getBoundingClientRect();
    return top > document.getElementById("player").getBoundingClientRect().bottom && bottom < innerHeight;
})()"""
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


@pytest.fixture
def long_call(ready_call: MakeCall) -> str:
    return ready_call(long_turns(HOURS), duration=HOURS * 3600.0, title="Three hours")


def test_the_first_screen_is_there_within_a_second(new_page: NewPage, long_call: str) -> None:
    seconds: list[float] = []
    # Where other programs keep the machine busy, the page gets only its share of it.
    allowed = FIRST_SCREEN * max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0)))
    while len(seconds) < TRIES and min(seconds, default=allowed) >= allowed:
        page = new_page(f"/calls/{long_call}")
        becomes(page, "document.querySelectorAll('article.turn').length > 0")
        seconds.append(page.evaluate(FIRST_PAINT) / 1000)
        page.context.close()
    assert min(seconds) < allowed, seconds


def test_three_hours_are_light_and_all_there(new_page: NewPage, long_call: str) -> None:
    page = new_page(f"/calls/{long_call}")
    page.wait_for_selector('html[data-words="here"]', state="attached")
    assert page.locator("article.turn").count() == TURNS
    elements = page.evaluate("document.querySelectorAll('*').length")
    assert elements / TURNS < 8
    assert page.evaluate("find('turn2500')") is True


def test_a_link_deep_into_three_hours_opens_there(new_page: NewPage, long_call: str) -> None:
    page = new_page(f"/calls/{long_call}?t=9000")
    becomes(page, IN_VIEW)


def test_a_correction_in_three_hours_leaves_the_reader_where_they_are(
    new_page: NewPage, long_call: str, demo: Path
) -> None:
    page = new_page(f"/calls/{long_call}?t=9000")
    page.wait_for_selector('html[data-words="here"]', state="attached")
    turn = page.locator("#t2500")
    becomes(page, IN_VIEW)
    page.evaluate("document.querySelector('#t10').kept = true")
    turn.locator("a.t").focus()
    page.keyboard.press("e")
    page.keyboard.type("Something else was said.")
    page.keyboard.press("Enter")
    becomes(page, "document.querySelector('#t2500 > p').textContent === 'Something else was said.'")
    becomes(page, IN_VIEW)
    assert page.evaluate("document.querySelector('#t10').kept") is True
