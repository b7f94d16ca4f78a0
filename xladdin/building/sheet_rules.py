"""The rules that a sheet has for its cells: conditional formats and data validations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element

from xladdin.xlsx import xml_bytes
from xladdin.xlsx.data_validations import areas_of
from xladdin.xlsx.workbook_part import Area

FORMATS: Final = "conditional formats"
VALIDATIONS: Final = "validations"

RULES: Final = (FORMATS, VALIDATIONS)
"""The kinds of rules, as features of a sheet."""

ONE: Final = {FORMATS: "conditional format", VALIDATIONS: "validation"}
"""What one rule of a kind is called."""

FormulaKey = Callable[[str], str]
"""Writes a formula in one form, whatever program wrote it."""

_LOGICAL: Final = re.compile(r'"[^"]*"|\b(TRUE|FALSE)\b(?:\(\))?')
_TRUE: Final = ("1", "true")
_NEWER: Final = "spreadsheetml/2009/9/main"
"""The end of the namespace of rules in an extension of the format."""


class SheetRule(NamedTuple):
    """One rule.

    Attributes:
        what: Its kind, one of `RULES`.
        key: What is the same in a rule whatever program writes it, and in however many cells.
        areas: Its cells; its formulas are written as seen from the first one.
        element: Its element.
        formulas: Its formulas, without equals signs.
        newer: Whether it stands in an extension of the format, or has a part there.
    """

    what: str
    key: tuple[str, ...]
    areas: tuple[Area, ...]
    element: Element
    formulas: tuple[str, ...]
    newer: bool

    @property
    def cells(self) -> int:
        """Number of its cells."""
        return sum(rows * columns for rows, columns in (area.shape for area in self.areas))

    @property
    def priority(self) -> int:
        """Its rank among the conditional formats of its sheet; 0 if it has none."""
        text = self.element.get("priority", "")
        return int(text) if text.isdecimal() else 0

    def named(self, sheet: str) -> str:
        """Name it with its sheet and cells, such as ``validation of Log!B4:B9``."""
        return f"{ONE[self.what]} of {sheet}!{' '.join(area.text for area in self.areas)}"


def rules_of(frame: bytes, formula: FormulaKey) -> Iterator[SheetRule]:
    """Yield the rules of a sheet.

    Args:
        frame: Its part, which may lack its rows.
        formula: Writes a formula in one form.

    Yields:
        Its rules that have cells, in order.

    Raises:
        UnsafeXMLError: The part is not well formed, or not safe.
    """
    if b"conditionalFormatting" not in frame and b"dataValidation" not in frame:
        return
    for item in xml_bytes.tree(frame).iter():
        name = xml_bytes.local(item.tag)
        if name == "conditionalFormatting":
            yield from _formats(item, formula)
        elif name == "dataValidation":
            yield from _validation(item, formula)


def _formats(block: Element, formula: FormulaKey) -> Iterator[SheetRule]:
    areas = tuple(areas_of(block.get("sqref") or _text(block, "sqref")))
    for rule in _children(block, "cfRule") if areas else ():
        texts = [item.text or "" for name in ("formula", "f") for item in _children(rule, name)]
        # LibreOffice writes truth values of these formulas as numbers.
        formulas = [formula(_LOGICAL.sub(_number, text)) for text in texts]
        key = (rule.get("type", ""), rule.get("operator", ""), *formulas)
        newer = _NEWER in rule.tag or any(True for _ in _children(rule, "extLst"))
        yield SheetRule(FORMATS, key, areas, rule, tuple(texts), newer)


def _validation(item: Element, formula: FormulaKey) -> Iterator[SheetRule]:
    kind = item.get("type", "none")
    operator = item.get("operator", "between")
    first, second = _text(item, "formula1"), _text(item, "formula2")
    areas = tuple(areas_of(item.get("sqref") or _text(item, "sqref")))
    # LibreOffice writes a second bound where none counts.
    if operator not in ("between", "notBetween"):
        second = ""
    key: tuple[str, ...] = (kind, operator, formula(first), formula(second))
    style = item.get("errorStyle", "stop")
    stops = style == "stop" and item.get("showErrorMessage") in _TRUE
    prompt = item.get("prompt", "") if item.get("showInputMessage") in _TRUE else ""
    if kind == "none" or not stops:
        # One that only warns, or only says something about its cells.
        key = ("warns", style, *key) if kind != "none" else ("prompt", prompt)
    if areas and (kind != "none" or prompt):
        texts = tuple(text for text in (first, second) if text)
        yield SheetRule(VALIDATIONS, key, areas, item, texts, _NEWER in item.tag)


def _number(found: re.Match[str]) -> str:
    """Write a truth value as a number; a text stays as it is."""
    return {"TRUE": "1", "FALSE": "0"}.get(found[1] or "", found[0])


def _children(item: Element, name: str) -> Iterator[Element]:
    return (one for one in item if xml_bytes.local(one.tag) == name)


def _text(item: Element, name: str) -> str:
    """Return the text of a child; the newer form has it one level deeper."""
    child = next(_children(item, name), None)
    return "" if child is None else "".join(child.itertext()).strip()
