"""Workbooks as Excel saves them where our functions come from the add-in: as links to its file.

What such a file looks like was taken from the format's documents and from published reports of
files that Excel had written. These are made by hand.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Final

import openpyxl
import pytest
from linked import MAIN, OURS, PACKAGE, RATES, Link, linked, prefixed
from offices import BY_BOTH, VERIFYING, needs_office
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from packages import packed, parts_of
from paths import WORKBOOKS

from xladdin.cells import Cell
from xladdin.checking.recalc import recalc
from xladdin.checking.verify import verify_one
from xladdin.engines.embedded import compute as embedded
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.errors import FileError
from xladdin.formulas.external_links import Links, links_of
from xladdin.xlsx.workbook_part import Workbook

ENGINES = ["embedded", pytest.param("libreoffice", marks=needs_office)]

WINDOWS: Final = (
    r"file:///C:\Users\A%20B\AppData\Roaming\Microsoft\Excel\XLSTART\xladdin.xlam",
    r"file:///C:\Program%20Files\Shared\XLAddin.XLAM",
    r"file:///\\server\share\xladdin.xlam",
    "file:///C:%5CUsers%5Ca%5Cxladdin.xlam",
    r"..\..\xladdin.xlam",
)
MACOS: Final = (
    "file:///Users/a/Library/Group%20Containers/UBF8T346G9.Office/Startup/Excel/xladdin.xlam",
    "/Users/a/xladdin.xlam",
    "Macintosh%20HD:Users:a:xladdin.xlam",
)
OTHERS: Final = (
    "rates.xlsm",
    "placements.xlsm",
    "xladdin.xlsm",
    "my-xladdin.xlam",
    "xladdin.xlam.xlsx",
    r"file:///C:\xladdin.xlam\rates.xlsx",
    "",
)


def book(**cells: object) -> bytes:
    made = openpyxl.Workbook()
    for name, value in cells.items():
        made.active[name] = value
    for name, text in {"Fee": "CEO_FEE(1000000)", "Deal": '"NEOT-2001"'}.items():
        made.defined_names[name] = DefinedName(name, attr_text=text)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def values(engine: str, data: bytes) -> dict[str, Cell]:
    found = {"embedded": embedded, "libreoffice": libreoffice}[engine].compute(data)
    assert found.refusals == ()
    letters = "ABCDEFG"
    return {f"{letters[at[1] - 1]}{at[0]}": value for at, value in found.values["Sheet"].items()}


class TestPrefixes:
    @pytest.mark.parametrize("address", ["xladdin.xlam", "XLADDIN.XLAM", *WINDOWS, *MACOS])
    def test_the_addin_wherever_it_is(self, address: str) -> None:
        links = Links(["rates.xlsx", address])
        assert links.ours("[2]!", "CEO_FEE(")
        assert not links.ours("[1]!", "CEO_FEE(")
        assert links.without("1+[2]!CEO_FEE(A1)") == "1+CEO_FEE(A1)"

    @pytest.mark.parametrize("address", OTHERS)
    def test_any_other_file(self, address: str) -> None:
        links = Links([address, "xladdin.xlam"])
        assert not links.ours("[1]!", "CEO_FEE(")
        assert links.without("[1]!CEO_FEE(A1)") == "[1]!CEO_FEE(A1)"
        assert links.elsewhere("1+[1]!CEO_FEE(A1)").startswith("it calls CEO_FEE of ")

    @pytest.mark.parametrize("number", ["2", "99999", "100000", "9" * 5000])
    def test_a_link_that_is_not_there(self, number: str) -> None:
        links = Links(["xladdin.xlam"])
        assert not links.ours(f"[{number}]!", "CEO_FEE(")
        assert links.elsewhere(f"[{number}]!CEO_FEE(1)")

    @pytest.mark.parametrize(
        ("formula", "plain"),
        [
            ("[1]!ceo_fee([1]!CEO_NET(1))", "ceo_fee(CEO_NET(1))"),
            ("[0]!CEO_FEE(1)", "CEO_FEE(1)"),
            ("xladdin.xlam!CEO_FEE(1)", "CEO_FEE(1)"),
            (r"'C:\It''s here\xladdin.xlam'!CEO_FEE(1)", "CEO_FEE(1)"),
            ('"[1]!CEO_FEE(1)"&[1]!CEO_FEE(1)', '"[1]!CEO_FEE(1)"&CEO_FEE(1)'),
            ("[2]!CEO_FEE(1)+[1]!CEO_FEE(2)", "[2]!CEO_FEE(1)+CEO_FEE(2)"),
            ("[2]!_xldudf_XLADDIN_CEO_FEE(1)", "_xldudf_XLADDIN_CEO_FEE(1)"),
            ("[1]!Name+[1]Sheet1!A1", "[1]!Name+[1]Sheet1!A1"),
            ("'My data'!A1+SUM(B1)", "'My data'!A1+SUM(B1)"),
        ],
    )
    def test_what_is_taken_away(self, formula: str, plain: str) -> None:
        assert Links(["xladdin.xlam", "rates.xlsm"]).without(formula) == plain

    @pytest.mark.parametrize(
        ("formula", "words"),
        [
            ("[2]!CEO_FEE(1)", "it calls CEO_FEE of rates.xlsm, and links"),
            ("IFERROR([2]!OTHER(1),2)", "it calls OTHER of rates.xlsm, and links"),
            ("'C:\\a b\\rates.xlsm'!CEO_FEE(1)", "it calls CEO_FEE of rates.xlsm, and links"),
            ("Sheet1!CEO_FEE(1)", "it calls CEO_FEE of Sheet1, and links"),
            ("[3]!CEO_FEE(1)", "it calls CEO_FEE of my rates.xlsx, and links"),
            ("[4]!CEO_FEE(1)", "it calls CEO_FEE of another workbook, and links"),
            ("[2]!Half*2", "it uses Half of rates.xlsm, which"),
            ("SUM([2]!Log[Gross])", "it uses Log of rates.xlsm, which"),
            ("SUM('[2]My data'!A:A)", "it uses A of rates.xlsm, which"),
            ("[1]!CEO_FEE(1)+[0]!CEO_FEE(2)+[0]!Deal", ""),
            ("[2]Sheet1!A1+SUM('[2]My data'!$A$1:B2)", ""),
            ('"[2]!CEO_FEE(1)"', ""),
        ],
    )
    def test_what_is_elsewhere(self, formula: str, words: str) -> None:
        found = Links(["xladdin.xlam", "rates.xlsm", "my%20rates.xlsx"]).elsewhere(formula)
        assert found.startswith(words) if words else not found


class TestReading:
    @pytest.mark.parametrize("links", [(OURS, RATES), (RATES, OURS)])
    def test_links_by_number(self, links: tuple[Link, ...]) -> None:
        made = Workbook(linked(book(), *links))
        assert made.links == tuple(link.address for link in links)
        number = links.index(OURS) + 1
        assert links_of(made).without(f"[{number}]!CEO_FEE(A1)") == "CEO_FEE(A1)"
        other = f"[{3 - number}]!CEO_FEE(A1)"
        assert links_of(made).without(other) == other

    def test_links_that_lead_to_no_workbook_are_counted(self) -> None:
        parts = parts_of(linked(book(), RATES, RATES, RATES, OURS))
        one, two = "xl/externalLinks/externalLink4.xml", "xl/externalLinks/externalLink3.xml"
        parts[one] = (
            f'<externalLink xmlns="{MAIN}"><ddeLink ddeService="a"/></externalLink>'.encode()
        )
        del parts[two]
        rels = "xl/externalLinks/_rels/externalLink2.xml.rels"
        parts[rels] = f'<Relationships xmlns="{PACKAGE}"/>'.encode()
        assert Workbook(packed(parts)).links == ("", "", "", "xladdin.xlam")

    def test_a_workbook_without_links(self) -> None:
        assert Workbook(book()).links == ()


@pytest.mark.parametrize("engine", ENGINES)
def test_functions_of_an_office_addin_beside_an_addin_in_vba(engine: str) -> None:
    # As Excel was reported to save them; the link leads to the other add-in.
    data = book(A1=2_000_000, A2="=[1]!_xldudf_XLADDIN_CEO_FEE(A1)+[1]!_xldudf_XLW_CEO_FEE(A1)")
    found = values(engine, linked(data, Link("file:///C:\\Bank\\terminal.xla")))
    assert found["A2"] == 160_000


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("links", [(OURS, RATES), (RATES, OURS)])
def test_every_kind_of_formula(engine: str, links: tuple[Link, ...]) -> None:
    data = book(
        A1=1_000_000,
        A2=2_000_000,
        B1="=CEO_FEE(A1,,Deal)+CEO_NET(A1)",
        B2="=CLASSB_AVAILABLE(5)",
        B3="=Fee",
        B4="=F4",
        B5="=F5",
        C1=ArrayFormula("C1:C2", "=CEO_FEE(A1:A2)"),
        D1="=IF(CLASSB_AVAILABLE(1),1,2)",
        E1=ArrayFormula("E1:E2", "=CLASSB_AVAILABLE(A1:A2)"),
    )
    parts = parts_of(data)
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    assert "<f>F4</f>" in sheet
    sheet = sheet.replace("<f>F4</f>", '<f t="shared" ref="B4:B5" si="0">CEO_FEE(A1)*2</f>')
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(
        "<f>F5</f>", '<f t="shared" si="0"/>'
    ).encode()
    plain = packed(parts)
    number = links.index(OURS) + 1
    found = values(engine, prefixed(linked(plain, *links), number))
    assert found == {
        "B1": 1_000_000.0,
        "B2": True,
        "B3": 40_000.0,
        "B4": 80_000.0,
        "B5": 160_000.0,
        "C1": 40_000.0,
        "C2": 80_000.0,
        "D1": 2.0,
        "E1": True,
        "E2": True,
    }
    assert [*map(type, found.values())] == [*map(type, values(engine, plain).values())]


@pytest.mark.parametrize("engine", BY_BOTH)
def test_recalculation_keeps_every_byte_but_the_values(tmp_path: Path, engine: str) -> None:
    path = recalc(WORKBOOKS / "placements.xlsx", out=tmp_path, engine=engine).path
    data = prefixed(linked(path.read_bytes(), RATES, Link(WINDOWS[0])), 2)
    path.write_bytes(data)
    assert recalc(path, in_place=True, engine=engine).changed == 0
    assert path.read_bytes() == data
    # Stale, as after a change that was made without Excel.
    parts = parts_of(data)
    part = next(sheet.part for sheet in Workbook(data).sheets if sheet.name == "Placements")
    stale = re.sub(rb"(<f>[^<]*\[2\]!CEO_FEE\([^<]*</f><v>)[^<]*", rb"\g<1>1", parts[part], count=1)
    assert stale != parts[part]
    path.write_bytes(packed({**parts, part: stale}))
    assert recalc(path, in_place=True, engine=engine).changed == 1
    assert parts_of(path.read_bytes()) == parts


@pytest.mark.parametrize("engine", VERIFYING)
def test_verification(tmp_path: Path, engine: str) -> None:
    path = tmp_path / "placements.xlsx"
    shipped = WORKBOOKS / path.name
    path.write_bytes(prefixed(linked(shipped.read_bytes(), OURS), 1))
    done, before = verify_one(path, engine=engine), verify_one(shipped, engine=engine)
    assert done.agrees, done.differences
    assert (done.stored, done.twins, done.between) == (before.stored, before.twins, before.between)
    assert done.twins >= 12
    parts = parts_of(path.read_bytes())
    part = next(
        sheet.part for sheet in Workbook(path.read_bytes()).sheets if sheet.name == "Placements"
    )
    cell = re.compile(rb"(<f>[^<]*\[1\]!CEO_FEE\([^<]*</f><v>)[^<]*")
    path.write_bytes(packed({**parts, part: cell.sub(rb"\g<1>1", parts[part], count=1)}))
    difference = verify_one(path, engine=engine).differences[0]
    assert (difference.kind, difference.stored) == ("stored", 1.0)
    assert "CEO_FEE(" in difference.formula
    assert "!CEO_FEE" not in difference.formula


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("address", ["rates.xlsm", "placements.xlsm", ""])
@pytest.mark.parametrize("formula", ["[2]!CEO_FEE(1)", "IFERROR([2]!CEO_FEE(1),0)"])
def test_another_workbooks_function_is_not_computed(
    tmp_path: Path, engine: str, address: str, formula: str
) -> None:
    path = tmp_path / "mine.xlsx"
    data = linked(book(A1="=[1]!CEO_FEE(1000000)", A2=f"={formula}"), OURS, Link(address))
    path.write_bytes(data)
    words = rf"'Sheet'!A2 cannot be computed here: it calls CEO_FEE of {address or 'another'}"
    with pytest.raises(FileError, match=words):
        recalc(path, in_place=True, engine=engine)
    assert path.read_bytes() == data
    assert [item.cell for item in verify_one(path, engine=engine).refused] == ["A2"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_name_may_not_lead_there_either(engine: str) -> None:
    data = prefixed(linked(book(A1="=IF(Fee>1,1,2)"), RATES), 1)
    found = {"embedded": embedded, "libreoffice": libreoffice}[engine].compute(data)
    assert [item.cell for item in found.refusals] == ["A1"]


@pytest.mark.parametrize("engine", ENGINES)
def test_links_are_not_followed(tmp_path: Path, engine: str) -> None:
    """The values beside a link count, not those in the file that it leads to."""
    rates = openpyxl.Workbook()
    rates.active.title = "Sheet1"
    rates.active["A1"] = rates.active["A2"] = 7
    rates.save(tmp_path / "rates.xlsx")
    data = book(A1="=[1]Sheet1!A1*2", A2="=SUM([1]Sheet1!A1:A2)", A3="=[2]!CEO_FEE(A1)")
    link = Link((tmp_path / "rates.xlsx").as_uri())
    assert values(engine, linked(data, link, OURS)) == {"A1": 10.0, "A2": 5.0, "A3": 0.4}


def test_functions_of_cells_have_none_of_a_workbook_that_is_not_open() -> None:
    cells = {
        "A1": "=COUNTBLANK([1]Sheet1!$A$1:$A$3)",
        "A2": '=COUNTIF([1]Sheet1!$A$1:$A$3,">0")',
        "A3": "=VLOOKUP(1,[1]Sheet1!$A$1:$B$3,2,FALSE)",
        "A4": "=LARGE([1]Sheet1!$A$1:$A$3,1)",
    }
    data = linked(book(**cells), RATES)
    found = embedded.compute(Workbook(data, "links.xlsx"))
    assert [one.cell for one in found.refusals] == [*cells]
    assert all("a workbook that is not open" in one.reason for one in found.refusals)


def test_a_link_that_the_file_lacks_is_a_matter_of_the_cells_that_use_it() -> None:
    cells = {
        "A1": "=[2]Sheet1!$A$1+1",
        "A2": "=SUM('[2]Sheet1'!A1:A3)",
        "A3": "=Rate",
        "B1": "=2+3",
    }
    made = openpyxl.load_workbook(io.BytesIO(book(**cells)))
    made.defined_names["Rate"] = DefinedName("Rate", attr_text="'[2]Sheet1'!$A$1")
    buffer = io.BytesIO()
    made.save(buffer)
    parts = parts_of(linked(buffer.getvalue(), RATES, RATES))
    gone = [name for name in parts if "externalLink2" in name]
    assert gone
    without = packed({name: part for name, part in parts.items() if name not in gone})
    for data in (without, linked(buffer.getvalue(), RATES)):
        found = embedded.compute(Workbook(data, "links.xlsx"))
        assert [one.cell for one in found.refusals] == ["A1", "A2", "A3"]
        assert all("by a link that the file does not have" in one.reason for one in found.refusals)
        assert found.value("Sheet", 1, 2) == 5.0


def test_one_formula_has_no_links() -> None:
    found = embedded.evaluate("='C:\\A b\\xladdin.xlam'!CEO_FEE(1000000)")
    assert found.value == 40_000.0
    for formula in ("=[1]!CEO_FEE(1)", "=rates.xlsm!CEO_FEE(1)"):
        refused = embedded.evaluate(formula)
        assert "it calls CEO_FEE of" in str(refused.reasons[0])
