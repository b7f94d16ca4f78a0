"""Workbooks with what Excel stored in them: computed as stored, or refused with a reason.

The files were made to stand for kinds of workbooks that came out wrong: see the table.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import formualizer
import openpyxl
import pytest
from engines.excel_cases import same
from offices import needs_office
from packages import packed, parts_of
from paths import DATA

from xladdin.cells import Cell, CellError
from xladdin.checking.recalc import compute, recalc
from xladdin.engines.embedded import guard, preparation
from xladdin.engines.embedded.bridge import register
from xladdin.engines.embedded.guard import (
    ALL,
    MISREAD,
    is_misread_formula,
    misread_constant,
    misread_name,
)
from xladdin.engines.embedded.substitutes.table import SUBSTITUTES
from xladdin.engines.result import MOST_NAMED, Computed
from xladdin.errors import FileError
from xladdin.formulas.tokens import in_order, name_of_ours
from xladdin.functions.registry import FUNCTIONS
from xladdin.xlsx.sheet_part import Place
from xladdin.xlsx.workbook_part import Name, Workbook

FILES: Final = DATA / "recalc"
EMBEDDED: Final = "embedded"
OFFICE: Final = "libreoffice"
ENGINES: Final = [EMBEDDED, pytest.param(OFFICE, marks=needs_office)]

REFUSED: Final[dict[tuple[str, str], tuple[set[str], str]]] = {
    ("02_iterate_loan", EMBEDDED): ({"A2", "A3"}, "it refers to itself"),
    ("02_iterate_loan", OFFICE): ({"A2", "A3"}, "it refers to itself"),
    ("02b_iterate_state", EMBEDDED): ({"A3", "A4"}, "it refers to itself"),
    ("02b_iterate_state", OFFICE): ({"A3", "A4"}, "it refers to itself"),
    ("02c_no_iterate", EMBEDDED): ({"A3", "A4"}, "it refers to itself"),
    ("02c_no_iterate", OFFICE): ({"A3", "A4"}, "it refers to itself"),
    ("08_sumif_hides_error", EMBEDDED): ({"A3", "C3"}, "is given an error"),
    ("10_workday_intl", EMBEDDED): ({"B1"}, "NETWORKDAYS.INTL is given an argument left out"),
    ("10_workday_intl", OFFICE): ({"B1"}, "NETWORKDAYS.INTL is given an argument left out"),
    ("08_sumif_hides_error", OFFICE): ({"A3", "C3"}, "is given an error"),
}
"""Cells for which there is no value, and words of the reason."""

WHOLLY: Final[dict[tuple[str, str], str]] = {
    ("05_sheetname_sheet1", EMBEDDED): "takes its sheet 'sheet1' for another",
    ("05_sheetname_sheet1", OFFICE): "takes its sheet 'sheet1' for another",
    ("14_date1904", EMBEDDED): "moves dates by 1,462 days",
    ("14_date1904", OFFICE): "moves dates by 1,462 days",
    ("18_fullprecision_off", EMBEDDED): "precision displayed",
    ("18_fullprecision_off", OFFICE): "precision displayed",
}
"""Words of the reason why a workbook is refused as a whole."""

VOLATILE: Final = {("15_volatile_verify", "A1"), ("15_volatile_verify", "C1")}


def stored(found: Computed) -> dict[tuple[str, Place], Cell]:
    return {
        (sheet, (formula.row, formula.column)): formula.stored
        for sheet, part in found.parts.items()
        for formula in found.layouts[part].formulas
    }


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", sorted(FILES.glob("*.xlsx")), ids=lambda path: path.stem)
def test_as_excel_stored_it_or_refused(path: Path, engine: str) -> None:
    reason = WHOLLY.get((path.stem, engine))
    if reason is not None:
        with pytest.raises(FileError, match=reason):
            compute(engine, path.read_bytes(), path)
        return
    found = compute(engine, path.read_bytes(), path)
    cells, words = REFUSED.get((path.stem, engine), (set(), ""))
    assert {refusal.cell for refusal in found.refusals} == cells
    assert all(words in refusal.reason for refusal in found.refusals)
    for (sheet, place), value in stored(found).items():
        cell = f"{'ABCDEFGH'[place[1] - 1]}{place[0]}"
        if cell not in cells and (path.stem, cell) not in VOLATILE:
            assert same(found.values[sheet][place], value), cell


def book(**cells: object) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    for name, value in cells.items():
        made.active[name] = value
    return made


def data_of(made: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def test_what_a_filter_hides_is_not_subtotalled() -> None:
    """By a filter, rows are left out by every code; hidden by hand, by those above 100 alone."""
    made = book(A1="n", A2=1, A3=2, A4=3, B6="=SUBTOTAL(9,A2:A4)", B7="=SUBTOTAL(109,A2:A4)")
    made.active.row_dimensions[3].hidden = True
    by_hand = compute(EMBEDDED, data_of(made))
    assert not by_hand.refusals
    assert [by_hand.values["Sheet"][row, 2] for row in (6, 7)] == [6.0, 4.0]
    sheet = "xl/worksheets/sheet1.xml"
    parts = parts_of(data_of(made))
    parts[sheet] = parts[sheet].replace(b'hidden="1"', b'ht="0" customHeight="1"')
    assert b'ht="0"' in parts[sheet]
    without_height = compute(EMBEDDED, packed(parts))
    assert [without_height.values["Sheet"][row, 2] for row in (6, 7)] == [6.0, 4.0]
    made.active.auto_filter.ref = "A1:A4"
    made.active.auto_filter.add_filter_column(0, ["1", "3"])
    by_filter = compute(EMBEDDED, data_of(made))
    assert not by_filter.refusals
    assert [by_filter.values["Sheet"][row, 2] for row in (6, 7)] == [4.0, 4.0]


def test_ten_refusals_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    cells = {f"A{row}": "=GCD(4,6)" for row in range(1, 14)}
    path.write_bytes(data_of(book(**cells)))
    with pytest.raises(FileError) as caught:
        recalc(path, in_place=True, engine=EMBEDDED)
    message = str(caught.value)
    assert message.count("'Sheet'!A") == MOST_NAMED
    assert "(and 3 more)" in message
    assert "--engine auto" in message
    assert "\n" not in message


def test_constants_that_the_engine_holds_otherwise_are_found() -> None:
    class Engine:
        def get_value(self, _sheet: str, row: int, _column: int) -> object:
            return [1.0, "a", True, None][row - 1] if row < 5 else float(row)

    def found(*values: Cell, rows: Sequence[int] = (1, 2, 3, 4), but: int = 0) -> str:
        columns = [(2, list(rows)[: len(values)], list(values))]
        return misread_constant(Engine(), "S", columns, {(but, 2)}, lambda raw: raw)  # type: ignore[arg-type, return-value]

    assert found(1.0, "a", True) == ""
    assert found(2.0) == found(True) == "B1"
    assert found(1.0, "b") == "B2"
    assert found(1.0, "b", but=2) == ""
    assert found(1.0, "a", 1.0) == "B3"
    assert found(1.0, "a", True, 0.0) == "B4"
    assert found(1.0, 1e6, rows=(1, 1_000_000)) == ""
    assert found(1.0, 2.0, rows=(1, 1_000_000)) == "B1000000"


@pytest.mark.parametrize(
    ("held", "text", "wrong"),
    [
        ("SUM(A1, B1)", "_xlfn.SUM(a1,'B1')", False),
        ("SUM(A1, B1)", "SUM(A1,B2)", True),
        ("ABS(0.001)", "ABS(1E-3)", False),
        ("ABS(0.001)", "abs(.0010)", False),
        ("ABS(0.001)", "ABS(1E-2)", True),
        ("A1", "A2", True),
        (None, "A1", True),
    ],
)
def test_formulas_that_the_engine_holds_otherwise_are_found(
    held: str | None, text: str, wrong: bool
) -> None:
    assert is_misread_formula(held or "", text) == wrong


def refused_of_filled_down(rows: int, changes: Mapping[int, str | None]) -> list[str]:
    """List what is refused of a formula filled down where the engine holds another in some rows."""
    data = data_of(book(C1="=B1+1", **{f"B{row}": f"=A{row}*2" for row in range(1, rows + 1)}))
    prepared_ = preparation.Prepared(Workbook(data))
    loaded = formualizer.Workbook.from_bytes(data)
    for row, formula in changes.items():
        if formula is None:
            loaded.set_value("Sheet", row, 2, 1.0)
        else:
            loaded.set_formula("Sheet", row, 2, formula)
    prepared_.guard.count(loaded)
    loaded.evaluate_all()
    prepared_.guard.check(loaded)
    return [cell.name for cell in prepared_.cells if cell.refusal == MISREAD]


@pytest.mark.parametrize("row", [1, 2, 77, ALL])
def test_all_formulas_filled_down_are_compared(row: int) -> None:
    assert refused_of_filled_down(ALL, {row: f"=A{row}*3"}) == [f"B{row}"]
    assert refused_of_filled_down(ALL, {row: f"=A{row + 1}*2"}) == [f"B{row}"]


def test_of_very_many_formulas_filled_down_some_are_compared_and_all_counted() -> None:
    rows = ALL + 500
    assert refused_of_filled_down(rows, {}) == []
    assert refused_of_filled_down(rows, {78: "=A78  * 2"}) == []
    assert refused_of_filled_down(rows, {79: "=A79*3"}) == []  # one of those that are counted
    wrong = [1, 2, 78, 1000, 1001, 1023, 1025, rows]
    changes = {row: f"=A{row}*3" for row in wrong}
    assert refused_of_filled_down(rows, changes) == [f"B{row}" for row in wrong]
    # One is missing, so that all are read back.
    assert refused_of_filled_down(rows, {79: "=A79*3", 5: None}) == ["B5", "B79"]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("S!$B$2:$C$9", True),
        ("'s'!$B$2:$C$9", True),
        ("S!$B$2:$C$8", False),
        ("T!$B$2:$C$9", False),
        ("0.5", False),
    ],
)
def test_a_name_that_the_engine_holds_otherwise_is_found(text: str, right: bool) -> None:
    class Engine:
        def get_named_ranges(self) -> list[dict[str, object]]:
            corners = {"start_row": 2, "start_col": 2, "end_row": 9, "end_col": 3}
            return [{"name": "Two", "scope_sheet": None, "sheet": "S", **corners}]

    assert misread_name(Engine(), [Name("two", text, None)]) == ("" if right else "two")  # type: ignore[arg-type]
    assert misread_name(Engine(), [Name("two", text, "S")]) == "two"  # type: ignore[arg-type]


def test_constant_names_are_compared() -> None:
    class Engine:
        def get_named_ranges(self) -> list[dict[str, object]]:
            return [{"name": name, "scope_sheet": "", "value": value} for name, value in held]

    held = (("n", -5.0), ("t", 'a"b'), ("l", True))
    right = [Name("n", "-5", None), Name("t", '"a""b"', None), Name("l", "TRUE", None)]
    assert misread_name(Engine(), right) == ""  # type: ignore[arg-type]
    for wrong in (Name("n", "5", None), Name("t", '"ab"', None), Name("l", "FALSE", None)):
        assert misread_name(Engine(), [wrong]) == wrong.name  # type: ignore[arg-type]


def test_what_the_guard_finds_refuses_the_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    data = data_of(book(A1=1, A2="=A1+1", A3="=A1+2"))
    prepared_ = preparation.Prepared(Workbook(data))
    engine = formualizer.Workbook.from_bytes(prepared_.copy())
    engine.evaluate_all()
    prepared_.guard.check(engine)
    assert not any(cell.refusal for cell in prepared_.cells)
    engine.set_formula("Sheet", 3, 1, "=A1+3")
    prepared_.guard.check(engine)
    assert [cell.name for cell in prepared_.cells if cell.refusal == MISREAD] == ["A3"]
    monkeypatch.setattr(guard, "misread_name", lambda *_: "Deal")
    with pytest.raises(FileError, match="does not read the name Deal as it is"):
        prepared_.guard.check(engine)


def test_a_function_of_ours_that_fails_names_its_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its error would be #VALUE! to the engine, and a value of the workbook."""

    def broken(*_: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setitem(SUBSTITUTES, "MOD", broken)
    data = data_of(book(A1="=MOD(5,3)", A2="=IFERROR(MOD(5,3),7)", A3="=1"))
    prepared_ = preparation.Prepared(Workbook(data))
    engine = formualizer.Workbook.from_bytes(prepared_.copy())
    recorder = register(engine, prepared_.checks)
    engine.evaluate_all()
    prepared_.narrow(engine)
    refused = {one.cell: one.reason for one in prepared_.refusals(recorder)}
    assert set(refused) == {"A1", "A2"}
    assert all("RuntimeError: a mistake" in reason for reason in refused.values())


@pytest.mark.parametrize(
    ("formula", "ordered"),
    [
        ("SUM(A2:A1)", "SUM(A1:A2)"),
        ("SUM($B$3:A1,C1:D2)", "SUM(A1:$B$3,C1:D2)"),
        ("S!B1:A2", "S!A1:B2"),
        ('"A2:A1"', '"A2:A1"'),
        ("A1:A2", "A1:A2"),
        ("A:A", "A:A"),
    ],
)
def test_corners_are_named_in_order(formula: str, ordered: str) -> None:
    assert in_order(formula) == ordered


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("CEO_FEE(", "CEO_FEE"),
        ("_xll.CEO_FEE(", "CEO_FEE"),
        ("_xldudf_XLADDIN_CEO_FEE(", "CEO_FEE"),
        ("_xldudf_XLW_CEO_FEE(", "CEO_FEE"),
        ("_xldudf_xlwings_ceo_fee(", "CEO_FEE"),
        ("xlw.ceo_fee(", "CEO_FEE"),
        ("XL.CEO_FEE(", "CEO_FEE"),
        ("my.own.ceo_fee(", "CEO_FEE"),
        ("_xldudf_MY_FIRM_CEO_FEE(", "CEO_FEE"),
        ("_xldudf_XLADDIN_DILUTION(", "DILUTION"),
        ("_xldudf_XL_NOSUCH(", ""),
        ("XL.NOSUCH(", ""),
        (".CEO_FEE(", ""),
        # Words that other add-ins may have for functions of theirs.
        ("_xldudf_BANK_DILUTION(", ""),
        ("_xldudf_XLW_BANK_DILUTION(", ""),
        ("BANK.DILUTION(", ""),
        ("_xldudf_XLW_NOSUCH(", ""),
        ("XLW.NOSUCH(", ""),
        ("STDEV.S(", ""),
    ],
)
def test_names_in_a_namespace(call: str, name: str) -> None:
    assert name_of_ours(call, FUNCTIONS) == name


