"""Quotations as traded or adjusted, where a price is for a day before a split of the deal."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Final

from deals import head

from xladdin.calendars import calendar
from xladdin.functions.registry import FUNCTIONS

DAY = datetime.date
XNYS: Final = calendar("XNYS")
SPLIT_AFTER: Final = (
    head("SPL", "2022-01-03")
    + """
[[prices.a.legs]]
source = "1"
kind = "series"
of = "VWAP"
multiple = 1
from = 0
to = 2

[[actions]]
source = "charter, article 4"
kind = "split"
date = 2024-09-03
ratio = 10
"""
)


def test_quotations_from_after_the_day_of_a_price_are_taken_back(folder: Path) -> None:
    (folder / "SPL.toml").write_text(SPLIT_AFTER, encoding="utf-8")
    function = FUNCTIONS["DEAL_PRICE"]
    days = XNYS.window(DAY(2024, 8, 29), 0, 4)
    rows = [["Date", "VWAP"], *zip(days, (2, 2, 20, 20, 20), strict=True)]
    for first, text, expected, note in (
        (days[0], "SPL", 2, ": after the price's day"),
        (days[2], "SPL@2024-09-02", 2, ": after the price's day"),
        (days[2], "SPL", 20, None),
        (days[0], "SPL@2024-09-03", 20, ""),
    ):
        call = ["a", rows, first, None, text]
        assert function.call(call) == expected
        steps = function.explain(call)
        assert steps[-1].result == expected
        found = [step.label for step in steps if "Split of 3 Sep 2024" in step.label]
        assert len(found) == (note is not None)
        assert all(("after the price's day" in label) == bool(note) for label in found)


def test_adjusted_quotations_before_a_split_of_the_deal(folder: Path) -> None:
    text = SPLIT_AFTER.replace('"XNYS"', '"XNYS"\nquotes_are = "adjusted"')
    text = text.replace("to = 2", "to = 0").replace(
        "[[prices", '[prices.a]\nsource = "1"\n[[prices'
    )
    (folder / "SPL.toml").write_text(text, encoding="utf-8")
    function, day = FUNCTIONS["DEAL_PRICE"], DAY(2024, 8, 30)
    call = ["a", [["Date", "VWAP"], [day, 5.0]], day, None, "SPL"]
    assert function.call(call) == 0.5
    assert "Split of 3 Sep 2024" in function.explain(call)[0].label
    assert function.call([*call[:4], "SPL@2024-09-03"]) == 5
    floored = text.replace('source = "1"\n[[', 'source = "1"\nfloor = 1\n[[')
    (folder / "SPL2.toml").write_text(floored.replace('"SPL"', '"SPL2"'), encoding="utf-8")
    assert function.call([*call[:4], "SPL2"]) == 1  # the floor of old shares
