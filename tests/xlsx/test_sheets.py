import io
import math
import re
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xladdin.cells import CLASSIC_ERRORS, Cell, CellError
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import Layout

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet(rows: str, head: str = "", tail: str = "") -> bytes:
    data = f'{head}<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData>{tail}</worksheet>'
    return data.encode()


def stored(rows: str, values: dict[tuple[int, int], Cell]) -> str:
    """Store values, and return the rows."""
    new = Layout(sheet(rows)).with_values(values).decode()
    return new.partition("<sheetData>")[2].partition("</sheetData>")[0]


def read_back(part: bytes) -> dict[str, object]:
    """Read a sheet's part with openpyxl, the values stored beside formulas."""
    book = openpyxl.Workbook()
    buffer = io.BytesIO()
    book.save(buffer)
    out = io.BytesIO()
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            found = part if name == "xl/worksheets/sheet1.xml" else source.read(name)
            target.writestr(name, found)
    found_sheet = openpyxl.load_workbook(out, data_only=True).active
    return {cell.coordinate: cell.value for row in found_sheet.iter_rows() for cell in row}


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ('<c r="A1"><f>1+1</f></c>', 2.0, '<c r="A1"><f>1+1</f><v>2</v></c>'),
        ('<c r="A1"><f>1+1</f><v></v></c>', 2.5, '<c r="A1"><f>1+1</f><v>2.5</v></c>'),
        ('<c r="A1"><f>1+1</f><v/></c>', 2.0, '<c r="A1"><f>1+1</f><v>2</v></c>'),
        ('<c r="A1"><f>x</f><v>7</v></c>', True, '<c r="A1" t="b"><f>x</f><v>1</v></c>'),
        (
            "<c t='str' r='A1' s = \"3\" ><f>x</f><v>7</v></c>",
            1e300,
            "<c r='A1' s = \"3\" ><f>x</f><v>1e+300</v></c>",
        ),
        (
            '<c r="A1" s="3" t="b"><f>x</f><v>1</v></c>',
            "a<&>b",
            '<c r="A1" s="3" t="str"><f>x</f><v>a&lt;&amp;&gt;b</v></c>',
        ),
        (
            '<c r="A1"><f>x</f></c>',
            CellError("#NUM!"),
            '<c r="A1" t="e"><f>x</f><v>#NUM!</v></c>',
        ),
        (
            '<c r="A1"><f>x</f></c>',
            CellError("#SPILL!"),
            '<c r="A1" t="e"><f>x</f><v>#VALUE!</v></c>',
        ),
        ('<c r="A1"><f>x</f></c>', None, '<c r="A1"><f>x</f><v>0</v></c>'),
        ('<c r="A1"><f>x</f></c>', math.inf, '<c r="A1" t="e"><f>x</f><v>#NUM!</v></c>'),
        ('<c r="A1"><f>x</f></c>', -0.0, '<c r="A1"><f>x</f><v>0</v></c>'),
        (
            '<c r="A1"><f>x</f></c>',
            " a ",
            '<c r="A1" t="str"><f>x</f><v xml:space="preserve"> a </v></c>',
        ),
        (
            '<c r="A1"><f>x</f></c>',
            "\x01\r_x0041_",
            '<c r="A1" t="str"><f>x</f><v>_x0001__x000D__x005F_x0041_</v></c>',
        ),
        ('<c r="A1"><f>x</f></c>', "x" * 32768, '<c r="A1" t="e"><f>x</f><v>#VALUE!</v></c>'),
        (
            '<c r="A1" t="inlineStr"><f>x</f><is><t>old</t></is></c>',
            1.0,
            '<c r="A1"><f>x</f><v>1</v></c>',
        ),
        ('<c r="A1"><f t="shared" si="0"/></c>', 1.0, None),
        (
            '<c r="A1" vm="1" t="e"><f>x</f><v>#VALUE!</v></c>',
            CellError("#VALUE!"),
            '<c r="A1" t="e"><f>x</f><v>#VALUE!</v></c>',
        ),
        (
            '<c r="A1"><f a=">">"&gt;"</f><v><![CDATA[<v>]]></v></c>',
            1.0,
            '<c r="A1"><f a=">">"&gt;"</f><v>1</v></c>',
        ),
    ],
)
def test_one_value(cell: str, value: Cell, expected: str | None) -> None:
    expected = expected or cell.replace("</c>", "<v>1</v></c>")
    before, after = '<row r="1">', '<c r="B1" t="s"><v>0</v></c></row>'
    assert stored(before + cell + after, {(1, 1): value}) == before + expected + after


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A1"><f>x</f><v>0.10</v></c>', 0.1),
        ('<c r="A1" t="n"><f>x</f><v>1E3</v></c>', 1000.0),
        ("<c r='A1' t='str'><f>x</f><v>a&#x62;</v></c>", "ab"),
        ('<c r="A1" t="b"><f>x</f><v>1</v></c>', True),
        ('<c r="A1" t="e"><f>x</f><v>#N/A</v></c>', CellError("#N/A")),
        ('<c r="A1" vm="1" t="e"><f>x</f><v>#VALUE!</v></c>', CellError("#SPILL!")),
        ('<c r="A1" t="s"><v>5</v></c>', 7.0),
        ('<c r="A1"><v>5</v></c>', 7.0),
    ],
)
def test_what_says_the_same_or_is_no_formula_stays(cell: str, value: Cell) -> None:
    data = sheet(f'<row r="1">{cell}</row>')
    assert Layout(data).with_values({(1, 1): value}) == data
    assert list(Layout(data).differences({(1, 1): value})) == []