@pytest.mark.parametrize("engine", ENGINES)
def test_calls_as_an_office_addin_stores_them(engine: str) -> None:
    made = book(A1="=_xldudf_XLADDIN_CEO_FEE(25000000)", A2="=XL.CEO_FEE(25000000)+1")
    found = compute(engine, data_of(made))
    assert found.refusals == ()
    assert [found.values["Sheet"][row, 1] for row in (1, 2)] == [900_000.0, 900_001.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_calls_of_another_office_addin_are_not_ours(engine: str) -> None:
    made = book(A1="=_xldudf_BANK_DILUTION(1,1)")
    parts = parts_of(data_of(made))
    sheet = parts["xl/worksheets/sheet1.xml"]
    stored = sheet.replace(b"</f><v></v>", b"</f><v>42</v>").replace(b"</f><v/>", b"</f><v>42</v>")
    assert stored != sheet
    parts["xl/worksheets/sheet1.xml"] = stored
    [refusal] = compute(engine, packed(parts)).refusals
    assert "_XLDUDF_BANK_DILUTION" in refusal.reason


def test_a_refused_workbook_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    shutil.copy(FILES / "08_sumif_hides_error.xlsx", path)
    before = path.read_bytes()
    with pytest.raises(FileError, match="'Sheet1'!A3 cannot be computed here: SUMIF is given"):
        recalc(path, in_place=True, engine=EMBEDDED)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("A1-A2", 0.0),  # 1234567890123457 and 1234567890123456: fifteen digits are the same
        ("A3-A4", 5.0),
        ("A1-A3", 1234567890123457.0 - 105),
    ],
)
def test_numbers_of_more_than_fifteen_digits_are_subtracted_as_excel_does(
    formula: str, value: float
) -> None:
    cells = {"A1": 1234567890123457, "A2": 1234567890123456, "A3": 105, "A4": 100}
    found = compute(EMBEDDED, data_of(book(**cells, B1=f"={formula}")))
    assert not found.refusals
    assert found.values["Sheet"][1, 2] == value


