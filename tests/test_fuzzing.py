"""Damaged files of every kind: they are read or refused in words, and nothing else."""

from __future__ import annotations

import datetime
import io
import os
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xladdin.core.errors import FileError
from xladdin.recalculation import recalc
from xladdin.templates.datafolder import DataFolder
from xladdin.templates.entries import NOTHING
from xladdin.templates.rendering import TABLES, write
from xladdin.templates.upgrading import upgrade
from xladdin.terms import select
from xladdin.terms.store import UnknownTerms
from xladdin.verification import verify

EXAMPLES: Final = 60 * int(os.environ.get("XLADDIN_FUZZ", "1"))
"""How many damaged files of each kind; more if the environment says so."""

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


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


SMALL: Final = small()
FILLED: Final = (Path(__file__).parents[1] / "workbooks" / "captable.xlsx").read_bytes()


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
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for one, content in parts.items():
            package.writestr(one, content)
    return buffer.getvalue()


def refusal(call: Callable[[], object]) -> str:
    """What is said where a file is refused; whatever else is raised is a crash."""
    try:
        call()
    except (FileError, UnknownTerms) as error:
        return str(error)
    return ""


@fuzzed
@given(data=workbooks(SMALL))
def test_recalc_and_verify(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(data)
    for run in (recalc, verify):
        assert "\n" not in refusal(partial(run, path))
    assert path.read_bytes() == data


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
