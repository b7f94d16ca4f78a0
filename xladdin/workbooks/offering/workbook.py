"""offering.xlsx: one offering of shares, its costs, and what it does to the issuer's books."""

from __future__ import annotations

from typing import Final

from xladdin.terms.selection import Selection
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import Instruction, write_closing_sheets, write_start
from xladdin.workbooks.explain_sheet import Account, Story, Term, schedule_steps, write_explain
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import in_sentence
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries
from xladdin.workbooks.offering.capitalisation import PURPOSES, write_capitalisation, write_uses
from xladdin.workbooks.offering.dilution import BOOK_VALUE, OUTSTANDING, write_dilution
from xladdin.workbooks.offering.minimum import RULE, SESSIONS, closes_added, write_minimum
from xladdin.workbooks.offering.offer import Offer, offer_of
from xladdin.workbooks.offering.proceeds import (
    ALL_COSTS,
    CASH,
    COSTS,
    FEE,
    NET,
    PRICE,
    SHARES,
    fee_arguments,
    write_proceeds,
)
from xladdin.workbooks.offering.shelf import AMOUNT, DAY, TABLE, write_sales, write_shelf

TITLE: Final = "Offering"


def build(selection: Selection, entries: Entries = NOTHING) -> Book:
    """Write the workbook, formulas without values.

    Args:
        selection: The deal; it must have an agreement or a fee in dollars.
        entries: What users entered.

    Returns:
        The workbook.

    Raises:
        NothingToShowError: The deal has neither (#REF!).
    """
    offer = offer_of(selection)
    book = Book(offer.selection, entries=entries)
    write_start(
        book,
        TITLE,
        "Type the price, the shares and the costs of one offering, and read its proceeds, the "
        "dilution table, the capitalisation as adjusted, what the baby-shelf rule leaves and the "
        "minimum price.",
        _instructions(),
    )
    write_proceeds(book, offer)
    write_dilution(book, offer)
    write_uses(book)
    write_capitalisation(book, offer)
    write_sales(book)
    write_shelf(book, offer)
    write_minimum(book, offer)
    write_explain(book, [*_stories(offer), *_accounts(offer)])
    write_closing_sheets(book, calendar=False)
    return book


def _instructions() -> list[Instruction]:
    return [
        Instruction("Offering", "Price, Shares, costs", "The offering as it is planned."),
        Instruction("Dilution", "Book value, Shares outstanding", "Before the offering."),
        Instruction("Use of proceeds", "Purposes", "Blank for none; the rest is named."),
        Instruction("Capitalisation", "Cash, Debt, Equity", "Actual, before the offering."),
        Instruction("Shelf sales", "Date, Amount", "One row a sale, in any order."),
        Instruction("Shelf sales", "rows below", "The table grows: type under its last row."),
        Instruction("Baby shelf", "Float, Price, Day", "Of the test; the latest that holds."),
        Instruction("Minimum price", "Closes", "Of the five sessions before the agreement."),
        Instruction("all", "figures", "Illustrative unless a source is named."),
    ]


def _accounts(offer: Offer) -> list[Account]:
    """List what is added up to the proceeds, their use, the capitalisation and the least price."""
    fee = "Agent_fee" if offer.schedule else FEE
    priced, mean = "IF(Minimum_price=0,0,{})".format, f"{{0}}/{SESSIONS}"
    net = Term("Net proceeds, USD", NET)
    repaid = Term("Less the debt that is repaid, USD", "-N(Use_2)")
    proceeds = (
        Term("Shares offered at their price, USD", "", f"N({SHARES})", f"N({PRICE})"),
        Term("Less the fee of the agent or underwriters, USD", f"-N({fee})"),
        Term("Less other costs, USD", f"-N({COSTS})"),
        Term("Net proceeds, USD"),
    )
    uses = [
        Term(f"Less {in_sentence(purpose)}, USD", f"-N(Use_{number})")
        for number, purpose in enumerate(PURPOSES, 1)
    ]
    rest = (net, *uses, Term("What no purpose takes, USD"))
    cash = Term("Cash, actual, USD", "N(Cash_actual)"), net, repaid, Term("Cash, USD")
    equity = Term("Stockholders' equity, actual, USD", "N(Equity_actual)")
    debt = Term("Debt, actual, USD", "N(Debt_actual)")
    total = (debt, repaid, equity, net, Term("Debt and equity, USD"))
    least = (
        Term("Sum of the five closes, USD a share", priced(closes_added())),
        Term("Average of the five, USD a share", mean, source=RULE),
        Term("Last close, USD a share", priced(f"N(Close_{SESSIONS})")),
        Term("The lower of the two, USD a share", "MIN({1},{2})", source=RULE),
    )
    return [
        Account("Net proceeds of the offering", NET, CASH, proceeds),
        Account("Proceeds that no purpose takes", "Uses_rest", CASH, rest),
        Account("Cash as adjusted", "Cash_adjusted", CASH, cash),
        Account("Total capitalisation as adjusted", "Total_adjusted", CASH, total),
        Account("Minimum price of the exchange", "Minimum_price", quantities.PRICE, least),
    ]


def _stories(offer: Offer) -> list[Story]:
    priced = f"N({PRICE})*N({SHARES})>0"
    stories = []
    if offer.schedule:
        steps = schedule_steps(offer.schedule)
        stories.append(
            Story("Fee of the agent", offer.function, fee_arguments(offer), steps, "Agent_fee")
        )
    if offer.warrants:
        stories.append(
            Story("Warrants of the agent", "CANTOR_WARRANTS", (SHARES, "Deal"), 3, "Agent_warrants")
        )
        stories.append(
            Story(
                "Exercise price of the warrants",
                "CANTOR_EXERCISE_PRICE",
                (SHARES, PRICE, "Deal"),
                5,
                "Agent_exercise_price",
                styles.PRICE,
                only_if=priced,
            )
        )
    stories.append(
        Story(
            "Dilution of new investors",
            "OFFERING_DILUTION",
            (PRICE, SHARES, BOOK_VALUE, OUTSTANDING, ALL_COSTS),
            10,
            "Dilution_a_share",
            styles.PRICE,
            only_if=f"AND({priced},N({OUTSTANDING})>0)",
        )
    )
    sales = f"{TABLE}[[{DAY}]:[{AMOUNT}]]"
    stories.append(
        Story(
            "Left under the baby-shelf rule before the offering",
            "FLOAT_HEADROOM",
            ("Float_shares", "Float_price", sales, "Shelf_day", "0", "Deal"),
            8,
            "Shelf_before",
            only_if='OR(Shelf_fits="yes",Shelf_fits="no")',
        )
    )
    return stories
