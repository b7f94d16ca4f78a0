"""The Capitalisation sheet of captable.xlsx: what is outstanding, and who may vote it."""

from __future__ import annotations

import datetime
from typing import Final

from xladdin.checking.checks_sheet import Check
from xladdin.functions.dilution import dilution_twin
from xladdin.terms.securities import Capitalisation
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import sources
from xladdin.workbooks.figures import printed_check
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import whole_number
from xladdin.workbooks.layout.documented_vs_current import Result, ThenAndNow, Typed
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.quantities import EXACT, Quantity
from xladdin.workbooks.share_basis import in_words

TITLE: Final = "Capitalisation"

OUTSTANDING: Final = "Shares_outstanding"
LATER: Final = "Later_outstanding"
LATEST: Final = "Latest_outstanding"
UNDER_OPTIONS: Final = "Options_and_warrants"
AUTHORISED: Final = "Authorised_shares"
DILUTION_SHARE: Final = "Dilution_share"
_EXERCISABLE: Final = "Exercisable_now"
_VOTING_SHARES: Final = "Voting_shares"
_VOTING_WARRANTS: Final = "Voting_warrants"
_WITHIN_60_DAYS: Final = "Within_60_days"

_OF: Final = "capitalisation."


def latest_documented(stock: Capitalisation) -> str:
    """Name the latest count of shares outstanding that the document has."""
    return f"{_OF}{'outstanding' if stock.later_outstanding is None else 'later_outstanding'}"


def latest_name(stock: Capitalisation | None) -> str:
    """Name the latest count of shares outstanding, as it is now and as it counts."""
    return LATEST if stock and stock.later_outstanding is not None else as_counted(OUTSTANDING)


def based(outstanding: str, share: str) -> str:
    """Give no share while the count that it is a share of is blank."""
    return f"IF({outstanding}=0,0,{share})"


def input_at(book: Book, name: str) -> str:
    """Find the cell of an input on its sheet, by its name."""
    _, reference = next(iter(book.workbook.defined_names[name].destinations))
    return str(reference).replace("$", "")


def write_capitalisation(book: Book) -> None:
    """Write the sheet, and the checks against what the document prints.

    Args:
        book: The workbook, of a deal that has a capitalisation.
    """
    stock = book.selection.terms.capitalisation
    assert stock is not None
    pages = ThenAndNow(
        book,
        TITLE,
        TITLE,
        "The counts begin as the document has them. Type newer ones under Now; what the document "
        "has stays beside them, and the checks against its printed figures rest on that alone."
        + in_words(book.selection),
    )
    pages.inputs("Counts", _counts(book, stock))
    pages.results("Dilution", _dilution(book, stock))
    if stock.voting_shares is not None:
        pages.results("Holders with voting agreements", _voting(book, stock))
    _check_printed(book, pages)
    _check_class_b(book)
    where = f"{TITLE}!{input_at(book, OUTSTANDING)}, {OUTSTANDING.replace('_', ' ')}"
    blank = f"COUNTBLANK({OUTSTANDING})"
    book.warnings.append(Check(f"{where}: missing", blank, 0, source="a share of all needs it"))


def _counts(book: Book, stock: Capitalisation) -> list[Typed]:
    first = _dated(book, "outstanding", stock.outstanding_date)
    later = _dated(book, "later_outstanding", stock.later_outstanding_date)
    under = "Shares under options and warrants outstanding"
    voting, within = "Shares of holders with voting agreements", "issuable at their option within"
    listed = (
        (OUTSTANDING, "Shares outstanding", "outstanding", 1, first),
        (LATER, "Shares outstanding, later count", "later_outstanding", 0, later),
        (UNDER_OPTIONS, under, "options_and_warrants", 0, ""),
        (_EXERCISABLE, "Of those, exercisable now", "exercisable_now", 0, ""),
        (AUTHORISED, "Authorised common stock", "authorised", 1, ""),
        (_VOTING_SHARES, voting, "voting_shares", 0, ""),
        (_VOTING_WARRANTS, "Their warrants", "voting_warrants", 0, ""),
        (_WITHIN_60_DAYS, f"Of those, {within} 60 days", "voting_within_60_days", 0, ""),
    )
    found = []
    for name, label, figure, least, source in listed:
        value, own = getattr(stock, figure), f"{_OF}{figure}"
        if value is not None:
            allowed = whole_number(least, label)
            found.append(Typed(name, label, value, allowed, own, source or sources(book, own)))
    return found


def _dated(book: Book, count: str, day: datetime.date | None) -> str:
    """Write of which day a count is, and where it stands."""
    pages = sources(book, f"{_OF}{count}", f"{_OF}{count}_date")
    return f"{day.day} {day:%B %Y}: {pages}" if day else pages


