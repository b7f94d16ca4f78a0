"""The sheet of what the line gives at assumed prices, with the cap on shares and without it."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from typing import Final, NamedTuple

from openpyxl.chart import BarChart, Reference

from xladdin.checking.checks_sheet import Check
from xladdin.functions.derivation import rounded
from xladdin.functions.dilution import dilution_twin
from xladdin.terms.deal import PrintedFigure
from xladdin.terms.fields import Exact, as_decimal
from xladdin.terms.parsing import as_number
from xladdin.workbooks import quantities, share_basis
from xladdin.workbooks.equityline.caps import all_lifted, plain_left
from xladdin.workbooks.equityline.headings import ISSUED
from xladdin.workbooks.equityline.line import EquityLine
from xladdin.workbooks.equityline.summary import (
    PLAIN_USED,
    USED,
    all_issued,
    averaged_amount,
    averaged_shares,
)
from xladdin.workbooks.figure_tables import rows_agree
from xladdin.workbooks.figures import Pair, agree, write_pair
from xladdin.workbooks.illustrative import part_of_price
from xladdin.workbooks.layout import charts, styles
from xladdin.workbooks.layout.data_validation import price_of
from xladdin.workbooks.layout.sheet import Book, Sheet, as_counted
from xladdin.workbooks.layout.table import TABLE_HEADER_HEIGHT, in_sentence, twin_header
from xladdin.workbooks.quantities import EXACT, Quantity

TITLE: Final = "Sensitivity"
PRINTED: Final = "Printed table"
_LETTERS: Final = "ABCDEFGHIJKLMNOP"
_PERCENTS: Final = (50, 75, 100, 125, 150, 200, 300, 400, 500)
"""Assumed prices, in per cent of the latest or the floor; as many are taken as there are rows."""
_LEAST: Final = Decimal("0.000001")

ROWS: Final = 7

_CELL: Final = re.compile(r"(Shares|Proceeds)_(within|without)_cap_at_(\d+(?:_\d+)?)")
"""Cells of a table that a document prints: what, and at which assumed price."""

HEADER_ROW: Final = 4


class _Half(NamedTuple):
    """One half of the table: with the cap on shares, or without it."""

    capped: bool
    heading: str


class _Before(NamedTuple):
    """What a row comes on top of: formulas, of the figures or of their plain-Excel checks.

    Attributes:
        amount: The amount of the row, USD.
        sold: What was sold before, USD, of the rows whose average price may lift a cap.
        bought: The shares bought for it.
        issued: The same with commitment shares.
    """

    amount: str
    sold: str
    bought: str
    issued: str


def write_sensitivity(book: Book, line: EquityLine, price: float) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        line: The deal's line.
        price: A price near the latest one, USD a share.
    """
    halves = [_Half(True, "within the cap"), _Half(False, "without the cap")]
    if not line.cap:
        halves = [_Half(False, "")]
    count = 1 + 6 * len(halves) + 1
    sheet = _sheet(book, TITLE, halves)
    sheet.title(
        TITLE,
        "Shares, their part of all shares after, and proceeds if the amount is sold at an assumed "
        f"price. The amount is on the sheet Line. {_rounding(line)} {_range_in_words(line)}"
        f"{share_basis.in_words(line.selection)}",
        min(count, 8),
    )
    _headers(sheet, HEADER_ROW, halves)
    rows = range(HEADER_ROW + 1, HEADER_ROW + 1 + ROWS)
    before = _so_far(book, line)
    for number, (row, assumed) in enumerate(zip(rows, _assumed(line, price), strict=True), 1):
        name = f"Assumed_price_{number}"
        sheet.input(f"A{row}", name, assumed, styles.PRICE, price_of("Assumed price, USD a share:"))
        _write_row(sheet, line, halves, row, before)
    last = rows[-1]
    _check_rows(book, sheet, halves, rows[0], last)
    _add_chart(sheet, halves, rows[0], last)
    printed = _printed(line)
    if printed and not line.selection.acted_on:
        _write_documented(book, line, halves, printed)


def _floor(line: EquityLine) -> Exact | None:
    """Find the least floor of the price formulas, below which nothing is priced; None of none."""
    floors = [formula.floor for formula in line.formulas]
    return min((one for one in floors if one is not None), default=None) if all(floors) else None


def _assumed(line: EquityLine, price: float) -> list[float]:
    """Make up assumed prices: from the floor on, if there is one, around the latest price."""
    # With no more digits than the plain-Excel check of a count has room for.
    floor = as_decimal(_floor(line) or Decimal(0)).quantize(_LEAST, ROUND_CEILING)
    around = max(Decimal(str(price)), floor)
    prices = [part_of_price(around, one, 100) for one in _PERCENTS]
    above = [floor] * bool(floor) + [one for one in prices if one > floor]
    return [float(one) for one in above[:ROWS]]


def _range_in_words(line: EquityLine) -> str:
    if _floor(line) is None:
        return "Assumed prices begin at half of an illustrative one."
    return "Assumed prices begin at the floor, below which no formula prices."


