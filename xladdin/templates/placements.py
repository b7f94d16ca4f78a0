"""placements.xlsx: the log of placements under one sales agreement."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Final

from openpyxl.chart import BarChart, Reference

from xladdin import twins
from xladdin.core.sessions import calendar
from xladdin.templates import charts, styles
from xladdin.templates.common import (
    Line,
    Step,
    Twinned,
    calendar_years,
    finish_table,
    origin_of,
    twinned,
    write_closing_sheets,
    write_lines,
    write_start,
)
from xladdin.templates.entries import NOTHING, Entries
from xladdin.templates.explaining import Choice, Part, Story, fee_steps, write_explain
from xladdin.templates.rules import date_between, number_above, whole_number
from xladdin.templates.sheets import (
    EXACT,
    PRICE_TOLERANCE,
    USD_TOLERANCE,
    Book,
    Check,
    Column,
    Placed,
    Sheet,
    this_row,
    whole,
)
from xladdin.terms.model import Selection

TITLE: Final = "Placement log"
TABLE: Final = "Placements"
HEADER_ROW: Final = 25
ROWS: Final = 20
"""Rows of the table at first; those without an illustrative placement wait for input."""

_FIRST_RATIOS: Final = (60, 105, 45, 120, 80, 70, 90, 55)
"""Illustrative placements, in thousandths of the capacity: together past the first tier of the
shipped deal."""

_PRICE_STEPS: Final = (0, 7, -12, 21, 33, 15, 48, 62)
"""Their prices, in thousandths above the last sale."""

_SESSIONS_APART: Final = 9
_USUAL_PRICE: Final = Decimal(10)


def build(selection: Selection, entries: Entries = NOTHING) -> Book:
    """Write the workbook, formulas without values.

    Args:
        selection: The deal and the agreement that placements are made under.
        entries: What users entered.

    Returns:
        The workbook.
    """
    book = Book(selection, entries=entries)
    write_start(
        book,
        TITLE,
        "Keep one row for each placement: type date, shares and price, and read commission, net "
        "proceeds, warrants, dates and what is left of the agreement.",
        (
            Step("Placements", "Date, Shares, Price", "One row for each placement, oldest first."),
            Step(
                "Placements",
                "rows below the table",
                "The table grows: type under its last row, and formulas follow.",
            ),
            Step("Placements", "Price for the rest", "Price at which the rest might be sold."),
            Step("Explain", "Placement", "Number of the placement whose figures are explained."),
            *(
                [
                    Step(
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
    _explain(book)
    write_closing_sheets(book)
    return book


def illustrative(selection: Selection) -> list[tuple[datetime.date, int, float]]:
    """Make up some placements that fit the deal.

    Args:
        selection: The deal and the agreement.

    Returns:
        Date, shares and price of each.
    """
    terms, agreement = selection.terms, selection.agreement
    last_sale = terms.capitalisation.last_sale if terms.capitalisation else _USUAL_PRICE
    sessions = calendar(terms.calendar)
    placements = []
    for number, (ratio, step) in enumerate(zip(_FIRST_RATIOS, _PRICE_STEPS, strict=True)):
        price = (last_sale * (1000 + step) / 1000).quantize(Decimal("0.01"))
        shares = int(agreement.capacity * ratio / 1000 / price)
        day = sessions.offset(terms.document_date, 3 + number * _SESSIONS_APART)
        placements.append((day, shares, float(price)))
    return placements


def _write_log(book: Book) -> None:
    sheet = book.sheet("Placements", ())
    columns = _columns(book)
    placed = sheet.table(TABLE, HEADER_ROW, columns, ROWS)
    sheet.title(
        TITLE,
        "Yellow cells are for input; grey columns are the plain-Excel twins of the white ones. "
        + origin_of(book, TABLE, "The placements shown"),
        len(columns),
    )
    _write_totals(book, sheet)
    _add_chart(sheet, placed)
    finish_table(sheet, placed, columns, "Placements")


def _columns(book: Book) -> list[Column]:
    selection = book.selection
    placements = illustrative(selection)
    first_year, last_year = calendar_years(book)
    days = datetime.date(first_year, 1, 1), datetime.date(last_year, 12, 31)

    def here(column: str) -> str:
        return this_row(TABLE, column)

    # A row that waits for input holds zeros, shown as dashes, rather than errors.
    waiting = f"COUNT({TABLE}[[#This Row],[Date]:[Price]])=0"

    gross, prior, shares, price = (
        here(column) for column in ("Gross", "Prior gross", "Shares", "Price")
    )
    delivery, standstill = "agreement.delivery_sessions", "agreement.standstill_after"
    sold = f"{prior}+{gross}"
    results = [
        Twinned(
            "Commission",
            styles.USD,
            13,
            USD_TOLERANCE,
            f"CEO_FEE({gross},{prior},Deal)",
            twins.ceo_fee(selection, gross, prior),
        ),
        Twinned(
            "Net proceeds",
            styles.USD,
            14,
            USD_TOLERANCE,
            f"CEO_NET({gross},{prior},Deal)",
            twins.ceo_net(selection, gross, prior),
        ),
        Twinned(
            "Settlement",
            styles.DATE,
            12,
            EXACT,
            f"TRADING_DAY({here('Date')},{delivery},Deal)",
            twins.trading_day(selection, here("Date"), delivery),
        ),
        Twinned(
            "Standstill ends",
            styles.DATE,
            12,
            EXACT,
            f"TRADING_DAY({here('Settlement')},{standstill},Deal)",
            twins.trading_day(selection, here("Plain settlement"), standstill),
        ),
        Twinned(
            "Capacity left",
            styles.USD,
            14,
            USD_TOLERANCE,
            f"CEO_CAPACITY({sold},,Deal)",
            twins.ceo_capacity(selection, f"({sold})"),
        ),
    ]
    if selection.agreement.warrants:
        results[2:2] = [
            Twinned(
                "Warrants",
                styles.COUNT,
                10,
                EXACT,
                f"CANTOR_WARRANTS({shares},Deal)",
                twins.cantor_warrants(selection, shares),
            ),
            Twinned(
                "Exercise price",
                styles.PRICE,
                10,
                PRICE_TOLERANCE,
                f"CANTOR_EXERCISE_PRICE({shares},{price},Deal)",
                twins.cantor_exercise_price(selection, shares, price),
            ),
        ]
    columns = [
        Column("No", styles.RESULT, styles.COUNT, 5, f"ROW()-ROW({TABLE}[[#Headers],[No]])"),
        Column(
            "Date",
            styles.INPUT,
            styles.DATE,
            12,
            values=[day for day, _, _ in placements],
            allowed=date_between(*days, f"Date of sale, from {days[0].year} to {days[1].year}."),
        ),
        Column(
            "Shares",
            styles.INPUT,
            styles.COUNT,
            10,
            values=[count for _, count, _ in placements],
            allowed=whole_number(0, "Shares sold: a whole number."),
        ),
        Column(
            "Price",
            styles.INPUT,
            styles.QUOTE,
            8,
            values=[amount for _, _, amount in placements],
            allowed=number_above(0, "Sale price, USD a share: above 0."),
        ),
        Column("Gross", styles.RESULT, styles.USD, 14, f"{shares}*{price}"),
        Column(
            "Prior gross",
            styles.RESULT,
            styles.USD,
            14,
            f"IF({waiting},0,"
            f'SUMIFS({whole(TABLE, "Gross")},{whole(TABLE, "No")},"<"&{here("No")}))',
        ),
    ]
    return columns + twinned(book, TABLE, "the log", results, waiting)


def _write_totals(book: Book, sheet: Sheet) -> None:
    """Write the totals above the log: it grows downwards."""
    selection = book.selection
    gross, shares, price = (whole(TABLE, column) for column in ("Gross", "Shares", "Price"))
    sheet.put("A4", "Totals", styles.HEADING)
    sheet.put("A5", "Price for the rest, USD", styles.TEXT)
    sheet.merge("A5", 4)
    last_sale = illustrative(selection)[-1][2]
    rest_price = number_above(0, "A price, USD a share: above 0.")
    sheet.input("E5", "Price_for_the_rest", last_sale, styles.QUOTE, rest_price)

    none_sold = f"SUM({shares})=0"
    lines = [
        Line(
            "Gross_total",
            "Gross proceeds",
            styles.USD,
            USD_TOLERANCE,
            f"SUM({gross})",
            f"SUMPRODUCT({shares},{price})",
        ),
        Line("Shares_total", "Shares sold", styles.COUNT, EXACT, f"SUM({shares})"),
        Line(
            "Commission_total",
            "Commission",
            styles.USD,
            USD_TOLERANCE,
            "CEO_FEE(Gross_total,0,Deal)",
            twins.ceo_fee(selection, "Gross_total"),
        ),
        Line(
            "Net_total",
            "Net proceeds",
            styles.USD,
            USD_TOLERANCE,
            "CEO_NET(Gross_total,0,Deal)",
            twins.ceo_net(selection, "Gross_total"),
        ),
        Line(
            "Capacity_left",
            "Capacity left",
            styles.USD,
            USD_TOLERANCE,
            "CEO_CAPACITY(Gross_total,,Deal)",
            twins.ceo_capacity(selection, "Gross_total"),
        ),
        Line(
            "Shares_left",
            "Shares left at that price",
            styles.COUNT,
            EXACT,
            "CEO_CAPACITY(Gross_total,Price_for_the_rest,Deal)",
            twins.ceo_capacity(selection, "Gross_total", "Price_for_the_rest"),
        ),
    ]
    if selection.agreement.warrants:
        overall = twins.cantor_exercise_price(selection, shares, price)
        lines += [
            Line(
                "Warrants_total",
                "Warrants earned",
                styles.COUNT,
                EXACT,
                f"SUM({whole(TABLE, 'Warrants')})",
                f"SUM({whole(TABLE, 'Plain warrants')})",
            ),
            Line(
                "Exercise_price_overall",
                "Exercise price over all",
                styles.PRICE,
                PRICE_TOLERANCE,
                f"IF({none_sold},0,CANTOR_EXERCISE_PRICE({shares},{price},Deal))",
                f"IF({none_sold},0,{overall})",
            ),
        ]
    write_lines(book, sheet, 6, "AEFG", lines)
    _add_checks(book)


def _add_checks(book: Book) -> None:
    selection = book.selection
    book.checks += [
        Check(
            "Commission: sum of the placements' against that on the total",
            f"SUM({whole(TABLE, 'Commission')})",
            "Commission_total",
            "",
            USD_TOLERANCE,
            "tiers add up over placements",
            styles.USD,
        ),
        Check(
            "Net proceeds and commission make gross proceeds",
            "Net_total+Commission_total",
            "Gross_total",
            "",
            USD_TOLERANCE,
            "CEO_NET and CEO_FEE",
            styles.USD,
        ),
    ]
    if selection.agreement.warrants and selection.terms.limits:
        book.checks.append(
            Check(
                "Warrants earned beyond the cap on shares sold",
                "MAX(0,Warrants_total-Shares_total*limits.warrant_cap)",
                0,
                "",
                EXACT,
                f"NASD cap, {selection.figures['limits.warrant_cap'].source}",
                styles.COUNT,
            )
        )
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
    agreement = selection.agreement

    def chosen(column: str) -> str:
        return f"INDEX({whole(TABLE, column)},Explained_placement)"

    shows = enumerate(_crossing(selection) if book.entries.illustrative(TABLE) else (), 1)
    crossing = next((number for number, crosses in shows if crosses), 1)
    choice = Choice(
        "Placement",
        "Explained_placement",
        crossing,
        styles.COUNT,
        whole_number(1, "Number of a placement of the log."),
    )
    parts = [
        Part("Date", "Explained_date", chosen("Date"), styles.DATE),
        Part("Shares", "Explained_shares", chosen("Shares"), styles.COUNT),
        Part("Price", "Explained_price", chosen("Price"), styles.QUOTE),
        Part("Gross", "Explained_gross", chosen("Gross"), styles.USD),
        Part("Prior gross", "Explained_prior", chosen("Prior gross"), styles.USD),
    ]
    tiers = fee_steps(len(agreement.tiers))
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
        ),
    ]
    if agreement.warrants:
        stories += [
            Story(
                "Warrants earned on the placement",
                "CANTOR_WARRANTS",
                ("Explained_shares", "Deal"),
                2,
                chosen("Warrants"),
            ),
            Story(
                "Exercise price of those warrants",
                "CANTOR_EXERCISE_PRICE",
                ("Explained_shares", "Explained_price", "Deal"),
                2,
                chosen("Exercise price"),
                only_if=sold,
            ),
        ]
    stories.append(
        Story(
            "Settlement of the placement",
            "TRADING_DAY",
            ("Explained_date", "agreement.delivery_sessions", "Deal"),
            2,
            chosen("Settlement"),
            styles.DATE,
            only_if=sold,
        )
    )
    write_explain(book, stories, choice, parts)


def _crossing(selection: Selection) -> list[bool]:
    """Say of each illustrative placement whether it crosses from a tier into the next."""
    edges = [tier.up_to for tier in selection.agreement.tiers]
    sold, found = Decimal(0), []
    for _, shares, price in illustrative(selection):
        before, sold = sold, sold + shares * Decimal(str(price))
        found.append(any(before < edge < sold for edge in edges))
    return found


def _add_chart(sheet: Sheet, placed: Placed) -> None:
    chart = BarChart()
    chart.type = "col"
    chart.grouping = "stacked"
    chart.overlap = 100
    charts.prepare(chart, "Gross proceeds by placement", "Placement", "USD")
    worksheet = sheet.worksheet
    headings = {worksheet.cell(HEADER_ROW, number).value: number for number in range(1, 30)}
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
