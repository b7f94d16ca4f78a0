"""Excel as the VBA of the ribbon meets it: the selected cell, new workbooks, questions, links."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pyopenvba.interpreter import (
    NOTHING,
    VBAObject,
    member,
    method,
    setter,
)
from routes.vba_route import PYTHON, Application, Book, Excel, Server

from xladdin.excel.vba_wrapper import RIBBON_MODULE, TAG, ribbon

MENU = """
Public Function MenuOf(ByVal control As Object) As String
    Dim content As Variant
    XladdinWorkbooks control, content
    MenuOf = content
End Function
"""


class Control(VBAObject):
    """What Excel hands to a callback."""

    vba_type_name = "IRibbonControl"

    def __init__(self, tag: str = TAG) -> None:
        self.tag = tag

    @member(name="Tag")
    def _tag(self) -> str:
        return self.tag


class WrittenCell(VBAObject):
    """A cell of a new workbook, which takes what is typed as Excel does."""

    vba_type_name = "Range"

    def __init__(self) -> None:
        self.value: Any = None

    @member(name="Value2")
    def _value2(self) -> Any:
        return self.value

    @setter("Value2")
    def _set_value2(self, value: Any) -> None:
        assert not isinstance(value, str) or value.startswith("'"), f"{value} would be read"
        self.value = value[1:] if isinstance(value, str) else value


class Format(VBAObject):
    """Rows, columns or a font, whose looks are not looked at."""

    vba_type_name = "Range"

    @member(name="Font")
    def _font(self) -> Format:
        return self

    @setter("Bold")
    def _bold(self, value: Any) -> None:
        assert value is True

    @setter("ColumnWidth")
    def _width(self, value: Any) -> None:
        assert 0 < int(value) < 256

    @method(name="AutoFit")
    def _fit(self) -> None:
        return None


class NewSheet(VBAObject):
    """The sheet of a new workbook."""

    vba_type_name = "Worksheet"

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], WrittenCell] = {}

    @method(name="Cells")
    def _cells(self, row: Any, column: Any) -> WrittenCell:
        return self.cells.setdefault((int(row), int(column)), WrittenCell())

    @method(name="Rows")
    def _rows(self, row: Any) -> Format:
        assert int(row) > 0
        return Format()

    @method(name="Columns")
    def _columns(self, letters: Any) -> Format:
        assert re.fullmatch("[A-Z](:[A-Z])?", letters)
        return Format()

    @property
    def rows(self) -> list[list[Any]]:
        """What it holds, row by row; None where nothing was written."""
        height, width = (max(place[at] for place in self.cells) for at in (0, 1))
        return [
            [
                cell.value if (cell := self.cells.get((row, column))) else None
                for column in range(1, width + 1)
            ]
            for row in range(1, height + 1)
        ]


class NewBook(VBAObject):
    """A workbook that the VBA adds."""

    vba_type_name = "Workbook"

    def __init__(self) -> None:
        self.sheet = NewSheet()

    @method(name="Worksheets")
    def _worksheets(self, place: Any) -> NewSheet:
        assert int(place) == 1
        return self.sheet


class Books(VBAObject):
    """The workbooks: those added, and those opened."""

    vba_type_name = "Workbooks"

    def __init__(self) -> None:
        self.added: list[NewBook] = []
        self.opened: list[str] = []

    @method(name="Add")
    def _add(self) -> NewBook:
        self.added.append(NewBook())
        return self.added[-1]

    @method(name="Open")
    def _open(self, path: Any) -> None:
        self.opened.append(str(path))


class RibbonApplication(Application):
    """Excel itself, with workbooks and questions."""

    vba_type_name = "Application"

    def __init__(self, book: Book) -> None:
        super().__init__(book)
        self.books = Books()
        self.chosen: str | bool = False
        self.offered = ""
        self.calculated = 0

    @member(name="Workbooks")
    def _workbooks(self) -> Books:
        return self.books

    @method(name="GetSaveAsFilename")
    def _ask(self, name: Any, kinds: Any) -> str | bool:
        assert "*.xlsx" in kinds
        self.offered = str(name)
        return self.chosen

    @method(name="CalculateFull")
    def _calculate(self) -> None:
        self.calculated += 1


class AddinBook(Book):
    """The add-in's own file, which opens links."""

    vba_type_name = "Workbook"
    followed: str = ""

    @method(name="FollowHyperlink")
    def _follow(self, address: Any) -> None:
        self.followed = str(address)


class Here(VBAObject):
    """The sheet of the selected cell."""

    vba_type_name = "Worksheet"

    @member(name="Name")
    def _name(self) -> str:
        return "Log"


class Selected(VBAObject):
    """The selected cell.

    Args:
        formula: Its formula.
        calculate: Makes the calls that Excel makes to calculate it.
        spilled_from: The cell whose formula spills into it.
    """

    vba_type_name = "Range"

    def __init__(
        self,
        formula: str = "",
        calculate: Callable[[], object] = lambda: None,
        spilled_from: Selected | None = None,
    ) -> None:
        self.formula, self.calculate, self.parent = formula, calculate, spilled_from

    @member(name="Formula")
    def _formula(self) -> str:
        return self.formula

    @member(name="HasSpill")
    def _has_spill(self) -> bool:
        return self.parent is not None

    @member(name="SpillParent")
    def _spill_parent(self) -> Selected | None:
        return self.parent

    @member(name="HasArray")
    def _has_array(self) -> bool:
        return False

    @member(name="Worksheet")
    def _worksheet(self) -> Here:
        return Here()

    @method(name="Address")
    def _address(self, row_fixed: Any, column_fixed: Any) -> str:
        assert (row_fixed, column_fixed) == (False, False)
        return "B7"

    @method(name="Calculate")
    def _calculate(self) -> None:
        self.calculate()


class Ribbon:
    """The add-in with its ribbon, over a COM server.

    Args:
        ask: Asks the COM server; see `routes.vba_route.Wrapper`.
    """

    def __init__(self, ask: Callable[..., Any]) -> None:
        self.book = AddinBook("xladdin.xlam", saved=True, interpreter=PYTHON)
        self.excel = Excel(self.book)
        self.application = RibbonApplication(self.book)
        self.excel.known |= {"application": self.application, "activecell": NOTHING}
        self.interpreter = self.excel.interpreter
        self.interpreter.add_module(ribbon(), name=RIBBON_MODULE)
        self.interpreter.add_module(MENU, name="Menu")
        self.server = Server(ask)
        self.interpreter.run("SetServer", [self.server])

    def select(self, formula: str, *calls: tuple[str, list[Any]]) -> Selected:
        """Select a cell, with the calls that its formula makes."""

        def calculate() -> None:
            for name, arguments in calls:
                self.interpreter.run(name, list(arguments))

        cell = Selected(formula, calculate)
        self.excel.known["activecell"] = cell
        return cell

    def press(self, callback: str, tag: str = TAG) -> str:
        """Press a control, and return the message that is shown, or nothing."""
        before = len(self.interpreter.dialogs)
        self.interpreter.run(callback, [Control(tag)])
        shown = self.interpreter.dialogs[before:]
        assert len(shown) <= 1
        return str(shown[0][1]) if shown else ""

    def menu(self) -> str:
        """Open the menu of workbooks."""
        return str(self.interpreter.run("MenuOf", [Control()]))

    @property
    def sheet(self) -> list[list[Any]]:
        """What the new workbook holds."""
        (book,) = self.application.books.added
        return book.sheet.rows
