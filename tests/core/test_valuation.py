"""Warrant values against 60 digits, and tables of make-whole clauses."""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from deals import head
from hypothesis import example, given
from hypothesis import strategies as st
from oracles import deals as oracle_deals
from paths import DATA

from xladdin.cells import CellError
from xladdin.core.valuation import make_whole, warrant_value
from xladdin.errors import VALUE, InputError
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import read_terms
from xladdin.terms.writer import written

GRID = DATA / "make_whole.csv"


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        ((42, 40, 0.5, 0.2, 0.1, 0), 4.7594),  # Hull
        ((60, 65, 0.25, 0.3, 0.08, 0), 2.1334),  # Haug
        ((4, 0, 5, 0.8, 0.05, 0), 4.0),  # pre-funded
        ((4, 3, 0, 0.8, 0.05, 0), 1.0),
        ((3, 4, 0, 0.8, 0.05, 0), 0.0),
        ((4, 3, 2, 0, 0.05, 0.01), 4 * math.exp(-0.02) - 3 * math.exp(-0.1)),
    ],
)
def test_printed_values(arguments: tuple[float, ...], value: float) -> None:
    found = warrant_value(*map(float, arguments))
    assert found == pytest.approx(value, abs=5e-5 if value in {4.7594, 2.1334} else 1e-15)


ARGUMENTS = st.tuples(
    st.floats(1e-3, 1e6),
    st.one_of(st.just(0.0), st.floats(1e-3, 1e6)),
    st.one_of(st.just(0.0), st.floats(1e-6, 100)),
    st.one_of(st.just(0.0), st.floats(1e-9, 20)),
    st.floats(-0.5, 1),
    st.one_of(st.just(0.0), st.floats(0, 0.5)),
)


@given(ARGUMENTS)
@example((100.0, 100.0, 1.0, 1e-9, 0.0, 0.0))
@example((1e6, 1e-3, 100.0, 20.0, -0.5, 0.5))
@example((1.0, 1.0, 100.0, 1e-9, 0.5, 0.5))
def test_against_sixty_digits(arguments: tuple[float, ...]) -> None:
    exact = oracle_deals.warrant_value(*arguments)
    found = warrant_value(*arguments)
    assert abs(Decimal(found) - exact) <= Decimal(max(arguments[:2])) * Decimal("1e-12")


@pytest.mark.parametrize(
    "arguments",
    [
        (1e308, 5e-324, 1.0, 0.2, 0.1, 0.0),
        (5e-324, 1e308, 1.0, 0.2, 0.1, 0.0),
        (1.0, 1.0, 1e308, 1e308, 0.0, 0.0),
        (1.0, 1.0, 1e-300, 1e-300, 0.0, 0.0),
        (1.0, 1.0, 1.0, 0.2, 1e308, 1e308),
    ],
)
def test_numbers_at_the_edge_of_doubles(arguments: tuple[float, ...]) -> None:
    found = warrant_value(*arguments)
    assert 0 <= found <= arguments[0]


def test_a_discounted_price_beyond_every_double() -> None:
    for rate, strike in ((-1000.0, 1.0), (-700.0, 1e100)):
        with pytest.raises(OverflowError):
            warrant_value(1.0, strike, 1.0, 0.2, rate, 0.0)


# Tables


def printed() -> list[list[float | None]]:
    """A table of public warrants: a printed dash is 0."""
    with GRID.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(line for line in file if not line.startswith("#")))
    return [[None if cell == "" else float(cell) for cell in row] for row in rows]


def read(grid: Sequence[Sequence[Any]], row: float, column: float) -> float:
    rows = [line[0] for line in grid[1:]]
    return make_whole(rows, grid[0][1:], [line[1:] for line in grid[1:]], row, column)


@pytest.mark.parametrize(
    ("months", "price", "figure"),
    [
        (60, 10, 0.261),
        (60, 18, 0.361),
        (0, 12, 0.042),
        (0, 11, 0.0),
        (36, 13, 0.285),
        (37.5, 13, (0.285 + 0.290) / 2),
        (36, 13.5, (0.285 + 0.305) / 2),
        (1.5, 11.5, (0.0 + 0.042 + 0.065 + 0.104) / 4),
        (99, 99, 0.361),  # beyond an edge, the edge
        (99, 1, 0.261),
        (-1, 12.5, (0.042 + 0.115) / 2),
    ],
)
def test_a_printed_table(months: float, price: float, figure: float) -> None:
    assert read(printed(), months, price) == pytest.approx(figure, abs=1e-15)


SMALL: list[list[float | None]] = [[None, 1.0, 2.0], [10.0, 5.0, None], [20.0, 7.0, 9.0]]


