"""The API's pages in a real browser, under the same Content-Security-Policy as everything else."""

from pathlib import Path

import pytest

from tests.app.web.live import LiveServer


@pytest.mark.browser
def test_the_api_is_shown_from_our_own_files_alone(tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    complaints: list[str] = []
    asked: set[str] = set()
    with LiveServer(tmp_path / "data") as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.add(request.url))
        page.goto(f"{server.url}/api/docs")
        page.get_by_text("Upload a recording", exact=True).click()
        page.get_by_text("Send the recording in the part").wait_for()
        browser.close()
    assert {url for url in asked if not url.startswith((server.url, "data:", "blob:"))} == set()
    assert complaints == []
