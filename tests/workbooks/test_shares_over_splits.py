"""Shares carried over splits stay unrounded, on both sides of what may be sold or issued.

Splits of 3 for 2 and of 1 for 7: most counts of old shares are no whole count of new ones.
"""

from __future__ import annotations

import datetime
import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest
from deals import head
from draws import crossed
from fillings.base import Answer, Filling, once
from fillings.typed import typed
from offices import office_too

from xladdin.errors import InputError
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

BEFORE: Final = datetime.date(2026, 8, 7)
AFTER: Final = datetime.date(2026, 8, 10)
"""Sessions on both sides of the split."""

RATIOS: Final = {"3 for 2": Fraction(2, 3), "1 for 7": Fraction(7)}
"""Old shares for each new one."""

SPLIT: Final = """
[[actions]]
source = "charter amendment"
kind = "split"
date = 2026-08-10
ratio = {}
"""
AGREEMENT: Final = """
[agreements.SALES]
source = "s. 1"
agents = ["One & Co."]
capacity_shares = 1_000_000
rate = 0.03
"""
"""A capacity of 1,500,000 shares after 3 for 2, and of 142,857 and a seventh after 1 for 7."""


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    forget()


@pytest.fixture(params=RATIOS)
def ratio(request: pytest.FixtureRequest) -> Fraction:
    found: Fraction = RATIOS[request.param]
    return found


def deal(tmp_path: Path, text: str, ratio: Fraction) -> str:
    name = "SPLIT-1"
    path = tmp_path / f"{name}.toml"
    path.write_text(
        head(name) + text + SPLIT.format(ratio if ratio.denominator == 1 else f'"{ratio}"'), "utf-8"
    )
    offer(read_terms(path), path)
    return name


def sales(*counts: tuple[datetime.date, int]) -> list[dict[str, Any]]:
    return [{"Date": day, "Shares": count, "Price": 1.25} for day, count in counts]


def rest(old: int, ratio: Fraction) -> int:
    """The whole new shares that are left of the capacity after so many old ones."""
    return math.floor((1_000_000 - old) / ratio)


OLD: Final = (999_992, 333_331, 100_001)
"""Shares sold before the split."""


