"""Plain-Excel twins: each function's figure from native functions and the Terms sheet alone.

A twin is an independent calculation of the same number. It uses nothing of this package: only the
figures of the Terms sheet, by their defined names, which are the figures' dotted names, and native
functions that every spreadsheet program has. Array forms of SMALL and SUMPRODUCT over computed
arrays are not used, because programs disagree about them.

Each function takes the deal, then the texts of the references to the arguments, and returns the
formula without its equals sign.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from xladdin.core.numbers import slack
from xladdin.terms.model import Selection

CLOSURES: Final = "Closures"
"""Defined name of the exchange's closures on the Terms sheet, for WORKDAY."""

AGREEMENT: Final = "agreement"
"""Prefix of the names of an agreement's figures. On the Terms sheet of a workbook about a whole
deal it is ``agreement_1`` and so on, and the selection given is then that agreement's."""

COUNT_DIGITS: Final = 7
"""Quotients are rounded to this many digits before they are rounded down, or binary rounding
would lose a whole share if the quotient is whole."""

DUST: Final = "0.0000005"
"""Amount added before a product or a quotient is rounded down, so that binary error cannot lose a
whole unit: above that error for amounts and counts up to a thousand million, and below what
rates, prices and amounts of at most six decimals can be short of a whole unit."""

TIERS_FROM: Final = "tiers.from"
"""End of the defined name of the amounts at which an agreement's tiers begin; see `write_terms`."""

TIERS_STEP: Final = "tiers.step"
"""End of the defined name of the steps by which each tier's rate exceeds the tier's before."""

SHOWN_DIGITS: Final = 15
"""Significant digits of a number that a sheet shows, and by which whole units are decided."""


def as_shown(number: str) -> str:
    """Read a number above 0 as a sheet shows it, at 15 significant digits."""
    return f"ROUND({number},{SHOWN_DIGITS - 1}-INT(LOG10({number})))"


def limit_tolerance(limit: Decimal) -> str:
    """Return the USD by which a dollar limit must be exceeded to count as exceeded."""
    return f"{Decimal(str(float(slack(limit)))):f}"


def ceo_fee(selection: Selection, sold: str, *, prefix: str = AGREEMENT) -> str:
    """Sum each step of the rate on the part of all sales beyond it: the commission on them.

    The commission on one sale is the difference of those with the sale and without.
    """
    begins, step = f"{prefix}.{TIERS_FROM}", f"{prefix}.{TIERS_STEP}"
    fee = f"SUMPRODUCT(({sold}>{begins})*({sold}-{begins})*{step})"
    return (
        f"IF({sold}-{prefix}.capacity>={limit_tolerance(selection.agreement.capacity)},NA(),{fee})"
    )


def ceo_net(_selection: Selection, gross: str, commission: str) -> str:
    """Subtract the twin of the commission from gross proceeds."""
    return f"{gross}-{commission}"


def ceo_capacity(
    selection: Selection, sold: str, price: str = "", *, prefix: str = AGREEMENT
) -> str:
    """Subtract the amount sold from the capacity; with a price, count whole shares."""
    left = f"{prefix}.capacity-{sold}"
    figure = whole_quotient(left, price) if price else left
    near = limit_tolerance(selection.agreement.capacity)
    return f"IF(ABS({left})<{near},0,IF({left}<0,NA(),{figure}))"


def whole_quotient(amount: str, price: str) -> str:
    """Count the whole shares that an amount buys."""
    return f"INT(({amount}+{DUST})/{price})"


def cantor_warrants(_selection: Selection, shares: str, *, prefix: str = AGREEMENT) -> str:
    """Multiply the shares by the warrants' rate, and round down."""
    return f"INT({shares}*{prefix}.warrants.rate+{DUST})"


def cantor_exercise_price(
    _selection: Selection, shares: str, prices: str, *, prefix: str = AGREEMENT
) -> str:
    """Divide amounts by shares, and multiply by the exercise multiple."""
    return f"SUMPRODUCT({shares},{prices})/SUM({shares})*{prefix}.warrants.exercise_multiple"


