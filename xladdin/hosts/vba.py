"""The add-in's own VBA: what stands between a formula in Excel and xlwings' Python server.

xlwings writes a wrapper of its own, which hands an exception to the sheet as text and reads cells
in ways that lose currencies, dates and errors. This one reads `.Value2`, turns what spells an error
into the error, and never answers with text where there is none. It is written from the registry,
and names nothing that the registry does not.

Excel is not at hand where this is tested: an interpreter of VBA runs it against the real functions,
and what only Excel can do (`MacroOptions`, the library of xlwings that starts Python) rests on
Microsoft's and xlwings' documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from xladdin.calling import Function
from xladdin.hosts.excel import CATEGORY, ERROR_NUMBERS, HELP_LIMIT, argument_name
from xladdin.registry import FUNCTIONS

MODULE: Final = "xladdin_udfs"
"""Name of the VBA module; VBA allows 31 characters."""

PYTHON_MODULE: Final = "xladdin.udfs"
"""The Python module that the server is to call."""

STARTUP: Final = "Private Sub Workbook_Open()\r\n    DescribeFunctions\r\nEnd Sub\r\n"
"""What a workbook or an add-in does when it is opened, for its ThisWorkbook module."""

LINE_LIMIT: Final = 1023
"""Characters that a line of VBA may have."""

_HEAD: Final = """\
Option Explicit
' Written by xladdin from its functions. It is replaced whole by each install.

Private mServer As Object

' What a cell holds, as plain as it comes: no dates, no currencies. Several areas are no value, and
' an argument that is left out stays so: Python knows it by the number of that error.
Private Function CellsOf(Optional ByVal given As Variant) As Variant
    If Not IsObject(given) Then
        CellsOf = given
    ElseIf TypeName(given) <> "Range" Then
        CellsOf = CVErr({value})
    ElseIf given.Areas.Count > 1 Then
        CellsOf = CVErr({value})
    Else
        CellsOf = UsedPart(given).Value2
    End If
End Function

' Whole columns and rows end where their sheet is used: what lies beyond is blank.
Private Function UsedPart(ByVal given As Object) As Object
    Dim used As Object
    Dim rowsKept As Long
    Dim columnsKept As Long
    rowsKept = given.Rows.Count
    columnsKept = given.Columns.Count
    Set used = given.Worksheet.UsedRange
    If rowsKept = given.Worksheet.Rows.Count Then
        rowsKept = used.Row + used.Rows.Count - given.Row
        If rowsKept < 1 Then rowsKept = 1
    End If
    If columnsKept = given.Worksheet.Columns.Count Then
        columnsKept = used.Column + used.Columns.Count - given.Column
        If columnsKept < 1 Then columnsKept = 1
    End If
    If rowsKept = given.Rows.Count And columnsKept = given.Columns.Count Then
        Set UsedPart = given
    Else
        Set UsedPart = given.Resize(rowsKept, columnsKept)
    End If
End Function

' Python cannot hand Excel an error: it hands over the error's text.
Private Function ErrorOf(ByVal found As Variant) As Variant
    ErrorOf = found
    If VarType(found) <> vbString Then Exit Function
    If Left$(found, 1) <> "#" Then Exit Function
    Select Case found
{errors}
    End Select
End Function

' Whether an array has a second dimension: a single row comes without one.
Private Function HasColumns(ByRef found As Variant) As Boolean
    Dim last As Long
    On Error GoTo single_row
    last = UBound(found, 2)
    HasColumns = True
    Exit Function
single_row:
    HasColumns = False
End Function

Private Function ResultOf(ByVal found As Variant) As Variant
    Dim i As Long
    Dim j As Long
    If Not IsArray(found) Then
        ResultOf = ErrorOf(found)
        Exit Function
    End If
    If HasColumns(found) Then
        For i = LBound(found, 1) To UBound(found, 1)
            For j = LBound(found, 2) To UBound(found, 2)
                found(i, j) = ErrorOf(found(i, j))
            Next j
        Next i
    Else
        For i = LBound(found) To UBound(found)
            found(i) = ErrorOf(found(i))
        Next i
    End If
    ResultOf = found
End Function

' Asks the server, kept from call to call; one that has ended is started anew, once.
Private Function Ask(ByVal functionName As String, ByVal given As Variant) As Variant
    Dim tries As Long
    On Error GoTo failed
again:
    If mServer Is Nothing Then Set mServer = XLPy()
    Ask = ResultOf(mServer.CallUDF("{python}", functionName, given))
    Exit Function
failed:
    Set mServer = Nothing
    tries = tries + 1
    If tries < 2 Then Resume again
    Ask = CVErr({value})
End Function
"""


def wrapper() -> str:
    """Write the VBA module.

    Returns:
        Its source, ASCII with CRLF line ends, without the line that names it.
    """
    errors = "\n".join(
        f'        Case "{code}": ErrorOf = CVErr({number})'
        for code, number in ERROR_NUMBERS.items()
    )
    parts = [
        _HEAD.format(errors=errors, value=ERROR_NUMBERS["#VALUE!"], python=PYTHON_MODULE),
        *(_function(function) for function in FUNCTIONS.values()),
        _help(),
    ]
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
        given = ", ".join(f"CellsOf({name})" for name in names)
        body = f'    {function.name} = Ask("{function.name}", Array({given}))\n'
    return f"{head}\n{body.replace('@', function.name)}End Function\n"


def _help_line(function: Function) -> Iterator[str]:
    """Yield what the object browser and the wizard show, where MacroOptions does not get to run."""
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
        *(f"    given({place}) = CellsOf({name})" for place, name in enumerate(fixed)),
        f"    For i = 0 To UBound({repeated})",
        f"        given(i + {count}) = CellsOf({repeated}(i))",
        "    Next i",
        '    @ = Ask("@", given)',
    ]
    return "\n".join(lines) + "\n"


def _help() -> str:
    """Write the sub that tells the function wizard about the functions."""
    lines = [
        "' Category, description and argument help for the function wizard.",
        "Public Sub DescribeFunctions()",
    ]
    for function in FUNCTIONS.values():
        lines.append(f'    Describe "{function.name}", {_text(function.summary)}, Array( _')
        help_texts = [_text(argument.help) for argument in function.arguments]
        lines += [f"        {text}, _" for text in help_texts[:-1]]
        lines.append(f"        {help_texts[-1] if help_texts else ''})")
    lines += [
        "End Sub",
        "",
        "Private Sub Describe(ByVal functionName As String, ByVal words As String, _",
        "        ByVal help As Variant)",
        "    On Error Resume Next",
        "    If UBound(help) < 0 Then",
        "        Application.MacroOptions Macro:=functionName, Description:=words, _",
        f"            Category:={_text(CATEGORY)}",
        "    Else",
        "        Application.MacroOptions Macro:=functionName, Description:=words, _",
        f"            Category:={_text(CATEGORY)}, ArgumentDescriptions:=help",
        "    End If",
        "End Sub",
    ]
    return "\n".join(lines) + "\n"


def _text(words: str) -> str:
    """Write a text as VBA does, no longer than the wizard shows."""
    plain = re.sub(r"\s+", " ", words).strip()[:HELP_LIMIT]
    return '"' + plain.replace('"', '""') + '"'


def intellisense() -> list[list[str | int]]:
    """Lay out the help for Excel-DNA's IntelliSense add-in, as its sheet `_IntelliSense_` has it.

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
