"""What every template has: the sheets Start, Calendar, Checks and Functions, figures and tables."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from openpyxl.styles import Alignment, Protection
from openpyxl.utils import get_column_letter

from xladdin import calendars
from xladdin.cells import serial_of
from xladdin.checking.checks_sheet import Check
from xladdin.functions.registry import FUNCTIONS
from xladdin.functions.twins import CLOSURES, NO_SETTLEMENT
from xladdin.terms import fields
from xladdin.workbooks.checks import write_checks
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import date_between, short_text
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.sold import agreements_of, sold_under
from xladdin.workbooks.terms_sheet import write_terms, write_tiers

_WRAPPED: Final = Alignment(vertical="top", wrap_text=True)

_CELLS: Final = 38
_WHAT: Final = 88
"""Widths of the columns that say what to type where, in characters."""

CALENDAR_YEARS_BEFORE: Final = 1
CALENDAR_YEARS_AFTER: Final = 8
"""Years whose dates may be typed, around the year of the deal's document: long enough for its
warrants' life and for looking back from its first days."""

_SESSIONS_A_YEAR: Final = 240
"""Fewer than any year has."""


class Instruction(NamedTuple):
    """One line of what to type where."""

    sheet: str
    cells: str
    what: str


def calendar_years(book: Book) -> tuple[int, int]:
    """Return the first and the last year whose dates may be typed."""
    year = book.selection.terms.document_date.year
    return year - CALENDAR_YEARS_BEFORE, year + CALENDAR_YEARS_AFTER


def closure_years(book: Book) -> tuple[int, int]:
    """Return the first and the last year whose closures are listed.

    They are more than those of the dates that may be typed: the windows of the first days reach
    back into the years before, and what follows a sale on the last day lies in the years after.
    """
    first, last = calendar_years(book)
    counts = [item for item in book.selection.figures.values() if item.unit == fields.SESSIONS]
    reach = sum(abs(item.value) for item in counts if isinstance(item.value, int))
    years = 1 + reach // _SESSIONS_A_YEAR
    return max(first - years, calendars.FIRST_YEAR), min(last + years, calendars.LAST_YEAR)


def write_start(book: Book, title: str, purpose: str, steps: Sequence[Instruction]) -> None:
    """Write the first sheet: what the workbook is for, what to type where, what colours mean.

    Args:
        book: The workbook; the sheet comes first in it.
        title: The workbook's title.
        purpose: What it is for.
        steps: What to type where.
    """
    terms = book.selection.terms
    sheet = book.sheet("Start", (22, _CELLS, _WHAT), portrait=True)
    sheet.title(title, purpose, 3)
    book.workbook.properties.title = title
    facts = [
        ("Issuer", f"{terms.issuer} ({terms.ticker})"),
        *(("Agreement", text) for text in _agreements(book)),
        ("Source", f"{terms.document}, {_day(terms.document_date)}"),
    ]
    row = 4
    for label, text in facts:
        sheet.put(f"A{row}", label, styles.TEXT)
        sheet.note(f"B{row}", text, 2, styles.TEXT)
        row += 1
    sheet.put(f"A{row}", "Deal", styles.TEXT)
    sheet.put(f"B{row}", book.selection.text, styles.TERM)
    book.name("Deal", sheet, f"B{row}")
    sheet.note(f"C{row}", "Every formula runs on this deal (defined name Deal).", 1)
    row += 1
    sheet.put(f"A{row}", "Checks", styles.TEXT)
    warned = 'IF(Checks_Warnings=0,"all hold","all hold; warnings: "&Checks_Warnings)'
    sheet.formula(f"B{row}", f'IF(Checks_OK,{warned},"look at Checks")')
    sheet.worksheet.conditional_formatting.add(f"B{row}", styles.alarm())
    sheet.note(f"C{row}", "Every figure against its twin, the document and the terms.", 1)
    row += 1
    sheet.put(f"A{row}", "Add-in", styles.TEXT)
    sheet.formula(f"B{row}", "XLADDIN_VERSION()")
    sheet.note(
        f"C{row}", "Version that computed the values. Without the add-in they stay as stored.", 1
    )
    row = _write_sign_off(sheet, row + 2) + 2
    sheet.put(f"A{row}", "What to type where", styles.HEADING)
    row += 1
    sheet.headers(row, ("Sheet", "Cells", "What"))
    for step in steps:
        row += 1
        for letter, text in zip("ABC", step, strict=True):
            sheet.put(f"{letter}{row}", text)
        sheet.fit(row, [(step.cells, _CELLS), (step.what, _WHAT)])
    row += 2
    sheet.put(f"A{row}", "What the colours mean", styles.HEADING)
    for style, name, meaning in styles.LEGEND:
        row += 1
        cell = sheet.put(f"A{row}", name, style)
        cell.alignment = Alignment(horizontal="left", vertical="center")
        cell.protection = Protection(locked=True)
        sheet.note(f"B{row}", meaning, 2, styles.TEXT)


