"""Macro workbooks and the add-in file, read back with other eyes."""

from __future__ import annotations

import io
import math
import re
import subprocess
import warnings
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import openpyxl
import pyopenvba
import pytest
import xlwings
from draws import first
from offices import needs_office
from packages import parts_of
from pyopenvba.interpreter import HostBridge, Interpreter, VBARuntimeError
from templates import OF_2001

from xladdin.building import render
from xladdin.errors import FileError
from xladdin.excel import macro_workbooks, ribbon, vba_wrapper
from xladdin.functions.registry import FUNCTIONS
from xladdin.libreoffice import soffice
from xladdin.terms import select
from xladdin.xlsx.package import Package

PYTHON = r"C:\Users\Zoë Müller\AppData\Local\Programs\xladdin\Scripts\python.exe"
SETTINGS = macro_workbooks.settings_for(PYTHON)
XLWINGS = "quickstart_standalone.xlsm"
WRAPPER = vba_wrapper.wrapper(xlwings.__version__)


MODULES = {
    False: [vba_wrapper.MODULE],
    True: [vba_wrapper.MODULE, vba_wrapper.RIBBON_MODULE],
}
"""Modules of a macro workbook, and of the add-in, besides those of its sheets."""

CALLBACKS = (
    "XladdinExplain",
    "XladdinWorkbooks",
    "XladdinInsert",
    "XladdinDeals",
    "XladdinRestart",
    "XladdinStatus",
    "XladdinHelp",
)
"""What Excel itself calls of the add-in, for its ribbon."""


def is_addin(data: bytes) -> bool:
    return b".addin." in parts_of(data)["[Content_Types].xml"]


@pytest.fixture(scope="module", params=first(OF_2001))
def book(request: pytest.FixtureRequest) -> tuple[str, bytes]:
    return request.param, render.render(request.param, select(), SETTINGS).data


@pytest.fixture(scope="module")
def addin() -> bytes:
    return macro_workbooks.addin(SETTINGS)


