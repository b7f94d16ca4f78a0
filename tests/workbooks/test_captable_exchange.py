"""captable.xlsx of a deal whose exchange's limit may be reached, as 19.99% may."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest
from deals import head
from fillings.base import Filling, Template

from xladdin import nasdaq20_headroom
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

NAME: Final = "WITHIN-1"
WITHIN: Final = """
[caps.exchange]
source = "s. 4"
kind = "issue"
rate = 0.1999
inclusive = true
lifted_at = 1.05

[[instruments]]
key = "note"
source = "s. 1"
kind = "note"
principal = 2_998.50
price = 0.50

[capitalisation]
source = "p. 12"
authorised = 150_000_000
outstanding = 31_234_566
outstanding_date = 2025-12-31
options_and_warrants = 3
last_sale = 1.18
last_sale_date = 2026-01-09

[[actions]]
source = "charter amendment"
kind = "split"
date = 2026-08-10
ratio = 3
"""
CONVERTED: Final = 1_999
"""Shares of the note: at 1.50, after the split."""


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    forget()


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("outstanding", "most"), [(31_234_566, 2_081_263), (30_000, 1_999), (29_997, 1_998)]
)
def test_the_limit_itself_is_allowed(tmp_path: Path, outstanding: int, most: int) -> None:
    assert most == Fraction("0.1999") * (outstanding // 3) // 1
    path = tmp_path / f"{NAME}.toml"
    path.write_text(head(NAME) + WITHIN.replace("31_234_566", str(outstanding)), "utf-8")
    offer(read_terms(path), path)
    template = Template("captable", select(NAME))
    for issued, planned, fits in (
        (0, most, "yes"),
        (0, most + 1, "no"),
        (1, most - 1, "yes"),
        (1, most, "no"),
    ):
        cells = {"Issued_so_far": issued, "Planned_issue": planned}
        answer = template.compute(Filling(dict(cells)))
        assert answer.failing() == []
        sheet, place = template.place("Exchange_headroom")
        row = [answer.at(sheet, f"{letter}{place[1:]}") for letter in "BCDE"]
        assert row == [most, most - issued, most, most - issued]  # then the same in plain Excel
        assert answer.named("Issue_below_limit") == fits
        assert answer.named("Conversion_total") == CONVERTED
        assert answer.named("Conversions_below_limit") == ("yes" if most >= CONVERTED else "no")
        assert answer.named("Conversions_above_limit") == max(0, CONVERTED - most)
    labels = {row[0].value for row in template.workbook["Headroom"].iter_rows()}
    assert "Limit: 19.99% of shares outstanding, not to be exceeded" in labels
    assert "Further shares that stay within 19.99%" in labels
    notes = [str(cell.value) for row in template.workbook["Headroom"].iter_rows() for cell in row]
    # 1.05 before the split.
    assert any("From an average price of 3.15 USD a share on" in note for note in notes)


COUNTED: Final = """
[caps.exchange]
source = "s. 4"
kind = "issue"
shares = 13_719_850
base = 719_850
inclusive = {inclusive}
"""


@pytest.mark.sample(1)
@pytest.mark.parametrize(("inclusive", "most"), [("true", 3_250_000), ("false", 3_249_999)])
def test_a_limit_that_is_a_count(tmp_path: Path, inclusive: str, most: int) -> None:
    """19.99% of those outstanding at signing, as a count: later counts do not move it."""
    assert (13_719_850 - 719_850) // 4 == 3_250_000
    stock = WITHIN[WITHIN.index("[[instruments]]") :].replace("ratio = 3", "ratio = 4")
    path = tmp_path / f"{NAME}.toml"
    path.write_text(head(NAME) + COUNTED.format(inclusive=inclusive) + stock, "utf-8")
    offer(read_terms(path), path)
    assert nasdaq20_headroom(31_234_566, terms=NAME) == most
    assert nasdaq20_headroom(0, 250_000, NAME) == most - 250_000
    assert nasdaq20_headroom(10**9, most + 1, NAME) == 0
    template = Template("captable", select(NAME))
    for outstanding, issued, planned, fits in (
        (31_234_566, 0, most, "yes"),
        (31_234_566, 0, most + 1, "no"),
        (10_000, 1, most - 1, "yes"),
        (10_000, 1, most, "no"),
    ):
        cells = {"Issued_so_far": issued, "Planned_issue": planned}
        answer = template.compute(Filling(cells | {"Shares_outstanding": outstanding}))
        assert answer.failing() == []
        sheet, place = template.place("Exchange_headroom")
        row = [answer.at(sheet, f"{letter}{place[1:]}") for letter in "BCDE"]
        assert row == [most, most - issued, most, most - issued]
        assert answer.named("Issue_below_limit") == fits
        assert answer.named("Conversions_below_limit") == "yes"
    labels = {row[0].value for row in template.workbook["Headroom"].iter_rows()}
    # 13,719,850 before a split of 4 for 1.
    reached = "exceeded" if inclusive == "true" else "reached"
    assert f"Limit: 3,429,962.5 shares, not to be {reached}" in labels
