import io

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table as SheetTable
from openpyxl.worksheet.table import TableFormula

from xladdin.errors import FileError
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.package import Package
from xladdin.xlsx.workbook_part import (
    Area,
    Name,
    SheetPart,
    Table,
    Workbook,
    area_of,
    column_letters,
    column_number,
    mark_calculated,
)


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def example() -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "It's & more"
    sheet.append(["Date", "Price\nUSD", "[x]"])
    for row in range(3):
        sheet.append([row, row * 2, row * 3])
    table = SheetTable(displayName="Log", ref="A1:C4")
    table._initialise_columns()
    for column, cell in zip(table.tableColumns, sheet[1], strict=True):
        column.name = cell.value
    table.tableColumns[2].calculatedColumnFormula = TableFormula(attr_text='Log[Date]&"<x>"')
    sheet.add_table(table)
    other = book.create_sheet("Other")
    book.defined_names["Deal"] = DefinedName("Deal", attr_text='"NEOT-2001"')
    other.defined_names["Local"] = DefinedName("Local", attr_text="Other!$A$1")
    return book


def test_sheets_tables_and_names() -> None:
    book = Workbook(saved(example()))
    assert book.sheets == (
        SheetPart("It's & more", "xl/worksheets/sheet1.xml"),
        SheetPart("Other", "xl/worksheets/sheet2.xml"),
    )
    columns = ("Date", "Price\nUSD", "[x]")
    formulas = ("", "", 'Log[Date]&"<x>"')
    assert book.tables == (Table("Log", "It's & more", Area(1, 1, 4, 3), columns, 1, 0, formulas),)
    assert (book.tables[0].first_data_row, book.tables[0].last_data_row) == (2, 4)
    assert set(book.defined_names) == {
        Name("Deal", '"NEOT-2001"', None),
        Name("Local", "Other!$A$1", "Other"),
    }
    assert not book.has_macros
    assert not book.signed


def test_chart_sheets_hold_no_cells() -> None:
    made = example()
    made.create_chartsheet("Chart")
    assert [sheet.name for sheet in Workbook(saved(made)).sheets] == ["It's & more", "Other"]


@pytest.mark.parametrize("late", [False, True])
def test_date_system(late: bool) -> None:
    made = openpyxl.Workbook()
    if late:
        made.epoch = CALENDAR_MAC_1904
    assert Workbook(saved(made)).counts_from_1904 is late


@pytest.mark.parametrize(
    "settings",
    [
        b'<calcPr calcId="124519" fullCalcOnLoad="1"/>',
        b"<calcPr fullCalcOnLoad = '1' calcMode='auto'></calcPr>",
        b'<calcPr iterate="1"/>',
        b"",
    ],
)
def test_marking_as_calculated(settings: bytes) -> None:
    data = saved(example())
    content = Workbook(data).read("xl/workbook.xml")
    start = content.index(b"<calcPr")
    end = content.index(b"/>", start) + 2
    before = content[:start] + settings + content[end:]
    package = Package(Package(data).with_changes({"xl/workbook.xml": before}))
    (new,) = mark_calculated(package).values()
    assert new.startswith(content[:start])
    assert new.endswith(content[end:])
    assert b"fullCalcOnLoad" not in new
    assert new.count(b"calcId=") == 1
    properties = xml_bytes.tree(new).find("{*}calcPr")
    assert properties is not None
    assert properties.get("calcId") == "191029"
    assert properties.get("iterate") == ("1" if b"iterate" in settings else None)


def test_a_missing_sheet_part_is_named() -> None:
    data = saved(example())
    rels = Workbook(data).read("xl/_rels/workbook.xml.rels").replace(b"sheet2", b"sheet9")
    with pytest.raises(FileError, match="'Other' is missing"):
        _ = Workbook(Package(data).with_changes({"xl/_rels/workbook.xml.rels": rels})).sheets


def test_columns() -> None:
    assert [column_letters(number) for number in (1, 26, 27, 702, 703, 16384)] == [
        *("A", "Z", "AA", "ZZ", "AAA", "XFD")
    ]
    assert all(column_number(column_letters(number)) == number for number in range(1, 16385, 7))


@pytest.mark.parametrize("text", ["", "A", "A0", "A1:", "A1048577", "XFE1", "B2:A1", "1:2"])
def test_what_is_no_area(text: str) -> None:
    with pytest.raises(ValueError, match="no area"):
        area_of(text)


def test_areas() -> None:
    assert area_of("$B$2") == Area(2, 2, 2, 2)
    assert area_of("A1:c4") == Area(1, 1, 4, 3)
    assert Area(1, 1, 4, 3).text == "A1:C4"
    assert Area(2, 2, 2, 2).text == "B2"
