"""placements.xlsx: the log of placements under one sales agreement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from xladdin.terms.selection import Selection
from xladdin.workbooks.common_sheets import (
    Instruction,
    origin_of,
    require_agreement,
    write_closing_sheets,
    write_start,
)
from xladdin.workbooks.explain_sheet import (
    ExplainedPart,
    Story,
    fee_steps,
    row_choice,
    write_explain,
)
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import whole, write_table
from xladdin.workbooks.layout.tables import HEADER_ROW, finish_sheet
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries
from xladdin.workbooks.placements.agents import write_agents
from xladdin.workbooks.placements.columns import (
    COUNTED,
    PRIOR_SHARES,
    SOLD,
    TABLE,
    crossing_a_tier,
    log_columns,
    log_dollars,
)
from xladdin.workbooks.placements.totals import write_totals
from xladdin.workbooks.placements.warrants import warrant_stories
from xladdin.workbooks.share_basis import OF_ITS_DAY, not_carried

TITLE: Final = "Placement log"
ROWS: Final = 20
"""Rows of the table at first; those without an illustrative placement wait for input."""


def build(selection: Selection, entries: Entries = NOTHING) -> Book:
    """Write the workbook, formulas without values.

    Args:
        selection: The deal and the agreement that placements are made under.
        entries: What users entered.

    Returns:
        The workbook.

    Raises:
        NothingToShowError: The deal has no agreement with capacity and commission (#REF!).
    """
    require_agreement(selection)
    book = Book(selection, entries=entries)
    write_start(
        book,
        TITLE,
        "Keep one row for each placement: type date, shares and price, and read commission, net "
        "proceeds, warrants, dates and what is left of the agreement.",
        (
            Instruction(
                "Placements", "Date, Shares, Price", "One row for each placement, oldest first."
            ),
            Instruction("Placements", "Remark", "Read here what is wrong or odd about a row."),
            Instruction(
                "Placements",
                "rows below the table",
                "The table grows: type under its last row, and formulas follow.",
            ),
            Instruction("Totals", "Price for the rest", "Price at which the rest might be sold."),
            Instruction(
                "Explain", "Placement", "Number of the placement whose figures are explained."
            ),
            *(
                [
                    Instruction(
                        "all",
                        "first eight rows",
                        "Illustrative: made up to show the workbook at work. Clear them to begin.",
                    )
                ]
                if entries.illustrative(TABLE)
                else []
            ),
        ),
    )
    _write_log(book)
    write_agents(book, TABLE, SOLD, log_dollars(selection))
    _explain(book)
    write_closing_sheets(book, tiers=True)
    return book


def _write_log(book: Book) -> None:
    sheet = book.sheet("Placements", ())
    placed = write_table(sheet, TABLE, HEADER_ROW, log_columns(book), ROWS)
    finish_sheet(
        sheet,
        placed,
        TABLE,
        TITLE,
        "Yellow cells are for input; grey columns are the plain-Excel twins of the white ones. "
        + origin_of(book, TABLE, "The placements shown")
        + not_carried(book.selection),
        {COUNTED: ""},
        frozen=2,
        basis=lambda _: OF_ITS_DAY if book.selection.all_splits else "",
    )
    write_totals(book, placed)


def _explain(book: Book) -> None:
    """Explain the commission on all placements, and the figures of one placement."""
    selection = book.selection

    def chosen(column: str) -> str:
        return f"IF(Explained_row=0,0,INDEX({whole(TABLE, column)},Explained_row))"

    shows = enumerate(crossing_a_tier(selection) if book.entries.illustrative(TABLE) else (), 1)
    crossing = next((number for number, crosses in shows if crosses), 1)
    choice, row = row_choice(
        book,
        "Placement",
        "Explained_placement",
        TABLE,
        "Number of a placement of the log",
        rows="the log",
        first=crossing,
    )
    parts = [
        ExplainedPart("Row of the log", "Explained_row", row, styles.COUNT),
        ExplainedPart("Date", "Explained_date", chosen("Date"), styles.DATE),
        ExplainedPart("Shares", "Explained_shares", chosen(SOLD), styles.COUNT),
        ExplainedPart("Price, USD a share", "Explained_price", chosen("Price"), styles.QUOTE),
        ExplainedPart("Gross, USD", "Explained_gross", chosen("Gross"), styles.USD),
        ExplainedPart("Prior gross, USD", "Explained_prior", chosen("Prior gross"), styles.USD),
        ExplainedPart("Prior shares", "Explained_prior_shares", chosen(PRIOR_SHARES), styles.COUNT),
    ]
    write_explain(book, _stories(selection, chosen), [choice, *parts])


def _stories(selection: Selection, chosen: Callable[[str], str]) -> list[Story]:
    """List the explanations, given the formula of a column's figure in the row explained."""
    tiers = fee_steps(len(selection.agreement.tiers))
    sold = "Explained_shares>0"
    stories = [
        Story(
            "Commission on all placements",
            "CEO_FEE",
            ("Gross_total", "0", "Deal"),
            tiers,
            "Commission_total",
        ),
        Story(
            "Commission on the placement",
            "CEO_FEE",
            ("Explained_gross", "Explained_prior", "Deal"),
            tiers,
            chosen("Commission"),
            only_if=sold,
        ),
    ]
    stories += warrant_stories(selection, chosen)
    stories.append(
        Story(
            "Settlement of the placement",
            "SETTLEMENT_DATE",
            ("Explained_date", "Deal"),
            3,
            chosen("Settlement"),
            styles.DATE,
            only_if=sold,
        )
    )
    return stories
