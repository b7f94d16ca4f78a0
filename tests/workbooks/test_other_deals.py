"""Workbooks of deals that say less, or other things, than the programme of 2001."""

from __future__ import annotations

from pathlib import Path

import pytest
from deals import head

from xladdin.building.build import build
from xladdin.building.manifest import LEFT_OUT
from xladdin.terms import read_terms
from xladdin.terms.selection import selected
from xladdin.workbooks.placements.workbook import build as placements

HEAD = head("OTHER-1")
FORMULA = """
[[prices.first.legs]]
source = "2"
kind = "series"
of = "VWAP"
multiple = 0.97
from = 0
to = 2
"""
AGREEMENT = """
[agreements.SALES]
source = "1"
title = "Sales Agreement"
dated = 2022-12-23
agents = ["One & Co.", "Two LLC"]
capacity = 40_000_000
rate = 0.03
expense_reimbursement = 50_000
delivery_sessions = 2
standstill_before = 0
standstill_after = 0
"""


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "OTHER-1.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "text",
    [FORMULA, AGREEMENT.replace("delivery_sessions = 2", ""), AGREEMENT],
    ids=["formula", "no delivery", "whole"],
)
def test_what_a_deal_lacks_is_left_out(tmp_path: Path, text: str) -> None:
    path = file(tmp_path, text)
    whole = "delivery_sessions" in text
    agreements = read_terms(path).agreements
    assert [one.key for one in agreements] == (["SALES"] if whole else [])
    if not whole:
        made = build(deals=[path], out=tmp_path / "out")
        left_out = [one for one in made if one.change == LEFT_OUT]
        assert all(one.failures[0].startswith("OTHER-1 has no ") for one in left_out)
        written = {one.path.stem for one in made} - {one.path.stem for one in left_out}
        of_sales = {"placements", "proceeds", "reporting", "offering"}
        expected = {"equityline"} if "prices" in text else of_sales
        assert written == expected
        assert {one.stem for one in tmp_path.glob("out/*.xlsx")} == written


def test_a_debenture_of_other_legs_is_named(tmp_path: Path) -> None:
    path = file(tmp_path, FORMULA.replace("first", "debenture"))
    (made,) = build(["floating"], deals=[path.parent], out=tmp_path / "out")
    assert made.failures[0].endswith("DEAL_PRICE gives its formula debenture")


def test_two_agents_sell_under_one_capacity(tmp_path: Path) -> None:
    selection = selected(read_terms(file(tmp_path, AGREEMENT)))
    assert selection.figures_by_agreement["agreement_1.capacity"][0].value == 40_000_000
    assert not any(name.startswith("agreement_2") for name in selection.figures_by_agreement)
    sheet = placements(selection).workbook["Terms"]
    capacities = [row[2] for row in sheet.values if row[0] == "agreement.capacity"]
    assert capacities == [40_000_000]


SHARES_OVER_A_SPLIT = """
[agreements.SHARES]
source = "1"
capacity_shares = 1_000_001
rate = 0.03

[[actions]]
source = "2"
kind = "split"
date = 2023-07-03
ratio = 3
"""
CAP_OVER_A_SPLIT = """
[caps.line]
source = "1"
kind = "issue"
rate = 0.1999
base = 12_345_678
inclusive = true

[[actions]]
source = "2"
kind = "split"
date = 2023-07-03
ratio = 2
"""


OWNED_OVER_A_SPLIT = """
[[prices.conversion.legs]]
source = "1"
kind = "fixed"
price = 2.75

[[instruments]]
key = "note"
source = "1"
kind = "note"
principal = 8_700_000
formula = "conversion"
blocker = 0.0499

[capitalisation]
source = "2"
authorised = 100_000_000
outstanding = 22_410_650
outstanding_date = 2023-01-02
options_and_warrants = 0
last_sale = 2.20
last_sale_date = 2023-01-02

[[actions]]
source = "3"
kind = "split"
date = 2023-07-03
ratio = 12
"""


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("reporting", SHARES_OVER_A_SPLIT),
        # Rows of old shares, more of them than the limit leaves of new ones.
        ("equityline", OWNED_OVER_A_SPLIT),
        # A line whose prices are typed, on the days of which its caps are others.
        ("equityline", CAP_OVER_A_SPLIT),
    ],
    ids=["a capacity of whole shares and a part", "an ownership limit", "a line without formulas"],
)
def test_a_split_leaves_a_workbook_whose_checks_hold(
    tmp_path: Path, template: str, text: str
) -> None:
    made = build([template], deals=[file(tmp_path, text)], out=tmp_path / "out")
    assert [(one.checks_ok, one.failures) for one in made] == [(True, ())]


