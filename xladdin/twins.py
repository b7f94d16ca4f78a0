"""Plain-Excel twins: each function's figure from native functions and the Terms sheet alone.

A twin is a second way to the same number. It knows nothing of this package: it names the figures
of the Terms sheet by their defined names, which are the figures' dotted names, and native
functions that every spreadsheet program has. Array forms of SMALL and SUMPRODUCT over computed
arrays are left out on purpose: programs disagree about them.

Each function here takes the deal, then the texts of the references that stand for the arguments,
and returns the formula without its equals sign.
"""

from __future__ import annotations

from typing import Final

from xladdin.terms.model import Selection

CLOSURES: Final = "Closures"
"""Defined name of the exchange's closures on the Terms sheet, for WORKDAY."""

AGREEMENT: Final = "agreement"
"""How names of an agreement's figures begin; on the Terms sheet of a workbook about a whole deal,
``agreement_1`` and so on, and the selection given is then that agreement's."""

COUNT_DIGITS: Final = 7
"""Quotients are rounded to this many digits before they are rounded down, or binary rounding
would lose a whole share where the quotient is whole."""

DUST: Final = "0.0000005"
"""What is added before a product or a quotient is rounded down, so that binary error cannot take a
whole unit away: above that error for amounts and counts up to a thousand million, and below what
rates, prices and amounts of at most six decimals can be short of a whole unit."""

LIMIT_TOLERANCE: Final = "0.00001"
"""USD by which a dollar limit can be passed and is met all the same."""

TIERS_FROM: Final = "tiers.from"
"""Ends the defined name of the amounts at which an agreement's tiers begin; see `write_terms`."""

TIERS_STEP: Final = "tiers.step"
"""Ends the defined name of what each tier's rate is above the rate of the tier before."""


def ceo_fee(_selection: Selection, sold: str, *, prefix: str = AGREEMENT) -> str:
    """Commission on all that is sold: each step of the rate on what lies beyond it.

    That on a sale is the difference of those with the sale and without.
    """
    begins, step = f"{prefix}.{TIERS_FROM}", f"{prefix}.{TIERS_STEP}"
    fee = f"SUMPRODUCT(({sold}>{begins})*({sold}-{begins})*{step})"
    return f"IF({sold}-{prefix}.capacity>={LIMIT_TOLERANCE},NA(),{fee})"


def ceo_net(_selection: Selection, gross: str, commission: str) -> str:
    """Gross proceeds less the twin of the commission on them."""
    return f"{gross}-{commission}"


def ceo_capacity(
    _selection: Selection, sold: str, price: str = "", *, prefix: str = AGREEMENT
) -> str:
    """Capacity less what is sold; with a price, whole shares at it."""
    left = f"{prefix}.capacity-{sold}"
    figure = whole_quotient(left, price) if price else left
    return f"IF(ABS({left})<{LIMIT_TOLERANCE},0,IF({left}<0,NA(),{figure}))"


def whole_quotient(amount: str, price: str) -> str:
    """Whole shares that an amount buys."""
    return f"INT(({amount}+{DUST})/{price})"


def cantor_warrants(_selection: Selection, shares: str, *, prefix: str = AGREEMENT) -> str:
    """The warrants' rate of the shares, rounded down."""
    return f"INT({shares}*{prefix}.warrants.rate+{DUST})"


def cantor_exercise_price(
    _selection: Selection, shares: str, prices: str, *, prefix: str = AGREEMENT
) -> str:
    """The multiple of amounts over shares."""
    return f"SUMPRODUCT({shares},{prices})/SUM({shares})*{prefix}.warrants.exercise_multiple"


def classb_exercise_price(
    _selection: Selection, closing_bid: str, market_price: str = "", split_ratio: str = "1"
) -> str:
    """The lesser of the adjusted cap and the rate of the bid."""
    market = market_price or closing_bid
    rate = f"IF({market}<class_b.low_price_threshold,class_b.low_price_rate,class_b.rate)"
    return f"MIN(class_b.cap_price*{split_ratio},{rate}*{closing_bid})"


