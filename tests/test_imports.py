"""No module reaches backwards, and nothing heavy loads before it is used.

The list below orders the folders of the package: a module imports from its own folder and from
those to its left. Imports for type checkers alone (``if TYPE_CHECKING``) are free.
"""

from __future__ import annotations

import ast
import functools
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from paths import ROOT

import xladdin

PACKAGE = Path(xladdin.__file__).parent


ORDER = [
    "_version",
    "errors",
    "characters",
    "cells",
    "files",
    "calendars",
    "terms",
    "core",
    "functions",
    "xlsx",
    "formulas",
    "excel",
    "udfs",
    "libreoffice",
    "engines",
    "checking",
    "workbooks",
    "building",
    "ribbon_commands",
    "api",
    "__init__",
    "cli",
]
"""The folders and modules of the package from left to right: each may import those to its left."""

APART = {"excel", "libreoffice"}
"""Folders that never import each other."""

LIGHT = ORDER[: ORDER.index("xlsx")]
"""What runs inside LibreOffice's Python and in a browser: on the standard library alone."""

THIRD_PARTIES = {
    "calendars": {"holidays"},
    "core": {"numpy"},
    "functions": {"numpy"},
    "xlsx": {"lxml", "openpyxl"},
    "excel": {"openpyxl", "pyopenvba", "xlwings"},
    "libreoffice": {"com", "uno", "unohelper"},
    "engines": {"formualizer", "openpyxl"},
    "workbooks": {"openpyxl"},
    "ribbon_commands": {"xlwings"},
    "building": {"distributed", "lxml", "openpyxl"},
    "cli": {"click"},
}
"""What else a folder may import, besides the standard library."""

MAY_IMPORT_BY_NAME = {"__init__", "libreoffice.bounds"}
"""Modules that may import by a name made at run time, which no reader of the source can follow.

`libreoffice.bounds` loads again what a fork of its process has loaded.
"""

STARTS = {
    "import xladdin": [],
    "import xladdin.cells": ["errors", "cells"],
    "import xladdin.core.prices": ORDER[: ORDER.index("functions")],
    "import xladdin.terms": ORDER[: ORDER.index("core")],
    "import xladdin.functions.registry": ORDER[: ORDER.index("xlsx")],
    "import xladdin.api": [*ORDER[: ORDER.index("xlsx")], "api"],
    "import xladdin.excel.office_addin.calls": [*ORDER[: ORDER.index("xlsx")], "excel"],
}
"""What is imported, and all of the package that it may load, the package itself aside."""


def modules() -> dict[str, Path]:
    """Name every module of the package by its path in it."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def folder(module: str) -> str:
    """Name the folder of the package in which a module stands, or the module itself."""
    return module.partition(".")[0]


def running(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk through the statements that run, leaving out those that only type checkers read."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.expr):
            continue
        if isinstance(node, ast.If):
            test = ast.unparse(node.test)
            if test in {"TYPE_CHECKING", "typing.TYPE_CHECKING", "False"}:
                for other in node.orelse:
                    yield other
                    yield from running(other)
                continue
        yield node
        yield from running(node)


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> tuple[set[str], set[str]]:
    """List the package's modules and the third parties that a module imports when it runs."""
    own: set[str] = set()
    others: set[str] = set()
    for node in running(parsed(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            names = [
                # "from package import module" imports the module
                f"{node.module}.{alias.name}"
                if f"{node.module}.{alias.name}".removeprefix("xladdin.") in MODULES
                else node.module
                for alias in node.names
            ]
        else:
            continue
        for name in names:
            root, _, rest = name.partition(".")
            if root == "xladdin":
                own.add(rest or "__init__")
            elif root not in sys.stdlib_module_names:
                others.add(root)
    return own, others


def test_the_order_names_all_that_there_is() -> None:
    assert {folder(module) for module in MODULES} == set(ORDER)
    assert len(ORDER) == len(set(ORDER))


def test_third_parties_are_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["arrays"], *extras["cluster"]]
    named = {re.split(r"[^a-z]", line.lower())[0] for line in wanted}
    # LibreOffice brings these, and runs the modules that import them.
    assert named | {"com", "uno", "unohelper"} == set().union(*THIRD_PARTIES.values())
    assert not any(THIRD_PARTIES.get(name, set()) & named - {"numpy", "holidays"} for name in LIGHT)


def test_no_module_imports_from_its_right() -> None:
    wrong = []
    for module, path in MODULES.items():
        here = folder(module)
        own, others = imported(path)
        for name in own:
            there = folder(name)
            backwards = ORDER.index(there) > ORDER.index(here)
            if backwards or (here != there and {here, there} <= APART):
                wrong.append(f"xladdin.{module} imports {name}")
        foreign = others - THIRD_PARTIES.get(here, set())
        wrong += [f"xladdin.{module} imports {name}" for name in sorted(foreign)]
    assert wrong == []


def test_no_module_is_named_after_a_standard_one() -> None:
    named = {module.rpartition(".")[2] for module in MODULES}
    assert not (named - {"__init__", "__main__"}) & set(sys.stdlib_module_names)


def test_nothing_imports_by_a_name_made_at_run_time() -> None:
    found = set()
    for module, path in MODULES.items():
        used = {
            node.id if isinstance(node, ast.Name) else node.attr
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.Name | ast.Attribute)
        }
        if used & {"import_module", "_import_module", "__import__"}:
            found.add(module)
    assert found == MAY_IMPORT_BY_NAME


def loaded(statement: str) -> set[str]:
    """Run a statement in a Python of its own, and list the modules that it loads."""
    code = (
        "import sys, json; before = set(sys.modules)\n"
        f"{statement}\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGE.parent, check=True
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("statement", STARTS)
def test_starts_are_light(statement: str) -> None:
    for name in loaded(statement):
        root, _, rest = name.partition(".")
        if root == "xladdin":
            assert not rest or folder(rest) in STARTS[statement], name
        else:
            assert root in sys.stdlib_module_names, name


def test_excel_starts_light() -> None:
    """What Excel imports brings xlwings, and nothing else of weight from this package."""
    names = loaded("import xladdin.udfs")
    assert not names & {"openpyxl", "formualizer", "lxml", "click", "holidays"}
    own = {name.removeprefix("xladdin.") for name in names if name.startswith("xladdin.")}
    assert "excel.classic" in own
    assert {folder(name) for name in own} <= {*LIGHT, "excel", "udfs"}
