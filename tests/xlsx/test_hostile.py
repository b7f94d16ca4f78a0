"""Files made to harm: each is refused in one line, and with little memory.

Nothing here measures time, which says more of the machine than of the work: what is not done after
a minute, and would have been done in a fraction of a second, is ended and fails its test.
"""

from __future__ import annotations

import io
import os
import socket
import struct
import subprocess
import sys
import threading
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import openpyxl
import pytest
from linked import Link, linked
from offices import needs_office
from packages import packed, parts_of

from xladdin.checking.recalc import recalc
from xladdin.formulas.tokens import tokens
from xladdin.libreoffice import bounds
from xladdin.xlsx.sheet_part import Layout

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for peak memory")

SECONDS: Final = 60
"""After which what should long be done is ended."""

MEGABYTES: Final = 300

PROGRAM: Final = """
import atexit, sys
from xladdin.cli import main
# Its own peak: what `wait4` reports begins with that of the process that it was forked from.
peak = lambda: [line for line in open("/proc/self/status") if line.startswith("VmHWM")][0]
atexit.register(lambda: sys.stderr.write(peak()))
main()
"""

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
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
    return parts_of(buffer.getvalue())


def book(
    rows: str = "", more: Mapping[str, bytes] = {}, *, after: str = "", doctype: str = ""
) -> bytes:
    sheet = f'{doctype}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'
    return packed(plain() | {SHEET: sheet.encode(), **more})


def formula(text: str) -> bytes:
    return book(f'<row r="1"><c r="A1"><f>{text}</f></c></row>')


def sharing(items: str, *, count: int = 1, doctype: str = "") -> bytes:
    """Put shared texts into a workbook, of which a cell and a formula show the first."""
    related = f'<Relationship Id="rIdTexts" Type="{OFFICE}/sharedStrings" Target="texts.xml"/>'
    counts = f'count="{count}" uniqueCount="{count}"'
    rels = "xl/_rels/workbook.xml.rels"
    parts = {
        "xl/texts.xml": f'{doctype}<sst xmlns="{MAIN}" {counts}>{items}</sst>'.encode(),
        rels: plain()[rels].replace(b"</Relationships>", f"{related}</Relationships>".encode()),
    }
    cells = '<c r="A1" t="s"><v>0</v></c><c r="B1"><f>A1</f></c>'
    return book(f'<row r="1">{cells}</row>', parts)


def named(text: str, **names: str) -> bytes:
    """Put one formula, and defined names, into a workbook."""
    listed = "".join(
        f'<definedName name="{name}">{one}</definedName>' for name, one in names.items()
    )
    workbook = plain()["xl/workbook.xml"]
    assert b"<definedNames/>" in workbook
    given = f"<definedNames>{listed}</definedNames>".encode()
    parts = {"xl/workbook.xml": workbook.replace(b"<definedNames/>", given)}
    return book(f'<row r="1"><c r="A1"><f>{text}</f></c></row>', parts)


def shared(count: int) -> bytes:
    """A formula as long as Excel takes them, which many cells share in a few bytes each."""
    text = "+".join(["B1"] * 2_700)
    followers = (
        f'<row r="{row}"><c r="A{row}"><f t="shared" si="0"/></c></row>'
        for row in range(2, count + 1)
    )
    first = f'<c r="A1"><f t="shared" ref="A1:A{count}" si="0">{text}</f></c>'
    return book(f'<row r="1">{first}</row>{"".join(followers)}')


def one_part(count: int) -> bytes:
    """Many sheets that are one and the same part."""
    sheets = "".join(
        f'<sheet name="S{number}" sheetId="{number}" r:id="rId1" xmlns:r="{OFFICE}"/>'
        for number in range(1, count + 1)
    )
    workbook = f'<workbook xmlns="{MAIN}"><sheets>{sheets}</sheets></workbook>'.encode()
    row = f'<row r="1">{"<c><f>1</f></c>" * 9_000}</row>'
    return book(row, {"xl/workbook.xml": workbook})


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


