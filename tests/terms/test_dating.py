"""Deals on a day: amendments, splits, what each moves, and days in `terms` texts."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest
from deals import head
from oracles import deals as oracle_deals

from xladdin.errors import InputError, TermsError
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import Selection, UnknownTerms, read_terms, select
from xladdin.terms.dating import dated, splits
from xladdin.terms.selection import selected

DAY = datetime.date
TEXT = (
    head("DATED", "2022-07-20")
    + """
[agreements.SALES]
source = "1"
capacity = 300_000_000
rate = 0.05

[agreements.MORE]
source = "1"
dated = 2024-06-13
capacity_shares = 13_719_850
rate = 0.05

[prices.advance]
source = "2"
floor = 1.00
round_to = 0.0001

[[prices.advance.legs]]
source = "2.1"
kind = "series"
of = "VWAP"
multiple = 1.20
from = -1
to = -1
anchor = "issue"

[[prices.advance.legs]]
source = "2.1"
kind = "series"
of = "VWAP"
multiple = 0.95
from = -1
to = -1
floor = 0.50
when_at_least = { value = 0.01, fixed_in_splits = true }

[caps.exchange]
source = "3"
kind = "issue"
rate = 0.1999
base = 1_000_003
inclusive = true
lifted_at = 2.15

[[instruments]]
key = "public"
source = "4"
kind = "warrant"
count = 46
price = 11.50

[[instruments]]
key = "later"
source = "4"
kind = "warrant"
issued = 2024-06-13
count = 46
price = 2.30

[[actions]]
source = "8-K of 8 March 2024"
kind = "split"
date = 2024-03-08
ratio = 23

[[actions]]
source = "approved 24 January 2023"
kind = "amendment"
date = 2023-01-24
figure = "prices.advance.floor"
value = 0.50

[[actions]]
source = "agreed 13 June 2024"
kind = "amendment"
date = 2024-06-13
figure = "prices.advance.floor"
value = 1.00

