"""CEO_FEE, CEO_NET and DEAL_FEE: fees on gross proceeds, and what is left of them."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from xladdin.core import arrays, fees
from xladdin.core.decimals import as_shown
from xladdin.errors import REF, InputError
from xladdin.functions.arguments import AMOUNT, OWN_RATE, SCHEDULE, TERMS_ARGUMENT, Argument
from xladdin.functions.derivation import Step, double, given, source_of
from xladdin.functions.function import Function
from xladdin.functions.twins import (
    AGREEMENT,
    TIERS_FROM,
    TIERS_STEP,
    capacity_name,
    limit_tolerance,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xladdin.terms.agreements import FeeSchedule, SalesAgreement
    from xladdin.terms.exact import Schedule
    from xladdin.terms.selection import Selection

_GROSS = Argument("gross", AMOUNT, "Gross proceeds of the sale, USD.")
_PRIOR = Argument(
    "prior",
    AMOUNT,
    "Gross proceeds already sold under the same agreement, USD.",
    optional=True,
    default=0.0,
)


def _rate_source(agreement: SalesAgreement, number: int) -> str:
    """Return the clause of a tier's rate: the agreement's own, or its pool's."""
    shared = agreement.shared.tiers if agreement.shared is not None else ()
    tiers = agreement.tiers or shared
    return source_of(tiers[number - 1] if tiers else agreement, "rate")


def _commission_steps(
    gross: float, prior: float, selection: Selection, value: float, *, kept: bool
) -> Iterator[Step]:
    """Derive the part of the sale in each tier, and the commission on it or what is kept of it."""
    agreement = selection.sales
    pooled = agreement.shared is not None
    by = "all agreements of the pool" if pooled else "the agreement"
    labels = f"Sold before under {by}", "Net proceeds" if kept else "Commission"

    def clause(number: int) -> str:
        return _rate_source(agreement, number)

    return _by_tier(gross, prior, selection.schedule, clause, labels, value, kept=kept)


def _by_tier(
    gross: float,
    prior: float,
    schedule: Schedule,
    clause: Callable[[int], str],
    labels: tuple[str, str],
    value: float,
    *,
    kept: bool = False,
) -> Iterator[Step]:
    bands = list(schedule.bands)
    if prior:
        yield Step(labels[0], prior, None, prior, "")
    touched: list[str] = []
    for band, amount in fees.slices(gross, prior, schedule):
        number = bands.index(band) + 1
        share = band.kept if kept else band.paid
        ends = "on" if math.isinf(band.upper) else f"to {band.upper:,.15g}"
        label = f"Tier {number}, from {band.lower:,.15g} {ends}"
        touched.append(clause(number))
        yield Step(
            f"{label}, kept" if kept else label,
            amount,
            share / band.whole,
            amount * share / band.whole,
            touched[-1],
        )
    yield Step(labels[1], gross, None, value, "; ".join(dict.fromkeys(touched)))


def _ceo_fee(gross: float, prior: float, selection: Selection) -> float:
    return fees.marginal(gross, prior, selection.schedule)


def _ceo_fee_on_array(gross: Any, prior: float, selection: Selection) -> Any:
    return None if prior else arrays.marginal(gross, selection.schedule)


def ceo_fee_twin(selection: Selection, sold: str, *, prefix: str = AGREEMENT) -> str:
    """Sum each step of the rate on the part of all sales beyond it: the commission on them.

    The commission on one sale is the difference of those with the sale and without.
    """
    begins, step = f"{prefix}.{TIERS_FROM}", f"{prefix}.{TIERS_STEP}"
    fee = f"SUMPRODUCT(({sold}>{begins})*({sold}-{begins})*{step})"
    limit, ends = selection.schedule.limit, capacity_name(selection, prefix)
    if limit is None:
        return fee
    if selection.room is None:
        # Without a capacity in dollars, the last tier ends the commission.
        tiers = selection.sales.tiers or (selection.sales.shared or selection.sales).tiers
        ends = ends.replace("capacity", f"tier_{len(tiers)}.up_to")
    return f"IF({sold}-{ends}>={limit_tolerance(limit)},NA(),{fee})"


CEO_FEE = Function(
    name="CEO_FEE",
    summary="Commission on gross proceeds, by the tiers that they fall into.",
    arguments=(_GROSS, _PRIOR, TERMS_ARGUMENT),
    result="commission, USD, unrounded",
    source="NEOT-2001, cover, S-11, S-12",
    implementation=_ceo_fee,
    on_array=_ceo_fee_on_array,
    each=True,
    derivation=partial(_commission_steps, kept=False),
    twin=ceo_fee_twin,
    twin_takes=("A2",),  # all that is sold
    example="=CEO_FEE(2000000,9000000)",
    shows="75000",
)


def _ceo_net(gross: float, prior: float, selection: Selection) -> float:
    return fees.net(gross, prior, selection.schedule)


def _ceo_net_on_array(gross: Any, prior: float, selection: Selection) -> Any:
    return None if prior else arrays.net(gross, selection.schedule)


def ceo_net_twin(_selection: Selection, gross: str, commission: str) -> str:
    """Subtract the twin of the commission from gross proceeds."""
    return f"{gross}-{commission}"


CEO_NET = Function(
    name="CEO_NET",
    summary="Gross proceeds less commission.",
    arguments=(_GROSS, _PRIOR, TERMS_ARGUMENT),
    result="net proceeds, USD, unrounded",
    source="NEOT-2001, cover, S-11, S-12",
    implementation=_ceo_net,
    on_array=_ceo_net_on_array,
    each=True,
    derivation=partial(_commission_steps, kept=True),
    twin=ceo_net_twin,
    twin_takes=("A2", "B2"),  # gross, and the commission on it
    example="=CEO_NET(2000000,9000000)",
    shows="1925000",
)


