"""The Headroom sheet of captable.xlsx: what may still be issued, under both limits."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from openpyxl.chart import BarChart, Reference

from xladdin.checking.checks_sheet import Check
from xladdin.functions.limits import exchange_rate, nasdaq20_headroom_twin, nasdaq20_limit_twin
from xladdin.terms.exact import EXCHANGE
from xladdin.terms.fields import Exact
from xladdin.terms.securities import Cap, Capitalisation
from xladdin.terms.selection import Selection
from xladdin.workbooks import quantities
from xladdin.workbooks.captable.capitalisation import (
    AUTHORISED,
    UNDER_OPTIONS,
    input_at,
    latest_documented,
    latest_name,
)
from xladdin.workbooks.common_sheets import sources, yes_or_no
from xladdin.workbooks.layout import charts
from xladdin.workbooks.layout.data_validation import amount_up_to, whole_number
from xladdin.workbooks.layout.documented_vs_current import (
    DOCUMENTED,
    NOW,
    Result,
    ThenAndNow,
    Typed,
)
from xladdin.workbooks.layout.remarks import when
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.share_basis import in_words

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


def exchange_cap(selection: Selection) -> Cap | None:
    """Find the exchange's limit; None if the deal has none."""
    return selection.deal.cap(EXCHANGE)


def within(cap: Cap) -> str:
    """Say where an issue stays that the exchange's limit allows, such as "below 20%"."""
    return f"{'below' if cap.inclusive is False else 'within'} {_limit_in_words(cap)}"


def stays(cap: Cap, outstanding: str, test: str) -> str:
    """Show whether an issue stays within the limit: a part of no shares is none."""
    answer = yes_or_no(test)
    return answer if cap.rate is None else f'IF({outstanding}=0,"–",{answer})'


def _limit_in_words(cap: Cap) -> str:
    """Write the limit: a percentage, or a count of shares."""
    if cap.rate is None:
        return f"{float(cap.shares or 0):,.15g} shares"
    return per_cent(cap.rate)


def write_headroom(book: Book) -> None:
    """Write the sheet; the Capitalisation sheet must be there.

    Args:
        book: The workbook, of a deal that has a capitalisation.
    """
    stock = book.selection.terms.capitalisation
    cap = exchange_cap(book.selection)
    assert stock is not None
    pages = ThenAndNow(
        book,
        TITLE,
        "Headroom",
        "How many shares may still be issued: "
        + ("in one transaction without stockholders' approval, and " if cap else "")
        + "in all under the charter. The planned issue is illustrative."
        + in_words(book.selection),
    )
    pages.inputs("The issue", _issue(book, stock))
    latest = latest_name(stock)
    if cap:
        pages.results("The exchange's limit", _exchange(book, stock, cap, latest))
        pages.note(_about_the_limit(stock, cap))
    pages.results("Authorised stock", _authorised(book, stock, latest))
    pages.note(_about_the_counts(book, stock))
    _warn_of_the_issue(book, cap)
    _add_chart(pages)


def _warn_of_the_issue(book: Book, cap: Cap | None) -> None:
    """Count a planned issue that passes a limit among the warnings."""
    limits = [("Issue_authorised", "above the authorised stock that is left")]
    if cap:
        limits.insert(0, ("Issue_below_limit", f"does not stay {within(cap)}"))
    where = f"{TITLE}!{input_at(book, _PLANNED)}"
    for answer, words in limits:
        passed = when(f'{answer}="no"')
        book.warnings.append(Check(f"{where}, Planned issue: {words}", passed, 0, source=TITLE))


def _issue(book: Book, stock: Capitalisation) -> list[Typed]:
    planned = stock.latest_outstanding * _PART_PLANNED // 100
    planned -= planned % _ROUND if planned > _ROUND else 0
    issue = []
    if exchange_cap(book.selection):
        issue.append(
            Typed(
                ISSUED,
                "Shares issued so far in the transaction",
                0,
                whole_number(0, "Shares issued so far in the transaction"),
            )
        )
    issue.append(
        Typed(
            _PLANNED,
            "Planned issue",
            planned,
            whole_number(0, "Shares that are to be issued"),
            source="illustrative",
        )
    )
    if book.selection.terms.class_b:
        issue.append(
            Typed(
                _APART,
                "Class B warrants to add",
                0,
                amount_up_to(
                    "class_b.outstanding", "Those in no other count: at most all outstanding."
                ),
                source="those in no other count; see the note",
            )
        )
    return issue


