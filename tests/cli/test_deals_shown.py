"""`xladdin deals NAME`: every entry that a file may state is shown, words and tables included."""

from __future__ import annotations

import datetime
import json
import typing
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner
from deals import head

from xladdin.cli import main
from xladdin.errors import InputError
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import read_terms, select
from xladdin.terms.deal import Deal
from xladdin.terms.fields import Record, key_of
from xladdin.terms.selection import selected
from xladdin.terms.store import SHIPPED, forget, offer

WHOLE: Final = (
    head("WHOLE-1", "2024-01-02")
    + """quotes_are = "adjusted"

[pools.dollars]
source = "1"
capacity = 90_000_000
[[pools.dollars.tiers]]
source = "1"
up_to = 50_000_000
rate = 0.03
[[pools.dollars.tiers]]
source = "1"
rate = 0.02

[pools.counted]
source = "1"
capacity_shares = 9_000_000

[agreements.FIRST]
source = "2"
title = "Sales Agreement"
dated = 2024-01-02
agents = ["One & Co.", "Two LLC"]
capacity = 40_000_000
rate = 0.03
rate_is = "at most"
expense_reimbursement = 50_000
delivery_sessions = 2
standstill_before = 1
standstill_after = 3
[agreements.FIRST.warrants]
source = "2"
rate = 0.05
exercise_multiple = 1.25
price_round_to = 0.01
life_years = 4.5
cashless_after_years = 1
exercisable_after_months = 6
transfer_lock_years = 0.5
rounding = "up"
counted = "placement"

[agreements.SECOND]
source = "2"
capacity_shares = 1_000_000
[[agreements.SECOND.tiers]]
source = "2"
up_to = 7_000_000
rate = "1/3"
[agreements.SECOND.warrants]
source = "2"
rate = 0.05
exercise_multiple = 1.25
life_months = 54
lock_days = 180

[agreements.THIRD]
source = "2"
pool = "dollars"

[prices.line]
source = "3"
take = "greatest"
floor = 0.25
cap = { value = 20, fixed_in_splits = true }
add = 0.01
round_to = 0.0001
round = "up"
[[prices.line.legs]]
source = "3"
kind = "fixed"
price = 4.04
when_of = "low"
when_below = 5
from = 0
to = 0
[[prices.line.legs]]
source = "3"
kind = "series"
of = "close"
multiple = 0.95
from = -5
to = -1
anchor = "issue"
lowest = 2
after_days = 30
until_days = 90
when_at_least = 3
floor = 0.5

[fees.tiered]
source = "4"
mode = "whole"
rate_is = "at most"
minimum = 100
maximum = 900_000
[[fees.tiered.tiers]]
source = "4"
up_to = 1_000_000
rate = 0.05

[fees.commitment]
source = "4"
paid_in = "shares"
count = 300_000
over = 20_000_000

[caps.exchange]
source = "5"
kind = "issue"
rate = 0.1999
base = 30_000_000
inclusive = true
lifted_at = 1.95
[caps.shelf]
source = "5"
kind = "float"
rate = "1/3"
months = 12
below_float = 75_000_000
[caps.registered]
source = "5"
kind = "registered"
shares = 4_000_000

[limits]
source = "6"
warrant_cap = 0.1
compensation_cap = 0.08

[expenses]
source = "6"
advisory_retainer = 75_000
advisory_deposit = 50_000
advisory_share = 0.5
other_offering = 300_000

[[instruments]]
source = "7"
key = "warrants"
kind = "warrant"
count = 3_413_600
original_count = 4_000_000
price = 1.00
available_from = 2
holders = 2
per_holder = 1_706_800
exercised = 586_400
exercised_proceeds = 5_100_000
issued = 2023-01-02
exercisable = 2023-07-02
expires = 2028-01-02
due = "May 2024"
status = "outstanding"
blocker = 0.0999
anti_dilution = "weighted average"
[[instruments]]
source = "7"
key = "note"
kind = "note"
principal = 5_000_000
formula = "line"
interest = 0.05
issue_price = 0.9
rounding = "down"

[capitalisation]
source = "8"
authorised = 50_000_000
outstanding = 21_862_772
outstanding_date = 2023-10-02
later_outstanding = 21_927_372
later_outstanding_date = 2023-10-26
options_and_warrants = 8_593_877
exercisable_now = 2_515_000
voting_shares = 579_098
voting_warrants = 4_498_145
voting_within_60_days = 173_320
shelf_shares = 6_054_228
shelf_proceeds = 22_460_000
shelf_warrants = 405_000
shelf_warrant_price = 5.69
last_sale = 4.04
last_sale_date = 2023-10-31
year_high = 13.5
year_low = 2.22
monthly_cash_use = 2_300_000

[grids.redemption]
source = "9, s. 6.2"
title = "Shares for a warrant, by months to expiry and price"
reading = "a dash is no share"
columns = [10, 11.5, "37/3"]
rows = [[60, 0.261, 0.281, 0.297], [0, 0, 0, 0.042]]

[[actions]]
source = "10"
kind = "split"
date = 2024-03-08
ratio = 23
[[actions]]
source = "10"
kind = "amendment"
date = 2024-04-01
figure = "agreements.FIRST.capacity"
value = 60_000_000
[[actions]]
source = "10"
kind = "issue"
date = 2024-05-01
shares = 500
price = 0.50

[[printed]]
name = "fee"
value = "$900,000"
source = "11"
call = "=CEO_FEE(30000000)"
[[printed]]
name = "sheet"
value = "12"
source = "11"
workbook = "captable"
cell = "Outstanding"
[[printed]]
name = "other"
value = "13"
source = "11"
exception = "it is rounded twice"

[[exceptions]]
figures = ["agreements.FIRST.dated"]
follows = "agreements.FIRST.capacity"
printed = "simultaneously"
reason = "it was signed together"
"""
)
"""A deal that states every entry of the format."""


