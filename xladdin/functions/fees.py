"""CEO_FEE, CEO_NET and DEAL_FEE: fees on gross proceeds, and what is left of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xladdin.core import arrays, fees
from xladdin.errors import REF, InputError
from xladdin.functions.arguments import AMOUNT, OWN_RATE, SCHEDULE, TERMS_ARGUMENT, Argument
from xladdin.functions.derivation import Step, double, given, source_of
from xladdin.functions.function import Function
from xladdin.functions.twins import AGREEMENT, TIERS_FROM, TIERS_STEP, limit_tolerance

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def _by_tier(
    gross: float, prior: float, selection: Selection, value: float, *, kept: bool
) -> Iterator[Step]:
    agreement, schedule = selection.sales, selection.schedule
    bands = list(schedule.bands)
    if prior:
        yield Step("Sold before under the agreement", prior, None, prior, "")
    touched: list[str] = []
    for band, amount in fees.slices(gross, prior, schedule):
        number = bands.index(band) + 1
        share = band.kept if kept else band.paid
        label = f"Tier {number}, from {band.lower:,.15g} to {band.upper:,.15g}"
        source = _rate_source(agreement, number)
        touched.append(source)
        yield Step(
            f"{label}, kept" if kept else label,
            amount,
            share / band.whole,
            amount * share / band.whole,
            source,
        )
    sources = "; ".join(dict.fromkeys(touched))
    yield Step("Net proceeds" if kept else "Commission", gross, None, value, sources)


def _ceo_fee(gross: float, prior: float, selection: Selection) -> float:
    return fees.marginal(gross, prior, selection.schedule)


def _ceo_fee_on_array(gross: Any, prior: float, selection: Selection) -> Any:
    return None if prior else arrays.marginal(gross, selection.schedule)


def _ceo_fee_steps(
    gross: float, prior: float, selection: Selection, value: float
) -> Iterator[Step]:
    """Derive the part of the sale in each tier, and the commission on it."""
    return _by_tier(gross, prior, selection, value, kept=False)


def ceo_fee_twin(selection: Selection, sold: str, *, prefix: str = AGREEMENT) -> str:
    """Sum each step of the rate on the part of all sales beyond it: the commission on them.

    The commission on one sale is the difference of those with the sale and without.
    """
    begins, step = f"{prefix}.{TIERS_FROM}", f"{prefix}.{TIERS_STEP}"
    fee = f"SUMPRODUCT(({sold}>{begins})*({sold}-{begins})*{step})"
    return (
        f"IF({sold}-{prefix}.capacity>={limit_tolerance(selection.agreement.capacity)},NA(),{fee})"
    )


CEO_FEE = Function(
    name="CEO_FEE",
    summary="Commission on gross proceeds, by the tiers that they fall into.",
    arguments=(_GROSS, _PRIOR, TERMS_ARGUMENT),
    result="commission, USD, unrounded",
    source="NEOT-2001, cover, S-11, S-12",
    implementation=_ceo_fee,
    on_array=_ceo_fee_on_array,
    each=True,
    derivation=_ceo_fee_steps,
    twin=ceo_fee_twin,
    twin_takes=("A2",),  # all that is sold
    example="=CEO_FEE(2000000,9000000)",
    shows="75000",
)


def _ceo_net(gross: float, prior: float, selection: Selection) -> float:
    return fees.net(gross, prior, selection.schedule)


def _ceo_net_on_array(gross: Any, prior: float, selection: Selection) -> Any:
    return None if prior else arrays.net(gross, selection.schedule)


def _ceo_net_steps(
    gross: float, prior: float, selection: Selection, value: float
) -> Iterator[Step]:
    """Derive the part of the sale in each tier, and the rest after commission."""
    return _by_tier(gross, prior, selection, value, kept=True)


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
    derivation=_ceo_net_steps,
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
    """Derive the fee on all that is sold, and on what was sold before."""
    own, exact = _fees(schedule, selection), _schedule(schedule, selection)
    if own is None and rate is None:
        yield from _by_tier(amount, prior, selection, value, kept=False)
        return
    tiers = own.tiers if own is not None else selection.sales.tiers
    label = "Fee"
    if rate is not None:
        yield given("Rate of this sale, in place of the schedule's", rate)
        source = source_of(tiers[0], "rate") if tiers else source_of(selection.sales, "rate")
    elif own is not None and own.count is not None:
        label = f"Fee in {own.paid_in}"
        source = source_of(own, "count")
        yield given(f"Count of {own.paid_in} for each amount", float(own.count), source)
        yield given("That amount", float(own.over or 0), source_of(own, "over"))
    else:
        source = "; ".join(dict.fromkeys(source_of(tier, "rate") for tier in tiers))
    for name in ("minimum", "maximum"):
        bound = getattr(own, name, None)
        if bound is not None:
            yield given(f"Fee on all that is sold: {name}", float(bound), source_of(own, name))
    before, after = fees.totals(amount, prior, rate, exact)
    yield Step("Sold before", prior, None, prior, "")
    yield given("Fee on what was sold before", double(before), source)
    yield given("Fee on all that is sold", double(after), source)
    yield Step(f"{label} on this sale: the difference", amount, None, value, source)


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
