"""floating.xlsx: Class B and debenture prices from a table of closing bids."""

from __future__ import annotations

from typing import Final

from xladdin.errors import REF, NothingToShowError
from xladdin.terms.exact import CLASS_B, DEBENTURE
from xladdin.terms.selection import Selection
from xladdin.workbooks.common_sheets import Instruction, write_closing_sheets, write_start
from xladdin.workbooks.explain_sheet import Choice, ExplainedPart, Story, write_explain
from xladdin.workbooks.floating.debentures import write_debentures
from xladdin.workbooks.floating.quotations import (
    BID,
    LAST_DAY,
    LATEST,
    QUOTED,
    TABLE,
    illustrative,
    quoted_days,
    quotes_range,
    write_quotes,
)
from xladdin.workbooks.floating.windows import write_windows
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import date_between
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.layout.table import whole
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries

TITLE: Final = "Floating prices"


def build(selection: Selection, entries: Entries = NOTHING) -> Book:
    """Write the workbook, formulas without values.

    Args:
        selection: The deal; it must have Class B warrants or debentures.
        entries: What users entered.

    Returns:
        The workbook.

    Raises:
        NothingToShowError: The deal has neither (#REF!).
    """
    terms = selection.terms
    if not (terms.class_b or terms.debentures):
        rule = "has no Class B warrants and no debentures, whose prices float"
        keys = [key for key in (CLASS_B, DEBENTURE) if selection.deal.formula(key)]
        if keys:
            rule += f", by the legs of 2001: DEAL_PRICE gives its formula {keys[0]}"
        raise NothingToShowError(REF, "terms", selection.text, rule)
    if terms.debentures:
        entries.require(TABLE, "Issue_date", "Conversion_date")
    book = Book(selection, entries=entries)
    steps = [Instruction("Quotes", "Date, Closing bid", "One row for each session, in any order.")]
    if terms.debentures:
        steps.append(
            Instruction("Quotes", "Market value", "Only where it differs from the closing bid.")
        )
    steps.append(
        Instruction("Quotes", "rows below the table", "The table grows: type under its last row.")
    )
    if terms.class_b:
        steps.append(
            Instruction(
                LATEST, "Split ratio", "Old shares per new share since issue; 25 after 1-for-25."
            )
        )
        steps.append(Instruction("Explain", "Day of the closing bid", "The day that is explained."))
    if terms.debentures:
        steps += [
            Instruction(
                "Debentures", "Principal, Issue date, Conversion date", "The conversion asked for."
            ),
            Instruction("Debentures", "Shares outstanding", "Before the conversion."),
        ]
    if entries.illustrative(TABLE):
        steps.append(
            Instruction("all", "quotations, dates", "Illustrative: made up to show the workbook.")
        )
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
        write_windows(book)
    _explain(book)
    write_closing_sheets(book)
    return book


def _explain(book: Book) -> None:
    """Explain the Class B price of one day, and the conversion."""
    terms = book.selection.terms
    stories = []
    parts: list[Choice | ExplainedPart] = []
    if terms.class_b:
        days = date_between(*quoted_days(book), "A day of the quotations.")
        choice = Choice(
            "Day of the closing bid; blank for the latest", "Explained_day", None, styles.DATE, days
        )
        day = as_counted("Explained_day")
        chosen = f"IF({day}=0,{LAST_DAY},INT({day}))"
        found = f"MATCH(Explained_on,{whole(TABLE, QUOTED)},0)"
        is_quoted = f"ISNUMBER({found})"
        bid = f"INDEX({whole(TABLE, BID)},{found})"
        price = f"INDEX({whole(TABLE, 'Class B price')},{found})"
        parts = [
            choice,
            ExplainedPart("Day that is explained", "Explained_on", chosen, styles.DATE),
            ExplainedPart(
                "Closing bid, USD a share",
                "Explained_bid",
                f"IF({is_quoted},{bid},0)",
                styles.QUOTE,
            ),
        ]
        stories.append(
            Story(
                "Class B exercise price on that day",
                "CLASSB_EXERCISE_PRICE",
                ("Explained_bid", "Explained_bid", "Split_ratio", "Deal"),
                5,
                price,
                only_if="Explained_bid>0",
            )
        )
    if terms.debentures:
        stories += [
            Story(
                "Conversion price on the date",
                "DEBENTURE_CONVERSION_PRICE",
                (quotes_range(0), "Issue_date", "Conversion_date", "Deal"),
                7,
                "Conversion_price",
                only_if="Conversion_price>0",
            ),
            Story(
                "Shares issued",
                "DEBENTURE_SHARES",
                ("Principal", "Conversion_price", "Deal"),
                3,
                "Shares_issued",
                only_if="Conversion_price>0",
            ),
        ]
    write_explain(book, stories, parts)