def records(item: object) -> Iterator[Record]:
    """Walk the records of a deal."""
    for entry in fields(item):  # type: ignore[arg-type]
        value = getattr(item, entry.name) if entry.metadata else None
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Record):
                yield one
                yield from records(one)


def kinds(kind: type) -> Iterator[type]:
    """Walk the types of the records that a type may have within it."""
    for hint in typing.get_type_hints(kind).values():
        for one in (hint, *typing.get_args(hint)):
            if isinstance(one, type) and issubclass(one, Record):
                yield one
                yield from kinds(one)


def stated(record: Record) -> Iterator[tuple[str, str]]:
    """Yield what a file states in a record, a table aside: key, and value as it is shown."""
    for entry in fields(record):
        value = getattr(record, entry.name)
        meta = entry.metadata
        if value is None or not ("rule" in meta or "choices" in meta):
            continue
        if isinstance(value, tuple):
            if not isinstance(value[0], str):
                continue
            value = ", ".join(value)
        if isinstance(value, bool):
            value = str(value).lower()
        elif isinstance(value, Fraction):
            value = Decimal(repr(float(value)))
        yield key_of(entry), f"{value:,}" if isinstance(value, int | Decimal) else str(value)
        if entry.name in record.fixed:
            yield "fixed_in_splits", "true"


def shown(path: Path) -> list[str]:
    done = CliRunner().invoke(main, ["deals", str(path)])
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    path = tmp_path / "WHOLE-1.toml"
    path.write_text(WHOLE, encoding="utf-8")
    return path


def test_the_deal_states_every_entry_of_the_format(whole: Path) -> None:
    """Every field of every type of record, so that the next test shows them all."""
    deal = read_terms(whole).deal
    every = {(kind, entry.name) for kind in kinds(Deal) for entry in fields(kind) if entry.metadata}
    given = {
        (type(record), entry.name)
        for record in records(deal)
        for entry in fields(record)
        if entry.metadata and getattr(record, entry.name) not in (None, ())
    }
    assert len(every) > 100
    assert every - given == set()
    assert all(getattr(deal, entry.name) for entry in fields(Deal))


OTHERS: Final = [path for path in sorted(SHIPPED.glob("*.toml")) if path.stem != "NEOT-2001"]


@pytest.mark.parametrize("path", [None, *OTHERS], ids=lambda path: path.stem if path else "whole")
def test_every_entry_is_shown(whole: Path, path: Path | None) -> None:
    """As the deal stands after its last action; the 2001 deal has other names for its figures."""
    path = path or whole
    deal = selected(read_terms(path)).deal
    lines = shown(path)
    found: Counter[tuple[str, str]] = Counter()
    for line in lines:
        name, _, value = line.partition(" ")
        key = name.rpartition(".")[2]
        for one in records(deal):
            for wanted, text in stated(one):
                if key == wanted and (value.strip() + " ").startswith(text + " "):
                    found[key, text] += 1
                    break
            else:
                continue
            break
    wanted_in_all = Counter(pair for record in records(deal) for pair in stated(record))
    assert wanted_in_all - found == Counter()
    for text in (deal.issuer, deal.ticker, deal.document, deal.calendar, deal.quotes_are):
        assert text in " ".join(lines[:2])


def test_the_words_of_the_2001_deal_are_shown() -> None:
    lines = shown(SHIPPED / "NEOT-2001.toml")
    for words in (
        "agreement.rate_is ",
        "prices.class_b.take ",
        "prices.debenture.leg_2.kind ",
        "printed.full_commission.call ",
        "instruments.class_b.available_from.fixed_in_splits ",
        "exception_10.reason ",
        "NEOT-2001/OTHER",
    ):
        assert any(line.startswith(words) for line in lines), words


