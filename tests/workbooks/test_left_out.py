"""Securities of a deal that no row of a table takes: Checks names each, as a warning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import openpyxl
import pytest
from paths import DATA

from xladdin.building.build import build
from xladdin.checking.checks_sheet import HEADINGS
from xladdin.terms.store import forget

SECURITIES: Final = (
    ("most_note", "note", "principal = 1_000_000_000", "price = 2"),
    ("more_note", "note", "principal = 1_000_000_000.01", "price = 0.01"),
    ("most_warrants", "warrant", "count = 10_000_000_000", "price = 2"),
    ("more_warrants", "warrant", "count = 10_000_000_001", "price = 2"),
)
OWN: Final = {
    "conversions": "Name,Principal,Conversion price\nmine,5,1\n",
    "tranches": "Name,Securities,Exercise price\nmine,5,1\n",
    "securities": "Name,Shares issuable\nmine,5\n",
}


@pytest.fixture
def deal(tmp_path: Path) -> Iterator[Path]:
    text = (DATA / "LINE-2023.toml").read_text("utf-8").replace('"LINE-2023"', '"LARGE-2023"')
    text = text.partition("[[actions]]")[0]  # its split would make four securities one
    more = "".join(
        f'[[instruments]]\nkey = "{key}"\nsource = "s. 9"\nkind = "{kind}"\n{size}\n{price}\n\n'
        for key, kind, size, price in SECURITIES
    )
    path = tmp_path / "LARGE-2023.toml"
    path.write_text(text.replace("[[instruments]]", f"{more}[[instruments]]", 1), "utf-8")
    yield path
    forget()


def left_out(deal: Path, data: Path | None = None) -> dict[str, set[tuple[str, str]]]:
    """Build the workbooks, and read which lines of Checks are about what is left out."""
    names = ("captable", "reporting")
    found = {}
    for one in build(names, deals=[deal], out=deal.parent / "out", data=data):
        assert one.checks_ok, one.failures
        rows = openpyxl.load_workbook(one.path, data_only=True)["Checks"].iter_rows(min_row=5)
        lines = {(str(row[0].value), str(row[HEADINGS.index("Against")].value)) for row in rows}
        found[one.path.stem] = {line for line in lines if line[0].startswith("Left out")}
        assert one.warnings >= len(found[one.path.stem])
    return found


def test_securities_that_no_row_takes(deal: Path) -> None:
    # Those of the most that a row takes stand in the tables.
    more = "more than a row takes"
    assert left_out(deal) == {
        "captable": {
            (f"Left out of Conversions: more_note, principal 1,000,000,000.01, {more}", "s. 9"),
            (f"Left out of Tranches: more_warrants, 10,000,000,001 securities, {more}", "s. 9"),
        },
        "reporting": {
            (
                f"Left out of Securities: more_note, converted, 100,000,000,001 shares, {more}",
                "s. 9",
            ),
            (f"Left out of Securities: more_warrants, 10,000,000,001 shares, {more}", "s. 9"),
        },
    }


@pytest.mark.long
def test_rows_of_ones_own_leave_nothing_out(deal: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "LARGE-2023"
    folder.mkdir(parents=True)
    for name, text in OWN.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    assert left_out(deal, folder.parent) == {"captable": set(), "reporting": set()}
