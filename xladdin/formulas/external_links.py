"""Links: which functions in a formula are our add-in's, and which are another workbook's.

Excel saves a call of an add-in's function as one into another workbook: ``[1]!CEO_FEE(A1)``, the
number being that of an external link, and the link says where the add-in's file is. Whether such a
call is one of ours is decided by that file's name and by nothing else: no link is ever followed, so
that a function of the same name in any other file, a macro workbook of ours under whatever name
included, cannot be known to be ours, and is not computed.

Where an add-in with functions in VBA is open beside an Office add-in, Excel may save the Office
add-in's functions with a link to that other file, ``[2]!_xldudf_XLADDIN_CEO_FEE(A1)``. Their names
show whose they are, and the link is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final
from urllib.parse import unquote

from xladdin.formulas.addin_file import ADDIN
from xladdin.formulas.tokens import (
    CALL,
    OTHER,
    SHEET,
    Token,
    function_name,
    is_of_an_office_addin,
    is_reference,
    tokens,
)
from xladdin.xlsx.workbook_part import Workbook

_NUMBERED: Final = re.compile(r"'?\[([0-9]{1,5})\]")

_LINKED: Final = re.compile(r"'?\[(?!0\])")

_CONCERNED: Final = re.compile(r"!\s*[^\W\d][\w.]*\(|\[[0-9]")
"""Most formulas hold nothing of this; one look shows."""


class Links:
    """What the prefixes in a workbook's formulas lead to."""

    def __init__(self, addresses: Sequence[str] = (), whole: Collection[int] | None = None) -> None:
        """Read what the numbers in formulas stand for.

        Args:
            addresses: Where the external links lead, in the order of their numbers.
            whole: The numbers of those that the file has; all, if that is not given.
        """
        self._whole = frozenset(range(1, len(addresses) + 1) if whole is None else whole)
        self.files = (ADDIN, *map(_file, addresses))
        """By number. 0 is the workbook itself, where a call without a prefix is ours as well."""

    def ours(self, prefix: str, call: str) -> bool:
        """Whether a call with this prefix is one of our add-in's functions, if its name is.

        Args:
            prefix: What stands before the function's name, with its ``!``; empty for nothing.
            call: The call token.

        Returns:
            Whether it is.
        """
        return not prefix or is_of_an_office_addin(call) or self._file(prefix).lower() == ADDIN

    def without(self, formula: str) -> str:
        """Take the prefixes away that lead to our add-in.

        Args:
            formula: The formula without an equals sign, as the file has it.

        Returns:
            The formula as Excel shows it where the add-in is open.
        """
        if _CONCERNED.search(formula) is None:
            return formula
        parts = tokens(formula)
        return "".join(
            text
            for at, (kind, text) in enumerate(parts)
            if not (
                kind == SHEET
                and (following := _next(parts, at)).kind == CALL
                and self.ours(text, following.text)
            )
        )

    def used(self, formula: str) -> bool:
        """Whether a formula has a link but for functions of ours.

        Args:
            formula: The formula without an equals sign.
        """
        if _CONCERNED.search(formula) is None:
            return False
        return any(kind == SHEET and not here(text) for kind, text in tokens(self.without(formula)))

    def elsewhere(self, formula: str) -> str:
        """Describe what a formula needs of another workbook, and would be a wrong value without.

        Single cells and ranges of them are not meant: their values are stored with the link.

        Args:
            formula: The formula without an equals sign.

        Returns:
            It in words; empty where there is nothing of this.
        """
        if _CONCERNED.search(formula) is None:
            return ""
        parts = tokens(formula)
        for at, (kind, text) in enumerate(parts):
            if kind != SHEET:
                continue
            following = _next(parts, at)
            where = self._file(text) or "another workbook"
            if following.kind == CALL and not self.ours(text, following.text):
                name = function_name(following.text)
                return f"it calls {name} of {where}, and links to other files are not followed"
            if following.kind != CALL and not here(text) and not is_reference(following):
                return f"it uses {following.text} of {where}, which is not opened"
        return ""

    def lost(self, formula: str) -> bool:
        """Whether a formula refers to cells by a link that the file does not have.

        Args:
            formula: The formula without an equals sign.
        """
        if "]" not in formula:
            return False
        parts = tokens(formula)
        return any(
            kind == SHEET
            and "[" in text
            and (
                (number := _NUMBERED.match(text)) is None or int(number[1]) not in self._whole | {0}
            )
            and _next(parts, at).kind != CALL
            for at, (kind, text) in enumerate(parts)
        )

    def _file(self, prefix: str) -> str:
        """Return the name of the file that a prefix leads to; empty if that is not known."""
        number = _NUMBERED.match(prefix)
        if number is None:
            return _file(prefix.removesuffix("!").strip("'").replace("''", "'"))
        return self.files[int(number[1])] if int(number[1]) < len(self.files) else ""


def here(prefix: str) -> bool:
    """Whether a cell or a name with this prefix is in the workbook itself.

    Args:
        prefix: What stands before it, with its ``!``; empty for nothing.

    Returns:
        Whether it is.
    """
    return _LINKED.match(prefix) is None


def links_of(book: Workbook) -> Links:
    """Return what the prefixes in a workbook's formulas lead to."""
    return Links(book.links, book.whole_links)


def _file(address: str) -> str:
    """Return the file's name at the end of a path or a URL, of whatever system."""
    return re.split(r"[/\\:]", unquote(address))[-1]


def _next(parts: Sequence[Token], at: int) -> Token:
    return parts[at + 1] if at + 1 < len(parts) else Token(OTHER, "")
