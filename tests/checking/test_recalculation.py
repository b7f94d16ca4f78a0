import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from offices import needs_office
from openpyxl.chart import LineChart, Reference
from openpyxl.formatting.rule import CellIsRule
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table
from packages import parts_of

from xladdin.checking.recalc import recalc, store
from xladdin.errors import FileError
from xladdin.xlsx.package import Package

DATA = "xl/worksheets/sheet1.xml"
CALC = "xl/worksheets/sheet2.xml"

FORMULAS: dict[str, tuple[str, object]] = {
    "B1": ("=SUM('My data'!B2:B4)", 6_000_000),
    "B2": ('=IF(B1>5000000,"much","little")', "much"),
    "B3": ("=INDEX('My data'!B2:B4,2)", 2_000_000),
    "B4": ("=CEO_FEE(B1,,Deal)", 240_000),
    "B5": ("=CEO_FEE(Total,Half)", 240_000),
    "B6": ("=SUM(Log[Gross])", 6_000_000),
    "B7": ("=ROWS(Log)&Log[[#Headers],[Gross]]", "3Gross"),
    "B8": ("=CEO_FEE(-1)", "#NUM!"),
    "B9": ('=CEO_FEE("x")', "#VALUE!"),
    "B10": ("=ISERROR(B8)", True),
    "B11": ("=CLASSB_EXERCISE_PRICE(40,,25)", 38.8),
    "B12": ("=xladdin.xlam!CEO_FEE(1000000)", 40_000),
    "B13": ("=1/3", 1 / 3),
    "B14": ("='My data'!Z99", 0),
    "B15": ("=SUM(Dynamic)", 3_000_000),
    "B16": ("=VLOOKUP(DATE(2001,11,2),'My data'!A2:C4,2,FALSE)", 2_000_000),
    "B17": ("=SUM(B19:B21)", 240_000),
    "B18": ('=" <a&b> "', " <a&b> "),
}


def example() -> openpyxl.Workbook:
    """A workbook such as a user has: two sheets, a table, names, a chart, formats, a note."""
    book = openpyxl.Workbook()
    data = book.active
    data.title = "My data"
    data.append(["Date", "Gross", "Fee"])
    for number in (1, 2, 3):
        data.append(
            [37195 + number, number * 1_000_000, "=CEO_FEE(Log[[#This Row],[Gross]],,Deal)"]
        )
    data["A2"].number_format = "yyyy-mm-dd"
    data.add_table(Table(displayName="Log", ref="A1:C4"))
    chart = LineChart()
    chart.add_data(Reference(data, min_col=2, min_row=1, max_row=4), titles_from_data=True)
    data.add_chart(chart, "F2")
    calc = book.create_sheet("Calc")
    for name, (formula, _) in FORMULAS.items():
        calc[name] = formula
    calc["B19"] = ArrayFormula("B19:B21", "=CEO_FEE('My data'!B2:B4)")
    calc["A1"] = "note"
    calc.conditional_formatting.add("B1:B9", CellIsRule(operator="greaterThan", formula=["B3"]))
    for name, text in {
        "Deal": '"NEOT-2001"',
        "Total": "Calc!$B$1",
        "Half": "0",
        "Dynamic": "OFFSET('My data'!$B$2,0,0,2,1)",
    }.items():
        book.defined_names[name] = DefinedName(name, attr_text=text)
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def edited(data: bytes, part: str, old: str, new: str) -> bytes:
    content = parts_of(data)[part].decode()
    assert old in content
    return Package(data).with_changes({part: content.replace(old, new).encode()})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "mine.xlsx"
    found.write_bytes(saved(example()))
    return found


def without_values(part: bytes) -> bytes:
    """A sheet without what recalculation may change."""
    # The cells that the array formula fills are made, and the sheet reaches down to them.
    part = re.sub(rb'(<dimension ref="A1:B)(?:19|21)"', rb"\1", part)
    part = re.sub(rb"<row r=\"2[01]\"><c r=\"B2[01]\"><v>\d+</v></c></row>", b"", part)
    part = re.sub(rb'(<c [^>]*?)(?: t="\w+")?(>\s*<f)', rb"\1\2", part)
    return re.sub(rb"</f><v[^>]*?(/>|>[^<]*</v>)", b"</f>", part)