def _exchange(book: Book, stock: Capitalisation, cap: Cap, latest: str) -> list[Result]:
    selection = book.selection
    documented = latest_documented(stock)
    limit, quantity = exchange_rate(selection), quantities.RATE
    part = f"{_limit_in_words(cap)} of shares outstanding"
    if cap.rate is None:
        limit, quantity = f"caps.{EXCHANGE}.shares", quantities.COUNT
        part = _limit_in_words(cap)
    reached, sign = ("reached", "<") if cap.inclusive is False else ("exceeded", "<=")
    issued = as_counted(ISSUED)
    total = f"{issued}+{as_counted(_PLANNED)}"
    # Not by the headroom left: that is 0 both just below the limit and beyond it.
    below = f"{total}<=NASDAQ20_HEADROOM({latest},,Deal)"
    plain_below = f"{total}{sign}{nasdaq20_limit_twin(selection, latest)}"
    return [
        Result(
            _LIMIT,
            f"Limit: {part}, not to be {reached}",
            quantity,
            limit,
            documented=limit,
            source=sources(book, limit),
        ),
        Result(
            "Exchange_outstanding",
            "Shares outstanding, latest count",
            quantities.COUNT,
            latest,
            documented=documented,
            source=sources(book, documented),
        ),
        Result(
            EXCHANGE_HEADROOM,
            f"Further shares that stay {within(cap)}",
            quantities.COUNT,
            f"NASDAQ20_HEADROOM({latest},{ISSUED},Deal)",
            nasdaq20_headroom_twin(selection, latest, issued),
            f"NASDAQ20_HEADROOM({documented},,Deal)",
            nasdaq20_headroom_twin(selection, documented),
            strong=True,
        ),
        Result(
            "Issue_below_limit",
            f"Planned issue stays {within(cap)}",
            quantities.WORDS,
            stays(cap, latest, below),
            stays(cap, latest, plain_below),
            strong=True,
        ),
    ]


def _authorised(book: Book, stock: Capitalisation, latest: str) -> list[Result]:
    documented = latest_documented(stock)
    authorised, options = "capitalisation.authorised", "capitalisation.options_and_warrants"
    apart = book.selection.terms.class_b is not None
    stock_authorised, under_options, planned, class_b = map(
        as_counted, (AUTHORISED, UNDER_OPTIONS, _PLANNED, _APART)
    )
    reserved = f"{under_options}+{planned}" + (f"+{class_b}" if apart else "")
    rows = [
        ("Stock_authorised", "Authorised", stock_authorised, authorised),
        ("Stock_outstanding", "Outstanding, latest count", latest, documented),
        ("Stock_under_options", "Under options and warrants", under_options, options),
    ]
    if apart:
        rows.append(("Stock_class_b", "Class B warrants to add", class_b, ""))
    rows.append(("Stock_planned", "Planned issue", planned, ""))
    results = [
        Result(name, label, quantities.COUNT, now, documented=was or "0", source=sources(book, was))
        for name, label, now, was in rows
    ]
    results += [
        Result(
            "Authorised_headroom",
            "Left to issue",
            quantities.COUNT,
            f"IF({stock_authorised}=0,0,{stock_authorised}-{latest}-({reserved}))",
            documented=f"{authorised}-{documented}-{options}",
            source="authorised, less all of the above",
            strong=True,
        ),
        Result(
            "Issue_authorised",
            "Planned issue fits",
            quantities.WORDS,
            f'IF({stock_authorised}=0,"–",{yes_or_no("Authorised_headroom>=0")})',
            strong=True,
        ),
    ]
    return results


def _about_the_limit(stock: Capitalisation, cap: Cap) -> str:
    part = _limit_in_words(cap)
    of = "" if cap.rate is None else " of the shares outstanding"
    if cap.inclusive is False:
        words = (
            f"An issue below market or book value of {part}{of}, or more, "
            "needs stockholders' approval first: the headroom ends one share below. "
        )
    else:
        words = (
            f"An issue of more than {part}{of} needs stockholders' approval "
            "first: the headroom ends at the limit itself. "
        )
    if cap.lifted_at is not None:
        words += (
            f"From an average price of {float(cap.lifted_at):.15g} USD a share on the deal lifts "
            "the limit, which is not looked at here. "
        )
    if cap.rate is None:
        return words.rstrip()
    later = ", by the later count." if stock.later_outstanding is not None else "."
    return f"{words}Shares outstanding are those before the transaction{later}"


def per_cent(part: Exact | int) -> str:
    """Write a fraction as a percentage, with all its digits; 15 where it has no end."""
    if not isinstance(part, Decimal):
        return f"{float(part * 100):.15g}%"
    digits = f"{part * 100:f}"
    return f"{digits.rstrip('0').rstrip('.') if '.' in digits else digits}%"


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
