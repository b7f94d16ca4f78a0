import datetime
import io
import itertools
import math
from typing import Final

import formualizer
import openpyxl
import pytest
from openpyxl.utils import FORMULAE
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

from xladdin.cells import Cell, CellError
from xladdin.engines.embedded import bridge
from xladdin.engines.embedded import compute as embedded
from xladdin.engines.embedded.bridge import cell_of, register
from xladdin.engines.embedded.compute import compute, evaluate
from xladdin.engines.proved_table import EXCELS
from xladdin.errors import FileError
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS
from xladdin.xlsx.workbook_part import Workbook, column_letters


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=CEO_FEE(25000000)", 900000.0),
        ("CEO_FEE(2000000,9000000)", 75000.0),
        ('=CEO_FEE(8400000,0,"NEOT-2001/OTHER")', 336000.0),
        ("=CANTOR_WARRANTS(4840)", 484.0),
        ("=CLASSB_EXERCISE_PRICE(40,,25)", 38.8),
        ("=CLASSB_EXERCISE_PRICE(4.99)", 4.7405),
        ("= SUM( CEO_FEE({1000000,2000000}) )", 120000.0),
        ("=TRADING_DAY(DATE(2001,9,10),1)", 37151.0),
        ("=CLASSB_AVAILABLE(2)", True),
        ('="a"&"b"', "ab"),
        ("=1/0", CellError("#DIV/0!")),
        ("=CEO_FEE(1/0)", CellError("#DIV/0!")),
        ("=IFERROR(CEO_FEE(-1),7)", 7.0),
        ("=CEO_FEE(Z1)", 0.0),
        ("={1,2;3,4}", [[1.0, 2.0], [3.0, 4.0]]),
        ("=CEO_FEE({100;-1;200})", [[4.0], [CellError("#NUM!")], [8.0]]),
        ("=@CEO_FEE({100;200})", 4.0),
        # INDEX of an error is the error, whatever the place.
        ('=INDEX(OFFERING_DILUTION("x",1,1,1,1),2)', CellError("#VALUE!")),
        ("=INDEX(OFFERING_DILUTION(-1,1,1,1,1),1,5)", CellError("#NUM!")),
        ("=INDEX(OFFERING_DILUTION(2,10,100,100,1),2)", 1.0),
    ],
)
def test_one_formula(formula: str, expected: object) -> None:
    assert evaluate(formula).value == expected


@pytest.mark.parametrize(
    ("formula", "code", "words"),
    [
        ("=CEO_FEE(25000000.01)", "#NUM!", "capacity"),
        ('=CEO_FEE("x")', "#VALUE!", "gross"),
        ('=CEO_FEE(1,0,"NONE")', "#REF!", "NONE"),
        ("=CEO_FEE()", "#VALUE!", "takes 1 to 3 arguments"),
        ("=CEO_FEE(1,2,3,4)", "#VALUE!", "takes 1 to 3 arguments"),
        ("=CEO_FEES(1)", "#NAME?", 'such as CEO_FEE; got "CEO_FEES"'),
        ("=IF(TRUE,1,NOSUCH())", "#NAME?", "NOSUCH"),
        ("=nosuch", "#NAME?", "names that are known"),
        ("=1+", "#NAME?", "cannot read it"),
        ("=)(", "#NAME?", "cannot read it"),
        ("=", "#NAME?", "cannot read it"),
        ("=SUM(A:XFD)", "#REF!", "refers to itself"),
        ("=SUM((A1,A2))", "#VALUE!", "several ranges joined"),
        ("=MEDIAN(EVEN({1,2}))", "#VALUE!", "EVEN is given a range"),
    ],
)
def test_what_is_wrong_is_said(formula: str, code: str, words: str) -> None:
    found = evaluate(formula)
    assert found.value == CellError(code)
    assert words in str(found.reasons[0])


