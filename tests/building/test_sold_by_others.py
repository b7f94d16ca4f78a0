"""What others of a pool sold, as a log says it, where that log fills reporting.xlsx."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from paths import DATA

from xladdin.building.build import build
from xladdin.errors import FileError
from xladdin.terms.store import forget

POOLED: Final = DATA / "POOLED-2024.toml"
FIRST: Final = "Date,Shares,Price,Sold by others\n2024-03-05,1000,25,1500000.5\n2024-03-06,10,25,\n"
SECOND: Final = "Date,Shares,Price,Sold by others\n2024-03-04,60000,25,\n2024-03-06,20,25,25000\n"
LOST: Final = (
    "Not carried over: Placements of FIRST: Sold by others, 1,500,000.5 USD; "
    "enter the sales under SECOND on Sales"
)


@pytest.fixture(autouse=True)
def _fresh_deals() -> Iterator[None]:
    yield
    forget()


def put(folder: Path, **logs: str) -> Path:
    for name, text in logs.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "placements.csv").write_text(text, "utf-8")
    return folder


def made(data: Any, out: Path) -> tuple[int, list[str]]:
    """Build reporting.xlsx; count its warnings, and list what was not carried over."""
    (one,) = build(["reporting"], deals=[POOLED], data=data, out=out)
    assert one.checks_ok, one.failures
    checks = openpyxl.load_workbook(one.path, data_only=True)["Checks"]
    words = [str(row[0].value) for row in checks.iter_rows()]
    return one.warnings, [line for line in words if line.startswith("Not carried over")]


@pytest.mark.sample(1)
@pytest.mark.parametrize("by", ["csv", "workbook"])
def test_it_is_named_without_the_logs_of_the_others(tmp_path: Path, by: str) -> None:
    data = put(tmp_path / "data", **{"POOLED-2024": FIRST})
    if by == "workbook":
        (log,) = build(["placements"], deals=[POOLED], data=data, out=tmp_path / "log")
        data = log.path
    assert made(data, tmp_path / "out") == (1, [LOST])


def test_it_is_not_where_all_have_logs(tmp_path: Path) -> None:
    data = put(tmp_path / "data", **{"POOLED-2024": FIRST, "POOLED-2024_SECOND": SECOND})
    assert made(data, tmp_path / "out") == (0, [])


@pytest.mark.long
def test_nor_where_others_sold_nothing(tmp_path: Path) -> None:
    data = put(tmp_path / "data", **{"POOLED-2024": FIRST.replace("1500000.5", "")})
    assert made(data, tmp_path / "out") == (0, [])


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        ("0.031", "'0.031' is not accepted: Rate of this placement, up to 0.03 (3%); blank"),
        ("2.5%", "'2.5%' cannot be read; write 0.025"),
    ],
)
def test_an_own_rate_above_the_most_is_a_wrong_cell(tmp_path: Path, rate: str, words: str) -> None:
    rows = f"Date,Shares,Price,Own rate\n2023-02-06,1000,25,0.03\n2023-02-07,1000,25,{rate}\n"
    data = put(tmp_path / "data", TODAY=rows)
    with pytest.raises(FileError) as caught:
        build(["placements"], deals=[DATA / "TODAY.toml"], data=data, out=tmp_path / "out")
    assert f"line 3, Own rate: {words}" in str(caught.value)
    assert not (tmp_path / "out").exists()
