"""The sheet of the offering itself: what is typed, what it brings in, and what the agent earns."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from xladdin.checking.checks_sheet import Check
from xladdin.functions.warrants import cantor_exercise_price_twin, cantor_warrants_twin
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import sources
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.input_lines import InputLine, write_inputs
from xladdin.workbooks.layout import data_validation as allow
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.remarks import when
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.offering.offer import Offer
from xladdin.workbooks.plain_fees import commission, cumulative
from xladdin.workbooks.quantities import Quantity

TITLE: Final = "Offering"
MOST_PRICE: Final = 10_000
MOST_SHARES: Final = 10**8
MOST_DOLLARS: Final = 10**10
LEAST_OUTSTANDING: Final = 1000
"""Bounds of what is typed: doubles of what follows then have their cents, and a share's price six
digits behind its point."""

CASH: Final = Quantity(styles.USD, 0.005)
"""Dollars: off by less than a cent, and far more than doubles of a million millions are."""

PRICE: Final = "Offer_price"
SHARES: Final = "Offered_shares"
PRIOR: Final = "Sold_before"
COSTS: Final = "Other_costs"
FEE: Final = "Offering_fee"
RATE: Final = "Offering_rate"
GROSS: Final = "Gross_proceeds"
NET: Final = "Net_proceeds"
ALL_COSTS: Final = "All_costs"
"""Defined names."""

_LEAST_RATE: Final = Decimal("0.000001")

_DUE: Final = "Fee_to_date"
_DUE_BEFORE: Final = "Fee_before"
_SOLD: Final = "Sold_after"

_ILLUSTRATIVE: Final = "illustrative"
_PARTS: Final = 20
"""The illustrative offering is one of so many parts of the shares outstanding."""


def dollars_up_to(what: str) -> allow.Allowed:
    """Allow amounts in USD from 0 on, of which sums have their cents."""
    return allow.number_between(0, MOST_DOLLARS, f"{what}, USD:")


def write_proceeds(book: Book, offer: Offer) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        offer: What the deal has for it.
    """
    sheet = book.sheet(TITLE, (58, 20, 20, 14, 40))
    sheet.title(
        TITLE,
        "The offering as it is planned: yellow cells are for input, grey columns are the "
        "plain-Excel checks of the white ones.",
        5,
    )
    lines = _inputs(book, offer)
    write_inputs(sheet, 4, lines)
    row = 4 + len(lines) + 2
    sheet.put(f"A{row}", "Proceeds", styles.HEADING)
    figures = _figures(offer)
    write_lines(book, sheet, row + 1, "ABCD", figures)
    row += len(figures) + 3
    warrants = _warrants(offer)
    if warrants:
        sheet.put(f"A{row}", "Warrants of the agent", styles.HEADING)
        write_lines(book, sheet, row + 1, "ABCD", warrants)
    _check_limit(book, offer)


