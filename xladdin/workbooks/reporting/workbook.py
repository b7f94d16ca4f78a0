"""reporting.xlsx: what was sold under a deal's agreements, period by period."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Final

from xladdin.terms.selection import Selection
from xladdin.workbooks import explain_sheet as explain
from xladdin.workbooks.common_sheets import (
    CALENDAR_YEARS_BEFORE,
    Instruction,
    write_closing_sheets,
    write_start,
)
from xladdin.workbooks.illustrative import in_cents
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import whole
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries
from xladdin.workbooks.reporting import headings as col
from xladdin.workbooks.reporting import shares
from xladdin.workbooks.reporting.agreements import write_agreements
from xladdin.workbooks.reporting.amendments import write_amendments
from xladdin.workbooks.reporting.compared import compared_stories, write_compared
from xladdin.workbooks.reporting.earnings import eps_stories, write_earnings
from xladdin.workbooks.reporting.headings import TABLE
from xladdin.workbooks.reporting.illustrative import (
    illustrative_price,
    illustrative_sales,
    period_ends,
)
from xladdin.workbooks.reporting.inputs import write_inputs
from xladdin.workbooks.reporting.periods import (
    PeriodsSheet,
    capacity_labels,
    left_at_the_end,
    period_accounts,
    write_days_of_periods,
    write_periods,
)
from xladdin.workbooks.reporting.programme import Programme, programme_of
from xladdin.workbooks.reporting.roll_forward import (
    explained_warrants,
    warrant_account,
    warrant_story,
    write_roll_forward,
)
from xladdin.workbooks.reporting.runway import runway_accounts, write_runway
from xladdin.workbooks.reporting.sales import write_sales
from xladdin.workbooks.reporting.securities import illustrative_securities, write_securities
from xladdin.workbooks.reporting.shares import write_shares
from xladdin.workbooks.reporting.warrant_changes import write_warrant_changes
from xladdin.workbooks.reporting.warrant_headings import TABLE as WARRANTS
from xladdin.workbooks.reporting.warrants import illustrative_warrants, write_warrants
from xladdin.workbooks.share_basis import as_typed
from xladdin.workbooks.terms_sheet import terms_of

TITLE: Final = "Quarterly reporting"

_OF_SALES: Final = (
    "Keep one row for each sale under any agreement of the deal, and read what was sold in the "
    "quarter, in the year to date, in all and after the period, "
)
_PURPOSE: Final = (
    "the earnings a share, the warrants and the runway, as a quarterly report prints them."
)
"""What the workbook is for, with a log of sales and in any case."""

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
        NothingToShowError: The deal has no sales agreement and no instrument (#REF!).
    """
    year = selection.terms.document_date.year - CALENDAR_YEARS_BEFORE
    programme = programme_of(selection, datetime.date(year, 1, 1))
    book = Book(programme.selection, every_agreement=True, entries=entries)
    sales = illustrative_sales(programme)
    write_start(
        book, TITLE, f"{_OF_SALES if sales else 'Read '}{_PURPOSE}", _steps(book, programme)
    )
    ends = period_ends(programme, sales)
    shown = illustrative_price(programme, sales)
    price = in_cents(shown * programme.selection.old_for_new(ends.period))
    write_inputs(book, programme, ends, price, sales=bool(sales))
    periods = None
    if sales:
        write_sales(book, programme, sales)
        periods = write_periods(book, programme)
        write_agreements(book, programme)
        write_amendments(book, programme)
    else:
        write_days_of_periods(book)
    write_shares(book, programme, ends)
    write_securities(book, illustrative_securities(programme, price))
    write_earnings(book, programme)
    write_compared(book, programme)
    warrants = illustrative_warrants(programme, price, ends)
    write_warrants(book, warrants)
    write_warrant_changes(book, programme, warrants, ends)
    write_roll_forward(book)
    write_runway(book, programme, periods.net_after_the_period() if periods else None)
    _explain(book, programme, periods)
    write_closing_sheets(book, calendar=bool(sales))
    return book


def _steps(book: Book, programme: Programme) -> list[Instruction]:
    steps = [
        Instruction(
            "Inputs", "Value", "The ends of the periods, and the figures of each that are needed."
        )
    ]
    if programme.agreements:
        steps += _steps_of_sales(programme)
    rows = "Row of Sales, Row of Warrants" if programme.agreements else "Row of Warrants"
    steps += [
        Instruction(
            "Shares", "Date, Issued, Retired", "The opening count, and changes beside the sales."
        ),
        Instruction(
            "Securities", "Name, Shares issuable", "Options, warrants, units and what converts."
        ),
        Instruction("EPS", "all", "Read the shares and the earnings a share, basic and diluted."),
        Instruction(
            "Warrants", "Name, Exercise price, Expires", "One row for each kind of warrants."
        ),
        Instruction(
            "Warrant changes",
            "Date, Warrants, Issued, Exercised, Expired",
            "The numbers on a day before the year, and what changed them since.",
        ),
        Instruction("Roll-forward", "all", "Read the warrants from opening to closing."),
        Instruction("Runway", "all", "Read for how many months the cash lasts."),
        Instruction("Explain", rows, "Numbers of the rows that are explained."),
    ]
    if book.entries.illustrative(TABLE if programme.agreements else shares.TABLE):
        steps.append(
            Instruction("all", "first rows and days", "Illustrative: clear them to begin.")
        )
    return steps


