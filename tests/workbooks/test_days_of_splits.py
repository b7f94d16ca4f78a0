"""Workbooks of a deal on a day before its last split: functions beside their plain-Excel checks."""

from __future__ import annotations

import datetime
import io
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from deals import head
from draws import crossed
from fillings.base import Filling, Template
from fillings.typed import typed
from oracles import deals as oracle
from oracles.contract import SESSIONS
from paths import DATA

from xladdin.building.render import render
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer
from xladdin.workbooks.reporting.headings import SOLD

DAY = datetime.date
SPLITS: Final = [(DAY(2024, 3, 8), Fraction(23)), (DAY(2024, 12, 24), Fraction(20))]
"""Splits of CANOO-2022, old shares for each new one."""

AROUND: Final = ("2024-03-07", "2024-03-08", "2024-12-23", "2024-12-24")
"""The last day before each split, and its first."""


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    forget()


class TestReporting:
    """Sales and changes of shares on both sides of both splits."""

    SOLD: Final = [
        (DAY(2024, 2, 1), 46_007),
        (DAY(2024, 3, 7), 2_300),
        (DAY(2024, 3, 8), 101),
        (DAY(2024, 12, 23), 1_020),
        (DAY(2024, 12, 24), 7),
        (DAY(2024, 12, 30), 13),
    ]
    CHANGES: Final = [
        (DAY(2023, 12, 1), 1_000_000_000),
        (DAY(2024, 3, 7), 4_600),
        (DAY(2024, 3, 8), 300),
        (DAY(2024, 12, 24), 50),
    ]

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("day", AROUND)
    def test_shares_are_those_of_the_day(self, day: str) -> None:
        template = Template("reporting", select(f"CANOO-2022@{day}"), "Sales")
        rows = [{"Date": when, "Shares": count, "Price": 1.25} for when, count in self.SOLD]
        changes = [{"Date": when, "Issued": count} for when, count in self.CHANGES]
        cells: dict[str, Any] = dict.fromkeys(
            ("Compared_end", "Compared_quarter_before", "Compared_year_before")
        )
        cells |= {
            "Period_end": DAY(2024, 12, 31),
            "Quarter_before": DAY(2024, 9, 30),
            "Year_before": DAY(2023, 12, 31),
        }
        others = typed(template, "Shares", changes) | typed(template, "Securities", [])
        answer = template.compute(Filling(cells, rows, others))
        assert answer.failing() == []
        stands = DAY.fromisoformat(day)
        in_shares = [
            count
            * math.prod(r for at, r in SPLITS if at > stands)
            / math.prod(r for at, r in SPLITS if at > when)
            for when, count in self.SOLD
        ]
        assert answer.column(SOLD)[: len(rows)] == pytest.approx(
            list(map(float, in_shares)), rel=1e-14
        )
        weighted = oracle.weighted_shares(
            [*self.CHANGES, *self.SOLD], DAY(2024, 1, 1), DAY(2024, 12, 31), SPLITS, stands
        )
        assert answer.named("Year_weighted") == pytest.approx(float(weighted), rel=1e-12)

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("day", ["@2024-05-19", "@2024-05-20", ""])
    def test_illustrative_counts_are_in_shares_of_their_day(self, day: str) -> None:
        path = DATA / "HALCYON-2024.toml"
        offer(read_terms(path), path)
        template = Template("reporting", select(f"HALCYON-2024{day}"), "Sales")
        answer = template.compute(Filling(rows=[]))
        outstanding = 20_000_000  # of 5 January 2024, and 4 old for 1 new from 20 May 2024
        sheet = template.workbook["Shares"]
        assert [sheet[cell].value for cell in ("A5", "C5", "A6", "C6")] == [
            *(DAY(2023, 12, 31), outstanding),
            *(DAY(2024, 1, 30), outstanding // 1000),
        ]
        assert answer.named("Past_quarter_shares") == outstanding
        assert answer.named("Past_year_shares") == outstanding
        assert answer.named("Past_year_diluted") == outstanding + outstanding // 50
        in_shares = 1 if day == "@2024-05-19" else 4
        assert answer.named("Compared_quarter_weighted") == outstanding // in_shares
        weighted = Fraction(outstanding, in_shares) * (1 + Fraction(62, 91) / 1000)
        assert answer.named("Quarter_weighted") == pytest.approx(float(weighted), rel=1e-12)


class TestEquityline:
    """Prices of a line whose quotations are as traded, or adjusted; its split is of 1 Feb 2024."""

    @pytest.mark.parametrize(
        ("day", "adjusted"), crossed(("2024-01-31", "2024-02-01"), (False, True))
    )
    def test_quotations_on_both_sides(self, tmp_path: Path, day: str, adjusted: bool) -> None:
        path = tmp_path / "SIDES.toml"
        text = (DATA / "LINE-2023.toml").read_text(encoding="utf-8").replace("LINE-2023", "SIDES")
        if adjusted:
            text = text.replace("document_date", 'quotes_are = "adjusted"\ndocument_date', 1)
        path.write_text(text, encoding="utf-8")
        offer(read_terms(path), path)
        template = Template("equityline", select(f"SIDES@{day}"), "Advances")
        at = SESSIONS.index(DAY(2024, 1, 31))
        days = SESSIONS[at - 14 : at + 6]
        quotes = {when: 8 + number / 8 for number, when in enumerate(days)}
        events = (DAY(2024, 1, 31), DAY(2024, 2, 5))
        filling = Filling({"Line_outstanding": None})
        for event in events:
            filling.rows.append(
                {"Date": event, "Formula": "regular", "Issue date": event, "Amount": 1000}
            )
        for number in range(25):
            when = days[number] if number < len(days) else None
            filling.others["Quotations", f"A{5 + number}"] = when
            for letter in "BC":
                filling.others["Quotations", f"{letter}{5 + number}"] = when and quotes[when]
            for letter in "DE":
                filling.others["Quotations", f"{letter}{5 + number}"] = None
        answer = template.compute(filling)
        assert answer.failing() == []
        table = [["Date", "Low", "Close"], *([when, one, one] for when, one in quotes.items())]
        for row, event in enumerate(events):
            exact = oracle.price(
                {
                    "legs": [
                        {"kind": "series", "of": "low", "multiple": "1", "from": 0, "to": 0},
                        {"kind": "series", "of": "close", "multiple": "1", "from": -10}
                        | {"to": -1, "lowest": 3},
                    ]
                },
                {"low": quotes, "close": quotes},
                event,
                None,
                [(DAY(2024, 2, 1), Fraction(4))],
                DAY.fromisoformat(day),
                adjusted=adjusted,
            )
            called = FUNCTIONS["DEAL_PRICE"].call(["regular", table, event, None, f"SIDES@{day}"])
            assert called == pytest.approx(float(exact), rel=1e-15)
            assert answer.column("Price")[row] == pytest.approx(float(exact), rel=1e-15)
            assert answer.column("Plain price")[row] == answer.column("Price")[row]


DEBENTURE: Final = (
    head("FLOATS", "2022-01-03")
    + """quotes_are = "{quotes}"

[prices.debenture]
source = "s. 1"
[[prices.debenture.legs]]
source = "s. 1"
kind = "series"
of = "market value"
multiple = 1.2
from = -2
to = -1
anchor = "issue"
[[prices.debenture.legs]]
source = "s. 2"
kind = "series"
of = "closing bid"
multiple = 0.9
from = -4
to = -1
lowest = 2
after_days = 30

[[instruments]]
source = "s. 3"
key = "debenture_1"
kind = "note"
principal = 1_000_000
formula = "debenture"
due = "May 2024"
status = "outstanding"

[[actions]]
source = "8-K of 1 April 2022, p. 2"
kind = "split"
date = 2022-04-01
ratio = 10
"""
)


class TestFloating:
    """Conversions of a debenture around the deal's split."""

    @pytest.mark.parametrize(
        ("day", "quotes"), crossed(("2022-03-31", "2022-04-01"), ("adjusted", "as traded"))
    )
    def test_quotations_on_both_sides(self, tmp_path: Path, day: str, quotes: str) -> None:
        path = tmp_path / "FLOATS.toml"
        path.write_text(DEBENTURE.format(quotes=quotes), encoding="utf-8")
        offer(read_terms(path), path)
        template = Template("floating", select(f"FLOATS@{day}"), "Quotes")
        issue, converted = DAY(2022, 2, 1), DAY(2022, 4, 5)
        at, to = SESSIONS.index(issue), SESSIONS.index(converted)
        days = [*SESSIONS[at - 3 : at + 1], *SESSIONS[to - 6 : to + 1]]
        bids = {when: 40 + number / 4 for number, when in enumerate(days)}
        if quotes == "as traded":
            bids = {
                when: bid * (10 if when >= DAY(2022, 4, 1) else 1) for when, bid in bids.items()
            }
        rows = [{"Date": when, "Closing bid": bid} for when, bid in bids.items()]
        cells = {"Issue_date": issue, "Conversion_date": converted}
        answer = template.compute(Filling(cells, rows))
        assert answer.failing() == []
        exact = oracle.price(
            {
                "legs": [
                    {"kind": "series", "of": "closing bid", "multiple": "1.2", "anchor": "issue"}
                    | {"from": -2, "to": -1},
                    {"kind": "series", "of": "closing bid", "multiple": "0.9", "after_days": 30}
                    | {"from": -4, "to": -1, "lowest": 2},
                ]
            },
            {"closing bid": bids},
            converted,
            issue,
            [(DAY(2022, 4, 1), Fraction(10))],
            DAY.fromisoformat(day),
            adjusted=quotes == "adjusted",
        )
        assert answer.named("Conversion_price") == pytest.approx(float(exact), rel=1e-14)


def test_a_figure_is_carried_to_a_day_after_that_of_the_deal() -> None:
    """A day that the call names holds: the deal's own is for calls without one."""
    call = FUNCTIONS["SPLIT_ADJUSTED"].call
    since, until = DAY(2023, 1, 3), DAY(2024, 3, 8)
    assert call([2.15, since, until, "price", "CANOO-2022@2024-03-07"]) == 49.45
    assert call([2.15, since, None, "price", "CANOO-2022@2024-03-07"]) == 2.15
    assert call([2.15, since, None, "price", "CANOO-2022@2024-03-08"]) == 49.45


def test_steps_over_splits_cite_the_actions() -> None:
    actions = select("CANOO-2022").deal.actions
    cited = [one.sources["ratio"] for one in actions if one.kind == "split"]
    assert all(len(source) > 5 for source in cited)
    steps = FUNCTIONS["SPLIT_ADJUSTED"].explain([2.15, DAY(2023, 1, 3), None, None, "CANOO-2022"])
    assert [step.source for step in steps if step.label.startswith("Split of")] == cited
    assert steps[-1].source == ", ".join(cited)
    changes = [[DAY(2022, 1, 3), 46_000]]
    steps = FUNCTIONS["WEIGHTED_SHARES"].explain(
        [changes, DAY(2024, 1, 1), DAY(2024, 12, 31), "CANOO-2022"]
    )
    (carried,) = [step for step in steps if "after splits" in step.label]
    assert carried.source == ", ".join(dict.fromkeys(cited))
    rows = [["Date", "VWAP"], [DAY(2024, 3, 7), 0.1]]
    steps = FUNCTIONS["DEAL_PRICE"].explain(
        ["first", rows, DAY(2024, 3, 8), DAY(2024, 3, 8), "CANOO-2022"]
    )
    (split,) = [step for step in steps if step.label.startswith("Split of")]
    assert split.source == cited[0]


def test_two_splits_of_one_day_stand_on_terms(tmp_path: Path) -> None:
    text = (DATA / "POOLED-2024.toml").read_text(encoding="utf-8").replace("POOLED-2024", "TWICE-1")
    day = (
        '\n[[actions]]\nsource = "made up"\nkind = "split"\ndate = 2024-07-01\nratio = "{ratio}"\n'
    )
    path = tmp_path / "TWICE-1.toml"
    path.write_text(text + day.format(ratio="1/3"), encoding="utf-8")
    offer(read_terms(path), path)
    rendered = render("reporting", select("TWICE-1"))
    assert rendered.checks_ok, rendered.failures
    sheet = openpyxl.load_workbook(io.BytesIO(rendered.data), data_only=True)["Terms"]
    shown = [
        [cell.value for cell in row] for row in sheet if str(row[1].value).startswith("Split ")
    ]
    assert [row[3] for row in shown] == [8, pytest.approx(1 / 3, rel=1e-15)]
    assert [row[5] for row in shown] == [pytest.approx(8 / 3, rel=1e-15)] * 2
    assert [row[7] for row in shown] == [True, True]


FLOORS: Final = (
    (DAY(2022, 7, 20), Fraction(1)),
    (DAY(2023, 1, 24), Fraction(1, 2)),
    (DAY(2023, 10, 5), Fraction(1, 10)),
)
"""Floors of CANOO-2022, in shares before its splits."""


def test_illustrative_quotations_are_as_traded_on_their_day() -> None:
    """Canoo's floors of 1.00, 0.50 and 0.10 became 46 over the splits of 23 and 20 for 1."""
    rendered = render("equityline", select("CANOO-2022"))
    book = openpyxl.load_workbook(io.BytesIO(rendered.data), data_only=True)
    headings = [cell.value for cell in book["Advances"][4]]
    rows = [
        dict(zip(headings, (cell.value for cell in row), strict=True))
        for row in book["Advances"].iter_rows(5, 16)
    ]
    priced = [row for row in rows if row["Formula"] != "prepaid"]
    assert len(priced) == 6
    for row in priced:
        day = row["Date"].date()
        floor = next(value for since, value in reversed(FLOORS) if since <= day)
        for since, ratio in SPLITS:
            floor *= ratio if since <= day else 1
        assert row["Price"] > floor, row["Date"]
