"""The route through our own VBA wrapper: an interpreter of VBA runs it, without Excel.

What the wrapper touches of Excel is stood in for: ranges, the sheet of settings, and the two
library functions by which it starts the server. The server behind is xlwings' own COM server over
the stand-in for pywin32.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from arguments import WHOLE, Array, Currency, Date, Omitted, Range, Typed
from pyopenvba.interpreter import (
    EMPTY,
    MISSING,
    NOTHING,
    HostBridge,
    Interpreter,
    VBAArray,
    VBAErrorValue,
    VBAInt,
    VBAObject,
    VBARuntimeError,
    member,
    method,
    setter,
)

from xladdin.cells import CellError
from xladdin.excel.values import ERROR_NUMBERS
from xladdin.excel.vba_wrapper import (
    COMMANDS,
    CONFIGURATION,
    MODULE,
    PYTHON_MODULE,
    opening,
    wrapper,
)

ERROR_CODES: Final = {number: code for code, number in ERROR_NUMBERS.items()}
COM_ERROR: Final = 0x800A0000 - 2**32
COM_MISSING: Final = -2147352572
XLWINGS: Final = "0.37.8"
PYTHON: Final = r"C:\Program Files\xladdin\Scripts\python.exe"

STARTER: Final = """
Public Server As Object
Public Starts As Long
Public Ends As Long
Public Refused As Long
Public StartLine As String
Public LibraryPlace As String
Public PythonPlace As String
Public Unloadable As Boolean
Public Asked As String

Public Sub SetServer(ByVal given As Object)
    Set Server = given
End Sub

Public Sub Refuse(ByVal count As Long)
    Refused = count
End Sub

Public Sub PutLibrary(ByVal place As String)
    LibraryPlace = place
End Sub

Public Sub PutPython(ByVal place As String)
    PythonPlace = place
End Sub

Public Sub Unload()
    Unloadable = True
End Sub

Public Function AttributesOf(ByVal fileName As String) As Long
    Dim place As String
    AttributesOf = 32
    If Right$(fileName, 4) = ".exe" Then
        place = PythonPlace
    Else
        place = LibraryPlace
        Asked = Asked & fileName & ";"
    End If
    If place <> "" And place <> fileName Then AttributesOf = -1
End Function

Public Function LoadLibrary(ByVal fileName As String) As Long
    If Not Unloadable Then LoadLibrary = 1
End Function

Public Function XLPyDLLActivateAuto(ByRef Result As Variant, ByVal Config As String, _
        ByVal mode As Long) As Long
    If mode = -1 Then
        If Config = StartLine Or StartLine = "" Then Ends = Ends + 1
        Exit Function
    End If
    Starts = Starts + 1
    StartLine = Config
    If Refused > 0 Then
        Refused = Refused - 1
        Result = "Could not create Python process." & vbLf & "Error message: Access is denied." & _
            vbCrLf & vbLf & "Command: " & Config
        XLPyDLLActivateAuto = -2147467259
    Else
        Set Result = Server
    End If
End Function

Public Function AskedFor() As String
    AskedFor = Asked
End Function

Public Function LastStartLine() As String
    LastStartLine = StartLine
End Function

Public Function EndsSoFar() As Long
    EndsSoFar = Ends
End Function

Public Function StartsSoFar() As Long
    StartsSoFar = Starts
