"""A short run of the fuzzer with every test run; `make fuzz` runs the long one."""

import pytest

from tests.storage.media.children import children
from tests.storage.media.fuzz_inspect import case, run, seeds


@pytest.mark.processes
def test_sixty_damaged_files_end_in_facts_or_a_refusal() -> None:
    before = children()
    outcomes = list(run(seed=20, numbers=range(60)))
    assert [(one.case.number, one.fault) for one in outcomes if one.fault] == []
    assert children() <= before
    results = {one.result for one in outcomes}
    assert {"facts", "not_media"} <= results | {"broken"}


def test_a_case_can_be_replayed() -> None:
    first, second = seeds(), seeds()
    assert first == second
    for number in range(50):
        assert case(3, number, first) == case(3, number, second)
    assert case(3, 1, first) != case(4, 1, first)
