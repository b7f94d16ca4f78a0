"""Shares of the placement log added up, carried over splits, and the warrants earned on them."""

from __future__ import annotations

from xladdin.functions.warrants import cantor_exercise_price_twin, cantor_warrants_twin
from xladdin.workbooks import quantities
from xladdin.workbooks.figure_tables import FigureColumn
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.table import Column, twin_header
from xladdin.workbooks.placements import headings as col
from xladdin.workbooks.placements.headings import here, to_here
from xladdin.workbooks.placements.log_terms import LogTerms
from xladdin.workbooks.terms_sheet import (
    count_carried,
    in_whole_shares,
    price_carried,
    splits_after,
)


def _counted(formula: str) -> str:
    """Give 0 in a row that waits for input; an error in one that is wrong."""
    return f"IF({here(col.COUNTED)}=0,0,{formula})"


def carried_shares(log: LogTerms) -> list[FigureColumn]:
    """Make the column of a placement's shares in those of the deal's day; none without splits."""
    if not log.carried:
        return []
    figure = count_carried(log.selection, here(col.COUNT), here(col.DAY))
    plain = f"{here(col.COUNT)}/{here(col.FACTOR)}"
    return [FigureColumn(col.CARRIED, quantities.CARRIED, 12, figure, plain)]


def shares_before(log: LogTerms) -> list[Column]:
    """Make the column of the shares before a placement, and what leads to it over splits."""
    before = f"SUM({to_here(col.SOLD)})-{here(col.SOLD)}"
    columns = []
    if log.carried:
        count = twin_header(col.CARRIED)
        factor = splits_after(log.selection, here(col.DAY))
        before = in_whole_shares(f"SUM({to_here(count)})-{here(count)}")
        in_all = _counted(in_whole_shares(f"SUM({to_here(count)})"))
        columns = [
            Column(col.FACTOR, styles.TWIN, styles.MULTIPLE, 9, factor),
            Column(col.IN_ALL, styles.TWIN, styles.COUNT, 12, in_all),
        ]
    return [*columns, Column(col.PRIOR_SHARES, styles.TWIN, styles.COUNT, 12, _counted(before))]


def shares_to_date(log: LogTerms) -> list[Column]:
    """Make the column of the shares that count for a capacity in shares; none of any other."""
    if not log.in_shares:
        return []
    added = f"SUM({to_here(twin_header(col.CARRIED) if log.carried else col.COUNT)})"
    if log.pooled:
        added += f"+{here(col.OTHERS_TO_DATE)}"
    counted = _counted(added)
    return [Column(col.SHARES_TO_DATE, styles.TWIN, styles.COUNT, 12, counted)]


def shares_in_all(log: LogTerms) -> str:
    """Add up the shares to a placement, in whole shares of the deal's day."""
    return here(col.IN_ALL) if log.carried else f"({here(col.PRIOR_SHARES)}+{here(col.SOLD)})"


def warrant_columns(log: LogTerms) -> list[FigureColumn]:
    """Make the columns of the warrants that a placement adds; none of an agreement without."""
    selection, sold, day = log.selection, here(col.SOLD), here(col.DAY)
    if not selection.sales.warrants:
        return []
    # The agent earns a part of all shares sold, made whole once; a placement adds its share.
    # Where each placement is counted by itself, it is made whole by itself, on its day.
    both = (shares_in_all(log), here(col.PRIOR_SHARES))
    earned = "-".join(f"CANTOR_WARRANTS({count},Deal)" for count in both)
    plain = "-".join(cantor_warrants_twin(selection, count) for count in both)
    quantity = quantities.COUNT
    if log.by_placement:
        earned, plain = f"CANTOR_WARRANTS({sold},Deal)", cantor_warrants_twin(selection, sold)
        quantity = log.shares
        if log.carried:
            earned = count_carried(selection, earned, day)
            plain = f"{plain}/{here(col.FACTOR)}"
    price = plain_price = here("Price")
    if log.carried:
        price = price_carried(selection, price, day)
        plain_price = f"{plain_price}*{here(col.FACTOR)}"
    exercise = cantor_exercise_price_twin(selection, sold, plain_price)
    return [
        FigureColumn("Warrants", quantity, 11, earned, plain),
        FigureColumn(
            "Exercise price",
            quantities.PRICE,
            10,
            f"IF({sold}=0,0,CANTOR_EXERCISE_PRICE({sold},{price},Deal))",
            f"IF({sold}=0,0,{exercise})",
        ),
    ]
