"""reporting.xlsx: what was sold under a deal's agreements, period by period."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Final

from xladdin.checking.checks_sheet import Check
from xladdin.terms.selection import Selection
from xladdin.workbooks.common_sheets import (
    CALENDAR_YEARS_BEFORE,
    Instruction,
    write_closing_sheets,
    write_start,
)
from xladdin.workbooks.explain_sheet import (
    CHOICE_CELL,
    Choice,
    ExplainedPart,
    Story,
    schedule_steps,
    write_explain,
)
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import whole_number
from xladdin.workbooks.layout.remarks import when
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.layout.table import whole
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries
from xladdin.workbooks.reporting.agreements import write_agreements
from xladdin.workbooks.reporting.earnings import eps_stories, write_earnings
from xladdin.workbooks.reporting.headings import (
    BEFORE,
    COUNT,
    DAY,
    FEE,
    FEE_PAID,
    GROSS,
    OWN_RATE,
    PAYS,
    RATE_GIVEN,
    SCHEDULE,
    TABLE,
    TERMS,
)
from xladdin.workbooks.reporting.illustrative import illustrative_sales, period_ends
from xladdin.workbooks.reporting.inputs import write_inputs
from xladdin.workbooks.reporting.periods import (
    PeriodsSheet,
    capacity_labels,
    left_at_the_end,
    write_periods,
)
from xladdin.workbooks.reporting.programme import Programme, programme_of
from xladdin.workbooks.reporting.sales import write_sales
from xladdin.workbooks.reporting.securities import illustrative_securities, write_securities
from xladdin.workbooks.reporting.shares import write_shares
from xladdin.workbooks.terms_sheet import terms_of

TITLE: Final = "Quarterly reporting"

_CUMULATIVE: Final = 4
_SPLIT_STEPS: Final = 2
"""Steps of a carried count beside those of each split."""


def build(selection: Selection, entries: Entries = NOTHING) -> Book:
    """Write the workbook, formulas without values.

    Args:
        selection: The deal; the workbook is about all of its agreements, whichever is chosen.
        entries: What users entered.

    Returns:
        The workbook.

    Raises:
        NothingToShowError: The deal has no sales agreement, or its commissions were amended
            (#REF!).
    """
    year = selection.terms.document_date.year - CALENDAR_YEARS_BEFORE
    programme = programme_of(selection, datetime.date(year, 1, 1))
    book = Book(programme.selection, every_agreement=True, entries=entries)
    sales = illustrative_sales(programme)
    write_start(
        book,
        TITLE,
        "Keep one row for each sale under any agreement of the deal, and read what was sold in the "
        "quarter, in the year to date, in all and after the period, and the earnings a share, as a "
        "quarterly report prints them.",
        _steps(book, programme),
    )
    ends = period_ends(sales)
    write_inputs(book, ends, sales[-1].price)
    write_sales(book, programme, sales)
    periods = write_periods(book, programme)
    write_agreements(book, programme)
    write_shares(book, programme, ends)
    write_securities(book, illustrative_securities(programme, sales[-1].price))
    write_earnings(book, programme)
    _explain(book, programme, periods)
    write_closing_sheets(book)
    return book


def _steps(book: Book, programme: Programme) -> list[Instruction]:
    typed = ["Agreement"] if programme.several else []
    steps = [
        Instruction(
            "Inputs", "Value", "The ends of the periods, and their incomes and average prices."
        ),
        Instruction(
            "Sales", ", ".join((*typed, "Date, Shares, Price")), "One row each, oldest first."
        ),
    ]
    if programme.own_rates:
        words = "Where a sale bears less than the rate agreed at most; blank for that rate."
        steps.append(Instruction("Sales", OWN_RATE, words))
    if programme.fees_typed:
        of = [one.sales.key for one in programme.agreements if not one.pays]
        words = f"Fee of a sale under {' and '.join(of)}, whose commission the deal does not state."
        steps.append(Instruction("Sales", FEE_PAID, words))
    steps += [
        Instruction("Sales", "Remark", "Read here what is wrong or odd about a row."),
        Instruction("Sales", "rows below", "The table grows: type under its last row."),
        Instruction("Periods", "all", "Read what a quarterly report prints."),
        Instruction(
            "Shares", "Date, Issued, Retired", "The opening count, and changes beside the sales."
        ),
        Instruction(
            "Securities", "Name, Shares issuable", "Options, warrants, units and what converts."
        ),
        Instruction("EPS", "all", "Read the shares and the earnings a share, basic and diluted."),
        Instruction("Explain", "Sale", "Number of the row of Sales whose fee is explained."),
    ]
    if book.entries.illustrative(TABLE):
        steps.append(
            Instruction("all", "first rows and days", "Illustrative: clear them to begin.")
        )
    return steps


def _chosen(column: str) -> str:
    return f"IF(Explained_at=0,0,INDEX({whole(TABLE, column)},Explained_at))"


def _explain(book: Book, programme: Programme, periods: PeriodsSheet) -> None:
    """Explain the fee on one sale, and what is left of each agreement at the period's end."""
    number = as_counted("Explained_sale")
    past = f"{number}>ROWS({TABLE})"
    book.entry_checks.append(
        Check(
            f"{CHOICE_CELL}, Explained sale: past the last row",
            when(past),
            0,
            source=f"choose a row of {TABLE}",
        )
    )
    choice = Choice(
        "Row of Sales", "Explained_sale", 1, styles.COUNT, whole_number(1, "Number of a row")
    )
    at = f"IF({past},0,MAX(1,{number}))"
    parts = [
        ExplainedPart("Row", "Explained_at", at, styles.COUNT),
        ExplainedPart("Day", "Explained_on", _chosen(DAY), styles.DATE),
        ExplainedPart("Shares", "Explained_shares", _chosen(COUNT), styles.COUNT),
        ExplainedPart("Gross, USD", "Explained_gross", _chosen(GROSS), styles.USD),
        ExplainedPart("Sold before, USD", "Explained_before", _chosen(BEFORE), styles.USD),
    ]
    parts += _parts_of_the_fee(programme)
    write_explain(book, _stories(programme, periods), choice, parts)


def _parts_of_the_fee(programme: Programme) -> Iterator[ExplainedPart]:
    """Yield the arguments of the fee that some deals need."""
    for label, name, column, form, needed in (
        ("Own rate", "Explained_rate", RATE_GIVEN, styles.RATE, programme.own_rates),
        ("Schedule", "Explained_schedule", SCHEDULE, styles.GENERAL, bool(programme.line)),
        ("Terms", "Explained_terms", TERMS, styles.GENERAL, programme.several),
        ("Deal states the fee", "Explained_pays", PAYS, styles.COUNT, programme.fees_typed),
    ):
        if needed and programme.pays:
            yield ExplainedPart(label, name, _chosen(column), form)


def _stories(programme: Programme, periods: PeriodsSheet) -> list[Story]:
    stories = []
    if programme.pays:
        stories.append(_fee_story(programme))
    if programme.splits:
        carried = ("Explained_shares", "Explained_on", "", '"count"', "Deal")
        stories.append(
            Story(
                "Shares of the sale after all splits, before they are rounded down",
                "SPLIT_ADJUSTED",
                carried,
                _SPLIT_STEPS + len(programme.selection.splits),
                f"SPLIT_ADJUSTED({','.join(carried)})",
                only_if="AND(Explained_on>0,Explained_on<=split_1.day)",
            )
        )
    for sold in programme.agreements:
        used, left = capacity_labels(programme, sold)
        if (sold.number, left) in periods.rows:
            at = periods.cell(sold.number, used, _CUMULATIVE)
            stories.append(
                Story(
                    f"Left under the {sold.title}",
                    "CEO_CAPACITY",
                    (at, "", terms_of(sold.sales.key)),
                    2,
                    periods.cell(sold.number, left, _CUMULATIVE),
                    only_if=left_at_the_end(sold),
                )
            )
    return [*stories, *eps_stories()]


def _fee_story(programme: Programme) -> Story:
    arguments = (
        "Explained_gross",
        "Explained_before",
        "Explained_rate" if programme.own_rates else "",
        "Explained_schedule" if programme.line else "",
        "Explained_terms" if programme.several else "Deal",
    )
    only_if = "Explained_gross>0"
    if programme.fees_typed:
        only_if = "AND(Explained_gross>0,Explained_pays=1)"
    steps = max(schedule_steps(one.schedule) for one in programme.agreements if one.schedule)
    return Story("Fee on the sale", "DEAL_FEE", arguments, steps, _chosen(FEE), only_if=only_if)
