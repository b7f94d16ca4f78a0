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

from xladdin.excel.classic import CATEGORY, ERROR_NUMBERS, HELP_LIMIT, argument_name
from xladdin.excel.start_line import OPTIONS, SERVE
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS

MODULE: Final = "xladdin_udfs"
"""Name of the VBA module; VBA allows 31 characters."""

PYTHON_MODULE: Final = "xladdin.udfs"
"""The Python module that the server calls."""

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

_HEAD: Final = """\
Option Explicit
' Written by xladdin from its functions. It is replaced whole by each install.

#If Win64 Then
    Private Const LIBRARY As String = "{library64}"
    Private Declare PtrSafe Function {starter} Lib "{library64}" _
        {parameters}
#Else
    Private Const LIBRARY As String = "{library32}"
    Private Declare PtrSafe Function {starter} Lib "{library32}" _
        {parameters}
#End If
Private Declare PtrSafe Function LoadLibrary Lib "KERNEL32" Alias "LoadLibraryA" _
    (ByVal fileName As String) As LongPtr

Private mServer As Object
Private mNotBefore As Date

' The arguments of a call as plain as they come: no dates, no currencies. One that is left out stays
' so: Python knows it by the number of that error.
Private Function ValuesOf(ByVal given As Variant) As Variant
    Dim values() As Variant
    Dim lastRow As Long
    Dim lastColumn As Long
    Dim i As Long
    ValuesOf = given
    If UBound(given) < 0 Then Exit Function
    For i = 0 To UBound(given)
        If IsCells(given(i)) Then Reach given(i), lastRow, lastColumn
    Next i
    ReDim values(0 To UBound(given))
    For i = 0 To UBound(given)
        values(i) = CellsOf(lastRow, lastColumn, given(i))
    Next i
    ValuesOf = values
End Function

Private Function IsCells(Optional ByVal given As Variant) As Boolean
    If IsObject(given) Then IsCells = (TypeName(given) = "Range")
End Function

' Whole columns and rows end where their sheets are used: what lies beyond is blank. All of one call
' end at the same place, or two columns of different sheets would no longer be of one size; and it
' lies beyond any shorter range, or that would be taken for one of the same size.
Private Sub Reach(ByVal area As Object, ByRef lastRow As Long, ByRef lastColumn As Long)
    Dim used As Object
    Dim rowsHere As Long
    Dim columnsHere As Long
    rowsHere = area.Rows.Count
    columnsHere = area.Columns.Count
    If rowsHere = area.Worksheet.Rows.Count Then
        Set used = area.Worksheet.UsedRange
        rowsHere = used.Row + used.Rows.Count - 1
    ElseIf rowsHere > 1 Then
        rowsHere = rowsHere + 1
    End If
    If columnsHere = area.Worksheet.Columns.Count Then
        Set used = area.Worksheet.UsedRange
        columnsHere = used.Column + used.Columns.Count - 1
    ElseIf columnsHere > 1 Then
        columnsHere = columnsHere + 1
    End If
    If rowsHere > lastRow Then lastRow = rowsHere
    If columnsHere > lastColumn Then lastColumn = columnsHere
End Sub

' Several areas are no value.
Private Function CellsOf(ByVal lastRow As Long, ByVal lastColumn As Long, _
        Optional ByVal given As Variant) As Variant
    Dim rowsKept As Long
    Dim columnsKept As Long
    If Not IsObject(given) Then
        CellsOf = given
        Exit Function
    End If
    CellsOf = CVErr({value})
    If Not IsCells(given) Then Exit Function
    If given.Areas.Count > 1 Then Exit Function
    rowsKept = given.Rows.Count
    columnsKept = given.Columns.Count
    If rowsKept = given.Worksheet.Rows.Count And lastRow < rowsKept Then rowsKept = lastRow
    If columnsKept = given.Worksheet.Columns.Count And lastColumn < columnsKept Then
        columnsKept = lastColumn
    End If
    If rowsKept = given.Rows.Count And columnsKept = given.Columns.Count Then
        CellsOf = given.Value2
    Else
        CellsOf = given.Resize(rowsKept, columnsKept).Value2
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
    Dim values As Variant
    Dim tries As Long
    Ask = CVErr({value})
    On Error GoTo unreadable
    values = ValuesOf(given)
    On Error GoTo failed
again:
    If mServer Is Nothing Then StartServer
    Ask = ResultOf(mServer.CallUDF("{python}", functionName, values))
    Exit Function
failed:
    tries = tries + 1
    If tries < 2 And Not mServer Is Nothing Then
        Set mServer = Nothing
        Resume again
    End If
    Set mServer = Nothing
unreadable:
    Ask = CVErr({value})
End Function

' A Python that cannot be started is waited for for minutes: not once more for each cell of a sheet.
Private Sub StartServer()
    If Now < mNotBefore Then Err.Raise 1001
    On Error GoTo failed
    Set mServer = StartedServer()
    Exit Sub
failed:
    mNotBefore = Now + TimeSerial(0, 0, {pause})
    Err.Raise 1001
End Sub

' The library finds the Python that it has started with this command, or starts one. It lies beside
' Python or, for a virtual environment, one folder above; loaded by its full path once, it is known
' by its name, and no file of the current folder is taken for it.
Private Function StartedServer() As Object
    Dim python As String
    Dim folder As String
    Dim startLine As String
    Dim found As Variant
    python = ThisWorkbook.Worksheets("{sheet}").Range("B1").Value2
    folder = Left$(python, InStrRev(python, "\\"))
    If LoadLibrary(folder & LIBRARY) = 0 Then
        folder = Left$(folder, InStrRev(folder, "\\", Len(folder) - 1))
        If LoadLibrary(folder & LIBRARY) = 0 Then Err.Raise 1001
    End If
    startLine = Chr$(34) & python & Chr$(34) & "{command}"
    If {starter}(found, startLine, 1) <> 0 Then Err.Raise 1001
    Set StartedServer = found
End Function

Private Sub Hold(ByRef given() As Variant, ByVal place As Long, Optional ByVal item As Variant)
    If IsObject(item) Then
        Set given(place) = item
    Else
        given(place) = item
    End If
End Sub
"""

