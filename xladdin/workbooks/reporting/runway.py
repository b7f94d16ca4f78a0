"""The sheet of the runway: for how many months the cash lasts at the pace that it is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import sources
from xladdin.workbooks.explain_sheet import Account, Term
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.input_lines import InputLine
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import number_between
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.quantities import Quantity
from xladdin.workbooks.reporting.programme import Programme

TITLE: Final = "Runway"
CASH: Final = "Cash_at_the_end"
_CASH_USE: Final = "capitalisation.monthly_cash_use"
_MOST_CASH: Final = 10**11
_LONGEST: Final = 1200
"""Months beyond which no day is worked out: a hundred years."""

_MONTHS: Final = Quantity(styles.MONTHS, 1e-6)
_CASH: Final = Quantity(styles.USD, 0.001)
_SPANS: Final = (("Quarter", "Quarter"), ("Year", "Year to date"))


def used(span: str) -> str:
    """Name the input with the cash used in a time."""
    return f"{span}_cash_used"


def runway_inputs() -> Iterator[InputLine]:
    """Yield the inputs that the runway needs."""
    cash = number_between(0, _MOST_CASH, "Cash and what is as good as cash, USD:")
    words = "Cash and cash equivalents at the end of the period, USD"
    yield InputLine(CASH, words, 12_000_000, styles.USD, cash, "illustrative")
    a_use = number_between(-_MOST_CASH, _MOST_CASH, "Cash used, USD, below 0 for cash gained:")
    for (name, words), value in zip(_SPANS, (3_600_000, 9_900_000), strict=True):
        label = f"{words}: net cash used in operating activities, USD; negative if gained"
        yield InputLine(used(name), label, value, styles.USD, a_use, "illustrative")


def write_runway(book: Book, programme: Programme, after: tuple[str, str] | None) -> None:
    """Write the sheet; those of inputs and periods must be there.

    Args:
        book: The workbook.
        programme: The deal's agreements.
        after: References to the net proceeds of sales after the period, and to their twin; None
            for a deal without sales.
    """
    sheet = book.sheet(TITLE, (64, 20, 20, 14))
    sheet.title(
        TITLE,
        "For how many months the cash at the end of the period lasts at the pace at which it was "
        "used. A time has as many whole months as are nearest to it. A part of a month is as many "
        "days of the month that it falls in, rounded down. A dash stands where no cash was used, "
        "and 0.00 months where there is none.",
        4,
    )
    blocks = [list(_of_span(name, words)) for name, words in _SPANS]
    blocks.append(list(_others(book, programme, after)))
    row = 4
    for lines in blocks:
        if lines:
            write_lines(book, sheet, row, "ABCD", lines)
            row += len(lines) + 2
    sheet.worksheet.freeze_panes = "B5"


def _of_span(name: str, words: str) -> Iterator[FigureLine]:
    first, last = f"{name}_from", f"{name}_to"
    months = f"MAX(1,ROUND(({last}-{first}+1)*12/365.25,0))"
    yield FigureLine(
        f"{name}_months", f"{words}: months", quantities.COUNT, f"IF({first}=0,0,{months})"
    )
    burn = f"{as_counted(used(name))}/{name}_months"
    yield FigureLine(
        f"{name}_burn", f"{words}: cash used a month, USD", _CASH, f"IF({name}_months=0,0,{burn})"
    )
    cash = as_counted(CASH)
    yield from _runway(
        f"{name}_runway", f"at the pace of the {words.lower()}", cash, f"{name}_burn"
    )


def _runway(name: str, pace: str, cash: str, burn: str) -> Iterator[FigureLine]:
    # No cash used is no runway of 0 months: that is what no cash at the end is.
    months = f'IF({burn}<=0,"–",{cash}/{burn})'
    yield FigureLine(name, f"Runway {pace}, months", _MONTHS, months)
    end = as_counted("Period_end")
    given = f"AND(ISNUMBER({name}),N({name})<={_LONGEST},{end}>0)"
    whole, through = f"{name}_whole", f"{name}_through"
    # Binary arithmetic may leave a whole number of months a little short.
    months = f"IF({given},INT(ROUND({name},9)),0)"
    yield FigureLine(whole, f"Whole months of it {pace}, months", quantities.COUNT, months)
    # From the day after the end, so that months after the end of a month end with a month.
    after = f"INT({end})+1"
    last = f"IF({given},EDATE({after},{whole})-1,0)"
    yield FigureLine(through, f"Last day of these {pace}, day", quantities.DATE, last)
    days = f"EDATE({after},{whole}+1)-1-{through}"
    yield FigureLine(
        f"{name}_ends",
        f"Cash lasts {pace} until about, day",
        quantities.DATE,
        f"IF({through}=0,0,{through}+INT(ROUND(({name}-{whole})*({days}),6)))",
    )


def runway_accounts() -> Iterator[Account]:
    """Explain for how many months the cash lasts, at the pace of each time."""
    for name, words in _SPANS:
        time = words.lower()
        terms = (
            Term(f"Net cash used in the {time}, USD", as_counted(used(name))),
            Term(f"Months of the {time}", f"{name}_months", format=styles.COUNT),
            Term("Cash used a month, USD", "IF({1}=0,0,{0}/{1})"),
            Term("Cash at the end of the period, USD", as_counted(CASH)),
            Term(
                "Months that it lasts; 0 where none is used",
                "IF({2}<=0,0,{3}/{2})",
                format=_MONTHS.format,
            ),
        )
        months = f"IF(ISNUMBER({name}_runway),{name}_runway,0)"
        yield Account(
            f"Runway at the pace of the {time}", months, _CASH._replace(tolerance=1e-6), terms
        )


def _others(
    book: Book, programme: Programme, after: tuple[str, str] | None
) -> Iterator[FigureLine]:
    """Yield the runway with what was sold since, and at the pace that the document states."""
    if after is not None:
        shown, plain = after
        cash = as_counted(CASH)
        name = "Cash_with_sales_after"
        words = "Cash with the net proceeds of sales after the period, USD"
        quantity = Quantity(styles.USD, max(_CASH.tolerance, programme.dollars.tolerance))
        yield FigureLine(name, words, quantity, f"{cash}+{shown}", f"{cash}+{plain}")
        pace = "with them, at the pace of the quarter"
        yield from _runway("Runway_with_sales_after", pace, name, "Quarter_burn")
    if _CASH_USE in book.selection.figures:
        page = sources(book, _CASH_USE)
        yield FigureLine(
            "Documented_burn",
            f"Cash used a month as the document has it ({page}), USD",
            quantities.EXACT_USD,
            f'DEAL_TERM("{_CASH_USE}",Deal)',
            _CASH_USE,
        )
        pace = "at the pace of the document"
        yield from _runway("Documented_runway", pace, as_counted(CASH), "Documented_burn")
