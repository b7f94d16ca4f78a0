"""The table of the page on deals that lists what a deal needs for each function and workbook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from deals import head
from paths import ROOT

from xladdin.building.build import TEMPLATES
from xladdin.building.render import write
from xladdin.errors import InputError
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import read_terms
from xladdin.terms.selection import selected
from xladdin.terms.store import forget, offer

AGREEMENT = """
[agreements.A]
source = "1"
title = "Sales Agreement"
dated = 2022-12-23
capacity = 40_000_000
rate = 0.03
expense_reimbursement = 50_000
delivery_sessions = 2
standstill_before = 0
standstill_after = 0
"""
WARRANTS = """
[agreements.A.warrants]
source = "2"
rate = 0.03
exercise_multiple = 1.1
life_years = 5
cashless_after_years = 1
transfer_lock_years = 1
"""
FORMULA = """
[[prices.{}.legs]]
source = "2"
kind = "series"
of = "closing bid"
multiple = 0.97
from = 0
to = 0
"""
FEE = '[[fees.f.tiers]]\nsource = "1"\nrate = 0.07\n'
CAP = """
[caps.{}]
source = "1"
kind = "issue"
rate = 0.1999
base = 1000
inclusive = true
"""
NOTE = '[[instruments]]\nkey = "n"\nsource = "1"\nkind = "note"\nprincipal = 5\n'
QUOTES = [[44929.0, 5.0]]
DAY = 44929.0

CALLS: Final = {
    "CEO_FEE": ((100.0,), '[agreements.A]\nsource = "1"\nrate = 0.03\n', "rate, or tiers"),
    "CEO_NET": ((100.0,), '[agreements.A]\nsource = "1"\nrate = 0.03\n', "rate, or tiers"),
    "CEO_CAPACITY": (
        (100.0,),
        '[agreements.A]\nsource = "1"\ncapacity_shares = 300\n',
        "capacity, or capacity_shares",
    ),
    "CANTOR_WARRANTS": ((100.0,), AGREEMENT + WARRANTS, "warrants of the agreement"),
    "CANTOR_EXERCISE_PRICE": (
        ([[100.0]], [[5.0]]),
        AGREEMENT + WARRANTS,
        "warrants of the agreement",
    ),
    "SETTLEMENT_DATE": ((DAY,), AGREEMENT, "delivery_sessions"),
    "DEAL_PRICE": (("p", QUOTES, DAY), FORMULA.format("p"), "key of a price formula"),
    "DEAL_FEE": ((100.0, 0.0, None, "f"), FEE, "key of a schedule of fees"),
    "ISSUE_HEADROOM": (("c",), CAP.format("c"), "key of a cap on shares"),
    "NASDAQ20_HEADROOM": ((1000.0,), CAP.format("exchange"), "caps.exchange"),
    "CLASSB_EXERCISE_PRICE": ((5.0,), FORMULA.format("class_b"), "prices.class_b"),
    "DEBENTURE_CONVERSION_PRICE": (
        (QUOTES, DAY, DAY),
        FORMULA.format("debenture"),
        "prices.debenture",
    ),
}
"""Arguments of each function, the least that it needs, and words of its message without that."""

BOOKS: Final = {
    "placements": '[agreements.A]\nsource = "1"\nagents = ["One & Co."]\n',
    "proceeds": '[agreements.A]\nsource = "1"\ncapacity = 40_000_000\nrate = 0.03\n',
    "captable": NOTE,
    "equityline": FORMULA.format("p"),
    "reporting": NOTE,
    "offering": FEE,
}
"""The least that each workbook needs; floating.xlsx is of the shape of 2001 alone."""

OTHER: Final = '[caps.shelf]\nsource = "1"\nkind = "registered"\nshares = 5\n'
"""What no function and no workbook of the table needs."""


def rows() -> dict[str, str]:
    page = (ROOT / "docs" / "deals.md").read_text(encoding="utf-8")
    table = page[page.index("| for | a deal needs |") :].partition("\n\n")[0]
    found: dict[str, str] = {}
    for line in table.splitlines()[2:]:
        what, needs = line.strip("| ").split(" | ")
        found |= dict.fromkeys(re.findall(r"`([A-Za-z0-9_]+)(?:\.xlsx)?`", what), needs)
    return found


def offered(tmp_path: Path, text: str) -> None:
    path = tmp_path / "NEEDS-1.toml"
    path.write_text(head("NEEDS-1") + text, encoding="utf-8")
    forget()
    offer(read_terms(path), path)


def test_the_table_has_every_workbook_and_every_function_that_needs_an_entry() -> None:
    listed = rows().keys()
    assert listed - TEMPLATES.keys() - {"CLASSB_AVAILABLE"} == CALLS.keys()
    assert listed >= TEMPLATES.keys()
    assert BOOKS.keys() | {"floating"} == TEMPLATES.keys()


@pytest.mark.parametrize("name", CALLS)
def test_a_function_needs_what_is_listed(tmp_path: Path, name: str) -> None:
    arguments, text, words = CALLS[name]
    function = FUNCTIONS[name]
    gaps: list[object] = [None] * (len(function.arguments) - 1 - len(arguments))
    call = [*arguments, *gaps, "NEEDS-1"]
    try:
        offered(tmp_path, text)
        assert function.call(call) is not None
        # An agreement that has none of it, or none at all.
        empty = '[agreements.A]\nsource = "1"\ntitle = "none"\n' if "agreements" in text else OTHER
        offered(tmp_path, empty)
        with pytest.raises(InputError) as caught:
            function.call(call)
    finally:
        forget()
    assert (caught.value.code, words in str(caught.value)) == ("#REF!", True), str(caught.value)


@pytest.mark.parametrize("name", BOOKS)
def test_a_workbook_needs_what_is_listed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "NEEDS-1.toml"
    path.write_text(head("NEEDS-1") + BOOKS[name], encoding="utf-8")
    assert write(name, selected(read_terms(path))).workbook.sheetnames
    path.write_text(head("NEEDS-1") + OTHER, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        write(name, selected(read_terms(path)))
    assert str(caught.value).startswith("NEEDS-1 has no ")
