"""Deals of format 2: what a file may say, what is refused, and the upgrade from format 1."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from deals import head
from oracles import deals as oracle_deals
from paths import DATA
from price_formulas import compiled, random_formula

from xladdin.errors import InputError, TermsError
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import Selection, read_terms
from xladdin.terms.selection import selected
from xladdin.terms.store import SHIPPED
from xladdin.terms.writer import written

HEAD = head("MINE")
FORMULA = """
[prices.first]
source = "2.1"
floor = 1.00

[[prices.first.legs]]
source = "2.1(a)"
kind = "series"
of = "VWAP"
multiple = 0.97
from = 0
to = 2
lowest = 1
"""
AGREEMENT = """
[agreements.SALES]
source = "1"
title = "Sales Agreement"
agents = ["One & Co.", "Two LLC"]
capacity = 40_000_000
rate = 0.03
"""
POOL = """
[pools.both]
source = "1"
capacity = 100_000

[agreements.ONE]
source = "1"
pool = "both"
rate = 0.03

[agreements.TWO]
source = "1"
pool = "both"
rate = "1/3"
"""


def read(tmp_path: Path, *parts: str) -> Selection:
    file = tmp_path / "MINE.toml"
    file.write_text(HEAD + "".join(parts), encoding="utf-8")
    return selected(read_terms(file))


def refused(tmp_path: Path, *parts: str) -> TermsError:
    with pytest.raises(TermsError) as caught:
        read(tmp_path, *parts)
    error = caught.value
    assert str(error).startswith(str(tmp_path / "MINE.toml"))
    assert error.key in str(error)
    return error


def call(selection: Selection, name: str, *arguments: Any) -> Any:
    """Call a function, the deal being the last argument."""
    function = FUNCTIONS[name]
    given = [*arguments, *[None] * (len(function.arguments) - 1 - len(arguments)), selection]
    return function.call(given)


# What a file may say


def test_a_formula_alone(tmp_path: Path) -> None:
    selection = read(tmp_path, FORMULA)
    formula = selection.deal.formula("FIRST")
    assert formula is not None
    assert formula.sources["floor"] == "2.1"
    (leg,) = formula.legs
    assert (leg.first, leg.last, leg.lowest, leg.sources["first"]) == (0, 2, 1, "2.1(a)")
    assert selection.named["prices.first.leg_1.multiple"].value == Decimal("0.97")
    assert selection.named["prices.first.leg_1.from"].source == "2.1(a)"
    assert selection.text == "MINE"


def test_one_source_for_a_table_and_others_beside_figures(tmp_path: Path) -> None:
    cap = """
[caps.exchange]
kind = "issue"
inclusive = true
source = "5"
rate = { value = 0.1999, source = "5(b)" }
base = { value = 29_072_729, fixed_in_splits = true }
"""
    found = read(tmp_path, cap).deal.cap("exchange")
    assert found is not None
    assert dict(found.sources) == {"rate": "5(b)", "base": "5"}
    assert found.fixed == {"base"}


def test_fractions_are_texts(tmp_path: Path) -> None:
    selection = read(tmp_path, POOL)
    assert selection.deal.agreements[1].rate == Fraction(1, 3)
    two = selected(selection.terms, "TWO")
    assert call(two, "CEO_FEE", 3.0) == 1.0
    assert two.figures["agreement.rate"].value == Decimal("0.3333333333333333")


def test_agreements_that_share_a_pool(tmp_path: Path) -> None:
    selection = read(tmp_path, POOL)
    assert call(selection, "CEO_FEE", 50_000.0, 50_000.0) == 1_500
    assert call(selection, "CEO_CAPACITY", 99_999.0) == 1
    with pytest.raises(InputError, match="the pool's capacity") as caught:
        call(selection, "CEO_FEE", 50_000.01, 50_000.0)
    assert caught.value.code == "#NUM!"
    assert selection.figures["agreement.pool.capacity"].value == 100_000


def test_a_capacity_in_shares(tmp_path: Path) -> None:
    text = '[agreements.A]\nsource = "1"\ncapacity_shares = 95_000_000\nrate = 0.02\n'
    selection = read(tmp_path, text)
    assert call(selection, "CEO_CAPACITY", 62_800_000.0) == 32_200_000
    for sold, price, code in (
        (95_000_001.0, None, "#NUM!"),
        (0.5, None, "#NUM!"),
        (1.0, 2.0, "#VALUE!"),
    ):
        with pytest.raises(InputError) as caught:
            call(selection, "CEO_CAPACITY", sold, price)
        assert caught.value.code == code
    assert call(selection, "CEO_FEE", 1e12) == 2e10  # no capacity in dollars is tested


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("CEO_FEE", (1.0,)),
        ("CEO_NET", (1.0,)),
        ("CEO_CAPACITY", (1.0,)),
        ("CANTOR_WARRANTS", (1.0,)),
        ("CLASSB_EXERCISE_PRICE", (1.0,)),
        ("CLASSB_AVAILABLE", (1.0,)),
        ("NASDAQ20_HEADROOM", (1.0,)),
        (
            "DEBENTURE_CONVERSION_PRICE",
            ([[datetime.date(2023, 1, 3), 1.0]], datetime.date(2023, 1, 4)),
        ),
        ("DEAL_TERM", ("agreement.capacity",)),
    ],
)
def test_what_a_deal_lacks(tmp_path: Path, name: str, arguments: tuple[Any, ...]) -> None:
    selection = read(tmp_path, FORMULA)
    with pytest.raises(InputError) as caught:
        call(selection, name, *arguments)
    assert caught.value.code == "#REF!"


def test_rounding_of_warrants(tmp_path: Path) -> None:
    text = (
        AGREEMENT
        + """
