"""The Conversions sheet of captable.xlsx: what notes and preferred stock become, and retire."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Final, NamedTuple

from xladdin.functions.dilution import dilution_twin
from xladdin.functions.limits import OWNERSHIP_LIMIT, ownership_headroom_twin
from xladdin.functions.twins import PlainPurchase
from xladdin.terms.securities import Instrument
from xladdin.workbooks import plain_purchases, quantities
from xladdin.workbooks.captable.capitalisation import based, latest_name
from xladdin.workbooks.common_sheets import leave_out, origin_of
from xladdin.workbooks.figure_tables import FigureColumn, figure_columns
from xladdin.workbooks.illustrative import last_sale_now
from xladdin.workbooks.layout import data_validation as allow
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.cited import cite_rows
from xladdin.workbooks.layout.remarks import (
    RowProblem,
    any_broken,
    judged,
    missing,
    number_columns,
    when,
    where_counted,
)
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import Column, this_row, write_table
from xladdin.workbooks.layout.tables import HEADER_ROW, finish_sheet
from xladdin.workbooks.layout.user_inputs import Value
from xladdin.workbooks.share_basis import of_the_deal

TITLE: Final = "Conversions"
TABLE: Final = "Conversions"
SHARES: Final = "Shares"
COUNTED: Final = "Counted"
PRINCIPAL: Final = "Principal"
PRICE: Final = "Conversion price"
READ_PRINCIPAL: Final = "Principal counted"
READ_PRICE: Final = "Price that counts"
"""Headings of columns that others refer to."""

_NAME: Final = "Name"
_SOURCE: Final = "Source"
_INTEREST: Final = "Interest a year"
_ISSUE_PRICE: Final = "Issue price"
_BLOCKER: Final = "Ownership limit"
_READ_BLOCKER: Final = "Limit that counts"

_LONGEST: Final = 60
_ROWS: Final = 20
_LEAST_PRICE: Final = Decimal("0.0001")
_LEAST_PART: Final = Decimal("0.000001")

_BLANKS: Final = f"COUNTBLANK({TABLE}[[#This Row],[{PRINCIPAL}]:[{PRICE}]])"
"""How many of a row's two figures are missing."""

_PRINCIPALS: Final = allow.amount_of("Principal, USD:")

_here: Final = partial(this_row, TABLE)


class Shown(NamedTuple):
    """A first row of the table."""

    instrument: Instrument
    price: float
    source: str


def conversions(book: Book) -> list[Shown]:
    """Return the deal's notes and preferred stock, each with a price that it may convert at."""
    deal = book.selection.deal
    last = last_sale_now(book.selection)
    found = []
    for one in deal.instruments:
        if one.principal is None:
            continue
        where = one.sources.get("principal", "")
        if not _PRINCIPALS.allows(one.principal):
            leave_out(book, TABLE, one.key, f"principal {float(one.principal):,.2f}", where)
            continue
        floors = (formula.floor for formula in deal.prices if formula.key == one.formula)
        floor = next((price for price in floors if price is not None), None)
        if f"instruments.{one.key}.price" in book.selection.adjusted:
            where += "; adjusted for splits"
        price, source = (one.price, where) if one.price else (floor, f"{where}; at the floor")
        if price is None:
            price, source = last, f"{where}; price illustrative"
        found.append(Shown(one, float(price), source))
    return found


