"""Rates of a sale's own up to the most that is agreed, and fees that have to be typed."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from fillings.base import Answer, Filling, once
from paths import DATA

from xladdin import build
from xladdin.building.render import write
from xladdin.errors import FileError
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

DAY: Final = datetime.date(2023, 2, 6)

WITHIN: Final = (0.03, 0.1 * 0.3, 0.02 + 0.01, 0.0299999, None)
"""Of TODAY, whose most is 0.03: with the dust of binary arithmetic, which no sheet shows, too."""

ABOVE: Final = (0.0300000001, 0.030001, 0.030009, 0.04)


LOGS: Final = {"placements": "Placements", "reporting": "Sales"}


@pytest.fixture(autouse=True)
def _deal() -> Iterator[None]:
    offer(read_terms(DATA / "TODAY.toml"), DATA / "TODAY.toml")
    yield
    forget()


def with_rate(template: str, rate: float | None) -> Answer:
    """Fill a workbook of TODAY with one sale, or with gross proceeds, at a rate of its own."""
    table = LOGS.get(template, "")
    written = once(template, select("TODAY"), table)
    if table:
        row: dict[str, Any] = {"Date": DAY, "Shares": 1000, "Price": 25, "Own rate": rate}
        if template == "placements":
            row["Agent"] = "One & Co."
        return written.compute(Filling({}, [row]))
    name = "Rate_1" if template == "proceeds" else "Offering_rate"
    return written.compute(Filling({name: rate}))


TEMPLATES: Final = ("placements", "reporting", "proceeds", "offering")


@pytest.mark.sample(8)
@pytest.mark.parametrize("rate", WITHIN)
@pytest.mark.parametrize("template", TEMPLATES)
def test_up_to_the_most(template: str, rate: float | None) -> None:
    answer = with_rate(template, rate)
    assert answer.failing() == []
    assert answer.holds()


@pytest.mark.sample(8)
@pytest.mark.parametrize("rate", ABOVE)
@pytest.mark.parametrize("template", TEMPLATES)
def test_above_the_most(template: str, rate: float) -> None:
    answer = with_rate(template, rate)
    assert not answer.holds()
    if answer.template.table.columns:
        words = "Failure: Own rate not a number from 0.000001 to 0.03 (3%)"
        assert str(answer.column("Remark")[0]).startswith(words)


@pytest.mark.parametrize("template", ["placements", "reporting"])
def test_a_data_folder_is_held_to_the_most(template: str, tmp_path: Path) -> None:
    data = tmp_path / "data" / "TODAY"
    data.mkdir(parents=True)
    (data / f"{LOGS[template].lower()}.csv").write_text(
        "Date,Shares,Price,Own rate\n2023-02-06,1000,25,0.03\n2023-02-07,1000,25,0.0301\n"
    )
    with pytest.raises(FileError, match=r"line 3, Own rate: .*up to 0\.03 \(3%\)"):
        build([template], deals=[DATA / "TODAY.toml"], data=data.parent, out=tmp_path / "out")


@pytest.mark.parametrize("template", ["placements", "reporting"])
def test_a_sale_without_its_fee_is_named(template: str) -> None:
    """No document states the commission of this agreement: it is typed, and 0 is one."""
    selection = select("CGTX-2022")
    written = once(template, selection, LOGS[template])
    row: dict[str, Any] = {"Date": datetime.date(2023, 5, 1), "Shares": 1000, "Price": 2.5}
    if template == "placements":
        row["Agent"] = "B. Riley Securities, Inc."
    else:
        row["Agreement"] = "SALES"
    rows = [row | {"Fee paid": 75}, row | {"Fee paid": 0, "Shares": 1001}]
    rows += [row | {"Shares": 1002}, row | {"Shares": 0}, {}]
    answer = written.compute(Filling({}, rows))
    assert answer.failing() == []
    remarks = [one or "" for one in answer.column("Remark")[:5]]
    assert remarks == ["", "", "Warning: Fee paid missing", "", ""]
    assert answer.named("Checks_Warnings") == 1


@pytest.mark.parametrize(("deal", "named"), [("CGTX-2022", True), ("CIK886128-SHARES", False)])
def test_start_names_the_agent_where_there_is_a_choice(deal: str, named: bool) -> None:
    start = write("placements", select(deal)).workbook["Start"]
    assert any(cell.value == "Agent" for row in start.iter_rows() for cell in row) is named


@pytest.mark.parametrize("template", ["placements", "reporting"])
def test_illustrative_sales_have_their_fees(template: str) -> None:
    answer = once(template, select("CGTX-2022")).compute(Filling())
    assert answer.failing() == []
    assert answer.named("Checks_Warnings") == 0
