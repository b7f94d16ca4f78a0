"""The declarations of the worksheet functions: name, arguments, help, source, implementation, twin.

Wizards, wrappers, stubs, the Functions sheet, documents and the command line derive from them.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeVar

from xladdin._version import __version__
from xladdin.core import (
    arrays,
    capacity,
    class_b,
    debentures,
    dilution,
    fees,
    limits,
    warrants,
)
from xladdin.core.errors import REF, VALUE, InputError
from xladdin.core.sessions import Calendar, calendar
from xladdin.functions import derivation, twins
from xladdin.functions.arguments import (
    AMOUNT,
    ANYTHING,
    COUNT,
    COUNTS,
    DATE,
    EXERCISE_PRICE,
    OFFSET,
    PRICE,
    PRICES,
    QUOTES,
    RATIO,
    TERMS_ARGUMENT,
    TEXT,
    Argument,
    Quotations,
    paired_sales,
)
from xladdin.functions.derivation import Step
from xladdin.functions.evaluation import Function
from xladdin.terms.model import ClassB as ClassBTerms
from xladdin.terms.model import Debentures as DebentureTerms
from xladdin.terms.model import Figure, Limits, PlacementWarrants, Selection
from xladdin.values import CellError

_Part = TypeVar("_Part")


def _need(found: _Part | None, what: str, selection: Selection) -> _Part:
    """Return a part of the deal; raise `InputError` (#REF!) if the deal has none."""
    if found is None:
        raise InputError(REF, "terms", selection.text, f"must name a deal that has {what}")
    return found


def _warrants(selection: Selection) -> PlacementWarrants:
    return _need(selection.agreement.warrants, "placement warrants", selection)


def _class_b(selection: Selection) -> ClassBTerms:
    return _need(selection.terms.class_b, "Class B warrants", selection)


def _debentures(selection: Selection) -> DebentureTerms:
    return _need(selection.terms.debentures, "debentures", selection)


def _limits(selection: Selection) -> Limits:
    return _need(selection.terms.limits, "limits", selection)


def _calendar(selection: Selection) -> Calendar:
    return calendar(selection.terms.calendar)


def _ceo_fee(gross: float, prior: float, selection: Selection) -> float:
    return fees.marginal(gross, prior, selection.agreement.schedule)


def _ceo_net(gross: float, prior: float, selection: Selection) -> float:
    return fees.net(gross, prior, selection.agreement.schedule)


def _ceo_fee_on_array(gross: Any, prior: float, selection: Selection) -> Any:
    return None if prior else arrays.marginal(gross, selection.agreement.schedule)


def _ceo_net_on_array(gross: Any, prior: float, selection: Selection) -> Any:
    return None if prior else arrays.net(gross, selection.agreement.schedule)


def _ceo_capacity(sold: float, price: float | None, selection: Selection) -> float | int:
    if price is None:
        return capacity.capacity_left(sold, selection.agreement)
    return capacity.shares_left(sold, price, selection.agreement)


def _cantor_warrants(shares: int, selection: Selection) -> int:
    return warrants.warrants_earned(shares, _warrants(selection))


def _paired(shares: Any, prices: Any) -> tuple[Any]:
    sales = paired_sales(shares, prices)
    warrants.check_sold(sales)
    return (sales,)


def _cantor_exercise_price(sales: Sequence[tuple[int, float]], selection: Selection) -> float:
    return warrants.exercise_price(sales, _warrants(selection))


def _classb_exercise_price(
    closing_bid: float, market_price: float | None, split_ratio: float, selection: Selection
) -> float:
    market = closing_bid if market_price is None else market_price
    return class_b.exercise_price(closing_bid, market, split_ratio, _class_b(selection))


def _classb_available(market_price: float, selection: Selection) -> bool:
    return class_b.available(market_price, _class_b(selection))


def _in_order(
    quotes: Quotations, issue_date: datetime.date, conversion_date: datetime.date | None
) -> tuple[Any, ...]:
    debentures.check_order(issue_date, conversion_date)
    return quotes, issue_date, conversion_date


def _debenture_conversion_price(
    quotes: Quotations,
    issue_date: datetime.date,
    conversion_date: datetime.date | None,
    selection: Selection,
) -> float:
    terms, days = _debentures(selection), _calendar(selection)
    needed = debentures.sessions_needed(issue_date, conversion_date, terms, days)
    found = quotes.on(needed)
    return debentures.conversion_price(found, issue_date, conversion_date, terms, days)


def _debenture_shares(principal: float, price: float, _selection: Selection) -> int:
    return debentures.conversion_shares(principal, price)


def _trading_day(date: datetime.date, offset: int, selection: Selection) -> datetime.date:
    return _calendar(selection).offset(date, offset)


def _nasdaq20_headroom(outstanding: int, issued: int, selection: Selection) -> int:
    return limits.headroom(issued, _limits(selection).exchange, outstanding)


def _figure(name: str, selection: Selection) -> Figure:
    figures = selection.figures
    found = figures.get(name.strip())
    if found is None:
        example = next(iter(figures))
        rule = f"must be the dotted name of a figure of {selection.text}, such as {example}"
        raise InputError(REF, "name", name, rule)
    return found


def _deal_term(name: str, selection: Selection) -> float | datetime.date | str:
    value = _figure(name, selection).value
    return float(value) if isinstance(value, Decimal | int) else value


def _deal_source(name: str, selection: Selection) -> str:
    return _figure(name, selection).source


def _explain_conversion_price(
    quotes: Quotations,
    issue_date: datetime.date,
    conversion_date: datetime.date | None,
    selection: Selection,
    value: float,
) -> Iterator[Step]:
    terms, days = _debentures(selection), _calendar(selection)
    needed = debentures.sessions_needed(issue_date, conversion_date, terms, days)
    return derivation.debenture_conversion_price(
        quotes.on(needed), issue_date, conversion_date, selection, value
    )


def _explain_figure(name: str, selection: Selection, value: object) -> Iterator[Step]:
    figure = _figure(name, selection)
    return derivation.looked_up(figure.meaning, figure.source, value)


def _version() -> str:
    return __version__


def _explain_version(value: str) -> Iterator[Step]:
    return derivation.looked_up("Version of the add-in", "the installed package", value)


HEADINGS = ("Step", "Amount", "Rate or factor", "Result", "Source")


def _explain(name: str, *arguments: Any) -> list[list[Any]]:
    """Lay out the derivation of a call as rows under headings; a row describes wrong input."""
    function = FUNCTIONS.get(name.strip().upper())
    if function is None or function.derivation is None:
        return _in_words(_not_explained(name), "")
    try:
        steps = function.explain(arguments)
    except InputError as error:
        return _in_words(error, function.source)
    return [list(HEADINGS), *([_spilled(item) for item in step] for step in steps)]


def _in_words(error: InputError, source: str) -> list[list[Any]]:
    row = [str(error), None, None, CellError(error.code), source]
    return [list(HEADINGS), [_spilled(item) for item in row]]


_MOST_LETTERS: Final = 255
"""Longest text in an array that every version of Excel accepts from a function."""


def _spilled(item: Any) -> Any:
    """Fit an item into a cell of a block that spills; a blank would show as 0 there."""
    if isinstance(item, str) and len(item) > _MOST_LETTERS:
        return f"{item[: _MOST_LETTERS - 3]}..."
    return "" if item is None else item


def _not_explained(name: str) -> InputError:
    """Make the error for a function that is unknown or has no derivation, with the closest name."""
    import difflib  # only now: Excel loads this module as it starts

    known = [item.name for item in _ALL if item.derivation]
    like = difflib.get_close_matches(name.strip().upper(), known, 1) or known
    rule = f"must name a function that can be explained, such as {like[0]}"
    return InputError(VALUE, "function", name, rule, function="EXPLAIN")


_GROSS = Argument("gross", AMOUNT, "Gross proceeds of the sale, USD.")
_PRIOR = Argument(
    "prior",
    AMOUNT,
    "Gross proceeds already sold under the same agreement, USD.",
    optional=True,
    default=0.0,
)
_OUTSTANDING = Argument("outstanding", COUNT, "Shares outstanding before the issue.")

_ALL = (
    Function(
        name="CEO_FEE",
        summary="Commission on gross proceeds, by the tiers that they fall into.",
        arguments=(_GROSS, _PRIOR, TERMS_ARGUMENT),
        result="commission, USD, unrounded",
        source="cover, S-11, S-12",
        implementation=_ceo_fee,
        each=True,
        example="=CEO_FEE(2000000,9000000)",
        twin=twins.ceo_fee,
        on_array=_ceo_fee_on_array,
        derivation=derivation.ceo_fee,
    ),
    Function(
        name="CEO_NET",
        summary="Gross proceeds less commission.",
        arguments=(_GROSS, _PRIOR, TERMS_ARGUMENT),
        result="net proceeds, USD, unrounded",
        source="cover, S-11, S-12",
        implementation=_ceo_net,
        each=True,
        example="=CEO_NET(2000000,9000000)",
        twin=twins.ceo_net,
        on_array=_ceo_net_on_array,
        derivation=derivation.ceo_net,
    ),
    Function(
        name="CEO_CAPACITY",
        summary="Dollars still unsold under the agreement; with a price, whole shares at it.",
        arguments=(
            Argument("sold", AMOUNT, "Gross proceeds sold under the agreement so far, USD."),
            Argument(
                "price",
                PRICE,
                "Price of a share, USD; asks for whole shares instead of dollars.",
                optional=True,
                default_words="none: dollars are given",
                changes_unit=True,
            ),
            TERMS_ARGUMENT,
        ),
        result="USD, or whole shares, rounded down",
        source="cover, S-11, S-12",
        implementation=_ceo_capacity,
        each=True,
        example="=CEO_CAPACITY(9000000,4.04)",
        twin=twins.ceo_capacity,
        derivation=derivation.ceo_capacity,
    ),
    Function(
        name="CANTOR_WARRANTS",
        summary="Warrants that the placement agent earns on shares sold, in all.",
        arguments=(
            Argument("shares", COUNT, "All shares sold under the agreement."),
            TERMS_ARGUMENT,
        ),
        result="whole warrants, rounded down",
        source="S-11, S-12",
        implementation=_cantor_warrants,
        each=True,
        example="=CANTOR_WARRANTS(4840)",
        twin=twins.cantor_warrants,
        derivation=derivation.cantor_warrants,
    ),
    Function(
        name="CANTOR_EXERCISE_PRICE",
        summary="Exercise price of the agent's warrants, from the volume-weighted price of sales.",
        arguments=(
            Argument("shares", COUNTS, "Shares of each sale: a range, or one cell."),
            Argument(
                "prices", PRICES, "Price of each sale, USD a share: a range of the same size."
            ),
            TERMS_ARGUMENT,
        ),
        result="USD a share, unrounded",
        source="S-11",
        implementation=_cantor_exercise_price,
        each=False,
        example="=CANTOR_EXERCISE_PRICE({1000;3000},{4;4.4})",
        twin=twins.cantor_exercise_price,
        derivation=derivation.cantor_exercise_price,
        combine=_paired,
    ),
    Function(
        name="CLASSB_EXERCISE_PRICE",
        summary="Exercise price of a Class B warrant once a redemption notice is delivered.",
        arguments=(
            Argument("closing_bid", PRICE, "Closing bid on the session after delivery, USD."),
            Argument(
                "market_price",
                PRICE,
                "Market price that decides between the two rates, USD.",
                optional=True,
                default_words="the closing bid",
            ),
            Argument(
                "split_ratio",
                RATIO,
                "Old shares per new share since issue: 25 after 1-for-25; moves the cap only.",
                optional=True,
                default=1.0,
            ),
            TERMS_ARGUMENT,
        ),
        result="USD a share, unrounded",
        source="S-7",
        implementation=_classb_exercise_price,
        each=True,
        example="=CLASSB_EXERCISE_PRICE(4.99)",
        twin=twins.classb_exercise_price,
        derivation=derivation.classb_exercise_price,
    ),
    Function(
        name="CLASSB_AVAILABLE",
        summary="Whether the Class B warrants can serve as financing at a market price.",
        arguments=(Argument("market_price", PRICE, "Market price, USD a share."), TERMS_ARGUMENT),
        result="TRUE at or above the financing floor",
        source="S-4",
        implementation=_classb_available,
        each=True,
        example="=CLASSB_AVAILABLE(2)",
        twin=twins.classb_available,
        derivation=derivation.classb_available,
    ),
    Function(
        name="DEBENTURE_CONVERSION_PRICE",
        summary="Conversion price of the debentures on a day; without a day, the initial price.",
        arguments=(
            Argument(
                "quotes",
                QUOTES,
                "Range of 2 or 3 columns: date, closing bid, market value where it differs.",
            ),
            Argument("issue_date", DATE, "Day of issuance."),
            Argument(
                "conversion_date",
                DATE,
                "Day of conversion.",
                optional=True,
                default_words="none: the initial price is given",
            ),
            TERMS_ARGUMENT,
        ),
        result="USD a share, unrounded",
        source="S-7",
        implementation=_debenture_conversion_price,
        each=False,
        example="=DEBENTURE_CONVERSION_PRICE({37200,4;37201,4.1;37202,4.2;37203,4;37204,3.9},37207)",
        twin=twins.debenture_conversion_price,
        derivation=_explain_conversion_price,
        combine=_in_order,
    ),
    Function(
        name="DEBENTURE_SHARES",
        summary="Whole shares issued when principal is converted at a price.",
        arguments=(
            Argument("principal", AMOUNT, "Principal converted, USD."),
            Argument("price", PRICE, "Conversion price, USD a share."),
            TERMS_ARGUMENT,
        ),
        result="whole shares, rounded down",
        source="S-7",
        implementation=_debenture_shares,
        each=True,
        example="=DEBENTURE_SHARES(8000000,4.848)",
        twin=twins.debenture_shares,
        derivation=derivation.debenture_shares,
    ),
    Function(
        name="TRADING_DAY",
        summary="The session some sessions away from a date; 0 gives the date or the next session.",
        arguments=(
            Argument("date", DATE, "Any day; no session counts as lying between its neighbours."),
            Argument("offset", OFFSET, "Sessions to move: forward if positive, back if negative."),
            TERMS_ARGUMENT,
        ),
        result="date of a session",
        source="S-11",
        implementation=_trading_day,
        each=True,
        example="=TRADING_DAY(DATE(2001,9,10),1)",
        twin=twins.trading_day,
        derivation=derivation.trading_day,
    ),
    Function(
        name="DEAL_TERM",
        summary="A figure of the deal, by its dotted name.",
        arguments=(
            Argument("name", TEXT, "Dotted name of the figure, such as class_b.cap_price."),
            TERMS_ARGUMENT,
        ),
        result="number, date or text",
        source="the figure's own",
        implementation=_deal_term,
        each=False,
        example='=DEAL_TERM("class_b.cap_price")',
        no_twin="it looks up the installed terms, which no native function can see",
        derivation=_explain_figure,
    ),
    Function(
        name="DEAL_SOURCE",
        summary="Where a figure of the deal comes from.",
        arguments=(
            Argument("name", TEXT, "Dotted name of the figure, such as class_b.cap_price."),
            TERMS_ARGUMENT,
        ),
        result="text, such as a page",
        source="the figure's own",
        implementation=_deal_source,
        each=False,
        example='=DEAL_SOURCE("class_b.cap_price")',
        no_twin="it looks up the installed terms, which no native function can see",
        derivation=_explain_figure,
    ),
    Function(
        name="NASDAQ20_HEADROOM",
        summary="Further shares that can be issued while staying below the exchange's limit.",
        arguments=(
            _OUTSTANDING,
            Argument(
                "issued",
                COUNT,
                "Shares issued in the same transaction so far.",
                optional=True,
                default=0,
            ),
            TERMS_ARGUMENT,
        ),
        result="whole shares; 0 where the limit is reached",
        source="S-8",
        implementation=_nasdaq20_headroom,
        each=True,
        example="=NASDAQ20_HEADROOM(21927372)",
        twin=twins.nasdaq20_headroom,
        derivation=derivation.nasdaq20_headroom,
    ),
    Function(
        name="DILUTION",
        summary="New shares over all shares after the issue.",
        arguments=(
            _OUTSTANDING,
            Argument("new_shares", COUNT, "Shares issued."),
        ),
        result="fraction from 0 to 1",
        source="S-9",
        implementation=dilution.dilution,
        each=True,
        example="=DILUTION(21862772,8593877)",
        twin=twins.dilution,
        derivation=derivation.dilution,
    ),
    Function(
        name="NET_EXERCISE_SHARES",
        summary="Shares from a cashless exercise of warrants.",
        arguments=(
            Argument("warrants", COUNT, "Warrants exercised."),
            Argument("market_price", PRICE, "Market price of a share, USD."),
            Argument("exercise_price", EXERCISE_PRICE, "Exercise price, USD a share; may be 0."),
        ),
        result="whole shares, rounded down; 0 out of the money",
        source="S-12",
        implementation=warrants.net_exercise_shares,
        each=True,
        example="=NET_EXERCISE_SHARES(484,8,5.252)",
        twin=twins.net_exercise_shares,
        derivation=derivation.net_exercise_shares,
    ),
    Function(
        name="TREASURY_STOCK_SHARES",
        summary="Incremental diluted shares of options or warrants, by the treasury stock method.",
        arguments=(
            Argument("securities", COUNT, "Shares under the options or warrants."),
            Argument("exercise_price", EXERCISE_PRICE, "Exercise price, USD a share; may be 0."),
            Argument("average_price", PRICE, "Average market price of the period, USD a share."),
        ),
        result="shares, unrounded; 0 out of the money",
        source="treasury stock method (ASC 260-10-45-23)",
        implementation=dilution.treasury_stock_shares,
        each=True,
        example="=TREASURY_STOCK_SHARES(405000,5.69,8)",
        twin=twins.treasury_stock_shares,
        derivation=derivation.treasury_stock_shares,
    ),
    Function(
        name="EXPLAIN",
        summary="How a figure came about: the steps of a call, each with the clause it rests on.",
        arguments=(
            Argument("function", TEXT, "Name of the function, such as CEO_FEE."),
            Argument(
                "arg",
                ANYTHING,
                "Its arguments, in order; one cell each where it would work on every cell of a "
                "range.",
                optional=True,
                default_words="none",
            ),
        ),
        result="rows of step, amount, rate or factor, result and source, under headings",
        source="each step's own",
        implementation=_explain,
        each=False,
        example='=EXPLAIN("CEO_FEE",2000000,9000000)',
        no_twin="it derives another function, and its last step is checked against that function",
        variadic=True,
        spills=True,
    ),
    Function(
        name="XLADDIN_VERSION",
        summary="Version of the add-in.",
        arguments=(),
        result="text",
        source="the installed package",
        implementation=_version,
        each=False,
        example="=XLADDIN_VERSION()",
        no_twin="it is about the add-in itself",
        derivation=_explain_version,
    ),
)

FUNCTIONS: Mapping[str, Function] = MappingProxyType({item.name: item for item in _ALL})
"""The worksheet functions, by name."""
