"""Texts that are longer on their way than a cell may hold."""

from __future__ import annotations

import pytest

from xladdin.engines.text_lengths import may_be_too_long
from xladdin.formulas.syntax_tree import parsed


@pytest.mark.parametrize(
    ("formula", "too_long"),
    [
        ('LET(a,REPT("x",200),b,SUBSTITUTE(a,"x",REPT("y",200)),LEN(b))', True),
        ('LET(a,REPT("x",200),b,SUBSTITUTE(a,"x",REPT("y",163)),LEN(b))', False),
        ('LET(a,LET(b,REPT("x",20000),b),LEN(a&a))', True),
        ('LET(a,REPT("x",20000),a&"y")', False),
        ('LET(x,TRIM(A1),LEFT(x&" ",5))', False),
    ],
)
def test_names_of_let_are_as_long_as_what_they_are_given(formula: str, too_long: bool) -> None:
    assert may_be_too_long(parsed(formula), 10) == too_long
