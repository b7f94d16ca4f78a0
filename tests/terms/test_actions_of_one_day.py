"""Actions of one day: splits come first, amendments are judged together, issues come last."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest
from deals import head

from xladdin.errors import InputError, TermsError
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import read_terms, select

HEAD: Final = head("DATED", "2022-07-20")
ONE_DAY: Final = """
[capitalisation]
source = "1"
authorised = 5_000
outstanding = 1_000
outstanding_date = 2022-07-20
options_and_warrants = 0
last_sale = 1
last_sale_date = 2022-07-20

[[instruments]]
key = "average"
source = "1"
kind = "warrant"
count = 1_000
price = 2
anti_dilution = "weighted average"

[[instruments]]
key = "ratchet"
source = "1"
kind = "warrant"
count = 1_000
price = 2
anti_dilution = "full ratchet"
"""
SPLIT: Final = '[[actions]]\nsource = "2"\nkind = "split"\ndate = 2024-04-01\nratio = 10\n'
ISSUE: Final = (
    '[[actions]]\nsource = "3"\nkind = "issue"\ndate = 2024-04-01\nshares = 50\nprice = 10\n'
)


@pytest.mark.parametrize("actions", [SPLIT + ISSUE, ISSUE + SPLIT])
def test_a_split_comes_before_an_issue_of_its_day(folder: Path, actions: str) -> None:
    """100 shares outstanding, 50 new ones at 10 beside a price of 20: 20 x (100 + 25) / 150."""
    (folder / "DATED.toml").write_text(HEAD + ONE_DAY + actions, encoding="utf-8")
    average, ratchet = select("DATED").deal.instruments
    assert Fraction(average.price or 0) == Fraction(50, 3)
    assert ratchet.price == 10


def amendment(figure: str, value: str, day: str = "2024-04-01") -> str:
    return (
        f'[[actions]]\nsource = "2"\nkind = "amendment"\ndate = {day}\n'
        f'figure = "{figure}"\nvalue = {value}\n'
    )


UPSIZED: Final = (
    amendment("agreements.A.capacity", "200"),
    amendment("agreements.A.tier_1.up_to", "200"),
)
TIERED: Final = """
[agreements.A]
source = "1"
capacity = 100
[[agreements.A.tiers]]
source = "1"
up_to = 100
rate = 0.03
"""


@pytest.mark.parametrize("actions", [UPSIZED, UPSIZED[::-1]])
def test_amendments_of_one_day_are_judged_together(folder: Path, actions: tuple[str, ...]) -> None:
    (folder / "DATED.toml").write_text(HEAD + TIERED + "".join(actions), encoding="utf-8")
    assert FUNCTIONS["CEO_FEE"].call([200, 0, "DATED"]) == 6
    with pytest.raises(InputError):
        FUNCTIONS["CEO_FEE"].call([200, 0, "DATED@2024-03-31"])


def test_an_amendment_that_needs_another_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "DATED.toml"
    later = amendment("agreements.A.tier_1.up_to", "200", "2024-04-02")
    path.write_text(HEAD + TIERED + UPSIZED[0] + later, encoding="utf-8")
    with pytest.raises(TermsError) as caught:
        read_terms(path)
    assert caught.value.key == "actions[1].value"
    assert "amends agreements.A.capacity, after which tiers[1].up_to must" in caught.value.reason


def test_an_amended_rate_may_be_a_fraction(folder: Path) -> None:
    amended = amendment("agreements.A.tier_1.rate", '"1/3"')
    (folder / "DATED.toml").write_text(HEAD + TIERED + amended, encoding="utf-8")
    assert FUNCTIONS["CEO_FEE"].call([75, 0, "DATED"]) == 25


GRID: Final = '[grids.g]\nsource = "1"\ncolumns = [1]\nrows = [[1, 2]]\n'


@pytest.mark.parametrize(
    ("figure", "what"),
    [
        ("grids.g.row_1.column_1", "is part of a table, and no figure by itself"),
        ("instruments.average.kind", "is a word, and no figure by itself"),
        ("instruments.average.nothing", "is no figure of the deal"),
    ],
)
def test_what_no_action_amends(folder: Path, figure: str, what: str) -> None:
    path = folder / "DATED.toml"
    path.write_text(HEAD + ONE_DAY + GRID + amendment(figure, "2"), encoding="utf-8")
    with pytest.raises(TermsError) as caught:
        read_terms(path)
    assert caught.value.key == "actions[1].figure"
    assert f"{figure} {what}" in str(caught.value)
