"""placements.xlsx: a row says in words what is wrong or odd, and valid input never fails."""

from __future__ import annotations

import datetime
import itertools
import math
import operator
from collections.abc import Iterator
from fractions import Fraction
from functools import reduce
from pathlib import Path
from typing import Any, Final

import pytest
from deals import head
from draws import first
from fillings.base import Answer, Filling, Template, notice_cell
from offices import BY_BOTH
from openpyxl.utils import get_column_letter
from oracles import contract
from paths import DATA

from xladdin.cells import CellError
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

DAY: Final = datetime.date(2001, 11, 6)


@pytest.fixture(scope="module")
def log() -> Iterator[Template]:
    with libreoffice.session():
        yield Template("placements", select(), "Placements")


def row(day: Any = DAY, shares: Any = 1000, price: Any = 4.04) -> dict[str, Any]:
    return {"Date": day, "Shares": shares, "Price": price}


def fill(log: Template, *rows: dict[str, Any], engine: str = "embedded", **cells: Any) -> Answer:
    others = {tuple(where.split("!")): value for where, value in cells.pop("others", {}).items()}
    return log.compute(Filling(cells, list(rows), others), office=engine == "libreoffice")


def remarks(answer: Answer) -> list[str]:
    """The remarks of the rows, blank ones left out."""
    return [str(value) for value in answer.column("Remark") if value]


@pytest.mark.parametrize("engine", BY_BOTH)
def test_sales_of_exactly_the_capacity(log: Template, engine: str) -> None:
    sales = ((50_000, 5.22), (700_000, 6.47), (1_400_000, 3.43), (1_600_000, 9.63))
    answer = fill(log, *(row(shares=shares, price=price) for shares, price in sales), engine=engine)
    assert answer.failing() == []
    assert answer.holds()
    assert answer.named("Capacity_left") == 0
    assert answer.named("Commission_total") == pytest.approx(900_000, abs=1e-9)
    over = fill(log, *(row(shares=shares, price=price) for shares, price in sales), row(price=1e-5))
    assert not over.holds()
    assert remarks(over) == ["Failure: Above the capacity of the agreement"]
    assert over.column("Commission")[4] == CellError("#NUM!")
    assert answer.column("Agrees")[3] in (True, 1.0)
    assert over.column("Agrees")[4] in (False, 0.0)


@pytest.mark.long
@pytest.mark.parametrize("engine", BY_BOTH)
def test_a_log_of_billions_may_be_off_by_what_its_running_sum_is(
    tmp_path: Path, engine: str
) -> None:
    """Sales that fill the agreement to the cent fill it, and one cent more is above it."""
    capacity = Fraction("30000000000.01")
    path = tmp_path / "BILLIONS.toml"
    text = (DATA / "ODD-CENTS.toml").read_text("utf-8")
    text = text.replace("1_000_000_000.01", "30_000_000_000.01")
    path.write_text(text.replace('"ODD-CENTS"', '"BILLIONS"'), "utf-8")
    rest = capacity - 19 * 1_857_777 * Fraction("849.37")
    sales = [*((1_857_777, 849.37),) * 19, (1, float(rest))]
    added = reduce(operator.add, (shares * price for shares, price in sales))
    assert abs(Fraction(added) - capacity) > Fraction("0.00001")
    offer(read_terms(path), path)
    try:
        with libreoffice.session():
            log = Template("placements", select("BILLIONS/FLAT"), "Placements")
            rows = [row(datetime.date(2019, 6, 3), *sale) for sale in sales]
            answer = fill(log, *rows, engine=engine)
            over = fill(log, *rows[:-1], rows[-1] | {"Price": float(rest) + 0.01}, engine=engine)
    finally:
        forget()
    assert answer.failing() == []
    assert answer.holds()
    assert answer.named("Capacity_left") == 0
    assert answer.errors("Placements") == []
    assert "Failure: Above the capacity of the agreement" in remarks(over)
    assert not over.holds()


