"""How a worksheet function is called: coercion, blanks, errors and arrays, said once.

A call comes in one of two forms. A *cell call* is what a spreadsheet makes: it never raises, and
an error is a value. A *Python call* raises `InputError` instead, and keeps dates and whole
numbers as what they are. Both go through the same steps:

1. An error value in an argument comes out unchanged, the first one from left to right.
2. Each argument is coerced by its kind, left to right; an omitted or blank optional argument
   takes its default.
3. The implementation computes.

Where a function works on *each* element, ranges are broadcast first (one row, one column or one
cell against the rest) and the steps are taken for every element on its own.
"""

from __future__ import annotations

import datetime
import numbers
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from xladdin.core.debentures import Quote
from xladdin.core.errors import NUM, REF, VALUE, InputError, TermsError
from xladdin.terms.model import Selection
from xladdin.terms.store import DEFAULT_DEAL, UnknownTerms, select
from xladdin.values import Block, Cell, CellError, day_of, serial_of

MAX_CELLS: Final = 4 * 1_048_576
"""Largest array computed: four whole columns. A row against a column could ask for billions."""

Report: TypeAlias = Callable[[InputError], None]


@dataclass(frozen=True)
class Kind:
    """A kind of argument: what it accepts, and what the implementation gets.

    Attributes:
        name: Short name, as documents and stubs use it.
        words: What the argument must be, to end the sentence "it must be ...".
        unit: Its unit; empty where it has none.
        coerce: Turns a cell's value into the implementation's; raises `InputError`.
        ranged: Whether it takes a whole range instead of one cell.
    """

    name: str
    words: str
    unit: str
    coerce: Callable[[Any, str], Any]
    ranged: bool = False


def _wrong(code: str, argument: str, value: object, words: str) -> InputError:
    return InputError(code, argument, value, f"must be {words}")


_Read = TypeVar("_Read")


def _element(
    coerce: Callable[[Any, str], _Read], value: Any, argument: str, row: int, column: int
) -> _Read:
    """Coerce one cell of a range that is taken whole; an error says which cell."""
    try:
        return coerce(value, argument)
    except InputError as error:
        raise error.located("", (row, column)) from None


def _number(value: Any, argument: str, words: str) -> float:
    """Read a number that is not blank; text, logicals and dates are of the wrong type."""
    if type(value) is not float:
        if isinstance(value, bool) or not isinstance(value, numbers.Real | Decimal):
            raise _wrong(VALUE, argument, value, words)
        try:
            value = float(value)
        except (OverflowError, ValueError):
            raise _wrong(NUM, argument, value, words) from None
    if not isfinite(value):
        raise _wrong(NUM, argument, value, words)
    number: float = value
    return number


_AMOUNT_WORDS: Final = "a number of at least 0"
_PRICE_WORDS: Final = "a number above 0"
_COUNT_WORDS: Final = "a whole number of at least 0"
_OFFSET_WORDS: Final = "a whole number"
_DATE_WORDS: Final = "a date"
_TEXT_WORDS: Final = "a text"
_TERMS_WORDS: Final = "a text that names a deal, such as NEOT-2001 or NEOT-2001/OTHER"
_QUOTES_WORDS: Final = "2 or 3 columns: date, closing bid and, where it differs, market value"


def _amount(value: Any, argument: str) -> float:
    if value is None:
        return 0.0
    number = _number(value, argument, _AMOUNT_WORDS)
    if number < 0:
        raise _wrong(NUM, argument, value, _AMOUNT_WORDS)
    return number


def _price(value: Any, argument: str) -> float:
    if value is None:
        raise _wrong(NUM, argument, value, _PRICE_WORDS)
    number = _number(value, argument, _PRICE_WORDS)
    if number <= 0:
        raise _wrong(NUM, argument, value, _PRICE_WORDS)
    return number


def _count(value: Any, argument: str) -> int:
    if value is None:
        return 0
    number = _number(value, argument, _COUNT_WORDS)
    if number < 0 or not number.is_integer():
        raise _wrong(NUM, argument, value, _COUNT_WORDS)
    return int(value) if isinstance(value, int) else int(number)


def _offset(value: Any, argument: str) -> int:
    if value is None:
        return 0
    number = _number(value, argument, _OFFSET_WORDS)
    if not number.is_integer():
        raise _wrong(NUM, argument, value, _OFFSET_WORDS)
    return int(number)


def _date(value: Any, argument: str) -> datetime.date:
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    if value is None:
        raise _wrong(NUM, argument, value, _DATE_WORDS)
    serial = _number(value, argument, _DATE_WORDS)
    try:
        return day_of(serial)
    except ValueError:
        raise _wrong(NUM, argument, value, _DATE_WORDS) from None


def _text(value: Any, argument: str) -> str:
    if not isinstance(value, str):
        raise _wrong(VALUE, argument, value, _TEXT_WORDS)
    return value


