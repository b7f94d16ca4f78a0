"""Data folders that are refused: what is wrong, in which line, and what to write."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from building.data_files import PLACEMENTS, ROWS, put, refused, workbook

from xladdin.building import data_folder
from xladdin.building.data_folder import DataFolder
from xladdin.building.render import TABLES
from xladdin.errors import FileError
from xladdin.terms import select
from xladdin.terms.store import forget


@pytest.fixture(autouse=True)
def _fresh_deals() -> Iterator[None]:
    yield
    forget()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        ("Date,Shares\n2001-08-14,5\n", "its column Price is missing; there are Date, Shares"),
        ("Date,Shares,Price,Fee\n", "its column 'Fee' is none of the table's"),
        ("Date,Shares,Price,price\n", "it has the column Price twice"),
        ("Date,Shares,Price\n2001-08-14,5\n", "line 2, Price: there is no value"),
        ("Date,Shares,Price\n2001-08-14,5,4,9\n", "line 2: it has more cells than there are head"),
        ("Date,Shares,Price\n\n14.8.2001,5,4\n", "line 3, Date: '14.8.2001' cannot be read"),
        ("Date,Shares,Price\n2001-08-14,2.5,4\n", "line 2, Shares: '2.5' cannot be read"),
        ("Date,Shares,Price\n2001-08-14,5,0\n", "line 2, Price: '0' is not accepted"),
        ("Date,Shares,Price\n1950-08-14,5,4\n", "Date of sale, from 2000 to 2009"),
        ('Date,Shares,Price\n2001-08-14,"5,4\n', "it is no sound CSV"),
        ("Date,Shares,Price\n2001-08-14,\0,4\n", "line 2"),
        ("Date,Shares,Price\n2001-08-14,=1+1,4\n", "line 2, Shares: '=1+1' cannot be read"),
    ],
)
def test_csv_refused(tmp_path: Path, text: str, reason: str) -> None:
    message = refused(put(tmp_path, placements=text))
    assert "placements.csv" in message
    assert reason in message


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ("Name,Value\nx,1\n", "it needs Workbook, Name, Value"),
        ("Workbook,Name,Value\nplacement,x,1\n", "line 2: no workbook is named 'placement'"),
        ("Workbook,Name,Value\nplacements,Price,1\n", "line 2: the workbook has no input named"),
        ("Workbook,Name,Value\nplacements,Deal,X\n", "there are Explained_placement, Prepared_by"),
        (
            "Workbook,Name,Value" + "\nplacements,Price_for_the_rest,1" * 2,
            "line 3: Price_for_the_rest is there twice",
        ),
        ("Workbook,Name,Value\nplacements,Price_for_the_rest,cheap\n", "'cheap' cannot be read"),
    ],
)
def test_inputs_refused(tmp_path: Path, inputs: str, reason: str) -> None:
    assert reason in refused(put(tmp_path, inputs=inputs))


def test_other_files_and_folders_refused(tmp_path: Path) -> None:
    data = put(tmp_path, placments=PLACEMENTS)
    message = refused(data)
    assert "no table to fill is named placments" in message
    assert (
        "there are Placements, Quotes, Tranches, Conversions, Advances, Quotations, Sales, "
        "Share_changes, Securities, Warrants, Warrant_changes, Shelf, Inputs" in message
    )
    deal = data / "NEOT-2001"
    (deal / "placments.csv").rename(deal / "_placments.csv")  # passed over
    assert DataFolder(data, TABLES).entries(select()) == {}
    (deal / "placements.txt").write_text("x")
    assert "holds CSV files" in refused(data)
    (deal / "placements.txt").rename(deal / "placements.csv")
    (deal / "Placements.CSV").write_text(PLACEMENTS)
    assert "is the same table" in refused(data)
    (data / "NEOT-2001.xlsx").write_bytes(b"")
    assert "there is NEOT-2001.xlsx, too" in refused(data)
    assert "put a folder NEOT-2001_OTHER" in refused_deal(data, "NEOT-2001/OTHER")
    with pytest.raises(FileError, match="no such folder"):
        DataFolder(tmp_path / "none", TABLES)


def refused_deal(data: Path, deal: str) -> str:
    with pytest.raises(FileError) as caught:
        DataFolder(data, TABLES).entries(select(deal))
    return str(caught.value)


def test_workbooks_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    file = data / "NEOT-2001.xlsx"
    workbook(file, {"Turnover": ROWS}, {})
    assert "no table to fill is named Turnover" in refused(data)
    workbook(file, {"Placements": ROWS, "x": ROWS}, {"x": "Placements!A1:C4"})
    assert "it holds Placements twice" in refused(data)
    workbook(file, {"Placements": [*ROWS, [None, None, None, "?"]]}, {})
    assert "Placements!D5 has no heading above it" in refused(data)
    workbook(file, {"Placements": [*ROWS, ["=TODAY()", 5, 4.0]]}, {})
    assert "its formula in A5" in refused(data)
    file.write_bytes(b"PK")
    assert "it is not a workbook" in refused(data)


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = put(tmp_path, placements=PLACEMENTS)
    with monkeypatch.context() as short:
        short.setattr(data_folder, "LONGER", {"Placements": 1})
        assert "it has more than 1 rows" in refused(data)
    monkeypatch.setattr(data_folder, "MAX_SIZE", 10)
    assert "it is larger than 10 bytes" in refused(data)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    data = put(tmp_path)
    os.mkfifo(data / "NEOT-2001" / "placements.csv")
    assert "it is no ordinary file" in refused(data)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('2001-08-14,"50,000",4', "line 2, Shares: '50,000' cannot be read; write 50000"),
        ("2001-08-14,50.000,4", "Shares: '50.000' cannot be read; write 50000 or 50"),
        ("2001-08-14,1 000 000,4", "write 1000000"),
        ("2001-08-14,1.000.000,4", "write 1000000"),
        ("2001-08-14,(500),4", "write -500"),
        ("2001-08-14,5,$4.04", "line 2, Price: '$4.04' cannot be read; write 4.04"),
        ("2001-08-14,5,4.04 USD", "Price: '4.04 USD' cannot be read; write 4.04"),
        ('2001-08-14,5,"4,04"', "write 4.04"),
        ("2001-08-14,5,four", "write a number such as 4.04"),
        ("20010814,5,4", "line 2, Date: '20010814' cannot be read; write 2001-08-14"),
        ("14.8.2001,5,4", "write 2001-08-14"),
        ("8/14/2001,5,4", "write 2001-08-14"),
        ("3/4/2001,5,4", "write 2001-03-04 or 2001-04-03"),
        ("14-Aug-2001,5,4", "write 2001-08-14"),
        ('"August 14, 2001",5,4', "write 2001-08-14"),
        ("2001-08-14 10:30,5,4", "write a date such as 2001-08-14"),
        ("20011314,5,4", "write a date such as 2001-08-14"),
    ],
)
def test_what_is_meant_is_named(tmp_path: Path, text: str, reason: str) -> None:
    assert reason in refused(put(tmp_path, placements=f"Date,Shares,Price\n{text}\n"))


def test_all_wrong_cells_at_once(tmp_path: Path) -> None:
    lines = "".join(f'2001-08-14,"{number},000",${number}\n' for number in range(1, 16))
    message = refused(put(tmp_path, placements=f"Date,Shares,Price\n{lines}"))
    assert "placements.csv: 30 things are wrong: line 2, Shares: '1,000' cannot be read" in message
    assert message.count(" cannot be read; write ") == 20
    assert "line 11, Price: '$10' cannot be read; write 10 | and 10 more" in message


def test_all_wrong_headings_at_once(tmp_path: Path) -> None:
    rows = "Datum,Shares,Prise,shares\n2001-08-14,x,4,\n"
    message = refused(put(tmp_path, placements=rows))
    assert message == (
        f"{tmp_path / 'data' / 'NEOT-2001' / 'placements.csv'}: 6 things are wrong: "
        "its column 'Datum' is none of the table's | its column 'Prise' is none of the table's | "
        "it has the column Shares twice | its column Date is missing | its column Price is missing "
        "| line 2, Shares: 'x' cannot be read; write a whole number such as 25000; "
        "there are Date, Shares, Price; names with _ are passed over"
    )


def test_all_wrong_files_lines_and_inputs_at_once(tmp_path: Path) -> None:
    lines = "Date,Shares,Price\n2001-08-14,5,4,9\n2001-08-15,5,4,9\n"
    message = refused(put(tmp_path / "a", placements=lines, turnover="Date\n"))
    assert (
        "NEOT-2001: 2 things are wrong: placements.csv: 2 things are wrong: line 2: it" in message
    )
    assert "| line 3: it has more cells" in message
    assert "| turnover.csv: no table to fill is named turnover" in message
    inputs = "Workbook,Name,Value\nplacement,x,1\nproceed,y,1\n"
    message = refused(put(tmp_path / "b", inputs=inputs))
    assert "line 2: no workbook is named 'placement' | line 3: no workbook is named" in message
    inputs = "Workbook,Name,Value\nplacements,Price_for_the_rest,cheap\nplacements,x,1\n"
    message = refused(put(tmp_path / "c", inputs=inputs, placements="Date,Shares\n2001-08-14,5\n"))
    assert "3 things are wrong: " in message
    assert "Price_for_the_rest: 'cheap' cannot be read" in message
    assert "the workbook has no input named x" in message
    assert "placements.csv: its column Price is missing" in message


@pytest.mark.parametrize(
    "title",
    ["Sales of the programme\n", "Sales of the programme\n\n", "Sales,,\n", "Sales;;\nto 2001;;\n"],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_title_above_the_headings(tmp_path: Path, title: str, delimiter: str) -> None:
    text = title.replace(",", delimiter) + PLACEMENTS.replace(",", delimiter)
    message = refused(put(tmp_path, placements=text.replace(";", delimiter)))
    assert "title" in message
    assert "take out what stands above the headings" in message


def test_a_title_in_a_workbook(tmp_path: Path) -> None:
    title: list[Any] = ["Sales of the programme", None, None]
    workbook(tmp_path / "data" / "NEOT-2001.xlsx", {"Placements": [title, *ROWS]}, {})
    message = refused(tmp_path / "data")
    assert "title" in message
    assert "take out what stands above the headings" in message


def test_more_rows_than_the_limit_are_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "1,2001-08-14,4\n" * (data_folder.MAX_ROWS + 5)
    data = put(tmp_path, quotations=f"Number,Date,Quotation\n{lines}")
    monkeypatch.setattr("xladdin.building.render.TEMPLATES", {})  # nothing is made of them
    with pytest.raises(FileError, match=r"quotations\.csv: it has more than 6,000 rows"):
        DataFolder(data, TABLES).entries(select())


@pytest.mark.parametrize(
    "character", ["\x01", "\x1b", "\x9b", "\u202e", "\u200b", "\uffff", "\u2028"]
)
def test_characters_that_no_reader_sees(tmp_path: Path, character: str) -> None:
    tranches = f"Name,Securities,Exercise price\na{character}b,1000,2.5\n"
    message = refused(put(tmp_path, tranches=tranches), "captable")
    assert f"line 2, Name: it holds the character U+{ord(character):04X}" in message
    assert message.isprintable()