End Function
"""


class Counted(VBAObject):
    """Rows, columns or areas of something."""

    vba_type_name = "Range"

    def __init__(self, count: int) -> None:
        self.count = count

    @member(name="Count")
    def _count(self) -> VBAInt:
        return VBAInt(self.count, "Long")


class Sheet(VBAObject):
    """A worksheet, used as far as a range of it has values."""

    vba_type_name = "Worksheet"

    def __init__(self, rows: int, columns: int) -> None:
        self.used = rows, columns

    @member(name="UsedRange")
    def _used(self) -> Cells:
        return Cells([[None] * self.used[1]] * self.used[0], self)

    @member(name="Rows")
    def _rows(self) -> Counted:
        return Counted(WHOLE)

    @member(name="Columns")
    def _columns(self) -> Counted:
        return Counted(16_384)


class Cells(VBAObject):
    """A range that begins in A1; its rows may be more than those that hold something."""

    vba_type_name = "Range"

    def __init__(
        self, rows: list[list[Any]], sheet: Sheet, *, height: int = 0, areas: int = 1
    ) -> None:
        self.held, self.sheet, self.areas = rows, sheet, areas
        self.height = height or len(rows)

    @member(name="Areas")
    def _areas(self) -> Counted:
        return Counted(self.areas)

    @member(name="Rows")
    def _rows(self) -> Counted:
        return Counted(self.height)

    @member(name="Columns")
    def _columns(self) -> Counted:
        return Counted(len(self.held[0]))

    @member(name="Row")
    def _row(self) -> VBAInt:
        return VBAInt(1, "Long")

    @member(name="Column")
    def _column(self) -> VBAInt:
        return VBAInt(1, "Long")

    @member(name="Worksheet")
    def _worksheet(self) -> Sheet:
        return self.sheet

    @method(name="Resize")
    def _resize(self, rows: Any, columns: Any) -> Cells:
        height, width = int(rows), int(columns)
        blank = [[None] * width] * max(0, height - len(self.held))
        return Cells([row[:width] for row in self.held[:height]] + blank, self.sheet)

    @member(name="Value2")
    def _value2(self) -> Any:
        assert self.height == len(self.held), "a whole column is read"
        if self.height == len(self.held[0]) == 1:
            return self.held[0][0]
        return block(self.held)


class Settings(VBAObject):
    """The sheet of settings."""

    vba_type_name = "Worksheet"

    def __init__(self, interpreter: str) -> None:
        self.interpreter = interpreter

    @method(name="Range")
    def _range(self, place: Any) -> Cells:
        assert place == "B1"
        return Cells([[self.interpreter]], Sheet(1, 2))


class Book(VBAObject):
    """A workbook, as far as the VBA touches it."""

    vba_type_name = "Workbook"

    def __init__(self, name: str, saved: bool, interpreter: str = PYTHON) -> None:
        self.name, self.saved, self.interpreter = name, saved, interpreter

    @method(name="Worksheets")
    def _worksheets(self, name: Any) -> Settings:
        assert name == CONFIGURATION
        return Settings(self.interpreter)

    @member(name="Name")
    def _name(self) -> str:
        return self.name

    @member(name="Saved")
    def _saved(self) -> bool:
        return self.saved

    @setter("Saved")
    def _set_saved(self, value: Any) -> None:
        self.saved = bool(value)


class Application(VBAObject):
    """Excel itself, which notes what it is descriptions of functions."""

    vba_type_name = "Application"

    def __init__(self, book: Book) -> None:
        self.book = book
        self.descriptions: dict[str, tuple[Any, ...]] = {}
        self.refuses: set[str] = set()
        self.status: Any = False

    @member(name="StatusBar")
    def _status_bar(self) -> Any:
        return self.status

    @setter("StatusBar")
    def _set_status_bar(self, value: Any) -> None:
        self.status = value

    @method(name="MacroOptions")
    def _macro_options(
        self,
        Macro: Any,  # noqa: N803  (VBA's names)
        Description: Any,  # noqa: N803
        Category: Any,  # noqa: N803
        ArgumentDescriptions: Any = MISSING,  # noqa: N803
    ) -> None:
        if str(Macro).rpartition("!")[2] in self.refuses:
            raise VBARuntimeError(1004, "Cannot edit a macro on a hidden workbook.")
        self.book.saved = False
        words = [] if ArgumentDescriptions is MISSING else ArgumentDescriptions.elements()
        self.descriptions[str(Macro)] = (Description, Category, *words)


class Excel(HostBridge):
    """What is known everywhere in VBA.

    Args:
        book: The workbook with the code.
        active: Whether there is an active workbook.
    """

    def __init__(self, book: Book, active: bool = True) -> None:
        self.application = Application(book)
        self.known = {
            "application": self.application,
            "thisworkbook": book,
            "activeworkbook": book if active else NOTHING,
        }
        self.interpreter = Interpreter(self)
        self.interpreter.add_module(STARTER, name="Libraries")
        self.interpreter.add_module(source(), name=MODULE)
        # It does not know events: `activate` calls what Excel would.
        self.interpreter.add_module(opening().replace("WithEvents ", ""), name="ThisWorkbook")

    def global_object(self, name: str) -> object:
        """Return what a name stands for."""
        return self.known[name] if name in self.known else super().global_object(name)

    def open(self) -> None:
        """Run what the workbook does when it is opened."""
        self.interpreter.run("Workbook_Open")

    def activate(self) -> None:
        """Have a workbook come to the front, and let Excel notify who registered for it."""
        self.known["activeworkbook"] = self.known["thisworkbook"]
        if self.interpreter.module("ThisWorkbook").variables["mexcel"].get() is not NOTHING:
            self.interpreter.run("mExcel_WorkbookActivate", [self.known["activeworkbook"]])


class Server(VBAObject):
    """The server that xlwings' library starts or finds."""

    vba_type_name = "Object"

    def __init__(self, ask: Callable[..., Any]) -> None:
        self.ask = ask
        self.failures = 0  # how many of the next calls fail

    @method(name="CallUDF")
    def _call(self, module: Any, name: Any, given: Any) -> Any:
        verb = {PYTHON_MODULE: "own_wrapper", COMMANDS: "command"}[module]
        if self.failures and name != "XLADDIN_VERSION":
            self.failures -= 1
            raise VBARuntimeError(-2147023170, "The remote procedure call failed.")
        return from_com(self.ask(verb, name, *map(to_com, given.elements())))


