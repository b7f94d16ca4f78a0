"""The sheet of earnings a share: weighted average shares, basic and diluted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xladdin.checking.checks_sheet import Check
from xladdin.workbooks import quantities
from xladdin.workbooks.explain_sheet import Account, Story, Term
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.layout.table import twin_header, whole
from xladdin.workbooks.quantities import Quantity
from xladdin.workbooks.reporting import securities, shares
from xladdin.workbooks.reporting.headings import COUNT, COUNT_GIVEN, DAY, DAY_GIVEN, FACTOR, TABLE
from xladdin.workbooks.reporting.programme import Programme
from xladdin.workbooks.reporting.securities import SPANS, EpsSpan
from xladdin.workbooks.share_basis import basis

TITLE: Final = "EPS"
WEIGHTED: Final = Quantity(styles.COUNT, 0.01)
PER_SHARE: Final = Quantity(styles.PRICE, 1e-6)
"""Averages of counts up to hundreds of billions, and what a share earns of up to a billion."""

_GIVEN: Final = "given"
_LACKS: Final = "missing: see Shares"
"""What is said of the opening count: without one, averages would be those of the changes alone."""

_MOST_EXPLAINED: Final = 8
"""Securities whose tests can be explained at once."""


def write_earnings(book: Book, programme: Programme) -> None:
    """Write the sheet; those of periods, shares and securities must be there.

    Args:
        book: The workbook.
        programme: The deal's agreements.
    """
    words = basis(book.selection)
    after = f" Shares and earnings a share are those {words}." if words else ""
    sheet = book.sheet(TITLE, (72, 20, 20, 14))
    sheet.title(
        TITLE,
        "Earnings a share of the quarter and of the year to date: weighted average shares by days, "
        "and each security that lowers the figure. Which do is on the sheet Securities. Without an "
        f"opening count on the sheet Shares there is no figure.{after}",
        4,
    )
    row = 4
    for span, heading in zip(SPANS, ("Quarter", "Year to date"), strict=True):
        lines = list(_lines(programme, span, heading))
        write_lines(book, sheet, row, "ABCD", lines)
        row += len(lines) + 2
    sheet.worksheet.freeze_panes = "B5"
    missing = "+".join(f"COUNTBLANK({name})" for one in SPANS for name in (one.income, one.average))
    none = "+".join(
        f'IF({one.name}_opening="{_GIVEN}",IF({one.weighted}<1,1,0),0)' for one in SPANS
    )
    lacks = "+".join(f'IF({one.name}_opening="{_LACKS}",1,0)' for one in SPANS)
    for words, formula in (
        ("Inputs: income or average price that is missing", missing),
        ("EPS: periods whose opening count is missing on the sheet Shares", lacks),
        ("EPS: periods without a share outstanding", f"IFERROR({none},0)"),
    ):
        book.warnings.append(Check(words, formula, 0, source=f"sheet {TITLE}"))


def _lines(programme: Programme, span: EpsSpan, heading: str) -> Iterator[FigureLine]:
    """Yield the figures of a time, from the shares to the diluted figure."""
    yield from _weighted(programme, span, heading)
    yield from _earned(span, heading)


def _weighted(programme: Programme, span: EpsSpan, heading: str) -> Iterator[FigureLine]:
    first, last, name = f"{span.name}_from", f"{span.name}_to", span.name
    found = f'IF({shares.opening_rows(first)}=0,"{_LACKS}","{_GIVEN}")'
    yield FigureLine(
        f"{name}_opening",
        f"{heading}: opening count of shares, on or before the first day",
        quantities.WORDS,
        f'IF({first}=0,"–",{found})',
    )
    waits = f'{name}_opening<>"{_GIVEN}"'
    sold = whole(TABLE, COUNT)
    if programme.splits:
        sold += f"/{whole(TABLE, FACTOR)}"
    own = (
        (
            "other",
            "opening count and changes",
            shares.changes_range(),
            shares.TABLE,
            shares.carried(),
        ),
        ("sold", "sales of the log", f"{TABLE}[[{DAY_GIVEN}]:[{COUNT_GIVEN}]]", TABLE, sold),
    )[: 2 if programme.agreements else 1]
    for which, what, given, table, counts in own:
        twin = _plain_weighted(whole(table, DAY), counts, first, last)
        yield FigureLine(
            f"{name}_weighted_{which}",
            f"{heading}: weighted average shares, {what}",
            WEIGHTED,
            f"IF({waits},0,WEIGHTED_SHARES({given},{first},{last},Deal))",
            f"IF({waits},0,{twin})",
        )
    # Each has its twin above; the tests of the securities take this one.
    yield FigureLine(
        span.weighted,
        f"{heading}: weighted average shares",
        WEIGHTED,
        "+".join(f"{name}_weighted_{which}" for which, *_ in own),
    )


def _earned(span: EpsSpan, heading: str) -> Iterator[FigureLine]:
    name, income, weighted = span.name, as_counted(span.income), span.weighted
    yield FigureLine(
        f"{name}_basic",
        f"{heading}: basic earnings, USD a share",
        PER_SHARE,
        f"IF({weighted}<1,0,{income}/{weighted})",
    )
    joins = whole(securities.TABLE, span.joins)
    effects = f"SUMPRODUCT({joins}*{whole(securities.TABLE, span.effect)})"
    more = f"SUMPRODUCT({joins}*{whole(securities.TABLE, twin_header(span.shares))})"
    yield FigureLine(
        span.diluted_shares,
        f"{heading}: diluted weighted average shares",
        WEIGHTED,
        f"{weighted}+{more}",
    )
    yield FigureLine(
        f"{name}_diluted",
        f"{heading}: diluted earnings, USD a share",
        PER_SHARE,
        f"IF({weighted}<1,0,DILUTED_EPS({income},{weighted},{span.securities}))",
        f"IF({weighted}<1,0,({income}+{effects})/{span.diluted_shares})",
    )
    counted = whole(securities.TABLE, securities.COUNTED)
    issuable = whole(securities.TABLE, "Issuable that count")
    yield FigureLine(
        f"{name}_left_out",
        f"{heading}: shares under securities left out, antidilutive or out of the money",
        quantities.COUNT,
        f"SUMPRODUCT({counted}*(1-{joins})*{issuable})",
    )


def _plain_weighted(days: str, counts: str, first: str, last: str) -> str:
    """Sum shares times the days that they count, over the days of the period.

    Unlike the function's own twin, it takes days without times, as the sheets have them: INT takes
    no ranges in every program.
    """
    since = f"({days}>{first})*({days}-{first})"
    counted = f"({days}<={last})*{counts}*({last}-{first}+1-{since})"
    return f"SUMPRODUCT({counted})/({last}-{first}+1)"


def eps_stories(programme: Programme) -> Iterator[Story | Account]:
    """Yield the explanations of the shares and of the diluted figures, test by test."""
    parts = [("other", "Opening count and changes"), ("sold", "Sales of the log")]
    for span, heading in zip(SPANS, ("quarter", "year to date"), strict=True):
        name = f"{span.name}_weighted_"
        terms = [
            Term(f"{words}, by their part of the days", f"{name}{which}")
            for which, words in parts[: 2 if programme.agreements else 1]
        ]
        words = f"Weighted average shares of the {heading}"
        yield Account(words, span.weighted, WEIGHTED, [*terms, Term("Weighted average shares")])
    counted = f"SUM({whole(securities.TABLE, securities.COUNTED)})"
    for span, heading in zip(SPANS, ("quarter", "year to date"), strict=True):
        yield Story(
            f"Diluted earnings a share of the {heading}",
            "DILUTED_EPS",
            (as_counted(span.income), span.weighted, span.securities),
            2 * _MOST_EXPLAINED + 3,
            f"{span.name}_diluted",
            styles.PRICE,
            only_if=f"AND({span.weighted}>=1,{counted}<={_MOST_EXPLAINED})",
        )
