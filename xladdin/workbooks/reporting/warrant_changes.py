"""The sheet of what changed the number of warrants: issued, exercised, expired."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple

from xladdin.terms.selection import Selection
from xladdin.workbooks.common_sheets import calendar_years, origin_of
from xladdin.workbooks.figure_tables import FigureColumn, figure_columns
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import date_between, short_text, whole_number
from xladdin.workbooks.layout.remarks import (
    RowProblem,
    any_broken,
    judged,
    number_columns,
    when,
    where_counted,
)
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import Column, this_row, twin_header, whole, write_table
from xladdin.workbooks.layout.tables import HEADER_ROW, finish_sheet
from xladdin.workbooks.layout.user_inputs import Value
from xladdin.workbooks.reporting import warrant_headings as col
from xladdin.workbooks.reporting.illustrative import Ends
from xladdin.workbooks.reporting.programme import Programme
from xladdin.workbooks.reporting.warrant_headings import CHANGES, TABLE, counted
from xladdin.workbooks.reporting.warrants import NUMBER, ShownWarrants
from xladdin.workbooks.share_basis import as_typed, in_basis
from xladdin.workbooks.terms_sheet import count_carried, splits_after

TITLE: Final = "Warrant changes"
_WARRANTS: Final = "Warrants"
_WAITS: Final = "Waits"
_FACTOR: Final = "Splits after"
_ROWS: Final = 20
_MOST: Final = 10**9
_MONTH: Final = datetime.timedelta(days=30)

_here: Final = partial(this_row, CHANGES)


class _Change(NamedTuple):
    """An illustrative row."""

    day: datetime.date
    name: str
    kind: str
    number: int


def _illustrative(
    programme: Programme, shown: list[ShownWarrants], ends: Ends
) -> Iterator[_Change]:
    """Make up the opening numbers, an exercise, an issue, and some that expired."""
    first, last, middle = shown[0], shown[-1], ends.quarter_before + _MONTH
    for day, one, kind, part in (
        *((ends.year_before, one, "Issued", 100) for one in shown),
        (middle, first, "Exercised", 5),
        (middle + _MONTH, last, "Issued", 10),
        (ends.period, first, "Expired", 1),
    ):
        number = int(one.number * programme.selection.old_for_new(day)) * part // 100
        yield _Change(day, one.name, kind, min(number, _MOST))


def write_warrant_changes(
    book: Book, programme: Programme, shown: list[ShownWarrants], ends: Ends
) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        programme: The deal's agreements.
        shown: Illustrative warrants.
        ends: Illustrative ends of periods.
    """
    typed = _typed(book, list(_illustrative(programme, shown, ends)))
    figures, waits = list(_figures(programme)), f"{_here(col.COUNTED)}=0"
    steps = _steps(programme, typed)
    made = figure_columns(book, CHANGES, "the changes", figures, waits, steps)
    columns = judged(book, CHANGES, [*typed, *made], _failures(), _warnings(typed))
    sheet = book.sheet(TITLE, ())
    placed = write_table(sheet, CHANGES, HEADER_ROW, columns, _ROWS)
    after = " They are carried over later splits." if programme.splits else ""
    finish_sheet(
        sheet,
        placed,
        CHANGES,
        "Changes of the warrants",
        "One row each, in any order, beginning with the number of each kind on a day before the "
        f"year, as issued; the name is the one on the sheet Warrants.{after} "
        f"{origin_of(book, CHANGES, 'The changes shown')}",
        _units(programme.selection),
        frozen=2,
    )


def _units(selection: Selection) -> dict[str, str]:
    """Return the units that do not follow from number formats."""
    carried = [name for kind in col.KINDS for name in (counted(kind), twin_header(counted(kind)))]
    carried += [col.CHANGES_NET, twin_header(col.CHANGES_NET)]
    return {
        col.COUNTED: "",
        _WARRANTS: "",
        **dict.fromkeys((*col.KINDS, *map(_read, col.KINDS)), as_typed(selection, "warrants")),
        **dict.fromkeys(carried, in_basis(selection, "warrants")),
        col.CHANGES_PRICE: in_basis(selection, "USD a share"),
        _FACTOR: "old for new",
    }


def _typed(book: Book, changes: list[_Change]) -> list[Column]:
    first, last = calendar_years(book)
    days = datetime.date(first - 2, 1, 1), datetime.date(last, 12, 31)
    a_day = date_between(*days, f"Day of the change, from {first - 2} to {last}.")
    a_name = short_text(60, "A name of the sheet Warrants.")

    def typed(header: str, form: str, width: float, values: list[Value]) -> Column:
        allowed = {"Date": a_day, _WARRANTS: a_name}.get(header)
        return Column(
            header,
            styles.INPUT,
            form,
            width,
            values=values,
            allowed=allowed or whole_number(0, f"Warrants {header.lower()}", _MOST),
            optional=header in col.KINDS,
        )

    return [
        typed("Date", styles.DATE, 12, [one.day for one in changes]),
        typed(_WARRANTS, styles.GENERAL, 30, [one.name for one in changes]),
        *(
            typed(
                kind,
                styles.COUNT,
                14,
                [one.number if one.kind == kind else None for one in changes],
            )
            for kind in col.KINDS
        ),
    ]