def test_a_table_is_shown(whole: Path) -> None:
    lines = shown(whole)
    at = next(at for at, line in enumerate(lines) if line.startswith("grids.redemption.rows"))
    assert lines[at].endswith("[9, s. 6.2]")
    assert [line.split() for line in lines[at + 1 : at + 4]] == [
        ["10", "11.5", "37/3"],
        ["60", "0.261", "0.281", "0.297"],
        ["0", "0", "0", "0.042"],
    ]
    table = json.loads(CliRunner().invoke(main, ["deals", str(whole), "--json"]).stdout)
    assert table["grids"]["redemption"]["rows"][1] == ["0", "0", "0", "0.042"]
    assert table["grids"]["redemption"]["columns"] == ["10", "11.5", "37/3"]
    assert (table["ticker"], table["quotes_are"]) == ("WHOL", "adjusted")
    values: dict[str, Any] = {one["name"]: one["value"] for one in table["figures"]}
    assert values["agreement.rate_is"] == "at most"
    assert values["prices.line.take"] == "greatest"


def test_cells_of_a_table_are_looked_up(whole: Path) -> None:
    offer(read_terms(whole), whole)
    term, source = FUNCTIONS["DEAL_TERM"].call, FUNCTIONS["DEAL_SOURCE"].call
    for name, value in (
        ("column_2.heading", 11.5),
        ("row_1.heading", 60.0),
        ("row_1.column_1", 0.261),
        ("row_2.column_3", 0.042),
    ):
        named = f"grids.redemption.{name}"
        assert term([named, "WHOLE-1"]) == value
        assert source([named, "WHOLE-1"]) == "9, s. 6.2"
        (step,) = FUNCTIONS["DEAL_TERM"].explain([named, "WHOLE-1"])
        assert (step.result, step.source) == (value, "9, s. 6.2")
    with pytest.raises(InputError) as caught:
        term(["grids.redemption.row_3.column_1", "WHOLE-1"])
    assert caught.value.code == "#REF!"
    forget()


def test_every_entry_shown_is_looked_up(whole: Path) -> None:
    """Words as text; those of a section by its name in the file, too."""
    offer(read_terms(whole), whole)
    term = FUNCTIONS["DEAL_TERM"].call
    try:
        entries = select("WHOLE-1").entries.values()
        for entry in entries:
            expected = (
                entry.value if isinstance(entry.value, str | datetime.date) else float(entry.value)
            )
            assert term([entry.name, "WHOLE-1"]) == expected, entry.name
        words = {entry.name for entry in entries if isinstance(entry.value, str)}
        for name in (
            "agreement.rate_is",
            "agreement.delivery_calendar",
            "prices.line.take",
            "instruments.warrants.anti_dilution",
            "instruments.note.formula",
            "caps.exchange.inclusive",
            "grids.redemption.title",
            "grids.redemption.reading",
        ):
            assert name in words
        assert term(["agreements.FIRST.rate_is", "WHOLE-1"]) == "at most"
        assert term(["caps.exchange.inclusive", "WHOLE-1"]) == "true"
    finally:
        forget()


def test_sources_of_words(whole: Path) -> None:
    offer(read_terms(whole), whole)
    try:
        with pytest.raises(InputError) as caught:
            FUNCTIONS["DEAL_SOURCE"].call(["prices.line.take", "WHOLE-1"])
        assert caught.value.code == "#REF!"
        assert "names none for this word" in str(caught.value)
        (step,) = FUNCTIONS["DEAL_TERM"].explain(["prices.line.take", "WHOLE-1"])
        assert step.source == "the deal's file, which names no source for this word"
    finally:
        forget()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("class_b", "must name one figure: class_b has several, such as class_b.original_issue"),
        ("agreement.delivery_calender", "such as agreement.delivery_calendar; `xladdin deals"),
        ("nope", "such as agreement.title; `xladdin deals NEOT-2001` lists all"),
    ],
)
def test_names_that_are_none(name: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        FUNCTIONS["DEAL_TERM"].call([name])
    assert caught.value.code == "#REF!"
    assert said in str(caught.value)
    assert len(str(caught.value)) <= 255


def test_what_splits_changed_is_no_figure_of_its_page() -> None:
    """Canoo's floor of 0.10 USD is 46 after two splits, 23 and 20 old shares for a new one."""
    lines = CliRunner().invoke(main, ["deals", "CANOO-2022"]).stdout.splitlines()
    since = "; adjusted for splits or issues since]"
    marked = {line.split()[0]: line.split()[1] for line in lines if line.endswith(since)}
    assert marked == {
        "prices.first.floor": "46",
        "prices.third.floor": "46",
        "instruments.walmart.count": "133,043",
        "instruments.walmart.price": "989",
        "instruments.june_2024.price": "46",
    }
    for name in ("CANOO-2022@2023-12-01", "NEOT-2001", "MORF-2020"):
        assert "adjusted for" not in CliRunner().invoke(main, ["deals", name]).stdout
    table = json.loads(CliRunner().invoke(main, ["deals", "CANOO-2022", "--json"]).stdout)
    assert {one["name"] for one in table["figures"] if one.get("adjusted")} == set(marked)
