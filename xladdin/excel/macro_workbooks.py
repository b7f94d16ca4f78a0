"""Macro workbooks and the add-in file, made without Excel.

Both carry the VBA of `xladdin.excel.vba_wrapper`. It names the exact version of xlwings' library,
so they are bound to the xlwings and the interpreter of the machine that they are made on, and are
made there. The VBA project comes from a file of xlwings, whose code is removed.
"""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from xladdin._version import RELEASED
from xladdin.errors import FileError
from xladdin.excel import ribbon as ribbon_
from xladdin.excel import vba_wrapper
from xladdin.xlsx.openpyxl_writer import parts_of
from xladdin.xlsx.package import Package, packed

CONFIGURATION: Final = vba_wrapper.CONFIGURATION
"""The sheet with the path of the Python to start."""

TOOLTIPS: Final = "_IntelliSense_"
"""The sheet with the help that Excel-DNA's IntelliSense add-in shows while typing."""

PROJECT: Final = "xl/vbaProject.bin"
"""The part of a workbook with its VBA."""

_TYPES: Final = "[Content_Types].xml"
_ROOT: Final = "_rels/.rels"
_MACROS: Final = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_ADDIN: Final = b"application/vnd.ms-excel.addin.macroEnabled.main+xml"

_SOURCE: Final = "quickstart_standalone.xlsm"
"""The file of xlwings whose VBA project is used, for the add-in, too: it refers to no add-in."""

_BOOK: Final = "ThisWorkbook"
_SHEET: Final = "Sheet1"
"""Modules of xlwings' own workbook: the workbook's, and one of a sheet."""

_LIST: Final = "PROJECT"
"""The stream of a VBA project that lists its modules as text."""

_XLWINGS: Final = "xlwings"
_REPLACED: Final = (_XLWINGS, "Dictionary", "Module1")
"""Modules of xlwings' own code and of its example."""

_FORMERLY: Final = frozenset(
    (vba_wrapper.MODULE, name) for name in ("DescribeFunctions", "Describe")
)
"""Procedures that earlier releases had in other modules."""

_PROCEDURE: Final = re.compile(
    r"^[ \t]*(?:(?:Public|Private|Friend|Static)[ \t]+)*"
    r"(?:Sub|Function|Property[ \t]+\w+)[ \t]+(\w+)",
    re.IGNORECASE | re.MULTILINE,
)


def settings_for(interpreter: str) -> dict[str, str]:
    """Return the settings that the VBA reads: the Python to start.

    Args:
        interpreter: Path of the Python to start, on the machine that has Excel.

    Returns:
        Settings by name, in their order on the sheet.

    Raises:
        FileError: There is a quote in the path.
    """
    if '"' in interpreter:
        # It would end the path where the VBA quotes it, and what follows would be arguments.
        reason = "a path with a quote in it cannot be passed to Excel"
        raise FileError(interpreter, reason, "run xladdin with a Python in another folder")
    return {"Interpreter_Win": interpreter}


def add_macros(workbook: Workbook, settings: Mapping[str, str]) -> None:
    """Add the macros and their settings to a workbook before it is saved.

    Args:
        workbook: The workbook; it must be saved as .xlsm.
        settings: The result of `settings_for`.
    """
    _configure(workbook, settings)
    _carry(workbook)


