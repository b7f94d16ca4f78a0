"""A stand-in for Excel and pywin32, in which xlwings' real COM server code runs on any system.

xlwings' desktop machinery (`xlwings.udfs`, `xlwings.com_server`, `xlwings._xlwindows`) imports only
on Windows. Nothing of it is replaced here: what is faked is the ground under it, the modules of
pywin32 and the few Windows libraries that `ctypes` opens, and Excel's own objects as far as a
worksheet function meets them (ranges, a workbook, the VBA project that a wrapper goes into).

Faking a platform cannot be undone within a process: xlwings decides at import what it is. So this
file runs as a program of its own, as the COM server does in life, and answers requests on its
standard input. Tests start it and never import it; nothing of it reaches other tests.

Arguments of functions are written with builtin types alone:

==========================  ==================================================================
float, bool, str, None      the value of a cell, or a value that VBA passes
Decimal                     a cell formatted as currency: `.Value` has it to four decimals
datetime                    a cell formatted as a date, or a Date from VBA
int                         an error cell's code, the "missing" code, or a Long from VBA
{"rows": ..., "areas": n}   a reference; rows of cells, and the number of its areas
==========================  ==================================================================
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import datetime
import importlib
import subprocess
import sys
import tempfile
import types
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

RANGE_IID = "{00020846-0000-0000-C000-000000000046}"
EPOCH = datetime.datetime(1899, 12, 30)


class ComError(Exception):
    """pywintypes.com_error."""

    hresult = 0


class TimeType(datetime.datetime):
    """pywintypes.TimeType: a datetime that always knows a time zone."""

    @classmethod
    def of(cls, moment: datetime.datetime) -> TimeType:
        clock = (moment.hour, moment.minute, moment.second, moment.microsecond)
        date = (moment.year, moment.month, moment.day)
        return cls(*date, *clock, tzinfo=datetime.UTC)


class Anything:
    """Takes every call and has every attribute: for what is set up but never used."""

    def __getattr__(self, name: str) -> Any:
        return Anything()

    def __call__(self, *_args: object, **_kwargs: object) -> Any:
        return Anything()


class Dispatched:
    """A COM object as pywin32 shows it: attributes, and a type that can be asked for."""

    def __init__(self, iid: str = "", **members: Any) -> None:
        self.__dict__.update(members)
        type_attributes = types.SimpleNamespace(iid=iid)
        type_info = types.SimpleNamespace(GetTypeAttr=lambda: type_attributes)
        self._oleobj_ = types.SimpleNamespace(GetTypeInfo=lambda: type_info)


def module(name: str, **members: Any) -> types.ModuleType:
    """Make a module that can be imported."""
    made = types.ModuleType(name)
    made.__dict__.update(members)
    sys.modules[name] = made
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, made)
    return made


def dispatch(thing: Any, *_args: object, **_kwargs: object) -> Any:
    """win32com.client.Dispatch: everything here is dispatched already."""
    return thing


def unwrap(_value: object) -> object:
    """win32com.server.util.unwrap: nothing that Excel passes was wrapped by Python."""
    raise TypeError("not a wrapped Python object")


def fake_pywin32() -> None:
    """Put the modules of pywin32 in place, as far as xlwings touches them."""
    module("pywintypes", TimeType=TimeType, com_error=ComError, error=ComError, IID=str)
    for name in ("win32api", "win32con", "win32event", "win32gui"):
        module(name)
    module("win32process", GetWindowThreadProcessId=lambda _window: (0, 1))
    zone = types.SimpleNamespace(utc=lambda: datetime.UTC)
    module("win32timezone", TimeZoneInfo=zone)
    pythoncom = module(
        "pythoncom",
        com_error=ComError,
        ole_error=ComError,
        IID_IDispatch="IDispatch",
        IID_IEnumVARIANT="IEnumVARIANT",
        TypeIIDs={"IDispatch": type("PyIDispatch", (), {})},
        CoInitialize=lambda *_args: None,
        Missing=None,
        Empty=None,
    )
    pythoncom.__file__ = None
    module("win32com")
    classes = {
        name: type(name, (), {}) for name in ("CDispatch", "CoClassBaseClass", "DispatchBaseClass")
    }
    module("win32com.client", Dispatch=dispatch, DispatchEx=dispatch, **classes)
    module("win32com.server")
    module("win32com.server.dispatcher")
    module("win32com.server.policy")
    module("win32com.server.util", unwrap=unwrap, wrap=lambda thing, **_kwargs: thing)


def load_xlwings() -> Any:
    """Import xlwings as Windows would."""
    # These look at the platform when they are imported, and must see the true one.
    for name in ("asyncio", "concurrent.futures", "numpy", "pandas", "PIL.ImageGrab"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    # ctypes' stub knows the Windows members on Windows only, so they are set past the checker.
    opened = ctypes.PyDLL
    vars(ctypes).update(
        windll=Anything(),
        oledll=Anything(),
        PyDLL=lambda name=None, *rest: Anything() if name is None else opened(name, *rest),
    )
    vars(subprocess)["CREATE_NO_WINDOW"] = 0
    true_platform = sys.platform
    vars(sys)["platform"] = "win32"
    try:
        xlwings: Any = importlib.import_module("xlwings")
        importlib.import_module("xlwings.com_server")
        importlib.import_module("xlwings.udfs")
    finally:
        vars(sys)["platform"] = true_platform
    atexit.unregister(xlwings._xlwindows.cleanup)  # it looks for Excel processes to end
    return xlwings


def as_value(cell: Any) -> Any:
    """A cell as `.Value` has it."""
    if isinstance(cell, Decimal):
        return cell.quantize(Decimal("0.0001"))
    return TimeType.of(cell) if isinstance(cell, datetime.datetime) else cell


def as_value2(cell: Any) -> Any:
    """A cell as `.Value2` has it: the number, whatever its format."""
    if isinstance(cell, Decimal):
        return float(cell)
    if isinstance(cell, datetime.datetime):
        return (cell - EPOCH) / datetime.timedelta(days=1)
    return cell


def reference(rows: Sequence[Sequence[Any]], areas: int = 1, address: str = "$B$2") -> Dispatched:
    """A Range. One of a single cell has a bare value, any other a tuple of rows."""
    height, width = len(rows), len(rows[0])
    value = tuple(tuple(as_value(cell) for cell in row) for row in rows)
    value2 = tuple(tuple(as_value2(cell) for cell in row) for row in rows)
    single = height == width == 1
    book = workbook()
    return Dispatched(
        RANGE_IID,
        Value=value[0][0] if single else value,
        Value2=value2[0][0] if single else value2,
        Areas=types.SimpleNamespace(Count=areas),
        Rows=types.SimpleNamespace(Count=height),
        Columns=types.SimpleNamespace(Count=width),
        Count=height * width * areas,
        Row=2,
        Column=2,
        GetAddress=lambda *_args: address,
        Worksheet=book.Worksheets[0],
        Application=book.Application,
    )


class Components:
    """The modules of a workbook's VBA project."""

    def __init__(self) -> None:
        self.imported = ""

    def __call__(self, name: str) -> str:
        return name

    def Remove(self, name: str) -> None:  # noqa: N802  (VBA's name)
        raise ComError(f"no module {name}")

    def Import(self, path: str) -> None:  # noqa: N802
        self.imported = Path(path).read_text(encoding="utf-8")


