"""The lines of VBA that are the same for all functions; braces hold what the wrapper fills in."""

from __future__ import annotations

from typing import Final

HAS_COLUMNS: Final = """\
Private Function HasColumns(ByRef found As Variant) As Boolean
    Dim last As Long
    On Error GoTo single_row
    last = UBound(found, 2)
    HasColumns = True
    Exit Function
single_row:
    HasColumns = False
End Function
"""

HEAD: Final = """\
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
Private Declare PtrSafe Function LoadLibrary Lib "KERNEL32" Alias "LoadLibraryW" _
    (ByVal fileName As LongPtr) As LongPtr
Private Declare PtrSafe Function AttributesOf Lib "KERNEL32" Alias "GetFileAttributesW" _
    (ByVal fileName As LongPtr) As Long

Private mServer As Object
Private mNotBefore As Date
Private mFailure As String
Private mShown As Boolean
Private mRecorded As Collection

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
{has_columns}
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

' Calls the server, kept from call to call; one that has ended is started anew, once.
Private Function CallServer(ByVal functionName As String, ByVal given As Variant, _
        Optional ByVal pythonModule As String = "{python}") As Variant
    Dim values As Variant
    Dim tries As Long
    CallServer = CVErr({value})
    On Error GoTo unreadable
    values = ValuesOf(given)
    On Error GoTo failed
    If Not mRecorded Is Nothing Then
        If mRecorded.Count < {most} Then mRecorded.Add Array(functionName, values)
    End If
again:
    If mServer Is Nothing Then StartServer
    CallServer = ResultOf(mServer.CallUDF(pythonModule, functionName, values))
    Exit Function
failed:
    tries = tries + 1
    If tries < 2 And Not mServer Is Nothing Then
        Set mServer = Nothing
        Resume again
    End If
    If Not mServer Is Nothing Then
        Fail "Python does not answer: " & Err.Description & vbCrLf & _
            "Run `xladdin doctor`, which calls a function in the same way."
    End If
    Set mServer = Nothing
unreadable:
    CallServer = CVErr({value})
End Function

' A Python that cannot be started is waited for for minutes: not once more for each cell of a sheet.
Private Sub StartServer()
    If Now < mNotBefore Then Err.Raise 1001
    On Error GoTo failed
    Set mServer = StartedServer()
    Recover
    CheckVersion
    Exit Sub
failed:
    Fail Err.Description
    mNotBefore = Now + TimeSerial(0, 0, {pause})
    Err.Raise 1001
End Sub

' The library finds the Python that it has started with this command, or starts one.
Private Function StartedServer() As Object
    Dim found As Variant
    EnsureLibrary
    If {starter}(found, StartLine(), 1) <> 0 Then
        Err.Raise 1001, , "Python did not start, or did not answer. " & OneLine(found) & vbCrLf & _
            "Run `xladdin doctor`; see whether Microsoft Defender or another virus scanner " & _
            "forbids Excel to start a program."
    End If
    Set StartedServer = found
End Function

' What the library says, without the command, in one line for the status bar.
Private Function OneLine(ByVal found As Variant) As String
    If VarType(found) <> vbString Then Exit Function
    OneLine = Replace(Replace(found & "Command:", vbCr, ""), vbLf, " ")
    OneLine = Trim$(Left$(OneLine, InStr(OneLine, "Command:") - 1))
End Function

Private Function PythonPath() As String
    PythonPath = ThisWorkbook.Worksheets("{sheet}").Range("B1").Value2
End Function

Private Function StartLine() As String
    StartLine = Chr$(34) & PythonPath() & Chr$(34) & "{command}"
End Function

' The library lies beside Python or, for a virtual environment, one folder above; loaded by its full
' path once, it is known by its name, and no file of the current folder is taken for it.
Private Sub EnsureLibrary()
    Dim python As String
    Dim folder As String
    python = PythonPath()
    If Not IsThere(python) Then
        Err.Raise 1001, , "Python is not there: " & python & vbCrLf & _
            "Run `xladdin install` with the Python to be used."
    End If
    folder = Left$(python, InStrRev(python, "\\"))
    If Not IsThere(folder & LIBRARY) Then
        folder = Left$(folder, InStrRev(folder, "\\", Len(folder) - 1))
        If Not IsThere(folder & LIBRARY) Then
            Err.Raise 1001, , LIBRARY & " is not beside Python: " & python & vbCrLf & _
                "Run `xladdin doctor`, then `xladdin install` if xlwings was updated."
        End If
    End If
    If LoadLibrary(StrPtr(folder & LIBRARY)) = 0 Then
        Err.Raise 1001, , "Windows did not load " & folder & LIBRARY & ", error " & _
            Err.LastDllError & "." & vbCrLf & _
            "See whether a virus scanner or a policy on programs forbids it."
    End If
End Sub

Private Function IsThere(ByVal path As String) As Boolean
    IsThere = (AttributesOf(StrPtr(path)) <> -1)
End Function

' Formulas may be right with another version, but this is what to look at if they are not.
Private Sub CheckVersion()
    Dim found As Variant
    On Error GoTo failed
    found = mServer.CallUDF("{python}", "XLADDIN_VERSION", Array())
    If found <> "{version}" Then
        Fail "The add-in is of version {version}, and its Python has xladdin " & found & "." & _
            vbCrLf & "Close Excel and run `xladdin install`."
    End If
    Exit Sub
failed:
    Fail "Python runs, but does not load xladdin: " & Err.Description & vbCrLf & _
        "Run `xladdin doctor`."
End Sub

' Keeps a failure for Status, and shows its first line where the user looks.
Private Sub Fail(ByVal reason As String)
    mFailure = reason
    On Error Resume Next
    Application.StatusBar = Left$("xladdin: " & Split(reason & vbCrLf, vbCrLf)(0), 200)
    mShown = True
End Sub

Private Sub Recover()
    mFailure = ""
    If Not mShown Then Exit Sub
    mShown = False
    On Error Resume Next
    Application.StatusBar = False
End Sub

' What the ribbon's module asks for. No cell can: this is no function, and its first argument is the
' control of the ribbon that was pressed. Nothing else has such a tag.
Public Sub ServeRibbon(ByVal control As Object, ByVal task As String, ByVal given As Variant, _
        ByRef answer As Variant)
    If Left$(control.Tag, {tag_length}) <> "{tag}" Then Exit Sub
    Select Case task
        Case "call": answer = CallServer(given(0), given(1), "{commands}")
        Case "explain": answer = Explained(given(0))
        Case "end": EndServer
        Case "running": answer = Not mServer Is Nothing
        Case "failure": answer = mFailure
    End Select
End Sub

' The calls that Excel makes for a cell, each with its name and its explanation. Excel calculates
' the cell again, so that the arguments are what it passes, however the formula comes by them.
Private Function Explained(ByVal cell As Object) As Variant
    Dim calls As Collection
    Dim found() As Variant
    Dim given As Variant
    Dim i As Long
    Set mRecorded = New Collection
    On Error Resume Next
    cell.Calculate
    Set calls = mRecorded
    Set mRecorded = Nothing
    On Error GoTo 0
    If calls.Count = 0 Then Exit Function
    ReDim found(0 To calls.Count - 1)
    For i = 1 To calls.Count
        given = ToExplain(calls(i)(0), calls(i)(1))
        found(i - 1) = Array(calls(i)(0), CallServer("EXPLAIN", given))
    Next i
    Explained = found
End Function

' EXPLAIN itself explains the call that it is about.
Private Function ToExplain(ByVal functionName As String, ByVal values As Variant) As Variant
    Dim given() As Variant
    Dim i As Long
    ToExplain = values
    If functionName = "EXPLAIN" Then Exit Function
    ReDim given(0 To UBound(values) + 1)
    given(0) = functionName
    For i = 0 To UBound(values)
        given(i + 1) = values(i)
    Next i
    ToExplain = given
End Function

' As xlwings' own KillPy; and the next call starts Python at once.
Private Sub EndServer()
    Dim unused As Variant
    Set mServer = Nothing
    mNotBefore = 0
    Recover
    On Error GoTo failed
    EnsureLibrary
    If {starter}(unused, StartLine(), -1) <> 0 Then Err.Raise 1001, , "Python was not ended."
    Exit Sub
failed:
    Fail Err.Description
End Sub

Private Sub Keep(ByRef given() As Variant, ByVal place As Long, Optional ByVal item As Variant)
    If IsObject(item) Then
        Set given(place) = item
    Else
        given(place) = item
    End If
End Sub
"""


# Private throughout, also what Excel calls. MacroOptions fails as long as no workbook is active,
# and an add-in is opened before the first of them; so it is tried again until it succeeds for all.
OPENING: Final = """\
Private WithEvents mExcel As Application

Private Sub Workbook_Open()
    On Error Resume Next
    If Not DescribeFunctions() Then Set mExcel = Application
End Sub

Private Sub mExcel_WorkbookActivate(ByVal Wb As Workbook)
    On Error Resume Next
    If DescribeFunctions() Then Set mExcel = Nothing
End Sub
"""
