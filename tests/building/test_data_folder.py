"""Data folders: what fills the workbooks, and what is refused."""

from __future__ import annotations

import datetime
import io
import json
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from building.data_files import PLACEMENTS, ROWS, put, refused, workbook
from click.testing import CliRunner
from deals import NEOT_1
from offices import needs_office
from oracles import contract as oracle
from templates import OF_2001

from xladdin.building import build
from xladdin.building.data_folder import DataFolder
from xladdin.building.render import TABLES, render, write
from xladdin.building.upgrade import upgrade
from xladdin.cli import main
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.errors import FileError
from xladdin.terms import select
from xladdin.terms.store import forget
from xladdin.xlsx.sheet_part import Layout
from xladdin.xlsx.workbook_part import Workbook


@pytest.fixture(autouse=True)
def _fresh_deals() -> Iterator[None]:
    yield
    forget()


def built(data: Path, name: str) -> Any:
    """Build a template with data, and open it with its values."""
    entries = DataFolder(data, TABLES).entries(select())
    rendered = render(name, select(), entries=entries[name])
    assert rendered.checks_ok, rendered.failures
    return openpyxl.load_workbook(io.BytesIO(rendered.data), data_only=True)


def test_the_tables_are_those_of_the_templates() -> None:
    found = {table: name for name in OF_2001 for table in write(name, select()).tables}
    found |= dict.fromkeys(write("equityline", select("CANOO-2022")).tables, "equityline")
    assert found == TABLES


def test_placements_fill_the_log(tmp_path: Path) -> None:
    inputs = "Workbook,Name,Value\nplacements.xlsx,Price_for_the_rest,4.25\n"
    book = built(put(tmp_path, placements=PLACEMENTS, inputs=inputs), "placements")
    sheet = book["Placements"]
    rows = [[cell.value for cell in row[1:4]] for row in sheet["A5:D8"]]
    assert rows == [
        [datetime.datetime(2001, 8, 14), 50000, 4.04],
        [datetime.datetime(2001, 9, 10), 120000, 4.5],
        [None, None, None],
        [None, None, None],
    ]
    assert book["Totals"]["B5"].value == 4.25
    assert "illustrative" not in sheet["A2"].value
    assert not any("Illustrative" in str(cell.value) for row in book["Start"] for cell in row)
    # Nothing of the made-up placements is left.
    gross = [50000 * Fraction(4.04), 120000 * Fraction(4.5)]
    total = next(row for row in book["Totals"].iter_rows() if row[0].value == "Commission, USD")
    fee = oracle.ceo_fee(float(sum(gross)), 0.0, oracle.SALES)
    assert isinstance(fee, Fraction)
    assert oracle.ulps(total[1].value, fee) <= 4


@pytest.mark.long
def test_a_long_log_grows_the_table(tmp_path: Path) -> None:
    lines = "".join(f"2001-08-{14 + n % 4},{1000 + n},4.{n:02}\n" for n in range(60))
    book = built(put(tmp_path, placements=f"date,SHARES, price\n{lines}"), "placements")
    sheet = book["Placements"]
    table = sheet.tables["Placements"]
    assert table.ref == f"A4:{table.ref.split(':')[1].rstrip('0123456789')}64"
    assert sheet["C64"].value == 1059
    assert sheet["A64"].value == 60
    assert all(sheet.cell(row, 6).value > 0 for row in range(5, 65))
    with zipfile.ZipFile(io.BytesIO(render("placements", select()).data)) as package:
        assert b"$24" in package.read("xl/charts/chart1.xml")
    entries = DataFolder(tmp_path / "data", TABLES).entries(select())
    data = render("placements", select(), entries=entries["placements"]).data
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        chart = package.read("xl/charts/chart1.xml")
    assert b"$64" in chart
    assert b"$24" not in chart


def test_quotations_and_their_dates(tmp_path: Path) -> None:
    days = oracle.before(datetime.date(2002, 3, 1), 140)
    quotes = "Closing bid;Date\n" + "".join(
        f"{3 + number % 7 / 10};{day}\n" for number, day in enumerate(reversed(days))
    )
    data = put(tmp_path, quotes=quotes)
    assert "says nothing of Issue_date and Conversion_date" in refused(data, "floating")
    inputs = (
        "Name,Value,Workbook\nIssue_date,2001-11-15,floating\nConversion_date,2002-03-01,floating\n"
        "Principal,250000,floating\n"
    )
    book = built(put(tmp_path, inputs=inputs), "floating")
    sheet = book["Quotes"]
    assert sheet.tables["Quotes"].ref.endswith(str(4 + 140))
    assert "illustrative" not in sheet["A2"].value
    assert book["Debentures"]["B5"].value == 250000
    assert isinstance(book["Debentures"]["B6"].value, datetime.datetime)
    assert "illustrative" not in book["Debentures"]["A2"].value