def _figures(programme: Programme) -> Iterator[FigureColumn]:
    """Yield the warrants of a change, carried over later splits, and what they come to."""
    for kind in col.KINDS:
        formula = plain = _here(_read(kind))
        if programme.splits:
            formula = count_carried(programme.selection, formula, _here(col.CHANGES_DAY))
            plain = f"{plain}/{_here(_FACTOR)}"
        yield FigureColumn(counted(kind), NUMBER, 14, formula, plain)
    issued, *gone = (_here(counted(kind)) for kind in col.KINDS)
    plain_issued, *plain_gone = (_here(twin_header(counted(kind))) for kind in col.KINDS)
    yield FigureColumn(
        col.CHANGES_NET,
        NUMBER,
        14,
        "-".join((issued, *gone)),
        "-".join((plain_issued, *plain_gone)),
    )


def _read(kind: str) -> str:
    return f"{kind} that count"


def _steps(programme: Programme, typed: list[Column]) -> list[Column]:
    """Make the columns of what counts of a row: 0 where it waits or is wrong."""
    wrong = any_broken(CHANGES, typed)
    blank = f"COUNTBLANK({CHANGES}[[#This Row],[Date]:[{_WARRANTS}]])"
    none = f"COUNTBLANK({CHANGES}[[#This Row],[{col.KINDS[0]}]:[{col.KINDS[-1]}]])"
    waits = f"OR({blank}>0,{none}={len(col.KINDS)})"

    counts = partial(where_counted, CHANGES)

    def step(header: str, form: str, width: float, formula: str) -> Column:
        return Column(header, styles.TWIN, form, width, formula)

    number = f"SUMPRODUCT(({whole(TABLE, col.NAME)}={_here(_WARRANTS)})*{whole(TABLE, col.NO)})"
    at = _here(col.CHANGES_AT)
    price = f"IF({at}=0,0,INDEX({whole(TABLE, col.READ_PRICE)},{at}))"
    columns = [
        step(_WAITS, styles.COUNT, 9, f"IF({waits},1,0)"),
        step(col.COUNTED, styles.COUNT, 9, f"IF({_here(_WAITS)}=1,0,IF({wrong}>0,NA(),1))"),
        *number_columns(CHANGES, typed),
        step(col.CHANGES_AT, styles.GENERAL, 9, counts(number)),
        step(col.CHANGES_DAY, styles.DATE, 12, counts(f"INT({_here('Date')})")),
        step(col.CHANGES_PRICE, styles.PRICE, 14, f"IFERROR({price},0)"),
    ]
    if programme.splits:
        factor = splits_after(programme.selection, _here(col.CHANGES_DAY))
        columns.append(step(_FACTOR, styles.MULTIPLE, 9, factor))
    return columns + [
        step(_read(kind), styles.COUNT, 14, counts(f"ROUND(N({_here(kind)}),0)"))
        for kind in col.KINDS
    ]


def _failures() -> list[RowProblem]:
    at, day = _here(col.CHANGES_AT), _here(col.CHANGES_DAY)
    own = f"({whole(CHANGES, col.CHANGES_AT)}={at})*({whole(CHANGES, col.CHANGES_DAY)}<={day})"
    left = f"SUMPRODUCT({own}*{whole(CHANGES, twin_header(col.CHANGES_NET))})"
    return [
        RowProblem(
            "No such name on the sheet Warrants", when(f"AND({_here(col.COUNTED)}=1,{at}=0)")
        ),
        RowProblem(
            "Fewer than no warrants on that day", when(f"IF({at}=0,FALSE,{left}<-0.000001)")
        ),
    ]


def _warnings(typed: list[Column]) -> list[RowProblem]:
    some = f"COUNTA({CHANGES}[[#This Row],[{typed[0].header}]:[{typed[-1].header}]])"
    at, gone = _here(col.CHANGES_AT), _here(_read("Exercised"))
    expiry = f"INDEX({whole(TABLE, col.READ_EXPIRY)},{at})"
    late = f"IF({at}*{gone}=0,FALSE,AND({expiry}>0,{expiry}<{_here(col.CHANGES_DAY)}))"
    return [
        RowProblem(
            "Date or warrants or their number missing",
            when(f"AND({_here(col.COUNTED)}=0,{some}>0)"),
        ),
        RowProblem("Exercised after the expiry", when(late)),
    ]
