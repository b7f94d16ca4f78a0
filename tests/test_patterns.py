"""Regular expressions that every Python of the declared versions reads alike."""

import re
from pathlib import Path

import pytest
from paths import ROOT

POSSESSIVE_GROUP = re.compile(r"\)[*+?]\+(?=[\"')|\\\[(<])|\(\?>")
"""Python before 3.11.5 misreads possessive quantifiers of groups; those of characters are right."""


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "xladdin").rglob("*.py")),
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_no_group_is_possessive(path: Path) -> None:
    assert not POSSESSIVE_GROUP.findall(path.read_text("utf-8"))


@pytest.mark.parametrize("text", ['"(?:ab|c)*+"', '(x)?+")', "(?>a)", r"(?:a)++\s"])
def test_such_are_seen(text: str) -> None:
    assert POSSESSIVE_GROUP.search(text)
