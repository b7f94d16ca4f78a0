"""The worksheet functions for Python, in lower case.

Generated from the registry by ``python -m tools.generate``.
"""

from __future__ import annotations

import datetime
from typing import Any, Literal, overload

from xladdin.functions.python_calls import (
    Date,
    Dates,
    Errors,
    Number,
    Numbers,
    Quotes,
    Rows,
)
from xladdin.functions.python_calls import call as _call
from xladdin.functions.registry import FUNCTIONS as _FUNCTIONS

__all__ = [
    "antidilution_price",
    "cantor_exercise_price",
    "cantor_warrants",
    "ceo_capacity",
    "ceo_fee",
    "ceo_net",
    "classb_available",
    "classb_exercise_price",
    "deal_fee",
    "deal_price",
    "deal_source",
    "deal_term",
    "debenture_conversion_price",
    "debenture_shares",
    "diluted_eps",
    "dilution",
    "explain",
    "float_headroom",
    "issue_headroom",
    "make_whole",
    "nasdaq20_headroom",
    "net_exercise_shares",
    "offering_dilution",
    "ownership_headroom",
    "settlement_date",
    "split_adjusted",
    "trading_day",
    "treasury_stock_shares",
    "warrant_value",
    "weighted_shares",
    "xladdin_version",
]


