"""The VBA behind the ribbon's buttons; braces hold what the wrapper fills in."""

from __future__ import annotations

from typing import Final

NAMESPACE: Final = "http://schemas.microsoft.com/office/2009/07/customui"
"""Namespace of the ribbon's XML since Excel 2010."""

DONE: Final = "done"
FAILED: Final = "failed"
"""How a command of the ribbon ended, before what it gives or why it gives nothing."""

SOURCE: Final = """\
Option Explicit
Option Private Module
' Written by xladdin. Excel calls the public subs of this module, with the control that was pressed.
' A module of its own: what is wrong here stops no formula.

Public Sub XladdinExplain(control As IRibbonControl)
    Dim cell As Object
    Dim sheet As Object
    Dim calls As Variant
    Dim row As Long
    Dim i As Long
    On Error GoTo failed
    Set cell = FormulaCell()
    If cell Is Nothing Then
        Show "Select a cell with a function of xladdin first."
        Exit Sub
    End If
    ServeRibbon control, "explain", Array(cell), calls
    If Not IsArray(calls) Then
        Show "Excel called no function of xladdin for " & cell.Address(False, False) & _
            ": the cell has none, or its formula takes a path without one."
        Exit Sub
    End If
    For i = 0 To UBound(calls)
        If Reason(control, calls(i)(1)) <> "" Then
            Show Reason(control, calls(i)(1))
            Exit Sub
        End If
    Next i
    Set sheet = NewSheet()
    row = Place(sheet, 1, Array(cell.Worksheet.Name & ", cell " & cell.Address(False, False)))
    row = Place(sheet, row, Array(cell.Formula))
    For i = 0 To UBound(calls)
        sheet.Rows(row + 1).Font.Bold = True
        sheet.Rows(row + 2).Font.Bold = True
        row = Place(sheet, row + 1, Array(calls(i)(0)))
        row = Place(sheet, row, calls(i)(1))
    Next i
    sheet.Columns("B:E").AutoFit
    sheet.Columns("A").ColumnWidth = 60
    Exit Sub
failed:
    Show Err.Description
End Sub

' Excel asks for the menu each time that it is opened.
Public Sub XladdinWorkbooks(control As IRibbonControl, ByRef content)
    Dim answer As Variant
    On Error GoTo failed
    ServeRibbon control, "call", Array("workbooks", Array()), answer
    If Reason(control, answer) = "" Then
        content = answer(UBound(answer))
        Exit Sub
    End If
failed:
    content = "<menu xmlns='{namespace}'>" & _
        "<button id='xladdinNone' label='Python does not answer: see Status' tag='{tag}'" & _
        " onAction='XladdinStatus'/></menu>"
End Sub

Public Sub XladdinInsert(control As IRibbonControl)
    Dim answer As Variant
    Dim path As Variant
    Dim words As Variant
    On Error GoTo failed
    words = Split(control.Tag, ":")
    path = Application.GetSaveAsFilename(words(1) & ".xlsx", "Excel workbook (*.xlsx), *.xlsx")
    If VarType(path) = vbBoolean Then Exit Sub
    ServeRibbon control, "call", Array("insert", Array(words(1), words(2), path)), answer
    If Reason(control, answer) <> "" Then
        Show Reason(control, answer)
        Exit Sub
    End If
    Application.Workbooks.Open answer(UBound(answer))
    Exit Sub
failed:
    Show Err.Description
End Sub

Public Sub XladdinDeals(control As IRibbonControl)
    Dim answer As Variant
    Dim sheet As Object
    On Error GoTo failed
    ServeRibbon control, "call", Array("deals", Array()), answer
    If Reason(control, answer) <> "" Then
        Show Reason(control, answer)
        Exit Sub
    End If
    Set sheet = NewSheet()
    sheet.Rows(1).Font.Bold = True
    Place sheet, 1, answer
    sheet.Columns("A:G").AutoFit
    Exit Sub
failed:
    Show Err.Description
End Sub

Public Sub XladdinRestart(control As IRibbonControl)
    Dim answer As Variant
    On Error GoTo failed
    ServeRibbon control, "end", Empty, answer
    ServeRibbon control, "call", Array("status", Array()), answer
    If Reason(control, answer) <> "" Then
        Show Reason(control, answer)
        Exit Sub
    End If
    Application.CalculateFull
    Show answer(UBound(answer)) & " All formulas were calculated again."
    Exit Sub
failed:
    Show Err.Description
End Sub

Public Sub XladdinStatus(control As IRibbonControl)
    Dim answer As Variant
    Dim running As Variant
    Dim words As String
    On Error GoTo failed
    words = "xladdin {version} starts this Python:" & vbCrLf & _
        ThisWorkbook.Worksheets("{sheet}").Range("B1").Value2 & vbCrLf & vbCrLf
    ServeRibbon control, "running", Empty, running
    If running Then
        ServeRibbon control, "call", Array("status", Array()), answer
        If Reason(control, answer) = "" Then words = words & answer(UBound(answer)) & vbCrLf
    Else
        words = words & "It does not run now. The next formula starts it." & vbCrLf
    End If
    ServeRibbon control, "failure", Empty, answer
    If answer = "" Then answer = "Nothing has failed since Excel was started."
    Show words & vbCrLf & answer
    Exit Sub
failed:
    Show Err.Description
End Sub

Public Sub XladdinHelp(control As IRibbonControl)
    Dim answer As Variant
    Dim cell As Object
    Dim formula As String
    On Error GoTo failed
    Set cell = FormulaCell()
    If Not cell Is Nothing Then formula = cell.Formula
    ServeRibbon control, "call", Array("help", Array(formula)), answer
    If Reason(control, answer) <> "" Then
        Show Reason(control, answer)
        Exit Sub
    End If
    ThisWorkbook.FollowHyperlink answer(UBound(answer))
    Exit Sub
failed:
    Show Err.Description
End Sub

' The selected cell, or the one whose formula spills into it; older versions know no spills.
Private Function FormulaCell() As Object
    Dim cell As Object
    Set cell = ActiveCell
    Set FormulaCell = cell
    If cell Is Nothing Then Exit Function
    On Error Resume Next
    If cell.HasSpill Then Set FormulaCell = cell.SpillParent
    If cell.HasArray Then Set FormulaCell = cell.CurrentArray.Cells(1, 1)
End Function

' Why there is no answer; empty if there is one.
Private Function Reason(ByVal control As Object, ByVal answer As Variant) As String
    Dim failure As Variant
    If IsError(answer) Or Not IsArray(answer) Then
        ServeRibbon control, "failure", Empty, failure
        Reason = "Python did not answer." & vbCrLf & failure
    ElseIf Not HasColumns(answer) Then
        If answer(LBound(answer)) = "{failed}" Then Reason = answer(UBound(answer))
    End If
End Function

' Never a sheet on which somebody works.
Private Function NewSheet() As Object
    Set NewSheet = Application.Workbooks.Add.Worksheets(1)
End Function

' Writes rows of values and returns the number of the row below. The apostrophe before a text is not
' shown: with it, Excel takes no text for a formula, a number or a date.
Private Function Place(ByVal sheet As Object, ByVal row As Long, ByVal found As Variant) As Long
    Dim i As Long
    Dim j As Long
    If HasColumns(found) Then
        For i = LBound(found, 1) To UBound(found, 1)
            For j = LBound(found, 2) To UBound(found, 2)
                PutInto sheet.Cells(row, 1 + j - LBound(found, 2)), found(i, j)
            Next j
            row = row + 1
        Next i
    Else
        For j = LBound(found) To UBound(found)
            PutInto sheet.Cells(row, 1 + j - LBound(found)), found(j)
        Next j
        row = row + 1
    End If
    Place = row
End Function

Private Sub PutInto(ByVal cell As Object, ByVal item As Variant)
    If VarType(item) <> vbString Then
        cell.Value2 = item
    ElseIf item <> "" Then
        cell.Value2 = "'" & item
    End If
End Sub

{has_columns}
Private Sub Show(ByVal words As String)
    MsgBox Left$(words, 1000), vbInformation, "xladdin"
End Sub
"""
