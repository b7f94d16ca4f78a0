"""Reading a deal: each kind of wrong file is refused with its path, key and reason."""

from __future__ import annotations

import dataclasses
import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from deals import NEOT_1
from refused_deals import AWKWARD, SOUND, SRC, changed, refused

from xladdin.terms import FigureError, read_terms
from xladdin.terms.fields import Record
from xladdin.terms.model import Tier


def test_a_sound_deal() -> None:
    terms = read_terms(AWKWARD)
    assert (terms.name, terms.issuer, terms.ticker) == ("AWKWARD", "Awkward Holdings", "AWK")
    assert terms.document_date == datetime.date(2010, 2, 28)
    [agreement] = terms.agreements
    assert agreement.key == "ONLY"
    assert agreement.capacity == Decimal("7777777.5")
    assert [tier.rate for tier in agreement.tiers] == [
        Decimal("0.0525"),
        Decimal("0.033"),
        Decimal("0.0475"),
    ]
    assert agreement.sources["capacity"] == "made up"
    for left_out in (terms.limits, terms.expenses, terms.capitalisation, terms.printed):
        assert left_out is None
    assert terms.debentures is not None
    assert [block.principal for block in terms.debentures.blocks] == [Decimal("1234567.89")]


def test_a_path_as_text() -> None:
    assert read_terms(str(AWKWARD)) == read_terms(AWKWARD)