def test_every_function_is_there() -> None:
    workbook = formualizer.Workbook()
    workbook.add_sheet("S")
    register(workbook)
    for row, name in enumerate(FUNCTIONS, 1):
        workbook.set_formula("S", row, 1, f"={name}()")
    workbook.evaluate_all()
    for row, name in enumerate(FUNCTIONS, 1):
        assert cell_of(workbook.get_value("S", row, 1)) != CellError("#NAME?"), name


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (None, None),
        (True, True),
        (2, 2.0),
        ("t", "t"),
        (math.nan, CellError("#NUM!")),
        (-math.inf, CellError("#NUM!")),
        ({"type": "Error", "kind": "Na"}, CellError("#N/A")),
        ({"type": "Error", "kind": "Spill"}, CellError("#SPILL!")),
        (datetime.date(2001, 9, 10), 37144.0),
        (datetime.datetime(2001, 9, 10, 12), 37144.5),
        (datetime.time(6), 0.25),
        (datetime.timedelta(days=1, hours=12), 1.5),
        ("x" * 32768, CellError("#VALUE!")),
        (object(), CellError("#VALUE!")),
    ],
)
def test_values_from_the_engine(raw: object, expected: Cell) -> None:
    found = cell_of(raw)
    assert found == expected
    assert type(found) is type(expected)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute in this process, where a test can look on."""
    monkeypatch.setattr(embedded, "bounded", lambda function, _: function)


@pytest.mark.usefixtures("here")
def test_arguments_and_results_cross_the_border(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def spy(_self: Function, arguments: object, _report: object = None) -> object:
        seen.append(arguments)
        return [[1.0, CellError("#N/A")], ["t", math.inf]]

    monkeypatch.setattr(Function, "evaluate", spy)
    found = evaluate('=CEO_FEE({1,TRUE;"t",#N/A},A1,,)')
    assert seen == [[[[1.0, True], ["t", CellError("#N/A")]], None, None, None]]
    assert found.value == [[1.0, CellError("#N/A")], ["t", CellError("#NUM!")]]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("error", [ZeroDivisionError("ours"), KeyboardInterrupt()])
def test_our_own_mistakes_are_not_hidden(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Function, "evaluate", fail)
    with pytest.raises(type(error)):
        evaluate("=IFERROR(CEO_FEE(1),2)")


def test_which_functions_the_engine_lacks() -> None:
    """The list of what it lacks is the engine's of this version."""
    lacking = bridge.unknown(sorted(FORMULAE | EXCELS | {"XLOOKUP", "LET", "LAMBDA"}))
    assert lacking - {"ECMA.CEILING"} == EXCELS


def book(**cells: object) -> bytes:
    made = openpyxl.Workbook()
    for name, value in cells.items():
        made.active[name] = value
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def test_any_cell_has_a_value() -> None:
    found = compute(book(A1=2, A2="=A1*2", A3="t"))
    assert [found.value("Sheet", row, 1) for row in range(1, 5)] == [2.0, 4.0, "t", None]
    assert found.values == {"Sheet": {(2, 1): 4.0}}
    assert found.formulas == 1


def test_reasons_are_kept() -> None:
    found = compute(book(A1="=CEO_FEE(-1)"))
    assert found.value("Sheet", 1, 1) == CellError("#NUM!")
    assert [(reason.function, reason.argument) for reason in found.reasons or ()] == [
        ("CEO_FEE", "gross")
    ]


def test_ordinary_formulas_never_spill() -> None:
    """Excel shows the first value of what a function of ours returns, and fills nothing."""
    found = compute(book(A1=100, A2=200, B1="=CEO_FEE(A1:A2)", C1="=SUM(B1:B9)"))
    assert [found.value("Sheet", 1, column) for column in (2, 3)] == [4.0, 4.0]
    assert found.value("Sheet", 2, 2) is None
    assert found.refusals == ()
    blocked = compute(book(A1=100, A2=200, B1="=CEO_FEE(A1:A2)", B2=9))
    assert [blocked.value("Sheet", row, 2) for row in (1, 2)] == [4.0, 9.0]


EXPLAINED: Final[list[list[Cell]]] = [
    ["Step", "Amount", "Rate or factor", "Result", "Source"],
    ["Sold before under the agreement", 9e6, "", 9e6, ""],
    ["Tier 1, from 0 to 10,000,000", 1e6, 0.04, 40e3, "cover, S-11"],
    ["Tier 2, from 10,000,000 to 20,000,000", 1e6, 0.035, 35e3, "cover, S-11"],
    ["Commission", 2e6, "", 75e3, "cover, S-11"],
]
NA: Final = CellError("#N/A")


@pytest.mark.parametrize(("rows", "columns"), [(5, 5), (7, 6), (2, 3), (5, 1), (1, 5), (8, 2)])
def test_a_derivation_in_an_array_formula(rows: int, columns: int) -> None:
    """A range larger than the result is filled up with #N/A; a smaller one shows its corner."""
    area = f"D2:{column_letters(3 + columns)}{1 + rows}"
    formula = ArrayFormula(area, '=EXPLAIN("CEO_FEE",A1,A2)')
    found = compute(book(A1=2_000_000, A2=9_000_000, D2=formula))
    assert found.refusals == ()
    shown = [
        [found.value("Sheet", 2 + row, 4 + col) for col in range(columns)] for row in range(rows)
    ]
    assert shown == [
        [EXPLAINED[row][col] if row < 5 and col < 5 else NA for col in range(columns)]
        for row in range(rows)
    ]
    assert found.value("Sheet", 2, 4 + columns) is None
    assert found.value("Sheet", 2 + rows, 4) is None


