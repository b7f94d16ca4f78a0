"""equityline.xlsx: advances, purchases and conversions at prices that follow quotations."""

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
from xladdin.workbooks.equityline.advances import write_advances
from xladdin.workbooks.equityline.headings import (
    ALL_ISSUED,
    AVERAGE,
    BEFORE,
    CAP_LEFT,
    COMMITMENT,
    COUNTED_AMOUNT,
    DAY,
    FEE,
    FORMULA,
    HELD,
    ISSUE_DAY,
    ISSUED,
    OWNED_LEFT,
    PRICE,
    SHARES,
    TABLE,
)
from xladdin.workbooks.equityline.illustrative import illustrative
from xladdin.workbooks.equityline.line import EquityLine, line_of
from xladdin.workbooks.equityline.price_terms import in_words, needs_sheet, write_price_terms
from xladdin.workbooks.equityline.quotations import quotes_range, write_quotations
from xladdin.workbooks.equityline.sensitivity import write_sensitivity
from xladdin.workbooks.equityline.summary import shares_in_words, write_summary
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

TITLE: Final = "Equity line"


def build(selection: Selection, entries: Entries = NOTHING) -> Book:
    """Write the workbook, formulas without values.

    Args:
        selection: The deal; it must have a price formula beside those of floating.xlsx, or a cap
            on the shares of an issue beside the exchange's.
        entries: What users entered.

    Returns:
        The workbook.

    Raises:
        NothingToShowError: The deal has neither (#REF!).
    """
    year = selection.terms.document_date.year - CALENDAR_YEARS_BEFORE
    line = line_of(selection, datetime.date(year, 1, 1))
    book = Book(line.selection, entries=entries)
    case = illustrative(line)
    write_start(
        book,
        TITLE,
        "Keep one row for each advance, purchase or conversion, and read its price, its shares, "
        "what caps and limits leave, and what the rest gives at assumed prices.",
        _steps(book, line),
    )
    write_summary(book, line, case.outstanding)
    if line.formulas:
        write_quotations(book, line, case.quotes)
    write_advances(book, line, case.advances)
    write_sensitivity(book, line, case.advances[-1].price)
    if needs_sheet(line):
        write_price_terms(book, line)
    _explain(book, line)
    write_closing_sheets(book)
    return book


def _steps(book: Book, line: EquityLine) -> list[Instruction]:
    typed = ["Date"]
    if len(line.formulas) > 1:
        typed.append("Formula")
    if line.takes_issue:
        typed.append("Issue date")
    typed.append("Amount")
    if not line.formulas:
        typed.append("Price")
    steps = [
        Instruction(
            "Line", "Shares outstanding, Ownership limit", "What holds before the first row."
        )
    ]
    if line.formulas:
        steps.append(
            Instruction("Quotations", ", ".join(("Date", *line.columns)), "One row a session.")
        )
    steps += [
        Instruction("Advances", ", ".join(typed), "One row each, oldest first."),
        *_columns_in_words(line),
        Instruction(
            "Advances",
            "Held before",
            "Shares that the investor holds right before the row, which the ownership limit "
            "counts; blank for none.",
        ),
        Instruction("Advances", "Remark", "Read here what is wrong or odd about a row."),
        Instruction("all tables", "rows below", "Tables grow: type under their last row."),
        Instruction("Line", "Amount of the sheet Sensitivity", "Blank for what is left."),
        Instruction("Sensitivity", "Assumed price", "Prices at which the rest might be sold."),
        Instruction("Explain", "Row", "Number of the row whose figures are explained."),
    ]
    if book.entries.illustrative(TABLE):
        steps.append(
            Instruction("all", "rows, prices, counts", "Illustrative unless a source is named.")
        )
    return steps


def _columns_in_words(line: EquityLine) -> Iterator[Instruction]:
    """Yield what the columns of the advances mean that a reader may not know."""
    if len(line.formulas) > 1:
        for number, formula in enumerate(line.formulas):
            words = in_words(line, number)
            yield Instruction(
                "Advances", f"Formula {formula.key}", f"{words[0].upper()}{words[1:]}."
            )
    if line.takes_issue:
        yield Instruction(
            "Advances",
            "Issue date",
            "Day on which what is converted was issued: some windows of prices lie before it, and "
            "some figures hold for so many days after it.",
        )
    words = shares_in_words(line)
    if words:
        yield Instruction("Advances", "Shares, Issued", words)


def _explain(book: Book, line: EquityLine) -> None:
    """Explain the figures of one row."""
    number = as_counted("Explained_advance")
    past = f"{number}>ROWS({TABLE})"
    book.entry_checks.append(
        Check(
            f"{CHOICE_CELL}, Explained advance: past the last row",
            when(past),
            0,
            source="choose a row of Advances",
        )
    )
    choice = Choice(
        "Row of Advances",
        "Explained_advance",
        1,
        styles.COUNT,
        whole_number(1, "Number of a row of Advances"),
    )
    write_explain(book, _stories(line), choice, _parts(line, past, number))


