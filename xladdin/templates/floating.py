"""floating.xlsx: Class B and debenture prices from a table of closing bids."""

from __future__ import annotations

from typing import Final

from xladdin.core.errors import REF, InputError
from xladdin.templates.common import (
    Step,
    write_closing_sheets,
    write_start,
)
from xladdin.templates.debentures import write_debentures
from xladdin.templates.quotations import illustrative, write_quotes
from xladdin.templates.sheets import (
    Book,
)
from xladdin.terms.model import Selection

TITLE: Final = "Floating prices"


def build(selection: Selection) -> Book:
    """Write the workbook, formulas without values.

    Args:
        selection: The deal; it must have Class B warrants or debentures.

    Returns:
        The workbook.

    Raises:
        InputError: The deal has neither (#REF!).
    """
    terms = selection.terms
    if not (terms.class_b or terms.debentures):
        rule = "must name a deal that has floating-price warrants or debentures"
        raise InputError(REF, "terms", selection.text, rule)
    book = Book(selection)
    steps = [Step("Quotes", "Date, Closing bid", "One row for each session, in any order.")]
    if terms.debentures:
        steps.append(Step("Quotes", "Market value", "Only where it differs from the closing bid."))
    steps.append(
        Step("Quotes", "rows below the table", "The table grows: type under its last row.")
    )
    if terms.class_b:
        steps.append(
            Step(
                "Quotes", "Split ratio", "Old shares per new share since issue; 25 after 1-for-25."
            )
        )
    if terms.debentures:
        steps += [
            Step(
                "Debentures", "Principal, Issue date, Conversion date", "The conversion asked for."
            ),
            Step("Debentures", "Shares outstanding", "Before the conversion."),
        ]
    steps.append(Step("all", "quotations, dates", "Illustrative: made up to show the workbook."))
    write_start(
        book,
        TITLE,
        "Type closing bids and read the prices that follow them, the shares that a conversion "
        "issues, and what a falling price does to both.",
        steps,
    )
    case = illustrative(selection)
    write_quotes(book, case)
    if terms.debentures:
        write_debentures(book, case)
    write_closing_sheets(book)
    return book
