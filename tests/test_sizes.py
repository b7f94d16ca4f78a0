"""Modules and functions are of a size that one reads in a sitting, and names mean one thing.

Lines of a function are counted from its ``def`` to its end, without its docstring and without its
decorators. A module is counted whole.
"""

from __future__ import annotations

import ast
import functools
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from paths import TESTS

import xladdin

PACKAGE: Final = Path(xladdin.__file__).parent

LONGEST_MODULE: Final = 400
LONGEST_TEST_MODULE: Final = 500
LONGEST_FUNCTION: Final = 60

Exceptions = dict[str, tuple[int, str]]

LONG_MODULES: Final[Exceptions] = {
    "api.py": (3000, "generated"),
}
"""Modules that may be longer: at most how long, and why."""

LONG_FUNCTIONS: Final[Exceptions] = {}
"""Functions that may be longer: at most how long, and why."""


@functools.cache
def sources(root: Path) -> dict[str, str]:
    """Read every module: by its path below a folder, its text."""
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*.py"))
    }


def module_lines(root: Path) -> dict[str, int]:
    return {name: len(text.splitlines()) for name, text in sources(root).items()}


def function_lines(root: Path) -> dict[str, int]:
    """Count the lines of functions; of several of one name in a module, the longest."""
    return {
        f"{name}:{function}": lines
        for name, text in sources(root).items()
        for function, lines in sorted(functions(text), key=lambda item: item[1])
    }


@functools.cache
def parsed(text: str) -> ast.Module:
    return ast.parse(text)


def functions(text: str) -> Iterator[tuple[str, int]]:
    """Yield the functions of a module, methods and inner ones too, with their lines."""
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            lines = node.end_lineno - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node) is not None:
                assert first.end_lineno is not None
                lines -= first.end_lineno - first.lineno + 1
            yield node.name, lines


@pytest.mark.parametrize(
    ("count", "root", "most", "exceptions"),
    [
        (module_lines, PACKAGE, LONGEST_MODULE, LONG_MODULES),
        (function_lines, PACKAGE, LONGEST_FUNCTION, LONG_FUNCTIONS),
        (module_lines, TESTS, LONGEST_TEST_MODULE, {}),
        (function_lines, TESTS, LONGEST_FUNCTION, {}),
    ],
    ids=["modules", "functions", "modules of tests", "functions of tests"],
)
def test_nothing_is_longer_than_one_reads_in_a_sitting(
    count: Callable[[Path], dict[str, int]], root: Path, most: int, exceptions: Exceptions
) -> None:
    lengths = count(root)
    allowed = {name: limit for name, (limit, _) in exceptions.items()}
    assert not {name: lines for name, lines in lengths.items() if lines > allowed.get(name, most)}
    assert not [name for name in exceptions if lengths.get(name, 0) <= most], "no exception needed"


def test_no_two_public_classes_have_one_name() -> None:
    places = defaultdict(set)
    for name, text in sources(PACKAGE).items():
        for node in parsed(text).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].add(name)
    shared = {name: where for name, where in places.items() if len(where) > 1}
    assert {name: sorted(where) for name, where in shared.items()} == {}