@pytest.mark.sample(2)
@pytest.mark.parametrize("engine", BY_BOTH)
@pytest.mark.parametrize(
    "given",
    [
        [],
        [row(shares=0)],
        [{}, row()],
        [row(price=0.01, shares=1)],
        [row(datetime.datetime(2001, 11, 6, 16, 30))],
        [row(datetime.date(2009, 12, day)) for day in range(21, 32)],
        [row(datetime.date(2000, 1, 1))],
        [row(price=10 / 3), row(price=1.1 * 3), row(shares=0.1 * 3 * 10)],
    ],
    ids=[
        "blank",
        "no shares",
        "a gap",
        "a penny",
        "a time",
        "the last days",
        "the first day",
        "17 digits",
    ],
)
def test_valid_input_holds(log: Template, engine: str, given: list[dict[str, Any]]) -> None:
    answer = fill(log, *given, engine=engine)
    assert answer.failing() == []
    assert answer.holds()
    assert not any(text.startswith("Failure") for text in remarks(answer))


@pytest.mark.sample(1)
@pytest.mark.parametrize("engine", BY_BOTH)
@pytest.mark.parametrize(("missing", "blank"), [("Date", ""), ("Shares", None), ("Price", None)])
def test_a_half_typed_row_waits(log: Template, engine: str, missing: str, blank: Any) -> None:
    answer = fill(log, row() | {missing: blank}, row(), engine=engine)
    assert answer.holds()
    assert answer.named("Checks_Warnings") == 1
    assert answer.named("Gross_total") == 4040
    assert answer.named("Shares_total") == 1000
    assert answer.column("Remark")[0] == f"Warning: Missing: {missing.lower()}"


@pytest.mark.sample(3)
@pytest.mark.parametrize("engine", BY_BOTH)
@pytest.mark.parametrize(
    ("given", "words"),
    [
        (row("4 Feb 2002"), "Date not a date from 2000 to 2009"),
        (row(True), "Date not a date from 2000 to 2009"),
        (row(datetime.date(2010, 1, 1)), "Date not a date from 2000 to 2009"),
        (row(shares="40,000"), "Shares not a whole number from 0 to 1 trillion"),
        (row(shares=True), "Shares not a whole number from 0 to 1 trillion"),
        (row(shares=10.5), "Shares not a whole number from 0 to 1 trillion"),
        (row(shares=-1), "Shares not a whole number from 0 to 1 trillion"),
        (row(price="$2.80"), "Price not a number from 0.0000001 to 100 million"),
        (row(price="4.04"), "Price not a number from 0.0000001 to 100 million"),
        (row(price=0), "Price not a number from 0.0000001 to 100 million"),
        (row(price="#N/A"), "Price not a number from 0.0000001 to 100 million"),
    ],
)
def test_a_wrong_entry_is_named(
    log: Template, engine: str, given: dict[str, Any], words: str
) -> None:
    answer = fill(log, row(), given, row(), engine=engine)
    assert not answer.holds()
    assert answer.column("Remark")[1] == f"Failure: {words}"
    # A total that does not know all of its rows is none.
    assert isinstance(answer.named("Gross_total"), CellError)
    first, second = answer.failing()[:2]
    assert f"{words[0].lower()}{words[1:]}: 1.0 against 0.0" in first
    assert "1.0 against 0.0" not in second
    assert answer.column("Agrees")[:3] == [True, False, False]


@pytest.mark.long
@pytest.mark.parametrize("engine", BY_BOTH)
def test_a_date_before_any_above_is_named_whatever_the_order(log: Template, engine: str) -> None:
    for days in itertools.permutations((6, 7, 8)):
        rows = [row(datetime.date(2001, 11, day), 1000 + day) for day in days]
        answer = fill(log, *rows, engine=engine)
        odd = [day < max(days[: at + 1]) for at, day in enumerate(days)]
        assert answer.column("Before a placement above")[:3] == odd, days
        named = ["Warning: Before a placement above" if one else "" for one in odd]
        assert [text or "" for text in answer.column("Remark")[:3]] == named, days
        prior = [sum(1000 + day for day in days[:at]) * Fraction("4.04") for at in range(3)]
        assert answer.column("Prior gross")[:3] == pytest.approx([*map(float, prior)], abs=1e-9)


