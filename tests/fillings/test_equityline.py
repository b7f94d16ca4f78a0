"""equityline.xlsx filled at random: no valid input fails a check, and nothing wrong passes one."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

import pytest
from fillings.base import LONG, SHORT, Answer, Filling, Template, by_the_office, chances, how_many
from fillings.equityline_drawn import Drawn, spoil
from oracles.contract import slack
from oracles.equityline import CONVERSION, DRAW, Expected, Figures, over
from paths import DATA

from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

PRICE: Final = 1e-9
DOLLARS: Final = 1e-6
"""Tolerances: the workbook's own; `_same` allows for the digits of a double besides."""


@dataclass(frozen=True)
class Case:
    """A deal, and the years whose dates are drawn."""

    figures: Figures
    years: tuple[int, int]


def leg(of: str, multiple: str, first: int, last: int, **more: Any) -> dict[str, Any]:
    """A leg that follows quotations."""
    return {
        "kind": "series", "of": of, "multiple": multiple, "from": first, "to": last, **more,
    }  # fmt: skip


CANOO: Final = Figures(
    formulas={
        "first": {
            "floor": "1",
            "legs": [leg("vwap", "1.2", -1, -1, anchor="issue"), leg("vwap", "0.95", -1, -1)],
        },
        "third": {
            "floor": "1",
            "legs": [
                leg("vwap", "1.1", -1, -1, anchor="issue"),
                leg("vwap", "0.95", -5, -1, lowest=1),
            ],
        },
    },
    columns=("VWAP",),
    amendments=tuple(
        (when, (key, "floor"), value)
        for when, value in (
            (datetime.date(2023, 1, 24), "0.5"),
            (datetime.date(2023, 10, 5), "0.1"),
        )
        for key in ("first", "third")
    ),
    splits=((datetime.date(2024, 3, 8), 23), (datetime.date(2024, 12, 24), 20)),
    capacity="300000000",
    dated=datetime.date(2022, 7, 20),
    fee={"tiers": [(None, "0.05")]},
    of_notes=True,
    needs_issue=("first", "third"),
    conversions=("first", "third"),
    prepaid=True,
)
CDIO: Final = Figures(
    formulas={"conversion": {"floor": "0.55", "legs": [leg("vwap", "0.92", -7, -1, lowest=2)]}},
    columns=("VWAP",),
    amendments=((datetime.date(2023, 9, 30), ("conversion", "floor"), "0.2"),),
    rounding="up",
    of_notes=True,
    conversions=("conversion",),
)
CGTX: Final = Figures(
    capacity="35000000",
    dated=datetime.date(2023, 3, 10),
    caps={"purchase": {"kind": "issue", "shares": 5_811_638}},
    cap="purchase",
)
LINE: Final = Figures(
    formulas={
        "regular": {"legs": [leg("low", "1", 0, 0), leg("close", "1", -10, -1, lowest=3)]},
        "block": {
            "take": "greatest", "floor": "0.25", "cap": "20", "add": "0.01",
            "round_to": "0.0001", "round": "up",
            "legs": [
                leg("close", "0.95", 0, 2, when_below="3", when_of="low", fixed=("when_below",)),
                leg("close", "1/3", -5, -1),
            ],
        },
        "note": {
            "legs": [
                {"kind": "fixed", "price": "6.15", "until_days": 90},
                leg("market value", "1.2", -2, -1, anchor="issue"),
                leg("market value", "0.92", -4, -1, lowest=2, after_days=30, floor="0.716"),
            ],
        },
    },
    columns=("Low", "Close", "Market value", "Closing bid"),
    amendments=(
        (datetime.date(2023, 9, 1), ("block", "floor"), "0.5"),
        (datetime.date(2024, 6, 3), ("note", "legs", 2, "multiple"), "0.9"),
    ),
    splits=((datetime.date(2024, 2, 1), 4),),
    capacity="15000000",
    dated=datetime.date(2023, 3, 1),
    caps={
        "line": {
            "kind": "issue", "rate": "0.1999", "base": Fraction(29_072_729, 4), "lifted_at": "20",
        },
        "shelf": {"kind": "registered", "shares": 4_375_000},
    },
    cap="line",
    fee={
        "tiers": [("1000000", "0.05"), ("4000000", "0.04"), (None, "0.025")],
        "minimum": "10000", "maximum": "500000",
    },
    commitment={"count": 20_000, "over": "15000000"},
    of_notes=True,
    needs_issue=("note",),
    conversions=("note",),
)  # fmt: skip

CASES: Final = {
    "CANOO-2022": Case(CANOO, (2021, 2029)),
    "CDIO-2023": Case(CDIO, (2022, 2029)),
    "CGTX-2022": Case(CGTX, (2021, 2029)),
    "LINE-2023": Case(LINE, (2022, 2029)),
    "ADJUSTED": Case(replace(LINE, adjusted=True), (2022, 2029)),
}


