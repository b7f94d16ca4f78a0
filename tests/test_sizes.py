"""Modules and functions are of a size that one reads in a sitting, and names mean one thing.

Lines of a function are counted from its ``def`` to its end, without its docstring and without its
decorators. A module is counted whole.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import xladdin

PACKAGE: Final = Path(xladdin.__file__).parent

LONGEST_MODULE: Final = 400
LONGEST_FUNCTION: Final = 60

Exceptions = dict[str, tuple[int, str]]

_ENGINE = "rules of the embedded engine, which are to be split by the kind of rule"

LONG_MODULES: Final[Exceptions] = {
    "api.py": (3000, "generated"),
    "engines/embedded/judgement.py": (900, _ENGINE),
    "engines/embedded/preparation.py": (700, _ENGINE),
    "engines/embedded/substitutes.py": (600, _ENGINE),
}
"""Modules that may be longer: at most how long, and why."""

LONG_FUNCTIONS: Final[Exceptions] = {
    "engines/embedded/instruments.py:register": (220, _ENGINE),
    "engines/embedded/judgement.py:argument": (70, _ENGINE),
}
"""Functions that may be longer: at most how long, and why."""


def sources() -> Iterator[tuple[str, str]]:
    """Yield every module: its path in the package, and its text."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8")


SOURCES: Final = dict(sources())


def functions(text: str) -> Iterator[tuple[str, int]]:
    """Yield the functions of a module, methods and inner ones too, with their lines."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            lines = node.end_lineno - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node) is not None:
                assert first.end_lineno is not None
                lines -= first.end_lineno - first.lineno + 1
            yield node.name, lines


MODULE_LINES: Final = {name: len(text.splitlines()) for name, text in SOURCES.items()}
FUNCTION_LINES: Final = {
    f"{name}:{function}": lines
    for name, text in SOURCES.items()
    for function, lines in sorted(functions(text), key=lambda item: item[1])
}
"""Of functions of one name in a module, the longest."""


@pytest.mark.parametrize(
    ("lengths", "most", "exceptions"),
    [
        (MODULE_LINES, LONGEST_MODULE, LONG_MODULES),
        (FUNCTION_LINES, LONGEST_FUNCTION, LONG_FUNCTIONS),
    ],
    ids=["modules", "functions"],
)
def test_nothing_is_longer_than_one_reads_in_a_sitting(
    lengths: dict[str, int], most: int, exceptions: Exceptions
) -> None:
    allowed = {name: limit for name, (limit, _) in exceptions.items()}
    assert not {name: lines for name, lines in lengths.items() if lines > allowed.get(name, most)}
    assert not [name for name in exceptions if lengths.get(name, 0) <= most], "no exception needed"


def test_no_two_public_classes_have_one_name() -> None:
    places = defaultdict(set)
    for name, text in SOURCES.items():
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].add(name)
    shared = {name: where for name, where in places.items() if len(where) > 1}
    assert {name: sorted(where) for name, where in shared.items()} == {}