def _terms(value: Any, argument: str) -> Selection:
    # An array looks its deal up once, before its elements ask; see Function._settled.
    if isinstance(value, Selection):
        return value
    if isinstance(value, InputError):
        raise InputError(value.code, argument, value.value, value.rule)
    if not isinstance(value, str):
        raise _wrong(VALUE, argument, value, _TERMS_WORDS)
    try:
        return select(value)
    except UnknownTerms as error:
        rule = f"must name a deal that is installed: {error.reason}"
        raise InputError(REF, argument, value, rule) from None
    except TermsError as error:
        rule = f"must name a deal whose file is sound: {error}"
        raise InputError(REF, argument, value, rule) from None


def _rows(value: Any, argument: str, words: str) -> Sequence[Sequence[Any]]:
    """Read a range; one cell is a range of one row."""
    if not isinstance(value, list | tuple):
        return ((value,),)
    width = len(value[0]) if value else 0
    if not width or any(len(row) != width for row in value):
        raise _wrong(VALUE, argument, "an uneven or empty range", words)
    return value


def _range(value: Any, argument: str) -> Sequence[Sequence[Any]]:
    return _rows(value, argument, "a range of numbers")


def _quotes(value: Any, argument: str) -> dict[datetime.date, Quote]:
    rows = _rows(value, argument, _QUOTES_WORDS)
    width = len(rows[0])
    if width not in (2, 3):
        raise _wrong(VALUE, argument, f"{width} columns", _QUOTES_WORDS)
    quotes: dict[datetime.date, Quote] = {}
    seen: set[datetime.date] = set()
    first = True
    for number, row in enumerate(rows):
        day, bid = row[0], row[1]
        market = row[2] if width == 3 else None
        # `any` first: it passes over the blank rest of a whole column quickly.
        if not any(row) and all(cell in _NOTHING for cell in row):
            continue
        # A heading is text over text; a text date over a number is a wrong date, not a heading.
        if first and all(cell is None or isinstance(cell, str) for cell in row):
            first = False
            continue
        first = False
        session = _element(_date_of_quote, day, argument, number, 0)
        if session in seen:
            rule = "must not hold a date that came before"
            raise InputError(VALUE, argument, session, rule, position=(number, 0))
        seen.add(session)
        closing_bid = None if bid is None else _element(_price, bid, argument, number, 1)
        value_given = None if market is None else _element(_price, market, argument, number, 2)
        if closing_bid is not None:
            quotes[session] = Quote(closing_bid, value_given or closing_bid)
    return quotes


def _date_of_quote(value: Any, argument: str) -> datetime.date:
    if value is None:
        raise _wrong(VALUE, argument, value, _DATE_WORDS)
    return _date(value, argument)


AMOUNT = Kind("amount", _AMOUNT_WORDS, "USD", _amount)
PRICE = Kind("price", _PRICE_WORDS, "USD a share", _price)
COUNT = Kind("count", _COUNT_WORDS, "shares", _count)
RATIO = Kind("ratio", _PRICE_WORDS, "old shares per new share", _price)
OFFSET = Kind("offset", _OFFSET_WORDS, "sessions", _offset)
DATE = Kind("date", _DATE_WORDS, "date", _date)
TEXT = Kind("text", _TEXT_WORDS, "", _text)
TERMS = Kind("terms", _TERMS_WORDS, "", _terms)
COUNTS = Kind("counts", "a range of whole numbers of at least 0", "shares", _range, ranged=True)
PRICES = Kind("prices", "a range of numbers above 0", "USD a share", _range, ranged=True)
QUOTES = Kind("quotes", _QUOTES_WORDS, "date, USD a share", _quotes, ranged=True)


_NOTHING: Final = (None, "")
"""What a row left empty holds: blanks, or what formulas such as =IF(A1="","",A1) leave."""


def paired_sales(
    shares: Sequence[Sequence[Any]], prices: Sequence[Sequence[Any]]
) -> Iterator[tuple[int, float]]:
    """Pair two ranges of one size; places blank, or an empty text, in both are skipped.

    Args:
        shares: Shares sold.
        prices: Price of each sale, USD a share.

    Yields:
        Shares and price of each sale.

    Raises:
        InputError: The sizes differ (#VALUE!), or an entry is wrong.
    """
    if len(shares) != len(prices) or len(shares[0]) != len(prices[0]):
        found = f"{len(shares)} x {len(shares[0])} against {len(prices)} x {len(prices[0])}"
        raise InputError(VALUE, "prices", found, "must be a range of the same size as shares")
    for row, (share_row, price_row) in enumerate(zip(shares, prices, strict=True)):
        for column, (count, price) in enumerate(zip(share_row, price_row, strict=True)):
            if count in _NOTHING and price in _NOTHING:
                continue
            yield (
                _element(_count, count, "shares", row, column),
                _element(_price, price, "prices", row, column),
            )