[agreements.SALES.warrants]
source = "3"
rate = 0.035
exercise_multiple = 1.355
price_round_to = 0.01
life_years = 4.5
exercisable_after_months = 6
lock_days = 180
rounding = "{}"
"""
    )
    for rounding, count in (("down", 3), ("nearest", 4), ("up", 4)):
        selection = read(tmp_path, text.format(rounding))
        assert call(selection, "CANTOR_WARRANTS", 100) == count  # 3.5
    assert call(selection, "CANTOR_WARRANTS", 14_700_000) == 514_500
    assert call(selection, "CANTOR_EXERCISE_PRICE", [[14_700_000]], [[2.05]]) == 2.78


# What is refused

WRONG = [
    ("nothing at all", "", "agreements", "is needed"),
    ("no legs", '[prices.p]\nsource = "1"\nfloor = 1\n', "prices.p.legs", "is missing"),
    ("a name with a dot", FORMULA.replace("first", '"a.b"'), "prices.a.b", "is not a name"),
    (
        "no source",
        FORMULA.replace('source = "2.1(a)"', ""),
        "prices.first.legs[1].multiple",
        "source",
    ),
    (
        "a misspelt word",
        FORMULA.replace("series", "serie"),
        "prices.first.legs[1].kind",
        "'series'",
    ),
    (
        "a misspelt entry",
        FORMULA.replace("lowest", "lowset"),
        "prices.first.legs[1].lowset",
        "did you mean 'lowest'?",
    ),
    (
        "more than the window has",
        FORMULA.replace("lowest = 1", "lowest = 4"),
        "prices.first.legs[1].lowest",
        "than the window has, 3",
    ),
    (
        "a window backwards",
        FORMULA.replace("from = 0", "from = 3"),
        "prices.first.legs[1].from",
        "must not be after to, 2",
    ),
    (
        "a window without an end",
        FORMULA.replace("to = 2", ""),
        "prices.first.legs[1].to",
        "is missing",
    ),
    (
        "a window of years",
        FORMULA.replace("from = 0", "from = -1001"),
        "prices.first.legs[1].from",
        "at least -1,000",
    ),
    (
        "a fixed leg with a multiple",
        FORMULA.replace('"series"', '"fixed"'),
        "prices.first.legs[1].price",
        "is missing",
    ),
    (
        "a text for a number",
        FORMULA.replace("0.97", '"a third"'),
        "prices.first.legs[1].multiple",
        "must be a number",
    ),
    (
        "a fraction over nothing",
        FORMULA.replace("0.97", '"1/0"'),
        "prices.first.legs[1].multiple",
        "must be a number",
    ),
    (
        "both capacities",
        AGREEMENT + "capacity_shares = 5\n",
        "agreements.SALES.capacity_shares",
        "must be left out",
    ),
    (
        "an agent twice",
        AGREEMENT.replace('"Two LLC"', '"One & Co."'),
        "agreements.SALES.agents",
        "none of them empty, not One & Co., One & Co.",
    ),
    ("no such pool", AGREEMENT + 'pool = "p"\n', "agreements.SALES.pool", "names no pool"),
    (
        "the same agent twice",
        AGREEMENT.replace("Two LLC", "One & Co."),
        "agreements.SALES.agents",
        "different names",
    ),
    (
        "an agent that is a number",
        AGREEMENT.replace('"Two LLC"', "2"),
        "agreements.SALES.agents[2]",
        "must be a text",
    ),
    (
        "a cap that does not say whether it may be reached",
        '[caps.x]\nsource = "1"\nkind = "issue"\nrate = 0.2\n',
        "caps.x.inclusive",
        "19.99%",
    ),
    (
        "a cap that must not be reached itself",
        '[caps.x]\nsource = "1"\nkind = "ownership"\nrate = 0.05\ninclusive = false\n',
        "caps.x.inclusive",
        "state the greatest rate",
    ),
    (
        "a fee of two kinds",
        '[fees.f]\nsource = "1"\npaid_in = "shares"\n[[fees.f.tiers]]\nsource = "1"\nrate = 0.1\n',
        "fees.f.count",
        "is missing",
    ),
    (
        "a tier without an end before the last",
        '[[fees.f.tiers]]\nsource = "1"\nrate = 0.1\n[[fees.f.tiers]]\nsource = "1"\nrate = 0.2\n',
        "fees.f.tiers[1].up_to",
        "only the last",
    ),
    (
        "a grid with a gap",
        '[grids.g]\nsource = "1"\ncolumns = [1, 2]\nrows = [[1, 0.1, 0.2], [2, 0.3]]\n',
        "grids.g.rows[2]",
        "2 figures",
    ),
    (
        "a grid in disorder",
        '[grids.g]\nsource = "1"\ncolumns = [1, 3, 2]\nrows = [[1, 0.1, 0.2, 0.3]]\n',
        "grids.g.columns",
        "rise, or fall",
    ),
    (
        "an instrument of no formula",
        '[[instruments]]\nkey = "n"\nsource = "1"\nkind = "note"\nprincipal = 1\nformula = "f"\n',
        "instruments.n.formula",
        "names no price formula",
    ),
    (
        "a rounding to nothing",
        FORMULA.replace("[prices.first]", '[prices.first]\nround = "up"'),
        "prices.first.round",
        "round_to does not say to what",
    ),
    (
        "a split without a ratio",
        FORMULA + '[[actions]]\nsource = "1"\nkind = "split"\ndate = 2024-01-02\n',
        "actions[1].ratio",
        "is missing",
    ),
    (
        "notes of two roundings",
        (
            '[[instruments]]\nkey = "a"\nsource = "1"\nkind = "note"\nprincipal = 1\n'
            '[[instruments]]\nkey = "b"\nsource = "1"\nkind = "note"\nprincipal = 1\n'
            'rounding = "up"\n'
        ),
        "instruments",
        "must all have one rounding",
    ),
    (
        "an issue that lowers no price",
        FORMULA + '[[actions]]\nsource = "1"\nkind = "issue"\ndate = 2024-01-02\n'
        "shares = 1\nprice = 1\n",
        "actions[1].kind",
        "changes nothing",
    ),
    (
        "a calendar of delivery that there is not",
        '[agreements.X]\nsource = "1"\ncapacity = 1\ndelivery_calendar = "settlement"\n',
        "agreements.X.delivery_calendar",
        "must be one of 'sessions', 'settlement days', not 'settlement'",
    ),
    (
        "an amendment of nothing",
        FORMULA + '[[actions]]\nsource = "1"\nkind = "amendment"\ndate = 2024-01-02\n'
        'figure = "prices.first.cap_price"\nvalue = 1\n',
        "actions[1].figure",
        "no figure",
    ),
    (
        "an amendment of another type",
        FORMULA + '[[actions]]\nsource = "1"\nkind = "amendment"\ndate = 2024-01-02\n'
        'figure = "prices.first.floor"\nvalue = "low"\n',
        "actions[1].value",
        "must be a number, not 'low'",
    ),
    (
        "an amendment that breaks a rule",
        FORMULA + '[[actions]]\nsource = "1"\nkind = "amendment"\ndate = 2024-01-02\n'
        'figure = "prices.first.floor"\nvalue = -1\n',
        "actions[1].value",
        "amends prices.first.floor, which must be above 0, not -1",
    ),
    (
        "a printed figure that nothing gives",
        FORMULA + '[[printed]]\nsource = "1"\nname = "n"\nvalue = "5"\n',
        "printed[1].call",
        "is needed",
    ),
    ("other quotations", 'quotes_are = "odd"\n' + FORMULA, "quotes_are", "'adjusted'"),
    (
        "the exchange's limit twice",
        (
            '[limits]\nsource = "1"\nexchange_limit = 0.2\n'
            '[caps.exchange]\nsource = "1"\nkind = "issue"\nrate = 0.2\ninclusive = false\n'
        ),
        "limits.exchange_limit",
        "caps.exchange gives it",
    ),
    (
        "too many legs",
        FORMULA + FORMULA[FORMULA.index("[[") :] * 50,
        "prices.first.legs",
        "at most 50",
    ),
]


@pytest.mark.parametrize(
    ("text", "key", "reason"), [pytest.param(*wrong, id=label) for label, *wrong in WRONG]
)
def test_one_thing_wrong(tmp_path: Path, text: str, key: str, reason: str) -> None:
    error = refused(tmp_path, text)
    assert (error.key, reason in str(error)) == (key, True), str(error)


# The upgrade from format 1

FILES = [DATA / "format_1" / "NEOT-2001.toml", *sorted(DATA.glob("*.toml"))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_upgrade_says_the_same(tmp_path: Path, file: Path) -> None:
    older = read_terms(file)
    text = written(older.deal)
    path = tmp_path / file.name
    path.write_text(text, encoding="utf-8")
    newer = read_terms(path)
    assert newer == older  # record by record, source by source
    assert newer.deal == older.deal
    assert written(newer.deal) == text
    assert list(selected(newer).figures.values()) == list(selected(older).figures.values())


def test_the_shipped_deal_is_the_upgrade() -> None:
    assert read_terms(SHIPPED / "NEOT-2001.toml") == read_terms(FILES[0])
    names = selected(read_terms(SHIPPED / "NEOT-2001.toml")).named
    for older, newer in (
        ("class_b.cap_price", "prices.class_b.leg_1.price"),
        ("class_b.low_price_threshold", "prices.class_b.leg_3.when_below"),
        ("debentures.lowest_bids", "prices.debenture.leg_2.lowest"),
        ("limits.exchange_limit", "caps.exchange.rate"),
        ("agreement.capacity", "agreements.SALES.capacity"),
    ):
        assert names[older].value == names[newer].value
        assert names[older].source == names[newer].source


@pytest.mark.parametrize("count", [100, pytest.param(2_000, marks=pytest.mark.long)])
def test_random_formulas_are_written_and_read(tmp_path: Path, count: int) -> None:
    rng = random.Random(20011101)
    for _ in range(count):
        formula = random_formula(rng)
        text = "".join(_as_toml(formula))
        found = read(tmp_path, text).deal
        assert found.prices[0].formula == compiled(formula), text
        again = read(tmp_path, written(found).removeprefix(HEAD)).deal
        assert again == found


def _as_toml(formula: dict[str, Any]) -> list[str]:
    def lines(table: dict[str, Any]) -> list[str]:
        return [
            f"{key} = {value!r}\n".replace("'", '"')
            for key, value in table.items()
            if key != "legs"
        ]

    numbers = {
        "price",
        "multiple",
        "floor",
        "cap",
        "add",
        "round_to",
        "when_below",
        "when_at_least",
    }
    out = ["[prices.p]\n", 'source = "1"\n', *lines(formula)]
    for leg in formula["legs"]:
        out += ["[[prices.p.legs]]\n", 'source = "1"\n', *lines(leg)]
    # Numbers are texts in the formulas drawn; a fraction stays one.
    return [
        line.replace('"', "") if line.split(" = ")[0] in numbers and "/" not in line else line
        for line in out
    ]


def test_formulas_give_what_their_file_says(tmp_path: Path) -> None:
    formula: dict[str, Any] = {
        "legs": [
            {"kind": "fixed", "price": "6.15"},
            {"kind": "series", "of": "VWAP", "multiple": "0.92", "from": -9, "to": 0, "lowest": 1},
        ]
    }
    found = read(tmp_path, *_as_toml(formula)).deal.prices[0]
    assert found.legs[1].exact.of == "vwap"
    assert oracle_deals.leg_value(formula["legs"][0], [], {}) == found.legs[0].price
