"""Under which agreements the agent earns warrants, and on how many shares they can be counted."""

from __future__ import annotations

from xladdin.checking.checks_sheet import Check
from xladdin.functions.twins import SHOWN_DIGITS
from xladdin.functions.warrants import most_shares, rounding_words
from xladdin.workbooks.layout.by_agreement import AgreementColumn, SideBySide
from xladdin.workbooks.layout.remarks import when


def bears(place: AgreementColumn) -> bool:
    """Check whether a column is of an agreement under which warrants are earned."""
    return place.agreement is not None and place.agreement.sales.warrants is not None


def rounded_up(sheet: SideBySide, place: AgreementColumn) -> int:
    """Count the agreements in a column whose warrants may be rounded up; all in the total's."""
    agreements = sheet.parties if place.agreement is None else [place]
    warrants = [sheet.own(one).sales.warrants for one in agreements if bears(one)]
    return sum(one is not None and one.rounding != "down" for one in warrants)


def counting(sheet: SideBySide) -> str:
    """Say on what the warrants are counted, and how they become whole."""
    bearing = [(place, sheet.own(place)) for place in sheet.parties if bears(place)]
    alone = [
        place.agreement.title
        for place, own in bearing
        if place.agreement and own.sales.warrants and own.sales.warrants.by_placement
    ]
    if alone:
        return f"as if sold in one placement, each of which is rounded: {', '.join(alone)}"
    rounded = ", ".join(dict.fromkeys(rounding_words(own) for _, own in bearing))
    return f"on all shares sold, {rounded}: the placement log's total"


def check_shares(sheet: SideBySide, shares: str) -> None:
    """Add to Checks the agreements with more shares than warrants can be counted on.

    Args:
        sheet: The sheet.
        shares: Label of the shares sold.
    """
    for place in filter(bears, sheet.parties):
        most = most_shares(sheet.own(place))
        if most >= 10**SHOWN_DIGITS:
            continue
        sold = f"{sheet.sheet.worksheet.title}!{sheet.at(shares, place)}"
        sheet.book.entry_checks.append(
            Check(
                f"{sold}, {shares}: more than warrants can be counted on in {SHOWN_DIGITS} digits",
                when(f"{sold}>{most}"),
                0,
                source="Gross proceeds that fit the price.",
            )
        )