@pytest.mark.sample(2)
@pytest.mark.parametrize("engine", BY_BOTH)
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([row(shares=2_400_000), row(datetime.date(2001, 11, 5))], "Before a placement above"),
        ([row(), row(datetime.date(2001, 11, 11))], "Not on a session of the exchange"),
        (
            [row(), row(datetime.date(2001, 9, 12))],
            "Before a placement above (and 1 more)",
        ),
        ([row(datetime.date(2001, 6, 11)), row()], "Before the agreement"),
        ([row(), row()], "The same as another placement"),
        ([row(price=10 / 3), row(price=10 / 3)], "The same as another placement"),
    ],
)
def test_what_is_odd_is_named_and_holds(
    log: Template, engine: str, given: list[dict[str, Any]], words: str
) -> None:
    answer = fill(log, *given, engine=engine)
    assert answer.failing() == []
    assert answer.holds()
    assert f"Warning: {words}" in remarks(answer)
    # A placement in the days of September 2001 is out of order, and on no session besides.
    closed = any(item["Date"] == datetime.date(2001, 9, 12) for item in given)
    same = words.startswith("The same")
    assert answer.named("Checks_Warnings") == (2 if closed or same else 1)


@pytest.mark.parametrize("engine", BY_BOTH)
def test_prices_are_compared_where_day_and_shares_are_the_same(log: Template, engine: str) -> None:
    # As far as 15 digits show, 1000 shares are sold in each row but the second.
    sales = ((1000, 4.0), (2000, 4.0), (1000, 4.1), (math.nextafter(1000, 0), 4.0))
    answer = fill(log, *(row(shares=shares, price=price) for shares, price in sales), engine=engine)
    assert answer.holds()
    assert answer.column("Others")[:4] == [2, 0, 2, 2]
    assert answer.column("Alike")[:4] == [2, 0, 1, 2]
    assert [bool(text) for text in answer.column("Remark")[:4]] == [True, False, False, True]


@pytest.mark.sample(1)
@pytest.mark.parametrize("engine", BY_BOTH)
@pytest.mark.parametrize("count", [1, 12])
def test_entries_under_the_table_are_named(log: Template, engine: str, count: int) -> None:
    below = log.table.last_row + 1
    others = {
        f"Placements!{letter}{below + number // 3}": value
        for number, (letter, value) in enumerate([("B", DAY), ("C", 1000), ("D", 4.04)] * 4)
        if number < count
    }
    rows = [row(shares=1000 + number) for number in range(log.rows)]
    answer = fill(log, *rows, engine=engine, others=others)
    assert not answer.holds()
    assert answer.failing() == [
        f"Placements: cells filled under the table: {float(count)} against 0.0"
    ]
    notice = str(answer.at("Placements", notice_cell(log)))
    assert notice.startswith(f"Filled cells outside the table, in no total: {count}.")


@pytest.mark.parametrize("engine", BY_BOTH)
def test_entries_beside_the_table_and_above_what_is_typed_fail(log: Template, engine: str) -> None:
    beside = get_column_letter(len(log.table.columns) + 2)
    others = {f"Placements!{beside}30": 4.04, "Placements!B1": DAY, "Placements!C1": 1000}
    answer = fill(log, row(), engine=engine, others=others)
    line = "Placements: numbers beside the table, or above what is typed into it"
    assert answer.failing() == [f"{line}: 3.0 against 0.0"]
    assert not answer.holds()
    notice = str(answer.at("Placements", notice_cell(log)))
    assert notice.startswith("Filled cells outside the table, in no total: 1.")


def test_notes_around_the_table_hold(log: Template) -> None:
    beside = get_column_letter(len(log.table.columns) + 2)
    answer = fill(log, row(), others={f"Placements!{beside}30": "paid", "Placements!P1": 5})
    assert answer.failing() == []