MERGED: Final = '<mergeCell ref="A1:XFD1048576"/></mergeCells>'
LAUGHING: Final = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a11;</t></is></c></row>'

KINDS: Final[dict[str, Callable[[], bytes]]] = {
    "a bomb": lambda: book(after=" " * (64 << 20)),
    "a bomb of many parts": lambda: packed(plain() | {f"xl/{n}": b"" for n in range(20_001)}),
    "a bomb of small parts": lambda: packed(
        plain() | {f"xl/{number}": bytes(1 << 20) for number in range(60)}
    ),
    "overlapping parts": overlapping,
    "entities that expand": lambda: book(LAUGHING, doctype=LAUGHS),
    "an entity that reads a file": lambda: book(LAUGHING, doctype=XXE),
    "entities in shared texts": lambda: sharing("<si><t>&a11;</t></si>", doctype=LAUGHS),
    "broken XML": lambda: book("<row>" * 100_000),
    "nested deeply": lambda: book("<row>" * 1_000_000 + "</row>" * 1_000_000),
    "a part outside of it": lambda: packed(plain() | {"../../evil.xml": b"x"}),
    "an absolute part": lambda: packed(plain() | {"/etc/evil.xml": b"x"}),
    "an old workbook": lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(10 << 20),
    "cut short": lambda: packed(plain())[:-60],
    "an array over the whole sheet": lambda: book(
        '<row r="1"><c r="A1"><f t="array" ref="A1:XFD1048576">1</f></c></row>'
    ),
    "a cell beyond the sheet": lambda: book('<row r="1048577"><c r="A1048577"><f>1</f></c></row>'),
}

FAR: Final = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'

FORMULAS: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "nested deeply": (lambda: formula("(" * 10_000 + "1" + ")" * 10_000), "the engine cannot read"),
    "too long": (lambda: formula("+".join(["1"] * 500_000)), "32,768 characters"),
    "names in a circle": (
        lambda: named("name_a", name_a="name_b+name_b", name_b="name_a+name_a"),
        "names in it stand for too much",
    ),
    "names that double": (
        lambda: named(
            "name_0", **{f"name_{at}": f"name_{at + 1}+name_{at + 1}" for at in range(31)}
        ),
        "names in it stand for too much",
    ),
    "shared by many": (lambda: shared(20_000), "134,217,728 characters"),
    "over cells far apart": (
        lambda: book(f'<row r="1"><c r="A1"><f>SUM(B2:XFD1048576)</f></c></row>{FAR}'),
        "reaches to XFD1048576",
    ),
    "in cells far apart, named by a text": (
        lambda: book(f'<row r="1"><c r="A1"><f>SUM(INDIRECT("B2:XFD9"))</f></c></row>{FAR}'),
        "reaches to XFD1048576",
    ),
    "in one sheet of many names": (lambda: one_part(5_000), "are one part"),
    "of another program": (lambda: formula("cmd|'/C calc'!A0"), "cannot be computed here"),
    "of the network": (
        lambda: formula('WEBSERVICE("http://127.0.0.1/")'),
        "not proved to compute WEBSERVICE",
    ),
}

DEALS: Final[dict[str, Callable[[], bytes]]] = {
    "a deal of 100 MB": lambda: b"# " + b"x" * (100 << 20),
    "a deal nested deeply": lambda: b"a = " + b"[" * 100_000,
    "a deal with an endless number": lambda: b"format = " + b"9" * 1_000_000,
    "a deal that is no text": lambda: bytes(range(256)),
    "a deal with an endless key": lambda: b"k" * 400_000 + b" = 1",
    "a deal of many tables": lambda: b"".join(b"[x.a%d]\n" % number for number in range(40_000)),
}


