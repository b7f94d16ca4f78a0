"""Conditional formats and validations that somebody added, and what an upgrade makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from click.testing import CliRunner
from deals import NEOT_1
from filling import type_placements
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule, FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from packages import packed, parts_of

from xladdin.building import origin
from xladdin.building.build import build
from xladdin.building.upgrade import Upgraded, upgrade
from xladdin.cli import main
from xladdin.xlsx.workbook_part import Workbook

NAME: Final = "placements"
SHEET: Final = "Placements"
YELLOW: Final = PatternFill("solid", bgColor="FFFFFF00")


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    path = tmp_path / f"{NAME}.xlsx"
    path.write_bytes((made / path.name).read_bytes())
    return path


def changed(path: Path, change: Callable[[Any], None]) -> Path:
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def part_of(path: Path, sheet: str = SHEET) -> str:
    return next(item.part for item in Workbook(path.read_bytes()).sheets if item.name == sheet)


def edited(path: Path, old: str, new: str, sheet: str = SHEET) -> None:
    """Change the text of a sheet's part, where openpyxl would write something else."""
    parts = parts_of(path.read_bytes())
    part = part_of(path, sheet)
    text = parts[part].decode()
    assert text.count(old) == 1
    parts[part] = text.replace(old, new).encode()
    path.write_bytes(packed(parts))


def add_format(cells: str, rule: Any, sheet: str = SHEET) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book[sheet].conditional_formatting.add(cells, rule)

    return change