def test_a_derivation_in_words_in_an_array_formula() -> None:
    cells = book(A1=26_000_000, C1=ArrayFormula("C1:G2", '=EXPLAIN("CEO_FEE",A1)'))
    found = compute(cells)
    said, *_, result, source = (found.value("Sheet", 2, column) for column in range(3, 8))
    assert str(said).startswith("CEO_FEE: gross must not exceed")
    assert (result, source) == (CellError("#NUM!"), "rule as in NEOT-2001, cover, S-11, S-12")


def test_a_derivation_over_ranges() -> None:
    formula = ArrayFormula("D1:H4", '=EXPLAIN("CANTOR_EXERCISE_PRICE",A1:A3,B1:B3)')
    found = compute(book(A1=1000, A3=3000, B1=4, B3=4.5, D1=formula))
    assert [found.value("Sheet", row, 7) for row in (1, 3, 4)] == ["Result", 4.375, 5.6875]
    assert found.refusals == ()


def test_an_ordinary_formula_shows_a_derivations_first_cell() -> None:
    found = compute(
        book(A1='=EXPLAIN("CEO_FEE",2000000,9000000)', A2='=INDEX(EXPLAIN("CEO_FEE",1),3,4)')
    )
    assert found.value("Sheet", 1, 1) == "Step"
    assert found.value("Sheet", 2, 1) == 0.04
    assert found.refusals == ()


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("=SUMPRODUCT(CODE(B1:B3))", "CODE is given a range"),
        ("=A1", "refers to itself"),
        ("=VDB(1,2,3,4,5)", "not proved to compute VDB"),
        ("=_xlfn.WHATEVER(1)", "not proved to compute WHATEVER"),
        ("=SUM((B1,B2))", "several ranges joined"),
        ("=1+", "cannot read it"),
    ],
)
def test_what_cannot_be_trusted_is_refused(formula: str, words: str) -> None:
    found = compute(book(A1=formula, A2="=1"))
    assert [(one.sheet, one.cell) for one in found.refusals] == [("Sheet", "A1")]
    assert words in found.refusals[0].reason
    with pytest.raises(FileError, match=r"b\.xlsx: 'Sheet'!A1 cannot be computed here"):
        found.require("b.xlsx")


@pytest.mark.parametrize(
    "formula",
    [
        "{1;2;3}",
        "Three",
        "Same",
        "IF(B1:B3>0,B1:B3)",
        "IF(TRUE,Three)",
        "INDEX(B1:B3,0)",
        "INDEX(B1:C3,0,1)",
        "CHOOSE(1,B1:B3)",
        "OFFSET(B1,0,0,3)",
        'INDIRECT("B1:B3")',
        "SEQUENCE(3)",
        "SORT(B1:B3)",
        "_xlfn.LET(_xlpm.x,B1:B3,_xlpm.x)",
        "_xlfn.UNIQUE(B1:B3)",
    ],
)
def test_what_spills_is_found_out(formula: str) -> None:
    cells = openpyxl.load_workbook(io.BytesIO(book(A1=f"={formula}", B1=3, B2=1, B3=2)))
    for name, text in (("Three", "Sheet!$B$1:$B$3"), ("Same", "Three")):
        cells.defined_names[name] = DefinedName(name, attr_text=text)
    data = io.BytesIO()
    cells.save(data)
    found = compute(data.getvalue())
    assert [one.cell for one in found.refusals] == ["A1"]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("B1:B3", 3.0),
        ("(B1:B3)", 3.0),
        ("-B1:B3", -3.0),
        ("IFERROR(1/B1:B3,0)", 1 / 3),
        ("SUM(B1:B3*C1:C3)", 30.0),
        ("ROUND(B1:B3/2,0)", 2.0),
        ("B2:B3*2", CellError("#VALUE!")),
        ("SUMPRODUCT(B1:B3*C1:C3)", 100.0),
        ("B:B*2", 6.0),
    ],
)
def test_a_range_stands_for_the_cell_in_line_with_the_formula(formula: str, value: object) -> None:
    """As in Excel, where an ordinary formula takes one cell of a range that it cannot use whole."""
    found = compute(book(A1=f"={formula}", B1=3, B2=1, B3=2, C1=10, C2=30, C3=20))
    assert found.refusals == ()
    assert found.value("Sheet", 1, 1) == value


