"""The Fee table of proceeds.xlsx: the commission on each agreement's capacity, tier by tier."""

from __future__ import annotations

from openpyxl.styles import Alignment

from xladdin.checking.checks_sheet import Check
from xladdin.workbooks import quantities
from xladdin.workbooks.figures import (
    Pair,
    apart,
    check_of,
    printed_check,
    write_difference,
    write_pair,
)
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.proceeds.offering import Offering
from xladdin.workbooks.quantities import USD_TOLERANCE
from xladdin.workbooks.sold import Sold
from xladdin.workbooks.terms_sheet import terms_of


def write_fees(book: Book, offering: Offering) -> None:
    """Write the fee table: the commission on each agreement's whole capacity, tier by tier."""
    widths = (40, 22, 16, 16, 9, 23, 18, 23, 12, 20)
    sheet = book.sheet("Fee table", widths)
    sheet.title(
        "Fee table",
        "The commission if all is sold, tier by tier: the greatest that can be paid under each "
        "agreement, without reimbursement, advisory share and warrants.",
        len(widths),
    )
    amounts = ("From, USD", "Up to, USD", "Rate", "Gross in the tier, USD", "Commission, USD")
    headers = ("Agreement", "Terms", *amounts)
    sheet.headers(4, (*headers, "", "Difference", "Source"))
    sheet.put("H4", "Plain commission, USD", styles.TWIN_HEADER)
    row = 4
    for number, place in enumerate(offering.parties, 1):
        assert place.agreement
        first, sold = row + 1, place.agreement
        for names in sold.bands():
            row += 1
            _write_tier(sheet, row, sold, names)
        row += 1
        _write_total(sheet, row, first, number, sold)
        row += 1
    printed_check(book, "Commission on the first agreement's capacity", "full_commission", "Fees_1")
    offering.add_chart(sheet, row + 3)


def _write_tier(sheet: Sheet, row: int, sold: Sold, names: tuple[str, str, str]) -> None:
    """Write the commission on a tier, given the names of where it begins and ends, and its rate."""
    lower, upper, rate = names
    sheet.put(f"A{row}", sold.title, styles.RESULT)
    sheet.formula(f"B{row}", terms_of(sold.sales.key))
    sheet.formula(f"C{row}", lower, styles.RESULT, styles.USD)
    sheet.formula(f"D{row}", upper, styles.RESULT, styles.USD)
    sheet.formula(f"E{row}", rate, styles.RESULT, styles.RATE)
    sheet.formula(f"F{row}", f"D{row}-C{row}", styles.RESULT, styles.USD)
    fee = f"CEO_FEE(F{row},C{row},B{row})"
    twin = f"({upper}-{lower})*{rate}"
    cells = Pair(f"G{row}", f"H{row}")
    write_pair(sheet, cells, quantities.USD, fee, twin)
    source = sheet.book.selection.figures_by_agreement[rate][0].source
    at_most = "; at most" if sold.own_rates else ""
    cell = sheet.put(f"J{row}", f"{source}{at_most}", styles.RESULT)
    cell.alignment = Alignment("left", "center", indent=1, shrink_to_fit=True)
    write_difference(sheet, f"I{row}", apart(cells, quantities.USD), quantities.USD)


def _write_total(sheet: Sheet, row: int, first: int, number: int, sold: Sold) -> None:
    """Write the commission on all tiers of an agreement, which begin in a row, and check it."""
    book = sheet.book
    sheet.put(f"A{row}", f"{sold.title}: all tiers", styles.RESULT)
    sheet.formula(f"B{row}", terms_of(sold.sales.key))
    for letter, style in (("F", styles.RESULT), ("G", styles.RESULT), ("H", styles.TWIN)):
        total = f"SUM({letter}{first}:{letter}{row - 1})"
        sheet.formula(f"{letter}{row}", total, style, styles.USD)
    cells = Pair(f"G{row}", f"H{row}")
    write_difference(sheet, f"I{row}", apart(cells, quantities.USD), quantities.USD)
    for letter in "ABCDEFGIJ":
        cell = sheet.at(f"{letter}{row}")
        if letter in "CDEJ":
            cell.style = styles.RESULT
        cell.font = styles.STRONG
    book.name(f"Fees_{number}", sheet, f"G{row}")
    book.checks += [
        check_of(
            f"Fee table, {sold.title}: all tiers against their twins",
            cells.on(sheet),
            quantities.USD,
            f"MAX('Fee table'!I{first}:I{row})",
        ),
        Check(
            f"Fee table, {sold.title}: tiers against the whole capacity at once",
            f"Fees_{number}",
            f"CEO_FEE({sold.capacity},0,{terms_of(sold.sales.key)})",
            "",
            USD_TOLERANCE,
            "tiers add up",
            styles.USD,
        ),
    ]
