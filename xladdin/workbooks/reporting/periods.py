"""The sheet that adds the sales up by period, agreement by agreement, as a report prints them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from openpyxl.utils import get_column_letter

from xladdin.core.capacity import PARTS_OF_A_SHARE
from xladdin.functions.twins import limit_tolerance
from xladdin.workbooks import quantities
from xladdin.workbooks.explain_sheet import Account, Term
from xladdin.workbooks.figures import Pair, check_of, greatest, write_difference, write_pair
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.layout.table import twin_header, whole
from xladdin.workbooks.quantities import Quantity
from xladdin.workbooks.reporting import inputs as inputs
from xladdin.workbooks.reporting.headings import AT, DAY, FEE, GROSS, NET, POOL, SOLD, TABLE
from xladdin.workbooks.reporting.programme import Programme
from xladdin.workbooks.share_basis import basis
from xladdin.workbooks.sold import Sold, met_within
from xladdin.workbooks.terms_sheet import terms_of

TITLE: Final = "Periods"
_HEADER_ROW: Final = 4
_FROM, _TO = _HEADER_ROW + 1, _HEADER_ROW + 2
_WIDTH: Final = 17


class Span(NamedTuple):
    """A time that sales are added up over, as formulas of its first and its last day.

    Its name begins the defined names of these cells, if others need them.
    """

    heading: str
    first: str
    last: str
    name: str = ""


def _after(before: str, end: str) -> str:
    """Give the day after an end; 0 where that or the end of the period is not given."""
    return (
        f"IF({inputs.given_day(before)}*{inputs.given_day(end)}=0,0,{inputs.given_day(before)}+1)"
    )


def _ends(before: str, end: str) -> str:
    return f"IF({inputs.given_day(before)}=0,0,{inputs.given_day(end)})"


SPANS: Final = (
    Span(
        "Quarter",
        _after(inputs.QUARTER_BEFORE, inputs.PERIOD_END),
        _ends(inputs.QUARTER_BEFORE, inputs.PERIOD_END),
        "Quarter",
    ),
    Span(
        "Quarter a year before",
        _after(inputs.COMPARED_QUARTER, inputs.COMPARED_END),
        _ends(inputs.COMPARED_QUARTER, inputs.COMPARED_END),
    ),
    Span(
        "Year to date",
        _after(inputs.YEAR_BEFORE, inputs.PERIOD_END),
        _ends(inputs.YEAR_BEFORE, inputs.PERIOD_END),
        "Year",
    ),
    Span(
        "Year to date a year before",
        _after(inputs.COMPARED_YEAR, inputs.COMPARED_END),
        _ends(inputs.COMPARED_YEAR, inputs.COMPARED_END),
    ),
    Span("Cumulative", "0", inputs.given_day(inputs.PERIOD_END)),
    Span(
        "After the period",
        _after(inputs.PERIOD_END, inputs.PERIOD_END),
        f"IF({inputs.given_day(inputs.PERIOD_END)}=0,0,{inputs.reported_through()})",
    ),
)
"""The times, in the order of their columns."""

_HALF: Final = len(SPANS)
_CUMULATIVE: Final = [one.heading for one in SPANS].index("Cumulative")


class SpanColumn(NamedTuple):
    """Where a figure stands: its column, and the one with the days of its span."""

    column: str
    days: str
    plain: bool


Formula = Callable[[SpanColumn], str]


class PeriodsSheet:
    """The sheet, while it is written: a white half of figures and a grey half of twins.

    Attributes:
        sheet: The sheet.
        rows: Row of each figure, by agreement (0 for all) and label.
        row: Row to be written next.
    """

    def __init__(self, book: Book, programme: Programme) -> None:
        """Begin the sheet: its columns and their days."""
        self.book, self.programme = book, programme
        self.sheet: Sheet = book.sheet(TITLE, (36, *[_WIDTH] * (2 * _HALF), 11))
        self.rows: dict[tuple[int, str], int] = {}
        self.places = [
            (
                SpanColumn(get_column_letter(2 + at), get_column_letter(2 + at), plain=False),
                SpanColumn(
                    get_column_letter(2 + _HALF + at), get_column_letter(2 + at), plain=True
                ),
            )
            for at in range(_HALF)
        ]
        self.difference = get_column_letter(2 + 2 * _HALF)
        self.row = _HEADER_ROW

    def begin(self) -> None:
        """Write the title, the headings and the days."""
        sheet = self.sheet
        words = basis(self.programme.selection)
        after = f" Shares and average prices are those {words}." if words else ""
        sheet.title(
            TITLE,
            "Sales of the log by the days of the sheet Inputs, agreement by agreement. The "
            "cumulative column holds all sales up to the end of the period; what is left is left "
            "at the end of each column's time. Grey columns are the plain-Excel twins." + after,
            1 + _HALF,
        )
        _write_labels(sheet, "Figure, and its unit")
        for span, (place, twin) in zip(SPANS, self.places, strict=True):
            heading = twin_header(span.heading)
            sheet.put(f"{twin.column}{_HEADER_ROW}", heading, styles.TWIN_HEADER)
            _write_days(sheet, span, place.column)
        sheet.put(f"{self.difference}{_HEADER_ROW}", "Greatest difference", styles.HEADER)
        sheet.worksheet.row_dimensions[_HEADER_ROW].height = 30
        sheet.worksheet.freeze_panes = f"B{_HEADER_ROW + 1}"
        sheet.print_titles(f"{_HEADER_ROW}:{_TO}")
        sheet.worksheet.print_area = f"A1:{self.places[-1][0].column}1000"
        self.row = _TO + 2

    def section(self, heading: str, agreement: int, figures: Iterator[PeriodFigure]) -> None:
        """Write a heading and the figures of an agreement, or of all if its number is 0."""
        self.sheet.put(f"A{self.row}", heading, styles.HEADING)
        for figure in figures:
            self.row += 1
            self._write(agreement, heading, figure)
        self.row += 2

    def _write(self, agreement: int, heading: str, figure: PeriodFigure) -> None:
        self.rows[agreement, figure.label] = self.row
        label = f"{figure.label}, {figure.unit}"
        self.sheet.put(f"A{self.row}", label, styles.TEXT)
        pairs = []
        for place, twin in self.places:
            pair = Pair(f"{place.column}{self.row}", f"{twin.column}{self.row}")
            texts = figure.formula(place), figure.formula(twin)
            write_pair(self.sheet, pair, figure.quantity, *texts)
            pairs.append(pair)
        difference = f"{self.difference}{self.row}"
        write_difference(self.sheet, difference, greatest(pairs, figure.quantity), figure.quantity)
        what = f"{heading}: {figure.label[0].lower()}{figure.label[1:]}"
        own = f"'{TITLE}'!{difference}"
        shown = pairs[_CUMULATIVE].on(self.sheet)
        words = f"{what}, cumulative, and each column against its twin"
        self.book.checks.append(check_of(words, shown, figure.quantity, own))

    def at(self, agreement: int, label: str, place: SpanColumn) -> str:
        """Refer to a figure further up in the same column."""
        return f"{place.column}{self.rows[agreement, label]}"

    def cell(self, agreement: int, label: str, span: int) -> str:
        """Refer to a figure from another sheet."""
        return f"'{TITLE}'!{self.places[span][0].column}{self.rows[agreement, label]}"

    def net_after_the_period(self) -> tuple[str, str]:
        """Refer to the net proceeds of all sales after the period, and to their twin."""
        of_all = 0 if self.programme.several else 1
        row = self.rows[of_all, NET_PROCEEDS]
        shown, plain = (f"'{TITLE}'!{place.column}{row}" for place in self.places[-1])
        return shown, plain


class PeriodFigure(NamedTuple):
    """A row of figures: what they are, their unit, and the formula in each column."""

    label: str
    unit: str
    quantity: Quantity
    formula: Formula


SOLD_SHARES: Final = "Shares sold"
GROSS_PROCEEDS: Final = "Gross proceeds"
AVERAGE: Final = "Average price"
FEES: Final = "Fees"
NET_PROCEEDS: Final = "Net proceeds"


def _in_span(place: SpanColumn, column: str, agreement: int) -> str:
    """Add up a column of the log over a span, of one agreement or, for 0, of all."""
    days = f"({whole(TABLE, DAY)}>={place.days}${_FROM})*({whole(TABLE, DAY)}<={place.days}${_TO})"
    own = f"*({whole(TABLE, AT)}={agreement})" if agreement else ""
    name = twin_header(column) if place.plain else column
    return f"SUMPRODUCT({days}{own}*{whole(TABLE, name)})"


def _sums(sheet: PeriodsSheet, agreement: int) -> Iterator[PeriodFigure]:
    """Yield the figures that every section has."""
    dollars = sheet.programme.dollars

    def total(column: str) -> Formula:
        return lambda place: _in_span(place, column, agreement)

    yield PeriodFigure(SOLD_SHARES, "shares", sheet.programme.shares, total(SOLD))
    yield PeriodFigure(GROSS_PROCEEDS, "USD", dollars, total(GROSS))

    def average(place: SpanColumn) -> str:
        shares = sheet.at(agreement, SOLD_SHARES, place)
        return f"IF({shares}=0,0,{sheet.at(agreement, GROSS_PROCEEDS, place)}/{shares})"

    yield PeriodFigure(AVERAGE, "USD a share", quantities.PRICE, average)
    yield PeriodFigure(FEES, "USD", dollars, total(FEE))
    yield PeriodFigure(NET_PROCEEDS, "USD", dollars, total(NET))


def capacity_labels(programme: Programme, sold: Sold) -> tuple[str, str]:
    """Return the labels of what is sold and left of an agreement's capacity, or its pool's."""
    if sum(one.pool == sold.pool for one in programme.agreements) > 1:
        return "Sold by the pool up to the last day", "Left in the pool on the last day"
    return "Sold up to the last day", "Left on the last day"


def _may_be_sold(sold: Sold, days: str) -> str:
    """Test whether the last day of a column is given, and not before the agreement."""
    return f"{days}${_TO}>={sold.dated or 1}"


def left_at_the_end(sold: Sold) -> str:
    """Test the same of the period's end, from another sheet."""
    return _may_be_sold(sold, f"'{TITLE}'!{get_column_letter(2 + _CUMULATIVE)}")