def _agreements(book: Book) -> Iterator[str]:
    """Name the agreements that the workbook is about, each with its date."""
    selection = book.selection
    if selection.deal.agreements:
        for one in agreements_of(selection) if book.every_agreement else [sold_under(selection)]:
            dated = one.sales.dated
            yield f"{one.title}, {_day(dated)}" if dated else one.title


def _write_sign_off(sheet: Sheet, row: int) -> int:
    """Write who prepared and who reviewed the workbook, and when; return the last row."""
    sheet.put(f"A{row}", "Prepared and reviewed", styles.HEADING)
    name = short_text(60, "A name, of at most 60 characters.")
    years = datetime.date(2000, 1, 1), datetime.date(2099, 12, 31)
    day = date_between(*years, "A date from 2000 to 2099.")
    for who in ("Prepared", "Reviewed"):
        for what, allowed, form in (("by", name, styles.GENERAL), ("on", day, styles.DATE)):
            row += 1
            sheet.put(f"A{row}", f"{who} {what}", styles.TEXT)
            sheet.input(f"B{row}", f"{who}_{what}", None, form, allowed)
            sheet.at(f"B{row}").alignment = Alignment(horizontal="left", vertical="center")
    return row


def origin_of(book: Book, table: str, subject: str) -> str:
    """Return a sentence on whether a table's rows are illustrative or somebody's own."""
    illustrative = book.entries.illustrative(table)
    return f"{subject} {'at first are illustrative' if illustrative else 'were entered'}."


def leave_out(book: Book, table: str, name: str, figure: str, source: str) -> None:
    """Warn that a table has no row of a security, unless the rows are the user's own.

    Args:
        book: The workbook.
        table: The table.
        name: The security.
        figure: Its figure that no row takes, in words.
        source: Page of the figure.
    """
    if book.entries.illustrative(table):
        words = f"Left out of {table}: {name}, {figure}, more than a row takes"
        book.warnings.append(Check(words, "1", 0, source=source))


def write_calendar(book: Book) -> None:
    """Write the weekdays on which the exchange is closed, a column a year, for WORKDAY.

    To their right are the bank holidays, if the delivery under an agreement passes over them.
    """
    first, last = closure_years(book)
    code = book.selection.terms.calendar
    exchange = calendars.calendar(code)
    agreements = book.selection.deal.agreements
    settles = any(one.delivery_calendar == fields.SETTLEMENT_DAYS for one in agreements)
    columns = [(str(year), exchange.closures(year, year)) for year in range(first, last + 1)]
    own = len(columns)
    if settles:
        both = calendars.settlement_calendar(code)
        for year in range(max(first, both.first_year), last + 1):
            closed = set(exchange.closures(year, year))
            days = [day for day in both.closures(year, year) if day not in closed]
            columns.append((f"{year} banks", days))
    sheet = book.sheet("Calendar", (13.0,) * len(columns))
    banks = f" Bank holidays on other days follow: both are {NO_SETTLEMENT}." if settles else ""
    sheet.title(
        "Calendar",
        f"Weekdays on which the {calendars.CALENDARS[code]} ({code}) is closed. The "
        f"plain-Excel twins count sessions with WORKDAY over this range (defined name {CLOSURES}); "
        f"the add-in has its own calendar. Outside {first} to {last} a twin cannot follow, and "
        f"Checks will say so.{banks}",
        own,
    )
    sheet.headers(4, [heading for heading, _ in columns])
    deepest = max(len(days) for _, days in columns)
    for number, (_, days) in enumerate(columns, 1):
        letter = get_column_letter(number)
        for offset in range(deepest):
            day = days[offset] if offset < len(days) else None
            sheet.put(f"{letter}{5 + offset}", day, styles.TERM, "ddd d mmm")
            sheet.centre(f"{letter}{5 + offset}")
    for name, width in ((CLOSURES, own), (NO_SETTLEMENT, len(columns))):
        if name == CLOSURES or settles:
            book.name(name, sheet, f"A5:{get_column_letter(width)}{4 + deepest}")
    listed = NO_SETTLEMENT if settles else CLOSURES
    book.entry_checks.append(
        Check(
            "Calendar: closures typed over, by the sum of the days' numbers",
            f"SUM({listed})",
            sum(serial_of(day) for _, days in columns for day in days),
            source="build the workbook anew, or type the day back",
            format=styles.COUNT,
        )
    )


