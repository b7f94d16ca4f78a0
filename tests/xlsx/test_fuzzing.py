"""Formulas and damaged files of every kind: they are read or refused in words, and nothing else."""

from __future__ import annotations

import datetime
import io
import math
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import openpyxl
import pytest
from draws import draws
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from packages import packed, parts_of
from paths import WORKBOOKS

from xladdin.building.data_folder import DataFolder
from xladdin.building.render import TABLES, write
from xladdin.building.upgrade import upgrade
from xladdin.cells import CLASSIC_ERRORS, CellError
from xladdin.characters import unseen
from xladdin.checking.recalc import recalc
from xladdin.checking.verify import verify
from xladdin.engines.embedded import compute as embedded
from xladdin.engines.libreoffice import import_copy
from xladdin.errors import FileError
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import read_terms, select
from xladdin.terms.store import SHIPPED, UnknownTerms
from xladdin.workbooks.layout.user_inputs import NOTHING
from xladdin.xlsx import openpyxl_writer
from xladdin.xlsx.package import Package
from xladdin.xlsx.sheet_part import Layout, layouts_of
from xladdin.xlsx.workbook_part import Workbook

EXAMPLES: Final = draws(60) * int(os.environ.get("XLADDIN_FUZZ", "1"))
"""How many damaged files of each kind; more if the environment says so."""

CELLS: Final[tuple[object, ...]] = (
    None,
    True,
    False,
    -1,
    0,
    0.1,
    -1e-320,
    1e308,
    -1e308,
    2**53 + 1,
    37144,
    2958466,
    "",
    "x",
    "4.04",
    "TRUE",
    "'",
    "=1",
    "\U0001f600",
    "a" * 32767,
    "NEOT-2001",
    "NEOT-2001/OTHER",
    datetime.date(2001, 9, 10),
    datetime.datetime(2001, 9, 10, 16, 30),
    datetime.time(16, 30),
    *CLASSIC_ERRORS,
)
"""What stands in column A of the sheet that formulas refer to."""

LAST: Final = len(CELLS)

PIECES: Final = (
    *(f"Data!A{row}" for row in range(1, LAST + 1)),
    f"Data!A1:A{LAST}",
    "Data!A4:A6",
    "Data!A5:A5",
    "Data!A4:C6",
    "Data!A:A",
    "Data!4:4",
    "Data!A4:XFD4",
    "Data!ZZ9:ZZ1000",
    "Nowhere!A1",
    "Everything",
    "nosuch",
    "",
    "TRUE",
    "1E308",
    "-0",
    "0.1",
    "2000000",
    "25000000",
    "25000000.01",
    "37144",
    '"NEOT-2001"',
    '"CEO_FEE"',
    '""',
    "#N/A",
    "#REF!",
    "{1,2;3,4}",
    '{1,"x";TRUE,#N/A}',
    "{1;2;3}",
    "(1,2)",
    "Data!A4:A6*1",
    "1/0",
    "-Data!A5",
    "@Data!A4:A6",
    'INDIRECT("Data!A4:A6")',
    "OFFSET(Data!A5,0,0,2,2)",
    "IF(Data!A4:A6>0,1,NA())",
)
"""What is given to functions: cells and ranges of all kinds, constants, and what makes no sense."""


USUAL: Final = (
    "0",
    "3",
    "4.5",
    "38.8",
    "2000000",
    "9000000",
    "37144",
    "Data!A6",
    "",
    '"NEOT-2001"',
)
"""What makes sense to most functions."""


def arguments() -> st.SearchStrategy[list[str]]:
    simple = st.sampled_from(PIECES) | st.sampled_from(USUAL)
    nested = st.builds(
        "{}({})".format,
        st.sampled_from([*FUNCTIONS, "SUM", "IFERROR", "INDEX", "SUMPRODUCT"]),
        st.lists(simple, max_size=4).map(",".join),
    )
    return st.lists(simple | simple | simple | nested, max_size=7)


def with_data(formulas: list[str]) -> bytes:
    """Make a workbook with formulas in column A, some of them array formulas."""
    made, buffer = openpyxl.Workbook(), io.BytesIO()
    sheet, data = made.active, made.create_sheet("Data")
    for row, cell in enumerate(CELLS, 1):
        data.cell(row, 1, cell)
        if isinstance(cell, str) and cell not in CLASSIC_ERRORS:
            data.cell(row, 1).data_type = "s"
    data["B4"], data["C6"] = 7, "y"
    made.defined_names["Everything"] = DefinedName("Everything", attr_text="Data!$A$1:$C$99")
    for row, formula in enumerate(formulas, 1):
        sheet.cell(row, 1, f"={formula}" if row % 3 else ArrayFormula(f"A{row}", f"={formula}"))
    made.save(buffer)
    return buffer.getvalue()


CSV: Final = b"Date,Shares,Price\n2001-08-14,50000,4.04\n2001-09-10,120000,4.5\n"
NEW: Final = (b"", b"\xff", b"\0", b"<", b'"', b"9" * 400, b"-1", b"A1:XFD9")

