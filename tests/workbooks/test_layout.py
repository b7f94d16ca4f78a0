"""How the sheets of every workbook are laid out: units, formats, protection, charts, print-out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from textwrap import wrap
from typing import Any, Final

import openpyxl
import pytest
from layouts import BOOKS, ROW, book, cells, height, sheets, width
from openpyxl.chart import ScatterChart
from openpyxl.utils import column_index_from_string, range_boundaries
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.utils.units import EMU_to_pixels, cm_to_EMU
from paths import WORKBOOKS
from templates import OF_2001

from xladdin.terms import select
from xladdin.workbooks.layout import styles

CLOSING: Final = ("Calendar", "Terms", "Checks", "Functions")
LEAST_SCALE: Final = 0.5
"""A sheet is not printed smaller than half its size: text of 10 points at 5."""

SCREEN: Final = 1366 - 60
"""Pixels across of a screen, less the numbers of rows and the bar to scroll with."""

SCREEN_HEIGHT: Final = 768 - 280
"""Its pixels down, less what stands around Excel's cells at a zoom of 100%: title, tabs, ribbon,
formula bar, headings of columns, bar to scroll with, tabs of sheets, status bar and task bar."""

LETTERS: Final = 1.15
"""Letters of a text for each of a column's characters, which are as wide as a digit."""

NINE_DIGITS: Final = 80
"""Pixels of a column in which (999,999,999) shows in Calibri of 10 points: 76, and its edges."""

LINE_HEIGHT: Final = 16.0
"""Pixels of a line of text of 10 points."""

PAPER: Final = {"landscape": 10.2, "portrait": 7.47}
"""Inches between the margins: of Letter upright to A4 lying, whichever of the two has fewer."""

CONTRAST: Final = 4.5
"""Least ratio of luminance of text and fill, by WCAG 2.1."""


def _holds(sheet: Any, row: int, column: int) -> bool:
    """Whether a cell holds something; it is not made for the question."""
    cell = sheet._cells.get((row, column))
    return cell is not None and cell.value is not None


def frozen(sheet: Any) -> tuple[int, int]:
    """Count the rows and the columns that stay in sight."""
    if not sheet.freeze_panes:
        return 0, 0
    row, column = coordinate_to_tuple(sheet.freeze_panes)
    return row - 1, column - 1


def headings_of_tables(sheet: Any) -> list[int]:
    headed = {styles.HEADER, styles.TWIN_HEADER}
    return sorted({cell.row for cell in cells(sheet) if cell.style in headed})


def rows_below(sheet: Any, heading: int) -> Iterator[int]:
    """Give the rows of a table, down to the first in which nothing stands or may be typed."""
    for row in range(heading + 1, sheet.max_row + 1):
        if not any(cell.value is not None or cell.style == styles.INPUT for cell in sheet[row]):
            return
        yield row


