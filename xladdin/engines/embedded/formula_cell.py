"""A formula of a workbook on its way to the embedded engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from xladdin.engines.embedded import bridge
from xladdin.engines.embedded.areas import intersection
from xladdin.engines.embedded.verdicts import Action, Part, Verdict
from xladdin.formulas.tokens import ANY_CELL
from xladdin.xlsx.formula_cells import KEPT
from xladdin.xlsx.sheet_part import Formula, Place
from xladdin.xlsx.workbook_part import column_letters

_NONE: Final[Mapping[int, Action]] = MappingProxyType({})


@dataclass(slots=True)
class FormulaCell:
    """A formula of a workbook, on its way to the engine."""

    sheet: str
    part: str
    formula: Formula
    text: str  # rewritten, as far as that does not depend on what the engine is proved for
    judged: Verdict
    number: int
    refusal: str = ""
    filled_down: bool = False  # whether it is the one above, for its own row
    raw: bridge.Raw = None  # what the engine made of it
    actions: Mapping[int, Action] = field(default_factory=lambda: _NONE)  # see `Verdict.parts`
    snapped: bool = False  # whether its last step is made 0 where it nearly is
    unsigned: bool = False  # whether it gave -0, which Excel has not
    fit: tuple[int, int, int] | None = None  # rows and columns that it fills, and its number
    _spelled: str = ""  # the text for the engine
    _spelled_for: int = -1  # what it was made for

    @property
    def place(self) -> Place:
        """Its row and column."""
        formula = self.formula
        return formula.row, formula.column

    @property
    def name(self) -> str:
        """Its cell, such as ``B2``."""
        return f"{column_letters(self.formula.column)}{self.formula.row}"

    @property
    def references(self) -> Sequence[str]:
        """The references in it that differ between formulas of one form."""
        return _references(self.text)

    def act(self, node: int, action: Action) -> None:
        """Have something be put around a part of it, or in its place; within what is around it."""
        outer = self.actions.get(node)
        if outer is not None and outer.around and action.around:
            around = (outer.around[0] + action.around[0], action.around[1] + outer.around[1])
            action = outer._replace(around=around)
        self.actions = {**self.actions, node: action}

    @property
    def engine_text(self) -> str:
        """The formula as the engine is to have it."""
        if self._as_read:
            return self.text
        fit = self.fit[2] if self.fit else 0
        state = len(self.actions) * 4 + self.snapped * 2 + self.unsigned + (fit << 32)
        if self._spelled_for != state:  # not a tuple: there are as many as formulas
            self._spelled, self._spelled_for = self._engine_text(), state
        return self._spelled

    def _engine_text(self) -> str:
        text = self.text
        if self.actions or self.snapped or self.judged.differs:
            parts = self.judged.parts(self.actions, self.snapped)
            text = spelled(parts, self.references, self.place, self.number)
        if self.unsigned:
            text = f"({text})+0"
        if self.fit is None:
            return text
        rows, columns, number = self.fit
        return f"{bridge.FIT_CALL}({text},{rows},{columns},{number})"

    @property
    def _as_read(self) -> bool:
        """Whether nothing is put around or in place of a part of it; nearly always."""
        return not (
            self.actions or self.snapped or self.unsigned or self.fit or self.judged.differs
        )

    @property
    def differs(self) -> bool:
        """Whether the engine has to be given another formula than the file has."""
        if self.filled_down and self._as_read:
            return False
        # Followers of a shared formula lose their master when that is replaced.
        return self.engine_text != self.formula.text or self.formula.kind == "shared"

    @property
    def plain(self) -> bool:
        """Whether it shows one value only."""
        return self.formula.kind in ("normal", "shared")


@lru_cache(maxsize=KEPT)
def _references(text: str) -> tuple[str, ...]:
    return tuple(match[0] for match in ANY_CELL.finditer(text))


def spelled(parts: Sequence[Part], references: Sequence[str], place: Place, number: int) -> str:
    """Put the pieces of a formula for the engine together.

    Args:
        parts: The pieces; see `Verdict.parts`.
        references: The references that differ between formulas of one form.
        place: Row and column of the formula's cell.
        number: The cell's number.
    """
    out: list[str] = []
    for part in parts:
        if part is None:
            out.append(str(number))
        elif isinstance(part, str):
            out.append(part)
        else:
            what, cut = part
            text = references[what] if isinstance(what, int) else what
            if cut:
                text = intersection(text, *place)
                if text.startswith("#") and out:
                    out[-1] = ""  # the sheet of a reference that is an error
            out.append(text)
    return "".join(out)