class Argument(NamedTuple):
    """One argument of a worksheet function.

    Attributes:
        name: Its name, as wizards and Python show it.
        kind: What it accepts.
        help: What it is, for wizards and documents.
        optional: Whether it may be left out.
        default: What the implementation gets then.
        default_words: The default in words, for documents; empty where the default says it.
    """

    name: str
    kind: Kind
    help: str
    optional: bool = False
    default: Any = None
    default_words: str = ""


TERMS_ARGUMENT = Argument(
    "terms",
    TERMS,
    "Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER.",
    optional=True,
    default=DEFAULT_DEAL,
)


@dataclass(frozen=True)
class Function:
    """A worksheet function, once for every place it runs in.

    Attributes:
        name: Name in a worksheet, in capitals.
        summary: What it gives, in a sentence; at most 255 characters, as wizards cut it there.
        arguments: Its arguments, in order.
        result: What the result is, in words with its unit.
        source: Where the rule comes from.
        implementation: Takes the coerced arguments in order.
        each: Whether ranges of numbers are worked on element by element.
        example: A formula that shows it.
        twin: Builds the same figure from native functions, given the texts of cell references;
            None where there is none.
        no_twin: Why there is none; empty otherwise.
        variadic: Whether the last argument may repeat.
    """

    name: str
    summary: str
    arguments: tuple[Argument, ...]
    result: str
    source: str
    implementation: Callable[..., Any]
    each: bool
    example: str
    twin: Callable[..., str] | None = None
    no_twin: str = ""
    variadic: bool = False

    @property
    def min_args(self) -> int:
        """Least number of arguments in a call."""
        return sum(not argument.optional for argument in self.arguments)

    @property
    def max_args(self) -> int:
        """Greatest number of arguments in a call."""
        return len(self.arguments)

    @property
    def signature(self) -> str:
        """The call's form, such as ``CEO_FEE(gross, [prior], [terms])``."""
        names = (f"[{item.name}]" if item.optional else item.name for item in self.arguments)
        return f"{self.name}({', '.join(names)})"

    def evaluate(
        self, arguments: Sequence[Cell | Block], report: Report | None = None
    ) -> Cell | list[list[Cell]]:
        """Make a cell call.

        Args:
            arguments: What the cells hold; a range is a rectangle, row by row; a blank or an
                omitted argument is None.
            report: Called with each `InputError` that becomes an error value.

        Returns:
            A value, or a rectangle of values that spills. Dates are serials, counts numbers.
        """
        try:
            given = self._given(arguments)
            shape = self._shape(given)
        except InputError as error:
            return self._error(error.located(self.name), report)
        if shape is None:
            return self._cell(given, (), report)
        if not all(shape):
            rule = "must give at least one cell"
            return self._error(
                InputError(VALUE, "", "an empty array", rule, function=self.name), report
            )
        picks = _pickers(self._settled(given), shape)
        return [
            [
                self._cell([pick(row, column) for pick in picks], (row, column), report)
                for column in range(shape[1])
            ]
            for row in range(shape[0])
        ]

    def call(self, arguments: Sequence[Any]) -> Any:
        """Make a Python call.

        Args:
            arguments: Python values; an array is a list of rows; None is an omitted argument.

        Returns:
            A number, whole number, date, truth value or text, or a list of rows of those.

        Raises:
            InputError: An argument is wrong; `position` says which element of an array.
        """
        try:
            given = self._given(arguments)
            shape = self._shape(given)
        except InputError as error:
            raise error.located(self.name) from None
        if shape is None:
            return self._value(given, ())
        picks = _pickers(self._settled(given), shape)
        return [
            [
                self._value([pick(row, column) for pick in picks], (row, column))
                for column in range(shape[1])
            ]
            for row in range(shape[0])
        ]

    def _given(self, arguments: Sequence[Any]) -> list[Any]:
        """Fill up omitted arguments, and unwrap ranges of one cell."""
        most = self.max_args
        if not self.min_args <= len(arguments) <= most:
            takes = f"{self.min_args} to {most}" if most > self.min_args else f"{most}"
            raise InputError(
                VALUE, "", len(arguments), f"takes {takes} arguments: {self.signature}"
            )
        given = [
            value[0][0]
            if isinstance(value, list | tuple) and len(value) == 1 and len(value[0]) == 1
            else value
            for value in arguments
        ]
        given += [None] * (most - len(given))
        return given

    def _shape(self, given: Sequence[Any]) -> tuple[int, int] | None:
        """Work out the rows and columns of the result; None for a single value."""
        rows = columns = 1
        spills = False
        for argument, value in zip(self.arguments, given, strict=True):
            if not isinstance(value, list | tuple) or argument.kind.ranged:
                continue
            if not self.each or argument.kind is TERMS:
                raise InputError(VALUE, argument.name, value, "must be one cell, not a range")
            spills = True
            height, width = len(value), len(value[0]) if value else 0
            if any(len(row) != width for row in value):
                raise InputError(VALUE, argument.name, value, "must have rows of one length")
            rows = _broadcast(rows, height, argument.name, value)
            columns = _broadcast(columns, width, argument.name, value)
        if rows * columns > MAX_CELLS:
            found = f"{rows} x {columns}"
            raise InputError(VALUE, "", found, f"must not spill over more than {MAX_CELLS:,} cells")
        return (rows, columns) if spills else None

    def _settled(self, given: Sequence[Any]) -> list[Any]:
        """Look the deal up once for a whole array.

        Each element would do it again otherwise; and a deal that is not found, or whose file is
        wrong, is searched for and read every time.
        """
        return [
            _attempt(argument, value) if argument.kind is TERMS else value
            for argument, value in zip(self.arguments, given, strict=True)
        ]

    def _value(self, given: Sequence[Any], position: tuple[int, ...]) -> Any:
        """Compute one value, or raise with function and position."""
        try:
            for argument, value in zip(self.arguments, given, strict=True):
                found = _first_error(value)
                if found is not None:
                    raise _passed_on(found, argument.name)
            coerced = [
                argument.kind.coerce(argument.default, argument.name)
                if value is None and argument.optional and argument.default is not None
                else None
                if value is None and argument.optional
                else argument.kind.coerce(value, argument.name)
                for argument, value in zip(self.arguments, given, strict=True)
            ]
            return _held(self.implementation(*coerced))
        except InputError as error:
            raise error.located(self.name, position) from None
        except OverflowError:
            raise _too_large().located(self.name, position) from None

    def _cell(self, given: Sequence[Any], position: tuple[int, ...], report: Report | None) -> Cell:
        """Compute one cell's value; errors become error values."""
        try:
            value = self._value(given, position)
            if isinstance(value, bool | str | float | CellError):
                return value
            if isinstance(value, datetime.date):
                return float(serial_of(value))
            return float(value)
        except OverflowError:
            return self._error(_too_large().located(self.name, position), report)
        except InputError as error:
            return self._error(error, report)

    @staticmethod
    def _error(error: InputError, report: Report | None) -> CellError:
        if report is not None:
            report(error)
        return CellError(error.code)