@pytest.mark.parametrize("engine", BY_BOTH)
@pytest.mark.parametrize(
    "heading",
    first(["Commission", "No", "Gross", "Plain settlement", "Agrees", "Before the agreement"]),
)
def test_a_formula_typed_over_is_named(log: Template, engine: str, heading: str) -> None:
    """The value is right, and will not be once anything changes."""
    right: Any = fill(log, row()).column(heading)[0]
    right = float(right)  # LibreOffice reads TRUE as =TRUE()
    at = log.workbook["Placements"].cell(log.table.first_row + 1, log.columns[heading]).coordinate
    answer = fill(log, row(), engine=engine, others={f"Placements!{at}": right})
    assert not answer.holds()
    assert remarks(answer) == ["Failure: A formula typed over"]
    assert [line.partition(": 1.0")[0] for line in answer.failing()] == [
        "Placements, rows with: a formula typed over"
    ]


@pytest.mark.parametrize("engine", BY_BOTH)
def test_a_text_typed_over_a_figure_agrees_with_nothing(log: Template, engine: str) -> None:
    at = log.workbook["Placements"].cell(log.table.first_row + 1, log.columns["Warrants"])
    answer = fill(log, row(), engine=engine, others={f"Placements!{at.coordinate}": "x"})
    assert remarks(answer) == ["Failure: A formula typed over"]
    assert answer.column("Agrees")[0] in (False, 0.0)


@pytest.mark.sample(1)
@pytest.mark.parametrize("engine", BY_BOTH)
@pytest.mark.parametrize("heading", ["Remark", "A formula typed over"])
def test_what_judges_the_rows_is_judged_itself(log: Template, engine: str, heading: str) -> None:
    at = log.workbook["Placements"].cell(log.table.first_row + 1, log.columns[heading]).coordinate
    answer = fill(log, row("x"), engine=engine, others={f"Placements!{at}": 0})
    assert any("a formula typed over: 1.0" in line for line in answer.failing())


@pytest.mark.sample(2)
@pytest.mark.parametrize("engine", BY_BOTH)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Price_for_the_rest", "4.04"),
        ("Price_for_the_rest", True),
        ("Price_for_the_rest", -1),
        ("Explained_placement", 1.5),
        ("Explained_placement", 21),
    ],
)
def test_a_wrong_input_cell_is_named(log: Template, engine: str, name: str, value: Any) -> None:
    answer = fill(log, row(), engine=engine, **{name: value})
    assert not answer.holds()
    first = answer.failing()[0]
    sheet, cell = log.place(name)
    beyond = "Explain!B4, Explained placement: past the last row of the log"
    assert first.startswith(beyond if value == 21 else f"{sheet}!{cell}, {name.replace('_', ' ')}")


def test_blank_input_cells_wait(log: Template) -> None:
    answer = fill(log, row(), Price_for_the_rest=None, Explained_placement=None)
    assert answer.holds()
    assert answer.named("Shares_left") == 0


def test_warrants_add_up_to_those_on_all_shares(log: Template) -> None:
    """Each placement rounds down what all have earned so far: 9, 9 and 9 shares earn 2."""
    answer = fill(log, *(row(DAY + datetime.timedelta(days), 9) for days in (0, 1, 2)))
    assert answer.column("Warrants")[:3] == [0, 1, 1]
    assert answer.column("Plain warrants")[:3] == [0, 1, 1]
    assert answer.named("Warrants_total") == 2


def test_the_commission_to_the_cent_is_reconciled(log: Template) -> None:
    """One share at 0.13 earns 0.0052 at 4%, one at 0.12 earns 0.0048."""
    answer = fill(log, row(shares=1, price=0.13), row(DAY + datetime.timedelta(1), 1, 0.12))
    assert answer.column("Commission to the cent")[:2] == [0.01, 0]
    assert answer.column("Rounding")[:2] == [pytest.approx(0.0048), pytest.approx(-0.0048)]
    assert answer.named("Commission_to_the_cent") == 0.01
    assert answer.named("Commission_total") == pytest.approx(0.01)
    assert answer.holds()