def test_an_empty_text_and_a_number_are_told_apart() -> None:
    cell = '<c r="A1" t="str"><f>x</f><v></v></c>'
    assert list(Layout(sheet(f'<row r="1">{cell}</row>')).differences({(1, 1): 0.0})) == [(1, 1)]


def test_a_prefix_and_a_byte_order_mark() -> None:
    data = (
        b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?>\r\n"
        b"<x:worksheet xmlns:x='n' xmlns:y='m'><x:sheetData><x:row><x:c><x:f>1</x:f><y:v>0</y:v>"
        b"</x:c><x:c><x:f>2</x:f></x:c></x:row></x:sheetData>"
        b"<x:extLst><y:f>A1</y:f></x:extLst></x:worksheet>"
    )
    assert [(one.row, one.column) for one in Layout(data).formulas] == [(1, 1), (1, 2)]
    new = Layout(data).with_values({(1, 1): 1.0, (1, 2): "t"})
    expected = data.replace(b"1</x:f>", b"1</x:f><x:v>1</x:v>")
    expected = expected.replace(b"2</x:f>", b"2</x:f><x:v>t</x:v>")
    assert new == expected.replace(b"<x:c><x:f>2", b'<x:c t="str"><x:f>2')


ARRAY = '<c r="B2"><f t="array" ref="B2:C4">x</f></c>'


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            f'<row r="2">{ARRAY}</row>',
            (
                '<row r="2"><c r="B2"><f t="array" ref="B2:C4">x</f><v>1</v></c>'
                '<c r="C2" t="str"><v>a</v></c></row>'
                '<row r="3"><c r="B3"><v>2</v></c><c r="C3"><v>3</v></c></row>'
                '<row r="4"><c r="B4"><v>4</v></c><c r="C4"><v>5</v></c></row>'
            ),
        ),
        (
            (
                f'<row r="2"><c r="A2"/>{ARRAY}<c r="D2"><v>9</v></c></row>'
                '<row r="3" ht="9"/><row r="4"><c r="A4"/><c r="B4" s="5"/><c r="C4"><v>5.0</v></c>'
                '</row><row r="9"/>'
            ),
            (
                '<row r="2"><c r="A2"/><c r="B2"><f t="array" ref="B2:C4">x</f><v>1</v></c>'
                '<c r="C2" t="str"><v>a</v></c><c r="D2"><v>9</v></c></row>'
                '<row r="3" ht="9"><c r="B3"><v>2</v></c><c r="C3"><v>3</v></c></row>'
                '<row r="4"><c r="A4"/><c r="B4" s="5"><v>4</v></c><c r="C4"><v>5.0</v></c>'
                '</row><row r="9"/>'
            ),
        ),
        (
            f'<row r="2">{ARRAY}</row><row r="4"><c r="D4"/></row>',
            (
                '<row r="2"><c r="B2"><f t="array" ref="B2:C4">x</f><v>1</v></c>'
                '<c r="C2" t="str"><v>a</v></c></row>'
                '<row r="3"><c r="B3"><v>2</v></c><c r="C3"><v>3</v></c></row>'
                '<row r="4"><c r="B4"><v>4</v></c><c r="C4"><v>5</v></c><c r="D4"/></row>'
            ),
        ),
    ],
)
def test_array_formulas_fill_their_range(rows: str, expected: str) -> None:
    values: dict[tuple[int, int], Cell] = {(2, 2): 1.0, (2, 3): "a", (3, 2): 2.0, (3, 3): 3.0}
    values |= {(4, 2): 4.0, (4, 3): 5.0, (4, 4): 99.0}
    assert stored(rows, values) == expected