def _attempt(argument: Argument, value: Any) -> Any:
    """Coerce a value; an error is handed back, to be raised in its turn."""
    if isinstance(value, CellError):
        return value
    try:
        return argument.kind.coerce(argument.default if value is None else value, argument.name)
    except InputError as error:
        return error


def _passed_on(found: CellError, argument: str) -> InputError:
    return InputError(found.code, argument, found, "holds an error, which comes out unchanged")


def _too_large() -> InputError:
    return InputError(NUM, "", "a number too large", "must give a result that a cell can hold")


def _held(value: Any) -> Any:
    """Return a result that a cell can hold; raise OverflowError for one that it cannot."""
    if type(value) is float:
        if not isfinite(value):
            raise OverflowError
        value += 0.0  # negative zero shows as -0 in some programs
    return value


def _broadcast(size: int, other: int, name: str, value: object) -> int:
    if size == other or other == 1:
        return size
    if size == 1:
        return other
    rule = "must have as many rows and columns as the other ranges, or one"
    raise InputError(VALUE, name, value, rule)


def _pickers(given: Sequence[Any], shape: tuple[int, int]) -> list[Callable[[int, int], Any]]:
    # Nothing is picked from an empty array, which has no first row to look at.
    return [_picker(value, shape) for value in given] if all(shape) else []


def _picker(value: Any, shape: tuple[int, int]) -> Callable[[int, int], Any]:
    """Return what gives one argument's element at a place of the result."""
    if not isinstance(value, list | tuple):
        return lambda _row, _column: value
    tall = len(value) == shape[0] and shape[0] != 1
    wide = len(value[0]) == shape[1] and shape[1] != 1
    return lambda row, column: value[row if tall else 0][column if wide else 0]


def _first_error(value: Any) -> CellError | None:
    if isinstance(value, CellError):
        return value
    if isinstance(value, list | tuple):
        for row in value:
            for cell in row:
                if isinstance(cell, CellError):
                    return cell
    return None


__all__ = [
    "AMOUNT",
    "COUNT",
    "COUNTS",
    "DATE",
    "MAX_CELLS",
    "OFFSET",
    "PRICE",
    "PRICES",
    "QUOTES",
    "RATIO",
    "TERMS",
    "TERMS_ARGUMENT",
    "TEXT",
    "Argument",
    "Function",
    "Kind",
    "paired_sales",
]
