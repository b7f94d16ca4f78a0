"""The sheet of the minimum price of the exchange."""

from __future__ import annotations

from typing import Final

from xladdin.checking.checks_sheet import Check
from xladdin.workbooks import quantities
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.illustrative import in_cents
from xladdin.workbooks.input_lines import InputLine, write_inputs
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import LEAST_PRICE, number_between
from xladdin.workbooks.layout.remarks import when
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.offering.offer import Offer
from xladdin.workbooks.offering.proceeds import MOST_PRICE, PRICE

TITLE: Final = "Minimum price"
SESSIONS: Final = 5
RULE: Final = "Nasdaq Rule 5635(d)"
_STEPS: Final = ("1.02", "0.99", "1.01", "0.98", "1.00")


def closes_added() -> str:
    """Add the closes up, as they are typed."""
    return "+".join(f"N(Close_{number})" for number in range(1, SESSIONS + 1))


def write_minimum(book: Book, offer: Offer) -> None:
    """Write the sheet; that of the offering must be there."""
    sheet = book.sheet(TITLE, (58, 20, 20, 14, 40))
    sheet.title(
        TITLE,
        f"{RULE}: the lower of the last close before the agreement and the average of "
        "the last five. An issue of 20% or more below it needs the stockholders' approval.",
        5,
    )
    closes = [f"Close_{number}" for number in range(1, SESSIONS + 1)]
    write_inputs(
        sheet,
        4,
        [
            InputLine(
                name,
                f"Close {SESSIONS + 1 - number} sessions before, USD a share"
                if number < SESSIONS
                else "Last close, USD a share",
                in_cents(float(offer.price) * float(step)),
                styles.PRICE,
                number_between(LEAST_PRICE, MOST_PRICE, "Close, USD a share:"),
                "illustrative",
                needed=True,
            )
            for number, (name, step) in enumerate(zip(closes, _STEPS, strict=True), 1)
        ],
    )
    counted = [as_counted(name) for name in closes]
    waits = f"OR(COUNT(B5:B9)<{SESSIONS},MIN(B5:B9)=0)"
    average, last = f"({'+'.join(counted)})/{SESSIONS}", counted[-1]
    lines = [
        FigureLine(
            "Average_close",
            "Average of the five, USD a share",
            quantities.PRICE,
            f"IF({waits},0,AVERAGE(B5:B9))",
            f"IF({waits},0,{average})",
        ),
        FigureLine(
            "Minimum_price",
            "Minimum price, USD a share",
            quantities.PRICE,
            f"IF({waits},0,MIN({closes[-1]},Average_close))",
            f"IF({waits},0,IF({average}<{last},{average},{last}))",
        ),
    ]
    write_lines(book, sheet, 11, "ABCD", lines)
    below = f"AND(N({PRICE})>0,ROUND(N({PRICE})-Minimum_price,10)<0)"
    book.warnings.append(
        Check("Offering!B5, Offer price: below the minimum price", when(below), 0, source=TITLE)
    )