@pytest.mark.parametrize(
    ("dimension", "reached"),
    [
        ('<dimension ref="B2"/>', '<dimension ref="B2:C4"/>'),
        ("<dimension ref='A1:B2' />", "<dimension ref='A1:C4' />"),
        ('<dimension ref="A3:Z3"></dimension>', '<dimension ref="A2:Z4"></dimension>'),
        ('<dimension ref="A1:C4"/>', '<dimension ref="A1:C4"/>'),
        ('<dimension ref="huh"/>', '<dimension ref="huh"/>'),
        ("<sheetViews/>", "<sheetViews/>"),
    ],
)
def test_the_dimension_reaches_cells_that_are_made(dimension: str, reached: str) -> None:
    part = sheet(f'<row r="2">{ARRAY}</row>').replace(
        b"<sheetData>", f"{dimension}<sheetData>".encode()
    )
    values: dict[tuple[int, int], Cell] = {(row, col): 1.0 for row in (2, 3, 4) for col in (2, 3)}
    new = Layout(part).with_values(values).decode()
    assert new.partition("<sheetData>")[0].endswith(reached)
    assert Layout(new.encode()).with_values(values) == new.encode()


def test_the_dimension_is_left_where_no_cell_is_made() -> None:
    """It may be wrong, but it is the user's."""
    cells = "".join(f'<row r="{row}"><c r="B{row}"/><c r="C{row}"/></row>' for row in (3, 4))
    part = sheet(f'<row r="2">{ARRAY}<c r="C2"/></row>{cells}')
    part = part.replace(b"<sheetData>", b'<dimension ref="A1"/><sheetData>')
    values: dict[tuple[int, int], Cell] = {(row, col): 1.0 for row in (2, 3, 4) for col in (2, 3)}
    new = Layout(part).with_values(values)
    assert new.count(b"<v>1</v>") == 6
    assert b'<dimension ref="A1"/>' in new


def test_the_formula_list() -> None:
    rows = (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="3">B1&amp;"x"</f><v>1</v></c>'
        '<c r="B1" t="str"><f>_xlfn.X()</f><v>a_x000D_b</v></c></row>'
        '<row><c><f t="shared" si="3"/></c><c cm="1"><f t="array" ref="B2:B3">y</f></c>'
        '<c r="D2"><f t="dataTable" ref="D2:D3" r1="A1"/></c></row>'
    )
    found = Layout(sheet(rows)).formulas
    assert [(one.row, one.column, one.text, one.kind) for one in found] == [
        (1, 1, 'B1&"x"', "shared"),
        (1, 2, "_xlfn.X()", "normal"),
        (2, 1, "", "shared"),
        (2, 2, "y", "array"),
        (2, 4, "", "dataTable"),
    ]
    assert [one.group for one in found] == ["3", "", "3", "", ""]
    assert [one.dynamic for one in found] == [False, False, False, True, False]
    assert found[0].stored == 1.0
    assert found[1].stored == "a\rb"


def test_copies_for_the_engine() -> None:
    rows = (
        '<row r="1"><c r="A1"><f t="array" ref="A1:A3">x&amp;y</f><v>1</v></c></row>'
        '<row r="2"><c r="A2" t="s"><v>2</v></c></row><row r="3"><c r="A3"><v>3</v></c></row>'
    )
    new = Layout(sheet(rows)).with_formulas({(1, 1): "a<b"}, [(2, 1)])
    expected = rows.replace('<f t="array" ref="A1:A3">x&amp;y', "<f>a&lt;b")
    assert new == sheet(expected.replace("<v>2</v>", ""))


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="0"><c/></row>',
        '<row r="1"><c r="a1"/></row>',
        '<row r="1"><c r="XFE1"/></row>',
        '<row r="1048577"/>',
        '<row r="1"><c r="A1"><f t="array" ref="huh">x</f></c></row>',
        '<row r="1"><c r="A1">',
    ],
)
def test_nonsense_is_refused(rows: str) -> None:
    with pytest.raises(xml_bytes.UnsafeXMLError):
        Layout(sheet(rows))


