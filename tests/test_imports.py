"""No module reaches backwards, and nothing heavy loads before it is used.

The table below says what each module may import from the package at run time, and which third
parties. Imports for type checkers alone (``if TYPE_CHECKING``) are free. A module that the table
does not know fails the tests: say first where it stands.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import xladdin

PACKAGE = Path(xladdin.__file__).parent
PROJECT = Path(__file__).parent.parent


class Rule(NamedTuple):
    """What a module may import: keys of the table, and third parties."""

    own: frozenset[str]
    others: frozenset[str]


def rule(own: str = "", others: str = "") -> Rule:
    return Rule(frozenset(own.split()), frozenset(others.split()))


# A key is a module's name after "xladdin."; "core.*" is every module of that package with no line
# of its own. The package itself, "", may be imported by all, having nothing in it. The order is
# the order of the house: a line may name only lines above it, or itself.
RULES: dict[str, Rule] = {
    "": rule(),  # the package itself: everything it offers is found when first used
    "_version": rule(),
    "core.errors": rule(),
    "core.sessions": rule("core.errors", "holidays"),
    "core.numbers": rule(),
    "core.arrays": rule("core.numbers", "numpy"),
    "core.characters": rule(),
    "files": rule("core.errors"),
    "values": rule("core.errors"),
    "terms.*": rule("core.characters core.errors core.sessions files values terms.*"),
    "core.*": rule("core.errors core.sessions core.numbers terms.* core.*"),
    "functions.*": rule(
        "_version core.errors core.sessions core.numbers core.arrays core.* terms.* values "
        "functions.*",
        "numpy",
    ),
    "api": rule("functions.*"),
    "ooxml.*": rule("core.errors values ooxml.*", "lxml"),
    "hosts": rule(),
    "hosts.excel": rule("core.errors values functions.*", "xlwings"),
    "hosts.server": rule("core.errors values functions.* hosts.excel", "xlwings"),
    "udfs": rule("functions.* hosts.excel hosts.server"),
    "hosts.starting": rule(),
    "hosts.vba": rule("functions.* hosts.excel hosts.starting"),
    "hosts.macros": rule("_version core.errors ooxml.* hosts.vba", "openpyxl pyopenvba xlwings"),
    # What lives inside LibreOffice: on the standard library alone.
    "hosts.calc": rule("core.errors core.sessions core.* functions.* values"),
    "hosts.component": rule("hosts.calc", "com uno unohelper"),
    "hosts.oxt": rule("_version core.sessions files functions.* hosts.calc"),
    "hosts.driver": rule("", "uno"),
    "hosts.memory": rule(),
    "hosts.bounds": rule("core.errors terms.* hosts.memory"),
    "hosts.soffice": rule("core.errors hosts.memory hosts.bounds"),
    "hosts.unopkg": rule("core.errors hosts.oxt hosts.soffice"),
    "installation.places": rule("core.errors"),
    "installation.payload": rule("hosts.macros installation.places"),
    "cli.console": rule("core.errors values", "click"),
    "installation.*": rule(
        "_version core.errors files ooxml.* hosts.starting hosts.unopkg cli.console "
        "installation.places "
        "installation.payload installation.*",
        "click",
    ),
    "hosts.scanning": rule("core.errors ooxml.*"),
    "hosts.structured": rule("core.errors ooxml.*"),
    "hosts.settings": rule("core.errors ooxml.*"),
    "hosts.parsing": rule("hosts.scanning"),
    "hosts.proved": rule("values"),
    "hosts.evidence": rule(""),
    "hosts.counts": rule("hosts.proved hosts.evidence", "openpyxl"),
    "hosts.substitutes": rule("hosts.proved"),
    "hosts.instruments": rule("values ooxml.* hosts.proved hosts.substitutes", "formualizer"),
    "hosts.linking": rule("ooxml.* hosts.scanning installation.places"),
    "hosts.formulas": rule("core.errors ooxml.* hosts.scanning hosts.structured hosts.linking"),
    "hosts.verdicts": rule("hosts.scanning hosts.parsing hosts.formulas hosts.instruments"),
    "hosts.examining": rule(
        "values ooxml.* hosts.structured hosts.proved hosts.verdicts", "formualizer"
    ),
    "hosts.guard": rule("values ooxml.* hosts.examining", "formualizer"),
    "hosts.isformula": rule("ooxml.* hosts.scanning"),
    "hosts.computed": rule("core.errors values ooxml.* hosts.structured"),
    "hosts.judging": rule(
        "hosts.scanning hosts.isformula hosts.parsing hosts.proved hosts.substitutes "
        "hosts.instruments hosts.verdicts hosts.formulas"
    ),
    "hosts.engine": rule(
        "core.errors values functions.* ooxml.* hosts.isformula hosts.formulas "
        "hosts.substitutes hosts.instruments",
        "formualizer",
    ),
    "hosts.prepared": rule(
        "core.errors values functions.* ooxml.* hosts.scanning hosts.structured hosts.isformula "
        "hosts.computed hosts.linking hosts.formulas hosts.proved hosts.instruments "
        "hosts.verdicts hosts.judging hosts.examining hosts.engine hosts.guard hosts.settings",
        "formualizer",
    ),
    "hosts.embedded": rule(
        "core.errors values functions.* ooxml.* hosts.scanning hosts.computed hosts.linking "
        "hosts.formulas hosts.proved hosts.instruments hosts.judging hosts.engine "
        "hosts.prepared hosts.bounds hosts.settings",
        "formualizer",
    ),
    "hosts.containing": rule("ooxml.*"),
    "hosts.importing": rule(
        "functions.* ooxml.* hosts.scanning hosts.linking hosts.containing hosts.settings hosts.oxt"
    ),
    "hosts.libreoffice": rule(
        "core.errors terms.* values ooxml.* hosts.scanning hosts.computed hosts.linking "
        "hosts.soffice hosts.importing hosts.settings hosts.oxt"
    ),
    "dependencies": rule(
        "functions.* ooxml.* hosts.scanning hosts.computed hosts.linking hosts.formulas"
    ),
    "explaining": rule(
        "core.errors values functions.* ooxml.* hosts.scanning hosts.computed hosts.formulas "
        "hosts.engine dependencies",
        "formualizer",
    ),
    "comparing": rule("core.errors values ooxml.* hosts.scanning hosts.computed dependencies"),
    "findings": rule(),
    "checks_sheet": rule(),
    "fingerprint": rule("_version ooxml.* values"),
    "check_lines": rule(
        "checks_sheet fingerprint ooxml.* values comparing dependencies hosts.structured "
        "hosts.computed"
    ),
    "entry_rules": rule(
        "core.errors core.numbers ooxml.* values hosts.scanning hosts.computed dependencies "
        "explaining"
    ),
    "wrong_entries": rule(
        "core.errors ooxml.* values hosts.structured hosts.computed dependencies explaining "
        "findings checks_sheet fingerprint check_lines entry_rules"
    ),
    "root_cells": rule(
        "ooxml.* values hosts.scanning hosts.computed dependencies explaining findings "
        "wrong_entries"
    ),
    "office_differences": rule(
        "core.errors values ooxml.* hosts.scanning hosts.parsing hosts.computed dependencies"
    ),
    "partial": rule("values ooxml.* hosts.structured hosts.computed dependencies"),
    "engines": rule(
        "core.errors terms.* functions.* ooxml.* hosts.computed hosts.embedded hosts.libreoffice "
        "hosts.soffice dependencies explaining office_differences partial"
    ),
    "recalculation": rule(
        "core.errors files terms.* functions.* ooxml.* hosts.computed hosts.embedded engines "
        "dependencies explaining partial check_lines wrong_entries root_cells"
    ),
    "differences": rule(
        "core.errors ooxml.* values hosts.structured hosts.computed dependencies comparing "
        "findings check_lines"
    ),
    "verification": rule(
        "core.errors terms.* ooxml.* dependencies findings check_lines wrong_entries root_cells "
        "differences engines recalculation"
    ),
    "templates.*": rule(
        "_version checks_sheet fingerprint core.characters core.errors core.sessions files "
        "terms.* values functions.* ooxml.* hosts.scanning hosts.linking "
        "hosts.macros recalculation templates.*",
        "openpyxl distributed lxml",
    ),
    "cli.reports": rule(
        "values hosts.structured cli.console findings wrong_entries differences recalculation "
        "verification"
    ),
    "cli.computing": rule(
        "core.errors files terms.* values cli.console hosts.computed hosts.embedded engines "
        "recalculation verification cli.reports",
        "click",
    ),
    "cli.listing": rule("core.errors terms.* values functions.* cli.console", "click"),
    "cli.making": rule("_version core.errors files hosts.oxt templates.* cli.console", "click"),
    "cli": rule(
        "_version core.errors installation.* cli.console cli.computing cli.listing cli.making",
        "click",
    ),
    "cli.__main__": rule("cli"),
}

MAY_IMPORT_BY_NAME = {"", "hosts.bounds"}
"""Modules that may import by a name made at run time, which no reader of the source can follow.