def addin(settings: Mapping[str, str]) -> bytes:
    """Make the add-in file, xladdin.xlam, for use in any workbook.

    Args:
        settings: The result of `settings_for`.

    Returns:
        The file; the same for the same settings and versions.
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook.properties.creator = "xladdin"
    workbook.properties.title = "xladdin"
    workbook.properties.description = "Contract arithmetic for equity programmes and warrants"
    sheet = workbook.create_sheet(TOOLTIPS)
    for row, cells in enumerate(vba_wrapper.intellisense(), 1):
        for column, value in enumerate(cells, 1):
            sheet.cell(row, column, value)
    _configure(workbook, settings, visible=True)
    _carry(workbook, ribbon=True)
    parts = parts_of(workbook)
    assert _MACROS in parts[_TYPES]
    parts[_TYPES] = parts[_TYPES].replace(_MACROS, _ADDIN)
    parts |= ribbon_.parts(parts[_ROOT])
    return Package(parts, "xladdin.xlam").canonical(RELEASED)


def _configure(workbook: Workbook, settings: Mapping[str, str], *, visible: bool = False) -> None:
    """Add the sheet of settings: names in column A, values beside them."""
    sheet: Worksheet = workbook.create_sheet(CONFIGURATION)
    # An add-in's sheets are never shown, and at least one sheet must not be hidden.
    sheet.sheet_state = "visible" if visible else "hidden"
    for row, (name, value) in enumerate(settings.items(), 1):
        for column, text in enumerate((name, value), 1):
            cell = sheet.cell(row, column, text)
            cell.data_type = "s"
            cell.quotePrefix = True


def _carry(workbook: Workbook, *, ribbon: bool = False) -> None:
    """Make openpyxl write the VBA, as it does for a workbook that had some when it was read."""
    workbook.code_name = _BOOK
    names = tuple(f"Sheet{number}" for number in range(1, len(workbook.worksheets) + 1))
    for name, sheet in zip(names, workbook.worksheets, strict=True):
        sheet.sheet_properties.codeName = name
    workbook.vba_archive = zipfile.ZipFile(io.BytesIO(_archive(names, ribbon=ribbon)))


@cache
def _archive(sheets: tuple[str, ...], *, ribbon: bool) -> bytes:
    """Make a package of the VBA and the parts that openpyxl requires."""
    package, project = _with_wrapper(sheets, ribbon=ribbon)
    parts = {name: package.read(name) for name in (_TYPES, _ROOT)}
    return packed({**parts, PROJECT: project})


def _with_wrapper(sheets: Sequence[str] = (), *, ribbon: bool = False) -> tuple[Package, bytes]:
    """Replace xlwings' VBA by the package's, and add the missing document modules for sheets.

    Args:
        sheets: Code names of the sheets.
        ribbon: Whether the ribbon's module is added, too.

    Returns:
        The package of xlwings' VBA, and the new VBA.

    Raises:
        FileError: This xlwings lacks something that the VBA needs.
    """
    import pyopenvba  # only now: nothing else needs it
    import pyopenvba.cfb
    import xlwings

    template = Path(xlwings.__file__).parent / _SOURCE
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / _SOURCE
        copy.write_bytes(template.read_bytes())
        made = Path(folder) / f"made{copy.suffix}"
        with pyopenvba.ExcelFile(str(copy)) as file:
            project = file.vba_project()
            _check_library(file.get_module(_XLWINGS), xlwings.__version__)
            missing = [name for name in sheets if name not in project.module_names()]
            for name in missing:
                # xlwings' sheets have no code, only the attributes of a sheet's module.
                like = file.get_module(_SHEET).replace(_SHEET, name)
                project.add_module(name, like, kind=pyopenvba.VBAModuleKind.other)
            for name in set(_REPLACED) & set(project.module_names()):
                project.delete_module(name)
            project.add_module(vba_wrapper.MODULE, vba_wrapper.wrapper(xlwings.__version__))
            if ribbon:
                project.add_module(vba_wrapper.RIBBON_MODULE, vba_wrapper.ribbon())
            start = file.get_module(_BOOK).rstrip() + "\r\n" + vba_wrapper.opening()
            file.set_module(_BOOK, start)
            file.save(str(made))
        package = Package(made.read_bytes(), template)
    container = pyopenvba.cfb.CFB.from_bytes(package.read(PROJECT))
    container.write_stream(_LIST, _declared(container.get_stream(_LIST), missing))
    return package, container.to_bytes()


def _check_library(source: str, version: str) -> None:
    """Compare the VBA's declaration of xlwings' library with that of xlwings' own VBA.

    Args:
        source: xlwings' VBA.
        version: xlwings' version.

    Raises:
        FileError: They differ.
    """
    name, parameters = vba_wrapper.LIBRARY_FUNCTION, vba_wrapper.LIBRARY_PARAMETERS
    for library in vba_wrapper.library_names(version).values():
        if f'Declare PtrSafe Function {name} Lib "{library}" {parameters}' not in source:
            raise FileError(
                f"xlwings {version}",
                f"it does not start Python by {name} of {library}, as the add-in does",
                "install a version of xlwings that this release of xladdin supports",
            )


def _declared(listed: bytes, documents: Sequence[str]) -> bytes:
    """Correct the list of modules that the library writes into a project.

    Args:
        listed: The list.
        documents: Modules of sheets that it has declared as classes.

    Returns:
        The list, also without the blank line that the library leaves in the last section.
    """
    for name in documents:
        line = f"\r\nClass={name}\r\n".encode()
        assert line in listed
        listed = listed.replace(line, f"\r\nDocument={name}/&H00000000\r\n".encode())
    head, section, windows = listed.partition(b"[Workspace]\r\n")
    return head + section + re.sub(rb"(?:\r\n)+", b"\r\n", windows)


def foreign_procedures(data: bytes) -> tuple[str, ...]:
    """List the procedures of a macro workbook that are neither xlwings' nor this package's.

    Args:
        data: The workbook, as somebody saved it.

    Returns:
        The procedures as ``Module.Procedure``, in order. Workbooks of earlier releases have
        xlwings' own modules.
    """
    import xlwings

    template = Path(xlwings.__file__).parent / _SOURCE
    package, project = _with_wrapper()
    wrapper = package.with_changes({PROJECT: project})
    ours = _procedures(wrapper) | _procedures(template.read_bytes()) | _FORMERLY
    found = _procedures(data)
    return tuple(f"{module}.{name}" for module, name in sorted(found - ours))


def _procedures(data: bytes) -> set[tuple[str, str]]:
    """Find the procedures in a workbook's VBA."""
    import pyopenvba

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / _SOURCE
        copy.write_bytes(data)
        with pyopenvba.ExcelFile(str(copy)) as file:
            return {
                (module, name)
                for module in file.vba_project().module_names()
                for name in _PROCEDURE.findall(file.get_module(module))
            }