def classb_exercise_price(
    _selection: Selection,
    closing_bid: str,
    market_price: str = "",
    split_ratio: str = "1",
    *,
    cap: str = "",
) -> str:
    """Take the lesser of the adjusted cap, which may have its own cell, and the rate's part."""
    below = f"{as_shown(market_price or closing_bid)}<class_b.low_price_threshold"
    rate = f"IF({below},class_b.low_price_rate,class_b.rate)"
    return f"MIN({cap or f'class_b.cap_price*{split_ratio}'},{rate}*{closing_bid})"


def classb_available(_selection: Selection, market_price: str) -> str:
    """Compare with the financing floor."""
    return f"({as_shown(market_price)}>=class_b.financing_floor)"


def debenture_initial_price(selection: Selection, initial_values: str) -> str:
    """Multiply the average of a range with the initial window's market values."""
    return _bounded(selection, f"AVERAGE({initial_values})*debentures.initial_multiple")


def debenture_floating_price(_selection: Selection, lowest_bids: str) -> str:
    """Multiply the average of a range with the lowest bids of the window."""
    return f"AVERAGE({lowest_bids})*debentures.floating_multiple"


def debenture_conversion_price(
    selection: Selection, initial: str, floating: str, issue_date: str, conversion_date: str
) -> str:
    """Take the initial price, or the lesser of both after the day switch; times are cut off.

    The initial price is clamped already; the floating price is as its twin gives it.
    """
    switched = f"INT({conversion_date})-INT({issue_date})>debentures.floating_after_days"
    return f"IF({switched},{_bounded(selection, f'MIN({initial},{floating})')},{initial})"


def _bounded(selection: Selection, price: str) -> str:
    """Clamp a price to floor and cap, where there are any."""
    debentures = selection.terms.debentures
    if debentures is not None and debentures.price_floor is not None:
        price = f"MAX({price},debentures.price_floor)"
    if debentures is not None and debentures.price_cap is not None:
        price = f"MIN({price},debentures.price_cap)"
    return price


def debenture_shares(_selection: Selection, principal: str, price: str) -> str:
    """Take the nearest count, or one share fewer if that many cost more than the principal.

    The cost is compared with the price split into its first four decimals and the rest: the whole
    product has more digits than a cell.
    """
    count = f"ROUND({principal}/{price},0)"
    rest = f"ROUND({price}-ROUND({price},4),{SHOWN_DIGITS - 1}-INT(LOG10({price})))"
    left = f"ROUND({principal}-{count}*ROUND({price},4),6)-{count}*{rest}"
    return f"{count}-IF({left}<-{count}*1E-17,1,0)"


def trading_day(_selection: Selection, date: str, offset: str) -> str:
    """Call WORKDAY with the exchange's closures; from the day before if the offset is 0."""
    return f"IF({offset}=0,WORKDAY({date}-1,1,{CLOSURES}),WORKDAY({date},{offset},{CLOSURES}))"


def nasdaq20_headroom(_selection: Selection, outstanding: str, issued: str = "0") -> str:
    """Take one share fewer than the least count that reaches the limit, less the shares issued."""
    reaching = f"-INT({DUST}-{outstanding}*limits.exchange_limit)"
    return f"MAX(0,{reaching}-1-{issued})"


def dilution(_selection: Selection, outstanding: str, new_shares: str) -> str:
    """Divide new shares by all shares."""
    return f"{new_shares}/({outstanding}+{new_shares})"


def net_exercise_shares(
    _selection: Selection, warrants: str, market_price: str, exercise_price: str
) -> str:
    """Subtract the warrants that pay for the exercise, rounded up; 0 out of the money."""
    return f"MAX(0,{warrants}+INT({DUST}-{warrants}*{exercise_price}/{market_price}))"


def treasury_stock_shares(
    _selection: Selection, securities: str, exercise_price: str, average_price: str
) -> str:
    """Subtract the shares that the proceeds buy back at the average price; 0 out of the money."""
    return f"MAX(0,{securities}-{securities}*{exercise_price}/{average_price})"
