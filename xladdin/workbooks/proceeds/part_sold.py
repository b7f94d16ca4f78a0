"""The Part sold sheet of proceeds.xlsx: compensation over proceeds if only a part is sold."""

from __future__ import annotations

from typing import Final

from openpyxl.chart import LineChart, Reference
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Color, PatternFill
from openpyxl.utils import get_column_letter

from xladdin.workbooks.figures import (
    Pair,
    check_of,
    greatest,
    write_difference,
    write_pair,
)
from xladdin.workbooks.layout import charts, styles
from xladdin.workbooks.layout.by_agreement import AgreementColumn
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.layout.table import TABLE_HEADER_HEIGHT, twin_header
from xladdin.workbooks.proceeds.assumed import CAPACITY
from xladdin.workbooks.proceeds.offering import PER_CENT, Offering
from xladdin.workbooks.quantities import PRICE_TOLERANCE, Quantity
from xladdin.workbooks.terms_sheet import terms_of

PARTS: Final = tuple(range(10, 101, 10))
"""Parts of the capacity, in per cent, at which the compensation is looked at."""

_SHARE: Final = Quantity(PER_CENT, PRICE_TOLERANCE)

_HEADER_ROW: Final = 4
_FIRST: Final = _HEADER_ROW + 1
_LAST: Final = _HEADER_ROW + len(PARTS)
_LIMIT: Final = "limits.compensation_cap"
_COLOURS: Final = ("1F3864", "C55A11", "548235", "7030A0", "7F6000")


def write_parts(book: Book, offering: Offering) -> None:
    """Write the sheet; the Proceeds sheet must be there.

    Args:
        book: The workbook.
        offering: The Proceeds sheet, whose expenses and advisory shares are taken over.
    """
    count = len(offering.parties)
    limited = offering.terms.limits is not None
    # Part, figures, any limit, twins, difference: the limit is drawn beside the figures.
    widths = (20, *[17] * count, *[11] * limited, *[17] * count, 12)
    letters = [get_column_letter(number) for number in range(1, len(widths) + 1)]
    figures, limit = letters[1 : 1 + count], letters[1 + count]
    plain, difference = letters[-1 - count : -1], letters[-1]
    sheet = book.sheet("Part sold", widths, portrait=True)
    sheet.title(
        "If only a part is sold",
        "Compensation over gross proceeds when only a part of an agreement's capacity is sold, "
        "with what else is counted on the Proceeds sheet. What does not grow with the sales "
        "weighs more on small ones" + ("; red cells are beyond the limit." if limited else "."),
        len(letters),
    )
    sheet.put(f"A{_HEADER_ROW}", "Part of the capacity", styles.HEADER)
    for number, place in enumerate(offering.parties):
        title = place.agreement.title if place.agreement else ""
        sheet.put(f"{figures[number]}{_HEADER_ROW}", title, styles.HEADER)
        sheet.put(f"{plain[number]}{_HEADER_ROW}", twin_header(title, own=True), styles.TWIN_HEADER)
    if limited:
        sheet.put(f"{limit}{_HEADER_ROW}", "Limit", styles.HEADER)
    sheet.put(f"{difference}{_HEADER_ROW}", "Difference", styles.HEADER)
    sheet.worksheet.row_dimensions[_HEADER_ROW].height = TABLE_HEADER_HEIGHT
    for row, part in enumerate(PARTS, _FIRST):
        sheet.put(f"A{row}", part / 100, styles.TERM, "0%")
        pairs = [Pair(f"{a}{row}", f"{b}{row}") for a, b in zip(figures, plain, strict=True)]
        for cells, place in zip(pairs, offering.parties, strict=True):
            formula, twin = (
                _compensation(offering, place, f"$A{row}", plain=is_twin)
                for is_twin in (False, True)
            )
            write_pair(sheet, cells, _SHARE, formula, twin)
        if limited:
            sheet.formula(f"{limit}{row}", _LIMIT, styles.RESULT, PER_CENT)
        write_difference(sheet, f"{difference}{row}", greatest(pairs, _SHARE), _SHARE)
    block = f"{figures[0]}{_FIRST}:{figures[-1]}{_LAST}"
    book.checks.append(
        check_of(
            "Compensation if a part is sold: greatest, and each row against its twins",
            Pair(
                f"MAX('Part sold'!{block})",
                f"MAX('Part sold'!{plain[0]}{_FIRST}:{plain[-1]}{_LAST})",
            ),
            _SHARE,
            f"MAX('Part sold'!{difference}{_FIRST}:{difference}{_LAST})",
        )
    )
    if limited:
        red = PatternFill("solid", bgColor=Color(rgb=styles.PALE_RED))
        rule = CellIsRule("greaterThan", [_LIMIT], fill=red)
        sheet.worksheet.conditional_formatting.add(block, rule)
    _add_chart(sheet, count, limited=limited)


def _compensation(offering: Offering, place: AgreementColumn, part: str, *, plain: bool) -> str:
    """Divide commission and fixed compensation by the proceeds of a part of the capacity."""
    assert place.agreement
    sheet = "Proceeds!"
    sold = f"({part}*{sheet}{offering.at(CAPACITY, place)})"
    fee = (
        offering.plain_fee(place, sold, sheet)
        if plain
        else offering.fee(place, sold, terms_of(place.agreement.sales.key), sheet)
    )
    counted = (f"+{sheet}{offering.at(item, place)}" for item in offering.counted())
    return f"({fee}{''.join(counted)})/{sold}"


def _add_chart(sheet: Sheet, count: int, *, limited: bool) -> None:
    worksheet = sheet.worksheet
    lines = LineChart()
    charts.prepare(
        lines, "Compensation over proceeds", "Part of the capacity sold", "Over proceeds"
    )
    for number in range(count + limited):
        data = Reference(worksheet, min_col=2 + number, min_row=_HEADER_ROW, max_row=_LAST)
        lines.add_data(data, titles_from_data=True)
        drawn = lines.series[-1]
        if number < count:
            charts.line(drawn, _COLOURS[number % len(_COLOURS)])
        else:
            charts.line(drawn, "C00000")
            drawn.graphicalProperties.line.dashStyle = "dash"
    lines.set_categories(Reference(worksheet, min_col=1, min_row=_FIRST, max_row=_LAST))
    lines.x_axis.number_format = lines.y_axis.number_format = "0%"
    lines.y_axis.scaling.min = 0
    lines.width, lines.height = 20, 9.5
    worksheet.add_chart(lines, f"A{_LAST + 2}")
