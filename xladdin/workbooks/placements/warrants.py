"""The agent's warrants in the placement log: totals, checks and explanations."""

from __future__ import annotations

from collections.abc import Callable

from xladdin.checking.checks_sheet import Check
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
from xladdin.workbooks.layout.table import whole
from xladdin.workbooks.placements.columns import counted_by_placement
from xladdin.workbooks.placements.headings import (
    COUNTED,
    PRICE,
    READ_PRICE,
    READ_SHARES,
    SOLD,
    TABLE,
)
from xladdin.workbooks.quantities import EXACT


def warrant_lines(selection: Selection) -> list[FigureLine]:
    """List the totals of the warrants; none of an agreement without them."""
    if not selection.sales.warrants:
        return []
    by_total = (
        "CANTOR_WARRANTS(Shares_total,Deal)",
        cantor_warrants_twin(selection, "Shares_total"),
    )
    added = (f"SUM({whole(TABLE, 'Warrants')})", f"SUM({whole(TABLE, 'Plain warrants')})")
    earned, plain = added if counted_by_placement(selection) else by_total
    shares, price = whole(TABLE, SOLD), whole(TABLE, PRICE)
    overall = cantor_exercise_price_twin(selection, shares, price)
    read_shares, read_price = whole(TABLE, READ_SHARES), whole(TABLE, READ_PRICE)
    price_over_all = f"CANTOR_EXERCISE_PRICE({read_shares},{read_price},Deal)"
    none_sold = f"SUM({shares})=0"
    return [
        FigureLine("Warrants_total", "Warrants earned", quantities.COUNT, earned, plain),
        FigureLine(
            "Exercise_price_overall",
            "Exercise price over all, USD a share",
            quantities.PRICE,
            f"IF({none_sold},0,{price_over_all})",
            f"IF({none_sold},0,{overall})",
        ),
    ]


def warrant_checks(selection: Selection) -> list[Check]:
    """List the checks of what placements add; none where each placement is counted by itself."""
    if not selection.sales.warrants or counted_by_placement(selection):
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
    cap = part_of("Shares_total", "limits.warrant_cap", limits.warrant_cap)
    what = "Warrants earned beyond the cap on shares sold"
    if warrants.rounding != "down":
        what += ", rounding aside"
        roundings = f"SUM({whole(TABLE, COUNTED)})" if warrants.by_placement else "1"
        cap = f"{cap}-{roundings}"
    return [
        Check(
            what,
            f"MAX(0,Warrants_total-{cap})",
            0,
            "",
            EXACT,
            f"NASD cap, {selection.figures['limits.warrant_cap'].source}",
            styles.COUNT,
        )
    ]


def warrant_stories(selection: Selection, chosen: Callable[[str], str]) -> list[Story]:
    """List the explanations of the warrants of the placement that is explained.

    Args:
        selection: The deal and the agreement.
        chosen: Gives the formula of a column's figure in the row that is explained.
    """
    if not selection.sales.warrants:
        return []
    up_to = f"SUMPRODUCT(({whole(TABLE, 'No')}<=Explained_row)*{whole(TABLE, 'Warrants')})"
    title = "Warrants earned on all shares sold up to the placement"
    shares, earned = "Explained_prior_shares+Explained_shares", up_to
    if counted_by_placement(selection):
        title, shares, earned = (
            "Warrants earned on the placement",
            "Explained_shares",
            chosen("Warrants"),
        )
    sold = "Explained_shares>0"
    return [
        Story(title, "CANTOR_WARRANTS", (shares, "Deal"), 2, earned, only_if=sold),
        Story(
            "Exercise price of those warrants",
            "CANTOR_EXERCISE_PRICE",
            ("Explained_shares", "Explained_price", "Deal"),
            3,
            chosen("Exercise price"),
            only_if=sold,
        ),
    ]
