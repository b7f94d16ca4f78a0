"""No test asserts how long something takes: that depends on what else a machine does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from paths import TESTS

CLOCKS = {"time", "monotonic", "perf_counter", "process_time", "thread_time", "seconds"}
WAITING = "wait_"
"""How functions begin that wait for something to happen, up to an end that is far away."""


def timed(tree: ast.AST, within: str = "") -> Iterator[int]:
    """Yield the lines of assertions that ask a clock, or compare a number of seconds from above."""
    for node in ast.iter_child_nodes(tree):
        name = node.name if isinstance(node, ast.FunctionDef) else within
        if isinstance(node, ast.Assert) and not within.startswith(WAITING):
            for part in ast.walk(node.test):
                if isinstance(part, ast.Compare) and _is_bound(part):
                    yield node.lineno
        yield from timed(node, name)


def _is_bound(part: ast.Compare) -> bool:
    """Return whether a clock, or what one measured, has to be below something."""
    sides = [part.left, *part.comparators]
    for at, order in enumerate(part.ops):
        if isinstance(order, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            below = sides[at if isinstance(order, ast.Lt | ast.LtE) else at + 1]
            names = {getattr(one, "attr", getattr(one, "id", "")) for one in ast.walk(below)}
            if names & CLOCKS:
                return True
    return False


def test_no_test_asserts_an_absolute_time() -> None:
    paths = sorted(TESTS.rglob("test_*.py"))
    assert Path(__file__) in paths
    lines = [(path, line) for path in paths for line in timed(ast.parse(path.read_text("utf-8")))]
    assert lines == []


@pytest.mark.parametrize(
    "text",
    [
        "assert time.monotonic() - start < 5",
        "assert 5 >= perf_counter() - start",
        "assert 0 < done.seconds < 2",
    ],
)
def test_such_assertions_are_seen(text: str) -> None:
    assert list(timed(ast.parse(text))) == [1]
