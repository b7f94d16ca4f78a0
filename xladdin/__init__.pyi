"""Contract arithmetic for equity programmes, warrants and convertible debentures.

Written by ``python -m xladdin.hosts.stub`` from the registry; a test fails when it is behind.
"""

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol, TypeAlias, overload

from xladdin.core.errors import FileError as FileError
from xladdin.core.errors import InputError as InputError
from xladdin.core.errors import TermsError as TermsError
from xladdin.recalculation import recalc as recalc
from xladdin.templates import build as build
from xladdin.templates.upgrading import upgrade as upgrade
from xladdin.terms import load_terms as load_terms
from xladdin.verification import verify as verify

__version__: str

class _HasArray(Protocol):
    """A NumPy array, or what NumPy reads as one."""

    def __array__(self) -> Any: ...

_Number: TypeAlias = float | Decimal | Fraction
_Date: TypeAlias = datetime.date | float
_Text: TypeAlias = str
_Numbers: TypeAlias = Sequence[_Number | None] | Sequence[Sequence[_Number | None]] | _HasArray
_Dates: TypeAlias = Sequence[_Date | None] | Sequence[Sequence[_Date | None]] | _HasArray
_Quotes: TypeAlias = Sequence[Sequence[Any]] | Mapping[datetime.date, Any] | _HasArray

@overload
def ceo_fee(gross: _Number, prior: _Number | None = None, terms: _Text | None = None) -> float:
    """Commission on gross proceeds, by the tiers that they fall into.

    Args:
        gross: Gross proceeds of the sale, USD.
        prior: Gross proceeds already sold under the same agreement, USD. Default: 0.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            'NEOT-2001'.

    Returns:
        Commission, USD, unrounded.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: Cover, S-11, S-12.
    """

@overload
def ceo_fee(
    gross: _Numbers | _Number,
    prior: _Numbers | _Number | None = None,
    terms: _Text | None = None,
) -> Any:
    """Commission on gross proceeds, by the tiers that they fall into."""

@overload
def ceo_net(gross: _Number, prior: _Number | None = None, terms: _Text | None = None) -> float:
    """Gross proceeds less commission.

    Args:
        gross: Gross proceeds of the sale, USD.
        prior: Gross proceeds already sold under the same agreement, USD. Default: 0.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            'NEOT-2001'.

    Returns:
        Net proceeds, USD, unrounded.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: Cover, S-11, S-12.
    """

@overload
def ceo_net(
    gross: _Numbers | _Number,
    prior: _Numbers | _Number | None = None,
    terms: _Text | None = None,
) -> Any:
    """Gross proceeds less commission."""

@overload
def ceo_capacity(
    sold: _Number,
    price: _Number | None = None,
    terms: _Text | None = None,
) -> float | int:
    """Dollars still unsold under the agreement; with a price, whole shares at it.

    Args:
        sold: Gross proceeds sold under the agreement so far, USD.
        price: Price of a share, USD; asks for whole shares instead of dollars. Default: none:
            dollars are given.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            'NEOT-2001'.

    Returns:
        USD, or whole shares, rounded down.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: Cover, S-11, S-12.
    """

@overload
def ceo_capacity(
    sold: _Numbers | _Number,
    price: _Numbers | _Number | None = None,
    terms: _Text | None = None,
) -> Any:
    """Dollars still unsold under the agreement; with a price, whole shares at it."""

@overload
def cantor_warrants(shares: _Number, terms: _Text | None = None) -> int:
    """Warrants that the placement agent earns on shares sold, in all.

    Args:
        shares: All shares sold under the agreement.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            'NEOT-2001'.

    Returns:
        Whole warrants, rounded down.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: S-11, S-12.
    """

@overload
def cantor_warrants(shares: _Numbers | _Number, terms: _Text | None = None) -> Any:
    """Warrants that the placement agent earns on shares sold, in all."""

def cantor_exercise_price(
    shares: _Numbers | _Number,
    prices: _Numbers | _Number,
    terms: _Text | None = None,
) -> float:
    """Exercise price of the agent's warrants, from the volume-weighted price of sales.

    Args:
        shares: Shares of each sale: a range, or one cell.
        prices: Price of each sale, USD a share: a range of the same size.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            'NEOT-2001'.

    Returns:
        USD a share, unrounded.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: S-11.
    """

@overload
def classb_exercise_price(
    closing_bid: _Number,
    market_price: _Number | None = None,
    split_ratio: _Number | None = None,
    terms: _Text | None = None,
) -> float:
    """Exercise price of a Class B warrant once a redemption notice is delivered.

    Args:
        closing_bid: Closing bid on the session after delivery, USD.
        market_price: Market price that decides between the two rates, USD. Default: the closing
            bid.
        split_ratio: Old shares per new share since issue: 25 after 1-for-25; moves the cap
            only. Default: 1.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            'NEOT-2001'.

    Returns:
        USD a share, unrounded.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: S-7.
    """

@overload
def classb_exercise_price(
    closing_bid: _Numbers | _Number,
    market_price: _Numbers | _Number | None = None,
    split_ratio: _Numbers | _Number | None = None,
    terms: _Text | None = None,
) -> Any:
    """Exercise price of a Class B warrant once a redemption notice is delivered."""

@overload
def classb_available(market_price: _Number, terms: _Text | None = None) -> bool:
    """Whether the Class B warrants can serve as financing at a market price.

    Args:
        market_price: Market price, USD a share.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            'NEOT-2001'.

    Returns:
        TRUE at or above the financing floor.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: S-4.
    """