# Private throughout, also what Excel calls. MacroOptions fails as long as no workbook is active,
# and an add-in is opened before the first of them.
_OPENING: Final = """\
Private WithEvents mExcel As Application

Private Sub Workbook_Open()
    On Error Resume Next
    If ActiveWorkbook Is Nothing Then
        Set mExcel = Application
    Else
        DescribeFunctions
    End If
End Sub

Private Sub mExcel_WorkbookActivate(ByVal Wb As Workbook)
    On Error Resume Next
    DescribeFunctions
    Set mExcel = Nothing
End Sub
"""


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
    head = _HEAD.format(
        errors=errors,
        value=ERROR_NUMBERS["#VALUE!"],
        python=PYTHON_MODULE,
        pause=PAUSE,
        sheet=CONFIGURATION,
        starter=LIBRARY_FUNCTION,
        parameters=LIBRARY_PARAMETERS,
        library32=libraries[32],
        library64=libraries[64],
        command=f' {" ".join(OPTIONS)} -c ""{SERVE}""',
    )
    return _module(head, *(_function(function) for function in FUNCTIONS.values()))


def opening() -> str:
    """Write the code that runs when the add-in or workbook is opened, for its module ThisWorkbook.

    Returns:
        Its source, as `wrapper` gives it.
    """
    return _module(_OPENING, _help())


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
        body = f'    {function.name} = Ask("{function.name}", Array({", ".join(names)}))\n'
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
        *(f"    Hold given, {place}, {name}" for place, name in enumerate(fixed)),
        f"    For i = 0 To UBound({repeated})",
        f"        Hold given, i + {count}, {repeated}(i)",
        "    Next i",
        '    @ = Ask("@", given)',
    ]
    return "\n".join(lines) + "\n"


def _help() -> str:
    """Write the sub that describes the functions to the function wizard."""
    lines = [
        "' Category, description and argument help for the function wizard.",
        "Private Sub DescribeFunctions()",
        "    Dim unchanged As Boolean",
        "    On Error Resume Next",
        "    unchanged = ThisWorkbook.Saved",
    ]
    for function in FUNCTIONS.values():
        lines.append(f'    Describe "{function.name}", {_text(function.summary)}, Array( _')
        help_texts = [_text(argument.help) for argument in function.arguments]
        lines += [f"        {text}, _" for text in help_texts[:-1]]
        lines.append(f"        {help_texts[-1] if help_texts else ''})")
    lines += [
        # Or Excel would ask whether to save a file that nobody has changed.
        "    If unchanged Then ThisWorkbook.Saved = True",
        "End Sub",
        "",
        "Private Sub Describe(ByVal functionName As String, ByVal words As String, _",
        "        ByVal help As Variant)",
        "    Dim place As String",
        "    On Error Resume Next",
        '    place = "\'" & Replace(ThisWorkbook.Name, "\'", "\'\'") & "\'!" & functionName',
        "    If UBound(help) < 0 Then",
        "        Application.MacroOptions Macro:=place, Description:=words, _",
        f"            Category:={_text(CATEGORY)}",
        "    Else",
        "        Application.MacroOptions Macro:=place, Description:=words, _",
        f"            Category:={_text(CATEGORY)}, ArgumentDescriptions:=help",
        "    End If",
        "End Sub",
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