def _steps_of_sales(programme: Programme) -> Iterator[Instruction]:
    """Yield what to type into the log of sales, and what to read of it."""
    typed = ["Agreement"] if programme.several else []
    cells = ", ".join((*typed, "Date, Shares, Price"))
    yield Instruction("Sales", cells, "One row each, oldest first.")
    if programme.own_rates:
        words = "Where a sale bears less than the rate agreed at most; blank for that rate."
        yield Instruction("Sales", col.OWN_RATE, words)
    if programme.fees_typed:
        of = [one.sales.key for one in programme.agreements if not one.pays]
        words = f"Fee of a sale under {' and '.join(of)}, whose commission the deal does not state."
        yield Instruction("Sales", col.FEE_PAID, words)
    yield Instruction("Sales", "Remark", "Read here what is wrong or odd about a row.")
    yield Instruction("Sales", "rows below", "The table grows: type under its last row.")
    yield Instruction("Periods", "all", "Read what a quarterly report prints.")


def _chosen(column: str) -> str:
    return f"IF(Explained_at=0,0,INDEX({whole(TABLE, column)},Explained_at))"


def _explain(book: Book, programme: Programme, periods: PeriodsSheet | None) -> None:
    """Explain one sale and one warrant, what is left of each agreement, and the diluted figures."""
    parts = list(_sale(book, programme)) if periods else []
    row, rule = explain.FIRST_ROW + len(parts), "Number of a row"
    name = "Explained_warrants"
    choice, at = explain.row_choice(book, "Row of Warrants", name, WARRANTS, rule, at=row)
    parts += [
        choice,
        explain.ExplainedPart("Row", f"{name}_at", at, styles.COUNT),
        *explained_warrants(book.selection),
    ]
    stories: list[explain.Story | explain.Account] = []
    if periods:
        stories += [*_stories(programme, periods), *period_accounts(periods)]
    stories += [*eps_stories(programme), *compared_stories(programme)]
    stories += [warrant_story(), warrant_account(), *runway_accounts()]
    explain.write_explain(book, stories, parts)


def _sale(book: Book, programme: Programme) -> Iterator[explain.Choice | explain.ExplainedPart]:
    """Yield the choice of a sale, and what is explained of it."""
    choice, at = explain.row_choice(
        book, "Row of Sales", "Explained_sale", TABLE, "Number of a row"
    )
    yield choice
    yield explain.ExplainedPart("Row", "Explained_at", at, styles.COUNT)
    for label, name, column, form in (
        ("Day", "Explained_on", col.DAY, styles.DATE),
        (as_typed(book.selection, "Shares"), "Explained_shares", col.COUNT, styles.COUNT),
        ("Gross, USD", "Explained_gross", col.GROSS, styles.USD),
        ("Sold before, USD", "Explained_before", col.BEFORE, styles.USD),
    ):
        yield explain.ExplainedPart(label, name, _chosen(column), form)
    yield from _parts_of_the_fee(programme)


def _parts_of_the_fee(programme: Programme) -> Iterator[explain.ExplainedPart]:
    """Yield the arguments of the fee that some deals need."""
    for label, name, column, form, needed in (
        ("Own rate", "Explained_rate", col.RATE_GIVEN, styles.RATE, programme.own_rates),
        ("Schedule", "Explained_schedule", col.SCHEDULE, styles.GENERAL, bool(programme.line)),
        ("Terms", "Explained_terms", col.TERMS, styles.GENERAL, programme.terms_by_row),
        ("Deal states the fee", "Explained_pays", col.PAYS, styles.COUNT, programme.fees_typed),
    ):
        if needed and programme.pays:
            yield explain.ExplainedPart(label, name, _chosen(column), form)


def _stories(programme: Programme, periods: PeriodsSheet) -> list[explain.Story]:
    stories = []
    if programme.pays:
        stories.append(_fee_story(programme))
    if programme.selection.splits:
        carried = ("Explained_shares", "Explained_on", "", '"count"', "Deal")
        stories.append(
            explain.Story(
                "Shares of the sale after all splits, unrounded",
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
                explain.Story(
                    f"Left under the {sold.title}",
                    "CEO_CAPACITY",
                    (at, "", terms_of(sold.sales.key)),
                    2,
                    periods.cell(sold.number, left, _CUMULATIVE),
                    only_if=left_at_the_end(sold),
                )
            )
    return stories


def _fee_story(programme: Programme) -> explain.Story:
    arguments = (
        "Explained_gross",
        "Explained_before",
        "Explained_rate" if programme.own_rates else "",
        "Explained_schedule" if programme.line else "",
        "Explained_terms" if programme.terms_by_row else "Deal",
    )
    only_if = "Explained_gross>0"
    if programme.fees_typed:
        only_if = "AND(Explained_gross>0,Explained_pays=1)"
    steps = max(
        explain.schedule_steps(one.schedule) for one in programme.agreements if one.schedule
    )
    return explain.Story(
        "Fee on the sale", "DEAL_FEE", arguments, steps, _chosen(col.FEE), only_if=only_if
    )