def _dilution(book: Book, stock: Capitalisation) -> list[Result]:
    outstanding, under_options = f"{_OF}outstanding", f"{_OF}options_and_warrants"
    counted = as_counted(OUTSTANDING)
    source = sources(book, outstanding, under_options)
    results = [
        Result(
            "Fully_diluted",
            "Shares if all options and warrants are exercised",
            quantities.COUNT,
            based(counted, f"{counted}+{as_counted(UNDER_OPTIONS)}"),
            documented=f"{outstanding}+{under_options}",
            source=source,
        ),
        _diluted(
            book,
            DILUTION_SHARE,
            "Dilution if all are exercised",
            (OUTSTANDING, counted, outstanding),
            (UNDER_OPTIONS, under_options),
            _with_printed(book, source, "dilution"),
        )._replace(strong=True),
    ]
    if stock.exercisable_now is not None:
        results.append(
            _diluted(
                book,
                "Dilution_now",
                "Dilution if those exercisable now are exercised",
                (OUTSTANDING, counted, outstanding),
                (_EXERCISABLE, f"{_OF}exercisable_now"),
            )
        )
    if stock.later_outstanding is not None:
        later, later_now = f"{_OF}later_outstanding", as_counted(LATER)
        results += [
            Result(
                LATEST,
                "Shares outstanding, latest count",
                quantities.COUNT,
                f"IF({later_now}>0,{later_now},{counted})",
                documented=later,
                source="the later count, unless it is left blank",
            ),
            _diluted(
                book,
                "Dilution_latest",
                "Dilution if all are exercised, on the latest count",
                (LATEST, LATEST, later),
                (UNDER_OPTIONS, under_options),
            ),
        ]
    return results


def _diluted(
    book: Book,
    name: str,
    label: str,
    outstanding: tuple[str, str, str],
    new_shares: tuple[str, str],
    source: str = "",
) -> Result:
    """Declare a dilution now, and as documented.

    Args:
        book: The workbook.
        name: Its defined name.
        label: What it is.
        outstanding: The shares outstanding: as the add-in and as plain Excel counts them now, and
            as documented.
        new_shares: The new shares: the input, and as documented.
        source: Where it comes from; by default the pages of what is documented.
    """
    selection = book.selection
    (now, counted, was), (new, new_was) = outstanding, new_shares
    return Result(
        name,
        label,
        quantities.PERCENT,
        based(now, f"DILUTION({now},{new})"),
        based(counted, dilution_twin(selection, counted, as_counted(new))),
        f"DILUTION({was},{new_was})",
        dilution_twin(selection, was, new_was),
        source=source or sources(book, was, new_was),
    )


def _voting(book: Book, stock: Capitalisation) -> list[Result]:
    def result(name: str, label: str, quantity: Quantity, formula: str, printed: str) -> Result:
        # The same formula twice: over the inputs, and over the deal's figures.
        now, documented = formula.format(**VOTING), formula.format(**_VOTING_DOCUMENTED)
        used = [item for key, item in _VOTING_DOCUMENTED.items() if f"{{{key}}}" in formula]
        source = _with_printed(book, sources(book, *used), printed)
        return Result(
            name,
            label,
            quantity,
            based(as_counted(OUTSTANDING), now) if "/" in now else now,
            documented=documented,
            source=source,
            strong=quantity == quantities.PERCENT,
        )

    results = [
        result(
            "Voting_share",
            "Their shares over shares outstanding",
            quantities.PERCENT,
            "{shares}/{outstanding}",
            "voting_share",
        ),
        result(
            "Voting_total",
            "Their shares and warrants",
            quantities.COUNT,
            "{shares}+{warrants}",
            "voting_total",
        ),
        result(
            "Voting_total_share",
            "The same over shares outstanding and their warrants",
            quantities.PERCENT,
            "({shares}+{warrants})/({outstanding}+{warrants})",
            "voting_total_share",
        ),
    ]
    if stock.voting_within_60_days is not None:
        results.append(
            result(
                "Within_60_days_share",
                "Issuable within 60 days over shares outstanding",
                quantities.PERCENT,
                "{within}/{outstanding}",
                "within_60_days_share",
            )
        )
    return results


VOTING: Final = {
    "shares": as_counted(_VOTING_SHARES),
    "warrants": as_counted(_VOTING_WARRANTS),
    "outstanding": as_counted(OUTSTANDING),
    "within": as_counted(_WITHIN_60_DAYS),
}
_VOTING_DOCUMENTED: Final = {
    "shares": f"{_OF}voting_shares",
    "warrants": f"{_OF}voting_warrants",
    "outstanding": f"{_OF}outstanding",
    "within": f"{_OF}voting_within_60_days",
}


def _with_printed(book: Book, pages: str, name: str) -> str:
    """Add where the document prints a figure, if it does, to where its parts come from."""
    printed = sources(book, f"printed.{name}")
    return f"{pages}; printed on {printed}" if printed else pages


def _check_printed(book: Book, pages: ThenAndNow) -> None:
    """Compare what is documented with what the document prints."""
    for what, name, computed in (
        ("Dilution if all are exercised", "dilution", DILUTION_SHARE),
        ("Voting holders' shares over outstanding", "voting_share", "Voting_share"),
        ("Voting holders' shares and warrants", "voting_total", "Voting_total"),
        ("Those over all with their warrants", "voting_total_share", "Voting_total_share"),
        ("Issuable within 60 days", "within_60_days_share", "Within_60_days_share"),
    ):
        if computed in pages.rows:
            printed_check(book, what, name, pages.documented(computed))


def _check_class_b(book: Book) -> None:
    """Compare the Class B counts of different pages."""
    if book.selection.terms.class_b is None or book.selection.acted_on:
        return
    for what, computed, expected, names in (
        (
            "Class B warrants outstanding and exercised make the original issue",
            "class_b.outstanding+class_b.exercised",
            "class_b.original_issue",
            ("class_b.exercised", "class_b.outstanding"),
        ),
        (
            "Class B warrants of all holders make those outstanding",
            "class_b.holders*class_b.per_holder",
            "class_b.outstanding",
            ("class_b.per_holder", "class_b.outstanding"),
        ),
    ):
        source = f"counts of the document, {sources(book, *names)}"
        book.checks.append(Check(what, computed, expected, "", EXACT, source, styles.COUNT))
