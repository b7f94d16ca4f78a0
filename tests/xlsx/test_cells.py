"""Where cells stand, found by one expression, against what a parser says of the same bytes."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xladdin.xlsx import xml_bytes
from xladdin.xlsx.cell_contents import contents
from xladdin.xlsx.cell_scanner import scan
from xladdin.xlsx.stored_values import stored_value

NAMESPACE = "urn:sheet"
SPACE = st.sampled_from(["", " ", "\n  "])
ASIDE = st.sampled_from(["", "", "", '<!-- <c r="Z9"><f>no</f></c> -->', "<?no <c> ?>"])
TEXT = st.sampled_from(
    ["", "1", "A1&lt;2", "a&amp;b", "&#65;", "<![CDATA[<v>&amp;]]>", "x<!-- y -->z", "a\r\nb", '">']
)
ATTRIBUTES = st.sampled_from(
    ["", ' s="1"', " t='str'", ' x="&gt;>/&quot;"', ' y=\'" r="Q7"\'', ' r1="B2"']
)


@st.composite
def elements(draw: st.DrawFn, prefix: str, name: str, content: st.SearchStrategy[str]) -> str:
    attributes = draw(ATTRIBUTES)
    tag = f"{prefix}{name}{attributes}{draw(SPACE)}"
    if draw(st.booleans()):
        return f"<{tag}/>"
    return f"<{tag}>{draw(content)}</{prefix}{name}{draw(SPACE)}>"


@st.composite
def cells(draw: st.DrawFn, prefix: str, place: str) -> str:
    reference = draw(st.sampled_from(["", f' r="{place}"', f" r = '{place}'"]))
    inside = [
        draw(elements(prefix, name, TEXT if name != "is" else st.just(f"<{prefix}t>i</{prefix}t>")))
        for name in draw(st.permutations(["f", "v", "is"]))
        if draw(st.booleans())
    ]
    if draw(st.booleans()):
        inside.append(f"<{prefix}extLst><{prefix}f>no</{prefix}f></{prefix}extLst>")
    pieces = "".join(draw(ASIDE) + draw(SPACE) + one for one in inside)
    return f"<{prefix}c{draw(ATTRIBUTES)}{reference}>{pieces}{draw(SPACE)}</{prefix}c>"


@st.composite
def sheets(draw: st.DrawFn) -> bytes:
    prefix = draw(st.sampled_from(["", "x:"]))
    rows = []
    for row in sorted(draw(st.sets(st.integers(1, 9), max_size=3))):
        columns = sorted(draw(st.sets(st.integers(1, 26), max_size=3)))
        inside = "".join(draw(cells(prefix, f"{chr(64 + one)}{row}")) for one in columns)
        tag = draw(st.sampled_from([f' r="{row}"', f' spans="1:2" r="{row}"', ""]))
        rows.append(draw(ASIDE) + f"<{prefix}row{tag}>{inside}</{prefix}row>" + draw(SPACE))
    head = draw(st.sampled_from(["", "<?xml version='1.0'?>\n", "<!-- <sheetData> -->"]))
    declared = f'xmlns{":x" if prefix else ""}="{NAMESPACE}"'
    return (
        f"{head}<{prefix}worksheet {declared}><{prefix}sheetData>{''.join(rows)}"
        f"</{prefix}sheetData><{prefix}extLst><{prefix}c/></{prefix}extLst></{prefix}worksheet>"
    ).encode()


@given(sheets())
def test_a_parser_finds_the_same(data: bytes) -> None:
    space = f"{{{NAMESPACE}}}"
    expected = [
        [
            (
                {key: value for key, value in cell.attrib.items() if key != "r"},
                *(_text(cell.find(space + name)) for name in ("f", "v")),
                cell.find(space + "is") is not None,
            )
            for cell in row.findall(space + "c")
        ]
        for row in ET.fromstring(data).findall(f"{space}sheetData/{space}row")
    ]
    found = scan(data).rows
    assert [
        [
            (
                {key: value for key, value in cell.attributes.items() if key != "r"},
                xml_bytes.characters(cell.formula_inside) if cell.formula else None,
                cell.value_text if cell.value else None,
                cell.inline is not None,
            )
            for cell in row.cells
        ]
        for row in found
    ] == expected
    for row in found:
        for cell in row.cells:
            assert data[cell.start : cell.start + 1] == b"<"
            assert data[cell.end - 1 : cell.end] == b">"
            for span in (cell.formula, cell.value, cell.inline):
                assert span is None or data[span[0]] == ord("<")
                assert span is None or data[span[1] - 1] == ord(">")


@given(sheets())
def test_contents_are_those_of_the_cells(data: bytes) -> None:
    rows = scan(data).rows
    every = [cell for row in rows for cell in row.cells]
    found = contents(data)
    assert found.formulas == [cell for cell in every if cell.formula]
    numbers = {
        (row, column): value
        for column, (column_rows, values) in found.columns.items()
        for row, value in zip(column_rows, values, strict=True)
        if type(value) is float
    }
    others = {(cell.row, cell.column) for cell in found.others}
    for cell in every:
        place, value = (cell.row, cell.column), stored_value(cell)
        if cell.formula is None and value is not None:
            assert numbers.get(place) == value or place in others
    assert found.start_of_rows == (rows[0].start if rows else found.end_of_rows)
    assert found.reach == (
        max((cell.row for cell in every), default=0),
        max((cell.column for cell in every), default=0),
    )


def _text(element: ET.Element | None) -> str | None:
    return None if element is None else element.text or ""


@pytest.mark.parametrize(
    ("tag", "attributes"),
    [
        (" a=\"1\" b='2'", {"a": "1", "b": "2"}),
        (' a="&lt;&#10;&amp;amp;"', {"a": "<\n&amp;"}),
        (' a="x\n\ty"', {"a": "x  y"}),
        (' n:a="1"', {"n:a": "1"}),
        ("", {}),
    ],
)
def test_attributes(tag: str, attributes: dict[str, str]) -> None:
    assert xml_bytes.attributes(tag.encode()) == attributes
