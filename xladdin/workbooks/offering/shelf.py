"""The sheets of sales off a shelf and of what the baby-shelf rule leaves."""

from __future__ import annotations

import datetime
from decimal import Decimal
from functools import partial
from typing import Final, NamedTuple

from xladdin.calendars import calendar
from xladdin.checking.checks_sheet import Check
from xladdin.functions.limits import BABY_SHELF
from xladdin.functions.twins import limit_tolerance
from xladdin.terms.fields import as_decimal
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import calendar_years, origin_of
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.input_lines import InputLine, write_inputs
from xladdin.workbooks.layout import data_validation as allow
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.remarks import (
    any_broken,
    judged,
    missing,
    when,
    where_counted,
)
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.layout.table import Column, this_row, whole, write_table
from xladdin.workbooks.layout.tables import HEADER_ROW, finish_sheet
from xladdin.workbooks.offering.offer import Offer
from xladdin.workbooks.offering.proceeds import CASH, GROSS, MOST_PRICE, MOST_SHARES, PRICE, SHARES

TABLE: Final = "Shelf"
SALES: Final = "Shelf sales"
TITLE: Final = "Baby shelf"
ROWS: Final = 20

DAY: Final = "Day read"
AMOUNT: Final = "Amount read"
PLAIN_DAY: Final = "Plain day"
PLAIN_AMOUNT: Final = "Plain amount"
COUNTED: Final = "Counted"

_FLOAT: Final = "N(Float_shares)*N(Float_price)"

_here: Final = partial(this_row, TABLE)


def write_sales(book: Book) -> None:
    """Write the table of sales off the shelf."""
    typed = _typed(book)
    columns = [*typed, *_read(typed)]
    half = missing(TABLE, ("Date", "Amount"), f"COUNTBLANK({TABLE}[[#This Row],[Date]:[Amount]])=1")
    columns = judged(book, TABLE, columns, [], [half])
    sheet = book.sheet(SALES, ())
    placed = write_table(sheet, TABLE, HEADER_ROW, columns, ROWS)
    finish_sheet(
        sheet,
        placed,
        TABLE,
        SALES,
        "One row for each sale off the shelf under the baby-shelf rule, in any order. "
        + origin_of(book, TABLE, "The sales shown"),
        {COUNTED: ""},
        frozen=2,
    )


def _typed(book: Book) -> list[Column]:
    """Make the columns that are typed into."""
    first, last = calendar_years(book)
    days = datetime.date(first, 1, 1), datetime.date(last, 12, 31)
    sessions = calendar(book.selection.terms.calendar)
    around = sessions.offset(book.selection.terms.document_date, 0)
    return [
        Column("No", styles.RESULT, styles.COUNT, 5, f"ROW()-ROW({TABLE}[[#Headers],[No]])"),
        Column(
            "Date",
            styles.INPUT,
            styles.DATE,
            13,
            values=[sessions.offset(around, -200), sessions.offset(around, -40)],
            allowed=allow.date_between(*days, f"Day of the sale, from {first} to {last}."),
        ),
        Column(
            "Amount",
            styles.INPUT,
            styles.USD,
            16,
            values=[250_000, 400_000],
            allowed=allow.amount_of("Sold off the shelf under the rule, USD:"),
        ),
    ]


def _read(typed: list[Column]) -> list[Column]:
    """Make the columns of a sale as the function and as plain Excel read it."""
    wrong, counts = any_broken(TABLE, typed), partial(where_counted, TABLE)
    blank = f"COUNTBLANK({TABLE}[[#This Row],[Date]:[Amount]])"
    return [
        Column(COUNTED, styles.TWIN, styles.COUNT, 9, f"IF({blank}>0,0,IF({wrong}>0,NA(),1))"),
        # A function takes an empty text for a blank: a row that waits for input is no sale.
        Column(DAY, styles.RESULT, styles.DATE, 12, f'IF({_here(COUNTED)}=0,"",{_here("Date")})'),
        Column(
            AMOUNT, styles.RESULT, styles.USD, 15, f'IF({_here(COUNTED)}=0,"",{_here("Amount")})'
        ),
        Column(PLAIN_DAY, styles.TWIN, styles.DATE, 12, counts(f"INT({_here('Date')})")),
        Column(PLAIN_AMOUNT, styles.TWIN, styles.USD, 15, counts(f"N({_here('Amount')})")),
    ]


