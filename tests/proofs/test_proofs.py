"""The proof of the table: the embedded engine beside other witnesses over generated formulas.

A formula that the engine refuses proves nothing. For one that it computes, LibreOffice has to give
the same value, or else the second witness, or the difference has to be one of those that Excel's
documentation decides (`DOCUMENTED`). A seed gives the same formulas each time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from absences import second_witness
from offices import needs_office
from paths import WORKBOOKS
from proofs import books, witnesses
from proofs.grammar import Pool, one_odd, signatures

from xladdin.cells import Cell, CellError
from xladdin.engines.evidence import SOURCES, stored
from xladdin.engines.proved import BY_FORM, PROVED
from xladdin.formulas.tokens import CALL, function_name, tokens
from xladdin.functions.registry import FUNCTIONS
from xladdin.xlsx.sheet_part import layouts_of
from xladdin.xlsx.workbook_part import Workbook

TOLERANCE: Final = 1e-9
"""Greatest relative difference; iterative functions end at different last digits."""

RUN: Final = range(1, int(os.environ.get("XLADDIN_PROOFS", "8")) + 1)
"""Seeds of the whole run."""

DOCUMENTED: Final = (
    ("YEAR", "MONTH", "DAY"),  # of 0 and of days before March 1900: LibreOffice counts others
    ("FIXED",),  # LibreOffice rounds the binary value, which is below a half that is typed
    ("XLOOKUP", "XMATCH"),  # a blank cell is no 0: the second witness finds it as one
)
"""Functions of which the other witnesses are known to differ from Excel's documentation."""

BOOKS: Final = sorted(WORKBOOKS.glob("*.xlsx"))


def same(one: Cell, other: Cell) -> bool:
    """Whether two witnesses say the same of a formula."""
    if witnesses.same(one, other, TOLERANCE):
        return True
    if isinstance(one, bool) and isinstance(other, float):
        return float(one) == other  # LibreOffice looks logicals up as numbers
    if isinstance(one, str) and isinstance(other, str):
        return _shortened(one) == _shortened(other)
    return False


def _shortened(text: str) -> str:
    """Cut numbers in a text short: the last of fifteen digits may be rounded up or down."""
    return re.sub(r"[\d.]{15,}", lambda match: match[0][:14], text)


def documented(formula: str) -> bool:
    names = {function_name(token.text) for token in tokens(formula) if token.kind == CALL}
    return any(names & set(functions) for functions in DOCUMENTED)


def both_errors(one: Cell, other: Cell) -> bool:
    return isinstance(one, CellError) and isinstance(other, CellError)


def disagreements(pool: Pool, formulas: Sequence[str], *, strict: bool) -> tuple[list[str], int]:
    """Ask all witnesses; return the formulas about which they do not agree, and how many count."""
    data = books.made(pool.constants, formulas)
    found, refused = witnesses.engine(data)
    other = witnesses.office(data)
    computed = [at for at in range(len(formulas)) if f"A{at + 1}" not in refused]
    doubtful = [at for at in computed if not same(found[at], other[at])]
    third = witnesses.second(pool.constants, [formulas[at] for at in doubtful])
    wrong = []
    for at, second in zip(doubtful, third, strict=True):
        if same(found[at], second) or documented(formulas[at]):
            continue
        if other[at] is witnesses.ABSENT and second is witnesses.ABSENT:
            continue
        # Which of several errors a formula gives is the first's by Excel's rule, and not by theirs.
        if not strict and (both_errors(found[at], other[at]) or both_errors(found[at], second)):
            continue
        wrong.append(f"{formulas[at]}: {found[at]!r} beside {other[at]!r} and {second!r}")
    return wrong, len(computed)


@needs_office
def test_a_sample() -> None:
    second_witness()
    pool = Pool(0)
    formulas = [formula for formula in one_odd(pool, 1) if formula]
    wrong, computed = disagreements(pool, formulas, strict=True)
    assert computed > 2_000
    assert not wrong, "\n".join(wrong[:20])


@needs_office
def test_a_sample_of_formulas_of_formulas() -> None:
    second_witness()
    pool = Pool(0)
    formulas = [pool.nested(1 + at % 3) for at in range(2_000)]
    wrong, computed = disagreements(pool, formulas, strict=False)
    assert computed > 1_000
    assert not wrong, "\n".join(wrong[:20])


@pytest.mark.long
@needs_office
@pytest.mark.parametrize("seed", RUN)
def test_the_whole(seed: int) -> None:
    second_witness()
    pool = Pool(seed)
    formulas = [formula for formula in one_odd(pool, 3) if formula]
    wrong, _ = disagreements(pool, formulas, strict=True)
    pool = Pool(1_000 + seed)
    formulas = [pool.nested(1 + at % 3) for at in range(12_000)]
    nested, _ = disagreements(pool, formulas, strict=False)
    assert not wrong + nested, "\n".join((wrong + nested)[:40])


def test_every_function_proved_is_generated() -> None:
    """No line of the table goes without proof; volatile functions have no value to compare."""
    volatile = {"TODAY", "NOW", "RAND", "RANDBETWEEN", "TRANSPOSE"}
    assert set(PROVED) - volatile <= {item.name for item in signatures()}


def test_values_that_excel_stored_are_evidence_where_there_are_some() -> None:
    """Nothing in the table claims stored values that were not counted."""
    claimed = {name for name, entries in PROVED.items() for one in entries if "X" in one.evidence}
    assert claimed
    assert all(stored(name) for name in claimed)
    assert all(entry.evidence for entries in PROVED.values() for entry in entries)
    assert set().union(*(source.functions for source in SOURCES)) <= set(PROVED) | BY_FORM


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_our_own_workbooks_use_what_is_proved(path: Path) -> None:
    book = Workbook(path.read_bytes(), path)
    names = {
        function_name(token.text)
        for layout in layouts_of(book).values()
        for formula in layout.formulas
        for token in tokens(formula.text)
        if token.kind == CALL
    }
    assert names <= PROVED.keys() | FUNCTIONS.keys() | BY_FORM


def excels_day(serial: int) -> tuple[int, int, int]:
    """Return year, month and day of an early serial, with 29 February 1900 as Excel has it."""
    if serial == 0:
        return 1900, 1, 0
    return (1900, 1, serial) if serial <= 31 else (1900, 2, serial - 31)


def test_days_before_march_1900() -> None:
    """As Microsoft documents the 1900 date system, which neither of the other witnesses follows."""
    formulas = [f"{name}({serial})" for serial in range(61) for name in ("YEAR", "MONTH", "DAY")]
    found, refused = witnesses.engine(books.made({}, formulas))
    assert not refused
    assert found == [float(part) for serial in range(61) for part in excels_day(serial)]
