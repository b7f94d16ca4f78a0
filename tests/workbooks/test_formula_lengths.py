"""No formula of a workbook is longer than a reader can check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from paths import DATA

from xladdin.building.render import TEMPLATES, write
from xladdin.errors import InputError
from xladdin.terms import read_terms
from xladdin.terms.selection import Selection, selected
from xladdin.terms.store import SHIPPED
from xladdin.workbooks.layout.remarks import LONGEST_FORMULA

LONGER = {
    ("LINE-2023", "equityline"): 400,
    ("LINE-2023", "offering"): 400,
    ("LINE-2023", "reporting"): 400,
    ("TODAY", "equityline"): 500,
}
"""Deals of tests alone: fees of three and of five tiers, and a price with all that there can be."""

TABLES = ("captable", "equityline", "placements", "reporting")
"""Templates whose formulas are as long as Excel shows them: cells of the same row as [@Heading]."""

FILES = sorted([*SHIPPED.glob("*.toml"), *DATA.glob("*.toml")])


def selections(path: Path) -> Iterator[Selection]:
    """A deal with each of its agreements."""
    terms = read_terms(path)
    for key in [agreement.key for agreement in terms.deal.agreements] or [""]:
        yield selected(terms, key)


def as_shown(formula: str) -> str:
    """Write a formula as a sheet shows it: a cell of the same row of a table as [@Heading]."""
    return re.sub(r"\w+\[\[#This Row\],(\[[^\]]*\])\]", r"[@\1]", formula)


@pytest.mark.sample(2)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_formula_can_be_checked_by_a_reader(path: Path) -> None:
    assert LONGEST_FORMULA == 250
    long: dict[str, str] = {}
    longest = dict.fromkeys(TEMPLATES, 0)
    for selection in selections(path):
        for name in TEMPLATES:
            try:
                workbook = write(name, selection).workbook
            except InputError as error:  # the deal has nothing that the template is about
                if error.argument != "terms":
                    raise
                continue
            for sheet in workbook.worksheets:
                for row in sheet.iter_rows():
                    for cell in row:
                        if cell.data_type != "f":
                            continue
                        shown = as_shown(str(cell.value)) if name in TABLES else cell.value
                        longest[name] = max(longest[name], len(shown) - 1)
                        if len(shown) > 1 + LONGER.get((path.stem, name), LONGEST_FORMULA):
                            what = f"{selection.text}, {name}: {sheet.title}!{cell.coordinate}"
                            long[str(cell.value)] = f"{what}, {len(shown) - 1}"
    assert not long, "\n".join(f"{where}: {formula}" for formula, where in long.items())
    assert max(longest.values()) > 100  # one workbook at least was looked at
    for (deal, name), most in LONGER.items():
        if deal == path.stem:
            assert LONGEST_FORMULA < longest[name] > most - 50, (name, longest[name])
