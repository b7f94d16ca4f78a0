"""The proof of the table: the embedded engine beside other witnesses over generated formulas.

A formula that the engine refuses proves nothing. For one that it computes, LibreOffice has to give
the same value, or else the second witness, or the difference has to be one of those that Excel's
documentation decides (`DOCUMENTED`). A seed gives the same formulas each time.
"""

from __future__ import annotations

import bisect
import itertools
import os
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from absences import second_witness
from draws import THOROUGH
from offices import needs_office
from paths import WORKBOOKS
from proofs import books, witnesses
from proofs.grammar import CONTENTS, Pool, one_odd, signatures

from xladdin.cells import Cell, CellError
from xladdin.engines.embedded.function_groups import CELL_BY_CELL, OF_BLANKS_TOO
from xladdin.engines.evidence import SOURCES, stored
from xladdin.engines.proved import BY_FORM, OFFICES, PROVED
from xladdin.formulas.tokens import CALL, function_name, tokens
from xladdin.functions.registry import FUNCTIONS
from xladdin.xlsx.sheet_part import layouts_of
from xladdin.xlsx.workbook_part import Workbook, area_of, column_letters, column_number

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

MORE: Final = {
    **dict.fromkeys(("ROUND", "ROUNDDOWN", "ROUNDUP", "TRUNC"), ",1"),
    "MOD": ",2",
    "TEXT": ',"0.0"',
    "WEEKDAY": ",2",
    "MID": ",2,3",
    "SUBSTITUTE": ',"a","xy"',
    "EXACT": ',"abc"',
}
"""Further arguments of functions on each cell."""

BEFORE: Final = {"FIND": '"b",', "SEARCH": '"B",'}
"""Arguments that stand before the range."""

TEXTS: Final = frozenset({"LEFT", "RIGHT", "MID", "TRIM", "UPPER", "LOWER", "SUBSTITUTE", "TEXT"})
"""Those that give texts, of which the characters are counted."""

EXPLAINED: Final = {
    # LibreOffice joins TRUE as 1, and the second witness writes numbers with 17 digits.
    "CONCATENATE(TRUE,D!DV20)",
    "VLOOKUP(0,D!$T$1:$U$6,2)&(POWER(D!EU59,D!EV59)/D!EW59)",
    # LibreOffice's sum has other last digits, and the second witness writes 17 of them.
    "SUMPRODUCT(D!$AJ$1:$AJ$6,D!$L$1:$L$6)&INT(D!FE86)",
    # LibreOffice rounds 0.64869 where Excel cuts it off; the second witness sums nothing.
    (
        "_xlfn.PERCENTRANK.EXC(D!$AV$1:$AV$6,"
        'SUMIFS(D!$AV$1:$AV$6,D!$AJ$1:$AJ$6,"<>abc",D!$BH$1:$BH$6,0),3)'
    ),
}
"""Formulas of the whole run of which each witness is known to get another part wrong."""

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


def by_blank_key(pool: Pool, formula: str, value: Cell) -> bool:
    """Whether a lookup finds nothing for a blank cell, which both others find somewhere.

    Excel stored #N/A for such a one, among blank cells and an empty text: row 19 of MATCH.xlsx.
    """
    key = re.match(r"(?:MATCH|[VH]LOOKUP)\(D!([A-Z]+)(\d+),", formula)
    if key is None or value is not CellError("#N/A"):
        return False
    return (int(key[2]), column_number(key[1])) not in pool.constants


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
        explained = documented(formulas[at]) or formulas[at] in EXPLAINED
        explained |= by_blank_key(pool, formulas[at], found[at])
        if explained or same(found[at], second):
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
    formulas = [pool.nested(1 + at % 3) for at in range(2_000 if THOROUGH else 1_000)]
    wrong, computed = disagreements(pool, formulas, strict=False)
    assert computed > len(formulas) // 2
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


@needs_office
def test_calls_that_libreoffice_computes() -> None:
    """It gives what the second witness gives, of which ERF has fewer digits."""
    second_witness()
    pool = Pool(0)
    formulas = [formula for formula in one_odd(pool, 4, names=OFFICES) if formula]
    found, refused = witnesses.together(books.made(pool.constants, formulas))
    computed = [at for at in range(len(formulas)) if f"A{at + 1}" not in refused]
    third = witnesses.second(pool.constants, [formulas[at] for at in computed])
    names = {formulas[at].partition("(")[0].removeprefix("_xlfn.") for at in computed}
    assert names == OFFICES.keys()
    wrong = [
        f"{formulas[at]}: {found[at]!r} beside {second!r}"
        for at, second in zip(computed, third, strict=True)
        if not witnesses.same(found[at], second, 1e-11 if "ERF" in formulas[at] else 1e-14)
    ]
    assert not wrong, "\n".join(wrong[:20])


