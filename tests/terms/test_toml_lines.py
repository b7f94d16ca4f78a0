"""Messages about a deal's file: the line, the entry, and how its value is written."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from deals import NEOT_1, head
from refused_deals import changed, refused

from xladdin.terms import read_terms
from xladdin.terms.toml_lines import entries, line_of

DEAL = (
    head("AWKWARD")
    + """
[agreements.ATM]
source = "s. 1"
capacity = 75_000_000
rate = 0.03 # three percent
dated = 2024-01-03

[agreements.ATM.warrants]
source = "s. 2"
rate = 0.1
exercise_multiple = 1.25

[[prices.p.legs]]
source = "s. 3"
kind = "fixed"
price = 5

[[prices.p.legs]]
source = "s. 4"
kind = "series"
of = "close"
multiple = 0.95
from = 0
to = 0

[[instruments]]
key = "first"
source = "s. 5"
kind = "note"
principal = { value = 5_000_000, source = "s. 6" }

[[instruments]]
key = "second"
source = "s. 5"
kind = "note"
principal = 7
interest = 0.18
"""
)


DATE = "a date is written without quotes as 2024-06-14"
NUMBER = "a number is written as 1_000_000 or 0.035, without commas, $ or %"
TEXT = 'a text stands in quotes, such as "s. 1", and a logical is true or false'


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ("dated = 2024-01-03", "dated = 01/03/2024", "agreements.ATM.dated", DATE),
        ("dated = 2024-01-03", "dated = 2024-02-30", "agreements.ATM.dated", DATE),
        ("dated = 2024-01-03", "dated = 2024-1-3", "agreements.ATM.dated", DATE),
        ("dated = 2024-01-03", "dated = Jan. 3, 2024", "agreements.ATM.dated", DATE),
        ("dated = 2024-01-03", "dated = 3 January 2024", "agreements.ATM.dated", DATE),
        ("capacity = 75_000_000", "capacity = 75,000,000", "agreements.ATM.capacity", NUMBER),
        ("capacity = 75_000_000", "capacity = $75_000_000", "agreements.ATM.capacity", NUMBER),
        ("rate = 0.03 #", "rate = 3% #", "agreements.ATM.rate", NUMBER),
        ("rate = 0.03 #", "rate = .03 #", "agreements.ATM.rate", NUMBER),
        ("multiple = 0.95", "multiple = 0,95", "prices.p.legs[2].multiple", NUMBER),
        ("5_000_000,", "5,000,000,", "instruments[1].principal", NUMBER),
        ('of = "close"', "of = close", "prices.p.legs[2].of", TEXT),
    ],
)
def test_values_that_toml_has_not(
    tmp_path: Path, old: str, new: str, key: str, expected: str
) -> None:
    text = changed(old, new, DEAL)
    error = refused(tmp_path, text)
    assert (error.key, error.line, error.remedy) == (key, line_with(new, text), expected)
    assert str(error).startswith(f"{error.path}: {key} (line {error.line}): is not TOML: ")


def line_with(words: str, text: str) -> int:
    return text[: text.index(words)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        (
            "dated = 2024-01-03",
            'dated = "2024-01-03"',
            "agreements.ATM.dated",
            "must be a date, not '2024-01-03'; write it as 2024-06-14, without quotes and time",
        ),
        (
            "rate = 0.03 #",
            'rate = "3%" #',
            "agreements.ATM.rate",
            "must be a number, not '3%'; write it as 0.035 or 1_000_000, without quotes",
        ),
        (
            "rate = 0.03 #",
            "rate = 3 #",
            "agreements.ATM.rate",
            "must be from 0 to 1, not 3: 3% is written as 0.03",
        ),
        (
            "interest = 0.18",
            "interest = 18",
            "instruments[2].interest",
            "must be from 0 to 1, not 18: 18% is written as 0.18",
        ),
        (
            "multiple = 0.95",
            "multiple = 97",
            "prices.p.legs[2].multiple",
            'must be below 10, not 97: 97% is written as 0.97; if 97 is meant, write it as "97/1"',
        ),
        (
            "multiple = 0.95",
            "multiple = 97.5",
            "prices.p.legs[2].multiple",
            (
                "must be below 10, not 97.5: 97.5% is written as 0.975; if 97.5 is meant, "
                'write it as "195/2"'
            ),
        ),
        (
            "exercise_multiple = 1.25",
            "exercise_multiple = 125",
            "agreements.ATM.warrants.exercise_multiple",
            (
                "must be below 10, not 125: 125% is written as 1.25; if 125 is meant, write it as "
                '"125/1"'
            ),
        ),
        ("principal = 7", "principal = -7", "instruments[2].principal", "must be above 0, not -7"),
        (
            "from = 0",
            "from = 1",
            "prices.p.legs[2].from",
            "must not be after to, 0",
        ),
    ],
)
def test_values_that_no_deal_has(tmp_path: Path, old: str, new: str, key: str, said: str) -> None:
    text = changed(old, new, DEAL)
    error = refused(tmp_path, text)
    assert str(error) == f"{error.path}: {key} (line {line_with(new, text)}): {said}"


def test_what_is_missing_names_the_line_of_its_table(tmp_path: Path) -> None:
    text = changed("exercise_multiple = 1.25\n", "", DEAL)
    error = refused(tmp_path, text)
    assert error.key == "agreements.ATM.warrants.exercise_multiple"
    assert error.line == line_with("[agreements.ATM.warrants]", text)
    text = changed("to = 0\n", "", DEAL)
    error = refused(tmp_path, text)
    second = text.index("[[prices.p.legs]]", text.index("[[prices.p.legs]]") + 1)
    assert (error.key, error.line) == ("prices.p.legs[2].to", text[:second].count("\n") + 1)
    assert refused(tmp_path, changed('issuer = "Awkward, Inc."\n', "", DEAL)).line is None


@pytest.mark.parametrize("multiple", ['"97/1"', '"1/3"', "9.99", "1.25", "1.2"])
def test_multiples_that_contracts_have(tmp_path: Path, multiple: str) -> None:
    path = tmp_path / "AWKWARD.toml"
    path.write_text(changed("multiple = 0.95", f"multiple = {multiple}", DEAL), encoding="utf-8")
    found = read_terms(path).deal.prices[0].legs[1].multiple
    assert found is not None
    assert Fraction(found) == Fraction(multiple.strip('"'))


def test_lines_in_files_of_any_shape() -> None:
    text = """a = 1
"b.c" = 2
[x.'y']
z = { value = 3, source = "s" }
[[list]]
[[list.inner]]
k = 1
[[list]]
key = "named"
[[list.inner]]
[[list.inner]]
k = 2
"""
    assert [entry.key for entry in entries(text)][-3:] == [
        "list[2].inner[1]",
        "list[2].inner[2]",
        "list[2].inner[2].k",
    ]
    assert line_of(text, "x.y.z") == 4
    assert line_of(text, "list[2].inner[2].k") == 12
    assert line_of(text, "list.named.key") == 9
    assert line_of(text, "list[2].inner[1].k") == 10
    assert line_of(text, "nowhere.at.all") is None


def test_a_percentage_in_a_file_of_format_1(tmp_path: Path) -> None:
    text = NEOT_1.replace("NEOT-2001", "AWKWARD")
    old = "initial_multiple = { value = "
    error = refused(tmp_path, changed(f"{old}1.2", f"{old}12", text))
    assert error.key == "debentures.initial_multiple"
    assert "120% is written as 1.2" in str(error)