# Each line of the sound deal that can be spoilt: what it becomes, the key and the reason.
SPOILT: list[tuple[str, str, str, str, str]] = [
    # missing
    ("no format", "format = 1", "", "format", "is missing"),
    ("no name", 'name = "AWKWARD"', "", "name", "is missing"),
    ("no issuer", 'issuer = "Awkward Holdings"', "", "issuer", "is missing"),
    ("no ticker", 'ticker = "AWK"', "", "ticker", "is missing"),
    ("no date", "document_date = 2010-02-28", "", "document_date", "is missing"),
    ("no calendar", 'calendar = "XNYS"', "", "calendar", "is missing"),
    (
        "no capacity",
        "capacity = { value = 7_777_777.5, source",
        "#",
        "agreements.ONLY.capacity",
        "is missing",
    ),
    ("no cap price", "cap_price =", "# cap_price =", "class_b.cap_price", "is missing"),
    (
        "no rate of a tier",
        "rate = { value = 0.033, ",
        "#",
        "agreements.ONLY.tiers[2].rate",
        "is missing",
    ),
    # unknown
    (
        "a misspelt key",
        "cap_price =",
        "cap_pirce =",
        "class_b.cap_pirce",
        "did you mean 'cap_price'?",
    ),
    ("a misspelt table", "[class_b]", "[clas_b]", "clas_b", "did you mean 'class_b'?"),
    ("a misspelt header", "issuer =", "isuer =", "isuer", "did you mean 'issuer'?"),
    (
        "a strange key",
        "cap_price =",
        "zzz = 1\ncap_price =",
        "class_b.zzz",
        "is not an entry of a deal",
    ),
    (
        "the sources as a key",
        "cap_price =",
        "sources = 1\ncap_price =",
        "class_b.sources",
        "is not an entry of a deal",
    ),
    (
        "an agreement's key inside it",
        "capacity =",
        'key = "X"\ncapacity =',
        "agreements.ONLY.key",
        "is not an entry of a deal",
    ),
    # types
    ("format as logical", "format = 1", "format = true", "format", "must be 1 or 2, not true"),
    ("format as decimal", "format = 1", "format = 1.0", "format", "must be 1 or 2, not 1.0"),
    ("format as text", "format = 1", 'format = "1"', "format", "must be 1 or 2, not '1'"),
    ("a later format", "format = 1", "format = 3", "format", "must be 1 or 2, not 3"),
    ("issuer as number", 'issuer = "Awkward Holdings"', "issuer = 5", "issuer", "must be a text"),
    ("issuer empty", 'issuer = "Awkward Holdings"', 'issuer = " "', "issuer", "must not be empty"),
    ("date as text", "= 2010-02-28", '= "2010-02-28"', "document_date", "must be a date"),
    ("date with time", "= 2010-02-28", "= 2010-02-28T10:00:00", "document_date", "must be a date"),
    (
        "figure with time",
        "value = 2010-02-01",
        "value = 2010-02-01 10:00:00",
        "agreements.ONLY.dated",
        "must be a date",
    ),
    (
        "figure as text",
        "value = 12.34",
        'value = "12.34"',
        "class_b.cap_price",
        "must be a number, not '12.34'",
    ),
    (
        "figure as logical",
        "value = 12.34",
        "value = true",
        "class_b.cap_price",
        "must be a number, not true",
    ),
    (
        "count as logical",
        "holders = { value = 3",
        "holders = { value = true",
        "class_b.holders",
        "must be a whole number, not true",
    ),
    (
        "count as decimal",
        "holders = { value = 3",
        "holders = { value = 3.0",
        "class_b.holders",
        "must be a whole number, not 3.0",
    ),
    (
        "title as number",
        'value = "Only Agreement"',
        "value = 5",
        "agreements.ONLY.title",
        "must be a text",
    ),
    (
        "figure as list",
        "value = 12.34",
        "value = [12.34]",
        "class_b.cap_price",
        "must be a number, not a list",
    ),
    (
        "figure as table",
        "value = 12.34",
        "value = {a = 1}",
        "class_b.cap_price",
        "must be a number, not a table",
    ),
    ("inf", "value = 12.34", "value = inf", "class_b.cap_price", "must be a finite number"),
    ("minus inf", "value = 12.34", "value = -inf", "class_b.cap_price", "must be a finite number"),
    ("nan", "value = 12.34", "value = nan", "class_b.cap_price", "must be a finite number"),
    (
        "a huge exponent",
        "value = 12.34",
        "value = 1e999999",
        "class_b.cap_price",
        "has more than 30 digits",
    ),
    (
        "a tiny exponent",
        "value = 12.34",
        "value = 1e-999999",
        "class_b.cap_price",
        "has more than 30 digits",
    ),
    (
        "many digits",
        "value = 12.34",
        f"value = 0.{'1' * 31}",
        "class_b.cap_price",
        "has more than 30 digits",
    ),
    (
        "a long count",
        "holders = { value = 3",
        f"holders = {{ value = {'9' * 31}",
        "class_b.holders",
        "has more than 30 digits",
    ),
    (
        "a number of thousands of digits",
        'issuer = "Awkward Holdings"',
        f"issuer = 0x{'f' * 20_000}",
        "issuer",
        "must be a text, not a number of too many digits",
    ),
    (
        "such a format",
        "format = 1",
        f"format = 0x{'f' * 20_000}",
        "format",
        "must be 1 or 2, not a number of too many digits",
    ),
    # sources
    (
        "no source",
        f"cap_price = {{ value = 12.34, {SRC} }}",
        "cap_price = { value = 12.34 }",
        "class_b.cap_price",
        "must be written as { value = ..., source = ... }",
    ),
    (
        "a bare figure",
        f"cap_price = {{ value = 12.34, {SRC} }}",
        "cap_price = 12.34",
        "class_b.cap_price",
        "must be written as { value = ..., source = ... }",
    ),
    (
        "a third entry",
        "{ value = 12.34,",
        "{ note = 1, value = 12.34,",
        "class_b.cap_price",
        "must be written as { value = ..., source = ... }",
    ),
    (
        "an empty source",
        f"value = 12.34, {SRC}",
        'value = 12.34, source = " "',
        "class_b.cap_price",
        "has no source",
    ),
    (
        "a source that is no text",
        f"value = 12.34, {SRC}",
        "value = 12.34, source = 7",
        "class_b.cap_price.source",
        "must be a text",
    ),
    # domains
    ("price 0", "value = 12.34", "value = 0", "class_b.cap_price", "must be above 0, not 0"),
    ("price below 0", "value = 12.34", "value = -1.5", "class_b.cap_price", "must be above 0"),
    (
        "rate above 1",
        "rate = { value = 0.033",
        "rate = { value = 1.01",
        "agreements.ONLY.tiers[2].rate",
        "must be from 0 to 1",
    ),
    (
        "rate below 0",
        "rate = { value = 0.033",
        "rate = { value = -0.01",
        "agreements.ONLY.tiers[2].rate",
        "must be from 0 to 1",
    ),
    (
        "count below 0",
        "holders = { value = 3",
        "holders = { value = -3",
        "class_b.holders",
        "must be at least 0",
    ),
    (
        "no sessions",
        "initial_sessions = { value = 3",
        "initial_sessions = { value = 0",
        "debentures.initial_sessions",
        "must be above 0",
    ),
    (
        "empty title",
        'value = "Only Agreement"',
        'value = " "',
        "agreements.ONLY.title",
        "must be a text that is not empty",
    ),
    (
        "more bids than sessions",
        "lowest_bids = { value = 4",
        "lowest_bids = { value = 8",
        "debentures.lowest_bids",
        "must not be more than lookback_sessions, 7",
    ),
    # tiers
    (
        "tiers that fall",
        "up_to = { value = 1_000_000",
        "up_to = { value = 300_000",
        "agreements.ONLY.tiers[2].up_to",
        "must be above 333333.25",
    ),
    (
        "tiers that stand",
        "up_to = { value = 1_000_000",
        "up_to = { value = 333_333.25",
        "agreements.ONLY.tiers[2].up_to",
        "must be above 333333.25",
    ),
    (
        "last tier below the capacity",
        "up_to = { value = 7_777_777.5",
        "up_to = { value = 7_777_777.4",
        "agreements.ONLY.tiers[3].up_to",
        "must be the capacity, 7777777.5",
    ),
    (
        "last tier above the capacity",
        "up_to = { value = 7_777_777.5",
        "up_to = { value = 8_000_000",
        "agreements.ONLY.tiers[3].up_to",
        "must be the capacity, 7777777.5",
    ),
    # names
    ("another name", 'name = "AWKWARD"', 'name = "OTHER"', "name", "the file is named 'AWKWARD'"),
    ("another case", 'name = "AWKWARD"', 'name = "Awkward"', "name", "the file is named 'AWKWARD'"),
    ("a device as name", 'name = "AWKWARD"', 'name = "Con"', "name", "is not a name"),
    ("a dot at the end", 'name = "AWKWARD"', 'name = "AWKWARD."', "name", "is not a name"),
    ("a path as name", 'name = "AWKWARD"', 'name = "../AWKWARD"', "name", "is not a name"),
    ("an empty name", 'name = "AWKWARD"', 'name = ""', "name", "must not be empty"),
    (
        "a long name",
        'name = "AWKWARD"',
        f'name = "{"A" * 99_999}"',
        "name",
        "more than 2,000 characters",
    ),
    ("another calendar", '= "XNYS"', '= "XETR"', "calendar", "'XETR' is not a known calendar"),
    ("calendar's case", '= "XNYS"', '= "xnys"', "calendar", "use XNYS"),
    ("a long calendar", '= "XNYS"', f'= "{"A" * 1_999}"', "calendar", "is not a known calendar"),
]


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [pytest.param(*spoilt, id=label) for label, *spoilt in SPOILT],
)
def test_one_thing_wrong(tmp_path: Path, old: str, new: str, key: str, reason: str) -> None:
    error = refused(tmp_path, changed(old, new))
    assert error.key == key
    assert reason in str(error)


