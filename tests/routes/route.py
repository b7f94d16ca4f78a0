"""What a route is, and what a cell shows of the value that comes back."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, ClassVar

from routes.cases import (
    Case,
    Error,
    Result,
    Shown,
)

from xladdin.cells import CellError, serial_of


class Route:
    """A way by which a call reaches a function.

    Attributes:
        name: What the table calls it.
        words: What the page says of it.
    """

    name: ClassVar[str]
    words: ClassVar[str]

    def is_there(self) -> bool:
        """Whether what it needs is there."""
        return True

    def unfit(self, case: Case) -> str:  # noqa: ARG002
        """Say why a case cannot be put here; empty where it can."""
        return ""

    def expected(self, case: Case) -> Result:
        """Say what a case must give here."""
        return case.expected

    def run(self, given: Sequence[Case]) -> list[Result]:
        """Make the calls of one function."""
        return [self.call(case) for case in given]

    def call(self, case: Case) -> Result:
        """Make one call."""
        raise NotImplementedError

    def close(self) -> None:
        """End whatever was started."""


def shown(value: Any) -> Shown:
    """Turn a Python value into what a cell shows."""
    if value is None:
        return ""
    if isinstance(value, bool | str | CellError):
        return value
    if isinstance(value, datetime.date):
        return float(serial_of(value))
    try:
        return float(value)
    except OverflowError:
        return Error("#NUM!")


def block(value: Any) -> Result:
    """Turn a result, or rows of results, into what cells show."""
    if isinstance(value, list | tuple):
        return tuple(tuple(shown(cell) for cell in row) for row in value)
    return shown(value)


def same(found: Result, wanted: Result) -> bool:
    """Whether two results are the same to the last bit."""
    return repr(found) == repr(wanted)