def workbook(name: str = "Book1.xlsm") -> Any:
    """A workbook of one sheet, which keeps what is done to its VBA project."""
    options: list[dict[str, Any]] = []
    application = Dispatched(
        Hwnd=1,
        Version="16.0",
        options=options,
        MacroOptions=lambda macro, **given: options.append({"Macro": macro, **given}),
    )
    book = Dispatched(
        Name=name,
        FullName=name,
        Application=application,
        VBProject=types.SimpleNamespace(VBComponents=Components()),
    )
    sheet = Dispatched(Name="Sheet1", Parent=book, Application=application)

    vars(book)["Worksheets"] = [sheet]
    return book


def argument(described: Any) -> Any:
    """Turn an argument's description into what VBA would hand to the COM server."""
    if isinstance(described, dict):
        return reference(**described)
    return as_value(described)


def marshalled(result: Any) -> Any:
    """Take a result across COM as pywin32 does, which refuses what it cannot express."""
    if isinstance(result, (list, tuple)):
        rows = [marshalled(item) for item in result]
        lengths = {len(row) if isinstance(row, tuple) else -1 for row in rows}
        if len(lengths) > 1:
            raise TypeError("the sequence is not rectangular")
        return tuple(rows)
    if type(result) in (float, bool, str):
        return result
    raise TypeError(f"Objects of type '{type(result).__name__}' can not be converted to VARIANT")


class Server:
    """Answers what Excel would ask of xlwings."""

    def __init__(self) -> None:
        fake_pywin32()
        self.xlwings = xlwings = load_xlwings()
        self.com = xlwings.com_server.XLPython()
        self.book = workbook()

    def cell(self, name: str, *arguments: Any) -> Any:
        """Call a function as a formula does: xlwings' VBA wrapper over COM, and back."""
        given = tuple(argument(item) for item in arguments)
        caller = reference([[None]], address="$A$1")
        return marshalled(self.com.CallUDF("xladdin.udfs", name, given, self.book, caller))

    def own_wrapper(self, name: str, *arguments: Any) -> Any:
        """Call a function as a wrapper does that passes neither workbook nor caller."""
        return marshalled(self.com.CallUDF("xladdin.udfs", name, tuple(map(argument, arguments))))

    def command(self, name: str, *arguments: Any) -> Any:
        """Call a command of the ribbon as the add-in's VBA does."""
        given = tuple(map(argument, arguments))
        return marshalled(self.com.CallUDF("xladdin.ribbon_commands", name, given))

    def call_udf(self, name: str, *arguments: Any) -> Any:
        """Call what is one layer below the COM server."""
        given = tuple(argument(item) for item in arguments)
        return self.xlwings.udfs.call_udf("xladdin.udfs", name, given)

    def import_functions(self) -> tuple[str, list[dict[str, Any]]]:
        """Press the Import Functions button: the VBA written, and the wizard's help texts."""
        book = workbook()
        self.xlwings.udfs.import_udfs("xladdin.udfs", book)
        return book.VBProject.VBComponents.imported, book.Application.options

    def wrapper(self) -> str:
        """Write the VBA wrapper alone."""
        import xladdin.udfs

        with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
            self.xlwings.udfs.generate_vba_wrapper("xladdin.udfs", xladdin.udfs, file, self.book)
            file.seek(0)
            return file.read()

    def modules(self) -> list[str]:
        """List what is imported."""
        return sorted(sys.modules)


if __name__ == "__main__":
    from serving import serve

    serve(Server)