`hosts.bounds` loads again what a fork of its process has loaded.
"""

# Light starts: what is imported, and all that it may bring along besides the standard library.
STARTS = {
    "import xladdin": "",
    "from xladdin import values": "values core",
    "from xladdin.core import class_b, debentures, fees": "core files terms values",
    "from xladdin.core import dilution, sessions, warrants": "core files terms values",
    "import xladdin.terms": "core files terms values",
    "import xladdin.functions.registry": "_version core files terms values functions",
    "import xladdin; xladdin.ceo_fee(1)": "_version core files terms values functions api",
}


def modules() -> dict[str, Path]:
    """Name every module of the package, the package itself being the empty name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


MODULES = modules()


def key_of(module: str) -> str | None:
    """Find a module's line in the table: its own, or that of its package."""
    if module in RULES:
        return module
    package = module.partition(".")[0] + ".*"
    return package if package in RULES else None


def running(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk through what runs, leaving out what only type checkers read."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If):
            test = ast.unparse(node.test)
            if test in {"TYPE_CHECKING", "typing.TYPE_CHECKING", "False"}:
                for other in node.orelse:
                    yield other
                    yield from running(other)
                continue
        yield node
        yield from running(node)


def imported(path: Path) -> tuple[set[str], set[str]]:
    """List the package's modules and the third parties that a module imports when it runs."""
    own: set[str] = set()
    others: set[str] = set()
    for node in running(ast.parse(path.read_text(encoding="utf-8"))):
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
                own.add(rest)
            elif root not in sys.stdlib_module_names:
                others.add(root)
    return own, others


def test_the_table_goes_one_way() -> None:
    keys = list(RULES)
    for place, (key, allowed) in enumerate(RULES.items()):
        assert allowed.own <= set(keys[: place + 1]), key


def test_third_parties_are_dependencies() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["arrays"], *extras["cluster"]]
    named = {re.split(r"[^a-z]", line.lower())[0] for line in wanted}
    # LibreOffice brings these, and runs the modules that import them.
    assert named | {"com", "uno", "unohelper"} == set().union(
        *(allowed.others for allowed in RULES.values())
    )