def run(folder: Path, *arguments: str) -> tuple[int, bytes, str]:
    """Run the command line, within the bounds, and return its status, output and errors."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    # What waits for something would wait for ever, and so it fails.
    end = threading.Timer(SECONDS, process.kill)
    end.start()
    with process.stdout as out, process.stderr as err:
        printed, (errors, _, peak) = out.read(), err.read().decode().partition("VmHWM:")
    assert peak, "it was ended"
    status = process.wait()
    end.cancel()
    assert int(peak.split()[0]) / 1024 < MEGABYTES, errors
    return status, printed, errors


def refused(folder: Path, *arguments: str) -> list[str]:
    """Run the command line, see that it refuses, and return its lines, one of each file."""
    status, printed, errors = run(folder, *arguments)
    assert (status, printed) == (2, b""), errors
    lines = errors.splitlines()
    for line in lines:
        assert line.startswith("xladdin: ")
        assert len(line) < 500, line
    return lines


def refused_one(folder: Path, *arguments: str) -> str:
    """Run the command line on one file, see that it refuses it, and return its line."""
    (line,) = refused(folder, *arguments)
    return line


@pytest.mark.sample(1)
@pytest.mark.parametrize("command", [("recalc", "--in-place"), ("verify",), ("upgrade",)])
def test_workbooks(tmp_path: Path, command: tuple[str, ...]) -> None:
    """All in one command, which goes on to the next."""
    for kind, make in KINDS.items():
        (tmp_path / f"{kind}.xlsx").write_bytes(make())
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    names = [f"{kind}.xlsx" for kind in KINDS]
    lines = refused(tmp_path, *command, *names)
    assert [line.split(":")[1].strip() for line in lines] == names
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


@pytest.mark.long
def test_formulas(tmp_path: Path) -> None:
    for kind, (make, _) in FORMULAS.items():
        (tmp_path / f"{kind}.xlsx").write_bytes(make())
    lines = refused(tmp_path, "recalc", "--in-place", *(f"{kind}.xlsx" for kind in FORMULAS))
    for line, (kind, (_, words)) in zip(lines, FORMULAS.items(), strict=True):
        assert line.startswith(f"xladdin: {kind}.xlsx: "), line
        assert words in line


def all_tokens(text: str) -> str:
    return "".join(token.text for token in tokens(text))


def all_formulas(sheet: bytes) -> list[str]:
    return [formula.text for formula in Layout(sheet).formulas]


def test_apostrophes_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An expression that tried them in all ways would take an hour for as many."""
    monkeypatch.setenv(bounds.SECONDS_VARIABLE, str(SECONDS))
    text = "'" * 400_000
    assert bounds.bounded(all_tokens, "the text")(text) == text


def test_extensions_that_hold_nothing_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bounds.SECONDS_VARIABLE, str(SECONDS))
    rows = '<row r="1"><c r="A1"><f>1</f></c></row>' + "<extLst/>" * 400_000
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()
    assert bounds.bounded(all_formulas, "the sheet")(sheet) == ["1"]


@pytest.mark.parametrize(
    "data",
    [
        book('<row r="1"><c r="A1"><f>1+1</f></c></row>', after=f'<mergeCells count="1">{MERGED}'),
        book(f'<row r="1"><c r="A1"><f>1+1</f></c></row>{FAR}'),
        sharing("<si><t>a</t></si>", count=4_000_000_000),
    ],
    ids=["a merged sheet", "cells far apart", "a count of texts that lies"],
)
def test_what_does_no_harm_is_computed(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "book.xlsx").write_bytes(data)
    assert run(tmp_path, "recalc", "--in-place", "book.xlsx")[0] == 0


@pytest.mark.sample(1)
@pytest.mark.parametrize("kind", DEALS)
def test_deals(tmp_path: Path, kind: str) -> None:
    (tmp_path / "HOSTILE.toml").write_bytes(DEALS[kind]())
    assert "HOSTILE.toml" in refused_one(tmp_path, "build", "--deal", "HOSTILE.toml")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.sample(1)
@pytest.mark.parametrize("kind", ["a bomb", "overlapping parts", "cut short"])
def test_data(tmp_path: Path, kind: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "NEOT-2001.xlsx").write_bytes(KINDS[kind]())
    assert "NEOT-2001.xlsx" in refused_one(tmp_path, "build", "--data", "data")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("engine", ["embedded", pytest.param("libreoffice", marks=needs_office)])