def _rounding(line: EquityLine) -> str:
    if line.of_notes:
        return f"Shares are {rounded(line.rounding)}, as the deal's notes say."
    return "Shares are rounded to the nearest, as prospectuses print them."


def _so_far(book: Book, line: EquityLine) -> tuple[_Before, _Before]:
    issued, plain = "Issued_total", all_issued(line, twin_header(ISSUED))
    sold, bought = averaged_amount(line), averaged_shares(line)
    _, reference = next(iter(book.workbook.defined_names[bought].destinations))
    plain_bought = f"Line!{reference.replace('$B', '$C')}"
    return (_Before(USED, sold, bought, issued), _Before(PLAIN_USED, sold, plain_bought, plain))


def _sheet(book: Book, title: str, halves: list[_Half]) -> Sheet:
    sheet = book.sheet(title, (16, *[16] * (6 * len(halves)), 9))
    sheet.worksheet.freeze_panes = f"B{HEADER_ROW + 1}"
    sheet.print_titles(f"{HEADER_ROW}:{HEADER_ROW}")
    return sheet


def _headers(sheet: Sheet, row: int, halves: list[_Half]) -> None:
    names = ("Shares", "Of all shares after, per cent", "Proceeds, USD")
    sheet.put(f"A{row}", "Assumed price, USD a share", styles.HEADER)
    for plain in (False, True):
        for at, half in enumerate(halves):
            for number, name in enumerate(names):
                letter = _letter(halves, at, number, plain=plain)
                text = f"{name}, {half.heading}" if half.heading else name
                if plain:
                    text = twin_header(text)
                sheet.put(f"{letter}{row}", text, styles.TWIN_HEADER if plain else styles.HEADER)
    sheet.put(f"{_LETTERS[1 + 6 * len(halves)]}{row}", "Agrees", styles.HEADER)
    sheet.worksheet.row_dimensions[row].height = TABLE_HEADER_HEIGHT + 14


def _letter(halves: list[_Half], at: int, number: int, *, plain: bool) -> str:
    return _LETTERS[1 + (3 * len(halves) if plain else 0) + 3 * at + number]


def _cells(halves: list[_Half], at: int, number: int, row: int) -> Pair:
    """Refer to a figure of a row and to its check, by the number of its half and its own."""
    return Pair(*(f"{_letter(halves, at, number, plain=plain)}{row}" for plain in (False, True)))


def _write_row(
    sheet: Sheet, line: EquityLine, halves: list[_Half], row: int, both: tuple[_Before, _Before]
) -> None:
    """Write the figures at one price, which stands in column A.

    Args:
        sheet: The sheet.
        line: The deal's line.
        halves: Its halves.
        row: The row.
        both: What it comes on top of, for the figures and for their checks.
    """
    price = f"$A{row}"
    blank = f"COUNTBLANK({price})=1"
    pairs: list[tuple[Pair, Quantity]] = []
    for at, half in enumerate(halves):
        count, part, proceeds = (_cells(halves, at, number, row) for number in range(3))
        if half.capped:
            free = _cells(halves, 1, 0, row), _cells(halves, 1, 2, row)
            shares, plain = _within_cap(line, both, *free)
        else:
            shares, plain = (
                f"IF({blank},0,{_shares(line, one.amount, price, plain=at)})"
                for at, one in enumerate(both)
            )
        _write(sheet, pairs, count, quantities.COUNT, shares, plain)
        outstanding = "COUNTBLANK(Line_outstanding)=1"
        before = f"Line_outstanding+{both[0].issued}"
        plain_before = f"({as_counted('Line_outstanding')}+{both[1].issued})"
        plain_part = dilution_twin(line.selection, plain_before, count.twin)
        _write(
            sheet,
            pairs,
            part,
            quantities.PERCENT,
            f"IF(OR({outstanding},{count.figure}=0),0,DILUTION({before},{count.figure}))",
            f"IF(OR({outstanding},{count.twin}=0),0,{plain_part})",
        )
        _write(
            sheet,
            pairs,
            proceeds,
            quantities.USD,
            f"{count.figure}*{price}",
            f"{count.twin}*{price}",
        )
    letter = _LETTERS[1 + 6 * len(halves)]
    sheet.formula(f"{letter}{row}", agree(pairs), number_format=styles.FLAG)
    sheet.centre(f"{letter}{row}")


def _write(
    sheet: Sheet,
    pairs: list[tuple[Pair, Quantity]],
    cells: Pair,
    quantity: Quantity,
    formula: str,
    twin: str,
) -> None:
    write_pair(sheet, cells, quantity, formula, twin)
    pairs.append((cells, quantity))


