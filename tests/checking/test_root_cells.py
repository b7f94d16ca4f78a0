"""What is wrong with a workbook is named where it begins, with its reason, and nowhere else."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from offices import BY_BOTH
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableFormula
from user_workbooks import kinds_and_cells, mine, roots_of, rule

from xladdin.building.render import render
from xladdin.checking.findings import ENTRY, OUTSIDE, ROW, TYPED_OVER
from xladdin.checking.recalc import recalc
from xladdin.checking.verify import DIFFERS, verify_one
from xladdin.cli.reports import LISTED, recalculated, verified
from xladdin.engines.result import RefusedError
from xladdin.errors import FileError
from xladdin.terms import select
from xladdin.xlsx.workbook_part import area_of

Filled = Callable[..., Path]


@pytest.fixture
def filled(made: Path, tmp_path: Path) -> Filled:
    """Fill cells of a built workbook, by sheet and cell, and recalculate it."""

    def fill(name: str, cells: Mapping[tuple[str, str], Any], engine: str = "embedded") -> Path:
        book = openpyxl.load_workbook(made / f"{name}.xlsx")
        for (sheet, cell), value in cells.items():
            book[sheet][cell] = value
        path = tmp_path / f"{name}.xlsx"
        book.save(path)
        recalc(path, in_place=True, engine=engine)
        return path

    return fill


class TestEntries:
    """Entries that break the rule of their cell."""

    @pytest.mark.parametrize("engine", BY_BOTH)
    def test_those_of_a_log_come_first_and_errors_are_counted(
        self, filled: Filled, engine: str
    ) -> None:
        cells = {
            ("Placements", "C6"): "40,000",
            ("Placements", "B7"): "4 Feb 2002",
            ("Placements", "D8"): "$2.80",
            ("Placements", "C9"): True,
        }
        if engine == "libreoffice":
            # TRUE counts as 1 there, and errors are not handed over.
            with pytest.raises(RefusedError, match=r"'Placements'!C6 .*B7.*; use --engine auto"):
                filled("placements", cells, engine)
            return
        path = filled("placements", cells, engine)
        done = verify_one(path, engine=engine)
        assert done.state == DIFFERS
        assert [(root.cell, root.value) for root in done.roots] == [
            ("C6", "40,000"),
            ("B7", "4 Feb 2002"),
            ("D8", "$2.80"),
            ("C9", True),
        ]
        reasons = [root.reason for root in done.roots]
        assert reasons[0].startswith("text where a whole number belongs: Shares sold")
        assert reasons[1].startswith("text where a date belongs: ")
        assert reasons[2].startswith("text where a number belongs: ")
        assert reasons[3].startswith("a truth value where a whole number belongs: ")
        assert not done.differences
        assert done.following_errors > 20
        assert done.following_checks > 5
        lines = verified(done).lines
        assert "4 ENTRIES ARE WRONG" in lines[0]
        assert [line.split()[0] for line in lines[1:5]] == [
            "'Placements'!C6",
            "'Placements'!B7",
            "'Placements'!D8",
            "'Placements'!C9",
        ]
        assert lines[5].endswith("only because of these")
        assert len(lines) == 6

    def test_a_row_that_is_wrong_on_its_own_is_named_too(self, tmp_path: Path) -> None:
        """Its remark looks at sums that an entry above it spoils, and what is wrong does not."""
        path = tmp_path / "equityline.xlsx"
        path.write_bytes(render("equityline", select("CANOO-2022")).data)
        book = openpyxl.load_workbook(path)
        sheet = book["Advances"]
        at = {cell.value: cell.column_letter for cell in sheet[4]}
        sheet[f"{at['Amount']}5"] = "400,000"
        row = next(one for one in range(7, 20) if sheet[f"{at['Issue date']}{one}"].value)
        late = sheet[f"{at['Date']}{row}"].value + datetime.timedelta(days=9)
        sheet[f"{at['Issue date']}{row}"] = late
        book.save(path)
        found = recalc(path).roots
        assert [root.cell for root in found] == [f"{at['Amount']}5", f"{at['Issue date']}{row}"]
        assert found[1].reason == f"row {row}: Failure: Issue date after the date"

    @pytest.mark.long
    def test_those_of_input_cells(self, filled: Filled) -> None:
        path = filled("floating", {("Debentures", "B5"): "8,000,000", ("Quotes", "B30"): -4})
        done = verify_one(path)
        assert [root.where for root in done.roots] == ["'Quotes'!B30", "'Debentures'!B5"]
        assert done.roots[0].reason.startswith("not a number from 0.0000001 to 100,000,000: ")

    def test_those_of_a_workbook_that_is_refused(self, made: Path, tmp_path: Path) -> None:
        book = openpyxl.load_workbook(made / "floating.xlsx")
        book["Debentures"]["B8"] = "21,927,372"  # what Excel may take for a number
        book["Start"]["E30"] = "=ABS(Debentures!B8)"  # our own formulas do not calculate with it
        path = tmp_path / "floating.xlsx"
        book.save(path)
        with pytest.raises(RefusedError) as caught:
            recalc(path, engine="embedded")
        first = "'Debentures'!B8  \"21,927,372\": text where a whole number belongs: "
        assert caught.value.reason.startswith(first)
        assert "cannot be computed here" in caught.value.reason

    @pytest.mark.long
    def test_a_date_out_of_range_is_shown_once(self, filled: Filled) -> None:
        path = filled("floating", {("Debentures", "B7"): datetime.date(1901, 11, 7)})
        (root,) = verify_one(path).roots
        assert str(root).startswith("'Debentures'!B7  7 Nov 1901 is not a date from 1 Jan 2000 to ")

    @pytest.mark.long
    def test_the_number_of_a_row_that_is_not_there(self, filled: Filled) -> None:
        (root,) = verify_one(filled("placements", {("Explain", "B4"): 99})).roots
        assert root.where == "'Explain'!B4"
        assert str(root).endswith("99: Explained placement: past the last row of the log")

    @pytest.mark.sample(1)
    @pytest.mark.parametrize(
        ("sheet", "cell", "rule"),
        [
            ("Placements", "D7", "row 7: Failure: Price not a number from 0.0000001 to "),
            ("Totals", "B5", "Price for the rest: not a number from 0.0000001 to "),
        ],
    )
    def test_an_entry_that_divides_by_zero_is_named_once(
        self, filled: Filled, sheet: str, cell: str, rule: str
    ) -> None:
        (root,) = verify_one(filled("placements", {(sheet, cell): "=1/0"})).roots
        assert root.where == f"'{sheet}'!{cell}"
        assert root.reason.startswith(rule)
        assert root.reason.endswith("; it divides by zero, or by an empty cell")

    @pytest.mark.long
    def test_a_principal_beyond_all_bounds(self, filled: Filled) -> None:
        path = filled("floating", {("Debentures", "B5"): 1e308, ("Quotes", "B30"): 1e308})
        wheres = [root.where for root in verify_one(path).roots]
        assert wheres == ["'Quotes'!B30", "'Debentures'!B5"]

    @pytest.mark.long
    def test_a_principal_that_makes_too_many_shares(self, filled: Filled) -> None:
        bids = {("Quotes", f"B{row}"): 1e-7 for row in range(5, 75)}
        path = filled("floating", bids | {("Debentures", "B5"): 1e9})
        (root,) = verify_one(path).roots
        assert root.where == "'Debentures'!B5"
        assert root.reason.startswith("Principal: more shares than a cell shows")

    @pytest.mark.long
    def test_an_input_that_is_wrong_beside_another(self, filled: Filled) -> None:
        path = filled("floating", {("Debentures", "B7"): datetime.date(2001, 11, 1)})
        done = verify_one(path)
        (root,) = done.roots
        assert (root.kind, root.where) == (ENTRY, "'Debentures'!B7")
        assert root.reason == "Conversion date: before the issue date"
        assert str(root) == "'Debentures'!B7  1 Nov 2001: Conversion date: before the issue date"
        assert not done.differences

    @pytest.mark.parametrize(
        ("made", "value", "reason"),
        [
            (rule("whole", "between", "1", "10"), 11, "not a whole number from 1 to 10"),
            (rule("whole", "between", "1", "10"), 2.5, "not a whole number"),
            (rule("whole", "between", "1", "10"), 10, ""),
            (rule("whole", "notBetween", "1", "10"), 5, "not a whole number outside from 1 to 10"),
            (rule("decimal", "greaterThan", "0"), 0, "not a number above 0"),
            (rule("decimal", "lessThanOrEqual", "0.3"), 0.1 + 0.2, ""),
            (rule("decimal", "lessThanOrEqual", "0.3"), 0.31, "not a number of at most 0.3"),
            (rule("decimal", "notEqual", "7"), 7, "not a number other than 7"),
            (rule("decimal", "greaterThanOrEqual", "Least"), 4, "not a number of at least 5"),
            (rule("decimal", "lessThan", "$D$1*2"), 10, "not a number below 10"),
            (rule("decimal", "lessThan", "$D$1*2"), 9.5, ""),
            (
                rule("date", "between", "DATE(2000,1,1)", "DATE(2009,12,31)"),
                datetime.date(1999, 12, 31),
                "31 Dec 1999 is not a date from 1 Jan 2000 to 31 Dec 2009",
            ),
            (
                rule("date", "lessThanOrEqual", "DATE(2009,12,31)"),
                datetime.datetime(2009, 12, 31, 16),
                "",
            ),
            (rule("decimal", "greaterThan", "0"), "#N/A", "an error value where a number belongs"),
            (rule("textLength", "lessThan", "3"), "abc", "not a text whose length is below 3"),
            (rule("list", "between", '"yes,no"'), "perhaps", "an entry that is not in the list"),
            (rule("list", "between", '"yes,no"'), "Yes", ""),
            (rule("list", "between", "$D$1:$D$3"), 6, ""),
            (rule("list", "between", "$D$1:$D$3"), 8, "an entry that is not in the list"),
            (rule("custom", "between", "A1>$D$1"), 4, "an entry that breaks the rule of its cell"),
            (rule("custom", "between", "A1>$D$1"), 6, ""),
            (rule("custom", "between", "A1<>NO_SUCH_FUNCTION(1)"), 6, ""),
            (rule("decimal", "between", "1", "2"), "1.5", "text where a number belongs"),
        ],
    )
    def test_rules(self, tmp_path: Path, made: DataValidation, value: Any, reason: str) -> None:
        cells = {"A1": value, "D1": 5, "D2": 6, "D3": 7, "B1": "=1"}
        roots = roots_of(mine(tmp_path, cells, {"A1": made}, {"Least": "Sheet!$D$1"}))
        if reason:
            assert kinds_and_cells(roots) == [(ENTRY, "A1")]
            assert roots[0].reason.startswith(reason)
        else:
            assert not roots

    def test_bounds_are_seen_from_the_cell(self, tmp_path: Path) -> None:
        cells = {"A1": 1, "A2": 5, "A3": 9, "B1": 2, "B2": 4, "B3": 10}
        roots = roots_of(mine(tmp_path, cells, {"A1:A3": rule("decimal", "lessThan", "B1")}))
        assert [(root.cell, root.reason) for root in roots] == [("A2", "not a number below 4")]

    def test_blanks_and_empty_texts_break_no_rule(self, tmp_path: Path) -> None:
        cells = {"A1": None, "A2": '=""', "B1": "=1"}
        made = rule("whole", "between", "1", "2", allow_blank=False)
        assert not roots_of(mine(tmp_path, cells, {"A1:A2": made}))

    def test_the_message_of_the_rule_is_given(self, tmp_path: Path) -> None:
        made = rule("whole", "between", "1", "2", message="One or two.")
        (root,) = roots_of(mine(tmp_path, {"A1": 3}, {"A1": made}))
        assert root.reason == "not a whole number from 1 to 2: One or two."

    def test_rules_that_lie_one_over_another_end_in_one_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("xladdin.checking.wrong_entries._MOST_JUDGED", 100)
        cells = {f"A{row}": row for row in range(1, 51)} | {"B1": "=1"}
        rules = {f"A1:A{50 + number}": rule("whole", "greaterThan", "0") for number in range(4)}
        path = mine(tmp_path, cells, rules)
        with pytest.raises(FileError, match="lie one over another"):
            recalc(path)

    def test_many_are_listed_to_a_bound(self, tmp_path: Path) -> None:
        cells: dict[str, Any] = {f"A{row}": -row for row in range(1, 31)} | {"B1": "=1"}
        made = rule("decimal", "greaterThan", "0")
        done = recalc(mine(tmp_path, cells, {"A1:A1048576": made}))
        lines = recalculated(done).lines
        assert len(done.roots) == done.wrong_entries == 30
        assert "30 ENTRIES ARE WRONG" in lines[0]
        assert "0 errors" not in lines[0]
        assert len(lines) == 1 + LISTED + 1
        assert lines[-1] == "  and 10 more entries"


class TestTables:
    """Formulas typed over, and entries that stand outside of their table."""

    @staticmethod
    def log(tmp_path: Path, cells: Mapping[str, Any]) -> Path:
        """A user's table: Shares and Price are typed, Gross is worked out."""
        book = openpyxl.Workbook()
        sheet = book.active
        for row in (["Shares", "Price", "Gross"], [10, 2.5], [20, 3.5]):
            sheet.append(row)
        for number in (2, 3):
            sheet[f"C{number}"] = "=Log[[#This Row],[Shares]]*Log[[#This Row],[Price]]"
        table = Table(displayName="Log", ref="A1:C3")
        table._initialise_columns()
        for column, heading in zip(table.tableColumns, ("Shares", "Price", "Gross"), strict=True):
            column.name = heading
        formula = "Log[[#This Row],[Shares]]*Log[[#This Row],[Price]]"
        table.tableColumns[2].calculatedColumnFormula = TableFormula(attr_text=formula)
        sheet.add_table(table)
        made = rule("decimal", "greaterThan", "0")
        made.add("A2:B3")
        sheet.add_data_validation(made)
        for cell, value in cells.items():
            sheet[cell] = value
        path = tmp_path / "log.xlsx"
        book.save(path)
        return path

    def test_a_number_typed_over_a_formula(self, tmp_path: Path) -> None:
        (root,) = roots_of(self.log(tmp_path, {"C3": 71}))
        assert (root.kind, root.cell, root.value) == (TYPED_OVER, "C3", 71)
        assert root.reason == (
            "a value in place of the formula of Gross, "
            "=Log[[#This Row],[Shares]]*Log[[#This Row],[Price]]"
        )

    def test_a_formula_that_was_cleared(self, tmp_path: Path) -> None:
        (root,) = roots_of(self.log(tmp_path, {"C2": None}))
        assert (root.kind, root.cell, root.value) == (TYPED_OVER, "C2", None)

    def test_another_formula_is_a_users_own_affair(self, tmp_path: Path) -> None:
        assert not roots_of(self.log(tmp_path, {"C3": "=A3*B3*1.01"}))

    def test_a_table_that_is_as_it_should_be(self, tmp_path: Path) -> None:
        done = recalc(self.log(tmp_path, {}))
        assert not done.roots
        assert "0 errors" in recalculated(done).lines[0]

    def test_a_row_below_the_last(self, tmp_path: Path) -> None:
        path = self.log(tmp_path, {"A4": 30, "B4": 4.5})
        recalc(path, in_place=True)
        done = verify_one(path)
        (root,) = done.roots
        assert (root.kind, root.cell) == (OUTSIDE, "A4")
        assert "A4:B4 stand under the last row of the table Log" in root.reason
        assert not done.agrees

    @pytest.mark.parametrize(
        "cells",
        [
            {"A4": "Total", "C4": "=SUM(Log[Gross])"},
            {"A4": "=SUM(Log[Shares])", "B4": 4},
            {"A4": "Source: our broker"},
            {"A6": 30, "B6": 4.5},
            {"E4": 30, "F4": 4.5},
        ],
    )
    def test_totals_and_notes_are_no_entries(self, tmp_path: Path, cells: dict[str, Any]) -> None:
        assert not roots_of(self.log(tmp_path, cells))

    @pytest.mark.long
    @pytest.mark.parametrize(
        ("name", "sheet", "first", "entries", "where"),
        [
            ("placements", "Placements", "BG30", {"BG30": 1, "BH30": 2, "BI30": 4}, "beside"),
            ("placements", "Placements", "B1", {"B1": 37000, "C1": 1000, "D1": 4}, "above"),
            pytest.param("floating", "Quotes", "B1", {"B1": 4}, "above", marks=pytest.mark.long),
            pytest.param(
                "floating", "Quotes", "AM40", {"AM40": 4.04}, "beside", marks=pytest.mark.long
            ),
        ],
    )
    def test_entries_around_a_table_of_ours(
        self,
        filled: Filled,
        name: str,
        sheet: str,
        first: str,
        entries: dict[str, float],
        where: str,
    ) -> None:
        path = filled(name, {(sheet, cell): value for cell, value in entries.items()})
        verified, again = verify_one(path), recalc(path)
        for done in (verified, again):
            assert kinds_and_cells(list(done.roots)) == [(OUTSIDE, first)]
            assert f" {where} the table {sheet}, so that no total counts " in str(done.roots[0])
        assert again.checks.value is False
        assert not verified.differences

    @pytest.mark.long
    def test_notes_and_formulas_around_a_table_of_ours(self, filled: Filled) -> None:
        notes = {"BG30": "paid", "P1": 5, "Q1": "=P1*2"}
        path = filled("placements", {("Placements", cell): note for cell, note in notes.items()})
        assert verify_one(path).agrees

    @pytest.mark.long
    def test_placements_pasted_past_the_last_row(self, filled: Filled, made: Path) -> None:
        sheet = openpyxl.load_workbook(made / "placements.xlsx")["Placements"]
        last = area_of(sheet.tables["Placements"].ref).last_row
        cells = {
            ("Placements", f"{letter}{last + row}"): value
            for row in (1, 2, 4)
            for letter, value in (("B", datetime.date(2002, 5, 6)), ("C", 1000), ("D", 4.5))
        }
        path = filled("placements", cells)
        done = verify_one(path)
        assert kinds_and_cells(list(done.roots)) == [
            (OUTSIDE, f"B{last + row}") for row in (1, 2, 4)
        ]
        assert done.roots[0].reason.startswith(f"B{last + 1}:D{last + 1} stand under")
        assert not done.differences
        assert done.following_checks == 1
        (line, *_) = recalculated(recalc(path)).lines
        assert "3 ENTRIES ARE WRONG" in line
        assert "0 errors" not in line

    @pytest.mark.long
    def test_one_cell_past_the_last_row(self, filled: Filled) -> None:
        (root,) = verify_one(filled("placements", {("Placements", "C39"): 1000})).roots
        assert root.reason.startswith("C39 stands under the last row of the table Placements")

    @pytest.mark.long
    def test_a_formula_of_ours_that_was_changed(self, filled: Filled, made: Path) -> None:
        sheet = openpyxl.load_workbook(made / "placements.xlsx")["Placements"]
        table = sheet.tables["Placements"]
        row = area_of(table.ref).first_row
        letter = next(cell.column_letter for cell in sheet[row] if cell.value == "Gross")
        cell = f"{letter}{row + 2}"
        formula = sheet[cell].value
        path = filled("placements", {("Placements", cell): f"{formula}*1.01"})
        assert kinds_and_cells(roots_of(path)) == [(TYPED_OVER, cell)]
        # As another program writes it: no spaces, plain cells, dollar signs.
        plain = {
            ("Placements", cell): formula.replace(
                "Placements[[#This Row],", "Placements[[#this row],"
            )
        }
        assert not roots_of(filled("placements", plain))

    @pytest.mark.long
    def test_a_number_typed_over_a_total(self, filled: Filled, made: Path) -> None:
        book = openpyxl.load_workbook(made / "placements.xlsx")
        sheet, cell = book.defined_names["Commission_total"].attr_text.replace("$", "").split("!")
        done = verify_one(filled("placements", {(sheet.strip("'"), cell): 1}))
        assert kinds_and_cells(list(done.roots)) == [(TYPED_OVER, cell)]
        assert "in place of what the workbook came with" in done.roots[0].reason
        assert done.following_checks >= 1

    def test_a_figure_of_the_deal_that_was_changed(self, filled: Filled) -> None:
        done = verify_one(filled("placements", {("Terms", "C7"): 26_000_000}))
        assert ("Terms", "C7") in [(root.sheet, root.cell) for root in done.roots]

    @pytest.mark.long
    def test_inputs_and_texts_are_the_users(self, filled: Filled) -> None:
        cells = {("Placements", "B6"): datetime.date(2001, 7, 5), ("Start", "A3"): "For the board"}
        assert verify_one(filled("placements", cells)).agrees

    @pytest.mark.long
    @pytest.mark.parametrize("engine", BY_BOTH)
    def test_a_count_of_more_digits_than_a_sheet_shows(self, filled: Filled, engine: str) -> None:
        cells = {("Placements", "C7"): 12345678901234567}
        if engine == "libreoffice":
            # It does not hand errors over, so Explain has no words about one.
            with pytest.raises(RefusedError, match=r"'Placements'!C7 .*; use --engine auto"):
                filled("placements", cells, engine)
            return
        path = filled("placements", cells, engine)
        (root,) = recalc(path, engine=engine).roots
        assert (root.kind, root.cell) == (ENTRY, "C7")
        assert root.reason.startswith("not a whole number from 0 to 1,000,000,000,000: ")

    @pytest.mark.long
    def test_the_entry_that_a_remark_begins_with(self, filled: Filled) -> None:
        book_without_rules = filled("placements", {("Placements", "D7"): -4.04})
        book = openpyxl.load_workbook(book_without_rules)
        book["Placements"].data_validations.dataValidation = []
        book.save(book_without_rules)
        (root,) = recalc(book_without_rules).roots
        assert (root.kind, root.cell) == (ROW, "D7")
        assert root.reason == "row 7: Failure: Price not a number from 0.0000001 to 100 million"

    def test_a_sale_above_the_capacity(self, filled: Filled) -> None:
        path = filled("placements", {("Placements", "C6"): 9_000_000})
        done = verify_one(path)
        assert kinds_and_cells(list(done.roots)) == [(ROW, "B6")]
        assert "row 6: Failure: " in done.roots[0].reason
        assert "capacity" in done.roots[0].reason
        assert not done.differences
        assert done.following_errors > 20
        assert not recalc(path).well