[[actions]]
source = "8-K of 24 December 2024"
kind = "split"
date = 2024-12-24
ratio = "20/3"
"""
)


@pytest.fixture(autouse=True)
def _installed(folder: Path) -> None:
    (folder / "DATED.toml").write_text(TEXT, encoding="utf-8")


def figure(name: str, day: str = "") -> Any:
    selection = select(f"DATED@{day}" if day else "DATED")
    return selection.named[name].value


@pytest.mark.parametrize(
    ("day", "floor"),
    [
        ("2020-01-01", "1.00"),  # before the first action, the original
        ("2022-07-20", "1.00"),
        ("2023-01-23", "1.00"),
        ("2023-01-24", "0.50"),  # from that day on
        ("2024-03-07", "0.50"),
        ("2024-03-08", "11.50"),  # the amended floor is older than the split
        ("2024-06-12", "11.50"),
        ("2024-06-13", "1.00"),  # in shares of its own day
        ("2024-12-23", "1.00"),
        ("2024-12-24", "6.666666666666667"),
        ("", "6.666666666666667"),  # after the last action
    ],
)
def test_a_floor_over_the_years(day: str, floor: str) -> None:
    assert figure("prices.advance.floor", day) == Decimal(floor)


def test_what_a_split_moves_and_what_not() -> None:
    before, after = "2024-03-07", "2024-03-08"
    moved = {
        "prices.advance.leg_2.floor": (Decimal("0.50"), Decimal("11.50")),
        "caps.exchange.lifted_at": (Decimal("2.15"), Decimal("49.45")),
        "instruments.public.price": (Decimal("11.50"), Decimal("264.50")),
        "instruments.public.count": (46, 2),
        "caps.exchange.base": (1_000_003, Decimal(repr(1_000_003 / 23))),
        # Those are no figures in shares, or stay by their clause, or are younger.
        "prices.advance.leg_1.multiple": (Decimal("1.20"), Decimal("1.20")),
        "prices.advance.leg_2.when_at_least": (Decimal("0.01"), Decimal("0.01")),
        "prices.advance.round_to": (Decimal("0.0001"), Decimal("0.0001")),
        "agreements.SALES.capacity": (300_000_000, 300_000_000),
        "instruments.later.price": (Decimal("2.30"), Decimal("2.30")),
        "instruments.later.count": (46, 46),
        "agreements.MORE.capacity_shares": (13_719_850, 13_719_850),
    }
    for name, (old, new) in moved.items():
        assert figure(name, before) == old, name
        assert figure(name, after) == new, name
    assert figure("instruments.later.count") == 6  # of 6.9: cash is paid for fractions
    assert figure("agreements.MORE.capacity_shares") == Decimal("2057977.5")


def test_counts_stay_exact() -> None:
    cap = select("DATED@2024-03-08").deal.cap("exchange")
    assert cap is not None
    assert cap.base == Fraction(1_000_003, 23)
    assert cap.limit.base == (1_000_003, 23)
    nasdaq = FUNCTIONS["NASDAQ20_HEADROOM"]
    assert nasdaq.call([100, 0, "DATED@2024-03-08"]) == 19  # 19.99% may be reached: 19 of 100
    assert FUNCTIONS["CEO_CAPACITY"].call([0.0, None, "DATED/MORE"]) == 2_057_977


def test_amended_figures_name_their_own_source() -> None:
    assert select("DATED@2023-01-23").named["prices.advance.floor"].source == "2"
    found = select("DATED@2023-01-24").named["prices.advance.floor"]
    assert found.source == "approved 24 January 2023"


def test_splits_up_to_a_day() -> None:
    deal = read_terms_of_file()
    both = [(DAY(2024, 3, 8), Fraction(23)), (DAY(2024, 12, 24), Fraction(20, 3))]
    assert splits(deal) == both
    assert splits(deal, DAY(2024, 12, 23)) == both[:1]
    assert select("DATED@2024-03-07").splits == []
    assert select("DATED@2024-03-08").splits == both[:1]
    assert select("DATED").splits == both


def read_terms_of_file() -> Any:
    return select("DATED").undated.deal  # type: ignore[union-attr]


@pytest.mark.parametrize("actions", range(5))
def test_the_deal_is_made_anew_from_the_original(actions: int) -> None:
    deal = read_terms_of_file()
    assert dated(deal, 0) is deal
    assert dated(deal, actions).actions == deal.actions


# Days in texts


@pytest.mark.parametrize(
    "text",
    [
        "DATED@2024-03-08",
        "dated @ 2024-03-08",
        "DATED/SALES@2024-03-08",
        "DATED@45359",
        "DATED@45359.75",
        "DATED@45359,75",
        " DATED / sales @ 45359 ",
    ],
)
def test_days_in_texts(text: str) -> None:
    selection = select(text)
    assert selection.day == DAY(2024, 3, 8)
    assert selection.text == "DATED@2024-03-08"
    assert selection.named["prices.advance.floor"].value == Decimal("11.50")


def test_a_blank_day_is_none() -> None:
    # What Deal&"@"&A5 gives for a blank A5.
    assert select("DATED@").text == select("DATED").text == "DATED"
    assert select("DATED/MORE@").text == "DATED/MORE"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DATED@soon", "#VALUE!"),
        ("DATED@2024-02-30", "#VALUE!"),
        ("DATED@8 Mar 2024", "#VALUE!"),
        ("DATED@-1", "#VALUE!"),
        ("DATED@0", "#NUM!"),
        ("DATED@60", "#NUM!"),
        ("DATED@9999999", "#NUM!"),
        ("NONE-SUCH@2024-03-08", "#REF!"),
        ("DATED/NONE@2024-03-08", "#REF!"),
    ],
)
def test_texts_that_name_no_day(text: str, code: str) -> None:
    with pytest.raises(UnknownTerms):
        select(text)
    with pytest.raises(InputError) as caught:
        FUNCTIONS["DEAL_TERM"].call(["prices.advance.floor", text])
    assert (caught.value.code, caught.value.argument) == (code, "terms")


def test_a_deal_without_actions_is_the_same_on_every_day() -> None:
    shipped = select("NEOT-2001")
    for text in ("NEOT-2001@2001-12-31", "NEOT-2001/OTHER@2030-01-01"):
        assert select(text).terms == shipped.terms
    assert FUNCTIONS["CEO_FEE"].call([25e6, 0.0, "NEOT-2001@2001-12-31"]) == 900_000
    assert select("NEOT-2001/OTHER@37256").text == "NEOT-2001/OTHER@2001-12-31"


# Price functions take the day of their event

TEXT_OF_NOTES = (
    TEXT.replace("DATED", "NOTES")
    .replace("prices.advance", "prices.debenture")
    .replace('"VWAP"', '"closing bid"')
)


@pytest.fixture
def _notes(folder: Path) -> None:
    (folder / "NOTES.toml").write_text(TEXT_OF_NOTES, encoding="utf-8")


def conversion(issue: DAY, event: DAY, bids: dict[DAY, float], text: str = "NOTES") -> Any:
    function = FUNCTIONS["DEBENTURE_CONVERSION_PRICE"]
    rows = [[day, bid] for day, bid in bids.items()]
    return function.call([rows, issue, event, text])


@pytest.mark.usefixtures("_notes")
def test_price_functions_take_the_day_of_their_event() -> None:
    # Canoo's advance of 21 July 2022: 120% of 3.60 against 95% of the price before conversion.
    issue, before, after = DAY(2022, 7, 21), DAY(2022, 8, 26), DAY(2024, 4, 1)
    bids = {DAY(2022, 7, 20): 3.60, DAY(2022, 8, 25): 2.90, DAY(2024, 3, 28): 20.0}
    assert conversion(issue, before, bids) == 2.755
    assert conversion(issue, before, bids | {DAY(2022, 8, 25): 0.9}) == 1.0  # the floor then
    # After 1-for-23: 120% of 3.60 x 23, and the floor of 0.50 x 23.
    assert conversion(issue, after, bids) == 19.0
    assert conversion(issue, after, bids | {DAY(2024, 3, 28): 500.0}) == 99.36
    assert conversion(issue, after, bids | {DAY(2024, 3, 28): 1.0}) == 11.5
    # A day in the text comes before the event's.
    assert conversion(issue, before, bids, "NOTES@2024-04-01") == 63.365
    rows = {"closing bid": bids}
    formula = {
        "round_to": "0.0001",
        "floor": "11.5",
        "legs": [
            {"kind": "series", "of": "closing bid", "multiple": "1.2", "from": -1, "to": -1}
            | {"anchor": "issue"},
            {"kind": "series", "of": "closing bid", "multiple": "0.95", "from": -1, "to": -1},
        ],
    }
    split = [(DAY(2024, 3, 8), Fraction(23))]
    assert oracle_deals.price(formula, rows, after, issue, split) == 19
    assert oracle_deals.price(formula, rows, before, issue, split) == Fraction("63.365")


@pytest.mark.usefixtures("_notes")
def test_adjusted_quotations_are_in_shares_after_all_splits(folder: Path) -> None:
    text = TEXT_OF_NOTES.replace("NOTES", "ADJ").replace(
        'calendar = "XNYS"', 'calendar = "XNYS"\nquotes_are = "adjusted"'
    )
    (folder / "ADJ.toml").write_text(text, encoding="utf-8")
    # 3.60 x 23 x 20/3: a conversion before the second split is in the shares of its day.
    bids = {DAY(2022, 7, 20): 552.0, DAY(2024, 3, 28): 3400.0, DAY(2024, 12, 24): 5000.0}
    assert conversion(DAY(2022, 7, 21), DAY(2024, 4, 1), bids, "ADJ") == 99.36
    assert conversion(DAY(2022, 7, 21), DAY(2024, 12, 26), bids, "ADJ") == 662.4


def test_an_explanation_of_a_dated_price(folder: Path) -> None:
    (folder / "NOTES.toml").write_text(TEXT_OF_NOTES, encoding="utf-8")
    rows = [[DAY(2022, 7, 20), 3.6], [DAY(2024, 3, 28), 20.0]]
    function = FUNCTIONS["DEBENTURE_CONVERSION_PRICE"]
    steps = function.explain([rows, DAY(2022, 7, 21), DAY(2024, 4, 1), "NOTES"])
    assert steps[-1].result == 19
    assert any("Split of 8 Mar 2024" in step.label for step in steps)


def test_selections_of_files(folder: Path) -> None:
    terms = read_terms(folder / "DATED.toml")
    assert isinstance(selected(terms), Selection)
    assert selected(terms, "MORE", DAY(2024, 12, 24)).text == "DATED/MORE@2024-12-24"


ISSUES: Final = (
    head("ISSUES", "2022-01-03")
    + """
