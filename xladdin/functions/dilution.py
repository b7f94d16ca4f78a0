"""DILUTION, ANTIDILUTION_PRICE, OFFERING_DILUTION and SPLIT_ADJUSTED."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from xladdin.core import dilution
from xladdin.core.decimals import as_shown
from xladdin.errors import day_shown
from xladdin.functions.arguments import (
    AMOUNT,
    BALANCE,
    COUNT,
    DATE,
    EXERCISE_PRICE,
    FIGURE,
    METHOD,
    PRICE,
    STOCK,
    TERMS_ARGUMENT,
    WHAT,
    Argument,
)
from xladdin.functions.coercion import OF_COUNT, OF_PRICE, RATCHET, WEIGHTED, exercise_price
from xladdin.functions.derivation import Step, double, fitting, given
from xladdin.functions.function import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xladdin.core.prices import Split
    from xladdin.terms.selection import Selection

OUTSTANDING = Argument("outstanding", COUNT, "Shares outstanding before the issue.")


def _dilution_steps(outstanding: int, new_shares: int, value: float) -> Iterator[Step]:
    """Derive all shares after the issue, and the part of the new ones."""
    yield given("New shares", fitting(new_shares))
    total = fitting(outstanding + new_shares)
    yield Step("Shares outstanding, with the new ones", fitting(outstanding), None, total, "")
    yield Step("New shares over all shares", fitting(new_shares), None, value, "")


def dilution_twin(_selection: Selection, outstanding: str, new_shares: str) -> str:
    """Divide new shares by all shares."""
    return f"{new_shares}/({outstanding}+{new_shares})"


DILUTION = Function(
    name="DILUTION",
    summary="New shares over all shares after the issue.",
    arguments=(OUTSTANDING, Argument("new_shares", COUNT, "Shares issued.")),
    result="fraction from 0 to 1",
    source="NEOT-2001, S-9",
    implementation=dilution.dilution,
    each=True,
    derivation=_dilution_steps,
    twin=dilution_twin,
    example="=DILUTION(21862772,8593877)",
    shows="0.28216751619654545",
)


def _antidilution_price(
    price: float, outstanding: int, new_shares: int, new_price: float, method: str
) -> float:
    if method == RATCHET:
        return dilution.ratchet_price(price, new_price)
    return dilution.weighted_average_price(price, outstanding, new_shares, new_price)


def _antidilution_price_steps(
    price: float, outstanding: int, new_shares: int, new_price: float, method: str, value: float
) -> Iterator[Step]:
    """Derive what the shares before and the new ones cost, and the price of one of all."""
    yield given("Conversion price before", price)
    if method == RATCHET:
        yield given("Price of the issue: a full ratchet takes it where it is lower", new_price)
        yield given("Conversion price after", value)
        return
    before, new = as_shown(price) * outstanding, as_shown(new_price) * new_shares
    label = "Shares before, at the conversion price"
    yield Step(label, fitting(outstanding), price, double(before), "")
    yield Step("New shares, at theirs", fitting(new_shares), new_price, double(new), "")
    yield given("All shares", fitting(outstanding + new_shares))
    yield Step(
        "Both over all shares, not above the price before", double(before + new), None, value, ""
    )


def antidilution_price_twin(
    _selection: Selection, price: str, outstanding: str, new_shares: str, new_price: str
) -> str:
    """Divide both amounts by all shares, not above the price before: the weighted average."""
    both = f"{price}*{outstanding}+{new_price}*{new_shares}"
    return f"MIN({price},({both})/({outstanding}+{new_shares}))"


ANTIDILUTION_PRICE = Function(
    name="ANTIDILUTION_PRICE",
    summary="Conversion price after a cheaper issue: weighted average or full ratchet.",
    arguments=(
        Argument("price", PRICE, "Conversion price before, USD."),
        OUTSTANDING._replace(
            help="Shares outstanding before the issue; under a broad-based clause with those that "
            "options and convertible securities would add."
        ),
        Argument("new_shares", COUNT, "Shares issued."),
        Argument("new_price", EXERCISE_PRICE, "Price of these, USD a share; may be 0."),
        Argument(
            "method",
            METHOD,
            'Method: "weighted average" or "full ratchet".',
            optional=True,
            default=WEIGHTED,
        ),
    ),
    result="USD a share, unrounded; never above the price before",
    source="broad-based weighted average, or full ratchet, of the usual clauses",
    implementation=_antidilution_price,
    each=True,
    derivation=_antidilution_price_steps,
    twin=antidilution_price_twin,
    twin_takes=("A2", "B2", "C2", "D2"),
    example="=ANTIDILUTION_PRICE(1,10000000,5000000,0.5)",
    shows="0.8333333333333334",
)


def _offering_dilution(
    offer_price: float, new_shares: int, book_value: float, outstanding: int, costs: float
) -> list[list[float]]:
    found = dilution.offering_dilution(offer_price, new_shares, book_value, outstanding, costs)
    return [[line] for line in found]


def _offering_dilution_steps(
    offer_price: float,
    new_shares: int,
    book_value: float,
    outstanding: int,
    costs: float,
    value: list[list[float]],
) -> Iterator[Step]:
    """Derive book value a share before and after, and the distance to the price."""
    price, before, increase, after, dilutes = (line for (line,) in value)
    yield Step("Price of the offering", offer_price, None, price, "")
    yield given("Shares outstanding before", fitting(outstanding))
    yield Step("Book value a share before", book_value, None, before, "")
    gross = double(as_shown(offer_price) * new_shares)
    yield Step("Gross proceeds", fitting(new_shares), offer_price, gross, "")
    yield given("Costs of the offering", costs)
    total = Fraction(book_value) + as_shown(offer_price) * new_shares - Fraction(costs)
    yield given("All shares after", fitting(outstanding + new_shares))
    yield Step("Book value a share after", double(total), None, after, "")
    yield given("Increase a share", increase)
    yield Step("Dilution: the price less that", price, None, dilutes, "")


OFFERING_DILUTION = Function(
    name="OFFERING_DILUTION",
    summary="The five lines of a prospectus's table of dilution, one below the other.",
    arguments=(
        Argument("offer_price", PRICE, "Price of the offering, USD a share."),
        Argument("new_shares", COUNT, "Shares offered."),
        Argument("book_value", BALANCE, "Net tangible book value before, USD; may be negative."),
        Argument("outstanding", STOCK, "Shares outstanding before."),
        Argument("costs", AMOUNT, "Fees and expenses, USD.", optional=True, default=0.0),
    ),
    result="price; book value a share before; increase; after; dilution: USD a share, 5 rows",
    source="Regulation S-K, Item 506",
    implementation=_offering_dilution,
    each=False,
    spills=True,
    derivation=_offering_dilution_steps,
    no_twin="it gives five figures, each a division of those given; offering.xlsx checks each",
    example="=OFFERING_DILUTION(1.2,5000000,43899000,22597907,610000)",
    shows="1.2\n1.9426135349614457\n-0.1566447656631073\n1.7859687692983384\n-0.5859687692983384",
)


def _splits_between(
    from_date: datetime.date, to_date: datetime.date | None, selection: Selection
) -> tuple[datetime.date, list[Split]]:
    """Return the day to carry to, and the splits on the way.

    A day that the call names may lie after the one that `terms` names.
    """
    until = to_date or selection.day or datetime.date.max
    return until, [one for one in selection.all_splits if from_date < one[0] <= until]


def _count_or_price(
    value: float | None, from_date: datetime.date, to_date: datetime.date | None, what: str
) -> tuple[Any, ...]:
    return _figure(value, what), from_date, to_date, what


def _figure(value: float | None, what: str) -> float:
    """Read a blank: a count of 0, and no price."""
    if value is None and what == OF_COUNT:
        return 0.0
    return exercise_price(value, "value")


def _split_adjusted(
    value: float | None,
    from_date: datetime.date,
    to_date: datetime.date | None,
    what: str,
    selection: Selection,
) -> float:
    is_count = what == OF_COUNT
    until, splits = _splits_between(from_date, to_date, selection)
    exact = _figure(value, what)  # a single call by the fast path is not combined before
    return dilution.split_adjusted(exact, from_date, until, splits, is_count=is_count)


def _split_adjusted_steps(
    value_before: float,
    from_date: datetime.date,
    to_date: datetime.date | None,
    what: str,
    selection: Selection,
    value: float,
) -> Iterator[Step]:
    """Derive each split on the way."""
    is_count = what == OF_COUNT
    _, splits = _splits_between(from_date, to_date, selection)
    found = as_shown(value_before)
    yield given(f"The {'count' if is_count else 'price'} on {day_shown(from_date)}", value_before)
    for day, ratio in splits:
        factor = 1 / ratio if is_count else ratio
        more = found * factor
        source = selection.source_of_splits([(day, ratio)])
        yield Step(
            f"Split of {day_shown(day)}", double(found), double(factor), double(more), source
        )
        found = more
    label = "Carried over all of them" if splits else "No split on the way"
    yield given(label, value, selection.source_of_splits(splits))


SPLIT_ADJUSTED = Function(
    name="SPLIT_ADJUSTED",
    summary="A price or a count carried over the deal's splits from one day to another.",
    arguments=(
        Argument("value", FIGURE, "The price, USD a share, or the count."),
        Argument("from_date", DATE, "Day in whose shares it is."),
        Argument(
            "to_date",
            DATE,
            "Day in whose shares it is wanted. Before from_date, the value stays as it is.",
            optional=True,
            default_words="the day in terms, or after the last action",
        ),
        Argument("what", WHAT, 'What it is: "price" or "count".', optional=True, default=OF_PRICE),
        TERMS_ARGUMENT,
    ),
    result="USD a share, or a count, unrounded",
    source="the deal's own splits",
    implementation=_split_adjusted,
    combine=_count_or_price,
    each=True,
    derivation=_split_adjusted_steps,
    no_twin="it looks up the deal's splits, which no native function can see",
    example="=SPLIT_ADJUSTED(11.5,DATE(2022,7,20))",
    shows="11.5",
)
