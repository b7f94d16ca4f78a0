"""What calls must give, worked out a second time.

Nothing here coerces or calls as the package does: the rules are written from SPEC.md, the figures
are the oracle's. Doubles must be identical on every route, and the contract leaves a few units in
the last place open, so the double itself is the core's, and is held against the exact figure.
EXPLAIN has words in its rows, which are the registry's own; the value that they lead to is worked
out here like any other.
"""

from __future__ import annotations

import datetime
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from arguments import (
    Argument,
    Error,
    Plain,
    Result,
    Shown,
    seen,
)
from oracles import contract as oracle

import xladdin
from xladdin.cells import CellError, serial_of
from xladdin.errors import InputError
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import select


class _Wrong(Exception):  # noqa: N818  (no error of the program)
    """The call gives an error value."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


DEALS: Final = frozenset(
    {
        *("DEAL_PRICE", "DEAL_FEE", "SPLIT_ADJUSTED", "ANTIDILUTION_PRICE", "ISSUE_HEADROOM"),
        *("FLOAT_HEADROOM", "OWNERSHIP_HEADROOM", "WEIGHTED_SHARES", "DILUTED_EPS"),
        *("WARRANT_VALUE", "OFFERING_DILUTION", "MAKE_WHOLE", "SETTLEMENT_DATE"),
    }
)
"""Functions of deals of any kind. Their arithmetic has an oracle of its own, `oracle_deals`, and
tests beside it; here, hosts are compared with the registry."""


def _of_the_registry(name: str, given: Sequence[Any]) -> Result:
    found = FUNCTIONS[name].evaluate(given)
    if isinstance(found, list):
        return tuple(map(tuple, found))  # type: ignore[arg-type]
    assert found is not None
    return found


def result(name: str, arguments: Sequence[Argument]) -> Result:
    """Work out what a call must give."""
    function = FUNCTIONS[name]
    given = [seen(argument) for argument in arguments]
    if name == "EXPLAIN":
        return _explained(given)
    if name in DEALS:
        return _of_the_registry(name, given)
    given += [None] * (len(function.arguments) - len(given))
    if not function.each:
        return _single(name, given)
    blocks = []
    for argument, value in zip(function.arguments, given, strict=True):
        if isinstance(value, list) and argument.kind.name != "terms":
            blocks.append(value)
    if not blocks:
        return _single(name, given)
    pairs = list(zip(function.arguments, given, strict=True))
    height = max(len(block) for block in blocks)
    width = max(len(block[0]) for block in blocks)
    for block in blocks:
        if len(block) not in (1, height) or len(block[0]) not in (1, width):
            return Error("#VALUE!")
    return tuple(
        tuple(
            _single(name, [_element(*one, row, column) for one in pairs]) for column in range(width)
        )
        for row in range(height)
    )


class _BlankError:
    """A blank of a range, where a blank would change the unit of the result."""


def _element(argument: Any, value: Plain | list[list[Plain]], row: int, column: int) -> Any:
    if not isinstance(value, list) or argument.kind.name == "terms":
        return value
    line = value[min(row, len(value) - 1)]
    cell = line[min(column, len(line) - 1)]
    if (cell is None or cell == "") and argument.name == "price" and argument.optional:
        return _BlankError()
    return cell


def _single(name: str, given: Sequence[Any]) -> Shown:
    """Work out one value."""
    for value in given:
        for cell in itertools.chain.from_iterable(value) if isinstance(value, list) else [value]:
            if isinstance(cell, CellError):
                return cell
    try:
        read: list[Any] = []
        for argument, value in zip(FUNCTIONS[name].arguments, given, strict=True):
            if argument.kind.name == "terms":
                _check_together(name, read)
            read.append(_read(argument, value))
        return _value(name, read, given)
    except _Wrong as wrong:
        return Error(wrong.code)


def _read(argument: Any, value: Any) -> Any:
    """Read one argument; an empty text is a blank."""
    if isinstance(value, _BlankError):
        raise _Wrong("#NUM!")
    if isinstance(value, list) and not argument.kind.ranged:
        raise _Wrong("#VALUE!")
    found = None if value == "" else value
    reader = _READERS.get(argument.kind.name)
    if reader is not None:
        return reader(found, argument.optional, argument.default)
    if argument.optional and found is None:
        return argument.default
    try:
        return argument.kind.coerce(value, argument.name)
    except InputError as error:
        raise _Wrong(error.code) from None


def code_of_refusal(argument: Any, cell: Plain) -> str:
    """Say with what error an argument refuses what one cell holds; empty where it takes it."""
    try:
        _read(argument, cell)
    except _Wrong as wrong:
        return wrong.code
    return ""


def _check_together(name: str, read: list[Any]) -> None:
    """Judge arguments that depend on one another, which comes before the terms."""
    if name == "CANTOR_EXERCISE_PRICE":
        read[:2] = _sales(*read[:2])
    if name == "DEBENTURE_CONVERSION_PRICE" and read[2] is not None and read[2] < read[1]:
        raise _Wrong("#NUM!")


def _value(name: str, read: list[Any], given: Sequence[Any]) -> Shown:
    if name == "XLADDIN_VERSION":
        return xladdin.__version__
    if name in ("DEAL_TERM", "DEAL_SOURCE"):
        figure = select(read[1].terms).figures.get(read[0].strip())
        if figure is None:
            raise _Wrong("#REF!")
        return figure.source if name == "DEAL_SOURCE" else _shown_figure(figure.value)
    if name == "TRADING_DAY":
        _check_reach(*read[:2])
    if name == "DEBENTURE_CONVERSION_PRICE":
        for day in filter(None, read[1:3]):
            _check_reach(day, 0)
        read[0] = _quoted(*read)
    exact = oracle.ORACLES[name](*read)
    if isinstance(exact, bool):
        return exact
    if isinstance(exact, str):
        raise _Wrong(exact)
    if isinstance(exact, datetime.date):
        return float(serial_of(exact))
    try:
        nearest = float(exact)
    except OverflowError:
        raise _Wrong("#NUM!") from None
    return nearest if isinstance(exact, int) else _double(name, given, exact)


def _double(name: str, given: Sequence[Any], exact: Fraction) -> float:
    """Return the core's own double for an exact figure, which it must be close to."""
    found = FUNCTIONS[name].evaluate(given)
    assert isinstance(found, float)
    assert found == exact == 0 or oracle.ulps(found, exact) <= 4, (name, given, found)
    return found