[capitalisation]
source = "1"
authorised = 50_000_000
outstanding = 10_000_000
outstanding_date = 2022-01-03
options_and_warrants = 0
last_sale = 1.00
last_sale_date = 2022-01-03

[[instruments]]
key = "average"
source = "2"
kind = "warrant"
count = 100
price = 1.00
anti_dilution = "weighted average"

[[instruments]]
key = "ratchet"
source = "3"
kind = "note"
principal = 100
price = 1.00
anti_dilution = "full ratchet"

[[instruments]]
key = "later"
source = "4"
kind = "warrant"
count = 100
price = 1.00
issued = 2022-03-01
anti_dilution = "full ratchet"

[[instruments]]
key = "plain"
source = "5"
kind = "warrant"
count = 100
price = 1.00

[[actions]]
source = "first issue"
kind = "issue"
date = 2022-02-01
shares = 5_000_000
price = 0.50

[[actions]]
source = "split"
kind = "split"
date = 2022-06-01
ratio = 10

[[actions]]
source = "second issue"
kind = "issue"
date = 2022-07-01
shares = 500_000
price = 2.00

[[actions]]
source = "dear issue"
kind = "issue"
date = 2022-08-01
shares = 1_000
price = 90
"""
)


def test_issues_lower_prices_from_their_day_on(folder: Path) -> None:
    (folder / "ISSUES.toml").write_text(ISSUES, encoding="utf-8")
    first = (Fraction(10_000_000) + Fraction("0.5") * 5_000_000) / 15_000_000
    second = (first * 10 * 1_500_000 + 2 * 500_000) / 2_000_000
    expected = {
        "2022-01-31": (1, 1, 1, 1),
        "2022-02-01": (first, Fraction("0.5"), 1, 1),
        "2022-06-01": (first * 10, 5, 10, 10),
        "2022-07-01": (second, 2, 2, 10),
        "2022-08-01": (second, 2, 2, 10),
    }
    for day, prices in expected.items():
        deal = select(f"ISSUES@{day}").deal
        found = [Fraction(one.price or 0) for one in deal.instruments]
        assert found == list(prices), day
    sources = [one.sources["price"] for one in select("ISSUES").deal.instruments]
    assert sources == ["second issue", "second issue", "second issue", "5"]
    found = FUNCTIONS["DEAL_TERM"].call(["instruments.average.price", "ISSUES@2022-02-01"])
    assert found == FUNCTIONS["ANTIDILUTION_PRICE"].call([1, 10_000_000, 5_000_000, 0.5])


def test_issues_that_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ISSUES.toml"
    path.write_text(ISSUES.replace("anti_dilution", "# anti_dilution"), encoding="utf-8")
    with pytest.raises(TermsError) as caught:
        read_terms(path)
    assert caught.value.key == "actions[1].kind"
    assert "changes nothing: no instrument of that day has a price and" in caught.value.reason


@pytest.mark.parametrize(
    ("day", "counted", "key", "words"),
    [
        # The document is of 3 January 2022; the prices that it states are after older issues.
        ("2022-01-02", "2021-01-01", "kind", "the document's prices are of 2022-01-03"),
        ("2022-02-01", "2022-02-01", "date", "not after the count of shares, 2022-02-01"),
        ("2022-02-01", "2022-01-31", "", ""),
    ],
)
def test_issues_are_not_counted_twice(
    tmp_path: Path, day: str, counted: str, key: str, words: str
) -> None:
    text = ISSUES.replace("outstanding_date = 2022-01-03", f"outstanding_date = {counted}")
    path = tmp_path / "ISSUES.toml"
    path.write_text(text.replace("date = 2022-02-01", f"date = {day}"), encoding="utf-8")
    if not key:
        assert read_terms(path).deal.actions
        return
    with pytest.raises(TermsError, match=words) as caught:
        read_terms(path)
    assert caught.value.key == f"actions[1].{key}"


def test_an_average_needs_what_is_outstanding(tmp_path: Path) -> None:
    path = tmp_path / "ISSUES.toml"
    begin, end = ISSUES.index("[capitalisation]"), ISSUES.index("[[instruments]]")
    path.write_text(ISSUES[:begin] + ISSUES[end:], encoding="utf-8")
    with pytest.raises(TermsError, match="lowers the price of average by what is outstanding"):
        read_terms(path)
