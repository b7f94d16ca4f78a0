"""Stock after a split: whole shares of a register, and fractions within a formula."""

from __future__ import annotations

from pathlib import Path

import pytest
from deals import head

from xladdin.functions.registry import FUNCTIONS


@pytest.mark.parametrize(
    ("base", "headroom"),
    # 15 shares over 1-for-7 are 2 of a register, and 15/7 of a formula: 95% is 1.9, and 2.04.
    [("", 1), ("base = 15\n", 2)],
)
def test_stock_is_whole_after_a_split_and_a_stated_base_is_not(
    folder: Path, base: str, headroom: int
) -> None:
    text = (
        head("WHOLE-2", "2022-07-20")
        + f"""
[capitalisation]
source = "1"
authorised = {{ value = 90, fixed_in_splits = true }}
outstanding = 15
outstanding_date = 2022-07-20
options_and_warrants = 8
last_sale = 1
last_sale_date = 2022-07-20

[caps.line]
source = "2"
kind = "issue"
rate = 0.95
inclusive = true
{base}
[[actions]]
source = "3"
kind = "split"
date = 2022-08-01
ratio = 7
"""
    )
    (folder / "WHOLE-2.toml").write_text(text, encoding="utf-8")
    term, room = FUNCTIONS["DEAL_TERM"].call, FUNCTIONS["ISSUE_HEADROOM"].call
    for name, before, after in (
        ("outstanding", 15, 2),
        ("options_and_warrants", 8, 1),
        ("authorised", 90, 90),
    ):
        assert term([f"capitalisation.{name}", "WHOLE-2@2022-07-31"]) == before
        assert term([f"capitalisation.{name}", "WHOLE-2"]) == after
    assert room(["line", 0, None, "WHOLE-2"]) == headroom
