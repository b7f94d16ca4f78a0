"""Hypothesis strategies: figures of a contract, cells of a sheet, arguments of each function."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from oracles import contract as oracle

from xladdin.cells import CLASSIC_ERRORS, Block, Cell, CellError, serial_of
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import select


def _near(*figures: float) -> SearchStrategy[float]:
    """Figures themselves, and what lies a double or a cent to either side."""
    sides = [
        side
        for figure in figures
        for side in (
            figure,
            math.nextafter(figure, 0),
            math.nextafter(figure, math.inf),
            figure - 0.01,
            figure + 0.01,
        )
    ]
    return st.sampled_from([side for side in sides if side >= 0])


def cents(most: float) -> SearchStrategy[float]:
    """Whole cents, as people type them, from 0 on."""
    return st.integers(0, round(most * 100)).map(lambda number: number / 100)


def amounts(most: float) -> SearchStrategy[float]:
    """Amounts from 0 on."""
    return st.one_of(cents(most), st.floats(0, most), _near(most))


def gross_amounts(deal: oracle.Deal) -> SearchStrategy[float]:
    """Amounts up to a little more than an agreement's capacity, its tiers' edges among them."""
    edges = [float(up_to) for up_to, _ in deal.tiers]
    most = edges[-1] * 1.02
    past = st.integers(-20_000, 20_000).map(lambda number: edges[-1] + number * 1e-7)
    return st.one_of(cents(most), st.floats(0, most), _near(0.0, *edges), past)


PRICES: Final = st.one_of(
    st.integers(1, 1_000_000).map(lambda number: number / 100),
    st.floats(1e-6, 1e6),
    _near(0.3, 1.1, 1.37, 2.0, 4.1, 5.0, 33.75),
    st.integers(1, 10_000).map(lambda number: number * 0.1),  # with the dust of a product
)
"""Prices that a share could have, the contracts' thresholds among them."""

COUNTS: Final = st.one_of(st.integers(0, 10_000), st.integers(0, 10**15))
"""Counts of which a sheet shows every digit."""

DAYS: Final = st.dates(datetime.date(1971, 6, 1), datetime.date(2029, 6, 1))
"""Days well within the answer file of closures: debentures live for 400 days after them."""

NUMBERS: Final = st.one_of(
    st.floats(),
    st.integers(-10, 10).map(float),
    st.sampled_from([0.0, -0.0, 5e-324, 1e308, -1e308, math.inf, -math.inf, math.nan]),
    cents(30e6),
    DAYS.map(lambda day: float(serial_of(day))),
)

TEXTS: Final = st.one_of(
    st.sampled_from(
        ["", " ", "#N/A", "TRUE", "4.04", "2001-09-10", "NEOT-2001", "neot-2001/other"]
    ),
    st.text(max_size=8),
)

ERRORS: Final = st.sampled_from([*CLASSIC_ERRORS, "#SPILL!"]).map(CellError)

CELLS: Final[SearchStrategy[Cell]] = st.one_of(
    st.none(), NUMBERS, NUMBERS, NUMBERS, TEXTS, st.booleans(), ERRORS
)
"""Whatever a cell can hold; numbers more often than the rest."""


@st.composite
def blocks(draw: DrawFn, cells: SearchStrategy[Cell] = CELLS, most: int = 3) -> Block:
    """Rectangles of cells."""
    height, width = draw(st.integers(1, most)), draw(st.integers(1, most))
    row = st.lists(cells, min_size=width, max_size=width)
    return draw(st.lists(row, min_size=height, max_size=height))


@st.composite
def _sales(draw: DrawFn, deal: oracle.Deal) -> tuple[Any, ...]:
    pair = st.one_of(
        st.tuples(st.integers(0, 10**7), PRICES),
        st.tuples(st.none(), PRICES),  # no shares at a price
        st.tuples(st.none(), st.none()),
    )
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 2))
    size = height * width
    drawn = draw(st.lists(pair, min_size=size, max_size=size))
    rows = [drawn[start : start + width] for start in range(0, size, width)]
    shares = [[count for count, _ in row] for row in rows]
    prices = [[price for _, price in row] for row in rows]
    return shares, prices, deal


