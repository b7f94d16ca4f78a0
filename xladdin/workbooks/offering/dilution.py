"""The sheet of the table of dilution, as a prospectus prints it."""

from __future__ import annotations

from typing import Final

from xladdin.workbooks.common_sheets import sources
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.input_lines import InputLine, write_inputs
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import number_between, whole_number
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.offering.offer import Offer
from xladdin.workbooks.offering.proceeds import (
    ALL_COSTS,
    LEAST_OUTSTANDING,
    MOST_DOLLARS,
    PRICE,
    SHARES,
)
from xladdin.workbooks.quantities import Quantity

TITLE: Final = "Dilution"
BOOK_VALUE: Final = "Book_value"
OUTSTANDING: Final = "Outstanding_before"
_A_SHARE: Final = Quantity(styles.PRICE, 1e-6)
"""A hundredth of what is shown, and far more than doubles of what may be typed are off by."""

LINES: Final = (
    ("Dilution_price", "Price of the offering, USD a share"),
    ("Book_value_before", "Net tangible book value before, USD a share"),
    ("Book_value_increase", "Increase by the offering, USD a share"),
    ("Book_value_after", "Net tangible book value after, USD a share"),
    ("Dilution_a_share", "Dilution of new investors, USD a share"),
)


def write_dilution(book: Book, offer: Offer) -> None:
    """Write the sheet; that of the offering must be there."""
    sheet = book.sheet(TITLE, (58, 20, 20, 14, 40))
    sheet.title(
        TITLE,
        "What new investors pay beyond the net tangible book value of their shares, as Item 506 of "
        "Regulation S-K has it. Costs are the fee and the other costs of the sheet Offering.",
        5,
    )
    stock = offer.selection.deal.capitalisation
    write_inputs(
        sheet,
        4,
        [
            InputLine(
                BOOK_VALUE,
                "Net tangible book value before, USD; below 0 for a deficit",
                float(offer.price * offer.outstanding / 4),
                styles.USD,
                number_between(-MOST_DOLLARS, MOST_DOLLARS, "Net tangible book value, USD:"),
                "illustrative",
                needed=True,
            ),
            InputLine(
                OUTSTANDING,
                "Shares outstanding before",
                offer.outstanding,
                styles.COUNT,
                whole_number(LEAST_OUTSTANDING, "Shares outstanding before the offering"),
                sources(book, "capitalisation.outstanding") if stock else "illustrative",
                needed=True,
            ),
        ],
    )
    write_lines(book, sheet, 8, "ABCD", _lines(book))


def _lines(book: Book) -> list[FigureLine]:
    price, shares, value, before = (
        as_counted(name) for name in (PRICE, SHARES, BOOK_VALUE, OUTSTANDING)
    )
    waits = f"OR(N({PRICE})=0,N({OUTSTANDING})=0)"
    _, costs = next(iter(book.workbook.defined_names[ALL_COSTS].destinations))
    plain_costs = "Offering!" + str(costs).replace("$B", "$C")
    then = f"{value}/{before}"
    after = f"({value}+{price}*{shares}-{plain_costs})/({before}+{shares})"
    twins = (price, then, f"{after}-{then}", after, f"{price}-{after}")
    call = f"OFFERING_DILUTION({PRICE},{SHARES},{BOOK_VALUE},{OUTSTANDING},{ALL_COSTS})"
    return [
        FigureLine(
            name, label, _A_SHARE, f"IF({waits},0,INDEX({call},{number}))", f"IF({waits},0,{twin})"
        )
        for number, ((name, label), twin) in enumerate(zip(LINES, twins, strict=True), 1)
    ]
