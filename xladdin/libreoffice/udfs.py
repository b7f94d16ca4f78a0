"""The adapter of LibreOffice Calc's cells, which runs inside LibreOffice.

Calc does not pass everything on as it is in the cells. This module restores what can be recognised;
docs/libreoffice.md lists what cannot:

- A reference to one blank cell arrives as 0. In an optional argument that may not be 0, a 0
  counts as blank.
- A blank cell in a range arrives as empty text, and counts as blank.
- TRUE and FALSE arrive as 1 and 0.
- Errors never arrive: Calc passes the error of a cell on to the result, and turns a range with an
  error in it into its error 504.

Nothing here needs LibreOffice itself, so that it can be tested without it.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, repeat
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from xladdin import calendars
from xladdin.cells import Block, Cell, CellError
from xladdin.errors import DIV0, NA, NAME, NULL, NUM, REF, VALUE, InputError
from xladdin.functions.registry import FUNCTIONS

if TYPE_CHECKING:
    from xladdin.functions.arguments import Argument
    from xladdin.functions.function import Function

ERROR_NUMBERS: Final = {
    NUM: 503,
    VALUE: 519,
    NULL: 521,
    REF: 524,
    NAME: 525,
    DIV0: 532,
    NA: 32767,
}
"""Error values and their numbers in Calc. Its other errors have no text of their own and are
written as Calc shows them, such as ``Err:502``."""

CLOSURES: Final = "closures.txt"
"""File beside this module that lists the days on which exchanges are closed. The extension has it
instead of the calendar library."""

_OTHER: Final = "Err:"
_QUIET_NAN: Final = 0x7FF8000000000000

Raw: TypeAlias = Any
"""An argument from UNO: a number, a text, rows of those, or None for one left out."""

Encoded: TypeAlias = float | str
"""A result for one cell."""

_log = logging.getLogger(__name__)


def error_value(code: str) -> float:
    """Return the number that Calc shows as an error: a NaN with the error's number inside.

    Args:
        code: The error, such as ``#NUM!`` or ``Err:502``.

    Returns:
        The number; #VALUE! for an error that Calc does not have.
    """
    number = ERROR_NUMBERS.get(code)
    if number is None:
        rest = code.removeprefix(_OTHER)
        number = int(rest) if rest != code and rest.isdecimal() else ERROR_NUMBERS[VALUE]
    made: float = struct.unpack("<d", struct.pack("<Q", _QUIET_NAN | number))[0]
    return made


_WRONG: Final = CellError(VALUE)
_ERROR_VALUES: Final = {code: error_value(code) for code in ERROR_NUMBERS}


def decode(value: Raw) -> Cell | Block:
    """Convert an argument from Calc to cells.

    Args:
        value: A value, or rows of values.

    Returns:
        The cell, or the block of cells row by row; a single row of a single cell is that cell.
    """
    kind = type(value)
    if kind is float or kind is str or value is None:
        return value  # type: ignore[no-any-return]
    if kind is not tuple:
        # Not from Calc, but a macro may call the functions, too.
        return float(value) if isinstance(value, int | float) else _WRONG
    if len(value) == 1 and len(value[0]) == 1:
        return decode(value[0][0])
    # Nearly every large range has numbers only, and then there is nothing to do.
    if set(map(type, chain.from_iterable(value))) == {float}:
        return value  # type: ignore[no-any-return]
    return [[item if type(item) is float else _cell(item) for item in row] for row in value]


def decode_optional(value: Raw) -> Cell | Block:
    """Convert an argument that may be left out to cells.

    Unlike a required one, which always comes as rows, it comes as rows only if it is a range; so
    even in a single row of a single cell, empty text is a blank.
    """
    if value is None:
        return None
    found = decode(value)
    return None if found == "" and value != "" else found


def _cell(value: Raw) -> Cell:
    """Decode a cell of a range, in which a blank is empty text."""
    return None if value == "" else decode(value)  # type: ignore[return-value]


def _decode_or_blank(value: Raw) -> Cell | Block:
    """Decode an optional argument that may not be 0: a single 0 is a blank cell."""
    found = decode_optional(value)
    return None if type(found) is float and found == 0 else found


def _decoder(argument: Argument) -> Callable[[Raw], Cell | Block]:
    """Choose the decoder of an argument."""
    if not argument.optional:
        return decode
    return decode_optional if _takes_zero(argument) else _decode_or_blank


def _takes_zero(argument: Argument) -> bool:
    """Whether an argument may be 0."""
    try:
        argument.kind.coerce(0.0, argument.name)
    except InputError:
        return False
    return True


_DECODERS: Final = {
    name: tuple(_decoder(argument) for argument in function.arguments)
    for name, function in FUNCTIONS.items()
}

_EXPLAINED: Final = {
    name: tuple(decode_optional if read is decode else read for read in decoders)
    for name, decoders in _DECODERS.items()
}
"""Choose the decoder of an argument of EXPLAIN, all of which may be left out."""


def encode(value: Cell) -> Encoded:
    """Convert one value to Calc's: a logical is 1 or 0, an error a NaN."""
    if type(value) is float:
        return value if isfinite(value) else _ERROR_VALUES[NUM]
    if isinstance(value, str):
        return value
    if isinstance(value, CellError):
        return _ERROR_VALUES.get(value.code) or error_value(value.code)
    # Calc would turn True into 0, and show a blank in a block of values as 0.
    return "" if value is None else float(value)


