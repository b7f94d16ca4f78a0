"""Derivations of fees: each tier, rate and bound is a step, with the clause that it rests on."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest
from deals import head
from paths import DATA

from xladdin.functions.derivation import Step
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import select
from xladdin.terms.store import SHIPPED
from xladdin.workbooks.explain_sheet import schedule_steps

DEAL: Final = (
    head("FEES", "2024-01-03")
    + """
[pools.SHELF]
source = "p"
capacity = 10_000_000

[agreements.A]
source = "a"
pool = "SHELF"
rate = 0.03

[agreements.B]
source = "b"
pool = "SHELF"
rate = 0.02

[agreements.C]
source = "c"
capacity = 10_000_000
rate = 0.05
rate_is = "at most"

[[fees.tiers.tiers]]
source = "t1"
up_to = 1_000_000
rate = 0.05

[[fees.tiers.tiers]]
source = "t2"
rate = 0.04

[fees.whole]
mode = "whole"
minimum = { value = 60_000, source = "w0" }

[[fees.whole.tiers]]
source = "w1"
up_to = 1_000_000
rate = 0.05

[[fees.whole.tiers]]
source = "w2"
rate = 0.04

[fees.shares]
source = "s"
paid_in = "shares"
count = 80_000
over = 15_000_000
"""
)


@pytest.fixture(autouse=True)
def _installed(folder: Path) -> None:
    (folder / "FEES.toml").write_text(DEAL, encoding="utf-8")


def steps_of(name: str, *arguments: Any) -> list[Step]:
    """Derive a call; a factor is one, and the last step has the value."""
    steps = FUNCTIONS[name].explain(list(arguments))
    for step in steps:
        if step.factor is not None:
            exact = Fraction(step.amount) * Fraction(step.factor)
            assert step.result == pytest.approx(float(exact), rel=1e-14), step
    assert steps[-1].result == FUNCTIONS[name].call(list(arguments))
    return steps


def rated(steps: list[Step]) -> list[tuple[Any, ...]]:
    """The steps that are an amount times a factor: these, the result and its clause."""
    return [tuple(step[1:]) for step in steps if step.factor is not None]


def test_tiers_of_a_schedule() -> None:
    steps = steps_of("DEAL_FEE", 1_500_000.0, None, None, "tiers", "FEES")
    assert rated(steps) == [
        (1_000_000, 0.05, 50_000, "t1"),
        (500_000, 0.04, 20_000, "t2"),
    ]
    assert (steps[-1].result, steps[-1].source) == (70_000, "t1; t2")
    steps = steps_of("DEAL_FEE", 500_000.0, 1_000_000.0, None, "tiers", "FEES")
    assert rated(steps) == [(500_000, 0.04, 20_000, "t2")]


def test_the_rate_that_all_of_the_proceeds_reach() -> None:
    steps = steps_of("DEAL_FEE", 1_000_000.0, 1_000_000.0, None, "whole", "FEES")
    assert rated(steps) == [(1_000_000, 0.05, 50_000, "w1"), (2_000_000, 0.04, 80_000, "w2")]
    (bound,) = [step for step in steps if "minimum" in step.label]  # 80,000 is above it
    assert bound == Step("Fee on what was sold before: the minimum", 50_000, None, 60_000, "w0")
    last = steps[-1]
    assert (last.result, last.source) == (20_000, "w1; w0; w2")


def test_a_fee_in_shares() -> None:
    steps = steps_of("DEAL_FEE", 187_600.0, None, None, "shares", "FEES")
    assert steps[0].label == "On all that is sold: 80,000 shares for each 15,000,000 USD"
    exact = 187_600 * Fraction(80_000, 15_000_000)  # 1000.53...
    assert rated(steps) == [
        (187_600, float(Fraction(80_000, 15_000_000)), pytest.approx(float(exact)), "s")
    ]
    assert [step.result for step in steps[1:]] == [1_000, 1_000]


def test_a_sales_own_rate() -> None:
    steps = steps_of("DEAL_FEE", 1_000_000.0, None, 0.03, None, "FEES/C")
    assert (steps[0].result, steps[0].source) == (0.03, "c")
    assert rated(steps) == [(1_000_000, 0.03, 30_000, "")]
    assert steps[-1].source == "c"


def test_what_a_pool_sold_before() -> None:
    first = steps_of("CEO_FEE", 1e6, 2e6, "FEES/B")[0]
    assert first.label == "Sold before under all agreements of the pool"
    assert steps_of("CEO_FEE", 1e6, 2e6, "FEES/C")[0].label == "Sold before under the agreement"


@pytest.mark.parametrize("key", ["tiers", "whole", "shares"])
def test_the_steps_that_a_sheet_leaves_room_for(key: str) -> None:
    schedule = select("FEES").deal.find("fees", key).schedule
    counts = {
        len(steps_of("DEAL_FEE", amount, prior, None, key, "FEES"))
        for amount in (1.0, 500_000.0, 3e6)
        for prior in (None, 1.0, 1_500_000.0)
    }
    assert max(counts) == schedule_steps(schedule)
    own = len(steps_of("DEAL_FEE", 1e6, 1e6, 0.03, None, "FEES/C"))
    assert own == schedule_steps(select("FEES/C").schedule)


SPLIT: Final = """
[[actions]]
source = "charter"
kind = "split"
date = {day}
ratio = {ratio}
"""


def test_a_fee_in_shares_whose_count_a_split_leaves_no_whole_one(folder: Path) -> None:
    split = SPLIT.format(day="2024-06-03", ratio=23)
    (folder / "FEES.toml").write_text(DEAL + split, encoding="utf-8")
    steps = steps_of("DEAL_FEE", 187_600.0, None, None, "shares", "FEES")
    # 80,000 / 23, to the digits that a program shows
    words = "3,478.26086956522 shares for each 15,000,000 USD"
    assert steps[0].label == f"On all that is sold: {words}"
    assert [step.result for step in steps[1:]] == [43, 43]  # 1000.53... / 23 = 43.50...


EVERY_DEAL: Final = [
    path
    for folder in (DATA, SHIPPED)
    for path in sorted(folder.glob("*.toml"))
    if "\nformat = 2\n" in path.read_text("utf-8")  # a deal of format 1 has no splits
]


@pytest.mark.parametrize("ratio", ["23", '"1/7"'])
@pytest.mark.parametrize("path", EVERY_DEAL, ids=lambda path: path.stem)
def test_every_fee_is_derived_after_an_awkward_split(path: Path, ratio: str, folder: Path) -> None:
    name = f"{path.stem}-SPLIT"
    text = path.read_text("utf-8").replace(f'name = "{path.stem}"', f'name = "{name}"')
    split = SPLIT.format(day="2025-06-03", ratio=ratio)
    (folder / f"{name}.toml").write_text(text + split, encoding="utf-8")
    deal = select(name).deal
    assert len(deal.actions) == text.count("[[actions]]") + 1
    calls: list[list[Any]] = [
        ["DEAL_FEE", 2_000.0, 1_000.0, None, one.key, name] for one in deal.fees
    ]
    for one in deal.agreements:
        which = f"{name}/{one.key}"
        if select(which).sales.schedule is not None:
            calls += [["CEO_FEE", 2_000.0, 1_000.0, which], ["CEO_NET", 2_000.0, 1_000.0, which]]
            calls.append(["DEAL_FEE", 2_000.0, 1_000.0, None, None, which])
    for call in calls:
        steps: Any = FUNCTIONS["EXPLAIN"].evaluate(call)
        assert steps[-1][3] == FUNCTIONS[call[0]].call(call[1:]), call
