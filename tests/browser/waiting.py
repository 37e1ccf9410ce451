"""Waiting for a page, beyond what Playwright offers."""

import time

from playwright.sync_api import Page


def becomes(page: Page, condition: str, *, seconds: float = 15.0) -> None:
    """Waits until a condition holds.

    Playwright's `wait_for_function` evaluates strings in the page, which its Content-Security-Policy forbids;
    its `expect` writes the whole page down when a look fails: a minute for three hours of talk.
    """
    until = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < until, f"{condition} did not come true in {seconds} s"
        page.wait_for_timeout(50)