def test_subtotals_within_a_range_are_passed_over() -> None:
    made = book(A1=1, A2=2, A3="=SUBTOTAL(9,A1:A2)", A4=4, A5="=SUBTOTAL(9,A1:A4)")
    made.active["A6"] = "=_xlfn.AGGREGATE(9,5,A1:A4)"
    made.active["A7"] = "=_xlfn.AGGREGATE(9,1,A1:A4)"
    made.active.row_dimensions[1].hidden = True
    found = compute(EMBEDDED, data_of(made))
    assert [one.cell for one in found.refusals] == ["A7"]
    assert [found.values["Sheet"][row, 1] for row in (3, 5, 6)] == [3.0, 7.0, 9.0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 24.0),
        (" 7 ", 14.0),
        ("1,000", 2000.0),
        ("$2.80", 5.6),
        ("5%", 0.1),
        ("1e3", 2000.0),
        ("2024-03-05", 90712.0),
        ("abc", CellError("#VALUE!")),
        ("5 Mar 2024", None),
        ("1/2", None),
        ("1,00", None),
    ],
)
def test_texts_are_read_as_numbers_where_that_is_exact(text: str, value: Cell) -> None:
    found = compute(EMBEDDED, data_of(book(A1=text, A2="=A1*2", A3="=VALUE(A1)")))
    if value is None:
        assert [one.cell for one in found.refusals] == ["A2", "A3"]
        return
    assert not found.refusals
    assert found.values["Sheet"][2, 1] == value
    half = value / 2 if isinstance(value, float) else value
    assert found.values["Sheet"][3, 1] == half


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("COUNTIF(A1:A4,A5)", "COUNTIF is given a text that Excel may take for"),  # ">" alone
        ('COUNTIF(A1:A4,"<>"&A6)', "COUNTIF is given a number written as text"),
        ('COUNTIFS(D:D,"<>x")', "more than the cells of a sheet"),
        ('COUNTIF(D1:D4,"<>"&NA())', "COUNTIF is given an error"),
        ('OR("",TRUE)', "OR is given an empty text"),
        ("CHAR(129)", "depends on the system"),
        ("IRR(A1:A2)", "not proved"),
        ('SMALL("Hello",1)', "something else than cells"),
        ("IPMT(0.1,3.9,3,8000)", "not proved"),
        ("DAYS360(45992.000001,46000.999999)", "midnight"),
        ("TAN(PI()/2)", "too near to a right one"),
    ],
)
def test_what_excels_files_contradict_is_refused(formula: str, words: str) -> None:
    """Each of these had another value in a workbook that Excel saved."""
    made = book(A1=-2, A2=1, A3="23", A4="x", A5=">", A6=23, B1=f"={formula}")
    found = compute(EMBEDDED, data_of(made))
    assert [one.cell for one in found.refusals] == ["B1"]
    assert words in found.refusals[0].reason


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("DATE(9999,13,-1)", CellError("#NUM!")),
        ("DATE(2024,14,1)", 45689.0),
        ("MOD(10.2,10)", 0.1999999999999993),
        ("MOD(-5,2)", 1.0),
        ("MROUND(7.5,5)", 10.0),
        ("MROUND(-7.5,5)", CellError("#NUM!")),
        ("CEILING(-24,-5)", -25.0),
        ("FLOOR(-24,-5)", -20.0),
        ("_xlfn.FLOOR.PRECISE(0.3,0.1)", 3 * 0.1),
        ('PROPER("it\'s 2nd")', "It'S 2Nd"),
        ('REPLACE("abcdef",3,2,"*")', "ab*ef"),
        ("HOUR(23/24+1/24)+MINUTE(0.5)", 0.0),
        ("HARMEAN(1,2,4)", 12 / 7),
        ('DATEVALUE("2024-02-29 06:00")', 45351.0),
        ("WORKDAY.INTL(41640,24,,41641)", 41675.0),
    ],
)
def test_what_is_computed_by_excels_own_rules(formula: str, value: Cell) -> None:
    found = compute(EMBEDDED, data_of(book(A1=f"={formula}")))
    assert not found.refusals
    assert same(found.values["Sheet"][1, 1], value)


