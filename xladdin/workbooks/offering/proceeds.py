"""The sheet of the offering itself: what is typed, what it brings in, and what the agent earns."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from xladdin.checking.checks_sheet import Check
from xladdin.functions.warrants import cantor_exercise_price_twin, cantor_warrants_twin
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import sources
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.input_lines import InputLine, write_inputs
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import Allowed, number_between, whole_number
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
GROSS: Final = "Gross_proceeds"
NET: Final = "Net_proceeds"
ALL_COSTS: Final = "All_costs"
"""Defined names."""

_DUE: Final = "Fee_to_date"
_DUE_BEFORE: Final = "Fee_before"
_SOLD: Final = "Sold_after"

_ILLUSTRATIVE: Final = "illustrative"
_PARTS: Final = 20
"""The illustrative offering is one of so many parts of the shares outstanding."""


def dollars_up_to(what: str) -> Allowed:
    """Allow amounts in USD from 0 on, of which sums have their cents."""
    return number_between(0, MOST_DOLLARS, f"{what}, USD:")


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
    write_inputs(book, sheet, 4, lines)
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
    if offer.fee_limit:
        most.append(int(Fraction(str(known[offer.fee_limit].value)) / Fraction(offer.price) / 2))
    if offer.share_limit:
        most.append(int(Fraction(str(known[offer.share_limit].value)) / 2))
    return max(1, min(most) // 1000 * 1000 or min(most))


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
            number_between(0, MOST_PRICE, "Price, USD a share:"),
            price_from,
        ),
        InputLine(
            SHARES,
            "Shares offered",
            shares,
            styles.COUNT,
            whole_number(0, "Shares offered", MOST_SHARES),
            _ILLUSTRATIVE,
        ),
    ]
    if offer.by_schedule:
        what = "Sold under the same terms before, USD"
        lines.append(InputLine(PRIOR, what, None, styles.USD, dollars_up_to(what), "none at first"))
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
        fee, plain = "Agent_fee", f"({_DUE}-{_DUE_BEFORE})"
        call = f"CEO_FEE({GROSS},{PRIOR},Deal)"
        if offer.fee:
            call = f'DEAL_FEE({GROSS},{PRIOR},,"{offer.fee.key}",Deal)'
        before, due = _due(offer, prior), _due(offer, _SOLD)
        lines += [
            FigureLine(_SOLD, "Sold with this offering, USD", CASH, "", f"{prior}+{gross}"),
            FigureLine(_DUE_BEFORE, "Fee on what was sold before, USD", CASH, "", before),
            FigureLine(_DUE, "Fee on all that is sold, USD", CASH, "", due),
            FigureLine(fee, "Fee of the agent, USD", CASH, call, f"{_DUE}-{_DUE_BEFORE}"),
        ]
    all_costs = f"{plain}+{costs}"
    return [
        *lines,
        FigureLine(ALL_COSTS, "Fee and other costs, USD", CASH, f"N({fee})+N({COSTS})", all_costs),
        FigureLine(
            NET, "Net proceeds, USD", CASH, f"{GROSS}-{ALL_COSTS}", f"{gross}-({all_costs})"
        ),
    ]


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
    """Name what is offered beyond the figure up to which the deal states a fee or a capacity."""
    for limit, beyond, slack in (
        (offer.fee_limit, f"N({PRIOR})+{GROSS}" if offer.by_schedule else GROSS, "0.00001"),
        (offer.share_limit, f"N({SHARES})", "1"),
    ):
        if limit:
            book.entry_checks.append(
                Check(
                    f"{TITLE}!B6, Offered shares: above the capacity of the deal",
                    when(f"{beyond}-{limit}>={slack}"),
                    0,
                    source=sources(book, limit),
                )
            )
