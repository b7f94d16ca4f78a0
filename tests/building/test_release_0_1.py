"""Workbooks that release 0.1 built: what somebody typed into one comes through to this release.

`tests/data/release_0_1` holds them as that release had them in its folder `workbooks`.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from click.testing import CliRunner, Result
from draws import first
from paths import DATA

from xladdin.cli import main

OLD: Final = DATA / "release_0_1"
DAY: Final = datetime.datetime(2002, 2, 8)

TYPED: Final[dict[str, dict[str, Any]]] = {
    "placements": {"Price_for_the_rest": 5.25, "Placements!2!Shares": 51_000},
    "proceeds": {"Gross_1": 24_000_000.5, "Price_2": 3.5, "Other_expenses_1": 310_000},
    "floating": {"Principal": 7_500_000, "Split_ratio": 2, "Quotes!1!Closing bid": 4.55},
    "captable": {"Planned_issue": 2_000_001, "Average_price": 5.4, "Tranches!1!Name": "Mine"},
}
"""What is typed, by name of the input, or by table, row and column."""

ADDED: Final = {"Date": DAY, "Shares": 1_000, "Price": 4.5}
"""A placement that is typed below the last one."""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def cell_of(book: Any, key: str) -> Any:
    """Find an input cell by its name, or by table, row and column."""
    if "!" not in key:
        sheet, _, cell = book.defined_names[key].attr_text.rpartition("!")
        return book[sheet.strip("'")][cell.replace("$", "")]
    name, row, column = key.split("!")
    (table, sheet) = next(
        (sheet.tables[name], sheet) for sheet in book.worksheets if name in sheet.tables
    )
    rows = sheet[table.ref]
    at = [heading.value for heading in rows[0]].index(column)
    return rows[int(row)][at]


def figures(path: Path, keys: list[str]) -> dict[str, Any]:
    book = openpyxl.load_workbook(path, data_only=True)
    return {key: cell_of(book, key).value for key in keys}


@pytest.mark.parametrize("template", first(TYPED))
def test_what_was_typed_is_refused_upgraded_and_verified(tmp_path: Path, template: str) -> None:
    path = tmp_path / f"{template}.xlsx"
    book = openpyxl.load_workbook(OLD / path.name)
    typed = dict(TYPED[template])
    if template == "placements":
        typed |= {f"Placements!9!{column}": value for column, value in ADDED.items()}
    for key, value in typed.items():
        cell_of(book, key).value = value
    tables = {name for sheet in book.worksheets for name in sheet.tables}
    origin = book["_xladdin"].iter_rows(values_only=True)
    inputs = {row[0]: row[2] for row in origin}["inputs"].split()
    book.save(path)
    before = path.read_bytes()

    refused = run("build", template, "--out", tmp_path)
    assert (refused.exit_code, path.read_bytes()) == (1, before)
    assert f"`xladdin upgrade {path}`" in refused.stderr

    # Everything that input cells and tables hold, typed or not.
    columns = {key.partition("!")[0] + "!{}!" + key.split("!")[2] for key in typed if "!" in key}
    assert tables or not columns
    rows = {column.format(row) for column in columns for row in range(1, 10)}
    keys = [*inputs, *sorted(rows)]
    held = figures(path, keys)
    upgraded = run("upgrade", path)
    assert upgraded.exit_code == 0, upgraded.output
    assert "checks hold" in upgraded.stdout.splitlines()[0]
    assert "  rules, headers and the like that were added to it are in the old file only" in (
        upgraded.stdout.splitlines()
    )
    listed = [line for line in upgraded.stdout.splitlines() if "!" in line.partition("  ")[2]]
    assert len(listed) == len(typed)
    assert path.with_name(f"{template}.before-upgrade.xlsx").read_bytes() == before
    assert figures(path, keys) == held
    assert {key: held[key] for key in typed} == typed
    verified = run("verify", path)
    assert (verified.exit_code, verified.stderr) == (0, ""), verified.output
    assert run("upgrade", path).stdout.startswith(f"{path}  is up to date")


@pytest.mark.sample(2)
@pytest.mark.parametrize("template", TYPED)
def test_one_that_nobody_used_is_built_anew(tmp_path: Path, template: str) -> None:
    path = tmp_path / f"{template}.xlsx"
    path.write_bytes((OLD / path.name).read_bytes())
    done = run("build", template, "--out", tmp_path)
    assert (done.exit_code, list(tmp_path.iterdir())) == (0, [path])
    assert done.stdout.endswith("checks hold  written\n")
