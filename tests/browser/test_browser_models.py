"""The whole way with the real speech models: upload by the page, read, click a word and hear that place."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import House, running_house

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.models]

READY = 280_000
"""Milliseconds for a minute of sound through both models on two busy cores."""


@pytest.fixture
def real_house(tmp_path: Path) -> Iterator[House]:
    yield from running_house(tmp_path, engines="real", worker=True)


@pytest.mark.timeout(400)
def test_a_mono_recording_becomes_both_sides(browser: Browser, real_house: House, demo: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(real_house.url("/upload"))
    page.locator("#files").set_input_files(demo / "missed-discovery.mono.ogg")
    page.get_by_role("button", name="Upload 1 recording").click()
    page.get_by_role("link", name="Open the call").click()
    expect(page.locator("#conversation article.turn").first).to_be_visible(timeout=READY)
    trouble = page.locator("article.turn", has_text="a lot of trouble")
    expect(trouble).to_have_class(re.compile(r"\bprospect right\b"))
    expect(page.locator("article.turn", has_text="this is Joe")).to_have_class(re.compile(r"\brep left\b"))
    expect(page.locator(".guess")).to_contain_text("We guessed")
    page.wait_for_selector('html[data-words="here"]', state="attached")
    trouble.locator("a.t").click()
    page.keyboard.press("Space")
    # The written truth: Dana says it from 24.985 s to 31.174 s.
    assert 24 < page.evaluate("document.getElementById('sound').currentTime") < 32
    context.close()