AGENTS: Final = (
    head("AGENTS-1")
    + """
[agreements.SALES]
source = "1"
title = "Sales Agreement"
dated = 2022-12-23
agents = ["One & Co.", "Two, Inc."]
capacity = 1_000_000
rate = 0.03
expense_reimbursement = 50_000
delivery_sessions = 2
standstill_before = 0
standstill_after = 0
"""
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """The log of an agreement whose two agents sell under one capacity."""
    path = tmp_path_factory.mktemp("shared") / "AGENTS-1.toml"
    path.write_text(AGENTS, encoding="utf-8")
    offer(read_terms(path), path)
    with libreoffice.session():
        yield Template("placements", select("AGENTS-1"), "Placements")
    forget()


def sold_by(agent: str, shares: int) -> dict[str, Any]:
    return {"Agent": agent, **row(datetime.date(2023, 1, 5), shares, 10)}


@pytest.mark.parametrize("engine", BY_BOTH)
def test_agents_share_one_capacity(shared: Template, engine: str) -> None:
    full = [sold_by("One & Co.", 60_000), sold_by("two, inc.", 40_000)]
    answer = fill(shared, *full, engine=engine)
    assert answer.failing() == []
    assert answer.named("Capacity_left") == 0
    assert [answer.at("Agents", f"C{at}") for at in (5, 6, 7, 8)] == [600_000, 400_000, 0, 1e6]
    over = fill(shared, *full, sold_by("Two, Inc.", 1), engine=engine)
    assert not over.holds()
    assert remarks(over) == ["Failure: Above the capacity of the agreement"]
    nobody = fill(shared, sold_by("", 10), engine=engine)
    assert nobody.holds()
    assert remarks(nobody) == ["Warning: Agent missing"]
    unlisted = fill(shared, sold_by("Three", 10), engine=engine)
    assert not unlisted.holds()
    assert remarks(unlisted) == ["Failure: Agent not in the list"]


@pytest.mark.parametrize("engine", BY_BOTH)
def test_warrants_counted_on_each_placement(tmp_path: Path, engine: str) -> None:
    path = tmp_path / "COUNTED-1.toml"
    text = AGENTS.replace("AGENTS-1", "COUNTED-1").replace("agents =", "# agents =")
    warrants = "[agreements.SALES.warrants]\nsource = '1'\nrate = 0.07\nexercise_multiple = 1.2\n"
    warrants += "life_years = 5\ncashless_after_years = 1\ntransfer_lock_years = 1\n"
    offered = {}
    for counted in ("total", "placement"):
        path.write_text(f"{text}\n{warrants}counted = '{counted}'\n", encoding="utf-8")
        offer(read_terms(path), path)
        try:
            with libreoffice.session():
                log = Template("placements", select("COUNTED-1"), "Placements")
                sales = [row(datetime.date(2023, 1, 5 + day), 99, 10) for day in range(4)]
                answer = fill(log, *sales, engine=engine)
        finally:
            forget()
        assert answer.failing() == []
        offered[counted] = answer.column("Warrants")[:4], answer.named("Warrants_total")
    assert offered == {"total": ([6, 7, 7, 7], 27), "placement": ([6, 6, 6, 6], 24)}


@pytest.mark.parametrize("engine", BY_BOTH)
def test_the_exercise_price_over_all_is_exact(log: Template, engine: str) -> None:
    """It follows from each sale, and not from a running sum that was rounded at each step."""
    sales = [(1_013 * number + 7, round(2.22 + 0.37 * number, 2)) for number in range(1, 20)]
    sales.append((3, 10 / 3))
    answer = fill(log, *(row(shares=shares, price=price) for shares, price in sales), engine=engine)
    assert answer.failing() == []
    gross = sum((shares * contract.shown(price) for shares, price in sales), Fraction())
    exact = Fraction("1.3") * gross / sum(shares for shares, _ in sales)
    assert answer.named("Exercise_price_overall") == float(exact)


@pytest.mark.sample(1)
@pytest.mark.parametrize("engine", BY_BOTH)
@pytest.mark.parametrize(("left", "price", "count"), [(1, 0.01, 1), (7, 0.07, 1), (21, 0.07, 3)])
def test_the_last_cents_buy_the_last_shares(
    log: Template, engine: str, left: int, price: float, count: int
) -> None:
    """What is left of the capacity has binary error, of which no cell shows anything."""
    rows = [
        row(shares=2_500_000_000 - 100 * 2_499_999 - left, price=0.01),
        row(shares=2_499_999, price=1),
    ]
    answer = fill(log, *rows, engine=engine, Price_for_the_rest=price)
    assert answer.failing() == []
    assert answer.named("Shares_left") == count