def test_a_blank_matters_where_it_is_read() -> None:
    assert read(SMALL, 15.0, 1.0) == 6
    assert read(SMALL, 20.0, 1.5) == 8
    for row, column in ((10.0, 2.0), (15.0, 1.5), (19.999, 2.0)):
        with pytest.raises(InputError) as caught:
            read(SMALL, row, column)
        assert (caught.value.code, caught.value.position) == ("#N/A", (1, 2))


@pytest.mark.parametrize("headings", [(1.0, 1.0), (1.0, 3.0, 2.0), (3.0, 1.0, 2.0)])
def test_headings_that_neither_rise_nor_fall(headings: tuple[float, ...]) -> None:
    wide: list[list[Any]] = [[None, *headings], [1.0, *headings], [2.0, *headings]]
    tall: list[list[Any]] = [list(column) for column in zip(*wide, strict=True)]
    for grid in (wide, tall):
        with pytest.raises(InputError) as caught:
            read(grid, 1.0, 1.0)
        assert caught.value.code == "#NUM!"


def test_one_row_and_one_column() -> None:
    assert read([[None, 1.0], [1.0, 4.0]], 99.0, -99.0) == 4
    assert read([[None, 1.0, 2.0], [1.0, 4.0, 6.0]], 99.0, 1.25) == 4.5


@given(st.integers(0, 10**6))
def test_random_tables(seed: int) -> None:
    rng = random.Random(seed)

    def headings() -> list[float]:
        found = sorted({round(rng.uniform(-50, 50), 1) for _ in range(rng.randint(1, 6))})
        return found if rng.random() < 0.5 else found[::-1]

    rows, columns = headings(), headings()
    grid: list[list[Any]] = [[None, *columns]]
    for row in rows:
        cells = [None if rng.random() < 0.05 else round(rng.uniform(-9, 9), 3) for _ in columns]
        grid.append([row, *cells])
    at = [rng.choice((*places, rng.uniform(-55, 55))) for places in (rows, columns)]
    expected = oracle_deals.result(oracle_deals.make_whole, grid, *at)
    try:
        found: Any = read(grid, *at)
    except InputError as error:
        found = error.code
    assert found == (expected if isinstance(expected, str) else float(expected))


def test_columns_of_rows_and_columns() -> None:
    """A whole table, and single figures or columns beside it: an error stays in its element."""
    grid: Any = [[None, 10.0, 20.0], [0.0, 1.0, 3.0], [10.0, 5.0, 11.0]]
    call = FUNCTIONS["MAKE_WHOLE"].evaluate
    rows: Any = [[0.0], [5.0], ["x"], [99.0]]
    columns: Any = [[10.0], [15.0], [15.0], [-1.0]]
    # Bilinear by hand: 1; the mean of 1, 3, 5 and 11; an error; the last row's first figure.
    assert call([grid, rows, columns]) == [[1.0], [5.0], [CellError(VALUE)], [5.0]]
    assert call([grid, rows, 15.0]) == [[2.0], [5.0], [CellError(VALUE)], [8.0]]
    assert call([grid, 5.0, [[10.0, 15.0, 20.0]]]) == [[3.0, 5.0, 7.0]]
    assert call([grid, 5.0, 15.0]) == 5.0


def test_a_table_of_a_deal(tmp_path: Path) -> None:
    """The printed table as a deal's, its dashes as 0: read, written anew, and looked up."""
    (_, *columns), *rows = (line.split(",") for line in printed_lines())
    tables = ", ".join("[" + ", ".join(row) + "]" for row in rows)
    path = tmp_path / "GRID-1.toml"
    path.write_text(
        head("GRID-1", "2021-01-04")
        + '[grids.redemption]\nsource = "s. 6.2"\nreading = "a printed dash is no share"\n'
        + f"columns = [{', '.join(columns)}]\nrows = [{tables}]\n",
        encoding="utf-8",
    )
    deal = read_terms(path).deal
    (grid,) = deal.grids
    assert [list(map(str, row)) for row in grid.rows] == rows
    path.write_text(written(deal), encoding="utf-8")
    assert read_terms(path).deal == deal
    table: list[list[Any]] = [[None, *map(float, grid.columns)]]
    table += [list(map(float, row)) for row in grid.rows]
    call = FUNCTIONS["MAKE_WHOLE"].evaluate
    for row in grid.rows:
        for column, figure in zip(grid.columns, row[1:], strict=True):
            assert call([table, float(row[0]), float(column)]) == float(figure)


def printed_lines() -> list[str]:
    lines = GRID.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]