def test_tranches_and_counts(tmp_path: Path) -> None:
    tranches = "Name,Securities,Exercise price\n=HYPERLINK(1),1000,2.5\n+cmd|x,2000,99\n"
    inputs = "Workbook,Name,Value\ncaptable,Market_price,5\ncaptable,Planned_issue,7\n"
    book = built(put(tmp_path, tranches=tranches, inputs=inputs), "captable")
    sheet = book["Exercise"]
    assert sheet["B5"].value == "=HYPERLINK(1)"
    assert sheet["B5"].data_type == "s"
    assert sheet["B5"].quotePrefix
    assert book["Totals"]["B6"].value == 5
    assert book["Totals"]["D6"].value == "entered"
    sources = [cell.value for row in book["Headroom"].iter_rows() for cell in row]
    assert "entered" in sources


def test_a_workbook_is_as_good_as_csv(tmp_path: Path) -> None:
    data = tmp_path / "data"
    file = data / "NEOT-2001.xlsx"
    notes: list[list[Any]] = [["whatever"]]
    inputs: list[list[Any]] = [
        ["Workbook", "Name", "Value"],
        ["placements", "Price_for_the_rest", 4.25],
    ]
    workbook(file, {"placements": ROWS, "Inputs": inputs, "_notes": notes}, {})
    by_sheet = DataFolder(data, TABLES).entries(select())["placements"]
    sales: list[list[Any]] = [
        ["my sales", None, None, None],
        [None],
        *([None, *row] for row in ROWS),
    ]
    workbook(file, {"Sales": sales, "Inputs": inputs}, {"Sales": "Placements!B3:D6"})
    by_table = DataFolder(data, TABLES).entries(select())["placements"]
    file.unlink()
    written = "Workbook,Name,Value\nplacements,Price_for_the_rest,4.25\n"
    entries = DataFolder(put(tmp_path, placements=PLACEMENTS, inputs=written), TABLES)
    by_csv = entries.entries(select())["placements"]
    made = [
        render("placements", select(), entries=one).data for one in (by_sheet, by_table, by_csv)
    ]
    assert made[0] == made[1] == made[2]


def test_csv_that_is_no_utf8(tmp_path: Path) -> None:
    data = put(tmp_path)
    (data / "NEOT-2001" / "tranches.csv").write_bytes("Name\nRené".encode("latin-1"))
    assert "save it as CSV UTF-8" in refused(data, "captable")
    (data / "NEOT-2001" / "tranches.csv").write_bytes(
        "Name,Securities,Exercise price\nRené,5,2\n".encode("utf-8-sig")
    )
    assert DataFolder(data, TABLES).entries(select())["captable"].tables["Tranches"].headings == (
        "Name",
        "Securities",
        "Exercise price",
    )


@pytest.mark.long
def test_many_deals_each_with_its_data(tmp_path: Path) -> None:
    text = NEOT_1
    deals = tmp_path / "deals"
    deals.mkdir()
    for name in ("ONE", "TWO", "THREE"):
        (deals / f"{name}.toml").write_text(text.replace("NEOT-2001", name), "utf-8")
    data = put(tmp_path, placements=PLACEMENTS)
    (data / "NEOT-2001").rename(data / "ONE")
    (data / "TWO").mkdir()

    def run(jobs: int = 1) -> dict[str, str]:
        done = build.build(
            ("placements",), deals=[deals], out=tmp_path / "out", data=data, jobs=jobs
        )
        return {
            # A deal that fails as a whole is named by its file.
            item.path.stem if item.path.suffix == ".toml" else item.path.parent.name: item.change
            for item in done
        }

    assert run(jobs=2) == {"ONE": "written", "TWO": "written", "THREE": "failed"}
    written = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.xlsx")}
    assert len(written) == 2
    assert json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    # New data are a new workbook; the others stay.
    (data / "ONE" / "placements.csv").write_text(PLACEMENTS + "2001-09-17,5,4\n")
    (data / "THREE").mkdir()
    assert run() == {"ONE": "written", "TWO": "same", "THREE": "written"}
    # A wrong figure fails its deal, and the file that is there stays.
    one = (tmp_path / "out" / "ONE" / "placements.xlsx").read_bytes()
    (data / "ONE" / "placements.csv").write_text(PLACEMENTS + "2001-09-17,5,none\n")
    done = build.build(("placements",), deals=[deals], out=tmp_path / "out", data=data)
    failures = [item for item in done if item.change == "failed"]
    assert len(failures) == 1
    assert "placements.csv: line 4, Price: 'none' cannot be read" in failures[0].failures[0]
    assert (tmp_path / "out" / "ONE" / "placements.xlsx").read_bytes() == one


