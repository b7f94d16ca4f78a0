"""captable.xlsx: what is outstanding, what may be added to it, and within which limits."""

from __future__ import annotations

from typing import Final

from xladdin.errors import REF, NothingToShowError
from xladdin.terms.securities import Capitalisation
from xladdin.terms.selection import Selection
from xladdin.workbooks.captable.capitalisation import (
    DILUTION_SHARE,
    OUTSTANDING,
    UNDER_OPTIONS,
    latest_name,
    write_capitalisation,
)
from xladdin.workbooks.captable.exercise import (
    AVERAGE,
    COUNTED,
    MARKET,
    TABLE,
    tranches,
    write_exercise,
)
from xladdin.workbooks.captable.headroom import EXCHANGE_HEADROOM, ISSUED, per_cent, write_headroom
from xladdin.workbooks.captable.totals import write_totals
from xladdin.workbooks.common_sheets import Instruction, write_closing_sheets, write_start
from xladdin.workbooks.explain_sheet import Choice, ExplainedPart, Story, write_explain
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import whole_number
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import Placed, whole
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries

TITLE: Final = "Capitalisation"


def build(selection: Selection, entries: Entries = NOTHING) -> Book:
    """Write the workbook, formulas without values.

    Args:
        selection: The deal; it must say what its issuer's stock is.
        entries: What users entered.

    Returns:
        The workbook.

    Raises:
        NothingToShowError: The deal does not say it (#REF!).
    """
    stock = selection.terms.capitalisation
    if stock is None:
        rule = "has no capitalisation: shares outstanding, options and warrants"
        raise NothingToShowError(REF, "terms", selection.text, rule)
    book = Book(selection, entries=entries)
    has_tranches = TABLE in entries.tables or bool(tranches(book, stock))
    write_start(
        book,
        TITLE,
        "Type share counts and read the dilution from options and warrants, what may still be "
        "issued under the exchange's limit and the charter, and what an exercise adds.",
        _instructions(selection, has_tranches=has_tranches),
    )
    write_capitalisation(book)
    write_headroom(book)
    placed = write_exercise(book)
    write_totals(book, stock)
    _explain(book, stock, placed if has_tranches else None)
    write_closing_sheets(book, calendar=False)
    return book


def _instructions(selection: Selection, *, has_tranches: bool) -> tuple[Instruction, ...]:
    """List what to type where."""
    return (
        Instruction(
            "Capitalisation",
            "column Now",
            "Newer counts, as they come. They begin with those of the document, which stay "
            "beside them under As documented.",
        ),
        *(
            [Instruction("Headroom", "Shares issued so far", "In the transaction that is planned.")]
            if selection.terms.limits
            else []
        ),
        Instruction("Headroom", "Planned issue", "Illustrative at first: the issue asked about."),
        *(
            [Instruction("Headroom", "Class B warrants to add", "Only those in no other count.")]
            if selection.terms.class_b
            else []
        ),
        Instruction(
            "Exercise",
            "Name, Source, Securities, Exercise price",
            "One row for each tranche of options or warrants. Rows that say so are "
            "illustrative: clear them to begin.",
        ),
        Instruction(
            "Exercise",
            "rows below the table",
            "The table grows: type under its last row, and formulas follow.",
        ),
        Instruction(
            "Totals",
            "Average price, Market price",
            "The period's average for the treasury stock method, which is illustrative at "
            "first, and the price on the day of a cashless exercise.",
        ),
        *(
            [Instruction("Explain", "Tranche", "Number of the tranche whose shares are explained.")]
            if has_tranches
            else []
        ),
    )


def _explain(book: Book, stock: Capitalisation, placed: Placed | None) -> None:
    """Explain dilution and headroom as they are now, and what one tranche adds."""
    stories = [
        Story(
            "Dilution if all options and warrants are exercised",
            "DILUTION",
            (OUTSTANDING, UNDER_OPTIONS),
            3,
            DILUTION_SHARE,
            only_if=f"{OUTSTANDING}>0",
        )
    ]
    limits = book.selection.terms.limits
    if limits:
        stories.append(
            Story(
                f"Further shares that stay below {per_cent(limits.exchange_limit)}",
                "NASDAQ20_HEADROOM",
                (latest_name(stock), ISSUED, "Deal"),
                3,
                EXCHANGE_HEADROOM,
            )
        )
    choice, parts = None, []
    if placed:
        # One that is in the money at both prices, so that there is something to see.
        prices = placed.values["Exercise price"]
        in_the_money = [isinstance(one, float) and one < stock.last_sale for one in prices]
        choice = Choice(
            "Tranche",
            "Explained_tranche",
            1 + (in_the_money.index(True) if any(in_the_money) else 0),
            styles.COUNT,
            whole_number(1, "Number of a tranche of the table"),
        )
        parts = [
            ExplainedPart(
                "Securities", "Explained_securities", _chosen("Securities"), styles.COUNT
            ),
            ExplainedPart(
                "Securities counted", "Explained_counted", _chosen(COUNTED), styles.COUNT
            ),
            ExplainedPart(
                "Exercise price", "Explained_price", _chosen("Exercise price"), styles.QUOTE
            ),
        ]
        stories += _tranche_stories()
    write_explain(book, stories, choice, parts)


def _tranche_stories() -> list[Story]:
    """Explain what the chosen tranche adds."""
    counted = "Explained_counted>0"
    return [
        Story(
            "Treasury stock shares of the tranche",
            "TREASURY_STOCK_SHARES",
            ("Explained_securities", "Explained_price", AVERAGE),
            4,
            _chosen("Treasury stock shares"),
            only_if=f'AND({counted},{AVERAGE}<>"")',
        ),
        Story(
            "Cashless shares of the tranche",
            "NET_EXERCISE_SHARES",
            ("Explained_securities", MARKET, "Explained_price"),
            5,
            _chosen("Cashless shares"),
            only_if=f'AND({counted},{MARKET}<>"")',
        ),
    ]


def _chosen(column: str) -> str:
    """Take a figure of the chosen tranche; 0 where there is no tranche of that number."""
    figures = whole(TABLE, column)
    there = f"AND(Explained_tranche>=1,Explained_tranche<=ROWS({figures}))"
    return f"IF({there},INDEX({figures},Explained_tranche),0)"
