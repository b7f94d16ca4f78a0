"""The sheet of make-whole tables: read between figures and beyond edges, beside plain Excel."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from deals import head
from fillings.base import Filling, Template
from oracles import deals as oracle
from paths import DATA

from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

STOCK: Final = """
[capitalisation]
source = "p. 1"
authorised = 50_000_000
outstanding = 12_345_678
outstanding_date = 2023-01-03
options_and_warrants = 1_000
last_sale = 11.50
last_sale_date = 2023-01-03
"""
SMALL: Final = """
[grids.line]
source = "s. 2"
columns = [1]
rows = [[10, 0.5], [20, "1/3"]]

[grids.cell]
source = "s. 3"
columns = [12, 10.5]
rows = [[0.5, 0.25, 0.125]]
"""


def printed() -> list[list[str]]:
    """The rows of a printed table, its dashes 0."""
    text = (DATA / "make_whole.csv").read_text(encoding="utf-8").splitlines()
    return list(csv.reader(line for line in text if not line.startswith("#")))


def grid_of(rows: list[list[str]]) -> str:
    """Write the table as a deal has it."""
    lines = ", ".join(f"[{', '.join(one.replace('-', '0') for one in row)}]" for row in rows[1:])
    return (
        '\n[grids.redemption]\nsource = "warrant agreement, s. 6.2"\n'
        'title = "Shares for a warrant"\nreading = "a dash is no share"\n'
        f"columns = [{', '.join(rows[0][1:])}]\nrows = [{lines}]\n"
    )


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    path: Path = tmp_path_factory.mktemp("deals") / "GRIDS.toml"
    path.write_text(head("GRIDS") + STOCK + grid_of(printed()) + SMALL, encoding="utf-8")
    offer(read_terms(path), path)
    yield Template("captable", select("GRIDS"))
    forget()


def filling(number: int, row: Any, column: Any) -> Filling:
    return Filling({f"Make_whole_{number}_row": row, f"Make_whole_{number}_column": column})


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("row", "column"),
    [
        (60, 10), (57, 18), (58.5, 10.5), (1.25, 11.99), (0, 12), (3, 17), (44.4, 13),
        (61, 9), (-1, 30), (0, 10), (None, 12.5),
    ],
)  # fmt: skip
def test_a_printed_table(template: Template, row: float | None, column: float) -> None:
    rows = [[float(one.replace("-", "0") or 0) for one in line] for line in printed()]
    exact = oracle.make_whole(rows, row or 0, column)
    answer = template.compute(filling(1, row, column))
    assert answer.failing() == []
    found = answer.named("Make_whole_1")
    assert found == pytest.approx(float(exact), rel=1e-15)


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("of_one_column", "of_one_row"),
    [
        ((10, 1, 0.5), (8, 11.25, 0.1875)),
        ((15, 7, (0.5 + 1 / 3) / 2), (0, 13, 0.25)),
        ((25, -1, 1 / 3), (0, 0, 0.125)),
    ],
)
def test_tables_of_one_row_or_column(
    template: Template,
    of_one_column: tuple[float, float, float],
    of_one_row: tuple[float, float, float],
) -> None:
    both = [filling(2, *of_one_column[:2]), filling(3, *of_one_row[:2])]
    answer = template.compute(Filling(both[0].cells | both[1].cells))
    assert answer.failing() == []
    for number, (_, _, expected) in ((2, of_one_column), (3, of_one_row)):
        assert answer.named(f"Make_whole_{number}") == pytest.approx(expected, rel=1e-15)


@pytest.mark.long
def test_in_the_other_engine(template: Template) -> None:
    with libreoffice.session():
        answer = template.compute(filling(1, 58.5, 10.5), office=True)
    assert answer.failing() == []
    assert answer.named("Make_whole_1") == pytest.approx(0.269, rel=1e-15)


def test_a_figure_typed_over(template: Template) -> None:
    sheet = template.workbook["Make-whole"]
    (cell,) = [
        one.coordinate
        for row in sheet.iter_rows()
        for one in row
        if one.value == 0.261 or str(one.value) == "0.261"
    ]
    changed = filling(1, 60, 10)
    changed.others = {("Make-whole", cell): 0.262}
    answer = template.compute(changed)
    assert [one.partition(":")[0] for one in answer.failing()] == ["Make-whole table 1"]


def test_a_deal_without_a_table_has_no_sheet() -> None:
    assert "Make-whole" not in Template("captable", select("NEOT-2001")).workbook.sheetnames