def test_a_users_workbook(path: Path) -> None:
    before = path.read_bytes()
    done = recalc(path, in_place=True)
    assert (done.path, done.sheets, done.formulas) == (path, 2, 3 + len(FORMULAS) + 1)
    assert (done.changed, done.errors, done.written) == (3 + len(FORMULAS) + 3, 2, True)
    assert b'<dimension ref="A1:B21"' in parts_of(path.read_bytes())[CALC]
    values = openpyxl.load_workbook(path, data_only=True)
    for name, (_, expected) in FORMULAS.items():
        assert values["Calc"][name].value == expected, name
    assert [values["Calc"][f"B{row}"].value for row in (19, 20, 21)] == [40_000, 80_000, 120_000]
    assert [values["My data"][f"C{row}"].value for row in (2, 3, 4)] == [40_000, 80_000, 120_000]
    old, new = parts_of(before), parts_of(path.read_bytes())
    assert list(old) == list(new)
    for name in old:
        if name in (DATA, CALC):
            assert old[name] != new[name]
            assert without_values(old[name]) == without_values(new[name])
        else:
            assert old[name] == new[name]


def test_twice_changes_nothing(path: Path) -> None:
    recalc(path, in_place=True)
    first = path.read_bytes()
    done = recalc(path, in_place=True)
    assert (done.changed, done.written) == (0, False)
    assert path.read_bytes() == first


def test_a_copy_is_kept_of_another_workbook_in_the_folder(path: Path) -> None:
    out = path.parent / "done" / path.name
    first = recalc(path, out=out)
    assert (first.written, first.kept) == (True, None)
    ours = out.read_bytes()
    again = recalc(path, out=out)
    assert (again.written, again.kept) == (False, None)
    # Somebody types into the recalculated one, which takes another value for it, too.
    theirs = edited(ours, DATA, "<v>1000000</v>", "<v>1500000</v>")
    out.write_bytes(theirs)
    third = recalc(path, out=out)
    assert third.written
    assert third.kept == out.with_name("mine.before-recalc.xlsx")
    assert third.kept.read_bytes() == theirs
    assert out.read_bytes() == ours
    # What differs in the values of formulas alone is an older calculation of the same workbook.
    out.write_bytes(edited(ours, DATA, "<v>40000</v>", "<v>1</v>"))
    fourth = recalc(path, out=out)
    assert (fourth.written, fourth.kept) == (True, None)
    # What is no workbook at all is kept as well.
    out.write_bytes(b"notes")
    fifth = recalc(path, out=out)
    assert fifth.kept == out.with_name("mine.before-recalc 2.xlsx")
    assert fifth.kept.read_bytes() == b"notes"
    assert sorted(one.name for one in out.parent.iterdir()) == [
        "mine.before-recalc 2.xlsx",
        "mine.before-recalc.xlsx",
        "mine.xlsx",
    ]


def test_stale_values_are_counted(path: Path) -> None:
    recalc(path, in_place=True)
    path.write_bytes(edited(path.read_bytes(), DATA, "<v>1000000</v>", "<v>1500000</v>"))
    done = recalc(path, in_place=True)
    assert done.changed == len(["C2", "B1", "B4", "B5", "B6", "B15", "B17", "B19"])


def test_nothing_is_written_unless_asked(path: Path) -> None:
    before = path.read_bytes()
    assert not recalc(path).written
    assert path.read_bytes() == before