def test_document_types_are_refused() -> None:
    with pytest.raises(xml_bytes.UnsafeXMLError, match="document type"):
        Layout(sheet("", head='<!DOCTYPE a [<!ENTITY b "c">]>'))


PRINTABLE = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=40
)
VALUES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**60), 2**60).map(float),
    st.booleans(),
    PRINTABLE.filter(lambda text: "_x" not in text),
    st.sampled_from(CLASSIC_ERRORS).map(CellError),
)


@st.composite
def sheets(draw: st.DrawFn) -> tuple[str, dict[tuple[int, int], Cell]]:
    """A sheet with formula cells of every form, and values for some of them."""
    rows: list[str] = []
    values: dict[tuple[int, int], Cell] = {}
    for row in sorted(draw(st.sets(st.integers(1, 30), max_size=5))):
        cells = []
        for column in sorted(draw(st.sets(st.integers(1, 26), max_size=5))):
            name = f"{chr(64 + column)}{row}"
            kind = draw(st.sampled_from(["", ' t="n"', ' t="str"', ' t="b"', ' t="e"']))
            text = draw(st.sampled_from(["", "<v/>", "<v></v>", "<v>1</v>", "<v>#N/A</v>"]))
            formula = draw(st.sampled_from(["", "<f/>", "<f>A1&lt;2</f>", '<f ca="1">x</f>']))
            if not formula:
                cells.append(f'<c r="{name}"><v>1</v></c>')
                continue
            cells.append(f'<c r="{name}"{kind}>{formula}{text}</c>')
            if draw(st.booleans()):
                values[row, column] = draw(VALUES)
        rows.append(f'<row r="{row}">{"".join(cells)}</row>')
    return "".join(rows), values


def _bare(part: bytes) -> bytes:
    """A sheet's part without the types and values of its formula cells."""
    part = re.sub(rb'(<c r="[A-Z0-9]+")(?: t="\w+")?(?=><f)', rb"\1", part)
    return re.sub(rb"(</f>|<f/>)(?:<v[^>]*/>|<v[^>]*>[^<]*</v>)", rb"\1", part)


@given(sheets())
def test_values_round_trip_and_nothing_else_changes(
    example: tuple[str, dict[tuple[int, int], Cell]],
) -> None:
    rows, values = example
    data = sheet(rows)
    new = Layout(data).with_values(values)
    assert _bare(new) == _bare(data)
    found = {(one.row, one.column): one.stored for one in Layout(new).formulas}
    for place, value in values.items():
        assert type(found[place]) is type(value)
        assert found[place] == value
    assert Layout(new).with_values(values) == new
    assert list(Layout(new).differences(values)) == []


@given(st.lists(VALUES, min_size=1, max_size=8))
def test_openpyxl_reads_the_same_values(values: list[Cell]) -> None:
    cells = "".join(f'<c r="{chr(65 + at)}1"><f>x</f></c>' for at in range(len(values)))
    new = Layout(sheet(f'<row r="1">{cells}</row>')).with_values(
        {(1, at): one for at, one in enumerate(values, 1)}
    )
    found = read_back(new)
    for at, value in enumerate(values):
        got = found[f"{chr(65 + at)}1"]
        if isinstance(value, CellError):
            assert got == value.code
        elif value == "":
            assert got in (None, "")
        else:
            assert got == value
            assert isinstance(got, bool) == isinstance(value, bool)


@given(st.text(max_size=30))
def test_any_text_survives_its_escapes(text: str) -> None:
    new = Layout(sheet('<row r="1"><c r="A1"><f>x</f></c></row>')).with_values({(1, 1): text})
    assert Layout(new).formulas[0].stored == text


@pytest.mark.parametrize(
    ("text", "serial"),
    [
        ("2001-08-14", 37117.0),
        ("2001-08-14T00:00:00", 37117.0),
        ("2001-08-14T12:00:00Z", 37117.5),
        ("06:00:00", 0.25),
        ("yesterday", None),
    ],
)
def test_dates_written_as_iso_has_them(text: str, serial: float | None) -> None:
    """Excel reads cells of this kind, and some programs write them."""
    cell = f'<c r="A1" t="d"><v>{text}</v></c>'
    sheet = f"<worksheet><sheetData><row>{cell}</row></sheetData></worksheet>"
    assert Layout(sheet.encode()).cell_values(()) == (
        {(1, 1): serial} if serial is not None else {}
    )
