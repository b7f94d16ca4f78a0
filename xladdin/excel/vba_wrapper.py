"""The add-in's own VBA: the wrapper between a formula in Excel and xlwings' Python server.

xlwings generates a wrapper, too, which returns an exception to the sheet as text and reads cells in
ways that lose currencies, dates and errors. This one reads `.Value2`, converts text that spells an
error to the error, and never returns text for an exception. It is generated from the registry.

Cells of every open workbook can call the public functions of an add-in's modules, so that only the
registry's are public here. xlwings' own VBA, which has public functions that run commands, is left
out: starting Python needs one function of xlwings' library (a DLL), which is declared here.

The tests have no Excel: an interpreter of VBA runs it against the real functions, and what only
Excel can do (`MacroOptions`, the library of xlwings that starts Python) rests on Microsoft's
documentation and on xlwings' source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from xladdin._version import __version__
from xladdin.excel import vba_ribbon
from xladdin.excel.classic import CATEGORY, HELP_LIMIT, argument_name
from xladdin.excel.start_line import OPTIONS, SERVE
from xladdin.excel.values import ERROR_NUMBERS
from xladdin.excel.vba_source import HAS_COLUMNS, HEAD, OPENING
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS

MODULE: Final = "xladdin_udfs"
"""Name of the VBA module; VBA allows 31 characters."""

RIBBON_MODULE: Final = "xladdin_ribbon"
"""Name of the VBA module that the ribbon's buttons call."""

PYTHON_MODULE: Final = "xladdin.udfs"
"""The Python module that the server calls."""

COMMANDS: Final = "xladdin.ribbon_commands"
"""The Python module with the ribbon's commands."""

TAG: Final = "xladdin"
"""Beginning of the tag of each of the ribbon's controls."""

MOST_EXPLAINED: Final = 20
"""Most calls of one cell that are explained."""

CONFIGURATION: Final = "xlwings.conf"
"""The sheet whose cell B1 has the path of the Python to start."""

LIBRARY_FUNCTION: Final = "XLPyDLLActivateAuto"
"""The function of xlwings' library that starts Python."""

LIBRARY_PARAMETERS: Final = (
    '(ByRef Result As Variant, Optional ByVal Config As String = "",'
    " Optional ByVal mode As Long = 1) As Long"
)
"""Its parameters and its result, as VBA declares them."""

PAUSE: Final = 30
"""Seconds before a Python that did not start is tried again."""

LINE_LIMIT: Final = 1023
"""Most characters of a line of VBA."""


def library_names(version: str) -> dict[int, str]:
    """Name xlwings' library for an Excel of 32 and of 64 bits.

    Args:
        version: xlwings' version.

    Returns:
        The names of the files by bits.
    """
    return {bits: f"xlwings{bits}-{version}.dll" for bits in (32, 64)}


def wrapper(version: str) -> str:
    """Write the VBA module that formulas call.

    Args:
        version: The version of xlwings whose library starts Python.

    Returns:
        Its source, ASCII with CRLF line ends, without the line that names it.
    """
    errors = "\n".join(
        f'        Case "{code}": ErrorOf = CVErr({number})'
        for code, number in ERROR_NUMBERS.items()
    )
    libraries = library_names(version)
    head = HEAD.format(
        errors=errors,
        has_columns=HAS_COLUMNS,
        value=ERROR_NUMBERS["#VALUE!"],
        python=PYTHON_MODULE,
        pause=PAUSE,
        sheet=CONFIGURATION,
        starter=LIBRARY_FUNCTION,
        parameters=LIBRARY_PARAMETERS,
        library32=libraries[32],
        library64=libraries[64],
        version=__version__,
        commands=COMMANDS,
        tag=TAG,
        tag_length=len(TAG),
        most=MOST_EXPLAINED,
        command=f' {" ".join(OPTIONS)} -c ""{SERVE}""',
    )
    return _module(head, *(_function(function) for function in FUNCTIONS.values()))


def ribbon() -> str:
    """Write the VBA module that the ribbon's buttons call.

    Returns:
        Its source, as `wrapper` gives it.
    """
    return _module(
        vba_ribbon.SOURCE.format(
            version=__version__,
            sheet=CONFIGURATION,
            tag=TAG,
            has_columns=HAS_COLUMNS,
            namespace=vba_ribbon.NAMESPACE,
            failed=vba_ribbon.FAILED,
        )
    )


def opening() -> str:
    """Write the code that runs when the add-in or workbook is opened, for its module ThisWorkbook.

    Returns:
        Its source, as `wrapper` gives it.
    """
    return _module(OPENING, _help())