def test_copies(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    assert recalc(path, out=tmp_path / "new" / "folder").path.name == "mine.xlsx"
    assert recalc(path, out=tmp_path / "other.xlsx").path == tmp_path / "other.xlsx"
    assert path.read_bytes() == before
    assert (tmp_path / "other.xlsx").read_bytes() == (
        tmp_path / "new" / "folder" / "mine.xlsx"
    ).read_bytes()
    with pytest.raises(FileError, match="kind differs"):
        recalc(path, out=tmp_path / "other.xlsm")
    with pytest.raises(ValueError, match="not both"):
        recalc(path, out=tmp_path, in_place=True)


def test_an_engine_that_is_not_known(path: Path) -> None:
    with pytest.raises(FileError, match="'abacus' is not known; there is: auto, embedded"):
        recalc(path, engine="abacus")


@pytest.mark.long
@needs_office
def test_both_engines_store_the_same(path: Path, tmp_path: Path) -> None:
    """Values, their kinds, and everything else byte for byte."""
    before = path.read_bytes()
    done = {
        engine: recalc(path, out=tmp_path / engine, engine=engine)
        for engine in ("embedded", "libreoffice")
    }
    assert path.read_bytes() == before
    assert done["libreoffice"].path.read_bytes() == done["embedded"].path.read_bytes()
    assert done["libreoffice"].changed == 3 + len(FORMULAS) + 3
    assert recalc(done["embedded"].path, engine="libreoffice").changed == 0
    old, new = parts_of(before), parts_of(done["libreoffice"].path.read_bytes())
    for name in old:
        if name in (DATA, CALC):
            assert without_values(old[name]) == without_values(new[name])
        else:
            assert old[name] == new[name]


@needs_office
@pytest.mark.parametrize("formula", ["=THEIRS(1)", "=IFERROR(THEIRS(1),2)", "=No_such_name"])
def test_libreoffice_stores_no_name_that_it_does_not_know(path: Path, formula: str) -> None:
    book = openpyxl.load_workbook(path)
    book["Calc"]["B3"] = formula
    book.save(path)
    before = path.read_bytes()
    with pytest.raises(FileError, match=r"'Calc'!B3 cannot be computed here: .* know"):
        recalc(path, in_place=True, engine="libreoffice")
    assert path.read_bytes() == before


@needs_office
def test_libreoffice_keeps_logicals(tmp_path: Path) -> None:
    """It has no such kind; a cell that is TRUE in Excel must not become a 1."""
    book = openpyxl.Workbook()
    sheet = book.active
    for formula in (
        "=CLASSB_AVAILABLE(5)",
        "=A1",
        "=NOT(A1)",
        "=VLOOKUP(1,{1,2},2,FALSE)=2",
        "=IF(A1,A3,0)",
        "=--A1",
    ):
        sheet.append([formula])
    sheet["A7"] = ArrayFormula("A7:A8", "=CLASSB_AVAILABLE(B7:B8)")
    sheet["B7"], sheet["B8"] = 5, 1.5
    path = tmp_path / "logicals.xlsx"
    path.write_bytes(saved(book))
    values = {}
    for engine in ("embedded", "libreoffice"):
        done = recalc(path, out=tmp_path / engine, engine=engine)
        stored = openpyxl.load_workbook(done.path, data_only=True).active
        values[engine] = [stored[f"A{row}"].value for row in range(1, 9)]
    assert values["libreoffice"] == [True, True, False, True, False, 1, True, False]
    assert [*map(type, values["libreoffice"])] == [*map(type, values["embedded"])]
    assert values["libreoffice"] == values["embedded"]


def test_an_open_workbook_is_left_alone(path: Path) -> None:
    before = path.read_bytes()
    path.with_name("~$mine.xlsx").write_bytes(b"")
    with pytest.raises(FileError, match="open in Excel"):
        recalc(path, in_place=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.xlsx", None, "no such file"),
        ("old.xls", b"", "not named as"),
        ("book.xlsx", b"text", "not a workbook"),
        ("book.xlsx", b"PK\x03\x04", "not a workbook"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=words):
        recalc(tmp_path / name, in_place=True)


def test_a_formula_that_cannot_be_computed_changes_nothing(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book["Calc"]["B3"] = "=VDB(1,2,3,4,5)"
    book.save(path)
    before = path.read_bytes()
    with pytest.raises(FileError, match=r"'Calc'!B3 cannot be computed here: .* VDB"):
        recalc(path, in_place=True)
    assert path.read_bytes() == before


def test_somebody_elses_function_is_refused_where_it_had_a_value(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book["Calc"]["B3"] = "=THEIRS(1)"
    data = saved(book)
    path.write_bytes(data)
    assert recalc(path, in_place=True).errors == 3
    # openpyxl writes an empty value in one of three ways, by what XML library it finds.
    empty = re.search(r"<f>THEIRS\(1\)</f>(<v></v>|<v ?/>)", parts_of(data)[CALC].decode())
    assert empty
    path.write_bytes(edited(data, CALC, empty[0], "<f>THEIRS(1)</f><v>5</v>"))
    with pytest.raises(FileError, match="THEIRS is not known here"):
        recalc(path, in_place=True)


def test_signed_workbooks_are_left_alone(path: Path) -> None:
    rel = (
        '<Relationship Id="rIdS" Target="_xmlsignatures/origin.sigs" Type="http://schemas.'
        'openxmlformats.org/package/2006/relationships/digital-signature/origin"/>'
    )
    data = edited(path.read_bytes(), "_rels/.rels", "</Relationships>", rel + "</Relationships>")
    path.write_bytes(data)
    with pytest.raises(FileError, match="signed"):
        recalc(path, in_place=True)
    assert path.read_bytes() == data


def test_shared_formulas() -> None:
    """openpyxl writes none; Excel writes them for every formula that was filled down."""
    book = openpyxl.Workbook()
    for row in (1, 2, 3):
        book.active.append([row * 100, f"=F{row}"])
    data = saved(book)
    for row, formula in {
        1: '<f t="shared" ref="B1:B3" si="0">CEO_FEE(A1,)+$A$1</f>',
        2: '<f t="shared" si="0"/>',
        3: '<f t="shared" si="0"></f>',
    }.items():
        data = edited(data, DATA, f"<f>F{row}</f>", formula)
    new, computed = store(data)
    assert computed.values["Sheet"] == {(1, 2): 104.0, (2, 2): 108.0, (3, 2): 112.0}
    assert b'<f si="0" t="shared"></f><v>108</v>' in parts_of(new)[DATA]


def array_book(formula: str, area: str, **cells: object) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (1, 2, 3):
        sheet.cell(row, 1, row)
    for name, value in cells.items():
        sheet[name] = value
    sheet[area.partition(":")[0]] = ArrayFormula(area, formula)
    return saved(book)


@pytest.mark.parametrize(
    ("formula", "area", "expected"),
    [
        ("=A1:A3*2", "C1:C3", [[2], [4], [6]]),
        ("=A1:A3*2", "C1:C2", [[2], [4]]),
        ("=A1:A3*2", "C1:D4", [[2, 2], [4, 4], [6, 6], ["#N/A", "#N/A"]]),
        ("=TRANSPOSE(A1:A3)", "C1:F2", [[1, 2, 3, "#N/A"], [1, 2, 3, "#N/A"]]),
        ("=5", "C1:C3", [[5], [5], [5]]),
        ("=1/0", "C1:C2", [["#DIV/0!"], ["#DIV/0!"]]),
        ("=A1:A3*2", "C1", [[2]]),
        ("=SUM(A1:A3*A1:A3)", "C1", [[14]]),
        ("=CEO_FEE(A1:A3*100,,)", "C1:C3", [[4], [8], [12]]),
        ("=A1:A3&Z1:Z3", "C1:C2", [["1"], ["2"]]),
    ],
)
def test_array_formulas(formula: str, area: str, expected: list[list[object]]) -> None:
    """Cells that an earlier calculation filled stand in nobody's way."""
    new, _ = store(array_book(formula, area, C2=99, D1=99, D4="old"))
    sheet = openpyxl.load_workbook(io.BytesIO(new), data_only=True).active
    rows = sheet[area] if ":" in area else ((sheet[area],),)
    assert [[cell.value for cell in row] for row in rows] == expected
    if not area.startswith("C1:D") and not area.startswith("C1:F"):
        assert sheet["D1"].value == 99
        assert sheet["D4"].value == "old"


def test_dynamic_arrays_keep_their_size() -> None:
    data = array_book("=A1:A3*2", "C1:C3")
    data = edited(data, DATA, '<c r="C1"', '<c r="C1" cm="1"')
    _, computed = store(data)
    assert computed.value("Sheet", 3, 3) == 6.0
    smaller = edited(data, DATA, 'ref="C1:C3"', 'ref="C1:C2"')
    with pytest.raises(FileError, match="another range"):
        store(smaller)


def test_data_tables_are_refused() -> None:
    data = array_book("=A1:A3", "C1:C3")
    data = edited(data, DATA, '<f t="array" ref="C1:C3"', '<f t="dataTable" ref="C1:C3" r1="A1"')
    with pytest.raises(FileError, match="data table"):
        store(data)


def test_stored_workbooks_say_that_they_are_calculated() -> None:
    data = saved(example())
    assert b"fullCalcOnLoad" in parts_of(data)["xl/workbook.xml"]
    new, computed = store(data)
    workbook = parts_of(new)["xl/workbook.xml"]
    assert b"fullCalcOnLoad" not in workbook
    assert b'calcId="191029"' in workbook
    assert computed.value("Calc", 1, 2) == 6_000_000


def test_users_settings_are_theirs(path: Path) -> None:
    recalc(path, in_place=True)
    assert b"fullCalcOnLoad" in parts_of(path.read_bytes())["xl/workbook.xml"]


def test_macros_stay(tmp_path: Path) -> None:
    path = tmp_path / "macros.xlsm"
    data = saved(example())
    content = parts_of(data)
    content["xl/vbaProject.bin"] = bytes(range(256))
    rels = "xl/_rels/workbook.xml.rels"
    rel = (
        b'<Relationship Id="rIdV" Target="vbaProject.bin" '
        b'Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject"/>'
    )
    content[rels] = content[rels].replace(b"</Relationships>", rel + b"</Relationships>")
    with zipfile.ZipFile(path, "w") as target:
        for name, part in content.items():
            target.writestr(name, part)
    assert recalc(path, in_place=True).written
    assert parts_of(path.read_bytes())["xl/vbaProject.bin"] == bytes(range(256))