def _left(sheet: PeriodsSheet, sold: Sold) -> Iterator[PeriodFigure]:
    """Yield what is sold and left of an agreement's capacity, or of its pool's, at the end."""
    if not (sold.capacity or sold.capacity_shares):
        return
    in_shares = bool(sold.capacity_shares)
    programme = sheet.programme
    quantity = programme.shares if in_shares else programme.dollars
    unit = "shares" if in_shares else "USD"
    used, left = capacity_labels(programme, sold)

    def sum_to_end(place: SpanColumn) -> str:
        own = f"*({whole(TABLE, POOL)}={sold.pool})" if programme.several else ""
        column = SOLD if in_shares else GROSS
        name = twin_header(column) if place.plain else column
        days = f"({whole(TABLE, DAY)}<={place.days}${_TO})"
        return f"SUMPRODUCT({days}{own}*{whole(TABLE, name)})"

    def to_be_sold(place: SpanColumn) -> str:
        sum_ = sheet.at(sold.number, used, place)
        none = f"NOT({_may_be_sold(sold, place.days)})"
        if not place.plain:
            return f"IF({none},0,CEO_CAPACITY({sum_},,{terms_of(sold.sales.key)}))"
        if in_shares:
            rest = f"ROUND({sold.capacity_shares}-{sum_},{PARTS_OF_A_SHARE})"
            return f"IF({none},0,INT({rest}))"
        rest = f"{sold.capacity}-{sum_}"
        near = limit_tolerance(met_within(sold))
        return f"IF({none},0,IF(ABS({rest})<{near},0,{rest}))"

    yield PeriodFigure(used, unit, quantity, sum_to_end)
    yield PeriodFigure(left, unit, quantities.COUNT if in_shares else quantity, to_be_sold)