class TestReporting:
    """Sales of many rows, their sum, what is left, and earnings a share."""

    def filled(self, tmp_path: Path, ratio: Fraction, rows: list[dict[str, Any]]) -> Answer:
        template = once("reporting", select(deal(tmp_path, AGREEMENT, ratio)), "Sales")
        ends = {
            "Period_end": datetime.date(2026, 9, 30),
            "Quarter_before": datetime.date(2026, 6, 30),
            "Year_before": datetime.date(2025, 12, 31),
        }
        opening = [{"Date": datetime.date(2025, 12, 31), "Issued": 10_000_000}]
        return template.compute(Filling(dict(ends), rows, typed(template, "Shares", opening)))

    @pytest.mark.sample(1)
    def test_rows_add_up_unrounded(self, tmp_path: Path, ratio: Fraction) -> None:
        rows = sales(*[(BEFORE, 10)] * 11, *[(BEFORE, 11)] * 7, (AFTER, 5))
        answer = self.filled(tmp_path, ratio, rows)
        assert answer.failing() == []
        exact = Fraction(10 * 11 + 11 * 7) / ratio + 5
        assert exact.denominator > 1
        gross = Fraction("1.25") * (110 + 77 + 5)
        for row, right in ((9, exact), (10, gross), (11, gross / exact)):
            for column in "BH":  # of the quarter, by the add-in and in plain Excel
                assert answer.at("Periods", f"{column}{row}") == pytest.approx(
                    float(right), rel=1e-12
                )
        # 55 days of the quarter's 92 count for what was sold on 7 August, 52 for 10 August.
        weighted = Fraction(10_000_000) / ratio
        weighted += Fraction(187) / ratio * Fraction(55, 92) + 5 * Fraction(52, 92)
        assert answer.named("Quarter_weighted") == pytest.approx(float(weighted), rel=1e-12)

    @pytest.mark.sample(2)
    @pytest.mark.parametrize("old", OLD)
    def test_what_is_left_may_be_sold_and_no_share_more(
        self, tmp_path: Path, ratio: Fraction, old: int
    ) -> None:
        # Row by row, each of which would have lost a part of a share.
        parts = [old // 8] * 7
        rows = sales(*((BEFORE, one) for one in [*parts, old - sum(parts)]))
        left = rest(old, ratio)
        answer = self.filled(tmp_path, ratio, rows)
        assert answer.failing() == []
        assert [answer.at("Periods", f"{column}15") for column in "BH"] == [left, left]
        full = self.filled(tmp_path, ratio, [*rows, *sales((AFTER, left))])
        assert full.failing() == []
        above = self.filled(tmp_path, ratio, [*rows, *sales((AFTER, left + 1))])
        assert above.column("Remark")[8] == "Failure: More shares than may be sold in all"

    @pytest.mark.sample(1)
    def test_all_old_shares_may_be_sold(self, tmp_path: Path, ratio: Fraction) -> None:
        answer = self.filled(tmp_path, ratio, sales((BEFORE, 333_333), (BEFORE, 666_667)))
        assert answer.failing() == []
        above = self.filled(tmp_path, ratio, sales((BEFORE, 333_333), (BEFORE, 666_668)))
        assert above.column("Remark")[1] == "Failure: More shares than may be sold in all"


class TestPlacements:
    """The log of one agreement."""

    @pytest.mark.sample(2)
    @pytest.mark.parametrize("old", OLD)
    def test_what_is_left_may_be_sold_and_no_share_more(
        self, tmp_path: Path, ratio: Fraction, old: int
    ) -> None:
        template = once("placements", select(deal(tmp_path, AGREEMENT, ratio)), "Placements")
        left = rest(old, ratio)
        rows = sales((BEFORE, old // 2), (BEFORE, old - old // 2))
        answer = template.compute(Filling({}, rows))
        assert answer.failing() == []
        assert answer.column("Capacity left")[1] == left
        assert answer.named("Capacity_left") == left
        assert answer.named("Shares_total") == pytest.approx(float(old / ratio), rel=1e-14)
        full = template.compute(Filling({}, [*rows, *sales((AFTER, left))]))
        assert full.failing() == []
        assert full.named("Capacity_left") == 0
        above = template.compute(Filling({}, [*rows, *sales((AFTER, left + 1))]))
        assert above.column("Remark")[2] == "Failure: More shares than may be sold in all"


WARRANTS: Final = (
    AGREEMENT.replace('["One & Co."]', '["One & Co.", "Two LLC"]')
    + """
[agreements.SALES.warrants]
source = "s. 2"
rate = 0.08
exercise_multiple = 1.3
rounding = "{}"
counted = "{}"
[limits]
source = "s. 3"
warrant_cap = 0.08
"""
)


class TestWarrants:
    """Warrants of 8% of the shares sold, at 130% of their price: all in shares after the split."""

    SOLD: Final = (
        (BEFORE, 1_005, Fraction("4.04")),
        (BEFORE, 333, Fraction("4.1")),
        (AFTER, 77, Fraction("4.5")),
    )

    @pytest.mark.parametrize("office", [False, pytest.param(True, marks=office_too)])
    @pytest.mark.parametrize(
        ("rounding", "counted"), crossed(("down", "up"), ("total", "placement"))
    )
    def test_rows_and_totals(
        self, tmp_path: Path, ratio: Fraction, rounding: str, counted: str, *, office: bool
    ) -> None:
        whole = math.floor if rounding == "down" else math.ceil
        name = deal(tmp_path, WARRANTS.format(rounding, counted), ratio)
        template = once("placements", select(name), "Placements")
        rows = [
            {"Date": day, "Shares": count, "Price": float(price)} for day, count, price in self.SOLD
        ]
        factors = [ratio if day < AFTER else Fraction(1) for day, _, _ in self.SOLD]
        sold = [count / by for (_, count, _), by in zip(self.SOLD, factors, strict=True)]
        earned = [
            whole(Fraction("0.08") * count) / by
            for (_, count, _), by in zip(self.SOLD, factors, strict=True)
        ]
        if counted == "total":
            to_date = [
                Fraction(whole(Fraction("0.08") * math.ceil(sum(sold[:row])))) for row in range(4)
            ]
            earned = [new - old for old, new in itertools.pairwise(to_date)]
        for explained in (1, 3):
            answer = template.compute(
                Filling({"Explained_placement": explained}, rows), office=office
            )
            assert answer.failing() == []
        for heading in ("Warrants", "Plain warrants"):
            found = answer.column(heading)[:3]
            assert found == pytest.approx(list(map(float, earned)), rel=1e-12)
        for heading in ("Exercise price", "Plain exercise price"):
            right = [
                float(Fraction("1.3") * price * by)
                for (_, _, price), by in zip(self.SOLD, factors, strict=True)
            ]
            assert answer.column(heading)[:3] == pytest.approx(right, rel=1e-12)
        gross = sum(count * price for _, count, price in self.SOLD)
        for total, exact in (
            ("Gross_total", gross),
            ("Shares_total", sum(sold)),
            ("Warrants_total", sum(earned)),
            ("Exercise_price_overall", Fraction("1.3") * gross / sum(sold)),
        ):
            assert answer.named(total) == pytest.approx(float(exact), rel=1e-12), total
        assert answer.at("Agents", "B8") == pytest.approx(float(sum(sold)), rel=1e-12)

    def test_before_the_split_they_are_in_old_shares(self, tmp_path: Path, ratio: Fraction) -> None:
        name = deal(tmp_path, WARRANTS.format("down", "total"), ratio)
        selection = select(f"{name}@{BEFORE}")
        template = once("placements", selection, "Placements")
        answer = template.compute(Filling({}, sales((BEFORE, 1_005), (AFTER, 10))))
        assert answer.failing() == []
        exact = 1_005 + 10 * ratio
        assert answer.named("Shares_total") == pytest.approx(float(exact), rel=1e-12)
        assert answer.named("Warrants_total") == math.floor(Fraction("0.08") * math.ceil(exact))


class TestCapacity:
    """The function takes what a split has made of the shares sold."""

    def test_parts_of_shares(self, tmp_path: Path, ratio: Fraction) -> None:
        terms = deal(tmp_path, AGREEMENT, ratio)
        call = FUNCTIONS["CEO_CAPACITY"].call
        for old in (*OLD, 0, 1_000_000):
            assert call([float(old / ratio), None, terms]) == rest(old, ratio)
        with pytest.raises(InputError) as caught:
            call([float(1_000_001 / ratio), None, terms])
        assert (caught.value.code, caught.value.argument) == ("#NUM!", "sold")

    def test_without_a_split_they_are_refused(self) -> None:
        call = FUNCTIONS["CEO_CAPACITY"].call
        assert call([2, None, "CIK886128-SHARES"]) == 94_999_998
        with pytest.raises(InputError) as caught:
            call([1.5, None, "CIK886128-SHARES"])
        assert caught.value.code == "#NUM!"


LINE: Final = """
[agreements.LINE]
source = "s. 1"
capacity = 10_000_000

[caps.line]
source = "s. 4"
kind = "issue"
rate = 0.1999
base = 10_411_522
inclusive = {}
"""


class TestEquityline:
    """A cap of 2,081,263 old shares and a part of one, 19.99% of 10,411,522; a holder's limit."""

    REACHED: Final = Fraction("0.1999") * 10_411_522

    def filled(
        self, tmp_path: Path, ratio: Fraction, rows: list[dict[str, Any]], **more: Any
    ) -> Answer:
        text = LINE.format(str(more.pop("inclusive", True)).lower())
        template = once("equityline", select(deal(tmp_path, text, ratio)), "Advances")
        cells = {"Line_outstanding": None, "Sensitivity_amount": None} | more
        return template.compute(Filling(cells, rows))

    @pytest.mark.sample(3)
    @pytest.mark.parametrize("inclusive", [True, False])
    def test_the_cap(self, tmp_path: Path, ratio: Fraction, inclusive: bool) -> None:
        most = math.floor(self.REACHED)  # of old shares, which do not make up the cap
        rows = [{"Date": BEFORE, "Amount": 2 * (most - 5), "Price": 2}]
        rows.append({"Date": BEFORE, "Amount": 10, "Price": 2})
        answer = self.filled(tmp_path, ratio, rows, inclusive=inclusive)
        assert answer.failing() == []
        exact = most / ratio
        assert answer.column("Issued to date")[1] == pytest.approx(float(exact), rel=1e-14)
        reached = self.REACHED / ratio
        counted = math.floor(reached) if inclusive else math.ceil(reached) - 1
        left = max(0, counted - math.ceil(exact))
        for heading in ("Left under the cap", "Plain left under the cap"):
            assert answer.column(heading)[1] == left
        assert answer.named("Issued_total") == math.ceil(exact)
        assert answer.named("Average_paid") == pytest.approx(float(2 * ratio), rel=1e-12)
        rows[1]["Amount"] = 12
        above = self.filled(tmp_path, ratio, rows, inclusive=inclusive)
        assert above.column("Remark")[1] == "Failure: More shares than the cap allows"

    def test_the_ownership_limit(self, tmp_path: Path, ratio: Fraction) -> None:
        outstanding, held = 1_000_003, 40_001
        limit = Fraction("0.0999")
        room = limit * outstanding - held / ratio
        most = math.floor(room / (1 - limit) * ratio)  # of old shares
        assert (most / ratio).denominator > 1
        cells = {"Line_outstanding": outstanding, "Ownership_limit": float(limit)}
        row = {"Date": BEFORE, "Amount": 2 * most, "Price": 2, "Held before": held}
        answer = self.filled(tmp_path, ratio, [row], **cells)
        assert answer.failing() == []
        left = math.floor((limit * outstanding - math.ceil(held / ratio)) / (1 - limit))
        assert answer.column("Ownership limit leaves")[0] == left
        row["Amount"] = 2 * (most + 1)
        above = self.filled(tmp_path, ratio, [row], **cells)
        words = "Failure: More shares than the ownership limit leaves"
        assert above.column("Remark")[0] == words
