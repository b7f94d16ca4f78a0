"""equityline.xlsx: advances, purchases and conversions at prices that follow quotations."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Final

from xladdin.terms.selection import Selection
from xladdin.workbooks import explain_sheet as explain
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import (
    CALENDAR_YEARS_BEFORE,
    Instruction,
    write_closing_sheets,
    write_start,
)
from xladdin.workbooks.equityline import headings as col
from xladdin.workbooks.equityline import sensitivity
from xladdin.workbooks.equityline.advances import write_advances
from xladdin.workbooks.equityline.headings import TABLE
from xladdin.workbooks.equityline.illustrative import illustrative
from xladdin.workbooks.equityline.line import CONVERSION, DRAW, PREPAID, EquityLine, line_of
from xladdin.workbooks.equityline.price_terms import in_words, needs_sheet, write_price_terms
from xladdin.workbooks.equityline.quotations import quotes_range, write_quotations
from xladdin.workbooks.equityline.sensitivity import write_sensitivity
from xladdin.workbooks.equityline.summary import USED, shares_in_words, write_summary
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import whole_number
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
    if line.columns:
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
    if len(line.choices) > 1:
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
    if line.columns:
        steps.append(
            Instruction("Quotations", ", ".join(("Date", *line.columns)), "One row a session.")
        )
    steps += [
        Instruction("Advances", ", ".join(typed), "One row each, oldest first."),
        *_columns_in_words(line),
        Instruction(
            "Advances",
            "Held before",
            f"Shares that the investor holds right before the row{_own_day(line)}, which the "
            "ownership limit counts; blank for none.",
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


def _own_day(line: EquityLine) -> str:
    return ", as they are on its day" if line.splits else ""


def _columns_in_words(line: EquityLine) -> Iterator[Instruction]:
    """Yield what the columns of the advances mean that a reader may not know."""
    if len(line.choices) > 1:
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
            "some figures hold for so many days after it."
            + (f" {' and '.join(line.without_issue)}: not needed." if line.without_issue else ""),
        )
    if line.mixed:
        yield Instruction("Advances", "Kind", _kinds_in_words(line))
    words = shares_in_words(line)
    if words:
        yield Instruction("Advances", "Shares, Issued", words)


def _kinds_in_words(line: EquityLine) -> str:
    """Say what the kinds of rows count for."""
    counts = " and a ".join(f"{kind} row" for kind in line.kinds if kind != CONVERSION)
    bears = [
        words
        for words, has in (
            ("bears the fee", line.fee),
            ("brings commitment shares", line.commitment),
        )
        if has
    ]
    against = ["counts against the capacity"] if line.has_capacity else []
    what = ", ".join([*against, *bears]) or "is money under the agreement"
    return (
        f"A {counts} {what}; a conversion does none of this: its shares are issued for a note or "
        "for money paid before. Its shares count for caps and for the ownership limit as others do."
    )


def _explain(book: Book, line: EquityLine) -> None:
    """Explain the figures of one row, and the fee on another where that row bears none."""
    rule = "Number of a row of Advances"
    first = _first_of(book, line, line.averaged)
    choice, at = explain.row_choice(
        book, "Row of Advances", "Explained_advance", TABLE, rule, first=first
    )
    parts: list[explain.Choice | explain.ExplainedPart] = [choice, *_parts(line, at)]
    if _paid_apart(line):
        choice, at = explain.row_choice(
            book,
            "Row of Advances, for its fee",
            "Explained_payment",
            TABLE,
            rule,
            first=_first_of(book, line, PREPAID),
            at=explain.FIRST_ROW + len(parts),
        )
        parts += [
            choice,
            explain.ExplainedPart("Row", "Payment_at", at, styles.COUNT),
            explain.ExplainedPart(
                "Amount, USD", "Payment_amount", _chosen(col.COUNTED_AMOUNT, "Payment"), styles.USD
            ),
            explain.ExplainedPart(
                "Drawn before, USD", "Payment_prior", _chosen(col.BEFORE, "Payment"), styles.USD
            ),
        ]
    assumed, row = _assumed_row()
    explain.write_explain(book, [*_stories(line), _assumed_account(line)], [*parts, assumed, row])


def _assumed_row() -> tuple[explain.Choice, explain.ExplainedPart]:
    """Let the user choose an assumed price whose figures are explained, by its number."""
    name = "Explained_assumed"
    rule = whole_number(1, "Number of an assumed price", sensitivity.ROWS)
    choice = explain.Choice("Row of Sensitivity", name, 1, styles.COUNT, rule)
    price = explain.ExplainedPart(
        "Assumed price, USD a share", "Assumed_price", _assumed_at("A"), styles.PRICE
    )
    return choice, price


def _assumed_at(letter: str) -> str:
    """Take a column of the sheet in the row that is explained."""
    first, last = sensitivity.HEADER_ROW + 1, sensitivity.HEADER_ROW + sensitivity.ROWS
    number = f"MAX(1,{as_counted('Explained_assumed')})"
    return f"N(INDEX({sensitivity.TITLE}!${letter}${first}:${letter}${last},{number}))"


def _assumed_account(line: EquityLine) -> explain.Account:
    """Explain the shares at an assumed price, and their part of all shares after."""
    form, waits = styles.COUNT, "COUNTBLANK(Line_outstanding)=1"
    bought = _assumed_at("E" if line.cap else "B")
    terms = [
        explain.Term(
            "Shares that the amount buys", bought, f"IF(Assumed_price=0,0,{USED})", "", "", form
        )
    ]
    if line.cap:
        terms.append(explain.Term("Of them, within the caps", _assumed_at("B"), format=form))
    shares, before = f"{{{len(terms) - 1}}}", f"{{{len(terms) + 1}}}"
    terms += [
        explain.Term(
            "Their proceeds at that price, USD", f"{shares}*Assumed_price", format=styles.USD
        ),
        explain.Term(
            "Outstanding before", f"IF({waits},0,Line_outstanding+Issued_total)", format=form
        ),
        explain.Term(
            "Of all shares after, per cent", f"IF({before}=0,0,{shares}/({before}+{shares}))"
        ),
    ]
    heading = "Shares at an assumed price, and their part of all"
    return explain.Account(heading, _assumed_at("C"), quantities.PERCENT, terms)


def _first_of(book: Book, line: EquityLine, kind: str) -> int:
    """Find the first row of a kind; the first of all if there is none."""
    typed = [str(key).casefold() for key in book.tables[TABLE].values.get(col.FORMULA, ())]
    converts = {key.casefold() for key in line.conversions}
    kinds = [key if key == PREPAID else CONVERSION if key in converts else DRAW for key in typed]
    return 1 + kinds.index(kind) if kind in kinds else 1


def _paid_apart(line: EquityLine) -> bool:
    """Check whether rows with a fee are others than those with a price."""
    return line.prepaid and DRAW not in line.kinds and bool(line.fee or line.commitment)


def _chosen(column: str, row: str = "Explained") -> str:
    return f"IF({row}_at=0,0,INDEX({whole(TABLE, column)},{row}_at))"


def _parts(line: EquityLine, at: str) -> list[explain.ExplainedPart]:
    all_, own, held = (_chosen(one) for one in (col.ALL_ISSUED, col.ISSUED, col.COUNTED_HELD))
    issued, before, held = map(line.in_whole_shares, (all_, f"{all_}-{own}", held))
    # 0 in a row that waits: a price that was typed may be there already.
    price = _chosen(col.PRICE if line.formulas else col.COUNTED_PRICE)
    prior = "Drawn before, USD" if line.mixed else "Sold before, USD"
    key = f'IF(Explained_on=0,"",{_chosen(col.FORMULA)})'
    lifted = line.cap is not None and line.cap.lifted_at is not None
    parts = (
        ("Row", "Explained_at", at, styles.COUNT, True),
        ("Day", "Explained_on", _chosen(col.DAY), styles.DATE, True),
        ("Formula", "Explained_formula", key, styles.GENERAL, len(line.choices) > 1),
        ("Kind", "Explained_kind", _chosen(col.KIND), styles.GENERAL, line.mixed),
        ("Day of issue", "Issued_on", _chosen(col.ISSUE_DAY), styles.DATE, line.takes_issue),
        ("Amount, USD", "Explained_amount", _chosen(col.COUNTED_AMOUNT), styles.USD, True),
        ("Price, USD a share", "Explained_price", price, styles.PRICE, True),
        ("Shares", "Explained_shares", _chosen(col.SHARES), styles.COUNT, True),
        (prior, "Explained_prior", _chosen(col.BEFORE), styles.USD, True),
        ("Issued to date", "Explained_issued", issued, styles.COUNT, True),
        ("Held before", "Explained_held", held, styles.COUNT, True),
        ("Outstanding before", _BEFORE, f"Line_outstanding+{before}", styles.COUNT, True),
        ("Average price, USD a share", _MEAN, _chosen(col.AVERAGE), styles.PRICE, lifted),
    )
    return [explain.ExplainedPart(*part) for *part, shown in parts if shown]


_BEFORE: Final = "Explained_outstanding"
_MEAN: Final = "Explained_average"


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


def _price_story(line: EquityLine) -> explain.Story:
    key = "Explained_formula" if len(line.choices) > 1 else f'"{line.formulas[0].key}"'
    issue = ""
    if line.takes_issue:
        issue = "Issued_on"
        if line.without_issue:
            issue = 'IF(Issued_on=0,"",Issued_on)'
    return explain.Story(
        "Price of the row",
        "DEAL_PRICE",
        (key, quotes_range(line), "Explained_on", issue, line.terms),
        _price_steps(line),
        _chosen(col.PRICE),
        styles.PRICE,
        only_if="Explained_price>0",
    )


def _stories(line: EquityLine) -> list[explain.Story]:
    priced = "Explained_price>0"
    stories = [_price_story(line)] if line.formulas else []
    stories.append(
        explain.Story(
            "Shares of the row",
            "DEBENTURE_SHARES",
            ("Explained_amount", "Explained_price", "Deal"),
            3,
            _chosen(col.SHARES),
            only_if=priced,
        )
    )
    paid = "Payment" if _paid_apart(line) else "Explained"
    bears = priced
    if line.mixed:
        bears = f'AND({paid}_amount>0,{_chosen(col.KIND, paid)}<>"{CONVERSION}")'
    for heading, fee in ((col.FEE, line.fee), (col.COMMITMENT, line.commitment)):
        if fee:
            arguments = (f"{paid}_amount", f"{paid}_prior", "", f'"{fee.key}"', "Deal")
            steps, figure = explain.schedule_steps(fee.schedule), _chosen(heading, paid)
            stories.append(
                explain.Story(heading, "DEAL_FEE", arguments, steps, figure, only_if=bears)
            )
    if line.has_capacity:
        left, given = "Capacity left", f"{_chosen(col.COUNTED)}=1"
        call = (_chosen(col.TO_DATE), "", "Deal")
        heading = "Left of the capacity after the row"
        stories.append(
            explain.Story(heading, "CEO_CAPACITY", call, 2, _chosen(left), only_if=given)
        )
    if line.cap:
        average, only_if = "", priced
        if line.cap.lifted_at is not None:
            average = 'IF(Explained_average=0,"",Explained_average)'
            only_if = f"AND({priced},{_chosen(col.CAP_LEFT)}>0)"
        stories.append(
            explain.Story(
                "Left under the cap after the row",
                "ISSUE_HEADROOM",
                (f'"{line.cap.key}"', "Explained_issued", average, "Deal"),
                8,
                _chosen(col.CAP_LEFT),
                only_if=only_if,
            )
        )
    stories.append(
        explain.Story(
            "What the ownership limit leaves before the row",
            "OWNERSHIP_HEADROOM",
            ("Explained_outstanding", "Explained_held", "Ownership_limit"),
            5,
            _chosen(col.OWNED_LEFT),
            only_if=f"AND({priced},COUNTBLANK(Line_outstanding)=0)",
        )
    )
    return stories