def period_accounts(sheet: PeriodsSheet) -> Iterator[Account]:
    """Explain the net proceeds of the quarter, the year to date and all time."""
    of_all = 0 if sheet.programme.several else 1
    for at, words in ((0, "quarter"), (2, "year to date"), (_CUMULATIVE, "time up to its end")):
        shares, average, fees, net = (
            sheet.cell(of_all, one, at) for one in (SOLD_SHARES, AVERAGE, FEES, NET_PROCEEDS)
        )
        terms = (
            Term("Shares sold at their average price, USD", "", shares, average),
            Term("Less fees, USD", f"-{fees}"),
            Term("Net proceeds, USD"),
        )
        yield Account(f"Net proceeds of the {words}", net, sheet.programme.dollars, terms)


def _write_labels(sheet: Sheet, heading: str) -> None:
    for row, label, style in (
        (_HEADER_ROW, heading, styles.HEADER),
        (_FROM, "From", styles.TEXT),
        (_TO, "To", styles.TEXT),
    ):
        sheet.put(f"A{row}", label, style)


def _write_days(sheet: Sheet, span: Span, column: str) -> None:
    """Write a time's heading, and its first and its last day."""
    sheet.put(f"{column}{_HEADER_ROW}", span.heading, styles.HEADER)
    for row, formula in ((_FROM, span.first), (_TO, span.last)):
        sheet.formula(f"{column}{row}", formula, styles.RESULT, styles.DATE)
    if span.name:
        sheet.book.name(f"{span.name}_from", sheet, f"{column}{_FROM}")
        sheet.book.name(f"{span.name}_to", sheet, f"{column}{_TO}")