def parser_of(name: str, data: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has not kept up with a library of its own
        from oletools.olevba import VBA_Parser

        return VBA_Parser(name, data=data)


def modules(data: bytes, name: str) -> dict[str, str]:
    """Extract the VBA: each module's source by its name, without lines that only the file has."""
    parser = parser_of(name, data)
    found = {}
    for _, _, module, source in parser.extract_macros():
        found[module.rpartition(".")[0]] = source
    parser.close()
    return found


def opened(data: bytes) -> Any:
    """Open a macro workbook; openpyxl refuses add-ins, which differ in nothing but their type."""
    content = parts_of(data)["[Content_Types].xml"].replace(b".addin.", b".sheet.")
    as_book = Package(data).with_changes({"[Content_Types].xml": content})
    found = openpyxl.load_workbook(io.BytesIO(as_book), keep_vba=True)
    found.vba_archive.close()
    return found


def check_documents(data: bytes) -> None:
    """Excel wants a document module for the workbook and for each sheet, by their code names."""
    parser = parser_of("vbaProject.bin", parts_of(data)[macro_workbooks.PROJECT])
    streams = parser.ole_file
    listed = streams.openstream("PROJECT").read().decode("ascii")
    # Nothing is compiled, and it says so: Excel is to compile the source.
    assert streams.openstream("VBA/_VBA_PROJECT").read()[:5] == b"\xcc\x61\xff\xff\x00"
    parser.close()
    workbook = opened(data)
    sheets = [sheet.sheet_properties.codeName for sheet in workbook.worksheets]
    names = [workbook.code_name, *sheets]
    assert names == ["ThisWorkbook", *(f"Sheet{number}" for number in range(1, len(sheets) + 1))]
    assert re.findall(r"^Document=(\w+)/&H00000000\r$", listed, re.MULTILINE) == names
    other = re.findall(r"^(?:Module|Class|BaseClass)=(\w+)\r$", listed, re.MULTILINE)
    assert other == MODULES[is_addin(data)]
    windows = listed.partition("[Workspace]\r\n")[2].removesuffix("\r\n").split("\r\n")
    everything = {*names, *other}
    assert {line.partition("=")[0] for line in windows} == everything
    assert len(windows) == len(everything)


def check_sheets(data: bytes) -> None:
    """Sheets' modules say of themselves what Excel wrote for xlwings' own sheets, and no more."""
    found = modules(data, "book.xlsm")
    like = xlwings_vba()["Sheet1"]
    assert like.count("Sheet1") == 1
    for sheet in opened(data).worksheets:
        name = sheet.sheet_properties.codeName
        assert found[name] == like.replace("Sheet1", name)


def check_library(data: bytes, path: Path) -> None:
    """The library that wrote it reads the same modules back, each of its kind."""
    path.write_bytes(data)
    with pyopenvba.ExcelFile(str(path)) as file:
        # Of which the ribbon's controls are.
        assert "Office" in {reference.name for reference in file.vba_project().references}
        kinds = {module.name: module.kind for module in file.vba_project().modules}
        assert set(kinds) == set(modules(data, path.name))
        assert {
            name for name, kind in kinds.items() if kind == pyopenvba.VBAModuleKind.standard
        } == set(MODULES[is_addin(data)])
        assert file.get_module(vba_wrapper.MODULE).endswith(WRAPPER)


def check_modules(found: dict[str, str], *, addin: bool) -> None:
    heading = f'Attribute VB_Name = "{vba_wrapper.MODULE}"\r\n'
    assert found[vba_wrapper.MODULE] == heading + WRAPPER
    assert found["ThisWorkbook"].endswith(vba_wrapper.opening())
    assert {name for name in found if not name.startswith("Sheet")} == {
        *MODULES[addin],
        "ThisWorkbook",
    }
    functions = {(vba_wrapper.MODULE, "Function", name) for name in FUNCTIONS}
    # No cell can call a sub; this one answers controls of the ribbon alone.
    service = {(vba_wrapper.MODULE, "Sub", "ServeRibbon")}
    callbacks = {(vba_wrapper.RIBBON_MODULE, "Sub", name) for name in CALLBACKS if addin}
    assert public_procedures(found) == functions | service | callbacks
    if addin:
        ribbon = found[vba_wrapper.RIBBON_MODULE]
        assert ribbon.endswith(vba_wrapper.ribbon())
        assert "\r\nOption Private Module\r\n" in ribbon


def public_procedures(found: dict[str, str]) -> set[tuple[str, str, str]]:
    """Find what other modules and cells can call: all that is not said to be private."""
    public = re.compile(
        r"^[ \t]*(?:(?:Public|Friend|Static)[ \t]+)*(?:Declare[ \t]+(?:PtrSafe[ \t]+)?)?"
        r"(Sub|Function|Property[ \t]+\w+)[ \t]+(\w+)",
        re.IGNORECASE | re.MULTILINE,
    )
    return {
        (module, kind, name)
        for module, source in found.items()
        for kind, name in public.findall(source)
    }


def xlwings_vba() -> dict[str, str]:
    return modules((Path(xlwings.__file__).parent / XLWINGS).read_bytes(), XLWINGS)


def test_public_procedures_are_found_where_there_are_some() -> None:
    found = {name for _, _, name in public_procedures(xlwings_vba())}
    assert {"RunPython", "ExecuteWindows", "ReadFile", "SaveConfigToFile", "sql", "XLPy"} <= found
    assert "XLPyLoadDLL" not in found


def test_no_function_of_xlwings_is_known_to_cells(addin: bytes) -> None:
    """As where a workbook without macros holds =RunPython("...") and the add-in is loaded."""
    interpreter = Interpreter(HostBridge())
    for name, source in modules(addin, "xladdin.xlam").items():
        text = re.sub(r"^Attribute .*$", "", source, flags=re.MULTILINE)
        interpreter.add_module(text.replace("WithEvents ", ""), name=name)
    ours = {name.lower() for name in FUNCTIONS}
    theirs = {name for _, _, name in public_procedures(xlwings_vba())}
    assert len(theirs) > 30
    for name in theirs:
        assert name.lower() not in ours
        with pytest.raises(VBARuntimeError, match="Sub or Function not defined"):
            interpreter.run(name, ["import os"])


@pytest.mark.parametrize(
    ("before", "after"),
    [("XLPyDLLActivateAuto", "Start"), (xlwings.__version__, "0.0"), ("mode As Long", "mode")],
)
def test_an_xlwings_that_starts_python_otherwise_is_refused(before: str, after: str) -> None:
    source = xlwings_vba()["xlwings"]
    macro_workbooks._check_library(source, xlwings.__version__)
    with pytest.raises(FileError, match="it does not start Python by XLPyDLLActivateAuto"):
        macro_workbooks._check_library(source.replace(before, after), xlwings.__version__)


def test_the_vba_is_what_was_written(book: tuple[str, bytes]) -> None:
    check_modules(modules(book[1], "book.xlsm"), addin=False)


def test_the_addins_vba_is_what_was_written(addin: bytes) -> None:
    check_modules(modules(addin, "xladdin.xlam"), addin=True)


@pytest.mark.parametrize("kind", ["workbook", "add-in"])
def test_every_sheet_has_its_module(
    book: tuple[str, bytes], addin: bytes, kind: str, tmp_path: Path
) -> None:
    data = book[1] if kind == "workbook" else addin
    check_documents(data)
    check_sheets(data)
    check_library(data, tmp_path / ("book.xlsm" if kind == "workbook" else "xladdin.xlam"))


def test_the_same_bytes_every_time(book: tuple[str, bytes], addin: bytes) -> None:
    name, data = book
    macro_workbooks._archive.cache_clear()
    assert render.render(name, select(), SETTINGS).data == data
    assert macro_workbooks.addin(SETTINGS) == addin


def test_the_rest_is_the_workbook_without_macros(book: tuple[str, bytes]) -> None:
    name, data = book
    with_macros, plain = parts_of(data), parts_of(render.render(name, select()).data)
    added = set(with_macros) - set(plain)
    assert {part for part in added if "sheet" not in part} == {macro_workbooks.PROJECT}
    assert len(added) == 2
    assert set(plain) <= set(with_macros)
    before, after = (
        openpyxl.load_workbook(io.BytesIO(item), data_only=True)
        for item in (render.render(name, select()).data, data)
    )
    assert after.sheetnames == [*before.sheetnames, macro_workbooks.CONFIGURATION]
    for sheet in before.worksheets:
        other = after[sheet.title]
        assert [[cell.value for cell in row] for row in sheet] == [
            [cell.value for cell in row] for row in other
        ]
    same = ("charts", "drawings", "tables", "theme")
    for part, content in plain.items():
        if any(f"xl/{kind}/" in part for kind in same):
            assert with_macros[part] == content, part


def test_the_settings(book: tuple[str, bytes], addin: bytes) -> None:
    for data in (book[1], addin):
        sheet = opened(data)[macro_workbooks.CONFIGURATION]
        found = {row[0].value: row[1] for row in sheet.iter_rows(max_col=2)}
        assert found["Interpreter_Win"].value == PYTHON
        assert sheet["B1"].value == PYTHON
        assert all(cell.data_type != "f" for cell in found.values())


def test_a_path_that_looks_like_a_formula_is_text() -> None:
    data = macro_workbooks.addin(macro_workbooks.settings_for("=cmd|' /C calc'!A0"))
    sheet = opened(data)[macro_workbooks.CONFIGURATION]
    assert (sheet["B1"].data_type, sheet["B1"].value) == ("s", "=cmd|' /C calc'!A0")


def test_a_quote_in_a_path_is_refused() -> None:
    with pytest.raises(FileError, match="a path with a quote"):
        macro_workbooks.settings_for('C:\\Python" & calc & "\\python.exe')


def test_the_kinds_of_file(book: tuple[str, bytes], addin: bytes) -> None:
    types = parts_of(book[1])["[Content_Types].xml"], parts_of(addin)["[Content_Types].xml"]
    assert b"application/vnd.ms-excel.sheet.macroEnabled.main+xml" in types[0]
    assert b"application/vnd.ms-excel.addin.macroEnabled.main+xml" in types[1]
    assert all(b"application/vnd.ms-office.vbaProject" in found for found in types)


def test_the_addin_alone_has_the_ribbon(book: tuple[str, bytes], addin: bytes) -> None:
    found = parts_of(addin)
    assert ElementTree.canonicalize(found[ribbon.PART]) == ElementTree.canonicalize(ribbon.tab())
    assert ribbon.PART not in parts_of(book[1])
    entries = ElementTree.fromstring(found["_rels/.rels"])
    assert {entry.get("Target") for entry in entries} <= set(found)
    assert [entry.get("Type") for entry in entries if entry.get("Target") == ribbon.PART] == [
        "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
    ]
    declared = re.findall(
        rb'<Default ContentType="application/xml" Extension="xml"', found["[Content_Types].xml"]
    )
    assert declared


def test_openpyxl_keeps_the_vba(book: tuple[str, bytes], tmp_path: Path) -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(book[1]), keep_vba=True)
    workbook.save(tmp_path / "again.xlsm")
    workbook.vba_archive.close()
    kept = parts_of((tmp_path / "again.xlsm").read_bytes())
    assert kept[macro_workbooks.PROJECT] == parts_of(book[1])[macro_workbooks.PROJECT]


