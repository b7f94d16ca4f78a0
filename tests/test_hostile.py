"""Files made to harm: each is refused in one line, at once and with little memory."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import openpyxl
import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for peak memory")

SECONDS: Final = 1.0
"""Of processor time, the start of Python included."""

MEGABYTES: Final = 300

PROGRAM: Final = """
import atexit, sys
from xladdin.cli import main
# Its own peak: what `wait4` tells begins with that of the process that it was forked from.
peak = lambda: [line for line in open("/proc/self/status") if line.startswith("VmHWM")][0]
atexit.register(lambda: sys.stderr.write(peak()))
main()
"""

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET: Final = "xl/worksheets/sheet1.xml"
LAUGHS: Final = (
    '<!DOCTYPE a [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 12))
    + "]>"
)
XXE: Final = '<!DOCTYPE a [<!ENTITY a11 SYSTEM "file:///etc/passwd">]>'


def plain() -> dict[str, bytes]:
    made, buffer = openpyxl.Workbook(), io.BytesIO()
    made.active["A1"] = "x"
    made.save(buffer)
    with zipfile.ZipFile(buffer) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return buffer.getvalue()


def book(rows: str = "", *, after: str = "", doctype: str = "", **more: bytes) -> bytes:
    sheet = f'{doctype}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'
    return packed(plain() | {SHEET: sheet.encode()} | more)


def formula(text: str) -> bytes:
    return book(f'<row r="1"><c r="A1"><f>{text}</f></c></row>')


def overlapping() -> bytes:
    """Sixty names for the same packed bytes, which would unpack to 720 MB."""
    data = bytearray(packed(plain()))
    content = bytes(12 << 20)
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = squeezer.compress(content) + squeezer.flush()
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as package:
        start, count = package.start_dir, len(package.namelist())
    directory = bytes(data[start : data.rindex(b"PK\x05\x06")])
    local = struct.pack(
        "<IHHHHHIIIHH",
        *(0x04034B50, 20, 0, 8, 0, 33, zlib.crc32(content), len(stream), len(content), 1, 0),
    )
    body = bytes(data[:start]) + local + b"a" + stream
    for number in range(60):
        name = f"xl/b{number}".encode()
        directory += struct.pack(
            "<IHHHHHHIIIHHHHHII",
            *(0x02014B50, 20, 20, 0, 8, 0, 33, zlib.crc32(content), len(stream), len(content)),
            *(len(name), 0, 0, 0, 0, 0, start),
        )
        directory += name
    total = count + 60
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, total, total, len(directory), len(body), 0)
    return body + directory + end


LAUGHING: Final = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a11;</t></is></c></row>'

KINDS: Final[dict[str, Callable[[], bytes]]] = {
    "a bomb": lambda: book(after=" " * (64 << 20)),
    "a bomb of many parts": lambda: packed(plain() | {f"xl/{n}": b"" for n in range(20_001)}),
    "overlapping parts": overlapping,
    "entities that expand": lambda: book(LAUGHING, doctype=LAUGHS),
    "an entity that reads a file": lambda: book(LAUGHING, doctype=XXE),
    "broken XML": lambda: book("<row>" * 100_000),
    "a part outside of it": lambda: packed(plain() | {"../../evil.xml": b"x"}),
    "an absolute part": lambda: packed(plain() | {"/etc/evil.xml": b"x"}),
    "an old workbook": lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(10 << 20),
    "cut short": lambda: packed(plain())[:-60],
    "an array over the whole sheet": lambda: book(
        '<row r="1"><c r="A1"><f t="array" ref="A1:XFD1048576">1</f></c></row>'
    ),
    "a cell beyond the sheet": lambda: book('<row r="1048577"><c r="A1048577"><f>1</f></c></row>'),
}

FORMULAS: Final[dict[str, Callable[[], bytes]]] = {
    "nested deeply": lambda: formula("(" * 10_000 + "1" + ")" * 10_000),
    "too long": lambda: formula("+".join(["1"] * 500_000)),
}

DEALS: Final[dict[str, Callable[[], bytes]]] = {
    "a deal of 100 MB": lambda: b"# " + b"x" * (100 << 20),
    "a deal nested deeply": lambda: b"a = " + b"[" * 100_000,
    "a deal with an endless number": lambda: b"format = " + b"9" * 1_000_000,
    "a deal that is no text": lambda: bytes(range(256)),
}


def refused(folder: Path, *arguments: str) -> str:
    """Run the command line, hold it to the bounds, and return its one line."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout as out, process.stderr as err:
        printed, (said, peak) = out.read(), err.read().decode().split("VmHWM:")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 2, said
    assert printed == b""
    assert said.startswith("xladdin: ")
    assert said.count("\n") == 1, said
    assert len(said) < 500, said
    assert int(peak.split()[0]) / 1024 < MEGABYTES, said
    assert usage.ru_utime + usage.ru_stime < SECONDS, said
    return said


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", [("recalc", "--in-place"), ("verify",), ("upgrade",)])
def test_workbooks(tmp_path: Path, kind: str, command: tuple[str, ...]) -> None:
    path = tmp_path / "hostile.xlsx"
    path.write_bytes(KINDS[kind]())
    before = path.stat()
    assert "hostile.xlsx" in refused(tmp_path, *command, "hostile.xlsx")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", FORMULAS)
def test_formulas(tmp_path: Path, kind: str) -> None:
    (tmp_path / "hostile.xlsx").write_bytes(FORMULAS[kind]())
    assert "cannot be" in refused(tmp_path, "recalc", "--in-place", "hostile.xlsx")


@pytest.mark.parametrize("kind", DEALS)
def test_deals(tmp_path: Path, kind: str) -> None:
    (tmp_path / "HOSTILE.toml").write_bytes(DEALS[kind]())
    assert "HOSTILE.toml" in refused(tmp_path, "build", "--deal", "HOSTILE.toml")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("kind", ["a bomb", "overlapping parts", "cut short"])
def test_data(tmp_path: Path, kind: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "NEOT-2001.xlsx").write_bytes(KINDS[kind]())
    assert "NEOT-2001.xlsx" in refused(tmp_path, "build", "--data", "data")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("command", [("recalc", "--in-place"), ("verify",), ("upgrade",)])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, command: tuple[str, ...]) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    assert "pipe.xlsx" in refused(tmp_path, *command, "pipe.xlsx")
    (tmp_path / "endless.xlsx").symlink_to("/dev/zero")
    assert "endless.xlsx" in refused(tmp_path, *command, "endless.xlsx")