def _module(*parts: str) -> str:
    text = "\n".join(parts)
    assert text.isascii()
    assert all(len(line) <= LINE_LIMIT for line in text.splitlines())
    return text.replace("\n", "\r\n")


def _function(function: Function) -> str:
    names = [argument_name(argument.name) for argument in function.arguments]
    head = "\n".join(
        (
            f"Public Function {function.name}({_parameters(function, names)}) As Variant",
            *_help_line(function),
        )
    )
    if function.variadic:
        body = _repeating(names)
    else:
        body = f'    {function.name} = CallServer("{function.name}", Array({", ".join(names)}))\n'
    return f"{head}\n{body.replace('@', function.name)}End Function\n"


def _help_line(function: Function) -> Iterator[str]:
    """Yield the help for object browser and wizard, in case MacroOptions does not run."""
    yield f"Attribute {function.name}.VB_Description = {_text(function.summary)}"


def _parameters(function: Function, names: Iterable[str]) -> str:
    parameters = []
    for name, argument in zip(names, function.arguments, strict=True):
        last = argument is function.arguments[-1]
        if function.variadic and last:
            parameters.append(f"ParamArray {name}() As Variant")
        else:
            optional = "Optional " if argument.optional else ""
            parameters.append(f"{optional}ByVal {name} As Variant")
    return ", ".join(parameters)


def _repeating(names: list[str]) -> str:
    """Write the body of a function whose last argument repeats."""
    *fixed, repeated = names
    count = len(fixed)
    lines = [
        "    Dim given() As Variant",
        "    Dim i As Long",
        f"    ReDim given(0 To UBound({repeated}) + {count})",
        *(f"    Keep given, {place}, {name}" for place, name in enumerate(fixed)),
        f"    For i = 0 To UBound({repeated})",
        f"        Keep given, i + {count}, {repeated}(i)",
        "    Next i",
        '    @ = CallServer("@", given)',
    ]
    return "\n".join(lines) + "\n"


def _help() -> str:
    """Write the function that describes the functions to the function wizard."""
    lines = [
        "' Category, description and argument help for the function wizard; whether it took all.",
        "Private Function DescribeFunctions() As Boolean",
        "    Dim unchanged As Boolean",
        "    Dim done As Boolean",
        "    If ActiveWorkbook Is Nothing Then Exit Function",
        "    unchanged = ThisWorkbook.Saved",
        "    done = True",
    ]
    for function in FUNCTIONS.values():
        lines.append(f'    done = Describe("{function.name}", {_text(function.summary)}, Array( _')
        help_texts = [_text(argument.help) for argument in function.arguments]
        lines += [f"        {text}, _" for text in help_texts[:-1]]
        lines.append(f"        {help_texts[-1] if help_texts else ''})) And done")
    lines += [
        # Or Excel would ask whether to save a file that nobody has changed.
        "    If unchanged Then ThisWorkbook.Saved = True",
        "    DescribeFunctions = done",
        "End Function",
        "",
        "Private Function Describe(ByVal functionName As String, ByVal words As String, _",
        "        ByVal help As Variant) As Boolean",
        "    Dim place As String",
        "    On Error GoTo refused",
        '    place = "\'" & Replace(ThisWorkbook.Name, "\'", "\'\'") & "\'!" & functionName',
        "    If UBound(help) < 0 Then",
        "        Application.MacroOptions Macro:=place, Description:=words, _",
        f"            Category:={_text(CATEGORY)}",
        "    Else",
        "        Application.MacroOptions Macro:=place, Description:=words, _",
        f"            Category:={_text(CATEGORY)}, ArgumentDescriptions:=help",
        "    End If",
        "    Describe = True",
        "refused:",
        "End Function",
    ]
    return "\n".join(lines) + "\n"


def _text(words: str) -> str:
    """Quote a text for VBA, cut to the length that the wizard shows."""
    plain = re.sub(r"\s+", " ", words).strip()[:HELP_LIMIT]
    return '"' + plain.replace('"', '""') + '"'


def intellisense() -> list[list[str | int]]:
    """Lay out the help for Excel-DNA's IntelliSense add-in, for its sheet `_IntelliSense_`.

    Returns:
        Rows: the heading, then function, description, help topic, and argument by argument its
        name and its help.
    """
    rows: list[list[str | int]] = [["FunctionInfo", 1]]
    for function in FUNCTIONS.values():
        row: list[str | int] = [function.name, function.summary, ""]
        for argument in function.arguments:
            name = argument_name(argument.name)
            row += [f"[{name}]" if argument.optional else name, argument.help]
        rows.append(row)
    return rows
