"""CANTOR_WARRANTS and CANTOR_EXERCISE_PRICE: the placement agent's warrants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from xladdin.core import warrants
from xladdin.functions.arguments import COUNT, COUNTS, PRICES, TERMS_ARGUMENT, Argument, part
from xladdin.functions.derivation import Step, double, fitting, given, rounded, source_of
from xladdin.functions.function import Function
from xladdin.functions.quotations import paired_sales
from xladdin.functions.twins import AGREEMENT, as_shown, most_of_part, part_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xladdin.terms.agreements import AgentWarrants
    from xladdin.terms.selection import Selection


_WHOLE: Final = {"down": "INT({})", "up": "(-INT(-{}))", "nearest": "ROUND({},0)"}
"""How a count becomes whole in a sheet. Halves of what is not negative go up; LibreOffice's ROUNDUP
leaves out tenths beyond the twelfth digit."""


def rounding_words(selection: Selection) -> str:
    """Say how a count of the agreement's warrants becomes whole."""
    return rounded(_terms(selection).rounding)


def most_shares(selection: Selection) -> int:
    """Return the most shares on which a sheet counts warrants without error."""
    return most_of_part(_terms(selection).exact_rate)


def _terms(selection: Selection) -> AgentWarrants:
    return part(
        selection.sales.warrants, "placement warrants (warrants of the agreement)", selection
    )


def _cantor_warrants(shares: int, selection: Selection) -> int:
    return warrants.warrants_earned(shares, _terms(selection))


def _cantor_warrants_steps(shares: int, selection: Selection, value: int) -> Iterator[Step]:
    """Derive the rate times the shares sold, made whole."""
    terms = _terms(selection)
    rate, source = float(terms.rate), source_of(terms, "rate")
    exact = double(shares * terms.exact_rate)
    yield Step("Warrants for the shares sold", fitting(shares), rate, exact, source)
    yield Step(f"Whole warrants, {rounding_words(selection)}", exact, None, value, source)


def cantor_warrants_twin(selection: Selection, shares: str, *, prefix: str = AGREEMENT) -> str:
    """Multiply the shares by the warrants' rate, and round as the terms have it."""
    terms = _terms(selection)
    part_ = part_of(shares, f"{prefix}.warrants.rate", terms.exact_rate)
    return _WHOLE[terms.rounding].format(part_)


CANTOR_WARRANTS = Function(
    name="CANTOR_WARRANTS",
    summary="Warrants that the placement agent earns on shares sold, in all.",
    arguments=(Argument("shares", COUNT, "All shares sold under the agreement."), TERMS_ARGUMENT),
    result="whole warrants, rounded down unless the deal has it otherwise",
    source="NEOT-2001, S-11, S-12",
    implementation=_cantor_warrants,
    each=True,
    derivation=_cantor_warrants_steps,
    twin=cantor_warrants_twin,
    example="=CANTOR_WARRANTS(4840)",
    shows="484",
)


def _paired(shares: Any, prices: Any) -> tuple[Any]:
    sales = paired_sales(shares, prices)
    warrants.check_sold(sales)
    return (sales,)


def _cantor_exercise_price(sales: Sequence[tuple[int, float]], selection: Selection) -> float:
    return warrants.exercise_price(sales, _terms(selection))


def _cantor_exercise_price_steps(
    sales: Sequence[tuple[int, float]], selection: Selection, value: float
) -> Iterator[Step]:
    """Derive the volume-weighted average price, its multiple, and what it is rounded to."""
    terms = _terms(selection)
    shares = sum(count for count, _ in sales)
    average = warrants.weighted_price(sales)
    source = source_of(terms, "exercise_multiple")
    price = double(average)
    yield given("Shares sold", fitting(shares))
    gross = double(average * shares)
    yield Step("Volume-weighted average price: gross over shares", gross, None, price, source)
    multiple, step = float(terms.exercise_multiple), terms.price_round_to
    if step is None:
        yield Step("Exercise price", price, multiple, value, source)
        return
    unrounded = double(average * terms.exact_multiple)
    yield Step("Multiple of the average price", price, multiple, unrounded, source)
    label = f"Exercise price, to the nearest multiple of {step}, halves up"
    yield Step(label, unrounded, None, value, source_of(terms, "price_round_to"))


def cantor_exercise_price_twin(
    selection: Selection, shares: str, prices: str, *, prefix: str = AGREEMENT
) -> str:
    """Divide amounts by shares, multiply by the exercise multiple, and round to the step if any."""
    price = f"SUMPRODUCT({shares},{prices})/SUM({shares})*{prefix}.warrants.exercise_multiple"
    if _terms(selection).price_round_to is None:
        return price
    # Halves of a step are found at the digits that a sheet shows: behind them is binary error.
    step = f"{prefix}.warrants.price_round_to"
    return f"ROUND({as_shown(f'({price}/{step})')},0)*{step}"


CANTOR_EXERCISE_PRICE = Function(
    name="CANTOR_EXERCISE_PRICE",
    summary="Exercise price of the agent's warrants, from the volume-weighted price of sales.",
    arguments=(
        Argument("shares", COUNTS, "Shares of each sale: a range, or one cell."),
        Argument("prices", PRICES, "Price of each sale, USD a share: a range of the same size."),
        TERMS_ARGUMENT,
    ),
    result="USD a share, unrounded",
    source="NEOT-2001, S-11",
    implementation=_cantor_exercise_price,
    combine=_paired,
    each=False,
    derivation=_cantor_exercise_price_steps,
    twin=cantor_exercise_price_twin,
    twin_takes=("A2:A9", "B2:B9"),
    example="=CANTOR_EXERCISE_PRICE({1000;3000},{4;4.4})",
    shows="5.59",
)
