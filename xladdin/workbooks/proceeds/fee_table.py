"""The Fee table of proceeds.xlsx: the commission on each agreement's capacity, tier by tier."""

from __future__ import annotations

from openpyxl.styles import Alignment

from xladdin.workbooks.figures_and_twins import printed_check
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.check import USD_TOLERANCE, Check
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.proceeds.offering import Offering
from xladdin.workbooks.terms_sheet import terms_of


def write_fees(book: Book, offering: Offering) -> None:
    """Write the fee table: the commission on each agreement's whole capacity, tier by tier."""
    terms = book.selection.terms
    widths = (34, 22, 16, 16, 9, 16, 16, 16, 12, 20)
    sheet = book.sheet("Fee table", widths)
    sheet.title(
        "Fee table",
        "The commission if all is sold, tier by tier: the greatest that can be paid under each "
        "agreement, without reimbursement, advisory share and warrants.",
        len(widths),
    )
    headers = ("Agreement", "Terms", "From", "Up to", "Rate", "Gross in the tier", "Commission")
    sheet.headers(4, (*headers, "", "Difference", "Source"))
    sheet.put("H4", "Plain commission", styles.TWIN_HEADER)
    row = 4
    for number, agreement in enumerate(terms.agreements, 1):
        prefix = f"agreement_{number}"
        own = book.selection.of(agreement.key)
        first = row + 1
        for tier in range(1, len(agreement.tiers) + 1):
            row += 1
            upper = f"{prefix}.tier_{tier}.up_to"
            lower = f"{prefix}.tier_{tier - 1}.up_to" if tier > 1 else "0"
            sheet.put(f"A{row}", agreement.title, styles.RESULT)
            sheet.formula(f"B{row}", terms_of(agreement.key))
            sheet.formula(f"C{row}", lower, styles.RESULT, styles.USD)
            sheet.formula(f"D{row}", upper, styles.RESULT, styles.USD)
            sheet.formula(f"E{row}", f"{prefix}.tier_{tier}.rate", styles.RESULT, styles.RATE)
            sheet.formula(f"F{row}", f"D{row}-C{row}", styles.RESULT, styles.USD)
            fee = f"CEO_FEE(F{row},C{row},B{row})"
            sheet.formula(f"G{row}", fee, styles.RESULT, styles.USD)
            twin = f"({upper}-{lower})*{prefix}.tier_{tier}.rate"
            sheet.formula(f"H{row}", twin, styles.TWIN, styles.USD)
            source = own.figures[f"agreement.tier_{tier}.rate"].source
            cell = sheet.put(f"J{row}", source, styles.RESULT)
            cell.alignment = Alignment(vertical="center", horizontal="left", indent=1)
            sheet.formula(f"I{row}", f"ABS(G{row}-H{row})", styles.RESULT, styles.SMALL)
        row += 1
        sheet.put(f"A{row}", f"{agreement.title}: all tiers", styles.RESULT)
        sheet.formula(f"B{row}", terms_of(agreement.key))
        for letter, style in (("F", styles.RESULT), ("G", styles.RESULT), ("H", styles.TWIN)):
            total = f"SUM({letter}{first}:{letter}{row - 1})"
            sheet.formula(f"{letter}{row}", total, style, styles.USD)
        sheet.formula(f"I{row}", f"ABS(G{row}-H{row})", styles.RESULT, styles.SMALL)
        for letter in "ABCDEFGIJ":
            cell = sheet.at(f"{letter}{row}")
            if letter in "CDEJ":
                cell.style = styles.RESULT
            cell.font = styles.STRONG
        book.name(f"Fees_{number}", sheet, f"G{row}")
        book.checks += [
            Check(
                f"Fee table, {agreement.title}: all tiers against their twins",
                f"'Fee table'!G{row}",
                f"'Fee table'!H{row}",
                f"MAX('Fee table'!I{first}:I{row})",
                USD_TOLERANCE,
                "plain-Excel twin",
                styles.USD,
            ),
            Check(
                f"Fee table, {agreement.title}: tiers against the whole capacity at once",
                f"Fees_{number}",
                f"CEO_FEE({prefix}.capacity,0,{terms_of(agreement.key)})",
                "",
                USD_TOLERANCE,
                "tiers add up",
                styles.USD,
            ),
        ]
        row += 1
    printed_check(book, "Commission on the first agreement's capacity", "full_commission", "Fees_1")
    offering.add_chart(sheet, row + 3)