@pytest.mark.parametrize("case", BOOKS, ids=":".join)
class TestEverySheet:
    def test_inputs_are_open_and_formulas_are_locked(self, case: tuple[str, str]) -> None:
        for sheet in sheets(*case):
            assert bool(sheet.protection.sheet) is not bool(sheet.tables), sheet.title
            assert sheet.protection.password is None
            for cell in cells(sheet):
                if cell.data_type == "f":
                    assert cell.protection.locked, (sheet.title, cell.coordinate)
            validated = [rule.sqref for rule in sheet.data_validations.dataValidation]
            for area in validated:
                for cell in (one for part in area for row in part.rows for one in row):
                    assert not sheet.cell(*cell).protection.locked, (sheet.title, cell)

    def test_texts_stand_apart_from_numbers_to_their_left(self, case: tuple[str, str]) -> None:
        for sheet in sheets(*case):
            tables = [range_boundaries(table.ref) for table in sheet.tables.values()]
            for cell in cells(sheet):
                left = sheet._cells.get((cell.row, cell.column - 1))
                if left is None or left.value is None or left.number_format == "General":
                    continue
                in_table = any(
                    first <= cell.column <= last and top < cell.row <= bottom
                    for first, top, last, bottom in tables
                )
                words = in_table and cell.number_format == "General"
                if left.data_type == "s" or not (words or cell.data_type == "s"):
                    continue
                if left.alignment.horizontal in ("left", "center"):
                    continue
                apart = cell.alignment.horizontal in ("center", "right")
                assert apart or cell.alignment.indent, (sheet.title, cell.coordinate)

    def test_what_is_open_is_an_input_with_a_name_or_a_table(self, case: tuple[str, str]) -> None:
        workbook = book(*case)
        named = {
            (sheet, cell.replace("$", ""))
            for defined in workbook.defined_names.values()
            for sheet, cell in defined.destinations
        }
        for sheet in sheets(*case):
            if sheet.tables:
                continue
            for row in sheet.iter_rows():
                for cell in row:
                    if not cell.protection.locked:
                        assert cell.style == styles.INPUT
                        assert (sheet.title, cell.coordinate) in named, cell

    def test_working_sheets_show_the_state_of_the_checks(self, case: tuple[str, str]) -> None:
        for sheet in sheets(*case):
            if sheet.title in {"Start", "Checks"}:
                continue
            top = [cell for cell in sheet[1] if cell.value is not None]
            assert any("Checks_OK" in str(cell.value) for cell in top), sheet.title
            links = {cell.hyperlink.location for cell in top if cell.hyperlink}
            assert links == {"'Start'!A1", "'Checks'!A1"}, sheet.title
            for cell in top:
                left = sum(width(sheet, column) for column in range(1, cell.column))
                assert left < SCREEN, (sheet.title, cell.coordinate)

    def test_the_state_of_the_checks_is_red_where_one_fails(self, case: tuple[str, str]) -> None:
        for sheet in sheets(*case):
            red = {
                str(area.sqref)
                for area, rules in sheet.conditional_formatting._cf_rules.items()
                if any(rule.formula == ["NOT(Checks_OK)"] for rule in rules)
            }
            states = [cell for cell in cells(sheet) if str(cell.value).startswith("=IF(Checks_OK")]
            assert {cell.coordinate for cell in states} == red, sheet.title
            assert states or sheet.title == "Checks"

    def test_amounts_below_zero_stand_in_brackets(self, case: tuple[str, str]) -> None:
        amounts = re.compile(r"#,##0|0\.00(?!#)|0\.0%")
        for sheet in sheets(*case):
            for cell in cells(sheet):
                sections = re.sub(r"\[[^]]*\]", "", cell.number_format).split(";")
                if amounts.search(sections[0]) and len(sections) > 1:
                    assert sections[1].startswith("("), (sheet.title, cell.coordinate)
                    assert sections[0].endswith("_)"), (sheet.title, cell.coordinate)

    def test_tables_have_units_above_their_headings(self, case: tuple[str, str]) -> None:
        units = {
            styles.USD: {"USD"},
            styles.USD_FINE: {"USD"},
            styles.PRICE: {"USD a share", "USD a warrant"},
            styles.QUOTE: {"USD a share"},
            styles.DATE: {"day"},
            styles.PERCENT: {"per cent"},
        }
        for sheet in sheets(*case):
            for table in sheet.tables.values():
                first = sheet[table.ref.split(":")[0]]
                for column in range(1, len(table.tableColumns) + 1):
                    known = units.get(sheet.cell(first.row + 1, column).number_format)
                    unit = sheet.cell(first.row - 1, column).value or ""
                    found = re.sub(r"\s(after all splits|of the day|as traded|as of .+)$", "", unit)
                    heading = sheet.cell(first.row, column).value
                    if known:
                        assert found in known, (sheet.title, heading)
                    elif "hares" in heading and "not a" not in heading and "More" not in heading:
                        what = (sheet.title, heading)
                        missing = sheet.cell(first.row + 1, column).number_format != styles.COUNT
                        assert found == "shares" or missing, what
                    if heading == "Counted" and found == "shares":  # in others it is yes or no
                        assert sheet.title == "Exercise"

    def test_amounts_outside_tables_have_their_unit_in_sight(self, case: tuple[str, str]) -> None:
        """In the words of the row, in a heading above, or for the whole sheet in its note."""
        amounts = {styles.USD, styles.USD_FINE, styles.PRICE, styles.QUOTE}
        headings = {styles.HEADING, styles.HEADER, styles.TWIN_HEADER}
        for sheet in sheets(*case):
            if sheet.tables or sheet.title in CLOSING or sheet.title == "Start":
                continue
            for cell in cells(sheet):
                # Steps are named by the function that explains them, of whatever quantity.
                step = sheet.title == "Explain" and cell.column_letter == "D"
                if cell.number_format in amounts and not step:
                    above = (
                        sheet.cell(row, column)
                        for column in {1, cell.column}
                        for row in range(1, cell.row)
                    )
                    words = [one.value for one in above if one.style in headings]
                    words += [one.value for one in sheet[cell.row][: cell.column - 1]]
                    known = "USD" in f"{sheet['A2'].value} {words}"
                    assert known, (sheet.title, cell.coordinate)

    def test_headings_of_columns_have_something_below(self, case: tuple[str, str]) -> None:
        """But for what a deal or a row may leave blank, such as a source."""
        for sheet in sheets(*case):
            for cell in cells(sheet):
                if cell.value in ("Plain Excel", "Difference"):
                    row = cell.row + 1
                    while _holds(sheet, row, 1) and not _holds(sheet, row, cell.column):
                        row += 1
                    assert _holds(sheet, row, cell.column), (sheet.title, cell.coordinate)

    def test_notes_stand_apart_from_frames_to_their_left(self, case: tuple[str, str]) -> None:
        for sheet in sheets(*case):
            for cell in cells(sheet):
                left = sheet._cells.get((cell.row, cell.column - 1))
                framed, own = (
                    one is not None and side is not None and bool(side.style)
                    for one, side in ((left, left and left.border.right), (cell, cell.border.left))
                )
                if framed and cell.data_type == "s" and not own:
                    assert cell.alignment.indent, (sheet.title, cell.coordinate)

    def test_charts_cover_no_cell(self, case: tuple[str, str]) -> None:
        for sheet in sheets(*case):
            for chart in sheet._charts:
                if isinstance(chart, ScatterChart):
                    assert chart.scatterStyle == "lineMarker"  # required by the schema
                place = sheet[chart.anchor] if isinstance(chart.anchor, str) else None
                assert place is not None, sheet.title
                wide = EMU_to_pixels(cm_to_EMU(chart.width))
                high = EMU_to_pixels(cm_to_EMU(chart.height))
                right, bottom = place.column, place.row
                while wide > 0:
                    wide -= width(sheet, right)
                    right += 1
                while high > 0:
                    high -= height(sheet, bottom)
                    bottom += 1
                covered = [
                    cell.coordinate
                    for cell in cells(sheet)
                    if place.column <= cell.column < right and place.row <= cell.row < bottom
                ]
                assert covered == [], (sheet.title, chart.anchor)

    def test_axes_stand_where_their_titles_are(self, case: tuple[str, str]) -> None:
        """Where categories run downwards, the other axis would stand above, its title below."""
        for sheet in sheets(*case):
            for chart in sheet._charts:
                turned = chart.x_axis.scaling.orientation == "maxMin"
                assert chart.y_axis.crosses == ("max" if turned else None), sheet.title

    def test_pages_are_numbered_and_named(self, case: tuple[str, str]) -> None:
        for sheet in sheets(*case):
            footer = sheet.oddFooter
            parts = (footer.left.text, footer.center.text, footer.right.text)
            assert parts == ("&F", "&A", "&P of &N"), sheet.title
            assert sheet.HeaderFooter.scaleWithDoc is False, sheet.title

    def test_pages_can_be_read(self, case: tuple[str, str]) -> None:
        for sheet in sheets(*case):
            setup = sheet.page_setup
            assert setup.fitToWidth == 1, sheet.title
            # One page high is for sheets whose rows do not grow; see test_pages.py for their scale.
            assert setup.fitToHeight == 0 or not sheet.tables, sheet.title
            last = max(cell.column for cell in cells(sheet))
            area = sheet.print_area
            if area:
                letters = re.findall(r"\$([A-Z]+)\$", area)
                last = sheet[f"{letters[-1]}1"].column
            inches = sum(width(sheet, column) for column in range(1, last + 1)) / 96
            scale = PAPER[setup.orientation] / inches
            assert scale >= LEAST_SCALE, (sheet.title, round(scale, 2))

    def test_no_words_are_cut(self, case: tuple[str, str]) -> None:
        """Headings of what judges the rows, behind what is printed, among them."""
        for sheet in sheets(*case):
            merged = {place for area in sheet.merged_cells for place in area.cells}
            for cell in cells(sheet):
                if cell.data_type != "s" or (cell.row, cell.column) in merged:
                    continue
                room = width(sheet, cell.column) / 7 * LETTERS * 10 / min(10, cell.font.size)
                what = (sheet.title, cell.coordinate, cell.value)
                if cell.alignment.wrap_text:
                    line = max(int(room), 1)
                    texts = cell.value.split("\n")
                    lines = sum(len(wrap(one, line, break_on_hyphens=False)) or 1 for one in texts)
                    high = max(ROW * 96 / 72, height(sheet, cell.row))
                    assert lines * LINE_HEIGHT <= high, what
                elif _holds(sheet, cell.row, cell.column + 1):
                    assert len(cell.value) <= room or cell.alignment.shrink_to_fit, what

    def test_figures_are_written_smaller_rather_than_cut(self, case: tuple[str, str]) -> None:
        """Whatever is typed: no #### and no text that the next cell cuts."""
        figures = {styles.INPUT, styles.RESULT, styles.TWIN, styles.TERM}
        seen = 0
        for sheet in sheets(*case):
            for cell in cells(sheet):
                if cell.style in figures:
                    seen += 1
                    kept = cell.alignment.shrink_to_fit or cell.alignment.wrap_text
                    # The legend of Start names the styles.
                    assert kept or sheet.title == "Start", (sheet.title, cell.coordinate)
        assert seen > 100

    def test_counts_of_nine_digits_show_in_their_full_size(self, case: tuple[str, str]) -> None:
        """Those of shares and of warrants."""
        seen = 0
        for sheet in sheets(*case):
            units = {
                (column, row): str(sheet.cell(top - 1, column).value)
                for first, top, last, low in map(
                    range_boundaries, (table.ref for table in sheet.tables.values())
                )
                for column in range(first, last + 1)
                for row in range(top + 1, low + 1)
            }
            for cell in cells(sheet):
                unit = units.get((cell.column, cell.row), str(sheet.cell(cell.row, 1).value))
                counts = re.search(r"shares|warrants", unit, re.IGNORECASE)
                if cell.number_format == styles.COUNT and counts:
                    seen += 1
                    assert width(sheet, cell.column) >= NINE_DIGITS, (sheet.title, cell.coordinate)
        assert seen or case[0] == "proceeds", case

    def test_what_is_printed_has_no_helper_columns(self, case: tuple[str, str]) -> None:
        for sheet in sheets(*case):
            printed = re.search(r":\$?([A-Z]+)\$?\d*$", sheet.print_area or "")
            last = column_index_from_string(printed[1]) if printed else 0
            for table in sheet.tables.values():
                row = sheet[table.ref.split(":")[0]].row
                headings = [sheet.cell(row, column).value for column in range(1, last + 1)]
                assert headings, sheet.title
                helpers = [one for one in headings if one == "Blank" or one.endswith(" as read")]
                assert helpers == [], sheet.title

    def test_intros_print_whole(self, case: tuple[str, str]) -> None:
        for sheet in sheets(*case):
            letters = re.findall(r"\$([A-Z]+)\$", sheet.print_area or "")
            intro = next((area for area in sheet.merged_cells.ranges if "A2" in area), None)
            if letters and intro:
                assert intro.max_col <= sheet[f"{letters[-1]}1"].column, sheet.title

    def test_headings_stand_at_the_top(self, case: tuple[str, str]) -> None:
        for sheet in sheets(*case):
            # Row 4 of Checks has the verdict.
            if sheet.freeze_panes:
                assert frozen(sheet)[0] <= 4 + (sheet.title == "Checks"), sheet.title
            for table in sheet.tables.values():
                assert sheet[table.ref.split(":")[0]].row == 4

    def test_fifteen_rows_of_every_table_are_in_sight(self, case: tuple[str, str]) -> None:
        """Below what is frozen, or below headings to which one has scrolled."""
        seen = 0
        for sheet in sheets(*case):
            above, _ = frozen(sheet)
            kept = sum(height(sheet, row) for row in range(1, above + 1))
            for heading in headings_of_tables(sheet):
                top = 0 if heading <= above else height(sheet, heading)
                below = list(islice(rows_below(sheet, heading), 15))
                seen += len(below) == 15
                needed = kept + top + sum(height(sheet, row) for row in below)
                assert needed <= SCREEN_HEIGHT, (sheet.title, heading, needed)
        assert seen >= 3, case

    def test_what_is_frozen_leaves_room_for_every_column(self, case: tuple[str, str]) -> None:
        for sheet in sheets(*case):
            _, before = frozen(sheet)
            kept = sum(width(sheet, column) for column in range(1, before + 1))
            widest = max(width(sheet, at) for at in range(before + 1, sheet.max_column + 1))
            assert kept + widest <= SCREEN, (sheet.title, kept, widest)

    def test_notes_remarks_and_charts_are_in_sight_without_scrolling_across(
        self, case: tuple[str, str]
    ) -> None:
        for sheet in sheets(*case):
            for area in sheet.merged_cells.ranges:
                ends = sum(width(sheet, column) for column in range(1, area.max_col + 1))
                words = sheet.cell(area.min_row, area.min_col).data_type == "s"
                assert ends <= SCREEN or not words, (sheet.title, str(area), ends)
            for cell in cells(sheet):
                if cell.value in ("Remark", "What is odd"):
                    ends = sum(width(sheet, column) for column in range(1, cell.column + 1))
                    assert ends <= SCREEN, (sheet.title, cell.coordinate, ends)
            for chart in sheet._charts:
                place = sheet[chart.anchor]
                wide, high = (EMU_to_pixels(cm_to_EMU(one)) for one in (chart.width, chart.height))
                left = sum(width(sheet, column) for column in range(1, place.column))
                assert left + wide <= SCREEN, (sheet.title, chart.anchor)
                assert high <= SCREEN_HEIGHT, (sheet.title, chart.anchor)

    def test_charts_show_filled_rows_only(self, case: tuple[str, str]) -> None:
        """A chart of a table that grows is by day, where rows that wait repeat another's point."""
        workbook = book(*case)
        for sheet in sheets(*case):
            for chart in sheet._charts:
                for series in chart.series:
                    values = series.yVal if isinstance(chart, ScatterChart) else series.val
                    name = values.numRef.f.split("!")[0].strip("'")
                    of_a_table = bool(workbook[name].tables)
                    assert of_a_table is isinstance(chart, ScatterChart), (sheet.title, name)

    def test_titles_and_headings_print_on_every_page(self, case: tuple[str, str]) -> None:
        for sheet in sheets(*case):
            for table in sheet.tables.values():
                row = sheet[table.ref.split(":")[0]].row
                assert sheet.print_title_rows in (f"${row - 1}:${row}", f"{row - 1}:{row}")
                assert sheet.freeze_panes, sheet.title
                assert int(re.sub(r"\D", "", sheet.freeze_panes)) == row + 1

    def test_properties_name_title_issuer_and_deal(self, case: tuple[str, str]) -> None:
        properties = book(*case).properties
        terms = select(case[1]).terms
        assert properties.title == book(*case)["Start"]["A1"].value
        assert properties.subject == f"{terms.name}: {terms.issuer}"

    def test_who_prepared_and_who_reviewed_has_its_cells(self, case: tuple[str, str]) -> None:
        names = book(*case).defined_names
        assert {"Prepared_by", "Prepared_on", "Reviewed_by", "Reviewed_on"} <= set(names)


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", [*OF_2001, "equityline"])
def test_no_number_is_wider_than_its_column(name: str, made: Path) -> None:
    """See that what the sheets show at first shows in full, and not as ####."""
    path = made / f"{name}.xlsx" if name in OF_2001 else WORKBOOKS / f"{name}.xlsx"
    formats = {styles.USD: ",.2f", styles.COUNT: ",.0f", styles.PRICE: ",.4f", styles.QUOTE: ",.2f"}
    seen = 0
    for sheet in openpyxl.load_workbook(path, data_only=True).worksheets:
        merged = {str(area).split(":")[0] for area in sheet.merged_cells.ranges}
        for cell in cells(sheet):
            shown = formats.get(cell.number_format)
            if shown and isinstance(cell.value, int | float) and cell.coordinate not in merged:
                seen += 1
                # A bracket's width stands behind the number.
                wide = len(format(cell.value, shown)) + 1
                assert wide <= width(sheet, cell.column) / 7, (sheet.title, cell.coordinate)
    assert seen > 50


