"""DILUTION: the part of new shares in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xladdin.core import dilution
from xladdin.functions.arguments import COUNT, Argument
from xladdin.functions.derivation import Step, fitting, given
from xladdin.functions.function import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xladdin.terms.selection import Selection

OUTSTANDING = Argument("outstanding", COUNT, "Shares outstanding before the issue.")


def _dilution_steps(outstanding: int, new_shares: int, value: float) -> Iterator[Step]:
    """Derive all shares after the issue, and the part of the new ones."""
    yield given("New shares", fitting(new_shares))
    total = fitting(outstanding + new_shares)
    yield Step("Shares outstanding, with the new ones", fitting(outstanding), None, total, "")
    yield Step("New shares over all shares", fitting(new_shares), None, value, "")


def dilution_twin(_selection: Selection, outstanding: str, new_shares: str) -> str:
    """Divide new shares by all shares."""
    return f"{new_shares}/({outstanding}+{new_shares})"


DILUTION = Function(
    name="DILUTION",
    summary="New shares over all shares after the issue.",
    arguments=(OUTSTANDING, Argument("new_shares", COUNT, "Shares issued.")),
    result="fraction from 0 to 1",
    source="S-9",
    implementation=dilution.dilution,
    each=True,
    derivation=_dilution_steps,
    twin=dilution_twin,
    example="=DILUTION(21862772,8593877)",
    shows="0.28216751619654545",
)
