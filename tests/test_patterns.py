"""Regular expressions that every Python of the declared versions reads alike."""

import re

import pytest
from paths import ROOT

POSSESSIVE_GROUP = re.compile(r"\)[*+?]\+(?=[\"')|\\\[(<])|\(\?>")
"""Python before 3.11.5 misreads possessive quantifiers of groups; those of characters are right."""


def test_no_group_is_possessive() -> None:
    texts = {path: path.read_text("utf-8") for path in (ROOT / "xladdin").rglob("*.py")}
    assert texts
    assert [path for path, text in texts.items() if POSSESSIVE_GROUP.search(text)] == []


@pytest.mark.parametrize("text", ['"(?:ab|c)*+"', '(x)?+")', "(?>a)", r"(?:a)++\s"])
def test_such_are_seen(text: str) -> None:
    assert POSSESSIVE_GROUP.search(text)