def _within_cap(
    line: EquityLine, both: tuple[_Before, _Before], shares: Pair, proceeds: Pair
) -> tuple[str, str]:
    """Write the shares within the cap, and their check, from those without it.

    What may lift a cap is the average price of all that is bought, as on the sheet Advances: what
    was bought before together with all that the row would buy.
    """
    assert line.cap is not None
    average, plain_average = (
        f"({before.sold}+{usd})/({before.bought}+{count})"
        for before, usd, count in zip(both, proceeds, shares, strict=True)
    )
    call = f'ISSUE_HEADROOM("{line.cap.key}",{both[0].issued},{average},Deal)'
    left = plain_left(line, both[1].issued, plain_average)
    within, plain = f"MIN({shares.figure},{call})", f"MIN({shares.twin},{left})"
    lifted = all_lifted(line, plain_average)
    if lifted:
        within = f"IF(ISNA({call}),{shares.figure},{within})"
        plain = f"IF({lifted},{shares.twin},{plain})"
    return f"IF({shares.figure}=0,0,{within})", f"IF({shares.twin}=0,0,{plain})"


def _shares(line: EquityLine, amount: str, price: str, *, plain: bool | int) -> str:
    """Write the shares that the amount is at a price, without a cap."""
    if not plain:
        priced = f"DEBENTURE_SHARES({amount},{price},Deal)"
        return priced if line.of_notes else f"ROUND({amount}/{price},0)"
    quotient = f"ROUND({amount}/{price},6)"
    if not line.of_notes or line.rounding == "nearest":
        return f"INT({quotient}+0.5)"
    return f"-INT(-{quotient})" if line.rounding == "up" else f"INT({quotient})"


def _check_rows(book: Book, sheet: Sheet, halves: list[_Half], first: int, last: int) -> None:
    letter = _LETTERS[1 + 6 * len(halves)]
    place = f"{letter}{first}:{letter}{last}"
    sheet.flag_false(place)
    what = "Assumed prices at which a figure and its twin differ"
    own = sheet.worksheet.title
    book.checks.append(rows_agree(f"{own}: {in_sentence(what)}", f"'{own}'!{place}"))


class _Printed(NamedTuple):
    """A figure of a printed table.

    Attributes:
        figure: The figure of the deal.
        what: Shares or proceeds.
        capped: Whether it is within the cap.
        price: The assumed price.
    """

    figure: PrintedFigure
    what: str
    capped: bool
    price: Decimal


def _printed(line: EquityLine) -> list[_Printed]:
    """List the figures of the deal's printed table: those whose cells are named by a price."""
    found = []
    for figure in line.selection.deal.printed:
        match = _CELL.fullmatch(figure.cell or "")
        if figure.workbook == "equityline" and match:
            price = Decimal(match[3].replace("_", "."))
            found.append(_Printed(figure, match[1], match[2] == "within", price))
    return found


def _write_documented(
    book: Book, line: EquityLine, halves: list[_Half], printed: list[_Printed]
) -> None:
    """Write the table at the prices of the document, of the whole capacity, and check it."""
    sheet = _sheet(book, PRINTED, halves)
    sheet.title(
        "At the prices of the document",
        f"From {printed[0].figure.sources['value']}: the whole capacity, nothing issued before. "
        "Parts of all shares are of those outstanding before, as on the sheet Line, and the row's "
        "own shares; a document may take another denominator.",
        8,
    )
    row = HEADER_ROW
    _headers(sheet, row, halves)
    first = row + 1
    everything = "agreement.capacity" if line.has_capacity else str(line.amount)
    nothing = _Before(everything, "0", "0", "0")
    for price in sorted({one.price for one in printed}):
        row += 1
        sheet.put(f"A{row}", price, styles.TERM, styles.PRICE)
        _write_row(sheet, line, halves, row, (nothing, nothing))
        for at, half in enumerate(halves):
            for number, what in ((0, "Shares"), (2, "Proceeds")):
                which = "within" if half.capped else "without"
                name = f"{what}_{which}_cap_at_{str(price).replace('.', '_')}"
                book.name(name, sheet, f"{_letter(halves, at, number, plain=False)}{row}")
    _check_rows(book, sheet, halves, first, row)
    for one in printed:
        value = as_number(one.figure.value)
        if value is None:
            continue
        exponent = value.as_tuple().exponent
        digits = -exponent if isinstance(exponent, int) else 0
        book.checks.append(
            Check(
                f"{one.what} at {one.price:f}, as the document prints it",
                f"ROUND({one.figure.cell},{digits})",
                float(value),
                "",
                EXACT,
                f"printed, {one.figure.sources['value']}",
                styles.COUNT if one.what == "Shares" else styles.USD,
            )
        )


def _add_chart(sheet: Sheet, halves: list[_Half], first: int, last: int) -> None:
    chart = BarChart()
    chart.type = "col"
    title = "Shares by assumed price"
    charts.prepare(chart, title, "Assumed price, USD a share", "Shares")
    worksheet = sheet.worksheet
    for at, colour in zip(range(len(halves)), ("1F3864", "C55A11"), strict=False):
        column = 2 + 3 * at
        data = Reference(worksheet, min_col=column, min_row=first - 1, max_row=last)
        chart.add_data(data, titles_from_data=True)
        charts.colour(chart.series[-1], colour)
    chart.set_categories(Reference(worksheet, min_col=1, min_row=first, max_row=last))
    chart.x_axis.number_format = "0.00##"
    if len(halves) == 1:
        chart.legend = None
    chart.width, chart.height = 22, 8.5
    worksheet.add_chart(chart, f"A{last + 2}")