@st.composite
def debenture_calls(draw: DrawFn, deal: oracle.Deal) -> tuple[Any, ...]:
    """Quotations for the windows (sometimes with a session missing), and dates."""
    issued = draw(DAYS)
    switch = deal.floating_after_days
    life = st.one_of(st.integers(switch - 1, switch + 2), st.integers(-1, 400))
    converted = draw(st.one_of(st.none(), life.map(lambda days: issued + datetime.timedelta(days))))
    days = set(oracle.before(issued, deal.initial_sessions + 2))
    if converted is not None:
        days |= set(oracle.before(converted, deal.lookback_sessions + 2))
    markets = st.one_of(st.none(), PRICES)
    row = st.tuples(PRICES, markets)
    quotes = {day: draw(row) for day in sorted(days)}
    if draw(st.integers(0, 9)) == 0:
        del quotes[draw(st.sampled_from(sorted(days)))]
    return quotes, issued, converted, deal


def _deals(make: Callable[[oracle.Deal], SearchStrategy[Any]]) -> SearchStrategy[Any]:
    return st.sampled_from(oracle.DEALS).flatmap(make)


_SOME_DEAL: Final = st.sampled_from(oracle.DEALS)

_BY_KIND: Final[Mapping[str, SearchStrategy[Any]]] = {
    "amount": amounts(1e9),
    "price": PRICES,
    "exercise price": st.just(0.0) | PRICES,
    "count": COUNTS,
    "ratio": st.one_of(st.just(1.0), st.sampled_from([25.0, 0.5, 1 / 3]), st.floats(0.01, 100)),
    "terms": _SOME_DEAL,
}
"""For each kind of argument, what an oracle takes."""


def _by_kind(function: Function) -> SearchStrategy[tuple[Any, ...]]:
    """Draw each argument by its kind alone."""
    return st.tuples(
        *(
            st.none() | _BY_KIND[argument.kind.name]
            if argument.optional and argument.default is None
            else _BY_KIND[argument.kind.name]
            for argument in function.arguments
        )
    )


_OWN: Final[Mapping[str, SearchStrategy[tuple[Any, ...]]]] = {
    "CEO_FEE": _deals(lambda deal: st.tuples(gross_amounts(deal), _prior(deal), st.just(deal))),
    "CEO_NET": _deals(lambda deal: st.tuples(gross_amounts(deal), _prior(deal), st.just(deal))),
    "CEO_CAPACITY": _deals(
        lambda deal: st.tuples(gross_amounts(deal), st.none() | PRICES, st.just(deal))
    ),
    "CANTOR_EXERCISE_PRICE": _deals(_sales),
    "DEBENTURE_CONVERSION_PRICE": _deals(debenture_calls),
    "TRADING_DAY": st.tuples(
        st.dates(datetime.date(1975, 1, 1), datetime.date(2026, 1, 1)),
        st.one_of(st.integers(-8, 8), st.integers(-900, 900)),
        _SOME_DEAL,
    ),
}
"""Arguments of the functions for which the kinds do not suffice."""

ARGUMENTS: Final[Mapping[str, SearchStrategy[tuple[Any, ...]]]] = {
    name: _OWN[name] if name in _OWN else _by_kind(FUNCTIONS[name]) for name in oracle.ORACLES
}
"""For each worksheet function with an oracle, what its oracle takes."""


def _prior(deal: oracle.Deal) -> SearchStrategy[float]:
    return st.one_of(st.just(0.0), gross_amounts(deal))


@st.composite
def _figure(draw: DrawFn) -> tuple[Any, ...]:
    deal = draw(_SOME_DEAL)
    return draw(st.sampled_from(list(select(deal.terms).figures))), deal


LOOKUPS: Final[Mapping[str, SearchStrategy[tuple[Any, ...]]]] = {
    "DEAL_TERM": _figure(),
    "DEAL_SOURCE": _figure(),
    "XLADDIN_VERSION": st.just(()),
}
"""For each function that looks something up and so has no oracle, what it takes."""


_KEYS: Final = st.sampled_from(["debenture", "class_b", "Debenture", "nope"])
_SPAN: Final = st.dates(datetime.date(2001, 1, 1), datetime.date(2002, 12, 31))