fuzzed = settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def small() -> bytes:
    made, buffer = openpyxl.Workbook(), io.BytesIO()
    sheet = made.active
    sheet.title = "Placements"
    sheet.append(["Date", "Shares", "Price", None])
    sheet.append([datetime.date(2001, 8, 14), 50000, 4.04, "=CEO_FEE(B2*C2)"])
    sheet.append([datetime.date(2001, 8, 15), 500, 4.1, "=SUM(D2:D2)"])
    made.save(buffer)
    return buffer.getvalue()


SMALL: Final = small()
FILLED: Final = (WORKBOOKS / "captable.xlsx").read_bytes()


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Change, drop or repeat some bytes."""
    found = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(found)))
        end = min(len(found), at + draw(st.integers(0, 40)))
        found[at:end] = draw(st.sampled_from([*NEW, bytes(found[at:end]) * 2]))
    return bytes(found)


@st.composite
def workbooks(draw: st.DrawFn, data: bytes) -> bytes:
    """Damage a workbook: its archive, or a part inside of a sound one."""
    if draw(st.booleans()):
        return draw(damaged(data))
    parts = parts_of(data)
    name = draw(st.sampled_from(sorted(parts)))
    if draw(st.integers(0, 9)):
        parts[name] = draw(damaged(parts[name]))
    else:
        del parts[name]
    return packed(parts)


def refusal(call: Callable[[], object]) -> str:
    """What is said where a file is refused; whatever else is raised is a crash."""
    try:
        call()
    except (FileError, UnknownTerms) as error:
        return str(error)
    return ""


@pytest.mark.sample(6)
@pytest.mark.parametrize("name", FUNCTIONS)
@settings(fuzzed, max_examples=max(2, EXAMPLES // 10))
@given(given_to=st.lists(arguments(), min_size=8, max_size=8))
def test_every_function_in_a_workbook(name: str, given_to: list[list[str]]) -> None:
    """Every cell gets a value that a cell can hold, or is named as one that cannot be computed."""
    data = with_data([f"{name}({','.join(one)})" for one in given_to])
    found = embedded.compute(data)
    refused = {(one.sheet, one.cell) for one in found.refusals}
    for row in range(1, len(given_to) + 1):
        value = found.value("Sheet", row, 1)
        if ("Sheet", f"A{row}") in refused:
            continue
        assert value is not None
        assert isinstance(value, bool | str | CellError) or math.isfinite(value)


@fuzzed
@given(data=workbooks(SMALL))
def test_recalc_and_verify(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(data)
    for run in (recalc, verify):
        assert "\n" not in refusal(partial(run, path, engine="embedded"))
    assert path.read_bytes() == data


@pytest.mark.long
@fuzzed
@given(data=workbooks(FILLED))
def test_upgrade(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(data)
    assert "\n" not in refusal(lambda: upgrade(path, out=tmp_path / "out"))
    assert path.read_bytes() == data


@pytest.mark.parametrize("name", ["NEOT-2001/placements.csv", "NEOT-2001.xlsx"])
@fuzzed
@given(data=st.data())
def test_data_folders(tmp_path: Path, name: str, data: st.DataObject) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data.draw(damaged(CSV) if name.endswith("csv") else workbooks(SMALL)))

    def fill() -> None:
        entries = DataFolder(tmp_path, TABLES).entries(select())
        write("placements", select(), entries.get("placements", NOTHING))

    assert "\n" not in refusal(fill)


@fuzzed
@given(data=workbooks(SMALL))
def test_copies_for_libreoffice(data: bytes) -> None:
    """A copy leads nowhere, or there is none."""

    def copy() -> None:
        book = Workbook(data, "damaged.xlsx")
        layouts_of(book)  # refuses sheets that cannot be read
        package = Package(import_copy.copied(book))
        for name in package.names:
            if name.endswith(".rels"):
                folder, _, part = name.rpartition("_rels/")
                targets = package.external_targets(folder + part.removesuffix(".rels"))
                assert all(target.startswith("xladdin-") for target in targets.values())

    assert "\n" not in refusal(copy)


@fuzzed
@given(data=damaged((SHIPPED / "NEOT-2001.toml").read_bytes()))
def test_deals(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "NEOT-2001.toml"
    path.write_bytes(data)
    assert "\n" not in refusal(lambda: read_terms(path))


@fuzzed
@given(texts=st.lists(st.text(max_size=30) | st.from_regex(r"_x[0-9A-Fa-f]{4}_"), max_size=5))
def test_texts_come_back(texts: list[str]) -> None:
    """What is written as a cell's text is read as the same text."""
    made = openpyxl.Workbook()
    kept = [text for text in texts if text and not unseen(text, "\n\r\t")]
    for row, text in enumerate(kept, 1):
        made.active.cell(row, 1).value = text
        made.active.cell(row, 1).data_type = "s"
    book = Workbook(openpyxl_writer.parts_of(made))
    held = Layout(book.read(book.sheets[0].part)).cell_values(book.texts)
    assert [held[row, 1] for row in range(1, len(kept) + 1)] == kept