def write_days_of_periods(book: Book) -> None:
    """Write the sheet of a deal without sales: the days of the times that have a name.

    Args:
        book: The workbook.
    """
    named = [span for span in SPANS if span.name]
    sheet = book.sheet(TITLE, (36, *[_WIDTH] * max(4, len(named))))
    words = "First and last days of the times that are reported, by the days of the sheet Inputs."
    sheet.title(TITLE, words, 4)
    _write_labels(sheet, "Day")
    for number, span in enumerate(named, 2):
        _write_days(sheet, span, get_column_letter(number))
    sheet.worksheet.freeze_panes = f"B{_HEADER_ROW + 1}"


def write_periods(book: Book, programme: Programme) -> PeriodsSheet:
    """Write the sheet.

    Args:
        book: The workbook.
        programme: The deal's agreements.

    Returns:
        The sheet, which says where its figures stand.
    """
    sheet = PeriodsSheet(book, programme)
    sheet.begin()
    if programme.several:
        sheet.section("All agreements", 0, _sums(sheet, 0))
    for sold in programme.agreements:

        def figures(sold: Sold = sold) -> Iterator[PeriodFigure]:
            yield from _sums(sheet, sold.number)
            yield from _left(sheet, sold)

        sheet.section(sold.title, sold.number, figures())
    _add_check(book, sheet)
    return sheet


def _add_check(book: Book, sheet: PeriodsSheet) -> None:
    """Check that no sale is lost or counted twice: those up to the end, after it, and beyond."""
    of_all = 0 if sheet.programme.several else 1
    last = f"'{TITLE}'!{sheet.places[-1][0].column}{_TO}"
    beyond = f"SUMPRODUCT(({whole(TABLE, DAY)}>{last})*{whole(TABLE, GROSS)})"
    parts = [sheet.cell(of_all, GROSS_PROCEEDS, at) for at in (_CUMULATIVE, _HALF - 1)]
    what = "Gross proceeds to the end of the period, after it and beyond make those of the log"
    both = Pair(f"{parts[0]}+{parts[1]}+{beyond}", f"SUM({whole(TABLE, GROSS)})")
    dollars = sheet.programme.dollars
    book.checks.append(check_of(what, both, dollars, "", "every sale is in one of these"))