def classb_available(_selection: Selection, market_price: str) -> str:
    """A comparison with the financing floor."""
    return f"({market_price}>=class_b.financing_floor)"


def debenture_initial_price(_selection: Selection, initial_values: str) -> str:
    """The multiple of the average of a column that holds the initial window's market values."""
    return (
        f"IF(COUNT({initial_values})=debentures.initial_sessions,"
        f"AVERAGE({initial_values})*debentures.initial_multiple,NA())"
    )


def debenture_floating_price(selection: Selection, lookback_bids: str) -> str:
    """The multiple of the average of the lowest bids of a column that holds the window's bids."""
    debentures = selection.terms.debentures
    count = debentures.lowest_bids if debentures else 1
    lowest = "+".join(f"SMALL({lookback_bids},{number})" for number in range(1, count + 1))
    return (
        f"IF(COUNT({lookback_bids})=debentures.lookback_sessions,"
        f"({lowest})/debentures.lowest_bids*debentures.floating_multiple,NA())"
    )


def debenture_conversion_price(
    selection: Selection,
    initial_values: str,
    lookback_bids: str,
    issue_date: str,
    conversion_date: str,
) -> str:
    """The initial price, or the lesser of both once the day switch has passed.

    The quotations come as two helper columns beside them: the market values of the initial
    window and the bids of the lookback window, other rows holding a text.
    """
    initial = debenture_initial_price(selection, initial_values)
    floating = debenture_floating_price(selection, lookback_bids)
    switched = f"{conversion_date}-{issue_date}>debentures.floating_after_days"
    price = f"IF({switched},MIN({initial},{floating}),{initial})"
    return _held(selection, price)


def debenture_first_price(selection: Selection, initial_values: str) -> str:
    """The initial price, held between floor and cap: what a call without a date gives."""
    return _held(selection, debenture_initial_price(selection, initial_values))


def _held(selection: Selection, price: str) -> str:
    debentures = selection.terms.debentures
    if debentures is not None and debentures.price_floor is not None:
        price = f"MAX({price},debentures.price_floor)"
    if debentures is not None and debentures.price_cap is not None:
        price = f"MIN({price},debentures.price_cap)"
    return price


def debenture_shares(_selection: Selection, principal: str, price: str) -> str:
    """Principal over price, rounded down."""
    return f"INT(ROUND({principal}/{price},{COUNT_DIGITS}))"


def trading_day(_selection: Selection, date: str, offset: str) -> str:
    """WORKDAY over the exchange's closures; from the day before where the offset is 0."""
    return f"IF({offset}=0,WORKDAY({date}-1,1,{CLOSURES}),WORKDAY({date},{offset},{CLOSURES}))"


def nasdaq20_headroom(
    _selection: Selection,
    outstanding: str,
    issued: str = "0",
    *,
    limit: str = "limits.exchange_limit",
) -> str:
    """One share fewer than the least count that reaches the limit, less what is issued."""
    reaching = f"ROUNDUP(ROUND({outstanding}*{limit},{COUNT_DIGITS}),0)"
    return f"MAX(0,{reaching}-1-{issued})"


def dilution(_selection: Selection, outstanding: str, new_shares: str) -> str:
    """New shares over all shares."""
    return f"{new_shares}/({outstanding}+{new_shares})"


def net_exercise_shares(
    _selection: Selection, warrants: str, market_price: str, exercise_price: str
) -> str:
    """Warrants times the part of the market price above the exercise price, rounded down."""
    part = f"{warrants}*({market_price}-{exercise_price})/{market_price}"
    return f"IF({market_price}>{exercise_price},INT(ROUND({part},{COUNT_DIGITS})),0)"


def treasury_stock_shares(
    _selection: Selection, securities: str, exercise_price: str, average_price: str
) -> str:
    """Securities less what their proceeds buy back at the average price."""
    bought = f"{securities}*{exercise_price}/{average_price}"
    return f"IF({average_price}>{exercise_price},{securities}-{bought},0)"
