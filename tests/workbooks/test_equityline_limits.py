"""equityline.xlsx: what lifts a cap, and what a holder has, on rows and at assumed prices."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest
from deals import head
from fillings.base import Filling, Template

from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

DAY: Final = datetime.date
CAPACITY, LIFTED_AT = 10_000_000, Fraction("3.15")
ALLOWED: Final = 2_081_263
"""Shares that the cap allows: 19.99% of 10,411,522, rounded down."""

BLANK: Final[dict[str, Any]] = {"Sensitivity_amount": None, "Line_outstanding": None}

LINE: Final = """
[agreements.LINE]
source = "s. 1"
dated = 2026-02-02
capacity = 10_000_000

[caps.line]
source = "s. 4"
kind = "issue"
rate = 0.1999
base = 10_411_522
inclusive = true
lifted_at = 3.15
"""


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    forget()


def template(tmp_path: Path, name: str, text: str) -> Template:
    path = tmp_path / f"{name}.toml"
    path.write_text(head(name) + text, "utf-8")
    offer(read_terms(path), path)
    return Template("equityline", select(name), "Advances")


SPLIT: Final = """
[[actions]]
source = "charter amendment"
kind = "split"
date = 2026-08-10
ratio = 3
"""


class TestHeldBefore:
    """What an investor holds is typed in shares of the row's day, and counted in the deal's."""

    OUTSTANDING: Final = 10_411_522
    LIMIT: Final = Fraction("0.0499")

    def left(self, issued: int, held: int) -> int:
        room = self.LIMIT * (self.OUTSTANDING + issued) - held
        return math.floor(room / (1 - self.LIMIT))

    def test_it_is_carried_over_a_split(self, tmp_path: Path) -> None:
        filled = template(tmp_path, "HELD-1", LINE + SPLIT)
        days = (DAY(2026, 8, 7), DAY(2026, 8, 10))
        rows = [
            {"Date": day, "Amount": 100_001, "Price": 2, "Held before": 300_002} for day in days
        ]
        cells = {"Line_outstanding": self.OUTSTANDING, "Ownership_limit": float(self.LIMIT)}
        answer = filled.compute(Filling({**cells, "Explained_advance": 1}, rows))
        assert answer.failing() == []
        issued, held = math.ceil(Fraction(50_000, 3)), math.ceil(Fraction(300_002, 3))
        found = [self.left(0, held), self.left(issued, 300_002)]
        for heading in ("Ownership limit leaves", "Plain ownership limit leaves"):
            assert answer.column(heading)[:2] == found
        assert answer.named("Explained_held") == held


class TestTheLimitOnOwnership:
    """It is the deal's cap on a holder's part, or that of its notes; else the usual one."""

    CAP: Final = '\n[caps.owner]\nsource = "s. 8"\nkind = "ownership"\nrate = 0.0999\n'
    NOTE: Final = (
        '\n[[instruments]]\nkey = "n"\nsource = "s. 9"\nkind = "note"\nprincipal = 5\n'
        "blocker = 0.0199\n"
    )

    @pytest.mark.parametrize(
        ("more", "limit", "source"),
        [
            (CAP, "0.0999", "s. 8"),
            (NOTE, "0.0199", "s. 9"),
            (CAP + NOTE, "0.0999", "s. 8"),
            ("", "0.0499", "usual; the deal states none"),
        ],
    )
    def test_what_the_deal_states_goes_before_the_usual(
        self, tmp_path: Path, more: str, limit: str, source: str
    ) -> None:
        filled = template(tmp_path, "OWNED-1", LINE + more)
        answer = filled.compute(Filling({"Line_outstanding": 1_000_000}, []))
        assert answer.failing() == []
        assert answer.named("Ownership_used") == float(limit)
        part = Fraction(limit)
        assert answer.named("Ownership_left") == math.floor(part * 1_000_000 / (1 - part))
        sheet, place = filled.place("Ownership_limit")
        assert any(answer.at(sheet, f"{letter}{place[1:]}") == source for letter in "CDE")

    def test_a_commission_that_is_not_counted_is_named(self, tmp_path: Path) -> None:
        words = "The commission of the agreement LINE is not counted here: see reporting.xlsx."
        for number, rate in enumerate(("", "rate = 0.02\n")):
            text = LINE.replace("\n[caps", f"{rate}\n[caps", 1)
            filled = template(tmp_path, f"BEARS-{number}", text)
            answer = filled.compute(Filling(dict(BLANK), []))
            assert (words in str(answer.at("Line", "A2"))) is bool(rate)


class TestALiftedCap:
    """Nothing left under a cap that is off is not the same as nothing left."""

    def test_it_is_named(self, tmp_path: Path) -> None:
        filled = template(tmp_path, "LIFTED-1", LINE)
        rows = [
            {"Date": DAY(2026, 3, 2), "Amount": 2 * ALLOWED, "Price": 2},
            {"Date": DAY(2026, 3, 3), "Amount": 5_000_000, "Price": 8},
        ]
        words = "Not limited: the cap is lifted."
        for count, second, said in ((1, "", " "), (2, "not limited", words)):
            answer = filled.compute(Filling(dict(BLANK), rows[:count]))
            assert answer.failing() == []
            assert answer.column("Left under the cap")[:2] == [0, 0]
            assert [one or "" for one in answer.column("By the cap")[:2]] == ["limited", second]
            sheet, place = filled.place("Cap_left")
            assert answer.at(sheet, f"E{place[1:]}") == said


class TestAssumedPrices:
    """The average of what was bought and of what an assumed price would add lifts the cap."""

    SOLD: Final = Fraction("4684568.44")
    PRICES: Final = (0.75, 2.5, 3.3, 3.6, 3.999, 4.5, 9)

    @pytest.mark.parametrize("commitment", [0, 120_000])
    def test_with_what_was_bought_before(self, tmp_path: Path, commitment: int) -> None:
        fee = f'\n[fees.own]\nsource = "s. 5"\npaid_in = "shares"\ncount = {commitment}\n'
        text = LINE + f"{fee}over = 10_000_000\n" * bool(commitment)
        filled = template(tmp_path, "CAPPED-1", text)
        row = {"Date": DAY(2026, 3, 2), "Amount": float(self.SOLD), "Price": 2.70}
        cells: dict[str, Any] = {
            f"Assumed_price_{number}": price for number, price in enumerate(self.PRICES, 1)
        }
        answer = filled.compute(Filling(cells | BLANK, [row]))
        assert answer.failing() == []
        bought = math.floor(self.SOLD / Fraction("2.7"))
        issued = bought + math.floor(commitment * self.SOLD / 10_000_000)
        lifted = 0
        for number, price in enumerate(self.PRICES, 1):
            at = Fraction(str(price))
            shares = math.floor((CAPACITY - self.SOLD) / at + Fraction(1, 2))
            average = (self.SOLD + shares * at) / (bought + shares)
            within = shares if average >= LIFTED_AT else min(shares, ALLOWED - issued)
            lifted += average >= LIFTED_AT
            line = filled.place(f"Assumed_price_{number}")[1][1:]
            found = [answer.at("Sensitivity", f"{letter}{line}") for letter in "BHEK"]
            assert found == [within, within, shares, shares], price
        assert lifted == 3  # at 3.30 and 3.60 the price alone would lift it, the average does not


@pytest.mark.parametrize("inclusive", ["true", "false"])
@pytest.mark.parametrize("split", ["", SPLIT])
def test_other_caps_on_issues_are_warned_of(tmp_path: Path, inclusive: str, split: str) -> None:
    """Rows are held against one cap, the total against each of the others: 30,000 or 10,000."""
    other = (
        '\n[caps.second]\nsource = "s. 5"\nkind = "issue"\nrate = 0.003\nbase = 10_000_000\n'
        f"inclusive = {inclusive}\n"
    )
    filled = template(tmp_path, "CAPPED-2", LINE + other + split)
    most = (10_000 if split else 30_000) - (inclusive == "false")
    line = "Line: more issued than the cap second"
    for issued, passed in ((most, 0.0), (most + 1, 1.0)):
        row = {"Date": DAY(2026, 8, 10), "Amount": 2 * issued, "Price": 2}
        answer = filled.compute(Filling(BLANK, [row]))
        assert answer.failing() == []
        sheet = filled.workbook["Checks"]
        [at] = [one[0].row for one in sheet if str(one[0].value).startswith(line)]
        assert answer.at("Checks", f"B{at}") == passed
