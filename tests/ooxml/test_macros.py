"""Macros put into a package: what is added, what stays as it was, and who can read it."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import warnings
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from xladdin.core.errors import FileError
from xladdin.hosts import vba
from xladdin.ooxml import macros
from xladdin.ooxml.workbook import Workbook
from xladdin.registry import FUNCTIONS
from xladdin.templates import TEMPLATES, rendering
from xladdin.terms import select

PYTHON = r"C:\Users\Zoë O'Hara\AppData\Local\Programs\xladdin\Scripts\python.exe"
SETTINGS = macros.settings_for(PYTHON)


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # those of a library of its own
    from oletools.olevba import VBA_Parser


@pytest.fixture(scope="module", params=TEMPLATES)
def both(request: pytest.FixtureRequest) -> tuple[bytes, bytes]:
    """A workbook without macros and with them."""
    plain = rendering.render(request.param, select()).data
    return plain, macros.macro_workbook(plain, SETTINGS)


@pytest.fixture(scope="module")
def addin() -> bytes:
    return macros.addin(SETTINGS)


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        assert len(set(package.namelist())) == len(package.namelist())
        return {name: package.read(name) for name in package.namelist()}


def modules(data: bytes) -> dict[str, str]:
    """Extract the VBA: each module's source by its name."""
    parser = VBA_Parser("book.xlsm", data=data)
    found = {module: source for _, _, module, source in parser.extract_macros()}
    parser.close()
    return {module.rpartition(".")[0]: source for module, source in found.items()}


def declared(data: bytes) -> list[str]:
    """List the document modules that the project declares."""
    parser = VBA_Parser("vbaProject.bin", data=parts(data)[macros.PROJECT])
    project = parser.ole_file
    text = project.openstream("PROJECT").read().decode("ascii")
    # Nothing compiled, and marked so: Excel is to compile the source.
    assert project.openstream("VBA/_VBA_PROJECT").read()[:5] == b"\xcc\x61\xff\xff\x00"
    parser.close()
    documents = re.findall(r"^Document=(\w+)/&H00000000\r$", text, re.MULTILINE)
    assert "Class=Sheet" not in text
    return documents


def opened(data: bytes) -> Any:
    """Open a macro workbook; openpyxl refuses add-ins, which differ in nothing but their type."""
    content = parts(data)
    types = content["[Content_Types].xml"].replace(b".addin.", b".sheet.")
    as_book = macros._packed({**content, "[Content_Types].xml": types})
    return openpyxl.load_workbook(io.BytesIO(as_book), keep_vba=True)


def code_names(data: bytes) -> list[str]:
    book = opened(data)
    return [book.code_name, *(sheet.sheet_properties.codeName for sheet in book.worksheets)]


def check_vba(data: bytes) -> None:
    found = modules(data)
    assert found[vba.MODULE] == f'Attribute VB_Name = "{vba.MODULE}"\r\n' + vba.wrapper()
    assert found["ThisWorkbook"].endswith("\r\n" + vba.STARTUP)
    theirs = modules(_source())
    assert found["xlwings"] == theirs["xlwings"]
    assert found["Dictionary"] == theirs["Dictionary"]
    sheets = [name for name in found if name.startswith("Sheet")]
    assert set(found) == {vba.MODULE, "ThisWorkbook", "xlwings", "Dictionary", *sheets}
    # Where xlwings looks for its settings is where they are.
    assert (
        f'PROJECT_NAME As String = "{macros.CONFIGURATION.removesuffix(".conf")}"'
        in (found["xlwings"])
    )
    for name in sheets:
        lines = found[name].split("\r\n")
        assert lines[0] == f'Attribute VB_Name = "{name}"'
        assert all(line.startswith("Attribute ") for line in lines if line)
    assert code_names(data) == declared(data) == ["ThisWorkbook", *sheets]


def _source() -> bytes:
    import xlwings

    return (Path(xlwings.__file__).parent / macros.SOURCE).read_bytes()


def test_the_vba_is_what_was_written(both: tuple[bytes, bytes]) -> None:
    check_vba(both[1])


def test_the_addins_vba_is_what_was_written(addin: bytes) -> None:
    check_vba(addin)


def test_the_rest_is_as_it_was(both: tuple[bytes, bytes]) -> None:
    plain, made = map(parts, both)
    book = Workbook(both[1])
    *sheets, settings = book.sheets
    assert set(made) - set(plain) == {macros.PROJECT, settings.part}
    assert set(plain) <= set(made)
    assert [sheet.part for sheet in sheets] == [sheet.part for sheet in Workbook(both[0]).sheets]
    for place, sheet in enumerate(sheets, 1):
        said = f' codeName="Sheet{place}"'.encode()
        assert made[sheet.part].count(said) == 1
        assert made[sheet.part].replace(said, b"") == plain[sheet.part]
    changed = {name for name, content in plain.items() if made[name] != content}
    assert changed == {
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        *(sheet.part for sheet in sheets),
    }
    for name in ("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        # What is there was there, bar what it says of itself.
        before, after = (set(re.findall(rb"<[^>]*>", each[name])) for each in (plain, made))
        assert len(before - after) <= 1
        assert len(after - before) <= 3


def test_openpyxl_reads_the_same_values(both: tuple[bytes, bytes]) -> None:
    before, after = (
        openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_vba=True) for data in both
    )
    assert after.sheetnames == [*before.sheetnames, macros.CONFIGURATION]
    assert after[macros.CONFIGURATION].sheet_state == "hidden"
    for sheet in before.worksheets:
        assert list(after[sheet.title].values) == list(sheet.values)
    buffer = io.BytesIO()
    after.save(buffer)
    assert parts(buffer.getvalue())[macros.PROJECT] == parts(both[1])[macros.PROJECT]