class Wrapper:
    """The wrapper, ready to be called.

    Args:
        ask: Asks the COM server: a verb, the function's name, and arguments as COM has them.
        python: Path of the Python that the settings name.
    """

    def __init__(self, ask: Callable[..., Any], python: str = PYTHON) -> None:
        self.server = Server(ask)
        self.excel = Excel(Book("xladdin.xlam", saved=True, interpreter=python))
        self.interpreter = self.excel.interpreter
        self.interpreter.run("SetServer", [self.server])

    def call(self, name: str, arguments: Sequence[Any]) -> Any:
        """Call a function with what a formula gives it, as `arguments` describes that."""
        return self.run(name, [given(item) for item in arguments])

    def run(self, name: str, arguments: Sequence[Any]) -> Any:
        """Call a function with values of VBA."""
        return shown(self.interpreter.run(name, list(arguments)))

    def refuse(self, count: int) -> None:
        """Let the next starts of the server fail."""
        self.interpreter.run("Refuse", [count])

    def put_library(self, place: str) -> None:
        """Let there be a library in one place only; without this, wherever it is asked for."""
        self.interpreter.run("PutLibrary", [place])

    @property
    def failure(self) -> str:
        """The last failure, as the VBA keeps it."""
        return str(self.interpreter.module(MODULE).variables["mfailure"].get())

    @property
    def libraries(self) -> list[str]:
        """The libraries that were asked for, in order."""
        return str(self.interpreter.run("AskedFor")).split(";")[:-1]

    @property
    def start_line(self) -> str:
        """The command by which the server was last started."""
        return str(self.interpreter.run("LastStartLine"))

    @property
    def starts(self) -> int:
        """How often the server was started."""
        return int(self.interpreter.run("StartsSoFar"))


def source() -> str:
    """Write the wrapper for the interpreter.

    It does not know attributes within a module, and cannot call libraries: `STARTER` has their
    functions, which take texts where the libraries take their addresses.
    """
    text = re.sub(r"^Attribute .*$", "", wrapper(XLWINGS), flags=re.MULTILINE)
    text = text.replace("StrPtr(", "(").replace("Err.LastDllError", "5")
    return re.sub(r"^ *Private Declare (?:.* _\r\n)*.*$", "", text, flags=re.MULTILINE)


def given(argument: Any) -> Any:
    """Turn an argument into what Excel hands to VBA."""
    if isinstance(argument, Omitted):
        return MISSING
    if isinstance(argument, Typed):
        return value_of(argument.value)
    if isinstance(argument, Array):
        cells = [[value_of(cell) for cell in row] for row in argument.rows]
        return VBAArray([(1, len(cells[0]))], items=cells[0]) if len(cells) == 1 else block(cells)
    rows: Any = argument.rows if isinstance(argument, Range) else ((argument,),)
    held = [[value_of(cell) for cell in row] for row in rows]
    whole = isinstance(argument, Range) and argument.whole
    sheet = Sheet(len(held), len(held[0]))
    return Cells(held, sheet, height=WHOLE if whole else 0)


def value_of(cell: Any) -> Any:
    """Turn what a cell holds into what `.Value2` gives: no dates, no currencies."""
    if cell is None:
        return EMPTY
    if isinstance(cell, CellError):
        return VBAErrorValue(ERROR_NUMBERS[cell.code])
    return cell.number if isinstance(cell, Date | Currency) else cell


def block(rows: Sequence[Sequence[Any]], lowest: int = 1) -> VBAArray:
    """Make an array of two dimensions, which VBA keeps column by column."""
    bounds = [(lowest, lowest + len(rows) - 1), (lowest, lowest + len(rows[0]) - 1)]
    columns = zip(*[[EMPTY if cell is None else cell for cell in row] for row in rows], strict=True)
    return VBAArray(bounds, items=[cell for column in columns for cell in column])


def to_com(value: Any) -> Any:
    """Take a value across COM to Python."""
    if value is MISSING:
        return COM_MISSING
    if value is EMPTY:
        return None
    if isinstance(value, VBAErrorValue):
        return COM_ERROR + value.number
    if isinstance(value, VBAArray):
        items = [to_com(item) for item in value.elements()]
        if value.dimensions == 1:
            return tuple(items)
        height = value.bounds[0][1] - value.bounds[0][0] + 1
        return tuple(tuple(items[row::height]) for row in range(height))
    return value


def from_com(value: Any) -> Any:
    """Take a value across COM to VBA."""
    if not isinstance(value, tuple):
        return value
    if isinstance(value[0], tuple):
        return block(value, lowest=0)
    return VBAArray([(0, len(value) - 1)], items=list(value))


def shown(value: Any) -> Any:
    """Take a result of VBA for what the cells show."""
    if isinstance(value, VBAErrorValue):
        return CellError(ERROR_CODES[value.number])
    if isinstance(value, VBAArray):
        items = [shown(item) for item in value.elements()]
        if value.dimensions == 1:
            return (tuple(items),)
        height = value.bounds[0][1] - value.bounds[0][0] + 1
        return tuple(tuple(items[row::height]) for row in range(height))
    return value
