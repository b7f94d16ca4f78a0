"""The sheets of the capitalisation, actual and as adjusted, and of the use of proceeds."""

from __future__ import annotations

from typing import Final

from xladdin.checking.checks_sheet import Check
from xladdin.workbooks import quantities
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.input_lines import InputLine, write_inputs
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import number_between
from xladdin.workbooks.layout.remarks import when
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.offering.dilution import OUTSTANDING
from xladdin.workbooks.offering.offer import Offer
from xladdin.workbooks.offering.proceeds import CASH, MOST_DOLLARS, NET, SHARES, dollars_up_to

CAPITALISATION: Final = "Capitalisation"
USES: Final = "Use of proceeds"
PURPOSES: Final = ("Research and development", "Repayment of debt", "Capital expenditure")
"""Illustrative purposes; what is left is for general corporate purposes."""


def _plain(book: Book, name: str) -> str:
    """Refer to the plain-Excel check beside a named figure, from any sheet."""
    sheet, reference = next(iter(book.workbook.defined_names[name].destinations))
    return f"'{sheet}'!" + str(reference).replace("$B", "$C")


def write_capitalisation(book: Book, offer: Offer) -> None:
    """Write the capitalisation; the sheets of the offering and of the uses must be there."""
    sheet = book.sheet(CAPITALISATION, (58, 20, 20, 14, 40))
    sheet.title(
        CAPITALISATION,
        "Capitalisation, actual and as adjusted for the offering and for the debt that it repays.",
        5,
    )
    value = float(offer.price * offer.outstanding / 4)
    balance = number_between(-MOST_DOLLARS, MOST_DOLLARS, "Stockholders' equity, USD:")
    write_inputs(
        sheet,
        4,
        [
            InputLine(
                name, f"{label}, actual, USD", first, styles.USD, allowed, "illustrative", True
            )
            for name, label, first, allowed in (
                ("Cash_actual", "Cash", value, dollars_up_to("Cash")),
                ("Debt_actual", "Debt", 0, dollars_up_to("Debt")),
                ("Equity_actual", "Stockholders' equity", value, balance),
            )
        ],
    )
    sheet.put("A9", "As adjusted", styles.HEADING)
    write_lines(book, sheet, 10, "ABCD", _adjusted(book))
    book.entry_checks.append(
        Check(
            "Use of proceeds!B6, Use 2: more debt repaid than there is",
            when("N(Use_2)-N(Debt_actual)>=0.00001"),
            0,
            source="the debt of the sheet Capitalisation",
        )
    )


def _adjusted(book: Book) -> list[FigureLine]:
    """List what the offering, and the debt that it repays, make of the capitalisation."""
    cash, debt, equity, repaid = (
        as_counted(name) for name in ("Cash_actual", "Debt_actual", "Equity_actual", "Use_2")
    )
    net = _plain(book, NET)
    return [
        FigureLine(
            "Cash_adjusted",
            "Cash, USD",
            CASH,
            f"N(Cash_actual)+{NET}-N(Use_2)",
            f"{cash}+{net}-{repaid}",
        ),
        FigureLine(
            "Debt_adjusted", "Debt, USD", CASH, "N(Debt_actual)-N(Use_2)", f"{debt}-{repaid}"
        ),
        FigureLine(
            "Equity_adjusted",
            "Stockholders' equity, USD",
            CASH,
            f"N(Equity_actual)+{NET}",
            f"{equity}+{net}",
        ),
        FigureLine(
            "Total_adjusted",
            "Total capitalisation, USD",
            CASH,
            "Debt_adjusted+Equity_adjusted",
            f"{debt}-{repaid}+{equity}+{net}",
        ),
        FigureLine(
            "Shares_adjusted",
            "Shares outstanding",
            quantities.COUNT,
            f"N({OUTSTANDING})+N({SHARES})",
            f"{as_counted(OUTSTANDING)}+{as_counted(SHARES)}",
        ),
    ]


def write_uses(book: Book) -> None:
    """Write the use of proceeds; the sheet of the offering must be there."""
    sheet = book.sheet(USES, (58, 20, 20, 14, 40))
    sheet.title(
        USES,
        "What the net proceeds are for. What no purpose takes is for working capital and general "
        "corporate purposes.",
        5,
    )
    write_inputs(
        sheet,
        4,
        [
            InputLine(
                f"Use_{number}",
                f"{purpose}, USD",
                None,
                styles.USD,
                dollars_up_to(purpose),
                "blank for none",
            )
            for number, purpose in enumerate(PURPOSES, 1)
        ],
    )
    counted = "+".join(as_counted(f"Use_{number}") for number in range(1, len(PURPOSES) + 1))
    typed = "+".join(f"N(Use_{number})" for number in range(1, len(PURPOSES) + 1))
    net = _plain(book, NET)
    lines = [
        FigureLine("Uses_total", "Named purposes, USD", CASH, typed, counted),
        FigureLine(
            "Uses_rest",
            "Working capital and general corporate purposes, USD",
            CASH,
            f"{NET}-Uses_total",
            f"{net}-({counted})",
        ),
    ]
    write_lines(book, sheet, 9, "ABCD", lines)
    book.entry_checks.append(
        Check(
            "Use of proceeds: more than the net proceeds",
            # Costs beyond the gross proceeds are no use: the net proceeds are then below 0.
            when(f"AND(Uses_total>0,Uses_total-{NET}>=0.00001)"),
            0,
            source="the sheet Offering",
        )
    )
