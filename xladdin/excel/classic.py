"""The adapter of Excel's cells for classic xlwings and its COM server.

A cell's value is converted three times on its way to Python: by VBA, by COM and by pywin32.
`decode` undoes what these conversions change. `values.encode` writes results.
"""

from __future__ import annotations

import datetime
import inspect
import logging
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import xlwings
from xlwings.conversion import Accessor, Pipeline

from xladdin.cells import Block, Cell, CellError, serial_of
from xladdin.errors import VALUE
from xladdin.excel.values import ERROR_NUMBERS, Encoded, encode

if TYPE_CHECKING:
    from xladdin.functions.function import Function

CATEGORY: Final = "xladdin"
"""Category of the functions in Excel's function wizard."""

HELP_LIMIT: Final = 255
"""Most characters of help in the function wizard, which cuts longer texts."""

_ERROR_BASE: Final = 0x800A0000 - 2**32
"""An error cell crosses COM as a failure code: this one with the ``CVErr`` number added."""

_ERRORS: Final = {_ERROR_BASE + number: CellError(code) for code, number in ERROR_NUMBERS.items()}

_FAILURES: Final = range(0x80000000 - 2**32, 0x81000000 - 2**32)
"""COM failure codes as signed integers. Cells have no integers (their numbers are floats), so that
any of these is an error, even an unknown one."""

_MISSING: Final = 0x80020004 - 2**32
"""DISP_E_PARAMNOTFOUND: VBA passes it for an optional argument that was left out."""

_WRONG: Final = CellError(VALUE)

_VBA_WORDS: Final = """
abs addressof and any array as attribute boolean byref byte byval call case cbool cbyte ccur cdate
cdbl cdec cint circle clng clnglng clngptr close const csng cstr currency cvar cverr date debug
decimal declare dim do doevents double each else elseif empty end endif enum eqv erase event exit
false fix for friend function get global gosub goto if imp implements in input inputb int integer
is lbound len lenb let like line lock long longlong longptr loop lset me mod new next not nothing
null object on open option optional or paramarray preserve print private property pset public put
raiseevent redim rem resume return rset scale seek select set sgn shared single spc static step
stop string sub tab then time to true type typeof ubound unlock until variant wend while with
withevents write xor
activeworkbook app application argsarray caller err failed k range thisworkbook xlpy
"""
_VBA_TAKEN: Final = frozenset(_VBA_WORDS.split())
"""Reserved words, in small letters, of VBA and of the wrapper that xlwings writes."""

Raw: TypeAlias = Any
"""An argument from COM, which has too many types to list."""

_log = logging.getLogger(__name__)


def decode(value: Raw) -> Cell | Block:
    """Convert an argument from Excel to cells.

    Args:
        value: A cell's value, or a tuple of rows for a range, as pywin32 delivers them. A flat
            tuple is one row (VBA passes ``{1,2,3}`` so).

    Returns:
        The cell, or the block of cells row by row; a range of one cell is that cell. Dates are
        serials. A value that no cell can hold is #VALUE!.
    """
    kind = type(value)
    if kind is float or kind is str:
        return value  # type: ignore[no-any-return]
    if kind is not tuple and kind is not list:
        return _cell(value)
    if not value:
        return _WRONG
    rows = value if type(value[0]) in (tuple, list) else (value,)
    if len(rows) == 1 and len(rows[0]) == 1:
        return _cell(rows[0][0])
    # Nearly every large range has numbers only, and then there is nothing to do.
    if set(map(type, chain.from_iterable(rows))) == {float}:
        return rows
    return [[item if type(item) is float else _cell(item) for item in row] for row in rows]


def _cell(value: Raw) -> Cell:
    """Decode one cell."""
    # bool comes before int, whose subclass it is.
    if value is None or isinstance(value, (bool, float, str, CellError)):
        return value
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, Decimal):  # a cell formatted as currency, read through .Value
        return float(value)
    if isinstance(value, datetime.datetime):  # pywin32's own time type is one, too
        return serial_of(value) + _fraction_of_day(value)
    if isinstance(value, datetime.date):
        return float(serial_of(value))
    return _WRONG


