"""WEIGHTED_SHARES and DILUTED_EPS: earnings a share."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xladdin.core import earnings
from xladdin.core.earnings import Security
from xladdin.core.prices import Splits
from xladdin.errors import day_shown
from xladdin.functions.arguments import BALANCE, DATE, SHARES, TERMS_ARGUMENT, Argument
from xladdin.functions.derivation import Step, double, fitting, given
from xladdin.functions.function import Function
from xladdin.functions.tables import CHANGES, SECURITIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xladdin.terms.selection import Selection


def _splits(selection: Selection) -> Splits:
    """Return the splits over which counts are carried to the day that the deal stands on."""
    return Splits(selection.all_splits, selection.stands or datetime.date.max)


def _weighted_shares(
    changes: Sequence[tuple[datetime.date, int]],
    start: datetime.date,
    end: datetime.date,
    selection: Selection,
) -> float:
    return earnings.weighted_shares(changes, start, end, _splits(selection))


def _weighted_shares_steps(
    changes: Sequence[tuple[datetime.date, int]],
    start: datetime.date,
    end: datetime.date,
    selection: Selection,
    value: float,
) -> Iterator[Step]:
    """Derive the days that each change counts."""
    days = (end - start).days + 1
    yield given(f"Days from {day_shown(start)} to {day_shown(end)}, both counted", days)
    splits = _splits(selection)
    for day, count in sorted(changes):
        if day > end:
            continue
        factor = splits.factor(day)
        share = ((end - max(day, start)).days + 1) / days
        exact = count / factor
        if factor != 1:
            label = f"Shares of {day_shown(day)} after splits"
            source = selection.source_of_splits(splits.moving([day]))
            yield Step(label, fitting(count), double(1 / factor), double(exact), source)
        label = "Opening count" if day <= start else "Change"
        weighted = double(exact * ((end - max(day, start)).days + 1) / days)
        yield Step(
            f"{label} of {day_shown(day)}, by its part of the days",
            double(exact),
            share,
            weighted,
            "",
        )
    yield given("Weighted average shares", value)


def weighted_shares_twin(
    _selection: Selection, dates: str, shares: str, start: str, end: str
) -> str:
    """Sum shares times the days that they count, over the days of the period.

    Times of day are cut off.
    """
    day, first, last = (f"INT({one})" for one in (dates, start, end))
    since = f"({day}>{first})*({day}-{first})"
    counted = f"({day}<={last})*{shares}*({last}-{first}+1-{since})"
    return f"SUMPRODUCT({counted})/({last}-{first}+1)"


WEIGHTED_SHARES = Function(
    name="WEIGHTED_SHARES",
    summary="Weighted average shares outstanding in a period, by days.",
    arguments=(
        Argument(
            "changes",
            CHANGES,
            "Range of 2 columns: date and shares, negative for those retired; with the opening.",
        ),
        Argument("start", DATE, "First day of the period."),
        Argument("end", DATE, "Last day of the period; both days count."),
        TERMS_ARGUMENT,
    ),
    result="shares, unrounded, after the deal's splits",
    source="ASC 260-10-45-10",
    implementation=_weighted_shares,
    each=False,
    derivation=_weighted_shares_steps,
    twin=weighted_shares_twin,
    twin_takes=("A2:A9", "B2:B9", "C2", "D2"),
    example="=WEIGHTED_SHARES({43952,90000;44287,30000;44378,-39000;44501,60000},44197,44561)",
    shows="102969.86301369863",
)


def _diluted_eps(income: float, shares: float, securities: Sequence[Security]) -> float:
    return earnings.diluted_earnings(income, shares, securities).diluted


def _diluted_eps_steps(
    income: float, shares: float, securities: Sequence[Security], value: float
) -> Iterator[Step]:
    """Derive who is in, and who would raise the figure."""
    found = earnings.diluted_earnings(income, shares, securities)
    yield given("Weighted average shares", shares)
    yield Step("Basic earnings a share", income, None, found.basic, "ASC 260-10-45-10")
    for step in found.steps:
        each = step.security.effect / step.security.shares
        state = "dilutes: it is in" if step.dilutes else "antidilutive: it is left out"
        yield given(f"{step.security.name}, effect a share", each)
        yield given(
            f"{step.security.name} {state}; earnings a share", step.per_share, "ASC 260-10-45-18"
        )
    yield given("Diluted earnings a share", value, "ASC 260-10-45-16")


DILUTED_EPS = Function(
    name="DILUTED_EPS",
    summary="Diluted earnings a share: each security joins only if earnings a share fall by it.",
    arguments=(
        Argument("income", BALANCE, "Income to common stockholders, USD; negative for a loss."),
        Argument("shares", SHARES, "Weighted average shares."),
        Argument(
            "securities",
            SECURITIES,
            "Range of 3 columns: name, what its conversion adds to income in USD, more shares.",
        ),
    ),
    result="USD a share, unrounded; the basic figure where nothing dilutes",
    source="ASC 260-10-45-16 to 45-18, 260-10-55-64",
    implementation=_diluted_eps,
    each=False,
    derivation=_diluted_eps_steps,
    no_twin="the order in which securities join follows from their figures",
    example='=DILUTED_EPS(750000,690000,{"bonds",2100,10000})',
    shows="1.0744285714285715",
)
