"""The sheet with the price formulas: their keys, and what amendments and splits make of them."""

from __future__ import annotations

from typing import Final

from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from xladdin.checking.checks_sheet import Check
from xladdin.terms.price_formulas import PriceLeg
from xladdin.workbooks.equityline.line import PREPAID, EquityLine
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.terms_sheet import FORMATS

TITLE: Final = "Price terms"
_FIRST: Final = 5
_WIDTH: Final = 24
_WRAPPED: Final = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)


def needs_sheet(line: EquityLine) -> bool:
    """Check whether there is anything to be shown."""
    several = bool(line.changing) or line.by_date or len(line.choices) > 1
    return several and bool(line.formulas)


def write_price_terms(book: Book, line: EquityLine) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        line: The deal's line.
    """
    changing = list(line.changing.values())
    sheet = book.sheet(TITLE, (16, *[_WIDTH] * max(4, len(changing))), portrait=True)
    sheet.title(
        TITLE,
        "The deal's price formulas. A price takes their figures as they stand on its own day: "
        "after the amendments and splits up to it. The figures that these change stand here, each "
        "beside the same figure of the terms installed; all others are on the sheet Terms.",
        5,
    )
    row = _FIRST - 1
    sheet.put(f"A{row}", "Formulas", styles.HEADING)
    for row, formula in enumerate(line.formulas, _FIRST):
        sheet.put(f"A{row}", formula.key, styles.TERM)
        sheet.note(f"B{row}", in_words(line, row - _FIRST), 4, styles.TEXT)
    if line.prepaid:
        row += 1
        sheet.put(f"A{row}", PREPAID, styles.TERM)
        words = "money paid under the agreement: no price and no shares until it converts"
        sheet.note(f"B{row}", words, 4, styles.TEXT)
    book.name("Price_formulas", sheet, f"A{_FIRST}:A{row}")
    if line.by_date:
        row += 2
        sheet.put(f"A{row}", "Prices by", styles.TEXT)
        sheet.formula(f"B{row}", 'IFERROR(LEFT(Deal,FIND("@",Deal)-1),Deal)')
        sheet.note(f"C{row}", "The deal, as prices take it: each on its own day.", 3)
        book.name("Deal_by_date", sheet, f"B{row}")
    if changing:
        _write_stages(book, sheet, line, row + 2)


def in_words(line: EquityLine, number: int) -> str:
    """Describe a price formula, by its number from 0: its use, its legs and their windows."""
    formula = line.formulas[number]
    legs = []
    for leg in formula.legs:
        if leg.kind == "fixed":
            legs.append("a fixed price")
            continue
        which = f"the average {leg.of}"
        if leg.lowest:
            which = f"the average of the {leg.lowest} lowest {leg.of}"
        if leg.lowest == 1 or leg.first == leg.last:
            which = f"the lowest {leg.of}" if leg.first != leg.last else f"the {leg.of}"
        legs.append(f"a multiple of {which} {_window_in_words(leg)}")
    words = f"the {formula.take} of: " if len(legs) > 1 else ""
    use = "conversion at " if formula.key in line.conversions else ""
    return f"{use}{words}{'; '.join(legs)}"


def _window_in_words(leg: PriceLeg) -> str:
    anchor = "the issue" if leg.anchor == "issue" else "the day"
    first, last = leg.exact.first, leg.exact.last
    if first == last == -1:
        return f"of the session before {anchor}"
    if last == -1:
        return f"of the {-first} sessions before {anchor}"
    if first == 0:
        after = {0: "", 1: " and the session after it"}.get(last, f" and the {last} sessions after")
        return f"of {anchor}{after}"
    return f"of sessions {first} to {last} from {anchor}"


def _write_stages(book: Book, sheet: Sheet, line: EquityLine, row: int) -> None:
    """Write the figures by stage: as the deal has them, as they are installed, their sources."""
    changing = list(line.changing.values())
    blocks: list[tuple[int, int]] = []
    for heading in ("Figures of the deal", "The same, as installed", "Sources"):
        sheet.put(f"A{row}", heading, styles.HEADING)
        row += 1
        sheet.headers(row, ("From", *(f"{item.name}, {item.unit}" for item in changing)))
        sheet.worksheet.row_dimensions[row].height = 42
        blocks.append((row + 1, row + len(line.stages)))
        for at, stage in enumerate(line.stages):
            row += 1
            sheet.put(f"A{row}", stage.begins, styles.TERM, styles.DATE)
            if heading == "Sources":
                sheet.fit(row, [(item.sources[at], _WIDTH - 2) for item in changing])
            for column, item in enumerate(changing, 2):
                cell = f"{get_column_letter(column)}{row}"
                number_format = FORMATS.get(item.unit, styles.GENERAL)
                if heading == "Sources":
                    sheet.put(cell, item.sources[at], styles.RESULT)
                    sheet.align(cell, _WRAPPED)
                elif heading == "Figures of the deal":
                    sheet.put(cell, float(item.values[at]), styles.TERM, number_format)
                else:
                    asked = f'DEAL_TERM("{item.name}",{line.terms}&"@"&$A{row})'
                    sheet.formula(cell, asked, styles.RESULT, number_format)
        row += 2
    (first, end), (installed, installed_end), _ = blocks
    book.name("Stage_begins", sheet, f"A{first}:A{end}")
    for column, item in enumerate(changing, 2):
        letter = get_column_letter(column)
        book.name(f"by_stage.{item.name}", sheet, f"{letter}{first}:{letter}{end}")
    right = get_column_letter(1 + len(changing))
    mine = f"'{TITLE}'!B{first}:{right}{end}"
    theirs = f"'{TITLE}'!B{installed}:{right}{installed_end}"
    book.checks.append(
        Check(
            "Figures of the price formulas by day that are not the terms installed",
            f"SUMPRODUCT(({mine}-{theirs})*({mine}-{theirs}))",
            0,
            "",
            1e-18,
            "DEAL_TERM on each day",
        )
    )