def entry(function: Function) -> Callable[..., Any]:
    """Make the function that Calc calls for a function of the registry.

    Args:
        function: The function, from the registry.

    Returns:
        A function of raw arguments, as many as the registry's; of those that repeat `REPEATED`,
        and one tuple with the rest. It gives a single value, or rows of values for a function that
        `gives_rows`. It never raises.
    """
    name, evaluate, decoders = function.name, function.evaluate, _DECODERS[function.name]
    variadic, rows = function.variadic, gives_rows(function)
    failed: Any = ((_ERROR_VALUES[VALUE],),) if rows else _ERROR_VALUES[VALUE]

    def call(*given: Raw) -> Any:
        try:
            if variadic:
                arguments = _repeating(given)
            else:
                arguments = [read(item) for read, item in zip(decoders, given, strict=True)]
            found = evaluate(arguments)
            if not rows:
                return encode(found)  # type: ignore[arg-type]  # no rows come from these
            if isinstance(found, list):
                return tuple([tuple(map(encode, row)) for row in found])
            return ((encode(found),),)
        except Exception:
            _log.exception("%s failed", name)
            return failed

    return call


REPEATED: Final = max(len(function.arguments) for function in FUNCTIONS.values())
"""Number of separate arguments for an argument that repeats; more come in one sequence. In an array
formula, Calc cuts the result down to the size of a range in that sequence."""


def _repeating(given: Sequence[Raw]) -> list[Cell | Block]:
    """Decode the arguments of EXPLAIN, as the function that it explains would decode them."""
    last: Sequence[Raw] = given[-1] or ()
    first, *rest = [*given[:-1], *last]
    name = decode(first)
    while rest and rest[-1] is None:
        rest.pop()
    decoders = _EXPLAINED.get(name.strip().upper(), ()) if isinstance(name, str) else ()
    others = repeat(decode_optional)
    return [name, *(read(item) for read, item in zip(chain(decoders, others), rest))]  # noqa: B905


def gives_rows(function: Function) -> bool:
    """Check whether a function can give several cells, which have another type in Calc."""
    return function.each or function.spills


def entries() -> Mapping[str, Callable[..., Any]]:
    """Make the functions that Calc calls, by worksheet names."""
    return {name: entry(function) for name, function in FUNCTIONS.items()}


def bring_closures(path: Path | None = None) -> None:
    """Set the closures of the extension for all calendars: it has no calendar library.

    Args:
        path: The file of closures; if None, the one beside this module, if it exists.
    """
    found = path or Path(__file__).with_name(CLOSURES)
    if found.is_file():
        calendars.follow_list(found)
