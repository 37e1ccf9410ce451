"""The child processes of the tests' own process, dead ones that nobody waited for among them (Linux)."""

from pathlib import Path


def children() -> set[int]:
    """Their process ids. Other tests may keep some of their own, so compare before and after."""
    lists = Path("/proc/self/task").glob("*/children")
    return {int(pid) for one in lists for pid in one.read_text().split()}
