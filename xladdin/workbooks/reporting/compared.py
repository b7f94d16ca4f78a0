"""Earnings a share beside those of the periods compared, as a quarterly report prints them.

Figures of the periods compared are those of the report of then. Its shares are restated for the
splits since (ASC 260-10-55-12), so that all columns are in the same shares.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xladdin.checking.checks_sheet import Check
from xladdin.workbooks import quantities
from xladdin.workbooks.explain_sheet import Story
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.remarks import when
from xladdin.workbooks.layout.sheet import Book, Sheet, as_counted
from xladdin.workbooks.quantities import Quantity
from xladdin.workbooks.reporting.compared_inputs import COMPARED, REPORTED_ON, Compared
from xladdin.workbooks.reporting.earnings import PER_SHARE, WEIGHTED
from xladdin.workbooks.reporting.inputs import COMPARED_END, given_day
from xladdin.workbooks.reporting.periods import SPANS as PERIODS
from xladdin.workbooks.reporting.programme import Programme
from xladdin.workbooks.terms_sheet import count_carried, split_day, splits_after

TITLE: Final = "EPS compared"
_DAY: Final = "Compared_day"
"""Name of the day whose shares these figures are in."""

_END: Final = given_day(COMPARED_END)
"""The end of both periods; 0 where none is compared."""

_HEADER_ROW: Final = 4
_HEADER_HEIGHT: Final = 30
"""Points: headings have two lines."""

_COLUMNS: Final = "BCDE"
_RISES: Final = 1e-9
"""Diluted earnings a share above the basic ones by no more than this are the same."""


def write_compared(book: Book, programme: Programme) -> None:
    """Write the sheet; that of earnings a share must be there.

    Args:
        book: The workbook.
        programme: The deal's agreements.
    """
    sheet = book.sheet(TITLE, (62, 20, 20, 20, 20))
    restated = " Shares reported then are restated for the splits since." * programme.splits
    sheet.title(
        TITLE,
        "Earnings a share beside those of the same periods a year before, as that year's report "
        f"has them by the sheet Inputs.{restated} A dash stands where nothing is compared.",
        5,
    )
    _write_printed(sheet)
    lines = list(_lines(programme))
    write_lines(book, sheet, _HEADER_ROW + 10, "ABCD", lines)
    sheet.worksheet.freeze_panes = f"B{_HEADER_ROW + 1}"
    for words, formula in _odd(programme):
        book.warnings.append(Check(f"{TITLE}: {words}", formula, 0, source="sheet Inputs"))


def _write_printed(sheet: Sheet) -> None:
    """Write the table as it is printed: each period, and beside it the one compared."""
    headings = [words for one in COMPARED for words in (_own_words(one), one.words)]
    sheet.headers(_HEADER_ROW, ("Figure, and its unit", *headings))
    sheet.worksheet.row_dimensions[_HEADER_ROW].height = _HEADER_HEIGHT
    days = {one.heading: one for one in PERIODS}
    rows: tuple[tuple[str, Quantity, tuple[str, ...]], ...] = (
        ("From, day", quantities.DATE, tuple(days[one].first for one in headings)),
        ("To, day", quantities.DATE, tuple(days[one].last for one in headings)),
        ("Income to common stockholders, USD", quantities.USD, _incomes()),
        ("Weighted average shares, basic", WEIGHTED, _pairs("weighted")),
        ("Weighted average shares, diluted", WEIGHTED, _pairs("diluted_shares")),
        ("Basic earnings, USD a share", PER_SHARE, _pairs("basic")),
        ("Diluted earnings, USD a share", PER_SHARE, _pairs("diluted")),
    )
    for row, (label, quantity, formulas) in enumerate(rows, _HEADER_ROW + 1):
        sheet.put(f"A{row}", label, styles.TEXT)
        for letter, formula in zip(_COLUMNS, formulas, strict=True):
            sheet.formula(f"{letter}{row}", formula, styles.RESULT, quantity.format)


def _own_words(one: Compared) -> str:
    return one.words.removesuffix(" a year before")


def _pairs(what: str) -> tuple[str, ...]:
    """Name a figure of each period and of the one compared with it."""
    names = [f"{name}_{what}" for one in COMPARED for name in (one.own.name, one.name)]
    return tuple(names)


def _incomes() -> tuple[str, ...]:
    return tuple(
        income
        for one in COMPARED
        for income in (as_counted(one.own.income), f"IF({_END}=0,0,{as_counted(one.income)})")
    )


def _lines(programme: Programme) -> Iterator[FigureLine]:
    """Yield the figures of the periods compared, in shares after the splits since."""
    if programme.splits:
        reported = given_day(REPORTED_ON)
        of = f"IF({_END}=0,0,IF({reported}=0,{_END},{reported}))"
        yield FigureLine(_DAY, "Day whose shares are reported", quantities.DATE, of)
    for one in COMPARED:
        basic, diluted = as_counted(one.reported), as_counted(one.reported_diluted)
        yield _restated(programme, f"{one.name}_weighted", f"{one.words}: shares", basic)
        counted = f"IF({diluted}=0,{basic},{diluted})"
        name, words = f"{one.name}_diluted_shares", f"{one.words}: diluted shares"
        yield _restated(programme, name, words, counted)
        income = as_counted(one.income)
        for what, earned, shares in (
            ("basic", income, "weighted"),
            ("diluted", f"({income}+{as_counted(one.interest)})", "diluted_shares"),
        ):
            over = f"{one.name}_{shares}"
            yield FigureLine(
                f"{one.name}_{what}",
                f"{one.words}: {what} earnings, USD a share",
                PER_SHARE,
                f"IF({over}=0,0,{earned}/{over})",
            )


def _restated(programme: Programme, name: str, words: str, count: str) -> FigureLine:
    """Carry a weighted average over the splits since, by SPLIT_ADJUSTED and in plain Excel."""
    label = f"{words}, weighted average"
    if not programme.splits:
        return FigureLine(name, label, WEIGHTED, f"IF({_END}=0,0,{count})")
    figure = f"IF({_DAY}=0,0,{count_carried(programme.selection, count, _DAY)})"
    plain = f"IF({_DAY}=0,0,{count}/({splits_after(programme.selection, _DAY)}))"
    return FigureLine(name, f"{label}, restated", WEIGHTED, figure, plain)


def _odd(programme: Programme) -> Iterator[tuple[str, str]]:
    """Yield what may be wrong about the figures reported: in words, and the formula that counts."""
    for one in COMPARED:
        blank = f"COUNTBLANK({one.income})+COUNTBLANK({one.reported})"
        yield f"{one.words}, income or shares missing", f"IF({_END}*({blank}=1)>0,1,0)"
        rises = f"{one.name}_diluted>{one.name}_basic+{_RISES:.0E}"
        yield f"{one.words}, earnings that rise by dilution", when(rises)
    if programme.splits:
        given = given_day(REPORTED_ON)
        early = when(f"AND({given}>0,{given}<{_END})")
        yield "reported before the period compared ends", early


def compared_stories(programme: Programme) -> Iterator[Story]:
    """Yield the explanation of the restated shares of a deal with splits."""
    splits = programme.selection.all_splits
    last = f"MAX({_DAY},{split_day(len(splits))})"
    for one in COMPARED if splits and programme.selection.splits == splits else ():
        yield Story(
            f"{one.words}: weighted average shares, restated",
            "SPLIT_ADJUSTED",
            (as_counted(one.reported), _DAY, last, '"count"', "Deal"),
            len(splits) + 2,
            f"{one.name}_weighted",
            only_if=f"AND({_DAY}>0,{as_counted(one.reported)}>0)",
        )