def test_a_number_that_may_be_a_multiple_is_refused() -> None:
    """Six times the part is 2 to fifteen digits only, and the witnesses disagree on it."""
    found = compute(EMBEDDED, data_of(book(A1="=_xlfn.FLOOR.PRECISE(-2,0.333333333333333)")))
    assert [one.cell for one in found.refusals] == ["A1"]


@pytest.mark.parametrize(
    ("formulas", "values"),
    [
        (("A1*2", "A2*2", "A3*3"), (2.0, 4.0, 9.0)),
        (("A1+1", "A2+2", "A3+3"), (2.0, 4.0, 6.0)),
        (("SUM(A$1:A1)", "SUM(A$1:A2)", "SUM(A$1:A3)"), (1.0, 3.0, 6.0)),
        (("SUM(A1:A$2)", "SUM(A2:A$2)", "SUM(A3:A$2)"), (3.0, 2.0, 5.0)),
        (("MID(C1,1,1)", "MID(C2,1,1)", "VDB(A3,1,1,1,1)"), ("x", "x", None)),
    ],
)
def test_formulas_filled_down_are_judged_each_as_it_is(
    formulas: tuple[str, ...], values: tuple[Cell, ...]
) -> None:
    cells: dict[str, object] = {f"A{row}": float(row) for row in (1, 2, 3)}
    cells |= {f"C{row}": "xy" for row in (1, 2, 3)}
    cells |= {f"B{row}": f"={text}" for row, text in enumerate(formulas, 1)}
    found = compute(EMBEDDED, data_of(book(**cells)))
    assert [one.cell for one in found.refusals] == (["B3"] if values[2] is None else [])
    for row, value in enumerate(values, 1):
        assert value is None or found.values["Sheet"][row, 2] == value