def test_a_name_that_nobody_knows_is_an_error_value() -> None:
    found = compute(book(A1="=NOSUCH(1)", A2="=nosuch"))
    assert found.refusals == ()
    assert [found.value("Sheet", row, 1) for row in (1, 2)] == [CellError("#NAME?")] * 2


def test_links_to_other_workbooks_are_refused() -> None:
    found = compute(book(A1="=[1]Sheet1!A1", A2="=1+1"), "b.xlsx")
    assert [(one.cell, "link" in one.reason) for one in found.refusals] == [("A1", True)]
    assert found.value("Sheet", 2, 1) == 2.0


def test_dates_from_1904_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Workbook, "counts_from_1904", True)
    with pytest.raises(FileError, match="1904"):
        compute(book(A1="=1"))


def test_volatile_functions_are_computed() -> None:
    today = (datetime.date.today() - datetime.date(1899, 12, 30)).days
    found = compute(book(A1="=TODAY()", A2="=RAND()<1"))
    assert found.value("Sheet", 1, 1) in (float(today), float(today + 1))
    assert found.value("Sheet", 2, 1) is True


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("IF(T[[#This Row],[Day]]<MAX(INDEX(T[Day],1):T[[#This Row],[Day]]),1,0)", [0, 0, 1, 0]),
        ("IF(SUM(T[[#This Row],[Day]]:INDEX(T[Day],4))>60,1,0)", [1, 1, 0, 0]),
        ("MOD(T[[#This Row],[Day]],25)", [10, 5, 20, 15]),
    ],
)
@pytest.mark.parametrize("first_column", [1, 702, 703])
def test_each_row_of_a_table_has_its_own_cells(
    formula: str, expected: list[object], first_column: int
) -> None:
    """What was judged for one row must not bring that row's cells into the others."""
    made = openpyxl.Workbook()
    sheet = made.active
    day, asked = column_letters(first_column), column_letters(first_column + 1)
    sheet[f"{day}1"], sheet[f"{asked}1"] = "Day", "Asked"
    for row, value in enumerate([10, 30, 20, 40], 2):
        sheet[f"{day}{row}"], sheet[f"{asked}{row}"] = value, f"={formula}"
    sheet.add_table(Table(displayName="T", name="T", ref=f"{day}1:{asked}5"))
    buffer = io.BytesIO()
    made.save(buffer)
    computed = compute(buffer.getvalue())
    assert computed.refusals == ()
    values = computed.values["Sheet"]
    assert [values[row, first_column + 1] for row in range(2, 6)] == expected


def test_ranges_with_computed_corners_wait_for_all_their_cells() -> None:
    """Whatever the order of the cells: each column reads the one to its right, which is computed.

    The engine computes too early what a range from CHOOSE or IF on holds; see `test_judging`.
    """
    for turned in itertools.product([False, True], repeat=4):
        cells: dict[str, object] = {}
        expected: dict[str, float] = {}
        before = {row: float(row * row) for row in range(1, 7)}
        cells |= {f"H{row}": value for row, value in before.items()}
        for column, right, up in zip("GFED", "HGFE", turned, strict=True):
            values: dict[int, float] = {}
            for row in range(6, 0, -1) if up else range(1, 7):
                first, last = (row, 6) if up else (1, row)
                found = [before[at] for at in range(first, last + 1)]
                area = f"{right}1:{right}6"
                texts = (
                    f"SUM(INDEX({area},{first}):{right}{last})",
                    f"SUM({right}{first}:INDEX({area},{last}))",
                    f"SUM(INDEX({area},{last}):INDEX({area},{first}))",
                    f"SUM(OFFSET(A1,{first - 1},COLUMN({right}1)-1,{last - first + 1},1))",
                    f'SUM(INDIRECT("{right}{first}:{right}"&{last}))',
                )
                values[row] = sum(found)
                cells[f"{column}{row}"] = f"={texts[row % 5]}"
                expected[f"{column}{row}"] = values[row]
            before = values
        assert computed_cells(cells) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("A2:A3", 5.0), ("$a$2:A$3", 5.0), ("Sheet!A3", 3.0), ("'Sheet'!A2:A3", 5.0)],
)
def test_the_address_that_a_text_is(text: str, expected: float) -> None:
    computed = compute(book(A2=2, A3=3, B1=text, C1="=SUM(INDIRECT(B1))"))
    assert computed.refusals == ()
    assert computed.values["Sheet"][1, 3] == expected


