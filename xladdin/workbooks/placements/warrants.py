"""The agent's warrants in the placement log: totals, checks and explanations."""

from __future__ import annotations

from collections.abc import Callable

from xladdin.checking.checks_sheet import Check
from xladdin.core.capacity import PARTS_OF_A_SHARE
from xladdin.functions.twins import part_of
from xladdin.functions.warrants import (
    cantor_exercise_price_twin,
    cantor_warrants_twin,
    rounding_words,
)
from xladdin.terms.selection import Selection
from xladdin.workbooks import quantities
from xladdin.workbooks.explain_sheet import Story
from xladdin.workbooks.figures import FigureLine, Pair, check_of
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.table import twin_header, whole
from xladdin.workbooks.placements.headings import (
    CARRIED,
    COUNTED,
    FACTOR,
    PRICE,
    READ_PRICE,
    READ_SHARES,
    SOLD,
    TABLE,
)
from xladdin.workbooks.placements.log_terms import LogTerms
from xladdin.workbooks.quantities import EXACT
from xladdin.workbooks.share_basis import of_the_deal
from xladdin.workbooks.terms_sheet import in_whole_shares, price_carried


def warrant_lines(selection: Selection) -> list[FigureLine]:
    """List the totals of the warrants; none of an agreement without them."""
    log = LogTerms(selection)
    if not selection.sales.warrants:
        return []
    earned = f"CANTOR_WARRANTS({_all_sold(log)},Deal)"
    plain = cantor_warrants_twin(selection, _all_sold(log))
    if log.by_placement:
        earned, plain = (f"SUM({whole(TABLE, f'{one}arrants')})" for one in ("W", "Plain w"))
    shares, price = whole(TABLE, SOLD), whole(TABLE, PRICE)
    read_shares, read_price = whole(TABLE, READ_SHARES), whole(TABLE, READ_PRICE)
    if log.carried:
        # What is sold over all splits is a price of whole shares once it is divided.
        read_shares, read_price = "1", "Gross_total/Shares_total"
        shares, price = whole(TABLE, twin_header(CARRIED)), f"{price}*{whole(TABLE, FACTOR)}"
    overall = cantor_exercise_price_twin(selection, shares, price)
    price_over_all = f"CANTOR_EXERCISE_PRICE({read_shares},{read_price},Deal)"
    none_sold, after = f"SUM({shares})=0", of_the_deal(selection)
    quantity = log.shares if log.by_placement else quantities.COUNT
    return [
        FigureLine("Warrants_total", f"Warrants earned{after}", quantity, earned, plain),
        FigureLine(
            "Exercise_price_overall",
            f"Exercise price over all, USD a share{after}",
            quantities.PRICE,
            f"IF({none_sold},0,{price_over_all})",
            f"IF({none_sold},0,{overall})",
        ),
    ]


def _all_sold(log: LogTerms) -> str:
    """Refer to the shares sold in all, in whole ones: a part that splits leave counts as one."""
    return in_whole_shares("Shares_total") if log.carried else "Shares_total"


def warrant_checks(selection: Selection) -> list[Check]:
    """List the checks of what placements add; none where each placement is counted by itself."""
    if not selection.sales.warrants or LogTerms(selection).by_placement:
        return []
    what = "Warrants: sum of what the placements add against those on all shares"
    both = Pair(f"SUM({whole(TABLE, 'Warrants')})", "Warrants_total")
    rule = f"{rounding_words(selection)} on all shares sold"
    return [check_of(what, both, quantities.COUNT, "", rule)]


def cap_checks(selection: Selection) -> list[Check]:
    """Compare the warrants with the limit on them; less than one by rounding is not beyond it."""
    limits, warrants = selection.terms.limits, selection.sales.warrants
    if not selection.sales.warrants or warrants is None or limits is None:
        return []
    log = LogTerms(selection)
    cap = part_of(_all_sold(log), "limits.warrant_cap", limits.warrant_cap)
    what = "Warrants earned beyond the cap on shares sold"
    if warrants.rounding != "down":
        what += ", rounding aside"
        roundings = "1"
        if warrants.by_placement:
            roundings = f"SUM({whole(TABLE, COUNTED)})"
            if log.carried:
                roundings = f"SUMPRODUCT({whole(TABLE, COUNTED)}/{whole(TABLE, FACTOR)})"
        cap = f"{cap}-{roundings}"
    beyond = f"MAX(0,Warrants_total-{cap})"
    if warrants.by_placement and log.carried:
        beyond = f"ROUND({beyond},{PARTS_OF_A_SHARE})"
    return [
        Check(
            what,
            beyond,
            0,
            "",
            EXACT,
            f"NASD cap, {selection.figures['limits.warrant_cap'].source}",
            styles.COUNT,
        )
    ]


def warrant_stories(log: LogTerms, chosen: Callable[[str], str]) -> list[Story]:
    """List the explanations of the warrants of the placement that is explained.

    Args:
        log: The deal and the agreement.
        chosen: Gives the formula of a column's figure in the row that is explained.
    """
    warrants = log.selection.sales.warrants
    if not warrants:
        return []
    earned = f"SUMPRODUCT(({whole(TABLE, 'No')}<=Explained_row)*{whole(TABLE, 'Warrants')})"
    title = "Warrants earned on all shares sold up to the placement"
    shares, price = "Explained_prior_shares+Explained_shares", "Explained_price"
    if log.carried:
        shares = "Explained_in_all"
        price = price_carried(log.selection, price, "Explained_date")
    if log.by_placement:
        title, shares = "Warrants earned on the placement", "Explained_shares"
        earned = chosen("Warrants")
        if log.carried:
            title += ", in those of its day"
            earned = f"ROUND({earned}*{chosen(FACTOR)},{PARTS_OF_A_SHARE})"
    sold = "Explained_shares>0"
    return [
        Story(title, "CANTOR_WARRANTS", (shares, "Deal"), 2, earned, only_if=sold),
        Story(
            "Exercise price of those warrants",
            "CANTOR_EXERCISE_PRICE",
            ("Explained_shares", price, "Deal"),
            3 if warrants.price_round_to is None else 4,
            chosen("Exercise price"),
            only_if=sold,
        ),
    ]
