"""The two kinds of failure: wrong input of a caller, and files that cannot be used.

Both carry data beside their text, and both subclass a builtin, so that code without knowledge of
this package can catch them, too.
"""

from __future__ import annotations

import datetime
import numbers
import re
from collections.abc import Sequence
from math import isinf, isnan
from pathlib import Path
from typing import Any, Final

NULL: Final = "#NULL!"
DIV0: Final = "#DIV/0!"
VALUE: Final = "#VALUE!"
REF: Final = "#REF!"
NAME: Final = "#NAME?"
NUM: Final = "#NUM!"
NA: Final = "#N/A"


UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0 and C1 controls, ESC and line breaks among them
    "\u2028\u2029"  # line breaks of Unicode
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # controls of the direction of text
    "\u200b\u2060-\u2065\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # invisible
    "\ud800-\udfff]"  # bytes of a name that are not text
)
"""Characters that control a terminal, break a line or are invisible."""


def visible(text: str, keep: str = "") -> str:
    r"""Escape what controls a terminal, breaks a line or is invisible, such as ESC as ``\x1b``.

    Args:
        text: Any text, such as one from a file.
        keep: Characters that stay as they are, such as line breaks.

    Returns:
        The same text in one line, all of it visible. Backslashes stay as they are.
    """
    return UNSEEN.sub(lambda found: found[0] if found[0] in keep else ascii(found[0])[1:-1], text)


class InputError(ValueError):
    """An argument of a worksheet function is wrong.

    Attributes:
        code: The Excel error that a cell shows, such as ``"#NUM!"``.
        argument: Name of the argument, or ``""`` if not a single one is wrong.
        value: The offending value, as it was given.
        rule: What the argument must be, in words.
        function: Worksheet name of the function, once known.
        position: Row and column (from 0) of the element, where the argument was an array.
    """

    def __init__(
        self,
        code: str,
        argument: str,
        value: Any,
        rule: str,
        *,
        function: str = "",
        position: Sequence[int] = (),
    ) -> None:
        super().__init__(code, argument, value, rule)
        self.code = code
        self.argument = argument
        self.value = value
        self.rule = rule
        self.function = function
        self.position = tuple(position)

    def located(self, function: str, position: Sequence[int] = ()) -> InputError:
        """Add the function, and the element of an array, that this error came from."""
        self.function = self.function or function
        self.position = self.position or tuple(position)
        return self

    def __str__(self) -> str:
        where = f"{self.function}: " if self.function else ""
        subject = self.argument or "the call"
        # In words, and counted from 1, as the rows of a sheet are; `position` counts from 0.
        if len(self.position) == 1:
            subject += f", element {self.position[0] + 1},"
        elif self.position:
            subject += f", row {self.position[0] + 1}, column {self.position[1] + 1},"
        return f"{where}{subject} {self.rule}; got {_shown(self.value)} ({self.code})"


class NothingToShowError(InputError):
    """A deal has nothing that a workbook is about; the rule says what it lacks."""

    def __str__(self) -> str:
        return f"{self.value} {self.rule}"

    def __reduce__(self) -> tuple[Any, ...]:
        # Batches pass errors between processes; the default protocol of pickle drops the keywords.
        return (
            _rebuild,
            (type(self), self.code, self.argument, self.value, self.rule),
            {"function": self.function, "position": self.position},
        )


class MissingDealError(InputError):
    """A call names a deal whose file is not installed, or is wrong.

    The call itself may be right: with the deal's file it would give a value.
    """


def _rebuild(kind: type[InputError], code: str, argument: str, value: Any, rule: str) -> InputError:
    return kind(code, argument, value, rule)


class Described(str):
    """Words in place of a value that a message cannot show, such as ``4 columns``."""

    __slots__ = ()


_LONGEST_VALUE: Final = 60
"""Characters of a value that a message repeats."""


def _shown(value: Any) -> str:
    """Show a value in a message as a sheet shows it: short, and never a whole range."""
    if value is None:
        return "a blank"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, Described):
        return str(value)
    if isinstance(value, str):
        return quoted(value) if value else "a blank"
    if isinstance(value, datetime.date):
        return day_shown(value)
    if isinstance(value, list | tuple):
        return "a range"
    if isinstance(value, numbers.Number) and not isinstance(value, complex):  # Decimal is one
        return _number_shown(value)
    if hasattr(value, "code"):  # an error value of a cell
        return str(value.code)
    return f"a value of type {type(value).__name__}"


def _number_shown(value: Any) -> str:
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return "a number too large for a cell"
    if isnan(number) or isinf(number):
        return "no finite number"
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.15g}".upper()


def day_shown(day: datetime.date) -> str:
    """Show a day in a message, such as 7 Nov 2001."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def quoted(text: str) -> str:
    """Quote a text in a message, cut short where it is long."""
    text = visible(text[: _LONGEST_VALUE + 1])
    return f'"{text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."}"'


class FileError(OSError):
    """A file cannot be read or written, or its content is wrong.

    Attributes:
        path: The file.
        reason: What is wrong.
        remedy: How to fix it; may be empty.
    """

    def __init__(self, path: Path | str, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.path = Path(path)
        self._named = str(path)  # a cluster's address would lose a slash as a path
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        tail = f"; {self.remedy}" if self.remedy else ""
        return visible(f"{self._named}: {self.reason}{tail}")

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self._named, self.reason, self.remedy))


class TermsError(FileError):
    """A deal's file is missing or wrong.

    Attributes:
        key: Dotted name of the entry at fault; empty where the whole file is.
        line: The line that it stands on, or of the table that it is missing from; None if unknown.
    """

    def __init__(
        self,
        path: Path | str,
        key: str,
        reason: str,
        remedy: str = "",
        line: int | None = None,
    ) -> None:
        super().__init__(path, reason, remedy)
        self.key = key
        self.line = line

    def __str__(self) -> str:
        place = self.key
        if self.line is not None:
            place = f"{self.key} (line {self.line})" if self.key else f"line {self.line}"
        where = f"{self.path}: {place}" if place else str(self.path)
        tail = f"; {self.remedy}" if self.remedy else ""
        return visible(f"{where}: {self.reason}{tail}")

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.path, self.key, self.reason, self.remedy, self.line))