@pytest.mark.parametrize(
    ("value", "section"),
    [(0, "0_)"), (1e-7, "0_)"), (1e-6, "0_)"), (2e-6, "0.0E+00_)"), (1, "#,##0.00_)")],
)
def test_a_difference_is_read_without_powers_of_ten_from_1_on(value: float, section: str) -> None:
    first, second, rest = styles.difference(1e-6).split(";")
    tolerance, large = (re.fullmatch(r"\[([<>]=)([\d.]+)\](.+)", one) for one in (first, second))
    assert tolerance
    assert large
    assert (tolerance[1], float(tolerance[2]), large[1], float(large[2])) == ("<=", 1e-6, ">=", 1)
    found = tolerance[3] if value <= 1e-6 else large[3] if value >= 1 else rest
    assert found == section


def luminance(rgb: str) -> float:
    """Relative luminance of a colour written as RRGGBB or AARRGGBB."""
    parts = [int(rgb[-6:][at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_text_stands_out_from_its_fill() -> None:
    seen = 0
    for style in book("placements", "NEOT-2001")._named_styles:
        if not style.name.startswith("xl "):
            continue
        text = style.font.color.rgb if style.font.color is not None else "FF000000"
        fill = style.fill.fgColor.rgb if style.fill.fill_type == "solid" else "FFFFFFFF"
        light, dark = sorted((luminance(text), luminance(fill)), reverse=True)
        seen += 1
        assert (light + 0.05) / (dark + 0.05) >= CONTRAST, style.name
    assert seen > 10
