"""A sheet that was just written is what a reader finds in its part."""

from __future__ import annotations

from collections.abc import Iterable

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles import NamedStyle
from openpyxl.worksheet.formula import ArrayFormula
from templates import LINES, OF_2001

from xladdin.building.render import TEMPLATES, render, write
from xladdin.cells import Cell, CellError
from xladdin.errors import NUM
from xladdin.terms import DEFAULT_DEAL, select
from xladdin.workbooks.layout import styles
from xladdin.xlsx import sheet_part
from xladdin.xlsx.canonical_xml import canonical, canonical_around_rows
from xladdin.xlsx.openpyxl_writer import parts_of
from xladdin.xlsx.parts import Parts
from xladdin.xlsx.sheet_part import Layout, Place

RESULTS = (1.0, 0.1 + 0.2, -1e300, True, None, "", " a<b&c\n", "x_x0041_", CellError(NUM))


def constants(layout: Layout) -> dict[Place, Cell]:
    return {
        (row, column): value
        for column, rows, values in layout.constants(())
        for row, value in zip(rows, values, strict=True)
    }


def same(written: Layout, part: bytes) -> None:
    """Compare a layout with what a reader makes of its part."""
    read = Layout(part)
    assert written.data == part
    assert (written.formulas, written.reach) == (read.formulas, read.reach)
    assert (written.frame, written.filled) == (read.frame, 0)
    found, expected = constants(written), constants(read)
    assert list(map(type, found.values())) == [type(expected[place]) for place in found]
    assert found == expected
    values = {item[:2]: RESULTS[at % len(RESULTS)] for at, item in enumerate(read.formulas)}
    assert canonical(written.with_values(values)) == canonical(read.with_values(values))
    assert list(written.differences(values)) == list(read.differences(values))
    texts = {place: f"A{place[0]}<1" for place in list(values)[::2]}
    assert canonical(written.with_formulas(texts, ())) == canonical(read.with_formulas(texts, ()))
    stored = written.with_values(values)
    assert canonical_around_rows(stored) == canonical(stored)


def of_cells(values: Iterable[object]) -> Parts:
    workbook = openpyxl.Workbook()
    for row, value in enumerate(values, 1):
        workbook.active.cell(row, 1 + row % 3, value)
    workbook.active.row_dimensions[3].height = 24.5
    workbook.active.row_dimensions[40].height = 12
    return parts_of(workbook)


# XML has neither of the characters left out, and what is typed and read is refused with them.
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
TEXTS = st.text(CHARACTERS | st.sampled_from("\n\t\r_x005F"))


@given(st.lists(st.none() | st.booleans() | st.floats(allow_nan=False) | TEXTS, max_size=12))
def test_any_cells(values: list[object]) -> None:
    parts = of_cells(values)
    for name, written in parts.sheets.items():
        same(written, parts[name])


@pytest.mark.sample(2)
@pytest.mark.parametrize("template", TEMPLATES)
def test_the_templates(template: str) -> None:
    deal = DEFAULT_DEAL if template in OF_2001 else LINES[0]
    parts = parts_of(write(template, select(deal)).workbook)
    assert len(parts.sheets) > 5
    for name, written in parts.sheets.items():
        same(written, parts[name])


@pytest.mark.parametrize(
    "value", ["=_x0041_1+1", "==1", '="\r"', "#N/A", ArrayFormula("A1:A2", "=B1:B2")]
)
def test_what_may_be_read_otherwise_is_read(value: object) -> None:
    assert not of_cells([value]).sheets


def test_nothing_is_read_back_of_a_workbook_that_is_made(
    monkeypatch: pytest.MonkeyPatch, computed_anew: list[str]
) -> None:
    write("placements", select())  # what is beside its cells is read once, and kept
    read: list[bytes] = []
    monkeypatch.setattr(sheet_part, "contents", read.append)
    assert render("placements", select()).checks_ok
    assert len(computed_anew) == 1
    assert not read


def test_workbooks_share_their_named_styles_and_nothing_that_is_added_to_them() -> None:
    one, other = openpyxl.Workbook(), openpyxl.Workbook()
    for workbook in (one, other):
        styles.add_styles(workbook)
    fresh = parts_of(other)
    cell = one.active["A1"]
    cell.value, cell.style, cell.number_format = 1, styles.INPUT, "0.000"
    cell.font = styles.STRONG
    one.add_named_style(NamedStyle("Another"))
    third = openpyxl.Workbook()
    styles.add_styles(third)
    for workbook in (other, third):
        assert parts_of(workbook)["xl/styles.xml"] == fresh["xl/styles.xml"]
    assert parts_of(one)["xl/styles.xml"] != fresh["xl/styles.xml"]
    assert "Another" not in other.named_styles
    assert styles.INPUT in other.named_styles
    other.active["A1"].style = styles.INPUT
    assert other.active["A1"].fill.fgColor.rgb == styles.PALE_YELLOW