def yes_or_no(truth: str) -> str:
    """Show a truth value as a text.

    LibreOffice works stored truth values out anew on opening, and without the add-in it would
    show #NAME? in their place.
    """
    return f'IF({truth},"yes","no")'


def write_functions(book: Book) -> None:
    """Write the reference of the worksheet functions, from the registry: a row for each argument.

    So, as in other tables, a screen shows fifteen rows, and a reader finds an argument by its name.
    """
    widths = (27, 16, 72, 42, 25)
    sheet = book.sheet("Functions", widths)
    sheet.title(
        "Functions",
        "The add-in's functions. Arguments in brackets may be left out. A wrong argument gives a "
        "real Excel error: #VALUE! the wrong type, #NUM! a number out of bounds, #N/A data "
        "missing, #REF! a deal that is not installed.",
        len(widths),
    )
    headings = ("Function", "Argument", "What it gives, and what to pass on", "Result; an example")
    sheet.headers(4, (*headings, "Source"))
    row = 4
    for function in FUNCTIONS.values():
        row += 1
        first = (function.name, "", function.summary, function.result, function.source)
        example = function.example
        _write_texts(sheet, row, first, widths)
        sheet.at(f"A{row}").font = styles.STRONG
        for argument in function.arguments:
            row += 1
            name = f"[{argument.name}]" if argument.optional else argument.name
            if function.variadic and argument is function.arguments[-1]:
                name += ", ..."
            _write_texts(sheet, row, (function.name, name, argument.help, example, ""), widths)
            example = ""
    sheet.worksheet.freeze_panes = "C5"
    sheet.print_titles("4:4")


def _write_texts(sheet: Sheet, row: int, texts: Sequence[str], widths: Sequence[int]) -> None:
    """Write a row of texts that are read from its top, high enough for all of them."""
    for letter, text in zip("ABCDE", texts, strict=True):
        sheet.put(f"{letter}{row}", text or None, styles.RESULT)
        sheet.align(f"{letter}{row}", _WRAPPED)
    sheet.fit(row, list(zip(texts, widths, strict=True)))


def sources(book: Book, *names: str) -> str:
    """Return where some figures come from, by the deal's terms."""
    known = book.selection.figures
    found = (known[name].source for name in names if name in known)
    pages = (page for source in found for page in source.split(", "))
    return ", ".join(dict.fromkeys(pages))


def write_closing_sheets(book: Book, *, calendar: bool = True, tiers: bool = False) -> None:
    """Write the sheets that come after a template's own, in their order.

    Args:
        book: The workbook.
        calendar: Whether its formulas count sessions.
        tiers: Whether its plain-Excel twins work commissions out.
    """
    if calendar:
        write_calendar(book)
    write_terms(book)
    if tiers:
        write_tiers(book)
    write_checks(book)
    write_functions(book)


def _day(day: datetime.date) -> str:
    return f"{day.day} {day:%B %Y}"
