"""placements.xlsx: the log of placements under one sales agreement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from openpyxl.chart import BarChart, Reference

from xladdin.checking.checks_sheet import Check
from xladdin.functions import twins
from xladdin.functions.capacity import ceo_capacity_twin
from xladdin.functions.fees import ceo_fee_twin, ceo_net_twin
from xladdin.terms.selection import Selection
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import (
    Instruction,
    origin_of,
    require_agreement,
    write_closing_sheets,
    write_start,
)
from xladdin.workbooks.explain_sheet import (
    CHOICE_CELL,
    Choice,
    ExplainedPart,
    Story,
    fee_steps,
    write_explain,
)
from xladdin.workbooks.figure_tables import finish_table
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.layout import charts, styles
from xladdin.workbooks.layout.data_validation import price_above, whole_number
from xladdin.workbooks.layout.remarks import when
from xladdin.workbooks.layout.sheet import Book, Sheet, as_counted
from xladdin.workbooks.layout.table import Placed, whole, write_table
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries
from xladdin.workbooks.placements.agents import write_agents
from xladdin.workbooks.placements.columns import (
    PRICE,
    PRIOR_SHARES,
    SOLD,
    TABLE,
    TO_THE_CENT,
    crossing_a_tier,
    illustrative,
    log_columns,
    log_dollars,
)
from xladdin.workbooks.placements.warrants import (
    cap_checks,
    warrant_checks,
    warrant_lines,
    warrant_stories,
)
from xladdin.workbooks.quantities import EXACT, PRICE_TOLERANCE, Quantity

TITLE: Final = "Placement log"
HEADER_ROW: Final = 25
_TOTALS_ROW: Final = 6
ROWS: Final = 20
"""Rows of the table at first; those without an illustrative placement wait for input."""


def build(selection: Selection, entries: Entries = NOTHING) -> Book:
    """Write the workbook, formulas without values.

    Args:
        selection: The deal and the agreement that placements are made under.
        entries: What users entered.

    Returns:
        The workbook.

    Raises:
        NothingToShowError: The deal has no agreement with capacity and commission (#REF!).
    """
    require_agreement(selection)
    book = Book(selection, entries=entries)
    write_start(
        book,
        TITLE,
        "Keep one row for each placement: type date, shares and price, and read commission, net "
        "proceeds, warrants, dates and what is left of the agreement.",
        (
            Instruction(
                "Placements", "Date, Shares, Price", "One row for each placement, oldest first."
            ),
            Instruction("Placements", "Remark", "Read here what is wrong or odd about a row."),
            Instruction(
                "Placements",
                "rows below the table",
                "The table grows: type under its last row, and formulas follow.",
            ),
            Instruction(
                "Placements", "Price for the rest", "Price at which the rest might be sold."
            ),
            Instruction(
                "Explain", "Placement", "Number of the placement whose figures are explained."
            ),
            *(
                [
                    Instruction(
                        "all",
                        "first eight rows",
                        "Illustrative: made up to show the workbook at work. Clear them to begin.",
                    )
                ]
                if entries.illustrative(TABLE)
                else []
            ),
        ),
    )
    _write_log(book)
    write_agents(book, TABLE, SOLD, log_dollars(selection))
    _explain(book)
    write_closing_sheets(book, tiers=True)
    return book


def _write_log(book: Book) -> None:
    sheet = book.sheet("Placements", ())
    columns = log_columns(book)
    placed = write_table(sheet, TABLE, HEADER_ROW, columns, ROWS)
    sheet.title(
        TITLE,
        "Yellow cells are for input; grey columns are the plain-Excel twins of the white ones. "
        + origin_of(book, TABLE, "The placements shown"),
        len(columns),
    )
    _write_totals(book, sheet)
    _add_chart(sheet, placed)
    finish_table(sheet, placed, TABLE, columns, "Placements")


def _write_totals(book: Book, sheet: Sheet) -> None:
    """Write the totals above the log: it grows downwards."""
    selection = book.selection
    dollars = log_dollars(selection)
    gross, shares, price = (whole(TABLE, column) for column in ("Gross", SOLD, PRICE))
    sheet.put("A4", "Totals", styles.HEADING)
    sheet.put("A5", "Price for the rest, USD", styles.TEXT)
    sheet.merge("A5", 4)
    last_sale = illustrative(selection)[-1][2]
    rest_price = price_above(selection.agreement.capacity, "A price, USD a share:")
    sheet.input("E5", "Price_for_the_rest", last_sale, styles.QUOTE, rest_price, "F5")

    lines = [
        FigureLine(
            "Gross_total",
            "Gross proceeds",
            dollars,
            f"SUM({gross})",
            f"SUMPRODUCT({shares},{price})",
        ),
        FigureLine("Shares_total", "Shares sold", quantities.COUNT, f"SUM({shares})"),
        FigureLine(
            "Commission_total",
            "Commission",
            dollars,
            "CEO_FEE(Gross_total,0,Deal)",
            ceo_fee_twin(selection, "Gross_total"),
        ),
        FigureLine(
            "Commission_to_the_cent",
            "Commission to the cent",
            dollars,
            f"SUM({whole(TABLE, TO_THE_CENT)})",
            f"Commission_total+SUM({whole(TABLE, 'Rounding')})",
        ),
        FigureLine(
            "Net_total",
            "Net proceeds",
            dollars,
            "CEO_NET(Gross_total,0,Deal)",
            ceo_net_twin(selection, "Gross_total", ceo_fee_twin(selection, "Gross_total")),
        ),
        FigureLine(
            "Capacity_left",
            "Capacity left",
            dollars,
            "CEO_CAPACITY(Gross_total,,Deal)",
            ceo_capacity_twin(selection, "Gross_total"),
        ),
    ]
    lines += _shares_left(selection, _TOTALS_ROW + len(lines))
    lines += warrant_lines(selection)
    write_lines(book, sheet, _TOTALS_ROW, "AEFG", lines)
    _add_checks(book)


def _shares_left(selection: Selection, row: int) -> list[FigureLine]:
    """Make the line of the shares that can still be sold, and the steps to it in plain Excel.

    Args:
        selection: The deal and the agreement.
        row: Row of the capacity left, in dollars.
    """
    no_price = "COUNTBLANK(Price_for_the_rest)=1"
    steps = twins.PlainPurchase(f"F{row}", "F5", selection.agreement.capacity)
    price = twins.SplitDigits(f"F{row + 2}", f"F{row + 3}")
    helpers = (
        ("Nearest_left", "To the nearest share", steps.nearest),
        ("Rest_price_digits", "Digits of that price", steps.digits),
        ("Rest_price_behind", "Of them, behind the capacity's", steps.behind),
        ("Rest_error", "Error of doubles a share", steps.error(f"F{row + 1}", price)),
    )
    small = Quantity(styles.SMALL, EXACT)
    return [
        *(
            FigureLine(
                name,
                label,
                small if name == "Rest_error" else quantities.DIGITS,
                "",
                f"IF({no_price},0,{formula})",
            )
            for name, label, formula in helpers
        ),
        FigureLine(
            "Shares_left",
            "Shares left at that price",
            quantities.COUNT,
            f"IF({no_price},0,CEO_CAPACITY(Gross_total,Price_for_the_rest,Deal))",
            f"IF({no_price},0,{steps.shares(f'F{row + 1}', price, f'F{row + 4}')})",
        ),
    ]


def _add_checks(book: Book) -> None:
    selection = book.selection
    dollars = log_dollars(selection)
    book.checks += [
        Check(
            "Commission: sum of the placements' against that on the total",
            f"SUM({whole(TABLE, 'Commission')})",
            "Commission_total",
            "",
            dollars.tolerance,
            "tiers add up over placements",
            dollars.format,
        ),
        Check(
            "Net proceeds and commission make gross proceeds",
            "Net_total+Commission_total",
            "Gross_total",
            "",
            dollars.tolerance,
            "CEO_NET and CEO_FEE",
            dollars.format,
        ),
    ]
    rounding = whole(TABLE, "Rounding")
    book.checks.append(
        Check(
            "Commission to the cent: greatest rounding of a placement, beyond half a cent",
            f"MAX(0,MAX({rounding})-0.005,-0.005-MIN({rounding}))",
            0,
            "",
            PRICE_TOLERANCE,
            "each placement is paid to the cent",
            styles.USD_FINE,
        )
    )
    book.checks += warrant_checks(selection)
    _add_document_checks(book)


def _add_document_checks(book: Book) -> None:
    """Compare with the limit on warrants, and with the commission that the document prints."""
    selection = book.selection
    book.checks += cap_checks(selection)
    printed = selection.figures.get("printed.full_commission")
    if printed and selection.agreement is selection.terms.agreements[0]:
        book.checks.append(
            Check(
                "Commission on the whole capacity, as the document prints it",
                "CEO_FEE(agreement.capacity,0,Deal)",
                printed.name,
                "",
                EXACT,
                f"printed, {printed.source}",
                styles.USD,
            )
        )


def _explain(book: Book) -> None:
    """Explain the commission on all placements, and the figures of one placement."""
    selection = book.selection
    number = as_counted("Explained_placement")
    past = f"{number}>ROWS({TABLE})"
    book.entry_checks.append(
        Check(
            f"{CHOICE_CELL}, Explained placement: past the last row of the log",
            when(past),
            0,
            source="choose a row of the log",
        )
    )

    def chosen(column: str) -> str:
        return f"IF(Explained_row=0,0,INDEX({whole(TABLE, column)},Explained_row))"

    shows = enumerate(crossing_a_tier(selection) if book.entries.illustrative(TABLE) else (), 1)
    crossing = next((number for number, crosses in shows if crosses), 1)
    choice = Choice(
        "Placement",
        "Explained_placement",
        crossing,
        styles.COUNT,
        whole_number(1, "Number of a placement of the log"),
    )
    row = f"IF({past},0,MAX(1,{number}))"
    parts = [
        ExplainedPart("Row of the log", "Explained_row", row, styles.COUNT),
        ExplainedPart("Date", "Explained_date", chosen("Date"), styles.DATE),
        ExplainedPart("Shares", "Explained_shares", chosen(SOLD), styles.COUNT),
        ExplainedPart("Price", "Explained_price", chosen("Price"), styles.QUOTE),
        ExplainedPart("Gross", "Explained_gross", chosen("Gross"), styles.USD),
        ExplainedPart("Prior gross", "Explained_prior", chosen("Prior gross"), styles.USD),
        ExplainedPart("Prior shares", "Explained_prior_shares", chosen(PRIOR_SHARES), styles.COUNT),
    ]
    write_explain(book, _stories(selection, chosen), choice, parts)


def _stories(selection: Selection, chosen: Callable[[str], str]) -> list[Story]:
    """List the explanations, given the formula of a column's figure in the row explained."""
    tiers = fee_steps(len(selection.agreement.tiers))
    sold = "Explained_shares>0"
    stories = [
        Story(
            "Commission on all placements",
            "CEO_FEE",
            ("Gross_total", "0", "Deal"),
            tiers,
            "Commission_total",
        ),
        Story(
            "Commission on the placement",
            "CEO_FEE",
            ("Explained_gross", "Explained_prior", "Deal"),
            tiers,
            chosen("Commission"),
            only_if=sold,
        ),
    ]
    stories += warrant_stories(selection, chosen)
    stories.append(
        Story(
            "Settlement of the placement",
            "TRADING_DAY",
            ("Explained_date", "agreement.delivery_sessions", "Deal"),
            3,
            chosen("Settlement"),
            styles.DATE,
            only_if=sold,
        )
    )
    return stories


def _add_chart(sheet: Sheet, placed: Placed) -> None:
    chart = BarChart()
    chart.type = "col"
    chart.grouping = "stacked"
    chart.overlap = 100
    charts.prepare(chart, "Gross proceeds by placement", "Placement", "USD")
    worksheet = sheet.worksheet
    headings = {column.header: number for number, column in enumerate(placed.columns, 1)}
    last = placed.last_row
    for header, colour in (("Net proceeds", "1F3864"), ("Commission", "C55A11")):
        column = headings[header]
        data = Reference(worksheet, min_col=column, min_row=HEADER_ROW, max_row=last)
        chart.add_data(data, titles_from_data=True)
        charts.colour(chart.series[-1], colour)
    numbers = Reference(worksheet, min_col=1, min_row=HEADER_ROW + 1, max_row=last)
    chart.set_categories(numbers)
    chart.width, chart.height = 22, 9.5
    worksheet.add_chart(chart, "I4")
