"""placements.xlsx: the log of placements under one sales agreement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from xladdin.terms.selection import Selection
from xladdin.workbooks import explain_sheet as explain
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import (
    Instruction,
    origin_of,
    write_closing_sheets,
    write_start,
)
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import twin_header, whole, write_table
from xladdin.workbooks.layout.tables import HEADER_ROW, finish_sheet
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries
from xladdin.workbooks.placements import headings as col
from xladdin.workbooks.placements.agents import agents_of, write_agents
from xladdin.workbooks.placements.columns import crossing_a_tier, log_columns
from xladdin.workbooks.placements.headings import TABLE
from xladdin.workbooks.placements.log_terms import LogTerms, log_of
from xladdin.workbooks.placements.totals import write_totals
from xladdin.workbooks.placements.warrants import warrant_stories
from xladdin.workbooks.share_basis import OF_ITS_DAY, carried_in_words
from xladdin.workbooks.share_basis import of_the_deal as basis_of

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
    log = log_of(selection)
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
            *_beside_a_sale(log),
            Instruction("Placements", "Remark", "Read here what is wrong or odd about a row."),
            Instruction(
                "Placements",
                "rows below the table",
                "The table grows: type under its last row, and formulas follow.",
            ),
            *(
                [Instruction("Totals", "Price for the rest", "Price at which it might be sold.")]
                if log.in_dollars
                else []
            ),
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
    write_agents(book, TABLE, col.CARRIED if log.carried else col.SOLD, log)
    _explain(book)
    write_closing_sheets(book, tiers=log.pays)
    return book


def _beside_a_sale(log: LogTerms) -> Iterator[Instruction]:
    """Yield what to type in the columns that some agreements need."""
    if agents_of(log.selection):
        yield Instruction("Placements", col.AGENT, "Who sold it, from the list.")
    if log.own_rates:
        yield Instruction(
            "Placements", col.OWN_RATE, "Rate that was agreed for it; blank for the highest."
        )
    if not log.pays:
        yield Instruction(
            "Placements", col.FEE_PAID, "The deal states no commission: what was paid."
        )
    if log.pooled:
        unit = "Shares" if log.in_shares else "USD"
        yield Instruction(
            "Placements",
            col.OTHERS_SOLD,
            f"{unit} sold by then under the pool's other agreements; blank for as many as above.",
        )


def _units(log: LogTerms) -> dict[str, str]:
    left = "shares" if log.in_shares else "USD"
    return {
        col.COUNTED: "",
        col.FACTOR: "old for new",
        col.CAPACITY_LEFT: left,
        **dict.fromkeys((col.OTHERS_SOLD, col.READ_OTHERS, col.OTHERS_TO_DATE), left),
        **dict.fromkeys((col.OWN_RATE, col.READ_RATE, col.RATE_GIVEN), "per cent"),
        twin_header(col.CAPACITY_LEFT): left,
    }


def _basis(log: LogTerms) -> Callable[[str], str]:
    """Find which shares a column is in: those of its row's day, or of the deal's."""
    if not log.selection.all_splits:
        return lambda _: ""
    figures = (col.CAPACITY_LEFT, col.CARRIED, "Warrants", "Exercise price")
    of_the_deal = {*figures, *map(twin_header, figures), col.IN_ALL, col.PRIOR_SHARES}
    of_the_deal |= {col.OTHERS_SOLD, col.READ_OTHERS, col.OTHERS_TO_DATE, col.SHARES_TO_DATE}
    return lambda name: basis_of(log.selection) if name in of_the_deal else OF_ITS_DAY


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
        + carried_in_words(book.selection),
        _units(LogTerms(book.selection)),
        frozen=2,
        basis=_basis(LogTerms(book.selection)),
    )
    write_totals(book, placed)


def _explain(book: Book) -> None:
    """Explain the commission on all placements, and the figures of one placement."""
    selection = book.selection

    def chosen(column: str) -> str:
        return f"IF(Explained_row=0,0,INDEX({whole(TABLE, column)},Explained_row))"

    shows = enumerate(crossing_a_tier(selection) if book.entries.illustrative(TABLE) else (), 1)
    crossing = next((number for number, crosses in shows if crosses), 1)
    choice, row = explain.row_choice(
        book,
        "Placement",
        "Explained_placement",
        TABLE,
        "Number of a placement of the log",
        rows="the log",
        first=crossing,
    )
    parts = [
        explain.ExplainedPart("Row of the log", "Explained_row", row, styles.COUNT),
        explain.ExplainedPart("Date", "Explained_date", chosen("Date"), styles.DATE),
        explain.ExplainedPart("Shares", "Explained_shares", chosen(col.SOLD), styles.COUNT),
        explain.ExplainedPart(
            "Price, USD a share", "Explained_price", chosen("Price"), styles.QUOTE
        ),
        explain.ExplainedPart("Gross, USD", "Explained_gross", chosen("Gross"), styles.USD),
        explain.ExplainedPart(
            "Prior gross, USD", "Explained_prior", chosen(col.PRIOR_GROSS), styles.USD
        ),
        explain.ExplainedPart(
            "Prior shares", "Explained_prior_shares", chosen(col.PRIOR_SHARES), styles.COUNT
        ),
    ]
    log = LogTerms(selection)
    if log.in_shares:
        used = "Sold of the capacity, shares"
        parts.append(
            explain.ExplainedPart(used, "Explained_used", chosen(col.SHARES_TO_DATE), styles.COUNT)
        )
    if log.carried and selection.sales.warrants:
        used = f"Shares in all{basis_of(selection)}"
        parts.append(
            explain.ExplainedPart(used, "Explained_in_all", chosen(col.IN_ALL), styles.COUNT)
        )
    if log.own_rates:
        parts.append(
            explain.ExplainedPart("Own rate", "Explained_rate", chosen(col.RATE_GIVEN), styles.RATE)
        )
    explain.write_explain(book, [*_stories(log, chosen), *_accounts(log, chosen)], [choice, *parts])


def _accounts(log: LogTerms, chosen: Callable[[str], str]) -> Iterator[explain.Account]:
    """Yield what is typed, added up or taken off for the row explained; see `_stories`."""
    fee, typed = chosen("Commission"), "typed in the log: no document states it"
    if not log.pays:
        paid = explain.Term("Fee paid on the placement, USD", chosen(col.READ_FEE), source=typed)
        yield explain.Account("Commission on the placement", fee, log.dollars, (paid,))
    net = (
        explain.Term("Shares sold at their price, USD", "", "Explained_shares", "Explained_price"),
        explain.Term("Less the commission, USD", f"-{fee}", source="" if log.pays else typed),
        explain.Term("Net proceeds, USD"),
    )
    yield explain.Account("Net proceeds of the placement", chosen("Net proceeds"), log.dollars, net)
    if log.pooled:
        count, all_sold, unit = "Gross", col.POOL_TO_DATE, "USD"
        if log.in_shares:
            count, all_sold = col.CARRIED if log.carried else col.COUNT, col.SHARES_TO_DATE
            unit = "shares"
        own = f"SUMPRODUCT(({whole(TABLE, 'No')}<=Explained_row)*{whole(TABLE, count)})"
        shared = (
            explain.Term(f"Under this agreement, {unit}", f"IF({chosen(col.DAY)}=0,0,{own})"),
            explain.Term(
                f"Under the pool's others, {unit}",
                f"IF({chosen(col.DAY)}=0,0,{chosen(col.OTHERS_TO_DATE)})",
            ),
            explain.Term(f"Under the whole pool, {unit}"),
        )
        quantity = quantities.CARRIED if log.in_shares else log.dollars
        yield explain.Account("Sold up to the placement", chosen(all_sold), quantity, shared)


def _stories(log: LogTerms, chosen: Callable[[str], str]) -> list[explain.Story]:
    """List the explanations, given the formula of a column's figure in the row explained."""
    sold, stories = "Explained_shares>0", []
    schedule = log.selection.sales.schedule
    if log.by_total:
        all_sold = ("Gross_total", "0", "Deal")
        steps = explain.fee_steps(len(log.selection.schedule.rates))
        heading = "Commission on all placements"
        stories.append(explain.Story(heading, "CEO_FEE", all_sold, steps, "Commission_total"))
    if schedule is not None:
        given = ("Explained_gross", "Explained_prior")
        function, more = "CEO_FEE", ["Deal"]
        if log.own_rates:
            function, more = "DEAL_FEE", ["Explained_rate", "", "Deal"]
        stories.append(
            explain.Story(
                "Commission on the placement",
                function,
                (*given, *more),
                explain.schedule_steps(schedule),
                chosen("Commission"),
                only_if=sold,
            )
        )
    stories += warrant_stories(log, chosen)
    if log.selection.sales.delivery_sessions is not None:
        stories.append(
            explain.Story(
                "Settlement of the placement",
                "SETTLEMENT_DATE",
                ("Explained_date", "Deal"),
                3,
                chosen(col.SETTLEMENT),
                styles.DATE,
                only_if=sold,
            )
        )
    if log.in_dollars or log.in_shares:
        used = "Explained_used" if log.in_shares else "Explained_prior+Explained_gross"
        stories.append(
            explain.Story(
                "Capacity left after the placement",
                "CEO_CAPACITY",
                (used, "", "Deal"),
                2,
                chosen(col.CAPACITY_LEFT),
                only_if=sold,
            )
        )
    return stories
