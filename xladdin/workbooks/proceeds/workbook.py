"""proceeds.xlsx: proceeds and compensation of a whole offering, agreement beside agreement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xladdin.terms.selection import Selection
from xladdin.workbooks.common_sheets import Instruction, write_closing_sheets, write_start
from xladdin.workbooks.explain_sheet import Story, schedule_steps, write_explain
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries
from xladdin.workbooks.proceeds.fee_table import write_fees
from xladdin.workbooks.proceeds.offering import COMMISSION, SHARES_SOLD, WARRANTS_EARNED, Offering
from xladdin.workbooks.proceeds.part_sold import write_parts
from xladdin.workbooks.proceeds.parties import parties_of
from xladdin.workbooks.terms_sheet import terms_of

TITLE: Final = "Proceeds and compensation"


def build(selection: Selection, entries: Entries = NOTHING) -> Book:
    """Write the workbook, formulas without values.

    Args:
        selection: The deal; the workbook is about all of its agreements, whichever is chosen.
        entries: What users entered.

    Returns:
        The workbook.

    Raises:
        NothingToShowError: The deal has no agreements with capacity and commission (#REF!).
    """
    terms = selection.terms
    parties = parties_of(selection)
    first = selection.of(parties[0].sales.key)
    book = Book(first, every_agreement=True, entries=entries)
    price = "illustrative" if terms.capitalisation is None else "at first the last sale"
    other = (
        "illustrative"
        if terms.expenses is None
        else "at first the document's estimate for its own offering"
    )
    write_start(
        book,
        TITLE,
        "What the agreements of the deal bring in and what the agent is paid, side by side, for "
        "whatever part of them is sold; and the compensation against its limits.",
        (
            Instruction(
                "Proceeds", "Gross proceeds", "Sold under each agreement; at first all of it."
            ),
            Instruction("Proceeds", "Price of a share", f"What shares are sold at; {price}."),
            *(
                Instruction("Proceeds", cells, what)
                for cells, what, stated in (
                    (
                        "Rate of the commission",
                        "Where the most is agreed: that of the sales; blank for the most.",
                        any(one.own_rates for one in parties),
                    ),
                    (
                        "Expenses reimbursed",
                        "To the agent; at first the most agreed.",
                        any(one.sales.expense_reimbursement is not None for one in parties),
                    ),
                )
                if stated
            ),
            Instruction("Proceeds", "Other offering expenses", f"The issuer's own costs; {other}."),
        ),
    )
    offering = Offering(book)
    offering.fill()
    write_parts(book, offering)
    write_fees(book, offering)
    write_explain(book, list(_stories(offering)))
    write_closing_sheets(book, calendar=False, tiers=True)
    return book


def _stories(offering: Offering) -> Iterator[Story]:
    """Explain the commission of each agreement, and the warrants earned under it."""
    for number, place in enumerate(offering.parties, 1):
        assert place.agreement
        sold = place.agreement
        terms, gross = terms_of(sold.sales.key), f"Gross_{number}"
        function, arguments = "CEO_FEE", [gross, "0", terms]
        if sold.own_rates:
            function, arguments = "DEAL_FEE", [gross, "0", f"Rate_{number}", "", terms]
        yield Story(
            f"Commission under the {sold.title}",
            function,
            tuple(arguments),
            schedule_steps(offering.own(place).schedule),
            f"Proceeds!{offering.at(COMMISSION, place)}",
        )
        if sold.sales.warrants:
            yield Story(
                f"Warrants earned under the {sold.title}",
                "CANTOR_WARRANTS",
                (f"Proceeds!{offering.at(SHARES_SOLD, place)}", terms),
                2,
                f"Proceeds!{offering.at(WARRANTS_EARNED, place)}",
            )