def _chosen(column: str) -> str:
    return f"IF(Explained_at=0,0,INDEX({whole(TABLE, column)},Explained_at))"


def _parts(line: EquityLine, past: str, number: str) -> list[ExplainedPart]:
    at = f"IF({past},0,MAX(1,{number}))"
    parts = [ExplainedPart("Row", "Explained_at", at, styles.COUNT)]
    parts.append(ExplainedPart("Day", "Explained_on", _chosen(DAY), styles.DATE))
    if len(line.formulas) > 1:
        key = f'IF(Explained_on=0,"",{_chosen(FORMULA)})'
        parts.append(ExplainedPart("Formula", "Explained_formula", key, styles.GENERAL))
    if line.takes_issue:
        parts.append(
            ExplainedPart("Day of issue", "Explained_issue", _chosen(ISSUE_DAY), styles.DATE)
        )
    parts += [
        ExplainedPart("Amount, USD", "Explained_amount", _chosen(COUNTED_AMOUNT), styles.USD),
        ExplainedPart("Price, USD a share", "Explained_price", _chosen(PRICE), styles.PRICE),
        ExplainedPart("Shares", "Explained_shares", _chosen(SHARES), styles.COUNT),
        ExplainedPart(
            "Sold before, USD",
            "Explained_prior",
            _chosen(BEFORE),
            styles.USD,
        ),
        ExplainedPart("Issued to date", "Explained_issued", _chosen(ALL_ISSUED), styles.COUNT),
        ExplainedPart("Held before", "Explained_held", f"N({_chosen(HELD)})", styles.COUNT),
        ExplainedPart(
            "Outstanding before",
            "Explained_outstanding",
            f"Line_outstanding+{_chosen(ALL_ISSUED)}-{_chosen(ISSUED)}",
            styles.COUNT,
        ),
    ]
    if line.cap and line.cap.lifted_at is not None:
        parts.append(
            ExplainedPart("Average price", "Explained_average", _chosen(AVERAGE), styles.PRICE)
        )
    return parts


def _price_steps(line: EquityLine) -> int:
    """Count the most steps that EXPLAIN gives of a price."""
    most = 0
    for formula in line.formulas:
        given = sum(getattr(formula, name) is not None for name in ("floor", "cap", "round_to"))
        steps = 1 + min(given, 2 if formula.round_to is None else 3)
        steps += 0 if formula.add is None else 2
        for leg in formula.legs:
            tests = sum(one is not None for one in (leg.when_below, leg.when_at_least))
            follows = 1 if leg.kind == "fixed" else 2 + (leg.floor is not None)
            steps += follows + (tests + 1 if tests else 0)
        most = max(most, steps)
    return most + len(line.selection.all_splits)


def _stories(line: EquityLine) -> list[Story]:
    priced = "Explained_price>0"
    stories = []
    if line.formulas:
        key = "Explained_formula" if len(line.formulas) > 1 else f'"{line.formulas[0].key}"'
        issue = "Explained_issue" if line.takes_issue else ""
        stories.append(
            Story(
                "Price of the row",
                "DEAL_PRICE",
                (key, quotes_range(line), "Explained_on", issue, line.terms),
                _price_steps(line),
                _chosen(PRICE),
                styles.PRICE,
                only_if=priced,
            )
        )
    stories.append(
        Story(
            "Shares of the row",
            "DEBENTURE_SHARES",
            ("Explained_amount", "Explained_price", "Deal"),
            3,
            _chosen(SHARES),
            only_if=priced,
        )
    )
    for heading, fee in ((FEE, line.fee), (COMMITMENT, line.commitment)):
        if fee:
            arguments = ("Explained_amount", "Explained_prior", "", f'"{fee.key}"', "Deal")
            steps = schedule_steps(fee.schedule)
            stories.append(
                Story(heading, "DEAL_FEE", arguments, steps, _chosen(heading), only_if=priced)
            )
    if line.cap:
        average, only_if = "", priced
        if line.cap.lifted_at is not None:
            average = 'IF(Explained_average=0,"",Explained_average)'
            only_if = f"AND({priced},{_chosen(CAP_LEFT)}>0)"
        stories.append(
            Story(
                "Left under the cap after the row",
                "ISSUE_HEADROOM",
                (f'"{line.cap.key}"', "Explained_issued", average, "Deal"),
                8,
                _chosen(CAP_LEFT),
                only_if=only_if,
            )
        )
    stories.append(
        Story(
            "What the ownership limit leaves before the row",
            "OWNERSHIP_HEADROOM",
            ("Explained_outstanding", "Explained_held", "Ownership_limit"),
            5,
            _chosen(OWNED_LEFT),
            only_if=f"AND({priced},COUNTBLANK(Line_outstanding)=0)",
        )
    )
    return stories