ESCAPES = ("_x003D_1+1", "_x000d_", "a_x0041_b", "__x0041__", "_x005F_x0041_", "_x00_", "x_x")


@pytest.mark.long
def test_what_looks_like_an_escape_is_text(tmp_path: Path) -> None:
    """Spreadsheets read ``_x003D_1+1`` in a file as ``=1+1``."""
    lines = "".join(f"{text},1000,2.5\n" for text in ESCAPES)
    data = put(tmp_path, tranches=f"Name,Securities,Exercise price\n{lines}")
    entries = DataFolder(data, TABLES).entries(select())["captable"]
    rendered = render("captable", select(), entries=entries)
    book = Workbook(rendered.data)
    (sheet,) = [sheet for sheet in book.sheets if sheet.name == "Exercise"]
    held = set(Layout(book.read(sheet.part)).cell_values(book.texts).values())
    assert held.issuperset(ESCAPES)
    path = tmp_path / "captable.xlsx"
    path.write_bytes(rendered.data)
    assert upgrade(path).entries == ()


@pytest.mark.long
@needs_office
def test_libreoffice_reads_the_text(tmp_path: Path) -> None:
    lines = "".join(f"{text},1000,2.5\n" for text in ESCAPES)
    data = put(tmp_path, tranches=f"Name,Securities,Exercise price\n{lines}")
    entries = DataFolder(data, TABLES).entries(select())["captable"]
    rendered = render("captable", select(), entries=entries)
    answer = libreoffice.compute(rendered.data)
    held = {
        answer.value("Exercise", row, column) for row in range(1, 60) for column in range(1, 10)
    }
    # It takes two digits for an escape, too, which no other program does.
    assert held.issuperset(set(ESCAPES) - {"_x00_"})


def test_texts_of_deals_are_escaped_too(tmp_path: Path) -> None:
    text = NEOT_1.replace("NEOT-2001", "MINE")
    path = tmp_path / "MINE.toml"
    path.write_text(text.replace("NeoTherapeutics, Inc.", "_x003D_1+1"), "utf-8")
    (done,) = build.build(("placements",), deals=[path], out=tmp_path / "out")
    assert done.change == "written"
    book = Workbook(done.path.read_bytes())
    held = {
        value
        for sheet in book.sheets
        for value in Layout(book.read(sheet.part)).cell_values(book.texts).values()
        if isinstance(value, str)
    }
    assert any("_x003D_1+1" in value for value in held)
    assert not any("=1+1" in value for value in held)


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("a byte order mark", lambda text: text.encode("utf-8-sig")),
        ("UTF-16", lambda text: text.encode("utf-16")),
        ("UTF-16, the other way", lambda text: b"\xfe\xff" + text.encode("utf-16-be")),
        ("semicolons", lambda text: text.replace(",", ";").encode()),
        ("tabs", lambda text: text.replace(",", "\t").encode()),
        ("a line for Excel", lambda text: b"sep=;\r\n" + text.replace(",", ";").encode()),
        ("quotes", lambda text: '"' + text.strip().replace(",", '","').replace("\n", '"\n"') + '"'),
        ("lines of Windows", lambda text: text.replace("\n", "\r\n").encode()),
        ("midnight", lambda text: text.replace("-14,", "-14 00:00:00,").encode()),
        (
            "notes",
            lambda text: text.replace("\n", ",x\n").replace("Price,x", "Price,_Broker").encode(),
        ),
    ],
)
def test_other_ways_to_write_the_same(tmp_path: Path, name: str, encode: Any) -> None:
    data = put(tmp_path, placements=PLACEMENTS)
    plain = DataFolder(data, TABLES).entries(select())["placements"]
    encoded = encode(PLACEMENTS)
    path = data / "NEOT-2001" / "placements.csv"
    path.write_bytes(encoded.encode() if isinstance(encoded, str) else encoded)
    other = DataFolder(data, TABLES).entries(select())["placements"]
    first, second = write("placements", select(), plain), write("placements", select(), other)
    cells = [
        [cell.value for row in book.workbook["Placements"].iter_rows() for cell in row]
        for book in (first, second)
    ]
    assert cells[0] == cells[1], name