@st.composite
def _quoted(draw: DrawFn) -> tuple[Any, ...]:
    quotes, issued, converted, deal = draw(debenture_calls(oracle.SALES))
    rows = [[day, bid, market] for day, (bid, market) in quotes.items()]
    if draw(st.booleans()):
        rows.insert(0, ["Day", " CLOSING  bid ", "Market Value"])
    return draw(_KEYS), rows or [[issued, 1.0]], converted, issued, deal


DEALS: Final[Mapping[str, SearchStrategy[tuple[Any, ...]]]] = {
    "DEAL_PRICE": _quoted(),
    "DEAL_FEE": _deals(
        lambda deal: st.tuples(
            gross_amounts(deal), _prior(deal), st.none() | st.just(0.03), st.none(), st.just(deal)
        )
    ),
    "SPLIT_ADJUSTED": st.tuples(
        st.none() | st.floats(0, 1e9),
        DAYS,
        st.none() | DAYS,
        st.sampled_from(["price", "count"]),
        _SOME_DEAL,
    ),
    "SETTLEMENT_DATE": st.tuples(DAYS, _SOME_DEAL),
    "ANTIDILUTION_PRICE": st.tuples(
        PRICES,
        COUNTS,
        COUNTS,
        st.just(0.0) | PRICES,
        st.sampled_from(["weighted average", "full ratchet"]),
    ),
    "ISSUE_HEADROOM": st.tuples(
        st.sampled_from(["exchange", "nope"]), COUNTS, st.none() | PRICES, _SOME_DEAL
    ),
    "FLOAT_HEADROOM": st.tuples(
        st.integers(0, 10**8),
        PRICES,
        st.lists(st.tuples(_SPAN, amounts(1e7)).map(list), min_size=2, max_size=5),
        _SPAN,
        amounts(1e6),
        _SOME_DEAL,
    ),
    "OWNERSHIP_HEADROOM": st.tuples(COUNTS, COUNTS, st.sampled_from([0.0499, 0.0999, 1.0])),
    "WEIGHTED_SHARES": st.tuples(
        st.lists(st.tuples(_SPAN, st.integers(-1000, 10**6)).map(list), min_size=2, max_size=5),
        st.just(datetime.date(2001, 1, 1)),
        st.sampled_from([datetime.date(2001, 12, 31), datetime.date(2000, 12, 31)]),
        _SOME_DEAL,
    ),
    "DILUTED_EPS": st.tuples(
        st.floats(-1e9, 1e9),
        st.floats(1, 1e9),
        st.lists(
            st.tuples(
                st.sampled_from(["bonds", "options"]), st.floats(0, 1e6), st.floats(0, 1e6)
            ).map(list),
            min_size=2,
            max_size=4,
        ),
    ),
    "WARRANT_VALUE": st.tuples(
        PRICES,
        st.just(0.0) | PRICES,
        st.floats(0, 20),
        st.floats(0, 3),
        st.floats(-0.1, 0.3),
        st.floats(0, 0.2),
    ),
    "OFFERING_DILUTION": st.tuples(PRICES, COUNTS, st.floats(-1e9, 1e9), COUNTS, amounts(1e6)),
    "MAKE_WHOLE": st.tuples(
        st.just([[None, 1.0, 3.0], [9.0, 0.261, 0.281], [1.0, 0.257, None]]),
        st.floats(-2, 12),
        st.floats(-2, 12),
    ),
}
"""For each function of deals of any kind, what it takes."""


def as_python(name: str, arguments: tuple[Any, ...]) -> list[Any]:
    """Turn what an oracle takes into the arguments of a Python call."""
    given: list[Any] = [one.terms if isinstance(one, oracle.Deal) else one for one in arguments]
    if name == "DEBENTURE_CONVERSION_PRICE":
        given[0] = [[day, *row] for day, row in given[0].items()]
    return given


def as_cells(value: Any) -> Any:
    """Turn Python values into what cells hold."""
    if isinstance(value, list | tuple):
        return [as_cells(item) for item in value]
    if isinstance(value, datetime.date):
        return float(serial_of(value))
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
