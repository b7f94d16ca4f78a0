"""The table of exit statuses in the page on operations: what each means for each command."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from xladdin.cli.console import FAILED, STATUSES, WRONG_USE

PAGE: Final = "docs/operations.md"

_ROOT: Final = Path(__file__).parents[1]
_BEGINS: Final = "<!-- exit statuses, written by `python -m tools.generate` -->\n"
_ENDS: Final = "<!-- end of the exit statuses -->\n"


class Cases(NamedTuple):
    """What 0, 1 and 2 mean for a command: any one of the cases listed."""

    well: tuple[str, ...]
    failed: tuple[str, ...]
    wrong: tuple[str, ...] = ("wrong use",)

    def by_status(self) -> dict[int, tuple[str, ...]]:
        """Group the cases by exit status."""
        return {0: self.well, FAILED: self.failed, WRONG_USE: self.wrong}


CASES: Final[Mapping[str, Cases]] = {
    "build": Cases(
        (
            "every workbook is built or up to date, and its checks hold",
            "of several templates or deals, what a deal has nothing for is left out",
        ),
        (
            "a check fails",
            "a workbook cannot be written",
            "somebody has used a workbook",
            "of many deals, one cannot be used",
            "with `--check`, a workbook is missing or not up to date",
            "the workers of a cluster are lost",
        ),
        (
            "a deal, a template, the data or the cluster is not there or cannot be used",
            "a deal has nothing for a template named",
            "of many deals, none can be used",
            "nothing was built, because no deal has anything for a template",
        ),
    ),
    "build-oxt": Cases(("the extension is written",), (), ("it cannot be written",)),
    "deals": Cases(
        (
            "the deals, or the figures of one, are printed",
            "with `--check`, every printed figure is reproduced",
            "with `--document`, every figure is on a page that it cites",
        ),
        (
            "a file in the folder of deals is wrong or has a wrong name, and the others are listed",
            "with `--check`, a printed figure is not reproduced",
            "with `--document`, a figure is not on a page that it cites",
        ),
        (
            "there is no such deal, or the file is wrong",
            "with `--check`, the deal has no printed figures",
        ),
    ),
    "doctor": Cases(("a formula in Excel has all it needs",), ("something is missing or wrong",)),
    "eval": Cases(
        ("the value is printed",),
        ("the value is an error", "the formula cannot be computed here"),
    ),
    "functions": Cases(
        ("the functions, or one of them, are printed",), (), ("there is no such function",)
    ),
    "install": Cases(
        ("the add-in or the extension is installed",),
        ("it could not be installed", "Excel needs more before it works"),
        ("a folder that is given is not there",),
    ),
    "office-addin": Cases(
        ("the folder is written, or up to date",),
        ("a file of an earlier run is of no use any more, but somebody changed it",),
        (
            "an address that Excel does not take",
            "a folder or a deal that is given cannot be used, and nothing was written",
            "somebody changed a file of the folder, and nothing was written",
        ),
    ),
    "recalc": Cases(
        ("every value is stored, no entry is wrong, and the workbook's own checks hold",),
        (
            "the values are stored, but an entry is wrong",
            "the values are stored, but a check fails",
            "`--partial` left cells as they were",
        ),
        (
            "a file cannot be read or written, and nothing was written",
            "it names a deal that is not installed, and nothing was written",
            "it holds a formula that cannot be computed, and nothing was written",
        ),
    ),
    "uninstall": Cases(
        ("nothing of it is installed any more",),
        ("a file was left, because somebody has changed it or because of the machine",),
        ("a folder that is given is not there",),
    ),
    "upgrade": Cases(
        ("every workbook is upgraded with all that was added to it, and its checks hold",),
        (
            "a workbook is upgraded, but a check fails",
            "a workbook is upgraded, but something beside its cells is in the old file only",
        ),
        ("a workbook cannot be upgraded, and is as it was",),
    ),
    "verify": Cases(
        ("every workbook agrees, and no entry is wrong",),
        (
            "a value differs",
            "an entry is wrong",
            "a check fails",
            "a cell cannot be computed",
            "nothing could be compared",
        ),
        ("a file cannot be read", "it names a deal that is not installed"),
    ),
}
"""The cases by command; tests/cli/test_exit_statuses.py has an example of each."""


def section() -> str:
    """Write the table.

    Returns:
        The table, in Markdown.
    """
    lines = [
        "| command | 0 | 1 | 2 | 130 |",
        "|---|---|---|---|---|",
        f"| every command | {' | '.join(STATUSES[status] for status in sorted(STATUSES))} |",
    ]
    for name, cases in CASES.items():
        cells = ["; ".join(listed) for listed in cases.by_status().values()]
        lines.append(f"| `{name}` | {' | '.join(cells)} |  |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """Write the page on operations anew, with the table of today.

    Returns:
        The page, in Markdown.
    """
    text = (_ROOT / PAGE).read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGINS)
    _, _, after = rest.partition(_ENDS)
    return f"{before}{_BEGINS}\n{section()}\n{_ENDS}{after}"