def write_conversions(book: Book) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
    """
    typed = _typed(conversions(book))
    purchase = PlainPurchase(
        _here(READ_PRINCIPAL), _here(READ_PRICE), rounding=book.selection.deal.conversion_rounding
    )
    waiting = f"{_here(COUNTED)}=0"
    steps = [*_steps(typed), *plain_purchases.steps(purchase, _here)]
    own = _figures(book, purchase)
    figures = figure_columns(book, TABLE, "the conversions", own, waiting, steps)
    saved, retired = (f"N({_here(name)})" for name in (_INTEREST, _ISSUE_PRICE))
    part = f'IF({_here(_ISSUE_PRICE)}="",1,{retired})'
    columns = [
        *typed,
        Column(
            "Interest saved a year", styles.RESULT, styles.USD, 15,
            f"IF({waiting},0,{_here(PRINCIPAL)}*{saved})",
        ),
        Column(
            "Paid for what it retires", styles.RESULT, styles.USD, 16,
            f"IF({waiting},0,{_here(PRINCIPAL)}*{part})",
        ),
        *figures,
    ]  # fmt: skip
    many = when(f"{_here(plain_purchases.NEAREST)}>{allow.MOST_SECURITIES:.0E}")
    columns = judged(
        book,
        TABLE,
        columns,
        [RowProblem("More than 10 billion shares", many)],
        [missing(TABLE, (PRINCIPAL, PRICE), f"{_BLANKS}=1")],
    )
    sheet = book.sheet(TITLE, ())
    placed = write_table(sheet, TABLE, HEADER_ROW, columns, _ROWS)
    finish_sheet(
        sheet,
        placed,
        TABLE,
        "Conversion of notes and preferred stock",
        "The shares that each becomes if it is converted, their part of all shares then, the "
        "interest that is saved, and what was paid for the principal that is retired. A holder "
        "takes at once no more shares than the ownership limit leaves, "
        f"{OWNERSHIP_LIMIT:.2%} where none is typed. {origin_of(book, TABLE, 'Those shown')}",
        {COUNTED: "", SHARES: "shares", "Nearest count": "shares"}
        | dict.fromkeys((_INTEREST, _ISSUE_PRICE, _BLOCKER, _READ_BLOCKER), "per cent"),
        frozen=2,
        basis=lambda _: of_the_deal(book.selection),
    )
    cite_rows(sheet, placed, _SOURCE, (PRINCIPAL, PRICE), typed)


def _typed(shown: list[Shown]) -> list[Column]:
    a_text = allow.short_text(_LONGEST, f"A text of at most {_LONGEST} characters.")
    a_rate = allow.part_between(Decimal(0), Decimal(1), "Interest a year, 5% as 0.05, up to 1.")
    a_part = allow.part_between(_LEAST_PART, Decimal(1), "Price paid over principal, 90% as 0.9.")
    a_limit = allow.part_between(
        _LEAST_PART, Decimal("0.999"), "A holder's part of all shares at most."
    )

    def part(value: object) -> float | None:
        return None if value is None else float(value)  # type: ignore[arg-type]

    def typed(
        header: str, form: str, width: float, values: list[Value], rule: allow.Allowed
    ) -> Column:
        optional = header not in (_NAME, PRINCIPAL, PRICE)
        return Column(
            header, styles.INPUT, form, width, values=values, allowed=rule, optional=optional
        )

    own = [one.instrument for one in shown]
    return [
        Column("No", styles.RESULT, styles.COUNT, 5, f"ROW()-ROW({TABLE}[[#Headers],[No]])"),
        typed(_NAME, styles.GENERAL, 22, [one.key[:_LONGEST] for one in own], a_text),
        typed(
            _SOURCE, styles.GENERAL, max(30, *(len(one.source) + 2 for one in shown), 30),
            [one.source[:_LONGEST] for one in shown], a_text,
        ),
        typed(
            PRINCIPAL, styles.USD, 16, [part(one.principal) for one in own],
            _PRINCIPALS,
        ),
        typed(
            PRICE, styles.PRICE, 18, [one.price for one in shown],
            allow.price_of("Conversion price, USD a share:", least=_LEAST_PRICE),
        ),
        typed(_INTEREST, styles.STEP, 10, [part(one.interest) for one in own], a_rate),
        typed(_ISSUE_PRICE, styles.STEP, 10, [part(one.issue_price) for one in own], a_part),
        typed(_BLOCKER, styles.STEP, 11, [part(one.blocker) for one in own], a_limit),
    ]  # fmt: skip


def _figures(book: Book, purchase: PlainPurchase) -> list[FigureColumn]:
    selection = book.selection
    latest = latest_name(selection.deal.capitalisation)
    shares, plain = _here(SHARES), _here(f"Plain {SHARES.lower()}")
    limit = _here(_READ_BLOCKER)
    return [
        FigureColumn(
            SHARES,
            quantities.COUNT,
            15,
            f"DEBENTURE_SHARES({_here(PRINCIPAL)},{_here(PRICE)},Deal)",
            plain_purchases.whole_shares(purchase, _here),
        ),
        FigureColumn(
            "Dilution if converted",
            quantities.PERCENT,
            10,
            based(latest, f"DILUTION({latest},{shares})"),
            based(latest, dilution_twin(selection, latest, plain)),
        ),
        FigureColumn(
            "Shares at once",
            quantities.COUNT,
            15,
            f"MIN({shares},OWNERSHIP_HEADROOM({latest},0,{limit}))",
            f"MIN({plain},{ownership_headroom_twin(selection, latest, '0', limit)})",
        ),
    ]


def _steps(typed: list[Column]) -> list[Column]:
    """Make the columns of what counts of a row: 0 where it waits."""
    wrong = any_broken(TABLE, typed)
    limit = f'IF({_here(_BLOCKER)}="",{OWNERSHIP_LIMIT},{_here(_BLOCKER)})'

    def step(header: str, form: str, formula: str) -> Column:
        return Column(header, styles.TWIN, form, 16, formula)

    counts = partial(where_counted, TABLE)
    return [
        step(COUNTED, styles.COUNT, f"IF({_BLANKS}>0,0,IF({wrong}>0,NA(),1))"),
        *number_columns(TABLE, typed),
        step(READ_PRINCIPAL, styles.USD, counts(f"N({_here(PRINCIPAL)})")),
        step(READ_PRICE, styles.PRICE, counts(f"N({_here(PRICE)})")),
        step(_READ_BLOCKER, styles.STEP, counts(limit)),
    ]