def test_no_agreement_at_all(tmp_path: Path) -> None:
    header = SOUND[: SOUND.index("[agreements.ONLY]")]
    for text in (header, header + "[agreements]\n"):
        error = refused(tmp_path, text)
        assert error.key == "agreements"
        assert "at least one" in error.reason


def test_agreements_of_another_shape(tmp_path: Path) -> None:
    header = SOUND[: SOUND.index("[agreements.ONLY]")]
    for text in ("agreements = 5", "[[agreements]]\na = 1", 'agreements = "x"'):
        error = refused(tmp_path, f"{header}\n{text}\n")
        assert (error.key, error.reason) == ("agreements", "must be a table")
    error = refused(tmp_path, f"{header}\nagreements.ONLY = 5\n")
    assert (error.key, error.reason) == ("agreements.ONLY", "must be a table")


def test_no_tiers(tmp_path: Path) -> None:
    start, end = SOUND.index("[[agreements.ONLY.tiers]]"), SOUND.index("[agreements.ONLY.warrants]")
    without = SOUND[:start] + SOUND[end:]
    error = refused(tmp_path, without)
    assert (error.key, error.reason) == ("agreements.ONLY.tiers", "is missing")
    empty = changed("[agreements.ONLY.warrants]", "tiers = []\n[agreements.ONLY.warrants]", without)
    error = refused(tmp_path, empty)
    assert (error.key, error.reason) == ("agreements.ONLY.tiers", "needs at least one tier")
    single = changed("[agreements.ONLY.warrants]", "tiers = 5\n[agreements.ONLY.warrants]", without)
    error = refused(tmp_path, single)
    assert error.key == "agreements.ONLY.tiers"
    assert "list of tables" in error.reason


