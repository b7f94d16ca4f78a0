"""NEOT-2001 against the prospectus: every figure with its page, and every result it prints.

Figures and pages are typed in from SPEC.md, and were read again in the prospectus.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any, Final

import pytest

from xladdin.cells import serial_of
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import select

SALES, OTHER = "NEOT-2001", "NEOT-2001/OTHER"

D = Decimal


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


FIGURES: Final[list[tuple[str, str, Any, set[str]]]] = [
    # The Sales Agreement.
    (SALES, "agreement.title", "Sales Agreement", {"S-11"}),
    (SALES, "agreement.dated", day("2001-06-12"), {"S-11"}),
    (SALES, "agreement.capacity", D(25_000_000), {"cover", "S-11"}),
    (SALES, "agreement.tier_1.up_to", D(10_000_000), {"cover", "S-11"}),
    (SALES, "agreement.tier_1.rate", D("0.04"), {"cover", "S-11"}),
    (SALES, "agreement.tier_2.up_to", D(20_000_000), {"cover", "S-11"}),
    (SALES, "agreement.tier_2.rate", D("0.035"), {"cover", "S-11"}),
    (SALES, "agreement.tier_3.up_to", D(25_000_000), {"cover", "S-11"}),
    (SALES, "agreement.tier_3.rate", D("0.03"), {"cover", "S-11"}),
    (SALES, "agreement.expense_reimbursement", D(60_000), {"S-12"}),
    (SALES, "agreement.delivery_sessions", 3, {"S-11"}),
    (SALES, "agreement.standstill_before", 5, {"S-11"}),
    (SALES, "agreement.standstill_after", 5, {"S-11"}),
    (SALES, "agreement.warrants.rate", D("0.10"), {"S-11"}),
    (SALES, "agreement.warrants.exercise_multiple", D("1.30"), {"S-11"}),
    (SALES, "agreement.warrants.life_years", 5, {"S-12"}),
    (SALES, "agreement.warrants.cashless_after_years", 1, {"S-12"}),
    (SALES, "agreement.warrants.transfer_lock_years", 1, {"S-12"}),
    # The Other Agreement: what the page does not say is taken over from the Sales Agreement.
    (OTHER, "agreement.title", "Other Agreement", {"S-12"}),
    (OTHER, "agreement.dated", day("2001-06-12"), {"S-11", "S-12"}),
    (OTHER, "agreement.capacity", D(8_400_000), {"S-12"}),
    (OTHER, "agreement.tier_1.up_to", D(8_400_000), {"S-12"}),
    (OTHER, "agreement.tier_1.rate", D("0.04"), {"S-12"}),
    (OTHER, "agreement.expense_reimbursement", D(60_000), {"S-12"}),
    (OTHER, "agreement.delivery_sessions", 3, {"S-11", "S-12"}),
    (OTHER, "agreement.standstill_before", 5, {"S-11", "S-12"}),
    (OTHER, "agreement.standstill_after", 5, {"S-11", "S-12"}),
    (OTHER, "agreement.warrants.rate", D("0.10"), {"S-11", "S-12"}),
    (OTHER, "agreement.warrants.exercise_multiple", D("1.30"), {"S-11", "S-12"}),
    (OTHER, "agreement.warrants.life_years", 5, {"S-12"}),
    (OTHER, "agreement.warrants.cashless_after_years", 1, {"S-12"}),
    (OTHER, "agreement.warrants.transfer_lock_years", 1, {"S-12"}),
    # Limits and expenses.
    (SALES, "limits.warrant_cap", D("0.10"), {"S-12"}),
    (SALES, "limits.compensation_cap", D("0.08"), {"S-12"}),
    (SALES, "limits.exchange_limit", D("0.20"), {"S-8"}),
    (SALES, "expenses.advisory_retainer", D(75_000), {"S-12"}),
    (SALES, "expenses.advisory_deposit", D(50_000), {"S-12"}),
    (SALES, "expenses.advisory_share", D("0.5"), {"S-12"}),
    (SALES, "expenses.other_offering", D(300_000), {"S-12"}),
    # Class B warrants.
    (SALES, "class_b.original_issue", 4_000_000, {"S-4", "S-7"}),
    (SALES, "class_b.outstanding", 3_413_600, {"S-7"}),
    (SALES, "class_b.per_holder", 1_706_800, {"S-7"}),
    (SALES, "class_b.holders", 2, {"S-7"}),
    (SALES, "class_b.exercised", 586_400, {"S-4"}),
    (SALES, "class_b.exercised_proceeds", D(5_100_000), {"S-4"}),
    (SALES, "class_b.cap_price", D("33.75"), {"S-7"}),
    (SALES, "class_b.rate", D("0.97"), {"S-7"}),
    (SALES, "class_b.low_price_rate", D("0.95"), {"S-7"}),
    (SALES, "class_b.low_price_threshold", D("5.00"), {"S-7"}),
    (SALES, "class_b.financing_floor", D("2.00"), {"S-4"}),
    # Debentures.
    (SALES, "debentures.initial_multiple", D("1.20"), {"S-7"}),
    (SALES, "debentures.initial_sessions", 5, {"S-7"}),
    (SALES, "debentures.floating_after_days", 90, {"S-7"}),
    (SALES, "debentures.floating_multiple", D("1.01"), {"S-7"}),
    (SALES, "debentures.lowest_bids", 10, {"S-7"}),
    (SALES, "debentures.lookback_sessions", 30, {"S-7"}),
    (SALES, "debentures.block_1.principal", D(10_000_000), {"S-4"}),
    (SALES, "debentures.block_1.due", "May 2001", {"S-4"}),
    (SALES, "debentures.block_1.status", "declined", {"S-4"}),
    (SALES, "debentures.block_2.principal", D(8_000_000), {"S-4"}),
    (SALES, "debentures.block_2.due", "November 2001", {"S-4"}),
    (SALES, "debentures.block_2.status", "may be issued", {"S-4"}),
    # Capitalisation.
    (SALES, "capitalisation.authorised", 50_000_000, {"S-13"}),
    (SALES, "capitalisation.outstanding", 21_862_772, {"S-9"}),
    (SALES, "capitalisation.outstanding_date", day("2001-10-02"), {"S-9"}),
    (SALES, "capitalisation.later_outstanding", 21_927_372, {"S-13"}),
    (SALES, "capitalisation.later_outstanding_date", day("2001-10-26"), {"S-13"}),
    (SALES, "capitalisation.options_and_warrants", 8_593_877, {"S-9"}),
    (SALES, "capitalisation.exercisable_now", 2_515_000, {"S-9"}),
    (SALES, "capitalisation.voting_shares", 579_098, {"S-10"}),
    (SALES, "capitalisation.voting_warrants", 4_498_145, {"S-10"}),
    (SALES, "capitalisation.voting_within_60_days", 173_320, {"S-10"}),
    (SALES, "capitalisation.shelf_shares", 6_054_228, {"S-10"}),
    (SALES, "capitalisation.shelf_proceeds", D(22_460_000), {"S-10"}),
    (SALES, "capitalisation.shelf_warrants", 405_000, {"S-10"}),
    (SALES, "capitalisation.shelf_warrant_price", D("5.69"), {"S-10"}),
    (SALES, "capitalisation.last_sale", D("4.04"), {"cover"}),
    (SALES, "capitalisation.last_sale_date", day("2001-10-31"), {"cover"}),
    (SALES, "capitalisation.year_high", D("13.50"), {"S-10"}),
    (SALES, "capitalisation.year_low", D("2.22"), {"S-10"}),
    (SALES, "capitalisation.monthly_cash_use", D(2_300_000), {"S-4"}),
    # What the prospectus works out itself.
    (SALES, "printed.full_commission", D(900_000), {"S-12"}),
    (SALES, "printed.advisory_share", D(62_500), {"S-12"}),
    (SALES, "printed.dilution", D("0.28"), {"S-9"}),
    (SALES, "printed.voting_total", 5_077_243, {"S-10"}),
    (SALES, "printed.voting_share", D("0.026"), {"S-10"}),
    (SALES, "printed.voting_total_share", D("0.193"), {"S-10"}),
    (SALES, "printed.within_60_days_share", D("0.008"), {"S-10"}),
]


def pages(source: str) -> set[str]:
    """The pages that a source names."""
    words = source.replace(",", " ").split()
    return {word for word in words if word == "cover" or word.startswith("S-")}


@pytest.mark.parametrize(
    ("terms", "name", "value", "where"),
    FIGURES,
    ids=[f"{terms}-{name}" for terms, name, _, _ in FIGURES],
)
def test_figure_and_page(terms: str, name: str, value: object, where: set[str]) -> None:
    figure = select(terms).figures[name]
    assert figure.value == value
    assert type(figure.value) is type(value)
    assert pages(figure.source) == where
    # And as a worksheet has it.
    shown = FUNCTIONS["DEAL_TERM"].evaluate([name, terms])
    if isinstance(value, datetime.date):
        assert shown == serial_of(value)
    else:
        assert shown == (value if isinstance(value, str) else float(str(value)))
    assert FUNCTIONS["DEAL_SOURCE"].evaluate([name, terms]) == figure.source


@pytest.mark.parametrize("terms", [SALES, OTHER])
def test_no_figure_is_left_out(terms: str) -> None:
    typed = {name for text, name, _, _ in FIGURES if text == terms}
    # Figures of the deal as a whole stand above once, with the first agreement.
    typed |= {name for _, name, _, _ in FIGURES if not name.startswith("agreement.")}
    assert typed == set(select(terms).figures)


def test_the_year_printed_in_error_is_told() -> None:
    assert "2000" in select(SALES).figures["capitalisation.later_outstanding_date"].source


def test_header() -> None:
    terms = select(SALES).terms
    assert terms.name == "NEOT-2001"
    assert terms.issuer == "NeoTherapeutics, Inc."
    assert terms.ticker == "NEOT"
    assert "333-53108" in terms.document
    assert terms.document_date == day("2001-11-01")
    assert terms.calendar == "XNYS"
    assert [agreement.key for agreement in terms.agreements] == ["SALES", "OTHER"]


# Printed results


def value(name: str, *arguments: Any) -> float:
    found = FUNCTIONS[name].evaluate([*map(_cell, arguments)])
    assert isinstance(found, float)
    return found


def _cell(argument: Any) -> Any:
    return float(argument) if isinstance(argument, int) else argument


def percent(share: float, digits: int) -> str:
    """As the prospectus prints it."""
    return f"{share:.{digits}%}"


def test_full_commission_s12() -> None:
    assert value("CEO_FEE", 25_000_000) == 900_000


def test_rates_of_the_tiers_cover_and_s11() -> None:
    assert value("CEO_FEE", 10_000_000) == 400_000
    assert value("CEO_FEE", 10_000_000, 10_000_000) == pytest.approx(350_000, rel=1e-15)
    assert value("CEO_FEE", 5_000_000, 20_000_000) == 150_000


def test_other_agreement_s12() -> None:
    assert value("CEO_FEE", 8_400_000, None, OTHER) == 336_000
    assert value("CEO_CAPACITY", None, None, OTHER) == 8_400_000


def test_price_effect_s9() -> None:
    assert percent(value("DILUTION", 21_862_772, 8_593_877), 0) == "28%"


def test_holders_with_voting_agreements_s10() -> None:
    assert percent(579_098 / 21_862_772, 1) == "2.6%"
    assert 579_098 + 4_498_145 == 5_077_243
    assert percent(5_077_243 / (21_862_772 + 4_498_145), 1) == "19.3%"
    assert percent(173_320 / 21_862_772, 1) == "0.8%"


def test_their_shares_from_the_deal_s10() -> None:
    stock = select(SALES).terms.capitalisation
    assert stock is not None
    assert stock.voting_shares is not None
    assert stock.voting_warrants is not None
    assert stock.voting_within_60_days is not None
    together = stock.voting_shares + stock.voting_warrants
    assert together == 5_077_243
    assert percent(stock.voting_shares / stock.outstanding, 1) == "2.6%"
    assert percent(together / (stock.outstanding + stock.voting_warrants), 1) == "19.3%"
    assert percent(stock.voting_within_60_days / stock.outstanding, 1) == "0.8%"


def test_advisory_share_s12() -> None:
    costs = select(SALES).terms.expenses
    assert costs is not None
    retained = costs.advisory_retainer + costs.advisory_deposit
    assert retained * costs.advisory_share == 62_500


def test_class_b_counts_s7_and_s4() -> None:
    class_b = select(SALES).terms.class_b
    assert class_b is not None
    assert class_b.holders * class_b.per_holder == class_b.outstanding == 3_413_600
    assert class_b.outstanding + class_b.exercised == class_b.original_issue == 4_000_000


def test_class_b_prices_s7() -> None:
    assert value("CLASSB_EXERCISE_PRICE", 100.0) == 33.75
    assert value("CLASSB_EXERCISE_PRICE", 10.0) == pytest.approx(9.7, rel=1e-15)
    assert value("CLASSB_EXERCISE_PRICE", 4.0) == pytest.approx(3.8, rel=1e-15)
    # The cap after a 1-for-25 reverse split.
    assert value("CLASSB_EXERCISE_PRICE", 1e6, None, 25) == 843.75


def test_exchange_limit_s8() -> None:
    # 20% of 21,927,372 (S-13) is 4,385,474.4: one share more than this would reach it.
    assert value("NASDAQ20_HEADROOM", 21_927_372) == 4_385_474


def test_sum_of_shelf_and_authorised_s10_s13() -> None:
    stock = select(SALES).terms.capitalisation
    assert stock is not None
    assert stock.later_outstanding is not None
    # All that is outstanding or under options fits within what is authorised.
    assert stock.later_outstanding + stock.options_and_warrants < stock.authorised == 50_000_000