def test_links_are_not_followed(tmp_path: Path, engine: str) -> None:
    """One leads to a server, the other to a pipe, where opening it would be the end."""
    os.mkfifo(tmp_path / "other.xlsx")
    path = tmp_path / "book.xlsx"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        away = Link(f"http://127.0.0.1:{server.getsockname()[1]}/rates.xlsx")
        near = Link((tmp_path / "other.xlsx").as_uri(), held=7)
        path.write_bytes(linked(named("[1]Sheet1!A1+[2]Sheet1!A1", held="1"), away, near))
        done = recalc(path, in_place=True, engine=engine)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert (done.formulas, done.errors) == (1, 0)
    assert openpyxl.load_workbook(path, data_only=True).active["A1"].value == 12


def chain(count: int, first: str, rest: str) -> bytes:
    """A column of formulas, each of which takes what is above it."""
    texts = [first, *(rest.format(row) for row in range(1, count))]
    cells = (
        f'<row r="{row}"><c r="A{row}"><f>{text}</f></c></row>' for row, text in enumerate(texts, 1)
    )
    return book("".join(cells))


ENDLESS: Final[dict[str, Callable[[], bytes]]] = {
    "texts that double": lambda: chain(30, 'REPT("x",32767)', "A{0}&amp;A{0}"),
    "texts that are joined": lambda: chain(30, 'REPT("x",32767)', "CONCATENATE(A{0},A{0},A{0})"),
    "a billion periods": lambda: formula("CUMPRINC(0.01,1000000000,1000,1,1000000000,0)"),
    "a million by a million": lambda: formula(
        "SUM(FREQUENCY(ROW(A$1:A$1000000),ROW(A$1:A$1000000)))"
    ),
    "a sequence": lambda: formula("SUM(_xlfn.SEQUENCE(1000000,1000))"),
    "a product of columns": lambda: formula(
        "SUMPRODUCT((ROW(A1:A60000)=TRANSPOSE(ROW(A1:A60000)))*1)"
    ),
    "a long chain": lambda: chain(60_000, "1", "A{0}+1"),
}
"""Workbooks that take more than there is, unless the engine refuses them or is quick with them."""


SAMPLE: Final = {
    ("texts that double", "embedded"),
    ("a million by a million", "embedded"),
}
OFFICE_TOO: Final = {"embedded": (), "libreoffice": (needs_office,)}


@pytest.mark.parametrize(
    ("kind", "engine"),
    [
        pytest.param(
            kind,
            engine,
            marks=[*OFFICE_TOO[engine], *[pytest.mark.long] * ((kind, engine) not in SAMPLE)],
        )
        for kind in ENDLESS
        for engine in OFFICE_TOO
    ],
)
def test_what_takes_too_much_costs_a_line(tmp_path: Path, kind: str, engine: str) -> None:
    (tmp_path / "hostile.xlsx").write_bytes(ENDLESS[kind]())
    (tmp_path / "good.xlsx").write_bytes(formula("1+1"))
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from xladdin.cli import main; main()"),
            *("recalc", "--in-place", "--engine", engine),
            *("hostile.xlsx", "good.xlsx"),
        ],
        cwd=tmp_path,
        env=os.environ | {bounds.SECONDS_VARIABLE: "5", bounds.MEMORY_VARIABLE: "1000"},
        capture_output=True,
        text=True,
        timeout=4 * SECONDS,
        check=False,
    )
    assert "good.xlsx  1 formula  1 value changed" in done.stdout
    assert done.stderr.count("\n") == (done.returncode != 0)
    assert done.returncode == 0 or done.stderr.startswith("xladdin: hostile.xlsx: ")


@pytest.mark.sample(1)
@pytest.mark.parametrize("command", [("recalc", "--in-place"), ("verify",), ("upgrade",)])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, command: tuple[str, ...]) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    assert "pipe.xlsx" in refused_one(tmp_path, *command, "pipe.xlsx")
    (tmp_path / "endless.xlsx").symlink_to("/dev/zero")
    assert "endless.xlsx" in refused_one(tmp_path, *command, "endless.xlsx")
