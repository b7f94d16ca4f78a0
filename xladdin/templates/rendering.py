"""Rendering one workbook: written by its template, computed, and checked."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from xladdin._version import RELEASED
from xladdin.ooxml.archive import normalise
from xladdin.recalculation import store
from xladdin.templates import captable, floating, placements, proceeds
from xladdin.templates.sheets import Book
from xladdin.terms import Selection

TEMPLATES: Final[Mapping[str, Callable[[Selection], Book]]] = MappingProxyType(
    {
        "placements": placements.build,
        "proceeds": proceeds.build,
        "floating": floating.build,
        "captable": captable.build,
    }
)
"""The templates, by name."""


@dataclass(frozen=True)
class Rendered:
    """A workbook's bytes, and what its checks say.

    Attributes:
        data: The file.
        formulas: Number of formulas computed.
        checks_ok: Whether every check holds.
        failures: The checks that do not, in words.
    """

    data: bytes
    formulas: int
    checks_ok: bool
    failures: tuple[str, ...]


def render(name: str, selection: Selection, settings: Mapping[str, str] | None = None) -> Rendered:
    """Make a workbook's bytes: the same for the same release, template and deal.

    Args:
        name: The template.
        selection: The deal and agreement.
        settings: Settings of the macros for a macro workbook; see `hosts.macros.settings_for`.

    Returns:
        The bytes, with every value stored.
    """
    book = TEMPLATES[name](selection)
    if settings is not None:
        from xladdin.hosts.macros import add_macros  # only now: it stands on xlwings

        add_macros(book.workbook, settings)
    buffer = io.BytesIO()
    book.workbook.save(buffer)
    data, computed = store(normalise(buffer.getvalue(), RELEASED))
    failures = tuple(
        f"{cell}: {check.what}: {computed.value('Checks', row, 2)!r} "
        f"against {computed.value('Checks', row, 3)!r}"
        for cell, row, check in book.placed_checks()
        if computed.value("Checks", row, 6) is not True
    )
    checks_ok = computed.value("Checks", 4, 2) is True
    return Rendered(data, computed.formulas, checks_ok, failures)