@needs_office
def test_published_examples_of_calls_that_libreoffice_computes() -> None:
    """As Microsoft's pages on these functions have them, with the digits that are shown there."""
    first, last = "DATE(2011,1,25)", "DATE(2011,11,15)"
    examples = {
        f"COUPDAYS({first},{last},2,0)": 180.0,
        "COUPNUM(DATE(2007,1,25),DATE(2008,11,15),2,1)": 4.0,
        "GCD(24,36)": 12.0,
        "GCD(5,0)": 5.0,
        "ROUND(ERF(0.745),8)": 0.70792892,
        "DOLLARDE(1.02,16)": 1.125,
        "ROUND(DOLLARDE(1.1,32),9)": 1.3125,
        "_xlfn.PERMUTATIONA(3,2)": 9.0,
    }
    found, refused = witnesses.together(books.made({}, [*examples]))
    assert (refused, dict(zip(examples, found, strict=True))) == ({}, examples)


def test_functions_on_each_cell_of_a_range_give_what_they_give_of_each() -> None:
    pool = Pool(3)
    columns = [pool.column(kinds) for kinds in CONTENTS for _ in range(4)] + [
        pool.usual(role) for role in ("J", "F")
    ]
    formulas = []
    for name, column in itertools.product(sorted(CELL_BY_CELL), columns):
        area = area_of(column.removeprefix("D!"))
        letters, more = column_letters(area.first_column), MORE.get(name, "")
        made = f"1*{name}({BEFORE.get(name, '')}{{}}{more})"
        if name in TEXTS:
            made = made.replace(f"{name}(", f"LEN({name}(") + ")"
        cells = [made.format(f"D!{letters}{row}") for row in range(1, 7)]
        formulas += [f"SUMPRODUCT({made.format(column)})", "+".join(cells[: area.shape[0]])]
    found, refused = witnesses.engine(books.made(pool.constants, formulas))
    pairs = [at for at in range(0, len(formulas), 2) if f"A{at + 1}" not in refused]
    assert len(pairs) > 300
    by_themselves = [at for at in pairs if f"A{at + 2}" not in refused]
    # Two of them take blank cells in ranges alone: what is proved of these by hand is elsewhere.
    reasons = {refused[f"A{at + 2}"] for at in set(pairs) - set(by_themselves)}
    assert reasons <= {f"{name} is given a blank cell" for name in OF_BLANKS_TOO}
    wrong = [formulas[at] for at in by_themselves if not same(found[at], found[at + 1])]
    assert not wrong, "\n".join(wrong[:20])


def test_lookups_of_computed_fractions() -> None:
    """Numbers of more than fifteen digits are looked for by all of theirs."""
    rng = random.Random(1)
    places = {
        (row, column): rng.randint(1, 999) / rng.randint(1, 99)
        for row in range(1, 31)
        for column in (1, 2)
    }
    ordered = sorted(places[row, 2] for row in range(1, 31))
    places |= {(row, 2): value for row, value in enumerate(ordered, 1)}
    values = [places[row, 1] for row in range(1, 31)]
    right: dict[str, Cell] = {}
    for row in range(1, 31):
        key = rng.choice([values[row - 1], ordered[row - 1] * rng.uniform(0.9, 1.1)])
        places[row, 3] = key
        at = values.index(key) + 1 if key in values else CellError("#N/A")
        below = bisect.bisect_right(ordered, key)
        rank = 1 + sum(value > key for value in values)
        for asked in (f"D!C{row}", f"(D!C{row}*2/2)"):
            right |= {
                f"MATCH({asked},D!A1:A30,0)": float(at) if isinstance(at, int) else at,
                f"VLOOKUP({asked},D!A1:B30,1,FALSE)": key if isinstance(at, int) else at,
                f"RANK({asked},D!A1:A30)": float(rank) if isinstance(at, int) else at,
                f"MATCH({asked},D!B1:B30)": float(below) if below else CellError("#N/A"),
                f"LOOKUP({asked},D!B1:B30)": ordered[below - 1] if below else CellError("#N/A"),
            }
    found, refused = witnesses.engine(books.made(places, [*right]))
    assert not refused
    assert dict(zip(right, found, strict=True)) == right


def test_every_function_proved_is_generated() -> None:
    """No line of the table goes without proof; volatile functions have no value to compare."""
    volatile = {"TODAY", "NOW", "RAND", "RANDBETWEEN", "TRANSPOSE"}
    assert (set(PROVED) | set(OFFICES)) - volatile <= {item.name for item in signatures()}


def test_values_that_excel_stored_are_evidence_where_there_are_some() -> None:
    """Nothing in the table claims stored values that were not counted."""
    claimed = {
        name
        for table in (PROVED, OFFICES)
        for name, entries in table.items()
        for one in entries
        if "X" in one.evidence
    }
    assert claimed
    assert all(stored(name) for name in claimed)
    names = set(PROVED) | set(OFFICES) | BY_FORM
    assert all(entry.evidence for entries in PROVED.values() for entry in entries)
    assert set().union(*(source.functions for source in SOURCES)) <= names


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