def _shown_figure(value: Any) -> Shown:
    if isinstance(value, str):
        return value
    return float(serial_of(value)) if isinstance(value, datetime.date) else float(value)


def _explained(given: list[Any]) -> Result:
    """Give the registry's own rows, of which the last must hold the right value."""
    if isinstance(given[0], CellError):
        return given[0]
    if not isinstance(given[0], str) or not given[0]:
        return Error("#VALUE!")
    found = FUNCTIONS["EXPLAIN"].evaluate(given)
    assert isinstance(found, list)
    target = FUNCTIONS.get(given[0].strip().upper())
    wanted: Shown = Error("#VALUE!")
    if target is not None and target.name != "EXPLAIN":
        wanted = _explained_value(target, given[1:])
    assert found[-1][3] == wanted, (given, found[-1], wanted)
    return tuple(tuple(cell for cell in row if cell is not None) for row in found)


def _explained_value(target: Any, given: list[Any]) -> Shown:
    count = len(given)
    if not target.min_args <= count <= len(target.arguments):
        return Error("#VALUE!")
    given += [None] * (len(target.arguments) - count)
    if target.name in DEALS:
        for argument, value in zip(target.arguments, given, strict=True):
            if isinstance(value, list) and not argument.kind.ranged:
                return Error("#VALUE!")  # it is explained for one cell
        found = target.evaluate(given)
        last: Shown = found[-1][-1] if isinstance(found, list) else found
        return last
    return _single(target.name, given)


# How the kinds of arguments are read


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, float):
        raise _Wrong("#VALUE!")  # text, logicals, ranges
    if not math.isfinite(value):
        raise _Wrong("#NUM!")
    return value


def _amount(value: object, optional: bool, default: Any) -> float:
    if value is None:
        return float(default) if optional else 0.0
    number = _number(value)
    if number < 0:
        raise _Wrong("#NUM!")
    return number


def _price(value: object, optional: bool, default: Any) -> float | None:
    if value is None:
        if optional:
            return None if default is None else float(default)
        raise _Wrong("#NUM!")
    number = _number(value)
    if number <= 0:
        raise _Wrong("#NUM!")
    return number


def _exercise_price(value: object, _optional: bool, _default: Any) -> float:
    if value is None:
        raise _Wrong("#NUM!")
    return _amount(value, False, None)


def _offset(value: object, optional: bool, default: Any) -> int:
    if value is None:
        return int(default) if optional else 0
    number = oracle.shown(_number(value))
    if number != math.floor(number):
        raise _Wrong("#NUM!")
    return int(number)