def _integer(value: int) -> Cell:
    """Decode an integer: an error, an omitted argument, or a number that VBA code passed."""
    if value in _FAILURES:
        return None if value == _MISSING else _ERRORS.get(value, _WRONG)
    return float(value)


def _fraction_of_day(moment: datetime.datetime) -> float:
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return (seconds + moment.microsecond / 1_000_000) / 86_400


class Cells(Accessor):
    """The converter by which xlwings reads an argument and writes a result.

    xlwings' own converters check each cell several times, which is slow for large ranges. Its raw
    one reads `.Value`, which rounds currency cells to four decimals, reads the first area only of a
    reference to several, and does not wrap a single result in the rows that its COM server
    expects.
    """

    @classmethod
    def reader(cls, options: object) -> Pipeline:  # noqa: ARG003  (xlwings' signature)
        """Return the stages that read an argument's value."""
        return Pipeline([cls._read])

    @classmethod
    def writer(cls, options: object) -> Pipeline:  # noqa: ARG003  (xlwings' signature)
        """Return the stages that write a result."""
        return Pipeline([cls._write])

    @staticmethod
    def _read(context: Any) -> None:
        if context.range is None:  # a value already, not a reference
            return
        reference = context.range.api
        context.value = _WRONG if reference.Areas.Count > 1 else reference.Value2

    @staticmethod
    def _write(context: Any) -> None:
        if not isinstance(context.value, list):
            context.value = [[context.value]]


def argument_name(name: str) -> str:
    """Return the name of an argument in VBA, and so in Excel's function wizard.

    Args:
        name: The argument's name in the registry.

    Returns:
        The same name, followed by an underscore if VBA reserves the word.
    """
    return f"{name}_" if name.lower() in _VBA_TAKEN else name


def udf(function: Function) -> Callable[..., Encoded | list[list[Encoded]]]:
    """Build the Python function that xlwings offers to Excel for one function of the registry.

    Args:
        function: The function, from the registry.

    Returns:
        A function under the worksheet name that takes and returns raw values. It never raises: an
        exception would reach the sheet as text, which SUM passes over in silence. On systems
        without classic Excel it is the same function, but unknown to xlwings.
    """
    evaluate = function.evaluate

    def worksheet_function(*arguments: Raw) -> Encoded | list[list[Encoded]]:
        try:
            given: Sequence[Raw] = arguments
            for argument in arguments:
                # A number or None, as most are, needs no conversion.
                if type(argument) is not float and argument is not None:
                    given = [decode(one) for one in arguments]
                    break
            result = evaluate(given)
            if type(result) is float and result - result == 0:  # finite, as nearly all are
                return result
            return encode(result)
        except Exception:
            _log.exception("%s failed", function.name)
            return VALUE

    names = [argument_name(argument.name) for argument in function.arguments]
    worksheet_function.__name__ = worksheet_function.__qualname__ = function.name
    worksheet_function.__doc__ = function.summary
    worksheet_function.__annotations__ = {}  # xlwings would interpret them as converters
    worksheet_function.__signature__ = signature(function, names)  # type: ignore[attr-defined]

    made = xlwings.ret(Cells)(worksheet_function)
    for name, argument in zip(names, function.arguments, strict=True):
        made = xlwings.arg(name, Cells, doc=argument.help)(made)
    # This one last: the others reset the category to xlwings' own.
    return xlwings.func(category=CATEGORY)(made)


def signature(function: Function, names: Sequence[str]) -> inspect.Signature:
    """Describe the arguments to xlwings, which reads only the signature.

    Args:
        function: The function, from the registry.
        names: Names of its arguments.

    Returns:
        The signature; optional arguments default to None, which the registry takes for omitted.
    """
    last = len(names) - 1
    parameters = []
    for index, (name, argument) in enumerate(zip(names, function.arguments, strict=True)):
        repeats = function.variadic and index == last
        # xlwings accepts no defaults beside an argument that repeats.
        optional = argument.optional and not function.variadic
        parameters.append(
            inspect.Parameter(
                name,
                inspect.Parameter.VAR_POSITIONAL
                if repeats
                else inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=None if optional else inspect.Parameter.empty,
            )
        )
    return inspect.Signature(parameters)
