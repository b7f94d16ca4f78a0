"""Write all that is generated from others and checked in: ``python -m tools.generate``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tools import command_line, exit_statuses, python_api, reference, sessions
from xladdin.building.build import TEMPLATES, build
from xladdin.building.manifest import WRITTEN

ROOT: Final = Path(__file__).parents[1]
"""The checkout."""

LINE: Final = "CANOO-2022"
"""Deal of the workbook of an equity line; the others are the first deal's."""

ROUTES_PAGE: Final = "docs/routes.md"


def _routes_page() -> str:
    """Write the page that counts the calls of the shared table, which belongs to the tests."""
    sys.path[:0] = [str(ROOT / "tests")]
    from routes import routes

    return routes.page()


GENERATED: Final[Mapping[str, Callable[[], str]]] = {
    "xladdin/api.py": python_api.module,  # first: the calls of the last one go through it
    "docs/functions.md": reference.functions_page,
    "docs/deal-format.md": reference.deals_page,
    "docs/command-line.md": command_line.page,
    exit_statuses.PAGE: exit_statuses.page,
    ROUTES_PAGE: _routes_page,
}
"""For each generated file, the function that writes its text."""


def _write(name: str, text: str) -> None:
    """Write a file that is not up to date, and name it."""
    path = ROOT / name
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="\n")
        print(name)


def main() -> int:
    """Write what is not up to date; return 1 if a workbook's checks fail."""
    for name, text in GENERATED.items():
        _write(name, text())
    of_2001 = [name for name in TEMPLATES if name != "equityline"]
    built = build(of_2001, out=ROOT / "workbooks")
    built += build(["equityline"], deals=[LINE], out=ROOT / "workbooks")
    for item in built:
        if item.change == WRITTEN or item.failures:
            print(item.path.relative_to(ROOT), *item.failures, sep="\n  ")
    for name in sessions.pages():  # after the workbooks, which they show
        _write(name, sessions.run_anew(name))
    return 0 if all(item.checks_ok for item in built) else 1


if __name__ == "__main__":
    sys.exit(main())