def _fees(key: str | None, selection: Selection) -> FeeSchedule | None:
    """Return a schedule of the deal by its key; None for the agreement's commission."""
    if key is None:
        return None
    found: FeeSchedule | None = selection.part("fees", key)
    if found is None:
        known = ", ".join(one.key for one in selection.deal.fees) or "none"
        rule = f"must be the key of a schedule of fees of {selection.text}, which has {known}"
        raise InputError(REF, "schedule", key, rule)
    return found


def _schedule(key: str | None, selection: Selection) -> Schedule:
    own = _fees(key, selection)
    return selection.schedule if own is None else own.schedule


def _deal_fee(
    amount: float, prior: float, rate: float | None, schedule: str | None, selection: Selection
) -> float | int:
    return fees.fee(amount, prior, rate, _schedule(schedule, selection))


def _deal_fee_steps(
    amount: float,
    prior: float,
    rate: float | None,
    schedule: str | None,
    selection: Selection,
    value: float,
) -> Iterator[Step]:
    """Derive the fee on all that is sold, and on what was sold before: part by part."""
    own, exact = _fees(schedule, selection), _schedule(schedule, selection)
    if rate is None and own is None:
        yield from _commission_steps(amount, prior, selection, value, kept=False)
        return
    tiers = own.tiers if own is not None else selection.sales.tiers
    if rate is None and exact.simple:
        labels = "Sold before under the schedule", "Fee on this sale"

        def clause(number: int) -> str:
            return source_of(tiers[number - 1], "rate")

        yield from _by_tier(amount, prior, exact, clause, labels, value)
        return
    sources = []
    if rate is not None:
        source = source_of(tiers[0] if tiers else selection.sales, "rate")
        sources.append(source)
        yield given("Rate of this sale, in place of the schedule's", rate, source)
    before, after = (as_shown(one) if exact.units else Fraction(one) for one in (prior, amount))
    for what, sold in (("what was sold before", before), ("all that is sold", before + after)):
        if sold:
            for step in _cumulative_steps(what, sold, rate, own, exact):
                sources.append(step.source)
                yield step
    unit = f" in {own.paid_in}" if own is not None and own.count is not None else ""
    label = f"Fee{unit} on this sale" + (": the difference" if prior else "")
    clauses = "; ".join(dict.fromkeys(filter(None, sources)))
    yield Step(label, amount, None, value, clauses)


def _cumulative_steps(
    what: str, sold: Fraction, rate: float | None, own: FeeSchedule | None, schedule: Schedule
) -> Iterator[Step]:
    """Derive the fee on all that is sold by then: each part at its rate, and the bounds."""
    found = Fraction()
    for label, part, factor, source in _charged(what, sold, rate, own, schedule):
        yield Step(label, double(part), double(factor), double(part * factor), source)
        found += part * factor
    for name in ("minimum", "maximum"):
        bound = getattr(schedule, name)
        if bound is not None and (found < bound if name == "minimum" else found > bound):
            label = f"Fee on {what}: the {name}"
            yield Step(label, double(found), None, double(bound), source_of(own, name))
            found = bound
    if schedule.units:
        yield Step(f"Fee on {what}: whole ones", double(found), None, found // 1, "")
    else:
        yield given(f"Fee on {what}", double(found))


def _charged(
    what: str, sold: Fraction, rate: float | None, own: FeeSchedule | None, schedule: Schedule
) -> Iterator[tuple[str, Fraction, Fraction, str]]:
    """Yield each part of all that is sold, with its rate and the clause of that."""
    if rate is not None:
        yield f"On {what}, at the sale's rate", sold, Fraction(rate), ""
    elif own is not None and own.count is not None:
        # After a split, the count need not be whole.
        count, over = float(own.count), float(own.over or 0)
        label = f"On {what}: {count:,.15g} {own.paid_in} for each {over:,.15g} USD"
        yield label, sold, schedule.units / schedule.over, source_of(own, "count")
    elif own is not None:
        for tier, part in fees.parts(sold, schedule):
            all_of_it = ", on all of it" if schedule.whole else ""
            source = source_of(own.tiers[tier], "rate")
            yield f"On {what}: tier {tier + 1}{all_of_it}", part, schedule.rates[tier], source


DEAL_FEE = Function(
    name="DEAL_FEE",
    summary="Fee on an amount by a schedule of the deal, or by the agreement's commission.",
    arguments=(
        Argument("amount", AMOUNT, "Gross proceeds of the sale, USD."),
        Argument(
            "prior",
            AMOUNT,
            "Gross proceeds already sold under the same schedule, USD.",
            optional=True,
            default=0.0,
        ),
        Argument(
            "rate",
            OWN_RATE,
            "This sale's own rate, where the contract's rates are the most: it replaces them.",
            optional=True,
            default_words="the schedule's rates",
        ),
        Argument(
            "schedule",
            SCHEDULE,
            "Key of the schedule in the deal.",
            optional=True,
            default_words="the agreement's commission",
        ),
        TERMS_ARGUMENT,
    ),
    result="USD, unrounded; whole shares or warrants where the fee is paid in these",
    source="the deal's own clauses",
    implementation=_deal_fee,
    each=True,
    derivation=_deal_fee_steps,
    no_twin="its tiers, bounds and payment are the deal's own; equityline.xlsx checks each",
    example="=DEAL_FEE(2000000,9000000)",
    shows="75000",
)
