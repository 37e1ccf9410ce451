"""Every page and state: readable by axe in light and dark, and no wider than a phone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from review.model import Side
from tests.browser.conftest import AXE, House, MakeCall, NewPage
from tests.browser.made_calls import (
    Seat,
    add_call_at_work,
    add_failed_call,
    add_stopped_call,
    demo_turns,
)

pytestmark = [pytest.mark.browser, pytest.mark.processes]

LONG_TITLE = "Quarterly renewal " * 8 + "a_file_name_without_any_space_" * 4
CROWD = (
    Seat(Side.REP, "A", "Maximiliane Oberhuber-Wolkenstein"),
    Seat(Side.PROSPECT, "B", "Bartholomew-Featherstonehaugh-Cholmondeley-Without-A-Space"),
    Seat(Side.MANAGER, "C", "Mara"),
    Seat(Side.OTHER, "D"),
)
PLACES = ["list", "nothing found", "upload", "gone"]
PLACES += ["call", "guess", "crowd", "silent", "failed", "at work", "stopped"]


@pytest.fixture(scope="module")
def addresses() -> dict[str, str]:
    return {}


@pytest.fixture
def address(
    request: pytest.FixtureRequest, addresses: dict[str, str], house: House, ready_call: MakeCall, demo: Path
) -> str:
    """Where a page is to be seen; its call is made once."""
    place = request.param
    if place not in addresses:
        addresses[place] = _make(place, house, ready_call, demo)
    return addresses[place]


def _make(place: str, house: House, ready_call: MakeCall, demo: Path) -> str:
    pages = {
        "list": "/calls",
        "nothing found": "/calls?q=qqqqqq",
        "upload": "/upload",
        "gone": "/calls/01aaaaaaaaaaaaaaaaaaaaaaaa",
    }
    if place in pages:
        return pages[place]
    parts, turns = house.parts, demo_turns(demo, "missed-discovery")
    nobody = [Seat(Side.REP, "A", guessed=True), Seat(Side.PROSPECT, "B", guessed=True)]
    crowded = [replace(turn, voice="ABCD"[at % 4]) for at, turn in enumerate(turns)]
    calls: dict[str, Callable[[], str]] = {
        "call": lambda: ready_call(turns),
        "guess": lambda: ready_call(turns, seats=nobody),
        "crowd": lambda: ready_call(crowded, seats=CROWD, title=LONG_TITLE, sound="no-urgency.mono.ogg"),
        "silent": lambda: ready_call([], seats=[]),
        "failed": lambda: add_failed_call(parts, title=LONG_TITLE, reason="This file holds text. " * 5),
        "at work": lambda: add_call_at_work(parts, title="Being worked on", share=0.4),
        "stopped": lambda: add_stopped_call(parts, title="Stopped"),
    }
    return f"/calls/{calls[place]()}"


def settle(page: Page) -> None:
    page.wait_for_load_state()
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(200)


def faults(page: Page) -> list[str]:
    """axe's serious and critical findings, with where they are."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {node['html'][:160]} {node.get('failureSummary', '')}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", PLACES, indirect=True)
def test_axe_finds_nothing_serious(new_page: NewPage, address: str, scheme: str) -> None:
    page = new_page(address, quietly=True, color_scheme=scheme)
    settle(page)
    assert faults(page) == []


@pytest.mark.parametrize("address", PLACES, indirect=True)
def test_a_phone_needs_no_sideways_scrolling(new_page: NewPage, address: str) -> None:
    page = new_page(address, quietly=True, width=390, height=844, has_touch=True)
    settle(page)
    wide = page.evaluate(
        "[...document.querySelectorAll('main *')]"
        ".filter((one) => one.getBoundingClientRect().right > innerWidth + 1)"
        ".filter((one) => !one.closest('.sr, .sr-focus, canvas')).map((one) => one.outerHTML.slice(0, 100))"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, wide


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_while_somebody_is_at_it(
    new_page: NewPage, ready_call: MakeCall, demo: Path, scheme: str, tmp_path: Path
) -> None:
    """The help, an open editor, the details on a phone, files on the upload page."""
    call = ready_call(demo_turns(demo, "missed-discovery"))
    page = new_page(f"/calls/{call}", color_scheme=scheme, width=390, height=844)
    page.get_by_role("button", name="Details").click()
    page.locator("#details summary").click()
    page.locator("#again summary").click()
    page.locator("article.turn a.t").nth(1).focus()
    page.keyboard.press("e")
    settle(page)
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert faults(page) == []
    page = new_page("/upload", color_scheme=scheme, width=390, height=844)
    named_long = tmp_path / f"{'a very long name ' * 10}.ogg"
    named_long.write_bytes(b"sound")
    page.locator("#files").set_input_files([demo / "no-urgency.ogg", named_long])
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