def test_help_while_typing(addin: bytes) -> None:
    sheet = opened(addin)[macro_workbooks.TOOLTIPS]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:2] == ("FunctionInfo", 1)
    assert [row[0] for row in rows[1:]] == list(FUNCTIONS)


@pytest.mark.long
# LibreOffice writes a print area of whole columns without rows, which openpyxl does not read.
@pytest.mark.filterwarnings("ignore:Print area cannot be set")
@needs_office
def test_libreoffice_opens_it(book: tuple[str, bytes], tmp_path: Path) -> None:
    _, data = book
    (tmp_path / "captable.xlsm").write_bytes(data)
    profile = (tmp_path / "profile").as_uri()
    command = [str(soffice.find_program()), f"-env:UserInstallation={profile}", "--headless"]
    command += ["--convert-to", "xlsx", "--outdir", str(tmp_path / "out")]
    command += [str(tmp_path / "captable.xlsm")]
    for _ in range(2):  # the first start on a new profile may only make it
        subprocess.run(command, check=False, capture_output=True, timeout=120)
        if (tmp_path / "out" / "captable.xlsx").exists():
            break
    read = openpyxl.load_workbook(tmp_path / "out" / "captable.xlsx", data_only=True)
    made = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    assert read.sheetnames == made.sheetnames
    # It saves fifteen digits.
    for row in made["Checks"].iter_rows(min_row=6, min_col=3, max_col=3):
        if isinstance(row[0].value, float):
            assert math.isclose(
                read["Checks"][row[0].coordinate].value, row[0].value, rel_tol=1e-14
            )


def test_macros_that_are_not_ours_are_named(tmp_path: Path) -> None:
    """Workbooks of earlier releases carried xlwings' modules, to which somebody may have added."""
    path = tmp_path / XLWINGS
    path.write_bytes((Path(xlwings.__file__).parent / XLWINGS).read_bytes())
    assert macro_workbooks.foreign_procedures(path.read_bytes()) == ()
    with pyopenvba.ExcelFile(str(path)) as file:
        mine = file.get_module("xlwings") + "\r\nSub Mine()\r\nEnd Sub\r\n"
        file.set_module("xlwings", mine)
        file.vba_project().add_module(
            vba_wrapper.MODULE, "Public Sub DescribeFunctions()\r\nEnd Sub\r\n"
        )
        file.save(str(tmp_path / "mine.xlsm"))
    found = macro_workbooks.foreign_procedures((tmp_path / "mine.xlsm").read_bytes())
    assert found == ("xlwings.Mine",)