POOL = """
[pools.SHELF]
source = "3"
capacity = 90_000_000
"""
SHARES = """
[pools.SHARES]
source = "4"
capacity_shares = 2_000_000

[[pools.SHARES.tiers]]
source = "4"
rate = 0.03
"""
SECOND = """
[agreements.SECOND]
source = "3"
capacity = 1_000_000
rate = 0.03
rate_is = "at most"
"""


LATER_WARRANTS = """
[agreements.SALES.warrants]
source = "2"
rate = 0.03
exercise_multiple = 1.1234
life_months = 54
price_round_to = 0.01
"""


IN_A_POOL = f'pool = "SHELF"\nrate = 0.02\n{POOL}'


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("change", "templates"),
    [
        (("delivery_sessions = 2\n", ""), {"placements", "proceeds"}),
        ((AGREEMENT[AGREEMENT.index("expense") :], ""), {"placements", "proceeds"}),
        (("rate = 0.03\n", 'rate = 0.03\nrate_is = "at most"\n'), {"placements", "proceeds"}),
        (("standstill_after = 0\n", LATER_WARRANTS), {"placements", "proceeds"}),
        (("rate = 0.03\n", ""), {"placements"}),
        (("capacity = 40_000_000\n", "capacity_shares = 40_000_000\n"), {"placements"}),
        (("capacity = 40_000_000\n", ""), {"placements"}),
        ((AGREEMENT[AGREEMENT.index("capacity") :], IN_A_POOL), {"placements"}),
    ],
)
def test_an_agreement_that_lacks_something_has_a_log(
    tmp_path: Path, change: tuple[str, str], templates: set[str]
) -> None:
    path = file(tmp_path, AGREEMENT.replace(*change))
    made = build(["placements", "proceeds"], deals=[path.parent], out=tmp_path / "out")
    assert {one.path.stem for one in made if one.checks_ok and one.formulas} == templates
    for one in made:
        if one.path.stem not in templates:
            assert "OTHER-1 has an agreement, SALES, without a c" in one.failures[0]


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("capacity_shares = 1_000_000", "a capacity in shares"),
        (f'pool = "SHELF"\n{POOL}', "a capacity of the pool SHELF"),
        (f'pool = "SHARES"\n{SHARES.partition("[[")[0]}', "a capacity of the pool SHARES"),
        ("capacity = 40_000_000", ""),
        ("", ""),
    ],
)
@pytest.mark.parametrize("of_a_note", [False, True])
def test_a_line_against_a_capacity_that_is_not_counted_is_left_out(
    tmp_path: Path, limit: str, reason: str, of_a_note: bool
) -> None:
    note = OWNED_OVER_A_SPLIT.partition("[capitalisation]")[0]
    text = f'[agreements.LINE]\nsource = "1"\n{limit}\n'
    path = file(tmp_path, text + (note if of_a_note else FORMULA))
    (made,) = build(["equityline"], deals=[path.parent], out=tmp_path / "out")
    if reason and not of_a_note:
        assert not made.formulas
        assert f"OTHER-1 has an agreement, LINE, with {reason}: " in made.failures[0]
    else:
        assert (made.checks_ok, made.failures) == (True, ())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (SECOND.replace("rate", "#"), "no agents and no commission in agreements.SECOND"),
        (FORMULA, "no sales agreement"),
        (SECOND.partition("capacity")[0] + 'pool = "SHARES"\n' + SHARES, "no capacity in USD in"),
    ],
)
def test_what_an_agreement_lacks_for_a_log_is_named(tmp_path: Path, text: str, reason: str) -> None:
    path = file(tmp_path, text)
    (made,) = build(["placements"], deals=[path.parent], out=tmp_path / "out")
    assert made.failures[0].startswith(f"OTHER-1 has {reason}")