def write_shelf(book: Book, offer: Offer) -> None:
    """Write what the rule leaves; the sheets of the offering and of the sales must be there."""
    sheet = book.sheet(TITLE, (58, 20, 20, 14, 40))
    sheet.title(
        TITLE,
        "Form S-3, General Instruction I.B.6: in 12 months no more than a third of the public "
        "float, while that is below $75,000,000; a deal may have figures of its own.",
        5,
    )
    first, last = calendar_years(book)
    days = datetime.date(first, 1, 1), datetime.date(last, 12, 31)
    day = calendar(book.selection.terms.calendar).offset(book.selection.terms.document_date, 0)
    write_inputs(
        sheet,
        4,
        [
            InputLine(
                "Float_shares",
                "Shares held by non-affiliates",
                offer.outstanding * 4 // 5,
                styles.COUNT,
                allow.whole_number(0, "Shares held by non-affiliates", 10 * MOST_SHARES),
                "illustrative",
                needed=True,
            ),
            InputLine(
                "Float_price",
                "Price at which they are valued, USD a share",
                float(offer.price),
                styles.PRICE,
                allow.number_between(allow.LEAST_PRICE, MOST_PRICE, "Price, USD a share:"),
                "illustrative",
                needed=True,
            ),
            InputLine(
                "Shelf_day",
                "Day of the test",
                day,
                styles.DATE,
                allow.date_between(*days, f"A day from {first} to {last}."),
                "the day of the document",
                needed=True,
            ),
        ],
    )
    write_lines(book, sheet, 9, "ABCD", _lines(offer))
    above = f"Offering!B6, {SHARES.replace('_', ' ')}: above what the baby-shelf rule leaves"
    book.warnings.append(Check(above, when('Shelf_fits="no"'), 0, source=TITLE))


def _lines(offer: Offer) -> list[FigureLine]:
    shares, price, day = (as_counted(name) for name in ("Float_shares", "Float_price", "Shelf_day"))
    waits = "COUNT(B5:B7)<3"
    sales = f"{TABLE}[[{DAY}]:[{AMOUNT}]]"
    public = f"{shares}*{price}"
    rule = _Rule.of(offer)
    days, dollars = whole(TABLE, PLAIN_DAY), whole(TABLE, PLAIN_AMOUNT)
    since = f'">"&EDATE(INT({day}),-{rule.months})'
    lines = [
        FigureLine("Public_float", "Public float, USD", CASH, _FLOAT, public),
        FigureLine(
            "Shelf_sold",
            "Sold off the shelf in the months up to the day, USD",
            CASH,
            "",
            f'IF({waits},0,SUMIFS({dollars},{days},{since},{days},"<="&INT({day})))',
        ),
    ]
    offering = f"{as_counted(SHARES)}*{as_counted(PRICE)}"
    for name, label, offered, plain in (
        ("Shelf_before", "Left before the offering, USD", "0", "0"),
        ("Shelf_after", "Left after the offering, USD", GROSS, offering),
    ):
        call = f"FLOAT_HEADROOM(Float_shares,Float_price,{sales},Shelf_day,{offered},Deal)"
        left = f"MAX(0,{rule.part_of(public)}-Shelf_sold-{plain})"
        lines.append(
            FigureLine(
                name,
                label,
                CASH,
                f"IF(OR({waits},{rule.is_off('Public_float')}),0,{call})",
                f"IF(OR({waits},{rule.is_off(public)}),0,{left})",
            )
        )
    fits = f'IF({GROSS}-Shelf_before<0.00001,"yes","no")'
    words = f'IF({waits},"–",IF({rule.is_off(public)},"not limited",{fits}))'
    lines.append(
        FigureLine("Shelf_fits", "The offering is within the rule", quantities.WORDS, words)
    )
    return lines


class _Rule(NamedTuple):
    """The figures of the rule, or of the deal's cap like it, as formulas.

    Attributes:
        rate: Part of the float that may be sold.
        months: Months whose sales count.
        below: Float from which sales are not limited; empty for none.
        slack: By how much less it is reached.
    """

    rate: str
    months: str
    below: str
    slack: str

    @classmethod
    def of(cls, offer: Offer) -> _Rule:
        """Name the deal's figures, or write the rule's own."""
        cap = offer.float_cap
        limit = BABY_SHELF if cap is None else cap.limit
        most = limit.below_float
        own = {
            name: "" if cap is None else f"caps.{cap.key}.{name}"
            for name in ("rate", "months", "below_float")
        }
        known = offer.selection.figures
        rate, months, below = (
            own[name] if own[name] in known else written
            for name, written in (
                ("rate", "1/3"),
                ("months", str(limit.months)),
                ("below_float", "" if most is None else f"{as_decimal(most):f}"),
            )
        )
        slack = "" if most is None else limit_tolerance(Decimal(str(float(most))))
        return cls(rate, months, below, slack)

    def part_of(self, public: str) -> str:
        """Write the part of the float that may be sold."""
        return f"{public}*{self.rate}"

    def is_off(self, public: str) -> str:
        """Write whether sales are not limited."""
        return f"{public}-{self.below}+{self.slack}>0" if self.below else "FALSE"