@pytest.fixture(scope="module", params=CASES)
def subject(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Case, Template]]:
    """A deal and its workbook."""
    name = request.param
    path = DATA / f"{name}.toml"
    if name == "ADJUSTED":
        path = tmp_path_factory.mktemp("deals") / f"{name}.toml"
        text = (DATA / "LINE-2023.toml").read_text(encoding="utf-8")
        text = text.replace("LINE-2023", name).replace(
            "document_date", 'quotes_are = "adjusted"\ndocument_date', 1
        )
        path.write_text(text, encoding="utf-8")
    if path.exists():
        offer(read_terms(path), path)
    yield name, CASES[name], Template("equityline", select(name), "Advances")
    forget()


def run(subject: tuple[str, Case, Template], count: int) -> None:
    """Draw, compute and judge so many fillings."""
    name, case, template = subject
    formulas = template.formulas(3)
    for number, chance in chances("equityline", name, count):
        quoted = _quotation_rows(template)
        drawn = Drawn(chance, case.figures, case.years, template.rows, quoted)
        if chance.random() < 0.3:
            spoil(drawn, formulas, template.below)
        filling = drawn.filling
        filling.others = _typed_quotations(template, drawn.quotes) | filling.others
        answer = template.compute(filling, office=by_the_office(number, CASES, name))
        said = f"{name}, filling {number}: {filling.wrong or 'valid'}"
        if filling.wrong:
            answer.judge_wrong(filling, said)
        else:
            judge(answer, filling, drawn.quotes, case.figures, said)


def _quotation_rows(template: Template) -> int:
    if "Quotations" not in template.workbook.sheetnames:
        return 0
    table = template.workbook["Quotations"].tables["Quotations"]
    first, last = table.ref.split(":")
    return int(last.strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) - int(first[1:])


def _typed_quotations(
    template: Template, quotes: list[dict[str, Any]]
) -> dict[tuple[str, str], Any]:
    """Type rows of quotations, and clear the others."""
    typed: dict[tuple[str, str], Any] = {}
    if "Quotations" not in template.workbook.sheetnames:
        return typed
    sheet = template.workbook["Quotations"]
    for column in range(1, sheet.max_column + 1):
        heading = sheet.cell(4, column).value
        if heading == "Remark":
            break
        for number in range(_quotation_rows(template)):
            row = quotes[number] if number < len(quotes) else {}
            place = sheet.cell(5 + number, column).coordinate
            typed["Quotations", place] = row.get(heading)
    return typed


def judge(
    answer: Answer,
    filling: Filling,
    quotes: list[dict[str, Any]],
    figures: Figures,
    said: str,
) -> None:
    """See that no check fails and every figure and twin is right, or that limits are named."""
    expected = Expected(filling.cells, filling.rows, quotes, figures)
    broken = expected.broken()
    if broken:
        assert not answer.holds(), said
        remark = answer.column("Remark")[broken[0]]
        assert str(remark).startswith("Failure: "), (said, remark)
        return
    assert answer.failing() == [], said
    assert answer.holds(), said
    _judge_rows(answer, expected, said)
    _judge_totals(answer, expected, said)
    _judge_prices(answer, filling, expected, said)
    assert answer.named("Checks_Warnings") == expected.warnings(), said
    sheets = [name for name in answer.template.workbook.sheetnames if name not in _CLOSING]
    assert answer.errors(*sheets) == [], said


_CLOSING: Final = ("Calendar", "Terms", "Functions", "_xladdin")


def _same(found: Any, right: Fraction | int, said: str, tolerance: float = PRICE) -> None:
    if isinstance(right, Fraction):
        assert isinstance(found, float), (said, found, float(right))
        near = max(tolerance, 8 * math.ulp(float(right)))
        assert abs(Fraction(found) - right) <= near, (said, found, float(right))
    else:
        assert found == right, (said, found, right)


def _of_capacity(figures: Figures) -> float:
    """How far what is left of a capacity may be off: by the error of a running sum of its size."""
    return max(float(slack(Fraction(figures.capacity or 0))), DOLLARS)


def _judge_rows(answer: Answer, expected: Expected, said: str) -> None:
    columns: list[tuple[str, str, float]] = [
        ("Shares", "shares", 0),
        ("Fee", "fee", DOLLARS),
        ("Commitment shares", "commitment", 0),
        ("Issued", "issued", 0),
        ("Issued to date", "all_issued", 0),
        ("Average price", "average", PRICE),
        ("Capacity left", "capacity_left", _of_capacity(expected.figures)),
        ("Left under the cap", "cap_left", 0),
        ("Ownership limit leaves", "owned_left", 0),
    ]
    if expected.figures.formulas:
        columns.append(("Price", "price", PRICE))
    for heading, name, tolerance in columns:
        if heading not in answer.template.columns:
            continue
        for column in (heading, f"Plain {heading[0].lower()}{heading[1:]}"):
            found = answer.column(column)
            for number in range(answer.template.rows):
                rows = expected.rows
                right = getattr(rows[number], name) if number < len(rows) else 0
                _same(found[number], right, f"{said}: row {number}, {column}", tolerance)