@pytest.mark.parametrize(
    "text", ["A3:A2", "B2:A3", " A2", "A0", "", "XFE1", "A1048577", "R2C1", "A2:Sheet!A3", "A2,A3"]
)
def test_a_text_that_is_no_plain_address_is_refused(text: str) -> None:
    """Of these the engine makes #NAME? or #REF!, which is not what Excel makes of each."""
    computed = compute(book(A2=2, A3=3, B1=text, B2='=B1&""', C1="=IFERROR(SUM(INDIRECT(B2)),0)"))
    assert [item.cell for item in computed.refusals] == ["C1"]


def computed_cells(cells: dict[str, object]) -> dict[str, Cell]:
    """Compute a sheet, and return what its formulas give."""
    computed = compute(book(**cells))
    assert computed.refusals == ()
    formulas = [name for name, value in cells.items() if str(value).startswith("=")]
    values = computed.values["Sheet"]
    return {name: values[int(name[1:]), ord(name[0]) - ord("A") + 1] for name in formulas}


def test_a_formula_that_refers_to_its_neighbours_is_computed_where_it_is() -> None:
    assert embedded.evaluate("=ROW()").value == 1.0


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("_xlfn.ISFORMULA(A2)", True),
        ("_xlfn.ISFORMULA(A3)", False),
        ("_xlfn.ISFORMULA( $A$1 )", False),
        ("SUMPRODUCT(1-_xlfn.ISFORMULA(A1:B3))", 4.0),
        ("SUMPRODUCT(--_xlfn.ISFORMULA(T[[#This Row],[Left]:[Right]]))", 1.0),
        ("SUMPRODUCT(1-_xlfn.ISFORMULA('It''s'!A1:B1))", 1.0),
        ('IF(_xlfn.ISFORMULA(B3),"ISFORMULA(","no")', "ISFORMULA("),
    ],
)
def test_isformula_is_answered_from_the_file(formula: str, expected: object) -> None:
    computed = compute(book_asking(formula))
    assert computed.refusals == ()
    assert computed.value("S", 3, 3) == expected


@pytest.mark.parametrize("formula", ["ISFORMULA(Here)", "ISFORMULA(INDEX(A1:A3,1))"])
def test_isformula_of_anything_else_is_refused(formula: str) -> None:
    computed = compute(book_asking(f"_xlfn.{formula}"))
    assert [(item.cell, "ISFORMULA" in item.reason) for item in computed.refusals] == [("C3", True)]


def book_asking(formula: str) -> bytes:
    """Make a workbook with formulas in S!A2, S!B3 and It's!A1, and one more in S!C3."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "S"
    for row in (["Left", "Right", "Asked"], ["=1", 5, None], [7, "=A3*2", f"={formula}"]):
        sheet.append(row)
    other = workbook.create_sheet("It's")
    other["A1"], other["B1"] = "=1", 1
    workbook.defined_names["Here"] = DefinedName("Here", attr_text="S!$A$2")
    sheet.add_table(Table(displayName="T", name="T", ref="A1:C3"))
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("changed", [False, True])
def test_isformula_of_long_columns(changed: bool) -> None:
    """As many answers as a long log asks for are no list that could be read."""
    made = openpyxl.Workbook()
    for row in range(1, 2_001):
        made.active.cell(row, 1, f"={row}")
    if changed:
        made.active["A7"] = 5
    made.active["C1"] = "=SUMPRODUCT(1-_xlfn.ISFORMULA(A1:A2000))"
    made.active["C2"] = "=SUMPRODUCT(1-_xlfn.ISFORMULA(E1:F2000))"
    buffer = io.BytesIO()
    made.save(buffer)
    computed = embedded.compute(buffer.getvalue())
    assert computed.refusals == ()
    assert [computed.values["Sheet"][row, 3] for row in (1, 2)] == [changed, 4_000]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("FIXED(573.925,2)", "573.93"),
        ("FIXED(276.155)", "276.16"),
        ("FIXED(-2.5,0)", "-3"),
        ("FIXED(1234567.891,1)", "1,234,567.9"),
        ("FIXED(1.1*1.1,2)", "1.21"),
    ],
)
def test_fixed_rounds_what_a_sheet_shows(formula: str, value: str) -> None:
    assert evaluate(formula).value == value


@pytest.mark.parametrize("formula", ["FIXED(0.1+0.2-0.05,1)", "FIXED(-0.001,2)", "FIXED(1E+15,0)"])
def test_fixed_is_refused_where_rounding_is_not_known(formula: str) -> None:
    assert "FIXED is given" in str(evaluate(formula).reasons[0])
