"""What fills a workbook at first keeps within the limits of its deal, however small they are."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from deals import head
from draws import crossed
from fillings.base import Filling, Template

from xladdin.building.render import render
from xladdin.terms import select

LINE: Final = """
[agreements.LINE]
source = "1"
capacity = {capacity}

[prices.first]
source = "2"
[[prices.first.legs]]
source = "2"
kind = "series"
of = "VWAP"
multiple = {multiple}
from = -2
to = 0

[caps.line]
source = "3"
kind = "issue"
shares = {shares}
inclusive = true

[caps.holder]
source = "4"
kind = "ownership"
rate = {rate}

[fees.paid]
source = "5"
paid_in = "shares"
count = {count}
over = 1000
"""
ROOMY: Final = {"capacity": "50_000_000", "multiple": "0.97", "shares": "90_000_000"} | {
    "rate": "0.0999",
    "count": "1",
}
TIGHT: Final = {
    "roomy": {},
    "a small capacity": {"capacity": "2_500"},
    "a capacity of cents": {"capacity": "0.07"},
    "a small cap on shares": {"shares": "300"},
    "a small part for a holder": {"rate": "0.0001"},
    "a price far below the market's": {"multiple": "0.001"},
    "many commitment shares": {"count": "900", "shares": "500_000"},
}
SPLITS: Final = {"none": (), "7 for 1": ("1/7",), "3 for 2 and 1 for 20": ("2/3", "20/1")}

SALES: Final = """
[agreements.SALES]
source = "1"
agents = ["One & Co."]
capacity_shares = {}
rate = 0.03
"""


def written(folder: Path, text: str, splits: tuple[str, ...]) -> str:
    for month, ratio in enumerate(splits, 2):
        text += '\n[[actions]]\nsource = "6"\nkind = "split"\n'
        text += f'date = 2023-{month:02}-01\nratio = "{ratio}"\n'
    (folder / "TIGHT-1.toml").write_text(head("TIGHT-1") + text, encoding="utf-8")
    return "TIGHT-1"


@pytest.mark.sample(3)
@pytest.mark.parametrize(("limits", "splits"), crossed(tuple(TIGHT), tuple(SPLITS)))
def test_advances(folder: Path, limits: str, splits: str) -> None:
    deal = written(folder, LINE.format(**ROOMY | TIGHT[limits]), SPLITS[splits])
    made = render("equityline", select(deal))
    assert made.checks_ok, made.failures


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("name", "capacity", "splits"),
    crossed(("placements", "reporting"), ("40", "9_000_000", "5_000_000_000"), tuple(SPLITS)),
)
def test_shares_sold(folder: Path, name: str, capacity: str, splits: str) -> None:
    """Of 7 for 1, an old share uses seven of the capacity up."""
    deal = written(folder, SALES.format(capacity), SPLITS[splits])
    made = render(name, select(deal))
    assert made.checks_ok, made.failures


def test_a_last_tier_ends_before_the_usual_capacity(folder: Path) -> None:
    text = '[agreements.SALES]\nsource = "1"\nagents = ["One & Co."]\n'
    text += '[[agreements.SALES.tiers]]\nsource = "1"\nup_to = 20_000\nrate = 0.03\n'
    made = render("placements", select(written(folder, text, ())))
    assert made.checks_ok, made.failures


class TestAnAgentsAgreement:
    """A deal with an equity line, and an agreement by which agents sell other shares."""

    TEXT: Final = LINE.replace("[agreements.LINE]", '[agreements.ATM]\nagents = ["One & Co."]')

    def test_its_capacity_is_not_the_lines(self, folder: Path) -> None:
        deal = written(folder, self.TEXT.format(**ROOMY | {"capacity": "2_500"}), ())
        template = Template("equityline", select(deal), "Advances")
        assert "Line_left" not in template.workbook.defined_names
        answer = template.compute(Filling({"Sensitivity_amount": 4_000_000}))
        assert answer.failing() == []
        assert answer.named("Sensitivity_used") == 4_000_000

    def test_a_capacity_in_shares_leaves_the_line_as_it_is(self, folder: Path) -> None:
        text = self.TEXT.replace("capacity = {capacity}", "capacity_shares = 9")
        made = render("equityline", select(written(folder, text.format(**ROOMY), ())))
        assert made.checks_ok, made.failures