@pytest.mark.parametrize("module", MODULES)
def test_imports_keep_to_the_table(module: str) -> None:
    key = key_of(module)
    assert key is not None, f"xladdin.{module} has no line in RULES"
    own, others = imported(MODULES[module])
    allowed = RULES[key].own | {""}
    backwards = {name for name in own if key_of(name) not in allowed}
    assert not backwards, f"xladdin.{module} may not import {sorted(backwards)}"
    assert others <= RULES[key].others


@pytest.mark.parametrize("module", MODULES)
def test_nothing_imports_by_a_name_made_at_run_time(module: str) -> None:
    used = {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8")))
        if isinstance(node, ast.Name | ast.Attribute)
    }
    dynamic = used & {"import_module", "_import_module", "__import__"}
    assert not dynamic or module in MAY_IMPORT_BY_NAME


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
    allowed = {"", *STARTS[statement].split()}
    for name in loaded(statement):
        root, _, rest = name.partition(".")
        if root == "xladdin":
            assert rest.partition(".")[0] in allowed, name
        else:
            assert root in sys.stdlib_module_names, name


def test_excel_starts_light() -> None:
    """What Excel imports brings xlwings, and nothing else of weight from this package."""
    names = loaded("import xladdin.udfs")
    assert not names & {"openpyxl", "formualizer", "click", "holidays"}
    own = {name.removeprefix("xladdin.") for name in names}
    assert "hosts.excel" in own
    assert not own & {"cli", "cli.console", "recalculation", "templates", "ooxml", "hosts.embedded"}