@overload
def classb_available(market_price: _Numbers | _Number, terms: _Text | None = None) -> Any:
    """Whether the Class B warrants can serve as financing at a market price."""

def debenture_conversion_price(
    quotes: _Quotes,
    issue_date: _Date,
    conversion_date: _Date | None = None,
    terms: _Text | None = None,
) -> float:
    """Conversion price of the debentures on a day; without a day, the initial price.

    Args:
        quotes: Range of 2 or 3 columns: date, closing bid, market value where it differs.
        issue_date: Day of issuance.
        conversion_date: Day of conversion. Default: none: the initial price is given.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            'NEOT-2001'.

    Returns:
        USD a share, unrounded.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: S-7.
    """

@overload
def debenture_shares(principal: _Number, price: _Number, terms: _Text | None = None) -> int:
    """Whole shares issued when principal is converted at a price.

    Args:
        principal: Principal converted, USD.
        price: Conversion price, USD a share.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            'NEOT-2001'.

    Returns:
        Whole shares, rounded down.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: S-7.
    """

@overload
def debenture_shares(
    principal: _Numbers | _Number,
    price: _Numbers | _Number,
    terms: _Text | None = None,
) -> Any:
    """Whole shares issued when principal is converted at a price."""

@overload
def trading_day(date: _Date, offset: _Number, terms: _Text | None = None) -> datetime.date:
    """The session some sessions away from a date; 0 gives the date or the next session.

    Args:
        date: Any day; no session counts as lying between its neighbours.
        offset: Sessions to move: forward if positive, back if negative.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            'NEOT-2001'.

    Returns:
        Date of a session.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: S-11.
    """

@overload
def trading_day(
    date: _Dates | _Date,
    offset: _Numbers | _Number,
    terms: _Text | None = None,
) -> Any:
    """The session some sessions away from a date; 0 gives the date or the next session."""

def deal_term(name: _Text, terms: _Text | None = None) -> float | datetime.date | str:
    """A figure of the deal, by its dotted name.

    Args:
        name: Dotted name of the figure, such as class_b.cap_price.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            'NEOT-2001'.

    Returns:
        Number, date or text.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: The figure's own.
    """

def deal_source(name: _Text, terms: _Text | None = None) -> str:
    """Where a figure of the deal comes from.

    Args:
        name: Dotted name of the figure, such as class_b.cap_price.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            'NEOT-2001'.

    Returns:
        Text, such as a page.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: The figure's own.
    """

@overload
def nasdaq20_headroom(
    outstanding: _Number,
    issued: _Number | None = None,
    terms: _Text | None = None,
) -> int:
    """Further shares that can be issued while staying below the exchange's limit.

    Args:
        outstanding: Shares outstanding before the issue.
        issued: Shares issued in the same transaction so far. Default: 0.
        terms: Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER. Default:
            'NEOT-2001'.

    Returns:
        Whole shares; 0 where the limit is reached.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: S-8.
    """

@overload
def nasdaq20_headroom(
    outstanding: _Numbers | _Number,
    issued: _Numbers | _Number | None = None,
    terms: _Text | None = None,
) -> Any:
    """Further shares that can be issued while staying below the exchange's limit."""

@overload
def dilution(outstanding: _Number, new_shares: _Number) -> float:
    """New shares over all shares after the issue.

    Args:
        outstanding: Shares outstanding before the issue.
        new_shares: Shares issued.

    Returns:
        Fraction from 0 to 1.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: S-9.
    """

@overload
def dilution(outstanding: _Numbers | _Number, new_shares: _Numbers | _Number) -> Any:
    """New shares over all shares after the issue."""

@overload
def net_exercise_shares(warrants: _Number, market_price: _Number, exercise_price: _Number) -> int:
    """Shares from a cashless exercise of warrants.

    Args:
        warrants: Warrants exercised.
        market_price: Market price of a share, USD.
        exercise_price: Exercise price, USD a share; may be 0.

    Returns:
        Whole shares, rounded down; 0 out of the money.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: S-12.
    """

@overload
def net_exercise_shares(
    warrants: _Numbers | _Number,
    market_price: _Numbers | _Number,
    exercise_price: _Numbers | _Number,
) -> Any:
    """Shares from a cashless exercise of warrants."""

@overload
def treasury_stock_shares(
    securities: _Number,
    exercise_price: _Number,
    average_price: _Number,
) -> float:
    """Incremental diluted shares of options or warrants, by the treasury stock method.

    Args:
        securities: Shares under the options or warrants.
        exercise_price: Exercise price, USD a share; may be 0.
        average_price: Average market price of the period, USD a share.

    Returns:
        Shares, unrounded; 0 out of the money.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: Treasury stock method (ASC 260-10-45-23).
    """

@overload
def treasury_stock_shares(
    securities: _Numbers | _Number,
    exercise_price: _Numbers | _Number,
    average_price: _Numbers | _Number,
) -> Any:
    """Incremental diluted shares of options or warrants, by the treasury stock method."""

def explain(function: _Text, *arg: Any) -> Any:
    """How a figure came about: the steps of a call, each with the clause it rests on.

    Args:
        function: Name of the function, such as CEO_FEE.
        arg: Its arguments, in order; one cell each where it would work on every cell of a
            range. Default: none.

    Returns:
        Rows of step, amount, rate or factor, result and source, under headings.

    Raises:
        InputError: An argument is wrong; its attributes say which, and why.

    Source: Each step's own.
    """

def xladdin_version() -> Any:
    """Version of the add-in.

    Returns:
        Text.

    Source: The installed package.
    """
