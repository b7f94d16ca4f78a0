"""The sheet that rolls the warrants forward, as the notes to the accounts print it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from xladdin.terms.selection import Selection
from xladdin.workbooks.explain_sheet import Account, ExplainedPart, Story, Term
from xladdin.workbooks.figures import Pair, check_of, greatest, write_difference, write_pair
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book, Sheet, as_counted
from xladdin.workbooks.layout.table import twin_header, whole
from xladdin.workbooks.quantities import Quantity
from xladdin.workbooks.reporting import warrant_headings as col
from xladdin.workbooks.reporting.valuation_days import (
    CLOSING,
    DIVIDEND_YIELD,
    QUARTER_START,
    YEAR_START,
    ValuationDay,
)
from xladdin.workbooks.reporting.warrant_headings import CHANGES, TABLE, counted
from xladdin.workbooks.reporting.warrants import (
    FAIR_VALUE,
    NUMBER,
    VALUE,
    count_on,
    fair_value_on,
    value_on,
    valued_on,
    years_on,
)
from xladdin.workbooks.share_basis import basis, in_basis

TITLE: Final = "Roll-forward"
_YEARS: Final = Quantity(styles.YEARS, 1e-6)
_HEADER_ROW: Final = 4
_LEAST: Final = 1
"""Warrants below which there is no average: splits may leave parts of one."""

_VALUE_STEPS: Final = 6


class _Roll(NamedTuple):
    """A time that warrants are rolled forward over, and where its figures stand."""

    name: str
    words: str
    opening: ValuationDay
    column: str
    twin: str

    @property
    def inside(self) -> str:
        """1 for the changes of the time."""
        day = whole(CHANGES, col.CHANGES_DAY)
        return f"({day}>={self.name}_from)*({day}<={self.name}_to)"

    @property
    def given(self) -> str:
        """Whether the time has its ends."""
        return f"{self.name}_from>0"


_ROLLS: Final = (
    _Roll("Quarter", "Quarter", QUARTER_START, "B", "D"),
    _Roll("Year", "Year to date", YEAR_START, "C", "E"),
)


class _Figure(NamedTuple):
    """A row: its key, label, quantity, and the formulas of each time, white and grey."""

    key: str
    label: str
    quantity: Quantity
    formulas: dict[str, tuple[str, str]]


class _RollSheet:
    """The sheet, while it is written."""

    def __init__(self, book: Book, sheet: Sheet) -> None:
        self.book, self.sheet, self.row = book, sheet, _HEADER_ROW
        self.rows: dict[str, int] = {}

    def section(self, heading: str, figures: Iterator[_Figure]) -> None:
        """Write a heading and its figures."""
        self.row += 1
        self.sheet.put(f"A{self.row}", heading, styles.HEADING)
        for figure in figures:
            self.row += 1
            self._write(heading, figure)
        self.row += 1

    def _write(self, heading: str, figure: _Figure) -> None:
        self.rows[figure.key] = self.row
        self.sheet.put(f"A{self.row}", figure.label, styles.TEXT)
        pairs = []
        for roll in _ROLLS:
            pair = Pair(f"{roll.column}{self.row}", f"{roll.twin}{self.row}")
            write_pair(self.sheet, pair, figure.quantity, *figure.formulas[roll.name])
            self.book.name(f"{roll.name}_{figure.key}", self.sheet, pair.figure)
            pairs.append(pair)
        place = f"F{self.row}"
        write_difference(self.sheet, place, greatest(pairs, figure.quantity), figure.quantity)
        section, unit = heading.split(", ")[0], figure.label[0].lower() + figure.label[1:]
        what = f"{section}: {unit}, of the quarter, and each column against its twin"
        shown = pairs[0].on(self.sheet)
        self.book.checks.append(check_of(what, shown, figure.quantity, f"'{TITLE}'!{place}"))

    def at(self, key: str, column: str) -> str:
        """Refer to a figure further up."""
        return f"{column}{self.rows[key]}"


def write_roll_forward(book: Book) -> None:
    """Write the sheet; those of periods, warrants and their changes must be there.

    Args:
        book: The workbook.
    """
    words = basis(book.selection)
    after = f" Warrants and exercise prices are those {words}." if words else ""
    sheet = book.sheet(TITLE, (46, 19, 19, 19, 19, 13))
    sheet.title(
        TITLE,
        "Warrants from the opening of the quarter, and of the year to date, to the end of the "
        "period: numbers, weighted average exercise prices and lives, and what they were worth. "
        f"Grey columns are the plain-Excel twins.{after}",
        6,
    )
    headings = ["Figure, and its unit", *(roll.words for roll in _ROLLS)]
    sheet.headers(_HEADER_ROW, headings)
    for roll in _ROLLS:
        heading = twin_header(roll.words)
        sheet.put(f"{roll.twin}{_HEADER_ROW}", heading, styles.TWIN_HEADER)
    sheet.put(f"F{_HEADER_ROW}", "Greatest difference", styles.HEADER)
    sheet.worksheet.row_dimensions[_HEADER_ROW].height = 30
    sheet.worksheet.freeze_panes = f"B{_HEADER_ROW + 1}"
    sheet.print_titles(f"{_HEADER_ROW}:{_HEADER_ROW}")
    pages = _RollSheet(book, sheet)
    pages.section("Warrants", _numbers(pages))
    pages.section("Weighted average exercise price, USD a share", _prices(pages))
    pages.section("Weighted average remaining life, years", _lives(pages))
    pages.section("Fair value, USD", _values(pages))
    what = "Warrants at the end of the quarter are those of the sheet Warrants"
    there = f"IF({_ROLLS[0].given},SUM({whole(TABLE, count_on(CLOSING))}),0)"
    both, words = Pair("Quarter_warrants_closing", there), "changes of each kind add up to all"
    book.checks.append(check_of(what, both, NUMBER, "", words))


def _both(column: str) -> tuple[str, str]:
    """Refer to a column of the sheet Warrants, and to its twin."""
    return whole(TABLE, column), whole(TABLE, twin_header(column))


def _numbers(pages: _RollSheet) -> Iterator[_Figure]:
    def opening(roll: _Roll) -> tuple[str, str]:
        plain = _changed(f"({whole(CHANGES, col.CHANGES_DAY)}<{roll.name}_from)")
        shown = _both(count_on(roll.opening))[0]
        return f"IF({roll.given},SUM({shown}),0)", f"IF({roll.given},{plain},0)"

    yield _Figure("warrants_opening", "Opening, warrants", NUMBER, _each(opening))
    for kind in col.KINDS:

        def moved(roll: _Roll, kind: str = kind) -> tuple[str, str]:
            changed, plain = (
                whole(CHANGES, name) for name in (counted(kind), twin_header(counted(kind)))
            )
            return (f"SUMPRODUCT({roll.inside}*{changed})", f"SUMPRODUCT({roll.inside}*{plain})")

        yield _Figure(_key(kind), f"{kind}, warrants", NUMBER, _each(moved))

    def closing(roll: _Roll) -> tuple[str, str]:
        issued, *gone = (pages.at(_key(kind), roll.column) for kind in col.KINDS)
        rolled = f"{pages.at('warrants_opening', roll.column)}+{'-'.join((issued, *gone))}"
        plain = _changed(f"({whole(CHANGES, col.CHANGES_DAY)}<={roll.name}_to)")
        return rolled, f"IF({roll.given},{plain},0)"

    yield _Figure("warrants_closing", "Closing, warrants", NUMBER, _each(closing))


def _key(kind: str) -> str:
    return f"warrants_{kind.lower()}"


def _changed(which: str) -> str:
    """Add up, in plain Excel, what some changes come to."""
    issued, *gone = (f"{whole(CHANGES, twin_header(counted(kind)))}" for kind in col.KINDS)
    return f"SUMPRODUCT({which}*({'-'.join((issued, *gone))}))"


def _each(formulas: Callable[[_Roll], tuple[str, str]]) -> dict[str, tuple[str, str]]:
    return {roll.name: formulas(roll) for roll in _ROLLS}


def _average(count: str, total: str) -> str:
    return f"IF({count}<{_LEAST},0,{total}/{count})"


def _prices(pages: _RollSheet) -> Iterator[_Figure]:
    """Yield average exercise prices: over the kinds of warrants, or over the changes."""

    def of_day(roll: _Roll, one: ValuationDay, key: str) -> tuple[str, str]:
        places = pages.at(key, roll.column), pages.at(key, roll.twin)
        shown, plain = (
            _average(count, f"SUMPRODUCT({numbers}*{whole(TABLE, col.READ_PRICE)})")
            for count, numbers in zip(places, _both(count_on(one)), strict=True)
        )
        return shown, plain

    yield _Figure(
        "price_opening",
        "Opening, USD a share",
        VALUE,
        _each(lambda roll: of_day(roll, roll.opening, "warrants_opening")),
    )
    for kind in col.KINDS:

        def moved(roll: _Roll, kind: str = kind) -> tuple[str, str]:
            price, column = whole(CHANGES, col.CHANGES_PRICE), counted(kind)
            shown, plain = (
                _average(
                    pages.at(_key(kind), place),
                    f"SUMPRODUCT({roll.inside}*{whole(CHANGES, name)}*{price})",
                )
                for place, name in ((roll.column, column), (roll.twin, twin_header(column)))
            )
            return shown, plain

        yield _Figure(f"price_{kind.lower()}", f"{kind}, USD a share", VALUE, _each(moved))
    yield _Figure(
        "price_closing",
        "Closing, USD a share",
        VALUE,
        _each(lambda roll: of_day(roll, CLOSING, "warrants_closing")),
    )


def _lives(pages: _RollSheet) -> Iterator[_Figure]:
    """Yield average lives of the warrants that expire, and how many these are."""

    def expiring(roll: _Roll, one: ValuationDay) -> tuple[str, str]:
        shown, plain = (
            f"IF({roll.given},SUMPRODUCT({numbers}*({whole(TABLE, col.READ_EXPIRY)}>0)),0)"
            for numbers in _both(count_on(one))
        )
        return shown, plain

    def life(roll: _Roll, one: ValuationDay, key: str) -> tuple[str, str]:
        shown, plain = (
            _average(pages.at(key, place), f"SUMPRODUCT({numbers}*{whole(TABLE, years_on(one))})")
            for place, numbers in zip((roll.column, roll.twin), _both(count_on(one)), strict=True)
        )
        return shown, plain

    for words in ("Opening", "Closing"):

        def of(roll: _Roll, words: str = words) -> ValuationDay:
            return roll.opening if words == "Opening" else CLOSING

        key = f"expiring_{words.lower()}"
        label = f"{words}: those with an expiry, warrants"
        counts = {roll.name: expiring(roll, of(roll)) for roll in _ROLLS}
        yield _Figure(key, label, NUMBER, counts)
        lives = {roll.name: life(roll, of(roll), key) for roll in _ROLLS}
        yield _Figure(f"life_{words.lower()}", f"{words}, years", _YEARS, lives)


def _values(pages: _RollSheet) -> Iterator[_Figure]:
    def worth(roll: _Roll, one: ValuationDay) -> tuple[str, str]:
        shown, plain = (
            f"IF({roll.given},SUM({all_})" + ",0)" for all_ in _both(fair_value_on(one))
        )
        return shown, plain

    yield _Figure(
        "value_opening", "Opening, USD", FAIR_VALUE, _each(lambda roll: worth(roll, roll.opening))
    )
    yield _Figure(
        "value_closing", "Closing, USD", FAIR_VALUE, _each(lambda roll: worth(roll, CLOSING))
    )

    def change(roll: _Roll) -> tuple[str, str]:
        shown, plain = (
            f"{pages.at('value_closing', place)}-{pages.at('value_opening', place)}"
            for place in (roll.column, roll.twin)
        )
        return shown, plain

    yield _Figure("value_change", "Change, USD", FAIR_VALUE, _each(change))


def _chosen(column: str) -> str:
    at = "Explained_warrants_at"
    return f"IF({at}=0,0,INDEX({whole(TABLE, column)},{at}))"


def explained_warrants(selection: Selection) -> Iterator[ExplainedPart]:
    """Yield the figures of the chosen warrants that their value is explained by."""
    price = in_basis(selection, "Exercise price, USD a share")
    yield ExplainedPart(
        in_basis(selection, "Closing warrants"),
        "Warrant_count",
        _chosen(count_on(CLOSING)),
        styles.COUNT,
    )
    for label, name, column, form in (
        (price, "Warrant_price", col.READ_PRICE, styles.PRICE),
        ("Years left", "Years_left", years_on(CLOSING), styles.YEARS),
        ("There is something to value: 1 for yes", "Warrant_valued", valued_on(CLOSING), "0"),
    ):
        yield ExplainedPart(label, name, _chosen(column), form)


def warrant_account() -> Account:
    """Explain the number of all warrants at the end of the quarter."""
    issued, *gone = col.KINDS
    terms = [Term("Opening, warrants", "Quarter_warrants_opening")]
    terms.append(Term(f"{issued}, warrants", f"Quarter_{_key(issued)}"))
    terms += [Term(f"Less {kind.lower()}, warrants", f"-Quarter_{_key(kind)}") for kind in gone]
    terms.append(Term("Closing, warrants"))
    return Account("Warrants at the end of the quarter", "Quarter_warrants_closing", NUMBER, terms)


def warrant_story() -> Story:
    """Explain what one of the chosen warrants is worth at the end of the period."""
    return Story(
        "Value of one of the warrants at the end of the period",
        "WARRANT_VALUE",
        (
            CLOSING.price,
            "Warrant_price",
            "Years_left",
            *map(as_counted, (CLOSING.volatility, CLOSING.rate, DIVIDEND_YIELD)),
        ),
        _VALUE_STEPS,
        _chosen(value_on(CLOSING)),
        styles.PRICE,
        only_if="Warrant_valued=1",
    )
