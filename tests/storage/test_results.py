"""What stages made, kept under recording, engine and options, on SQLite and PostgreSQL."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from storage.results import StageResult

WORDS = StageResult("aa", "transcribe", {"engine": "test"}, ["words"])


def test_two_workers_may_keep_the_same_result_at_once(house: Any) -> None:
    """As with one recording uploaded as two calls: neither call may fail for it."""

    def keep_too() -> None:
        with house.work.write() as unit:
            unit.results.keep(WORDS, at=house.time)

    with ThreadPoolExecutor(1) as pool:
        with house.work.write() as unit:
            unit.results.keep(WORDS, at=house.time)
            other = pool.submit(keep_too)
            time.sleep(0.3)
        other.result(timeout=20)
    with house.work.read() as unit:
        assert unit.results.find(WORDS.key) == WORDS


def test_a_result_kept_again_replaces_the_one_before(house: Any) -> None:
    newer = StageResult("aa", "transcribe", {"engine": "test"}, ["other words"])
    for result in (WORDS, newer):
        with house.work.write() as unit:
            unit.results.keep(result, at=house.time)
    with house.work.read() as unit:
        assert unit.results.find(WORDS.key) == newer
