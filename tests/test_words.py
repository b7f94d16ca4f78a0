"""Names, docstrings and prose are in the field's words: `Words` in docs/architecture.md.

The linter checks that a docstring ends with a stop and begins in the imperative. Checked here are
words that mean something else elsewhere, and those that begin no docstring of a function.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from paths import ROOT

FOLDERS: Final = ("xladdin", "tools", "benchmarks", "tests")
PAGES: Final = ("docs", "benchmarks")

IN_NAMES: Final = re.compile(r"(^|_)(told|tells?|strangers?|doors?|mend|mended)(_|$)")
"""Words that no name is made of."""

IN_PROSE: Final = re.compile(
    r"\b(told|tells?|telling|strangers?|doors?|mend(s|ed|ing)?|ways? out"
    r"|sa(y|ys|id) (of it|otherwise))\b",
    re.IGNORECASE,
)
"""Words in no comment, docstring, message or page."""

NO_BEGINNING: Final = re.compile(
    r"(An?|All|Any|Each|Every|From|How|Its?|No|None|One|Some|Th\w+|W(hat|hen|here|hich|ho|hose|hy))\b"
)
"""What the docstring of a function does not begin with: it does something, or finds *whether*."""

GENERATED: Final = "xladdin/api.py"
"""Its docstrings begin as the help in Excel does."""


@functools.cache
def sources() -> dict[str, str]:
    """Read every module of the checkout: by its path, its text."""
    paths = (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}


@functools.cache
def trees() -> dict[str, ast.Module]:
    return {name: ast.parse(text) for name, text in sources().items()}


def names(tree: ast.Module) -> Iterator[str]:
    """Yield what a module names: its functions, classes, arguments and variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if not node.name.startswith("test_"):
                yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def test_names() -> None:
    found = {
        name: sorted({one for one in names(tree) if IN_NAMES.search(one.lower())})
        for name, tree in trees().items()
    }
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def pages() -> Iterator[Path]:
    yield from (ROOT / "README.md", ROOT / "SECURITY.md")
    for folder in PAGES:
        yield from sorted((ROOT / folder).glob("*.md"))


def test_prose() -> None:
    texts = sources() | {
        page.relative_to(ROOT).as_posix(): page.read_text("utf-8") for page in pages()
    }
    own = Path(__file__).relative_to(ROOT).as_posix()
    found = [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts.items()
        if name != own
        for number, line in enumerate(text.splitlines(), 1)
        if IN_PROSE.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("folder", FOLDERS[:-1])
def test_functions_say_what_they_do(folder: str) -> None:
    found = [
        f"{name}:{node.lineno}: {text.splitlines()[0]}"
        for name, tree in trees().items()
        if name.startswith(f"{folder}/") and name != GENERATED
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (text := ast.get_docstring(node))
        and NO_BEGINNING.match(text)
        and not any("property" in ast.unparse(one) for one in node.decorator_list)
    ]
    assert found == []