def _count(value: object, optional: bool, default: Any) -> int:
    number = _offset(value, optional, default)
    if number < 0:
        raise _Wrong("#NUM!")
    return number


def _date(value: object, optional: bool, _default: Any) -> datetime.date | None:
    if value is None:
        if optional:
            return None
        raise _Wrong("#NUM!")
    serial = math.floor(oracle.shown(_number(value)))
    if serial < 1 or serial == 60 or serial > 2_958_465:
        raise _Wrong("#NUM!")
    # Serial 60 is a 29 February 1900 that never was; before it, days are numbered one lower.
    return datetime.date(1899, 12, 30 if serial > 60 else 31) + datetime.timedelta(days=serial)


def _text(value: object, _optional: bool, _default: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("#VALUE!")
    return value


_TERMS: Final = {
    "NEOT-2001": oracle.SALES,
    "NEOT-2001/SALES": oracle.SALES,
    "NEOT-2001/OTHER": oracle.OTHER,
}


def _terms(value: object, _optional: bool, _default: Any) -> oracle.Deal:
    if value is None:
        return oracle.SALES
    if not isinstance(value, str):
        raise _Wrong("#VALUE!")
    deal = _TERMS.get("/".join(part.strip() for part in value.upper().split("/")))
    if deal is None:
        raise _Wrong("#REF!")
    return deal


def _range(value: object, _optional: bool, _default: Any) -> list[list[Any]]:
    return value if isinstance(value, list) else [[value]]


def _sales(shares: list[list[Any]], prices: list[list[Any]]) -> list[Any]:
    """Read two ranges of sales; what is blank in both is no sale."""
    if len(shares) != len(prices) or len(shares[0]) != len(prices[0]):
        raise _Wrong("#VALUE!")
    both = zip(itertools.chain(*shares), itertools.chain(*prices), strict=True)
    sold = [pair for pair in both if not (pair[0] in (None, "") and pair[1] in (None, ""))]
    counts = [_count(_not_empty(count), False, None) for count, _ in sold]
    amounts = [_price(_not_empty(price), False, None) for _, price in sold]
    if not any(counts):
        raise _Wrong("#NUM!")  # of no shares there is no price, whatever the terms
    return [[counts], [amounts]]


def _not_empty(value: object) -> object:
    return None if value == "" else value


def _quotes(value: object, _optional: bool, _default: Any) -> list[tuple[Any, ...]]:
    """Read a table of quotations: headings and blank rows aside, a date, a bid and a value."""
    rows = value if isinstance(value, list) else [[value]]
    if len(rows[0]) not in (2, 3):
        raise _Wrong("#VALUE!")
    dated = []
    for day, *prices in rows:
        if all(cell is None or isinstance(cell, str) for cell in (day, *prices)):
            continue
        if day in (None, ""):
            continue  # it waits for its date
        dated.append((_date(day, False, None), *map(_not_empty, prices)))
    return dated


def _quoted(
    rows: list[tuple[Any, ...]],
    issued: datetime.date,
    converted: datetime.date | None,
    deal: oracle.Deal,
) -> dict[datetime.date, tuple[float, float | None]]:
    """Judge the quotations that lie in a window which is needed; all others are left alone."""
    needed = set(oracle.before(issued, deal.initial_sessions))
    if converted is not None and (converted - issued).days > deal.floating_after_days:
        needed |= set(oracle.before(converted, deal.lookback_sessions))
    quotes = {}
    seen_days = set()
    for day, bid, *market in rows:
        if day not in needed:
            continue
        if day in seen_days:
            raise _Wrong("#VALUE!")
        seen_days.add(day)
        closing = _price(bid, True, None)
        worth = _price(market[0], True, None) if market else None
        if closing is not None:
            quotes[day] = (closing, worth)
    return quotes


_READERS: Final[Mapping[str, Callable[[Any, bool, Any], Any]]] = {
    "amount": _amount,
    "price": _price,
    "exercise price": _exercise_price,
    "ratio": _price,
    "count": _count,
    "offset": _offset,
    "date": _date,
    "text": _text,
    "terms": _terms,
    "counts": _range,
    "prices": _range,
    "quotes": _quotes,
}
"""For each kind of argument, what turns a cell into what the oracle takes."""


def _check_reach(day: datetime.date, offset: int) -> None:
    """Refuse what lies outside the calendar; cases keep well away from its ends."""
    if not 1971 <= day.year <= 2100 or abs(offset) > 30_000:
        raise _Wrong("#NUM!")
    assert oracle.FIRST_DAY <= day <= oracle.LAST_DAY