@overload
def ceo_fee(
    gross: Number,
    prior: Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> float: ...
@overload
def ceo_fee(
    gross: Numbers | Number,
    prior: Numbers | Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def ceo_fee(
    gross: Numbers | Number,
    prior: Numbers | Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """Commission on gross proceeds, by the tiers that they fall into.

    Args:
        gross: Gross proceeds of the sale, USD. A number of at least 0.
        prior: Gross proceeds already sold under the same agreement, USD. A number of at least 0.
            Default: 0.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        Commission, USD, unrounded. Arrays give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #REF! a deal, agreement
            or figure that is not there.

    Source: NEOT-2001, cover, S-11, S-12.

    Example:
        >>> import xladdin
        >>> xladdin.ceo_fee(2_000_000, 9_000_000)
        75000.0
    """
    return _call(_FUNCTIONS["CEO_FEE"], (gross, prior, terms), errors)


@overload
def ceo_net(
    gross: Number,
    prior: Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> float: ...
@overload
def ceo_net(
    gross: Numbers | Number,
    prior: Numbers | Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def ceo_net(
    gross: Numbers | Number,
    prior: Numbers | Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """Gross proceeds less commission.

    Args:
        gross: Gross proceeds of the sale, USD. A number of at least 0.
        prior: Gross proceeds already sold under the same agreement, USD. A number of at least 0.
            Default: 0.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        Net proceeds, USD, unrounded. Arrays give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #REF! a deal, agreement
            or figure that is not there.

    Source: NEOT-2001, cover, S-11, S-12.

    Example:
        >>> import xladdin
        >>> xladdin.ceo_net(2_000_000, 9_000_000)
        1925000.0
    """
    return _call(_FUNCTIONS["CEO_NET"], (gross, prior, terms), errors)


@overload
def deal_fee(
    amount: Number,
    prior: Number | None = None,
    rate: Number | None = None,
    schedule: str | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> float | int: ...
@overload
def deal_fee(
    amount: Numbers | Number,
    prior: Numbers | Number | None = None,
    rate: Numbers | Number | None = None,
    schedule: str | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def deal_fee(
    amount: Numbers | Number,
    prior: Numbers | Number | None = None,
    rate: Numbers | Number | None = None,
    schedule: str | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """Fee on an amount by a schedule of the deal, or by the agreement's commission.

    Args:
        amount: Gross proceeds of the sale, USD. A number of at least 0.
        prior: Gross proceeds already sold under the same schedule, USD. A number of at least 0.
            Default: 0.
        rate: This sale's own rate, where the contract's rates are the most: it replaces them.
            Default: the schedule's rates.
        schedule: Key of the schedule in the deal. Default: the agreement's commission.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        USD, unrounded; whole shares or warrants where the fee is paid in these. Arrays give an
            array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #REF! a deal, agreement
            or figure that is not there.

    Source: The deal's own clauses.

    Example:
        >>> import xladdin
        >>> xladdin.deal_fee(2_000_000, 9_000_000)
        75000.0
    """
    return _call(_FUNCTIONS["DEAL_FEE"], (amount, prior, rate, schedule, terms), errors)


@overload
def ceo_capacity(
    sold: Number,
    price: Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> float | int: ...
@overload
def ceo_capacity(
    sold: Numbers | Number,
    price: Numbers | Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def ceo_capacity(
    sold: Numbers | Number,
    price: Numbers | Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """Dollars still unsold under the agreement; with a price, whole shares at it.

    Args:
        sold: Gross proceeds sold under the agreement so far, USD; shares sold so far where its
            capacity is a count of shares, unrounded where a split carries them. A number of at
            least 0.
        price: Price of a share, USD; asks for whole shares instead of dollars. Left out where the
            capacity is in shares. A number above 0 (USD a share). Default: none: dollars are given.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        USD; whole shares, rounded down, with a price or where the capacity is in shares. Arrays
            give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #REF! a deal, agreement
            or figure that is not there.

    Source: NEOT-2001, cover, S-11, S-12.

    Example:
        >>> import xladdin
        >>> xladdin.ceo_capacity(9_000_000, 4.04)
        3960396
    """
    return _call(_FUNCTIONS["CEO_CAPACITY"], (sold, price, terms), errors)


@overload
def cantor_warrants(
    shares: Number,
    terms: str | None = None,
    *,
    errors: Literal["raise"] = "raise",
) -> int: ...
@overload
def cantor_warrants(
    shares: Number,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> int | float: ...
@overload
def cantor_warrants(
    shares: Numbers | Number,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def cantor_warrants(
    shares: Numbers | Number,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """Warrants that the placement agent earns on shares sold, in all.

    Args:
        shares: All shares sold under the agreement. A whole number of at least 0.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        Whole warrants, rounded down unless the deal has it otherwise. Arrays give an array of the
            same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #REF! a deal, agreement
            or figure that is not there.

    Source: NEOT-2001, S-11, S-12.

    Example:
        >>> import xladdin
        >>> xladdin.cantor_warrants(4840)
        484
    """
    return _call(_FUNCTIONS["CANTOR_WARRANTS"], (shares, terms), errors)


def cantor_exercise_price(
    shares: Numbers | Number,
    prices: Numbers | Number,
    terms: str | None = None,
) -> float:
    """Exercise price of the agent's warrants, from the volume-weighted price of sales.

    Args:
        shares: Shares of each sale: a range, or one cell.
        prices: Price of each sale, USD a share: a range of the same size.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.

    Returns:
        USD a share, unrounded.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #REF! a deal, agreement
            or figure that is not there.

    Source: NEOT-2001, S-11.

    Example:
        >>> import xladdin
        >>> xladdin.cantor_exercise_price([1000, 3000], [4, 4.4])
        5.59
    """
    value: float = _call(_FUNCTIONS["CANTOR_EXERCISE_PRICE"], (shares, prices, terms))
    return value


@overload
def classb_exercise_price(
    closing_bid: Number,
    market_price: Number | None = None,
    split_ratio: Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> float: ...
@overload
def classb_exercise_price(
    closing_bid: Numbers | Number,
    market_price: Numbers | Number | None = None,
    split_ratio: Numbers | Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def classb_exercise_price(
    closing_bid: Numbers | Number,
    market_price: Numbers | Number | None = None,
    split_ratio: Numbers | Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """Exercise price of a Class B warrant once a redemption notice is delivered.

    Args:
        closing_bid: Closing bid on the session after delivery, USD. A number above 0 (USD a share).
        market_price: Market price that decides between the two rates, USD. A number above 0 (USD a
            share). Default: the closing bid.
        split_ratio: Old shares per new share since issue: 25 after 1-for-25; moves the cap only. A
            number above 0 (old shares per new share). Default: 1.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        USD a share, unrounded. Arrays give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #REF! a deal, agreement
            or figure that is not there.

    Source: NEOT-2001, S-7.

    Example:
        >>> import xladdin
        >>> xladdin.classb_exercise_price(4.99)
        4.7405
    """
    return _call(
        _FUNCTIONS["CLASSB_EXERCISE_PRICE"], (closing_bid, market_price, split_ratio, terms), errors
    )


@overload
def classb_available(
    market_price: Number,
    terms: str | None = None,
    *,
    errors: Literal["raise"] = "raise",
) -> bool: ...
@overload
def classb_available(
    market_price: Number,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> bool | float: ...
@overload
def classb_available(
    market_price: Numbers | Number,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def classb_available(
    market_price: Numbers | Number,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """Whether the Class B warrants can serve as financing at a market price.

    Args:
        market_price: Market price, USD a share. A number above 0.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        TRUE at or above the financing floor. Arrays give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #REF! a deal, agreement
            or figure that is not there.

    Source: NEOT-2001, S-4.

    Example:
        >>> import xladdin
        >>> xladdin.classb_available(2)
        True
    """
    return _call(_FUNCTIONS["CLASSB_AVAILABLE"], (market_price, terms), errors)


def debenture_conversion_price(
    quotes: Quotes,
    issue_date: Date,
    conversion_date: Date | None = None,
    terms: str | None = None,
) -> float:
    """Conversion price of the debentures on a day; without a day, the initial price.

    Args:
        quotes: Range of 2 or 3 columns: date, closing bid, market value where it differs.
        issue_date: Day of issuance. A date.
        conversion_date: Day of conversion. A date. Default: none: the initial price is given.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.

    Returns:
        USD a share, unrounded.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #N/A a session of a
            window without a closing bid, or no leg that counts; #REF! a deal, agreement or figure
            that is not there.

    Source: NEOT-2001, S-7.

    Example:
        >>> import xladdin
        >>> from datetime import date
        >>> quotes = {
        ...     date(2001, 11, 5): 4,
        ...     date(2001, 11, 6): 4.1,
        ...     date(2001, 11, 7): 4.2,
        ...     date(2001, 11, 8): 4,
        ...     date(2001, 11, 9): 3.9,
        ... }
        >>> xladdin.debenture_conversion_price(quotes, date(2001, 11, 12))
        4.848
    """
    value: float = _call(
        _FUNCTIONS["DEBENTURE_CONVERSION_PRICE"], (quotes, issue_date, conversion_date, terms)
    )
    return value


@overload
def debenture_shares(
    principal: Number,
    price: Number,
    terms: str | None = None,
    *,
    errors: Literal["raise"] = "raise",
) -> int: ...
@overload
def debenture_shares(
    principal: Number,
    price: Number,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> int | float: ...
@overload
def debenture_shares(
    principal: Numbers | Number,
    price: Numbers | Number,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def debenture_shares(
    principal: Numbers | Number,
    price: Numbers | Number,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """Whole shares issued when principal is converted at a price.

    Args:
        principal: Principal converted, USD. A number of at least 0.
        price: Conversion price, USD a share. A number above 0.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        Whole shares, rounded down unless the deal's notes have it otherwise. Arrays give an array
            of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #REF! a deal, agreement
            or figure that is not there.

    Source: NEOT-2001, S-7.

    Example:
        >>> import xladdin
        >>> xladdin.debenture_shares(8_000_000, 4.848)
        1650165
    """
    return _call(_FUNCTIONS["DEBENTURE_SHARES"], (principal, price, terms), errors)


@overload
def trading_day(
    date: Date,
    offset: Number,
    terms: str | None = None,
    *,
    errors: Literal["raise"] = "raise",
) -> datetime.date: ...
@overload
def trading_day(
    date: Date,
    offset: Number,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> datetime.date | float: ...
@overload
def trading_day(
    date: Dates | Date,
    offset: Numbers | Number,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def trading_day(
    date: Dates | Date,
    offset: Numbers | Number,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """The session some sessions away from a date; 0 gives the date or the next session.

    Args:
        date: Any day; no session counts as lying between its neighbours. A date.
        offset: Sessions to move: forward if positive, back if negative. A whole number (sessions).
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        Date of a session. Arrays give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #REF! a deal, agreement
            or figure that is not there.

    Source: NEOT-2001, S-11.

    Example:
        >>> import xladdin
        >>> from datetime import date
        >>> xladdin.trading_day(date(2001, 9, 10), 1)
        datetime.date(2001, 9, 17)
    """
    return _call(_FUNCTIONS["TRADING_DAY"], (date, offset, terms), errors)


@overload
def settlement_date(
    date: Date,
    terms: str | None = None,
    *,
    errors: Literal["raise"] = "raise",
) -> datetime.date: ...
@overload
def settlement_date(
    date: Date,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> datetime.date | float: ...
@overload
def settlement_date(
    date: Dates | Date,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def settlement_date(
    date: Dates | Date,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """The day on which shares sold on a date are delivered, by the agreement.

    Args:
        date: Day of the sale; no session counts as lying between neighbours. A date.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        Date of a session. Arrays give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #REF! a deal, agreement
            or figure that is not there.

    Source: The agreement's clause of delivery; NEOT-2001, S-11.

    Example:
        >>> import xladdin
        >>> from datetime import date
        >>> xladdin.settlement_date(date(2001, 11, 1))
        datetime.date(2001, 11, 6)
    """
    return _call(_FUNCTIONS["SETTLEMENT_DATE"], (date, terms), errors)


def deal_term(name: str, terms: str | None = None) -> float | datetime.date | str:
    """A figure or word of the deal, by its dotted name.

    Args:
        name: Dotted name of the figure or word, such as class_b.cap_price.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.

    Returns:
        Number, date or text.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #REF! a deal, agreement or figure that is not there.

    Source: The figure's own.

    Example:
        >>> import xladdin
        >>> xladdin.deal_term("class_b.cap_price")
        33.75
    """
    value: float | datetime.date | str = _call(_FUNCTIONS["DEAL_TERM"], (name, terms))
    return value


def deal_source(name: str, terms: str | None = None) -> str:
    """Where a figure or word of the deal comes from.

    Args:
        name: Dotted name of the figure or word, such as class_b.cap_price.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.

    Returns:
        Text, such as a page.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #REF! a deal, agreement or figure that is not there.

    Source: The figure's own.

    Example:
        >>> import xladdin
        >>> xladdin.deal_source("class_b.cap_price")
        'S-7'
    """
    value: str = _call(_FUNCTIONS["DEAL_SOURCE"], (name, terms))
    return value


@overload
def nasdaq20_headroom(
    outstanding: Number,
    issued: Number | None = None,
    terms: str | None = None,
    *,
    errors: Literal["raise"] = "raise",
) -> int: ...
@overload
def nasdaq20_headroom(
    outstanding: Number,
    issued: Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> int | float: ...
@overload
def nasdaq20_headroom(
    outstanding: Numbers | Number,
    issued: Numbers | Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def nasdaq20_headroom(
    outstanding: Numbers | Number,
    issued: Numbers | Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """Further shares that can be issued while staying below the exchange's limit.

    Args:
        outstanding: Shares outstanding before the issue. A whole number of at least 0 (shares).
        issued: Shares issued in the same transaction so far. A whole number of at least 0 (shares).
            Default: 0.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        Whole shares; 0 where the limit is reached. Arrays give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #REF! a deal, agreement
            or figure that is not there.

    Source: NEOT-2001, S-8.

    Example:
        >>> import xladdin
        >>> xladdin.nasdaq20_headroom(21_927_372)
        4385474
    """
    return _call(_FUNCTIONS["NASDAQ20_HEADROOM"], (outstanding, issued, terms), errors)


@overload
def issue_headroom(
    cap: str,
    issued: Number | None = None,
    average_price: Number | None = None,
    terms: str | None = None,
    *,
    errors: Literal["raise"] = "raise",
) -> int: ...
@overload
def issue_headroom(
    cap: str,
    issued: Number | None = None,
    average_price: Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> int | float: ...
@overload
def issue_headroom(
    cap: str,
    issued: Numbers | Number | None = None,
    average_price: Numbers | Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def issue_headroom(
    cap: str,
    issued: Numbers | Number | None = None,
    average_price: Numbers | Number | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """Further shares that can be issued within one of the deal's caps.

    Args:
        cap: Key of the cap in the deal, such as exchange.
        issued: Shares issued under it so far. A whole number of at least 0 (shares). Default: 0.
        average_price: Average price of the issue, USD, which may lift the cap. A number above 0
            (USD a share). Default: none: no cap is lifted.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        Whole shares; 0 where the cap is reached. Arrays give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #N/A an average price
            that lifts the cap where no other cap on shares holds; #REF! a deal, agreement or figure
            that is not there.

    Source: The deal's own clauses.

    Example:
        >>> import xladdin
        >>> xladdin.issue_headroom("exchange", 4_000_000)
        372554
    """
    return _call(_FUNCTIONS["ISSUE_HEADROOM"], (cap, issued, average_price, terms), errors)


def float_headroom(
    shares: Number,
    price: Number,
    sales: Rows,
    date: Date,
    offered: Number | None = None,
    terms: str | None = None,
) -> float:
    """Dollars that can still be sold under the baby-shelf rule, or the deal's cap like it.

    Args:
        shares: Shares held by non-affiliates. A whole number of at least 0.
        price: Price at which they are valued, USD. A number above 0 (USD a share).
        sales: Range of 2 columns: date and USD of each sale under the rule.
        date: Day of the test. A date.
        offered: Offered now, USD. A number of at least 0. Default: 0.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.

    Returns:
        USD, unrounded; #N/A where sales are not limited.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #N/A a float from which
            on sales are not limited; #REF! a deal, agreement or figure that is not there.

    Source: Form S-3, General Instruction I.B.6.

    Example:
        >>> import xladdin
        >>> from datetime import date
        >>> sales = [
        ...     [date(2022, 8, 27), 0],
        ... ]
        >>> xladdin.float_headroom(23_690_126, 2.12, sales, date(2023, 3, 23))
        16741022.373333335
    """
    value: float = _call(_FUNCTIONS["FLOAT_HEADROOM"], (shares, price, sales, date, offered, terms))
    return value


@overload
def ownership_headroom(
    outstanding: Number,
    held: Number | None = None,
    limit: Number | None = None,
    *,
    errors: Literal["raise"] = "raise",
) -> int: ...
@overload
def ownership_headroom(
    outstanding: Number,
    held: Number | None = None,
    limit: Number | None = None,
    *,
    errors: Errors = "raise",
) -> int | float: ...
@overload
def ownership_headroom(
    outstanding: Numbers | Number,
    held: Numbers | Number | None = None,
    limit: Numbers | Number | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def ownership_headroom(
    outstanding: Numbers | Number,
    held: Numbers | Number | None = None,
    limit: Numbers | Number | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """Whole shares that a holder may take under a limit on beneficial ownership.

    Args:
        outstanding: Shares outstanding before the issue. A whole number of at least 0 (shares).
        held: Shares that the holder has. A whole number of at least 0 (shares). Default: 0.
        limit: Part of all shares that the holder may have, such as 4.99%. Default: 0.0499.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        Whole shares, rounded down, not below 0. Arrays give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds.

    Source: Beneficial ownership limitation (Exchange Act Section 13(d)).

    Example:
        >>> import xladdin
        >>> xladdin.ownership_headroom(10_000_000)
        525207
    """
    return _call(_FUNCTIONS["OWNERSHIP_HEADROOM"], (outstanding, held, limit), errors)


def deal_price(
    formula: str,
    quotes: Quotes,
    event_date: Date | None = None,
    issue_date: Date | None = None,
    terms: str | None = None,
) -> float:
    """Price by a formula of the deal: the least or greatest of its legs, within its bounds.

    Args:
        formula: Key of the price formula in the deal, such as debenture.
        quotes: Range with headings, dates in its first column; or date, closing bid, market value.
        event_date: Day of the sale, purchase or conversion. A date. Default: none.
        issue_date: Day of issue. A date. Default: none.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.

    Returns:
        USD a share, unrounded unless the formula rounds.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #N/A a session of a
            window without a quotation, or no leg that counts; #REF! a deal, agreement or figure
            that is not there.

    Source: The deal's own clauses.

    Example:
        >>> import xladdin
        >>> from datetime import date
        >>> quotes = [
        ...     [date(2001, 11, 5), 4],
        ...     [date(2001, 11, 6), 4.1],
        ...     [date(2001, 11, 7), 4.2],
        ...     [date(2001, 11, 8), 4],
        ...     [date(2001, 11, 9), 3.9],
        ... ]
        >>> xladdin.deal_price("debenture", quotes, None, date(2001, 11, 12))
        4.848
    """
    value: float = _call(_FUNCTIONS["DEAL_PRICE"], (formula, quotes, event_date, issue_date, terms))
    return value


@overload
def dilution(outstanding: Number, new_shares: Number, *, errors: Errors = "raise") -> float: ...
@overload
def dilution(
    outstanding: Numbers | Number,
    new_shares: Numbers | Number,
    *,
    errors: Errors = "raise",
) -> Any: ...
def dilution(
    outstanding: Numbers | Number,
    new_shares: Numbers | Number,
    *,
    errors: Errors = "raise",
) -> Any:
    """New shares over all shares after the issue.

    Args:
        outstanding: Shares outstanding before the issue. A whole number of at least 0 (shares).
        new_shares: Shares issued. A whole number of at least 0.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        Fraction from 0 to 1. Arrays give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds.

    Source: NEOT-2001, S-9.

    Example:
        >>> import xladdin
        >>> xladdin.dilution(21_862_772, 8_593_877)
        0.28216751619654545
    """
    return _call(_FUNCTIONS["DILUTION"], (outstanding, new_shares), errors)


@overload
def antidilution_price(
    price: Number,
    outstanding: Number,
    new_shares: Number,
    new_price: Number,
    method: str | None = None,
    *,
    errors: Errors = "raise",
) -> float: ...
@overload
def antidilution_price(
    price: Numbers | Number,
    outstanding: Numbers | Number,
    new_shares: Numbers | Number,
    new_price: Numbers | Number,
    method: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def antidilution_price(
    price: Numbers | Number,
    outstanding: Numbers | Number,
    new_shares: Numbers | Number,
    new_price: Numbers | Number,
    method: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """Conversion price after a cheaper issue: weighted average or full ratchet.

    Args:
        price: Conversion price before, USD. A number above 0 (USD a share).
        outstanding: Shares outstanding before the issue; under a broad-based clause with those that
            options and convertible securities would add. A whole number of at least 0 (shares).
        new_shares: Shares issued. A whole number of at least 0.
        new_price: Price of these, USD a share; may be 0. A number of at least 0.
        method: Method: "weighted average" or "full ratchet". Default: weighted average.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        USD a share, unrounded; never above the price before. Arrays give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds.

    Source: Broad-based weighted average, or full ratchet, of the usual clauses.

    Example:
        >>> import xladdin
        >>> xladdin.antidilution_price(1, 10_000_000, 5_000_000, 0.5)
        0.8333333333333334
    """
    return _call(
        _FUNCTIONS["ANTIDILUTION_PRICE"],
        (price, outstanding, new_shares, new_price, method),
        errors,
    )


def offering_dilution(
    offer_price: Number,
    new_shares: Number,
    book_value: Number,
    outstanding: Number,
    costs: Number | None = None,
) -> list[list[float]]:
    """The five lines of a prospectus's table of dilution, one below the other.

    Args:
        offer_price: Price of the offering, USD a share. A number above 0.
        new_shares: Shares offered. A whole number of at least 0.
        book_value: Net tangible book value before, USD; may be negative. A number.
        outstanding: Shares outstanding before. A whole number above 0 (shares).
        costs: Fees and expenses, USD. A number of at least 0. Default: 0.

    Returns:
        Price; book value a share before; increase; after; dilution: USD a share, 5 rows.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds.

    Source: Regulation S-K, Item 506.

    Example:
        >>> import xladdin
        >>> for row in xladdin.offering_dilution(1.2, 5_000_000, 43_899_000, 22_597_907, 610_000):
        ...     print(row)
        [1.2]
        [1.9426135349614457]
        [-0.1566447656631073]
        [1.7859687692983384]
        [-0.5859687692983384]
    """
    value: list[list[float]] = _call(
        _FUNCTIONS["OFFERING_DILUTION"], (offer_price, new_shares, book_value, outstanding, costs)
    )
    return value


@overload
def split_adjusted(
    value: Number,
    from_date: Date,
    to_date: Date | None = None,
    what: str | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> float: ...
@overload
def split_adjusted(
    value: Numbers | Number,
    from_date: Dates | Date,
    to_date: Dates | Date | None = None,
    what: str | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def split_adjusted(
    value: Numbers | Number,
    from_date: Dates | Date,
    to_date: Dates | Date | None = None,
    what: str | None = None,
    terms: str | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """A price or a count carried over the deal's splits from one day to another.

    Args:
        value: The price, USD a share, or the count.
        from_date: Day in whose shares it is. A date.
        to_date: Day in whose shares it is wanted. Before from_date, the value stays as it is. A
            date. Default: the day in terms, or after the last action.
        what: What it is: "price" or "count". Default: price.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        USD a share, or a count, unrounded. Arrays give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #REF! a deal, agreement
            or figure that is not there.

    Source: The deal's own splits.

    Example:
        >>> import xladdin
        >>> from datetime import date
        >>> xladdin.split_adjusted(11.5, date(2022, 7, 20))
        11.5
    """
    return _call(_FUNCTIONS["SPLIT_ADJUSTED"], (value, from_date, to_date, what, terms), errors)


@overload
def net_exercise_shares(
    warrants: Number,
    market_price: Number,
    exercise_price: Number,
    *,
    errors: Literal["raise"] = "raise",
) -> int: ...
@overload
def net_exercise_shares(
    warrants: Number,
    market_price: Number,
    exercise_price: Number,
    *,
    errors: Errors = "raise",
) -> int | float: ...
@overload
def net_exercise_shares(
    warrants: Numbers | Number,
    market_price: Numbers | Number,
    exercise_price: Numbers | Number,
    *,
    errors: Errors = "raise",
) -> Any: ...
def net_exercise_shares(
    warrants: Numbers | Number,
    market_price: Numbers | Number,
    exercise_price: Numbers | Number,
    *,
    errors: Errors = "raise",
) -> Any:
    """Shares from a cashless exercise of warrants.

    Args:
        warrants: Warrants exercised. A whole number of at least 0 (shares).
        market_price: Market price of a share, USD. A number above 0 (USD a share).
        exercise_price: Exercise price, USD a share; may be 0. A number of at least 0.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        Whole shares, rounded down; 0 out of the money. Arrays give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds.

    Source: NEOT-2001, S-12.

    Example:
        >>> import xladdin
        >>> xladdin.net_exercise_shares(484, 8, 5.252)
        166
    """
    return _call(
        _FUNCTIONS["NET_EXERCISE_SHARES"], (warrants, market_price, exercise_price), errors
    )


@overload
def treasury_stock_shares(
    securities: Number,
    exercise_price: Number,
    average_price: Number,
    *,
    errors: Errors = "raise",
) -> float: ...
@overload
def treasury_stock_shares(
    securities: Numbers | Number,
    exercise_price: Numbers | Number,
    average_price: Numbers | Number,
    *,
    errors: Errors = "raise",
) -> Any: ...
def treasury_stock_shares(
    securities: Numbers | Number,
    exercise_price: Numbers | Number,
    average_price: Numbers | Number,
    *,
    errors: Errors = "raise",
) -> Any:
    """Incremental diluted shares of options or warrants, by the treasury stock method.

    Args:
        securities: Shares under the options or warrants. A whole number of at least 0 (shares).
        exercise_price: Exercise price, USD a share; may be 0. A number of at least 0.
        average_price: Average market price of the period, USD a share. A number above 0.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        Shares, unrounded; 0 out of the money. Arrays give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds.

    Source: Treasury stock method (ASC 260-10-45-23).

    Example:
        >>> import xladdin
        >>> xladdin.treasury_stock_shares(405_000, 5.69, 8)
        116943.74999999999
    """
    return _call(
        _FUNCTIONS["TREASURY_STOCK_SHARES"], (securities, exercise_price, average_price), errors
    )


def weighted_shares(changes: Rows, start: Date, end: Date, terms: str | None = None) -> float:
    """Weighted average shares outstanding in a period, by days.

    Args:
        changes: Range of 2 columns: date and shares, negative for those retired; with the opening.
        start: First day of the period. A date.
        end: Last day of the period; both days count. A date.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            NEOT-2001.

    Returns:
        Shares, unrounded, after the deal's splits.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #REF! a deal, agreement
            or figure that is not there.

    Source: ASC 260-10-45-10.

    Example:
        >>> import xladdin
        >>> from datetime import date
        >>> changes = [
        ...     [date(2020, 5, 1), 90_000],
        ...     [date(2021, 4, 1), 30_000],
        ...     [date(2021, 7, 1), -39000],
        ...     [date(2021, 11, 1), 60_000],
        ... ]
        >>> xladdin.weighted_shares(changes, date(2021, 1, 1), date(2021, 12, 31))
        102969.86301369863
    """
    value: float = _call(_FUNCTIONS["WEIGHTED_SHARES"], (changes, start, end, terms))
    return value


def diluted_eps(income: Number, shares: Number, securities: Rows) -> float:
    """Diluted earnings a share: each security joins only if earnings a share fall by it.

    Args:
        income: Income to common stockholders, USD; negative for a loss. A number.
        shares: Weighted average shares. A number above 0.
        securities: Range of 3 columns: name, what its conversion adds to income in USD, more
            shares.

    Returns:
        USD a share, unrounded; the basic figure where nothing dilutes.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds.

    Source: ASC 260-10-45-16 to 45-18, 260-10-55-64.

    Example:
        >>> import xladdin
        >>> xladdin.diluted_eps(750_000, 690_000, [["bonds", 2100, 10_000]])
        1.0744285714285715
    """
    value: float = _call(_FUNCTIONS["DILUTED_EPS"], (income, shares, securities))
    return value


@overload
def warrant_value(
    price: Number,
    exercise_price: Number,
    years: Number,
    volatility: Number,
    rate: Number,
    dividend_yield: Number | None = None,
    *,
    errors: Errors = "raise",
) -> float: ...
@overload
def warrant_value(
    price: Numbers | Number,
    exercise_price: Numbers | Number,
    years: Numbers | Number,
    volatility: Numbers | Number,
    rate: Numbers | Number,
    dividend_yield: Numbers | Number | None = None,
    *,
    errors: Errors = "raise",
) -> Any: ...
def warrant_value(
    price: Numbers | Number,
    exercise_price: Numbers | Number,
    years: Numbers | Number,
    volatility: Numbers | Number,
    rate: Numbers | Number,
    dividend_yield: Numbers | Number | None = None,
    *,
    errors: Errors = "raise",
) -> Any:
    """Value of a warrant as a European call, by Black, Scholes and Merton.

    Args:
        price: Price of the share, USD. A number above 0 (USD a share).
        exercise_price: Exercise price, USD a share; may be 0. A number of at least 0.
        years: Years to expiry.
        volatility: Volatility a year, such as 80%.
        rate: Riskless rate a year, continuously compounded.
        dividend_yield: Dividend yield a year, continuously compounded. Default: 0.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        USD, within 1E-12 of the larger of price and exercise price. Arrays give an array of the
            same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds.

    Source: Merton (1973); Hull, Options, Futures, and Other Derivatives.

    Example:
        >>> import xladdin
        >>> xladdin.warrant_value(42, 40, 0.5, 0.2, 0.1)
        4.759422392871532
    """
    return _call(
        _FUNCTIONS["WARRANT_VALUE"],
        (price, exercise_price, years, volatility, rate, dividend_yield),
        errors,
    )


@overload
def make_whole(grid: Rows, row: Number, column: Number, *, errors: Errors = "raise") -> float: ...
@overload
def make_whole(
    grid: Rows,
    row: Numbers | Number,
    column: Numbers | Number,
    *,
    errors: Errors = "raise",
) -> Any: ...
def make_whole(
    grid: Rows,
    row: Numbers | Number,
    column: Numbers | Number,
    *,
    errors: Errors = "raise",
) -> Any:
    """A figure of a redemption or make-whole table, on straight lines between its figures.

    Args:
        grid: Range with headings in its first row and first column.
        row: Where to read among the rows; beyond an edge, the edge.
        column: Where to read among the columns.
        errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.

    Returns:
        The table's unit, unrounded. Arrays give an array of the same kind.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments; #NUM! a number out of bounds; #N/A a blank among the
            cells that are read.

    Source: The deal's own table.

    Example:
        >>> import xladdin
        >>> xladdin.make_whole([[0, 10, 11], [60, 0.261, 0.281], [57, 0.257, 0.277]], 58.5, 10.5)
        0.269
    """
    return _call(_FUNCTIONS["MAKE_WHOLE"], (grid, row, column), errors)


def explain(function: str, *arg: Any) -> list[list[Any]]:
    """How a figure came about: the steps of a call, each with the clause it rests on.

    Args:
        function: Name of the function, such as CEO_FEE.
        arg: Its arguments, in order; one cell each where it would work on every cell of a range.
            Default: none.

    Returns:
        Rows of step, amount, rate or factor, result and source, under headings.

    Raises:
        InputError: Its code says what is wrong: #VALUE! an argument of the wrong type, ranges that
            do not fit, or too many arguments.

    Source: Each step's own.

    Example:
        >>> import xladdin
        >>> for row in xladdin.explain("CEO_FEE", 2_000_000, 9_000_000):
        ...     print(row)
        ['Step', 'Amount', 'Rate or factor', 'Result', 'Source']
        ['Sold before under the agreement', 9000000.0, '', 9000000.0, '']
        ['Tier 1, from 0 to 10,000,000', 1000000.0, 0.04, 40000.0, 'cover, S-11']
        ['Tier 2, from 10,000,000 to 20,000,000', 1000000.0, 0.035, 35000.0, 'cover, S-11']
        ['Commission', 2000000.0, '', 75000.0, 'cover, S-11']
    """
    value: list[list[Any]] = _call(_FUNCTIONS["EXPLAIN"], (function, *arg))
    return value


def xladdin_version() -> str:
    """Version of the add-in.

    Returns:
        Text.

    Source: The installed package.

    Example:
        >>> import xladdin
        >>> xladdin.xladdin_version() == xladdin.__version__
        True
    """
    value: str = _call(_FUNCTIONS["XLADDIN_VERSION"], ())
    return value
