"""Records of a deal: which of the figures that may be left out come together."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from xladdin.terms import select
from xladdin.terms.fields import FigureError
from xladdin.terms.securities import Capitalisation


def stock(**changes: Any) -> Capitalisation:
    """The shipped deal's capitalisation, with some figures changed."""
    found = select().terms.capitalisation
    assert found is not None
    return dataclasses.replace(found, **changes)


TOGETHER = [
    ("later_outstanding", "later_outstanding_date"),
    ("voting_shares", "voting_warrants"),
    ("shelf_shares", "shelf_proceeds"),
    ("shelf_warrants", "shelf_warrant_price"),
    ("year_high", "year_low"),
]


@pytest.mark.parametrize("names", TOGETHER)
def test_figures_that_belong_together_come_together(names: tuple[str, str]) -> None:
    first, second = names
    for missing, given in ((first, second), (second, first)):
        with pytest.raises(FigureError, match=f"{given} needs it") as caught:
            stock(**{missing: None, "voting_within_60_days": None})
        assert caught.value.key == missing
    neither = stock(**dict.fromkeys(names), voting_within_60_days=None)
    assert getattr(neither, first) is getattr(neither, second) is None


def test_a_part_needs_its_whole() -> None:
    with pytest.raises(FigureError, match="voting_within_60_days needs it") as caught:
        stock(voting_shares=None, voting_warrants=None)
    assert caught.value.key == "voting_warrants"
    assert stock(voting_within_60_days=None).voting_warrants == 4_498_145


def test_what_every_deal_gives_cannot_be_left_out() -> None:
    optional = {entry.name for entry in dataclasses.fields(Capitalisation) if entry.default is None}
    assert optional == {name for names in TOGETHER for name in names} | {
        "exercisable_now",
        "voting_within_60_days",
        "monthly_cash_use",
    }


def test_the_latest_count() -> None:
    assert stock().latest_outstanding == 21_927_372
    alone = stock(later_outstanding=None, later_outstanding_date=None)
    assert alone.latest_outstanding == 21_862_772
