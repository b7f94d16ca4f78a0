"""CLASSB_EXERCISE_PRICE and CLASSB_AVAILABLE: the redeemable Class B warrants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xladdin.core import class_b
from xladdin.core.decimals import as_shown, ratio_shown
from xladdin.functions.arguments import PRICE, RATIO, TERMS_ARGUMENT, Argument, part
from xladdin.functions.derivation import Step, double, given, source_of
from xladdin.functions.function import Function
from xladdin.functions.prices import formula_steps
from xladdin.functions.twins import as_shown as plain_as_shown
from xladdin.terms.exact import CLASS_B, CLOSING_BID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xladdin.terms.model import ClassB
    from xladdin.terms.price_formulas import PriceFormula
    from xladdin.terms.selection import Selection


def _terms(selection: Selection) -> ClassB:
    what = "Class B warrants (prices.class_b by the legs of 2001, and instruments.class_b)"
    return part(selection.terms.class_b, what, selection)


def _formula(selection: Selection) -> PriceFormula:
    """Return the price formula, which must follow no more than one session's quotations."""
    found: PriceFormula = part(
        selection.part("prices", CLASS_B), "Class B warrants (prices.class_b)", selection
    )
    if not found.follows_one_session:
        what = f"a formula {CLASS_B} that follows the closing bid and market price of one session"
        part(None, what, selection)
    return found


def _classb_exercise_price(
    closing_bid: float, market_price: float | None, split_ratio: float, selection: Selection
) -> float:
    market = closing_bid if market_price is None else market_price
    return class_b.exercise_price(closing_bid, market, split_ratio, _formula(selection).formula)


def _classb_exercise_price_steps(
    closing_bid: float,
    market_price: float | None,
    split_ratio: float,
    selection: Selection,
    value: float,
) -> Iterator[Step]:
    """Derive the adjusted cap, the rate by market price, and the lesser of both."""
    market = closing_bid if market_price is None else market_price
    terms = selection.terms.class_b
    if terms is None:  # a formula of another kind
        formula = _formula(selection)
        bid, other = ratio_shown(closing_bid), ratio_shown(market)
        windows = {id(leg.exact): () for leg in formula.legs}
        yield from formula_steps(
            formula, windows, lambda _, column: bid if column == CLOSING_BID else other, value
        )
        return
    rate = class_b.applied_rate(market, terms)
    below = as_shown(market) < terms.low_price_threshold
    cap_source = source_of(terms, "cap_price")
    rate_source = source_of(terms, "low_price_rate" if below else "rate")
    adjusted = class_b.adjusted_cap(split_ratio, terms)
    cap = float(terms.cap_price)
    yield Step("Cap, adjusted for splits", cap, split_ratio, adjusted, cap_source)
    source = source_of(terms, "low_price_threshold")
    yield given("Threshold of the market price", float(terms.low_price_threshold), source)
    label = f"Market price: {'below' if below else 'at or above'} the threshold"
    yield given(label, market, source)
    share = double(rate * as_shown(closing_bid))
    yield Step("Rate of the closing bid", closing_bid, float(rate), share, rate_source)
    yield given("Exercise price, the lesser of both", value, cap_source)


def classb_exercise_price_twin(
    _selection: Selection,
    closing_bid: str,
    market_price: str = "",
    split_ratio: str = "1",
    *,
    cap: str = "",
) -> str:
    """Take the lesser of the adjusted cap, which may have its own cell, and the rate's part."""
    below = f"{plain_as_shown(market_price or closing_bid)}<class_b.low_price_threshold"
    rate = f"IF({below},class_b.low_price_rate,class_b.rate)"
    return f"MIN({cap or f'class_b.cap_price*{split_ratio}'},{rate}*{closing_bid})"


CLASSB_EXERCISE_PRICE = Function(
    name="CLASSB_EXERCISE_PRICE",
    summary="Exercise price of a Class B warrant once a redemption notice is delivered.",
    arguments=(
        Argument("closing_bid", PRICE, "Closing bid on the session after delivery, USD."),
        Argument(
            "market_price",
            PRICE,
            "Market price that decides between the two rates, USD.",
            optional=True,
            default_words="the closing bid",
        ),
        Argument(
            "split_ratio",
            RATIO,
            "Old shares per new share since issue: 25 after 1-for-25; moves the cap only.",
            optional=True,
            default=1.0,
        ),
        TERMS_ARGUMENT,
    ),
    result="USD a share, unrounded",
    source="NEOT-2001, S-7",
    implementation=_classb_exercise_price,
    each=True,
    derivation=_classb_exercise_price_steps,
    twin=classb_exercise_price_twin,
    example="=CLASSB_EXERCISE_PRICE(4.99)",
    shows="4.7405",
)


def _classb_available(market_price: float, selection: Selection) -> bool:
    return class_b.available(market_price, _terms(selection))


def _classb_available_steps(
    market_price: float, selection: Selection, value: bool
) -> Iterator[Step]:
    """Derive the comparison with the floor."""
    terms = _terms(selection)
    source = source_of(terms, "financing_floor")
    yield given("Financing floor", float(terms.financing_floor), source)
    yield Step("Market price at or above the floor", market_price, None, value, source)


def classb_available_twin(_selection: Selection, market_price: str) -> str:
    """Compare with the financing floor."""
    return f"({plain_as_shown(market_price)}>=class_b.financing_floor)"


CLASSB_AVAILABLE = Function(
    name="CLASSB_AVAILABLE",
    summary="Whether the Class B warrants can serve as financing at a market price.",
    arguments=(Argument("market_price", PRICE, "Market price, USD a share."), TERMS_ARGUMENT),
    result="TRUE at or above the financing floor",
    source="NEOT-2001, S-4",
    implementation=_classb_available,
    each=True,
    derivation=_classb_available_steps,
    twin=classb_available_twin,
    example="=CLASSB_AVAILABLE(2)",
    shows="TRUE",
)