def _judge_totals(answer: Answer, expected: Expected, said: str) -> None:
    figures = expected.figures
    sells = figures.prepaid or figures.averaged == DRAW
    totals: list[tuple[str, Fraction | int]] = [
        ("Amount_total", expected.sold if sells else expected.amounts[CONVERSION]),
        ("Shares_bought", expected.bought[figures.averaged]),
        ("Issued_total", expected.issued),
        ("Ownership_left", expected.owned(expected.issued, 0)),
        ("Issued_share", expected.issued_share),
        ("Average_paid", expected.average),
    ]
    if figures.fee:
        due = sum((row.fee for row in expected.rows), Fraction())
        totals += [("Fee_total", due), ("Net_total", expected.sold - due)]
    named = answer.template.workbook.defined_names
    of_notes: list[tuple[str, Fraction | int]] = [
        ("Converted_total", expected.amounts[CONVERSION]),
        ("Shares_converted", expected.bought[CONVERSION]),
        ("Converted_issued", expected.carried[CONVERSION]),
        (
            "Average_converted",
            over(expected.amounts[CONVERSION], expected.carried[CONVERSION]),
        ),
        ("Averaged_shares", expected.carried[figures.averaged]),
        ("Advances_left", expected.sold - expected.amounts[CONVERSION]),
    ]
    totals += [(name, right) for name, right in of_notes if name in named]
    if figures.commitment:
        totals.append(("Commitment_total", expected.paid))
    if figures.capacity:
        totals.append(("Line_left", expected.left(expected.sold)))
    if figures.cap:
        totals.append(("Cap_left", expected.cap_left(expected.issued, expected.average)))
    for name, right in totals:
        tolerance = {
            "Issued_share": PRICE, "Average_paid": PRICE, "Average_converted": PRICE,
            "Line_left": _of_capacity(figures),
        }.get(name, DOLLARS)  # fmt: skip
        _same(answer.named(name), right, f"{said}: {name}", tolerance)
        sheet, place = answer.template.place(name)
        if name not in PLAIN:
            _same(answer.at(sheet, f"C{place[1:]}"), right, f"{said}: {name}, plain", tolerance)


PLAIN: Final = (
    "Amount_total", "Average_paid", "Average_converted", "Converted_total", "Advances_left",
)  # fmt: skip
"""Totals that are plain Excel themselves."""


def _judge_prices(answer: Answer, filling: Filling, expected: Expected, said: str) -> None:
    """Judge the table of assumed prices."""
    figures = expected.figures
    amount = filling.cells["Sensitivity_amount"]
    if amount is not None:
        used = Fraction(amount)
    else:
        used = expected.left(expected.sold) if figures.capacity else Fraction()
    halves = (True, False) if figures.cap else (False,)
    for number in range(1, 8):
        price = filling.cells[f"Assumed_price_{number}"]
        row = answer.template.place(f"Assumed_price_{number}")[1][1:]
        for at, capped in enumerate(halves):
            shares, part = 0, Fraction()
            if price is not None:
                shares, part = expected.at_price(price, used, capped=capped)
            for shift in (0, 3 * len(halves)):
                first = 1 + 3 * at + shift
                where = f"{said}: price {price}, {'within' if capped else 'without'}"
                letters = "ABCDEFGHIJKLMNOP"
                cells = [answer.at("Sensitivity", f"{letters[first + n]}{row}") for n in range(3)]
                _same(cells[0], shares, where)
                _same(cells[1], part, where)
                _same(cells[2], shares * shown_price(price), where, DOLLARS)


def shown_price(price: float | None) -> Fraction:
    """A price as a double; 0 for a blank."""
    return Fraction(price or 0)


@pytest.mark.sample(2, contained=True)
def test_a_sample(subject: tuple[str, Case, Template]) -> None:
    run(subject, how_many(SHORT, len(CASES)))


@pytest.mark.long
def test_many(subject: tuple[str, Case, Template]) -> None:
    run(subject, how_many(LONG, len(CASES)))


def test_a_price_without_an_amount_is_no_row_to_explain() -> None:
    template = Template("equityline", select("CGTX-2022"), "Advances")
    row = {"Date": datetime.date(2023, 5, 1), "Price": 2.0}
    answer = template.compute(Filling({"Explained_advance": 1}, [row]))
    assert answer.failing() == []