def test_every_agreement_has_its_data(tmp_path: Path) -> None:
    data = put(tmp_path, placements=PLACEMENTS)
    other = data / "NEOT-2001_OTHER"
    other.mkdir()
    (other / "placements.csv").write_text("Date,Shares,Price\n2001-08-15,7777,3.5\n")
    done = build.build(("placements",), out=tmp_path / "out", data=data)
    assert [(item.path, item.change) for item in done] == [
        (tmp_path / "out" / "placements.xlsx", "written"),
        (tmp_path / "out" / "NEOT-2001_OTHER" / "placements.xlsx", "written"),
    ]
    shares = {
        cell.value
        for row in openpyxl.load_workbook(done[1].path)["Placements"].iter_rows()
        for cell in row
    }
    assert 7777 in shares
    assert 50000 not in shares
    (other / "quotes.csv").write_text("Date,Closing bid\n2001-08-15,3.5\n")
    with pytest.raises(FileError, match=r"floating\.xlsx, which is about the deal as a whole"):
        build.build(("placements",), out=tmp_path / "out", data=data)


@pytest.mark.parametrize("names", [(), ("placements",)])
@pytest.mark.parametrize("folder", ["none", "empty", "with a log"])
def test_an_agreement_without_a_log_needs_no_data(
    tmp_path: Path, names: tuple[str, ...], folder: str
) -> None:
    """PURCHASE of CGTX-2022 has no agents and no commission: it can have no data."""
    data = tmp_path / "data"
    (data / "CGTX-2022").mkdir(parents=True)
    if folder != "none":
        (data / "CGTX-2022_PURCHASE").mkdir()
    if folder == "with a log":
        (data / "CGTX-2022_PURCHASE" / "placements.csv").write_text(PLACEMENTS, "utf-8")
    for given in (None, data):
        done = build.build(
            names, deals=["CGTX-2022"], out=tmp_path / "out", data=given, agreements=True
        )
        found = {item.path.relative_to(tmp_path / "out").as_posix(): item for item in done}
        assert found["CGTX-2022/placements.xlsx"].checks_ok
        without = found["CGTX-2022_PURCHASE/placements.xlsx"]
        lost = given is not None and folder == "with a log" and names  # as these were requested
        assert without.change == ("failed" if lost else "left out")
        assert "no agents and no commission" in without.failures[0]


def test_an_agreement_with_a_log_needs_data(tmp_path: Path) -> None:
    data = put(tmp_path, placements=PLACEMENTS)
    [done] = build.build(("placements",), out=tmp_path / "out", data=data, agreements=True)
    assert done.change == "failed"
    assert "put a folder NEOT-2001_OTHER" in done.failures[0]


def test_data_for_no_deal_are_named(tmp_path: Path) -> None:
    data = put(tmp_path, placements=PLACEMENTS)
    (data / "NEOT-2001_OTTER").mkdir()
    (data / "NEOT-2010.xlsx").write_bytes(b"")
    (data / "_notes").mkdir()
    done = build.build(("placements",), out=tmp_path / "out", data=data)
    assert [(item.path.name, item.change) for item in done] == [
        ("placements.xlsx", "written"),
        ("NEOT-2001_OTTER", "failed"),
        ("NEOT-2010.xlsx", "failed"),
    ]
    assert "no deal, and no agreement of one, has this name" in done[1].failures[0]
    other = data / "NEOT-2001_OTHER"
    other.mkdir()
    (other / "placements.csv").write_text(PLACEMENTS, "utf-8")
    ended = CliRunner().invoke(
        main, ["build", "placements", "--data", str(data), "--out", str(tmp_path / "out")]
    )
    assert ended.exit_code == 1
    assert "NEOT-2001_OTTER" in ended.output
    assert ended.stdout.splitlines()[-1] == "2 workbooks: 1 unchanged, 1 written; 2 FAILED besides"


@pytest.mark.long
def test_line_breaks_in_a_cell_are_kept(tmp_path: Path) -> None:
    data = put(tmp_path, tranches='Name,Securities,Exercise price\n"a\r\nb\tc",1000,2.5\n')
    entries = DataFolder(data, TABLES).entries(select())["captable"]
    path = tmp_path / "captable.xlsx"
    path.write_bytes(render("captable", select(), entries=entries).data)
    assert upgrade(path).entries == ()
    book = Workbook(path.read_bytes())
    (sheet,) = [sheet for sheet in book.sheets if sheet.name == "Exercise"]
    assert "a\r\nb\tc" in Layout(book.read(sheet.part)).cell_values(book.texts).values()