def test_the_same_bytes_every_time(both: tuple[bytes, bytes], addin: bytes) -> None:
    macros.project.cache_clear()
    assert macros.macro_workbook(both[0], SETTINGS) == both[1]
    assert macros.addin(SETTINGS) == addin


def test_the_kinds_of_file(both: tuple[bytes, bytes], addin: bytes) -> None:
    for data, kind in ((both[1], "sheet"), (addin, "addin")):
        types = parts(data)["[Content_Types].xml"].decode()
        assert types.count(f"application/vnd.ms-excel.{kind}.macroEnabled.main+xml") == 1
        assert types.count("application/vnd.ms-office.vbaProject") == 1
        assert "spreadsheetml.sheet.main+xml" not in types
        assert Workbook(data).has_macros


def test_the_settings(both: tuple[bytes, bytes], addin: bytes) -> None:
    for data in (both[1], addin):
        sheet = opened(data)[macros.CONFIGURATION]
        found = {row[0].value: row[1].value or "" for row in sheet.iter_rows(max_col=2)}
        assert found == SETTINGS
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert SETTINGS["Interpreter_Win"] == PYTHON
    assert SETTINGS["UDF Modules"] == "xladdin.udfs"
    # xlwings reads down to the first blank, and the names as capitals, each once.
    assert all(SETTINGS)
    assert len({name.upper() for name in SETTINGS}) == len(SETTINGS)


def test_a_setting_that_looks_like_a_formula_is_text() -> None:
    data = macros.addin({"Interpreter_Win": "=1+1", "LOG": "<&_x000D_>"})
    sheet = opened(data)[macros.CONFIGURATION]
    assert (sheet["B1"].data_type, sheet["B1"].value) == ("s", "=1+1")
    assert sheet["A2"].value == "LOG"


@pytest.mark.parametrize("path", ["", " ", 'C:\\a"b\\python.exe', "C:\\a\nb", "C:\\a|b", "a\0"])
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        macros.settings_for(path)


def test_macros_are_not_put_into_a_workbook_twice(both: tuple[bytes, bytes]) -> None:
    with pytest.raises(FileError, match="it has macros already"):
        macros.macro_workbook(both[1], SETTINGS)


def test_a_workbook_of_other_sheets_is_refused() -> None:
    book = openpyxl.Workbook()
    book.create_chartsheet()
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(FileError, match="not worksheets"):
        macros.macro_workbook(buffer.getvalue(), SETTINGS)


def test_a_workbook_of_another_writer() -> None:
    """Self-closing elements, a prefix, no properties: the same comes out."""
    buffer = io.BytesIO()
    openpyxl.Workbook().save(buffer)
    content = parts(buffer.getvalue())
    content["xl/workbook.xml"] = (
        b'<x:workbook xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        b'xmlns:q="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        b'<x:sheets><x:sheet name="A" sheetId="7" q:id="rId1"/></x:sheets></x:workbook>'
    )
    content["xl/worksheets/sheet1.xml"] = (
        b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<x:sheetData/></x:worksheet>"
    )
    made = macros.macro_workbook(macros._packed(content), SETTINGS)
    check_vba(made)
    assert [sheet.name for sheet in Workbook(made).sheets] == ["A", macros.CONFIGURATION]


def test_help_while_typing(addin: bytes) -> None:
    book = opened(addin)
    rows = list(book["_IntelliSense_"].iter_rows(values_only=True))
    assert rows[0][:2] == ("FunctionInfo", 1)
    assert [row[0] for row in rows[1:]] == list(FUNCTIONS)
    assert {sheet.sheet_state for sheet in book.worksheets} == {"visible"}


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_opens_it(both: tuple[bytes, bytes], tmp_path: Path) -> None:
    (tmp_path / "book.xlsm").write_bytes(both[1])
    profile = (tmp_path / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "xlsx"]
    command += ["--outdir", str(tmp_path / "out"), str(tmp_path / "book.xlsm")]
    for _ in range(2):  # the first start on a new profile may only make it
        subprocess.run(command, check=False, capture_output=True, timeout=180)
        if (tmp_path / "out" / "book.xlsx").exists():
            break
    opened = openpyxl.load_workbook(tmp_path / "out" / "book.xlsx", data_only=True)
    made = openpyxl.load_workbook(io.BytesIO(both[1]), data_only=True)
    assert opened.sheetnames == made.sheetnames
    assert opened["Checks"]["B4"].value == made["Checks"]["B4"].value
    settings = [row[0].value for row in opened[macros.CONFIGURATION].iter_rows()]
    assert settings == list(SETTINGS)
