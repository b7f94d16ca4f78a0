"""The Headroom sheet of captable.xlsx: what may still be issued, under both limits."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from openpyxl.chart import BarChart, Reference

from xladdin import twins
from xladdin.templates import charts, styles
from xladdin.templates.capitalisation import (
    AUTHORISED,
    UNDER_OPTIONS,
    latest_documented,
    latest_name,
)
from xladdin.templates.common import sources, yes_or_no
from xladdin.templates.rules import number_between, whole_number
from xladdin.templates.sheets import EXACT, Book
from xladdin.templates.then_and_now import DOCUMENTED, NOW, Result, ThenAndNow, Typed
from xladdin.terms import DEFAULT_DEAL, select
from xladdin.terms.model import Capitalisation, Limits

TITLE: Final = "Headroom"

_LIMIT: Final = "Exchange_limit"
ISSUED: Final = "Issued_so_far"
_PLANNED: Final = "Planned_issue"
_APART: Final = "Class_B_to_add"

EXCHANGE_HEADROOM: Final = "Exchange_headroom"

_PART_PLANNED: Final = 10
"""The illustrative issue, in hundredths of the shares outstanding."""

_ROUND: Final = 100_000
"""What it is rounded down to."""


def write_headroom(book: Book) -> None:
    """Write the sheet; the Capitalisation sheet must be there.

    Args:
        book: The workbook, of a deal that has a capitalisation.
    """
    terms = book.selection.terms
    stock = terms.capitalisation
    assert stock is not None
    pages = ThenAndNow(
        book,
        TITLE,
        "Headroom",
        "How many shares may still be issued: in one transaction without stockholders' approval, "
        "and in all under the charter. The planned issue is illustrative.",
    )
    pages.inputs("The issue", _issue(book, stock))
    latest = latest_name(stock)
    pages.results("The exchange's limit", _exchange(book, stock, latest))
    pages.note(_about_the_limit(book, stock))
    pages.results("Authorised stock", _authorised(book, stock, latest))
    pages.note(_about_the_counts(book, stock))
    _add_chart(pages)


def _issue(book: Book, stock: Capitalisation) -> list[Typed]:
    planned = stock.latest_outstanding * _PART_PLANNED // 100
    planned -= planned % _ROUND if planned > _ROUND else 0
    issue = [
        Typed(
            ISSUED,
            "Shares issued so far in the transaction",
            0,
            whole_number(0, "Shares issued so far in the transaction: a whole number."),
        ),
        Typed(
            _PLANNED,
            "Planned issue",
            planned,
            whole_number(0, "Shares that are to be issued: a whole number."),
            source="illustrative",
        ),
    ]
    if book.selection.terms.class_b:
        issue.append(
            Typed(
                _APART,
                "Class B warrants to add",
                0,
                number_between(
                    0, "class_b.outstanding", "Those in no other count: at most all outstanding."
                ),
                source="those in no other count; see the note",
            )
        )
    return issue


def _exchange(book: Book, stock: Capitalisation, latest: str) -> list[Result]:
    selection = book.selection
    documented = latest_documented(stock)
    deal_has_it = _deal_has_the_limit(book)
    limit, source = "limits.exchange_limit", sources(book, "limits.exchange_limit")
    if not deal_has_it:
        limit, source = str(_function_limits().exchange_limit), "that of the function; see the note"
    total = f"{ISSUED}+{_PLANNED}"
    return [
        Result(
            _LIMIT,
            "Limit, as a part of shares outstanding",
            styles.RATE,
            EXACT,
            limit,
            documented=limit,
            source=source,
        ),
        Result(
            "Exchange_outstanding",
            "Shares outstanding, latest count",
            styles.COUNT,
            EXACT,
            latest,
            documented=documented,
            source=sources(book, documented),
        ),
        Result(
            EXCHANGE_HEADROOM,
            "Further shares that stay below the limit",
            styles.COUNT,
            EXACT,
            f"NASDAQ20_HEADROOM({latest},{ISSUED})",
            twins.nasdaq20_headroom(selection, latest, ISSUED, limit=limit),
            f"NASDAQ20_HEADROOM({documented})",
            twins.nasdaq20_headroom(selection, documented, limit=limit),
            strong=True,
        ),
        Result(
            "Issue_below_limit",
            "Planned issue stays below the limit",
            styles.GENERAL,
            EXACT,
            # Not by the headroom left: that is 0 both just below the limit and beyond it.
            yes_or_no(f"{total}<=NASDAQ20_HEADROOM({latest})"),
            yes_or_no(f"{total}<ROUND({latest}*{limit},{twins.COUNT_DIGITS})"),
            strong=True,
        ),
    ]


def _authorised(book: Book, stock: Capitalisation, latest: str) -> list[Result]:
    documented = latest_documented(stock)
    authorised, options = "capitalisation.authorised", "capitalisation.options_and_warrants"
    apart = book.selection.terms.class_b is not None
    reserved = f"{UNDER_OPTIONS}+{_PLANNED}" + (f"+{_APART}" if apart else "")
    rows = [
        ("Stock_authorised", "Authorised", AUTHORISED, authorised),
        ("Stock_outstanding", "Outstanding, latest count", latest, documented),
        ("Stock_under_options", "Under options and warrants", UNDER_OPTIONS, options),
    ]
    if apart:
        rows.append(("Stock_class_b", "Class B warrants to add", _APART, ""))
    rows.append(("Stock_planned", "Planned issue", _PLANNED, ""))
    results = [
        Result(
            name,
            label,
            styles.COUNT,
            EXACT,
            now,
            documented=was or "0",
            source=sources(book, was),
        )
        for name, label, now, was in rows
    ]
    results += [
        Result(
            "Authorised_headroom",
            "Left to issue",
            styles.COUNT,
            EXACT,
            f"{AUTHORISED}-{latest}-({reserved})",
            documented=f"{authorised}-{documented}-{options}",
            source="authorised, less all of the above",
            strong=True,
        ),
        Result(
            "Issue_authorised",
            "Planned issue fits",
            styles.GENERAL,
            EXACT,
            yes_or_no("Authorised_headroom>=0"),
            strong=True,
        ),
    ]
    return results


def _function_limits() -> Limits:
    """Return the limits that NASDAQ20_HEADROOM rests on: it names no deal."""
    limits = select().terms.limits
    assert limits is not None
    return limits


def _deal_has_the_limit(book: Book) -> bool:
    limits = book.selection.terms.limits
    return limits is not None and limits.exchange_limit == _function_limits().exchange_limit


def _about_the_limit(book: Book, stock: Capitalisation) -> str:
    text = (
        "An issue below market or book value that reaches the limit needs stockholders' approval "
        "first. Shares outstanding are those before the transaction"
        + (", by the later count." if stock.later_outstanding is not None else ".")
    )
    if not _deal_has_the_limit(book):
        limits = _function_limits()
        own = book.selection.terms.limits
        text += (
            f" NASDAQ20_HEADROOM names no deal: its limit is {_per_cent(limits.exchange_limit)}, "
            f"from {DEFAULT_DEAL} ({limits.sources['exchange_limit']}). This deal's "
            + (f"is {_per_cent(own.exchange_limit)}." if own else "documents state none.")
        )
    return text


def _per_cent(part: Decimal) -> str:
    return f"{float(part * 100):g}%"


def _about_the_counts(book: Book, stock: Capitalisation) -> str:
    texts = []
    if book.selection.terms.class_b:
        count = sources(book, "capitalisation.options_and_warrants")
        texts.append(
            f"The count of options and warrants ({count}) is of all that holders had, with no "
            "exception for the Class B warrants "
            f"({sources(book, 'class_b.outstanding')}): they are read as part of it, and nothing "
            "is added for them. Type above how many to add if you know of some outside that count."
        )
    if stock.later_outstanding is not None:
        texts.append(
            "Shares issued on an exercise between the day of the options' count and that of the "
            "later count are in both, which makes the headroom too small by as many."
        )
    texts.append(
        "Debentures, and what may still be sold under the agreements, are not reserved here: put "
        "them into the planned issue."
    )
    return " ".join(texts)


def _add_chart(pages: ThenAndNow) -> None:
    """Show how the authorised stock is used, as documented and now."""
    chart = BarChart()
    chart.type = "bar"
    chart.grouping = "stacked"
    chart.overlap = 100
    charts.prepare(chart, "Authorised stock", "", "Shares")
    chart.x_axis.title = None
    worksheet = pages.sheet.worksheet
    first = worksheet[f"{DOCUMENTED}1"].column
    last = worksheet[f"{NOW}1"].column
    for name, colour in (
        ("Stock_outstanding", "1F3864"),
        ("Stock_under_options", "C55A11"),
        ("Stock_class_b", "7F6000"),
        ("Stock_planned", "7F7F7F"),
        ("Authorised_headroom", "A9D18E"),
    ):
        row = pages.rows.get(name)
        if row is None:
            continue
        data = Reference(worksheet, min_col=1, max_col=last, min_row=row)
        chart.add_data(data, from_rows=True, titles_from_data=True)
        charts.colour(chart.series[-1], colour)
    headings = pages.rows["Stock_authorised"] - 1
    chart.set_categories(
        Reference(worksheet, min_col=first, max_col=last, min_row=headings, max_row=headings)
    )
    chart.width, chart.height = 26, 6
    worksheet.add_chart(chart, f"A{pages.row}")