def add_validation(cells: str, sheet: str = SHEET, **rule: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        made: Any = DataValidation(**rule)
        made.add(cells)
        book[sheet].add_data_validation(made)

    return change


def formats_of(path: Path, sheet: str = SHEET) -> dict[str, list[tuple[Any, ...]]]:
    """Give the conditional formats of a sheet as openpyxl reads them, by cells."""
    found = openpyxl.load_workbook(path)[sheet].conditional_formatting
    return {
        str(block.sqref): [
            (rule.type, rule.operator, rule.formula, rule.stopIfTrue, rule.dxf, rule.colorScale)
            for rule in block.rules
        ]
        for block in found
    }


def validations_of(path: Path, sheet: str = SHEET) -> dict[str, tuple[Any, ...]]:
    found = openpyxl.load_workbook(path)[sheet].data_validations.dataValidation
    return {
        str(one.sqref): (one.type, one.operator, one.formula1, one.formula2, one.prompt, one.error)
        for one in found
    }


FORMATS: Final[dict[str, tuple[str, Any]]] = {
    "a formula": ("C5:C24", FormulaRule(formula=["C5>1000"], fill=YELLOW, stopIfTrue=True)),
    "a comparison with an input": (
        "F26:F45",
        CellIsRule("greaterThan", ["$E$5"], font=Font(bold=True, color="FFFF0000")),
    ),
    "colours": ("D26:D45", ColorScaleRule("min", None, "FFFF0000", "max", None, "FF00FF00")),
    "another sheet and a name": ("G26", FormulaRule(formula=['OR(Terms!$A$5="x",Deal="a<b")'])),
    "a whole column": ("D1:D1048576", FormulaRule(formula=["$D1=9"], fill=YELLOW)),
    "cells that nobody has": ("AX60:AY61 AZ3", FormulaRule(formula=["AX$59=TRUE"], fill=YELLOW)),
}


@pytest.mark.sample(1)
@pytest.mark.parametrize("kind", FORMATS)
def test_formats_are_carried_over(path: Path, made: Path, kind: str) -> None:
    cells, rule = FORMATS[kind]
    changed(path, type_placements)
    changed(path, add_format(cells, rule))
    before = formats_of(path)
    done = upgrade(path)
    assert done.carried == (f"conditional format of {SHEET}!{cells}",)
    assert done.lost == ()
    expected = {cells: before.pop(cells)}
    assert formats_of(path) == before | expected
    assert before == formats_of(made / path.name)


VALIDATIONS: Final[dict[str, dict[str, Any]]] = {
    "a list": {"type": "list", "formula1": '"a,b&c"', "showErrorMessage": True},
    "between": {
        "type": "whole",
        "operator": "between",
        "formula1": "$E$5",
        "formula2": "9",
        "showErrorMessage": True,
        "error": 'no "such" thing',
    },
    "one that warns": {
        "type": "custom",
        "formula1": "P1<>1",
        "errorStyle": "warning",
        "showErrorMessage": True,
    },
    "a prompt": {"prompt": "say <why>", "showInputMessage": True},
}


@pytest.mark.sample(2)
@pytest.mark.parametrize("sheet", [SHEET, "Start"])
@pytest.mark.parametrize("kind", VALIDATIONS)
def test_validations_are_carried_over(path: Path, kind: str, sheet: str) -> None:
    changed(path, add_validation("P1", sheet, **VALIDATIONS[kind]))
    before = validations_of(path, sheet)
    done = upgrade(path)
    assert (done.carried, done.lost) == ((f"validation of {sheet}!P1",), ())
    assert validations_of(path, sheet) == before


@pytest.mark.long
def test_the_order_of_formats_stays(path: Path) -> None:
    changed(path, add_format("C5", FormulaRule(formula=["C5=1"])))
    changed(path, add_format("C6", FormulaRule(formula=["C6=2"])))
    text = parts_of(path.read_bytes())[part_of(path)].decode()
    old = re.findall(r'sqref="C[56]"><cfRule type="expression" priority="(\d+)"', text)
    edited(
        path,
        f'"expression" priority="{old[0]}"><formula>C5=1',
        '"expression" priority="2"><formula>C5=1',
    )
    edited(
        path,
        f'"expression" priority="{old[1]}"><formula>C6=2',
        '"expression" priority="1"><formula>C6=2',
    )
    assert len(upgrade(path).carried) == 2
    rules = {
        rule.formula[0]: rule.priority
        for block in openpyxl.load_workbook(path)[SHEET].conditional_formatting
        for rule in block.rules
    }
    ordered = sorted(rules, key=rules.__getitem__)
    assert ordered[:3] == ["C6=2", 'LEFT(E5,7)="Failure"', "C5=1"]
    assert sorted(rules.values()) == list(range(1, len(rules) + 1))


@pytest.mark.long
def test_upgraded_again_nothing_changes(path: Path) -> None:
    changed(path, type_placements)
    for cells, rule in FORMATS.values():
        changed(path, add_format(cells, rule))
    changed(path, add_validation("P1", **VALIDATIONS["a list"]))
    first = upgrade(path)
    data = path.read_bytes()
    again = upgrade(path)
    assert (again.changed, path.read_bytes()) == (False, data)
    assert again.carried == first.carried
    # And it is still known that somebody changed it.
    done = CliRunner().invoke(main, ["build", NAME, "--out", str(path.parent)])
    assert (done.exit_code, path.read_bytes()) == (1, data)
    assert CliRunner().invoke(main, ["verify", str(path)]).exit_code == 0


FORMULA: Final = (
    "conditional format of Placements!C5 (its formula refers to cells that are others now, or "
    "cannot be followed)"
)
LOST: Final[dict[str, tuple[Callable[[Any], None], str]]] = {
    "a computed reference": (
        add_format("C5", FormulaRule(formula=['INDIRECT("A1")>1'])),
        FORMULA,
    ),
    "a name that is not the template's": (
        add_format("C5", FormulaRule(formula=["Mine>1"])),
        FORMULA,
    ),
    "a validation over another": (
        add_validation("C9:C10", type="custom", formula1="C9>1", showErrorMessage=True),
        "validation of Placements!C9:C10 (the new template has a validation of its own there)",
    ),
}


@pytest.mark.sample(1)
@pytest.mark.parametrize("kind", LOST)
def test_what_is_not_carried_over_is_named(path: Path, kind: str) -> None:
    change, what = LOST[kind]
    before = changed(path, change).read_bytes()
    done = CliRunner().invoke(main, ["upgrade", str(path)])
    kept = path.with_name(f"{NAME}.before-upgrade.xlsx")
    if kept.exists():
        assert kept.read_bytes() == before
    assert done.exit_code == 1
    assert f"not carried over: {what}; see " in done.stderr


EXTENSION: Final = (
    '<extLst><ext uri="{{{0}}}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/'
    'main" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">{1}</ext></extLst>'
)
NEWER: Final = {
    "conditional format of Placements!C5:C6": EXTENSION.format(
        "78C0D931-6437-407d-A8EE-F0AAD7539E65",
        "<x14:conditionalFormattings><x14:conditionalFormatting><x14:cfRule type='expression' "
        "priority='1' id='{1}'><xm:f>Terms!$A$5=1</xm:f></x14:cfRule><xm:sqref>C5:C6</xm:sqref>"
        "</x14:conditionalFormatting></x14:conditionalFormattings>",
    ),
    "validation of Placements!P1": EXTENSION.format(
        "CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF",
        "<x14:dataValidations count='1'><x14:dataValidation type='list' showErrorMessage='1'>"
        "<x14:formula1><xm:f>Terms!$A$5:$A$9</xm:f></x14:formula1><xm:sqref>P1</xm:sqref>"
        "</x14:dataValidation></x14:dataValidations>",
    ),
}


@pytest.mark.parametrize("what", NEWER)
def test_those_in_an_extension_are_named(path: Path, what: str) -> None:
    """So Excel writes rules that refer to other sheets."""
    edited(path, "</worksheet>", f"{NEWER[what]}</worksheet>")
    done = upgrade(path)
    assert done.lost == (f"{what} (it has a part in an extension of the format)",)


@pytest.mark.long
def test_those_of_an_older_fingerprint_are_named(path: Path) -> None:
    def older(book: Any) -> None:
        sheet = book[origin.TITLE]
        for row in range(sheet.max_row, 0, -1):
            if sheet.cell(row, 1).value == "rules":
                sheet.delete_rows(row)
        add_format("C5", FormulaRule(formula=["C5=1"]))(book)

    done = upgrade(changed(path, older))
    reason = "the old file does not say which rules it came with"
    assert done.lost == (f"conditional format of Placements!C5 ({reason})",)


@pytest.mark.long
def test_cells_that_are_others_now(folder: Path, tmp_path: Path) -> None:
    """A rule for a figure of the deal that has changed since, and one for another figure."""

    def upgraded(cell: str, was: str, now: str) -> Upgraded:
        file = folder / "MINE.toml"
        file.write_text(NEOT_1.replace("NEOT-2001", "MINE"), "utf-8")
        (item,) = build([NAME], deals=[file], out=tmp_path)
        changed(item.path, add_format(cell, FormulaRule(formula=[f"{cell}=1"]), "Terms"))
        file.write_text(file.read_text("utf-8").replace(was, now), "utf-8")
        return upgrade(item.path, deal=file)

    same = upgraded("C5", "8_400_000", "8_500_000")
    assert same.carried == ("conditional format of Terms!C5",)
    item = tmp_path / f"{NAME}.xlsx"
    item.unlink()
    book = openpyxl.load_workbook(tmp_path / f"{NAME}.before-upgrade.xlsx")
    (row,) = (
        row for row in range(5, 60) if book["Terms"].cell(row, 1).value == "agreement.capacity"
    )
    other = upgraded(f"C{row}", "25_000_000", "26_000_000")
    assert other.lost == (f"conditional format of Terms!C{row} (its cells are others now)",)
