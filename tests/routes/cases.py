"""Calls of every function, as what is in the cells, with the results that are right.

The table is written once, for every route by which a call can reach a function. A case says what a
formula refers to and what its cell must show then; how cells get to the function is a route's own
affair. A new function without cases fails the tests.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from arguments import (
    OMITTED,
    Argument,
    Array,
    Content,
    Currency,
    Date,
    Error,
    Omitted,
    Range,
    Result,
    Typed,
    plain,
)
from oracles.calls import result
from routes.contents import CONVERTED, FIGURE_VALUES, GOOD, HEADED, HOSTILE, ISSUED, NAMES, day_cell

from xladdin.cells import CellError
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import select


@dataclass(frozen=True)
class Case:
    """One call.

    Attributes:
        label: What it is about.
        name: The function's worksheet name.
        arguments: As a formula gives them; those left out at the end are not in it.
        answer: What the formula must give, where it is not for the oracle to say.
    """

    label: str
    name: str
    arguments: tuple[Argument, ...]
    answer: Result | None = None

    @functools.cached_property
    def expected(self) -> Result:
        """What the formula must give."""
        return result(self.name, self.arguments) if self.answer is None else self.answer


_FIGURES: Final = tuple(select("NEOT-2001").figures)

_Call: TypeAlias = tuple[str, Sequence[Argument]]


def _good(name: str) -> list[Argument]:
    return [GOOD[argument.kind.name] for argument in FUNCTIONS[name].arguments]


def _put(name: str, place: int, value: Argument) -> list[Argument]:
    arguments = _good(name)
    arguments[place] = value
    return arguments


def _one_by_one(name: str) -> Iterator[_Call]:
    """Good calls; and every argument takes every hostile cell in turn."""
    function = FUNCTIONS[name]
    good = _good(name)
    yield "good", good
    for count in range(function.min_args, len(good)):
        yield f"{count} given", good[:count]
    for place, argument in enumerate(function.arguments):
        what = argument.name
        for label, content in HOSTILE.items():
            yield f"{what}: {label}", _put(name, place, content)
            if content is not None and not isinstance(content, Date | Currency):
                yield f"{what}: {label}, typed", _put(name, place, Typed(content))
        yield f"{what}: range of one cell", _put(name, place, Range(((_corner(good[place]),),)))
        yield f"{what}: range of one blank", _put(name, place, Range(((None,),)))
        if argument.optional:
            yield f"{what}: gap", _put(name, place, OMITTED)
        if argument.kind.name == "terms":
            for label, content in NAMES.items():
                yield f"{what}: {label}", _put(name, place, content)
        if not argument.kind.ranged and (argument.kind.name == "terms" or not function.each):
            pair = Range(((_corner(good[place]),) * 2,))
            yield f"{what}: range for one cell", _put(name, place, pair)


def _corner(argument: Argument) -> Content:
    """Return what one cell holds, or the first number of a range."""
    if isinstance(argument, Range):
        return argument.rows[-1][-1]
    assert not isinstance(argument, Omitted | Typed | Array)
    return argument


def _precedence(name: str) -> Iterator[_Call]:
    """Two wrong arguments: an error value goes first, then the one to the left."""
    count = len(FUNCTIONS[name].arguments)
    for left, right in itertools.combinations(range(count), 2):
        pairs: dict[str, tuple[Content, Content]] = {
            "two errors": (Error("#N/A"), Error("#REF!")),
            "wrong before an error": (True, Error("#DIV/0!")),
            "two wrong": (True, -1.5),
            "two wrong, other way": (-1.5, True),
        }
        for label, pair in pairs.items():
            arguments = _put(name, left, pair[0])
            arguments[right] = pair[1]
            yield f"{label}: {left}, {right}", arguments


def _arrays(name: str) -> Iterator[_Call]:
    """Ranges and array constants where the function works on each element."""
    function = FUNCTIONS[name]
    numbers = FIGURE_VALUES.keys() | {"part", "factor", "number", "balance", "shares"}
    places = [place for place, item in enumerate(function.arguments) if item.kind.name in numbers]
    bad: tuple[Content, ...] = (None, "x", "", True, Error("#N/A"), -1.0, 0.5, Currency(2.0))
    for place in places:
        what = function.arguments[place].name
        good = _corner(_good(name)[place])
        row = (good, *bad)
        yield f"{what}: row", _put(name, place, Range((row,)))
        yield f"{what}: column", _put(name, place, Range(tuple((cell,) for cell in row)))
        yield f"{what}: block", _put(name, place, Range((row, row[::-1])))
        typed: tuple[float | bool | str | CellError, ...] = (1.0, 40.0, "x", True, Error("#N/A"))
        yield f"{what}: array", _put(name, place, Array((typed, typed[::-1])))
        yield f"{what}: row array", _put(name, place, Array((typed,)))
        yield f"{what}: column array", _put(name, place, Array(tuple((item,) for item in typed)))
    for first, second in itertools.permutations(places, 2):
        for shapes in _SHAPES:
            arguments = _good(name)
            for place, (rows, columns) in zip((first, second), shapes, strict=True):
                arguments[place] = _block(_corner(arguments[place]), rows, columns)
            yield f"{first} {shapes[0]} against {second} {shapes[1]}", arguments


_SHAPES: Final = (
    ((3, 1), (1, 2)),
    ((3, 2), (3, 1)),
    ((3, 2), (1, 2)),
    ((3, 2), (3, 2)),
    ((3, 2), (1, 1)),
    ((3, 1), (2, 1)),
    ((3, 2), (3, 3)),
    ((2, 3), (3, 2)),
    ((1, 2), (1, 3)),
)


def _block(content: Content, rows: int, columns: int) -> Range:
    """Fill a range with numbers that differ, whole and above 0."""
    start = plain(content)
    assert isinstance(start, float)
    numbers = itertools.count(max(1, math.floor(start)))
    return Range(tuple(tuple(float(next(numbers)) for _ in range(columns)) for _ in range(rows)))


def _figures(name: str) -> Iterator[_Call]:
    """Figures of the contract, and what lies to either side of them."""
    function = FUNCTIONS[name]
    values: list[tuple[Argument, ...]] = []
    for argument in function.arguments:
        if argument.kind.name == "terms":
            values.append(("NEOT-2001", "NEOT-2001/OTHER"))
        elif argument.kind.name in FIGURE_VALUES:
            values.append(FIGURE_VALUES[argument.kind.name])
        else:
            return
    for number, arguments in enumerate(itertools.product(*values) if values else ()):
        if number % _EVERY.get(name, 1) == 0:
            yield f"figures {number}", arguments


_EVERY: Final = {
    "CEO_FEE": 2,
    "CEO_NET": 3,
    "CEO_CAPACITY": 3,
    "CLASSB_EXERCISE_PRICE": 7,
    "NET_EXERCISE_SHARES": 7,
    "TREASURY_STOCK_SHARES": 7,
}
"""Which of the combinations are taken; all of them where there is no number."""


def _sold() -> Iterator[_Call]:
    """Ranges of sales."""
    shares: tuple[Content, ...] = (1000.0, None, 3000.0, 0.0)
    prices: tuple[Content, ...] = (4.04, None, 4.4, 9.0)

    def column(cells: Iterable[Content]) -> Range:
        return Range(tuple((cell,) for cell in cells))

    yield "with a gap", [column(shares), column(prices)]
    yield "in a row", [Range((shares,)), Range((prices,))]
    yield "in a block", [Range((shares, shares)), Range((prices, prices))]
    yield (
        "whole columns",
        [
            Range(tuple((cell,) for cell in shares), whole=True),
            Range(tuple((cell,) for cell in prices), whole=True),
        ],
    )
    yield "column against row", [column(shares), Range((prices,))]
    yield "arrays", [Array(((1000.0,), (3000.0,))), Array(((4.04,), (4.4,)))]
    yield "one sale", [1000.0, 4.04]
    yield "one sale, typed", [Typed(1000.0), Typed(4.04)]
    yield "one price for many", [column(shares), 4.04]
    yield "nothing sold", [column((0.0, None)), column((4.0, None))]
    yield "all blank", [column((None, None)), column((None, None))]
    yield "huge", [column((1e308, 1e308)), column((1e308, 1e308))]
    yield "too large for a double", [1.0, 1.7e308]
    for place, name in enumerate(("shares", "prices")):
        for label, content in HOSTILE.items():
            cells = [list(shares), list(prices)]
            cells[place][0] = content
            yield f"{name}: {label} among others", [column(cells[0]), column(cells[1])]


def _tables() -> Iterator[_Call]:
    """Tables of quotations."""
    rows = HEADED.rows
    dates: tuple[Argument, ...] = (ISSUED, CONVERTED)
    yield "initial price", [HEADED, ISSUED]
    yield "no conversion", [HEADED, ISSUED, None]
    yield "floating price", [HEADED, *dates]
    yield "other agreement", [HEADED, *dates, "NEOT-2001/OTHER"]
    yield "gap before the terms", [HEADED, ISSUED, OMITTED, "NEOT-2001/OTHER"]
    yield "two columns", [Range(tuple(row[:2] for row in rows)), *dates]
    yield "no heading", [Range(rows[1:]), *dates]
    yield "newest first", [Range((rows[0], *rows[:0:-1])), *dates]
    blank = (None, None, None)
    yield "blank rows", [Range((blank, *rows[:20], blank, *rows[20:], blank)), *dates]
    yield "rows of empty texts", [Range((*rows, ("", "", ""))), *dates]
    texts = tuple((day, bid, "" if value is None else value) for day, bid, value in rows[1:])
    yield "empty texts for market values", [Range((rows[0], *texts)), *dates]
    yield "two rows of headings", [Range((("Prices", None, ""), *rows)), *dates]
    yield "headings once more", [Range((*rows[:20], *rows[:1], *rows[20:])), *dates]
    early, late = day_cell(36_000), day_cell(39_000)
    outside = ((early, "none", -1.0), (early, True, ""), (late, 0.0, None), (late, None, "x"))
    yield "outside every window", [Range((*rows, *outside)), *dates]
    yield "an error outside every window", [Range((*rows, (late, Error("#N/A"), None))), *dates]
    yield "a date twice outside the first window", [Range((*rows, rows[60])), ISSUED]
    yield "whole columns", [Range(rows, whole=True), *dates]
    yield "serials", [Range(tuple(tuple(map(plain, row)) for row in rows)), *map(_serial, dates)]
    yield "a session missing", [Range((*rows[:70], *rows[71:])), *dates]
    yield "a session of the first window missing", [Range(rows[6:]), *dates]
    yield "a date twice", [Range((*rows, rows[5])), *dates]
    yield "conversion before issue", [HEADED, CONVERTED, ISSUED]
    yield "one column", [Range(tuple(row[:1] for row in rows)), *dates]
    yield "four columns", [Range(tuple((*row, None) for row in rows)), *dates]
    yield "nothing but a heading", [Range(rows[:1]), *dates]
    day = ISSUED.number
    few = tuple((day - back, 4.0) for back in (7, 6, 5, 4, 3))
    yield "array", [Array(few), ISSUED]
    yield "90 days", [Array(few), Typed(day), Typed(day + 90)]
    yield "91 days", [Array(few), Typed(day), Typed(day + 91)]
    for column, name in enumerate(("date", "bid", "value")):
        for place in (0, 60):
            for label, content in HOSTILE.items():
                row = list(rows[place])
                row[column] = content
                table = (*rows[:place], tuple(row), *rows[place + 1 :])
                yield f"{name} of row {place}: {label}", [Range(table), *dates]


def _serial(argument: Argument) -> Argument:
    assert isinstance(argument, Date)
    return argument.number


def _looked_up(name: str) -> Iterator[_Call]:
    """Every figure of the deal."""
    for figure in _FIGURES:
        yield figure, [figure]
    yield "other agreement", [_FIGURES[0], "NEOT-2001/OTHER"]
    yield "spaces", [f" {_FIGURES[0]} "]
    yield "capitals", [_FIGURES[0].upper()]
    yield "typed", [Typed(_FIGURES[0]), Typed("NEOT-2001")]
    assert name.startswith("DEAL_")


def _explanations() -> Iterator[_Call]:
    """Explanations of every function, of good and of bad calls."""
    for name, function in FUNCTIONS.items():
        if name == "EXPLAIN":
            continue
        good = _good(name)
        yield f"{name}: good", [name, *good]
        yield f"{name}: typed name", [Typed(name.lower()), *good[: function.min_args]]
        yield f"{name}: too many", [name, *good, *[1.0] * 5]
        if good:
            yield f"{name}: none", [name]
        for place, argument in enumerate(function.arguments):
            for label in ("blank", "TRUE", "text", "minus one", "half", "#N/A", "tiny", "huge"):
                arguments = _put(name, place, HOSTILE[label])
                yield f"{name}, {argument.name}: {label}", [name, *arguments]
            if not argument.kind.ranged:
                pair = Range(((_corner(good[place]),) * 2,))
                yield f"{name}, {argument.name}: range", [name, *_put(name, place, pair)]
            if argument.optional:
                yield f"{name}, {argument.name}: gap", [name, *_put(name, place, OMITTED)]
    for label, content in HOSTILE.items():
        yield f"function: {label}", [content, 2e6]
    yield "function: spaces", [" ceo_fee ", 2e6]
    yield "function: itself", ["EXPLAIN", "CEO_FEE", 2e6]
    yield "function: unknown", ["CEO_FEES", 2e6]


def _calls(name: str) -> Iterator[_Call]:
    """All calls of one function."""
    if name == "EXPLAIN":
        yield from _explanations()
        return
    yield from _one_by_one(name)
    yield from _precedence(name)
    yield from _figures(name)
    if FUNCTIONS[name].each:
        yield from _arrays(name)
    if name == "CANTOR_EXERCISE_PRICE":
        yield from _sold()
    if name == "DEBENTURE_CONVERSION_PRICE":
        yield from _tables()
    if name in ("DEAL_TERM", "DEAL_SOURCE"):
        yield from _looked_up(name)


def _cases(name: str) -> tuple[Case, ...]:
    return tuple(
        Case(f"{name} {label}", name, tuple(arguments)) for label, arguments in _calls(name)
    )


class _Cases(Mapping[str, tuple[Case, ...]]):
    """The cases of each function, worked out when they are first asked for."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Case, ...]] = {}

    def __getitem__(self, name: str) -> tuple[Case, ...]:
        if name not in self._known:
            self._known[name] = _cases(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(FUNCTIONS)

    def __len__(self) -> int:
        return len(FUNCTIONS)


CASES: Final = _Cases()
"""The cases, by function."""

LEAST: Final[Mapping[str, int]] = {
    name: 1 if not FUNCTIONS[name].arguments else 40 for name in FUNCTIONS
}
"""The fewest cases that a function may have; without arguments there is one call to make."""
