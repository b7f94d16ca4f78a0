"""SETTLEMENT_DATE: delivery in sessions of the exchange, or in those that are no bank holidays."""

from __future__ import annotations

import datetime
import random
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from deals import head
from fillings.base import Filling, Template
from oracles import deals as oracle
from oracles.contract import SESSIONS

from xladdin import calendars
from xladdin.building.render import write
from xladdin.cells import serial_of
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.errors import InputError, TermsError
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

DAY = datetime.date
TEXT: Final = (
    head("SETTLES", "{year}-03-15")
    + """
[agreements.BANKS]
source = "s. 1"
title = "Sales Agreement"
dated = {year}-03-15
capacity = 75_000_000
rate = 0.03
expense_reimbursement = 50_000
delivery_sessions = {{ value = 2, source = "s. 3(b)" }}
delivery_calendar = "settlement days"
standstill_before = 1
standstill_after = 1

[agreements.EXCHANGE]
source = "s. 1"
capacity = 1_000_000
rate = 0.03
delivery_sessions = 2

[agreements.NEITHER]
source = "s. 1"
capacity = 1_000_000
"""
)
CALL: Final = FUNCTIONS["SETTLEMENT_DATE"].call


@pytest.fixture(autouse=True)
def _settles(tmp_path: Path) -> Iterator[None]:
    text = TEXT.format(year=2022)
    # Of the second deal, the first agreement alone, which has what a log of placements needs.
    whole = text.partition("[agreements.EXCHANGE]")[0].replace("SETTLES", "LOGGED")
    for name, one in (("SETTLES", text), ("LOGGED", whole)):
        path = tmp_path / f"{name}.toml"
        path.write_text(one, encoding="utf-8")
        offer(read_terms(path), path)
    yield
    forget()


@pytest.mark.parametrize(
    ("sold", "with_banks", "sessions_alone"),
    [
        # Columbus Day 2022 is 10 October: what was traded on it settled with the Friday before.
        (DAY(2022, 10, 6), DAY(2022, 10, 11), DAY(2022, 10, 10)),
        (DAY(2022, 10, 7), DAY(2022, 10, 12), DAY(2022, 10, 11)),
        (DAY(2022, 10, 10), DAY(2022, 10, 12), DAY(2022, 10, 12)),
        (DAY(2022, 10, 8), DAY(2022, 10, 12), DAY(2022, 10, 11)),
        # Good Friday 2022 is 15 April: banks are open, the exchange is not.
        (DAY(2022, 4, 13), DAY(2022, 4, 18), DAY(2022, 4, 18)),
        # Veterans Day 2023 is a Saturday, 2018 a Sunday.
        (DAY(2023, 11, 9), DAY(2023, 11, 13), DAY(2023, 11, 13)),
        (DAY(2018, 11, 8), DAY(2018, 11, 13), DAY(2018, 11, 12)),
    ],
)
def test_days_around_bank_holidays(sold: DAY, with_banks: DAY, sessions_alone: DAY) -> None:
    assert CALL([sold, "SETTLES"]) == with_banks
    assert CALL([sold, "SETTLES/EXCHANGE"]) == sessions_alone
    steps = FUNCTIONS["SETTLEMENT_DATE"].explain([sold, "SETTLES"])
    assert steps[-1].result == with_banks
    assert (steps[1].result, steps[1].source) == (2, "s. 3(b)")
    assert "bank holidays" in steps[1].label


def test_the_calendar_of_banks() -> None:
    both = calendars.settlement_calendar("XNYS")
    sessions = set(SESSIONS)
    for year in range(both.first_year, SESSIONS[-1].year + 1):
        closed = {day for day in oracle.bank_holidays(year) if day in sessions}
        own = {day for day in sessions if day.year == year}
        assert set(both.sessions(year)) == own - closed, year


def test_random_days() -> None:
    rng = random.Random(20011101)
    for _ in range(300):
        sold = DAY(2000, 1, 3) + datetime.timedelta(rng.randint(0, 10_000))
        for key, banks in (("BANKS", True), ("EXCHANGE", False)):
            at = bisect_left(SESSIONS, sold)
            expected = oracle.settlement_date(sold, 2, SESSIONS[at : at + 9], banks=banks)
            assert CALL([sold, f"SETTLES/{key}"]) == expected, (sold, key)


def test_a_range_of_days() -> None:
    days = [[float(serial_of(DAY(2022, 10, 6)))], [float(serial_of(DAY(2022, 10, 7)))]]
    found = FUNCTIONS["SETTLEMENT_DATE"].evaluate([days, "SETTLES"])
    assert found == [[float(serial_of(DAY(2022, 10, 11)))], [float(serial_of(DAY(2022, 10, 12)))]]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([DAY(2022, 10, 6), "SETTLES/NEITHER"], "#REF!"),
        ([DAY(2022, 10, 6), "CDIO-2023"], "#REF!"),
        ([DAY(1998, 12, 31), "SETTLES"], "#NUM!"),
        ([DAY(2100, 12, 31), "SETTLES"], "#NUM!"),
        ([None, "SETTLES"], "#NUM!"),
        ([True, "SETTLES"], "#VALUE!"),
    ],
)
def test_what_is_refused(arguments: list[Any], code: str) -> None:
    with pytest.raises(InputError) as caught:
        CALL(arguments)
    assert caught.value.code == code


def test_a_document_from_before_the_calendar_of_banks(tmp_path: Path) -> None:
    path = tmp_path / "SETTLES.toml"
    path.write_text(TEXT.format(year=1999), encoding="utf-8")
    with pytest.raises(TermsError, match="bank holidays are known from 1999 on") as caught:
        read_terms(path)
    assert caught.value.key == "agreements.BANKS.delivery_calendar"


@pytest.mark.parametrize("office", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_log_of_placements(office: bool) -> None:
    template = Template("placements", select("LOGGED"), "Placements")
    days = [DAY(2022, 10, 6), DAY(2022, 10, 7), DAY(2022, 10, 10), DAY(2023, 11, 9)]
    rows = [{"Date": day, "Shares": 1000, "Price": 4.04} for day in days]
    if office:
        with libreoffice.session():
            answer = template.compute(Filling(rows=rows), office=True)
    else:
        answer = template.compute(Filling(rows=rows))
    assert answer.failing() == []
    settled = [
        serial_of(
            oracle.settlement_date(day, 2, SESSIONS[bisect_left(SESSIONS, day) :], banks=True)
        )
        for day in days
    ]
    assert answer.column("Settlement")[:4] == settled
    assert answer.column("Plain settlement")[:4] == settled


def test_workbooks_without_such_a_delivery_list_the_exchange_alone() -> None:
    named = write("placements", select("NEOT-2001")).workbook.defined_names
    assert "Closures" in named
    assert "No_settlement" not in named
    assert "No_settlement" in write("placements", select("LOGGED")).workbook.defined_names