def _illustrative_shares(offer: Offer) -> int:
    """Choose a number of shares of which the deal's limits leave half."""
    known = offer.selection.figures
    most = [offer.outstanding // _PARTS, 10**7]
    for limit in offer.dollar_limits:
        most.append(int(Fraction(str(known[limit].value)) / Fraction(offer.price) / 2))
    if offer.share_limit:
        most.append(int(Fraction(str(known[offer.share_limit].value)) / 2))
    return min(most) // 1000 * 1000 or min(most)


def _inputs(book: Book, offer: Offer) -> list[InputLine]:
    stock = offer.selection.deal.capitalisation
    price_from = sources(book, "capitalisation.last_sale") if stock else _ILLUSTRATIVE
    shares = _illustrative_shares(offer)
    lines = [
        InputLine(
            PRICE,
            "Price of the offering, USD a share",
            float(offer.price),
            styles.PRICE,
            allow.number_between(allow.LEAST_PRICE, MOST_PRICE, "Price, USD a share:"),
            price_from,
            needed=True,
        ),
        InputLine(
            SHARES,
            "Shares offered",
            shares,
            styles.COUNT,
            allow.whole_number(0, "Shares offered", MOST_SHARES),
            _ILLUSTRATIVE,
            needed=True,
        ),
    ]
    if offer.by_schedule:
        what = "Sold under the same terms before, USD"
        lines.append(InputLine(PRIOR, what, None, styles.USD, dollars_up_to(what), "none at first"))
        if offer.has_own_rate:
            what = "Rate of this offering, per cent; blank for the highest agreed"
            words = f"Rate of this offering, up to {allow.part_in_words(offer.highest_rate)}."
            a_rate = allow.part_between(_LEAST_RATE, offer.highest_rate, words)
            lines.append(InputLine(RATE, what, None, styles.RATE, a_rate, "none at first"))
    else:
        what = "Fee of the agent or underwriters, USD"
        lines.append(InputLine(FEE, what, 0, styles.USD, dollars_up_to(what), "as agreed"))
    what = "Other costs of the offering, USD"
    lines.append(InputLine(COSTS, what, 100_000, styles.USD, dollars_up_to(what), _ILLUSTRATIVE))
    return lines


def _figures(offer: Offer) -> list[FigureLine]:
    price, shares, prior, costs, typed = (
        as_counted(name) for name in (PRICE, SHARES, PRIOR, COSTS, FEE)
    )
    gross = f"{shares}*{price}"
    lines = [FigureLine(GROSS, "Gross proceeds, USD", CASH, f"N({SHARES})*N({PRICE})", gross)]
    fee, plain = FEE, typed
    if offer.by_schedule:
        fee = "Agent_fee"
        call = f"{offer.function}({','.join(fee_arguments(offer))})"
        by_tiers, as_agreed = f"{_DUE}-{_DUE_BEFORE}", ""
        if offer.has_own_rate:
            as_agreed = " at the highest rates"
            by_tiers = f"IF(COUNTBLANK({RATE})=1,{by_tiers},{gross}*{as_counted(RATE)})"
        plain = f"({by_tiers})"
        before, due = _due(offer, prior), _due(offer, _SOLD)
        lines += [
            FigureLine(_SOLD, "Sold with this offering, USD", CASH, "", f"{prior}+{gross}"),
            FigureLine(
                _DUE_BEFORE, f"Fee on what was sold before{as_agreed}, USD", CASH, "", before
            ),
            FigureLine(_DUE, f"Fee on all that is sold{as_agreed}, USD", CASH, "", due),
            FigureLine(fee, "Fee of the agent, USD", CASH, call, by_tiers),
        ]
    all_costs = f"{plain}+{costs}"
    return [
        *lines,
        FigureLine(ALL_COSTS, "Fee and other costs, USD", CASH, f"N({fee})+N({COSTS})", all_costs),
        FigureLine(
            NET, "Net proceeds, USD", CASH, f"{GROSS}-{ALL_COSTS}", f"{gross}-({all_costs})"
        ),
    ]


def fee_arguments(offer: Offer) -> tuple[str, ...]:
    """List what the function of the fee takes."""
    if not (offer.fee or offer.has_own_rate):
        return GROSS, PRIOR, "Deal"
    schedule = f'"{offer.fee.key}"' if offer.fee else ""
    return GROSS, PRIOR, RATE if offer.has_own_rate else "", schedule, "Deal"


def _due(offer: Offer, sold: str) -> str:
    """Write the fee on all that is sold, in plain Excel."""
    return cumulative(offer.fee, sold) if offer.fee else commission(offer.selection, sold)


def _warrants(offer: Offer) -> list[FigureLine]:
    if offer.warrants is None:
        return []
    shares, price = as_counted(SHARES), as_counted(PRICE)
    none = f"N({SHARES})*N({PRICE})=0"
    exercise = cantor_exercise_price_twin(offer.selection, shares, price)
    return [
        FigureLine(
            "Agent_warrants",
            "Warrants on the shares offered",
            quantities.COUNT,
            f"CANTOR_WARRANTS({SHARES},Deal)",
            cantor_warrants_twin(offer.selection, shares),
        ),
        FigureLine(
            "Agent_exercise_price",
            "Their exercise price, USD a share",
            quantities.PRICE,
            f"IF({none},0,CANTOR_EXERCISE_PRICE({SHARES},{PRICE},Deal))",
            f"IF({none},0,{exercise})",
        ),
    ]


def _check_limit(book: Book, offer: Offer) -> None:
    """Name what is offered or charged beyond the figure up to which the deal has it."""
    sold = f"N({PRIOR})+{GROSS}" if offer.by_schedule else GROSS
    limits = [(limit, sold, "0.00001", "") for limit in offer.dollar_limits]
    if offer.share_limit:
        limits.append((offer.share_limit, f"N({SHARES})", "1", ", without shares sold before"))
    for limit, beyond, slack, without in limits:
        book.entry_checks.append(
            Check(
                f"{TITLE}!B6, Offered shares: above the capacity of the deal{without}",
                when(f"{beyond}-{limit}>={slack}"),
                0,
                source=sources(book, limit),
            )
        )
    if offer.share_limit and offer.by_schedule:
        book.warnings.append(
            Check(
                f"{TITLE}!B7, Sold before: its shares are not counted against the capacity",
                when(f"N({PRIOR})>0"),
                0,
                source=sources(book, offer.share_limit),
            )
        )