def second_agreement(key: str) -> str:
    start, end = SOUND.index("[agreements.ONLY]"), SOUND.index("[class_b]")
    return SOUND[:end] + SOUND[start:end].replace("agreements.ONLY", f"agreements.{key}")


def test_keys_of_agreements(tmp_path: Path) -> None:
    file = tmp_path / "AWKWARD.toml"
    file.write_text(second_agreement("MORE"), encoding="utf-8")
    assert [agreement.key for agreement in read_terms(file).agreements] == ["ONLY", "MORE"]
    error = refused(tmp_path, second_agreement("only"))
    assert (error.key, error.reason) == ("agreements", "two agreements have the same key")
    assert "not TOML" in refused(tmp_path, second_agreement("ONLY")).reason
    devices = ("CON", '"nul.x"', "aux", "Com1", '"LPT9.a.b"')
    for key in ('"a/b"', '".."', '"a."', '"a b"', '""', f'"{"a" * 65}"', '"\u00e4"', *devices):
        error = refused(tmp_path, second_agreement(key))
        assert error.key.startswith("agreements.")
        assert "is not a name" in error.reason


# Records hold what the reader promises


def test_records_are_frozen() -> None:
    terms = read_terms(AWKWARD)
    records: list[Any] = [terms, terms.agreements[0], terms.agreements[0].tiers[0], terms.class_b]
    for record in records:
        for entry in dataclasses.fields(record):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(record, entry.name, None)
    assert isinstance(terms.agreements, tuple)
    with pytest.raises(TypeError):
        terms.agreements[0].sources["capacity"] = "elsewhere"  # type: ignore[index]


def test_records_check_themselves() -> None:
    sources = {"up_to": "S-1", "rate": "S-1"}
    tier = Tier(up_to=Decimal(5), rate=Decimal("0.04"), sources=sources)
    with pytest.raises(FigureError) as caught:
        dataclasses.replace(tier, rate=Decimal(2))
    reason = "must be from 0 to 1, not 2: 2% is written as 0.02"
    assert (caught.value.key, caught.value.reason) == ("rate", reason)
    with pytest.raises(FigureError, match="has no source"):
        dataclasses.replace(tier, sources={"up_to": "S-1"})
    with pytest.raises(FigureError, match="finite"):
        dataclasses.replace(tier, up_to=Decimal("NaN"))
    assert issubclass(FigureError, ValueError)


def _records(kind: type[Record]) -> list[type[Record]]:
    return [kind, *(deeper for one in kind.__subclasses__() for deeper in _records(one))]


@pytest.mark.parametrize("kind", _records(Record)[1:], ids=lambda kind: kind.__name__)
def test_every_field_says_what_it_is(kind: type[Record]) -> None:
    for entry in dataclasses.fields(kind):
        if entry.name not in ("sources", "fixed", "key", "shared"):
            assert entry.metadata["meaning"]
            assert "rule" in entry.metadata or "unit" not in entry.metadata


@pytest.mark.parametrize("limit", ["0.15", "0.1999", "0.3333333333", "1", "0.000001"])
def test_any_exchange_limit_is_read(tmp_path: Path, limit: str) -> None:
    text = NEOT_1.replace("NEOT-2001", "MINE")
    (old,) = [line for line in text.splitlines() if line.startswith("exchange_limit")]
    path = tmp_path / "MINE.toml"
    path.write_text(changed(old, old.replace("0.20", limit), text), "utf-8")
    limits = read_terms(path).limits
    assert limits is not None
    assert limits.exchange_limit == Decimal(limit)
