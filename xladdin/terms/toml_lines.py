"""Lines of a deal's file: where an entry stands, and what its value should be where TOML ends."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from xladdin.terms.parsing import cut

_NAME: Final = r"(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')"
_HEADING: Final = re.compile(rf"\s*(\[\[?)\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*\]\]?\s*(?:#.*)?\Z")
_ENTRY: Final = re.compile(rf"\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=\s*(.*)\Z")
_VALUE_WITHIN: Final = re.compile(r"\{\s*value\s*=\s*([^,}]*)")
_AT: Final = re.compile(r" \(at line ([0-9]+), column [0-9]+\)\Z")

_DATE: Final = "a date is written without quotes as 2024-06-14"
_NUMBER: Final = "a number is written as 1_000_000 or 0.035, without commas, $ or %"
_WORD: Final = 'a text stands in quotes, such as "s. 1", and a logical is true or false'

_LIKE_A_DATE: Final = re.compile(
    r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}"
    r"|[A-Za-z]{3,9}\.? [0-9]{1,2},|[0-9]{1,2} [A-Za-z]{3,9}"
)
_LIKE_A_NUMBER: Final = re.compile(r"[-+$.]*[0-9]")


class FileEntry(NamedTuple):
    """An entry of a file: its line, its dotted key, and its value as it is written there."""

    line: int
    key: str
    value: str


def entries(text: str) -> Iterator[FileEntry]:
    """Yield the headings and entries of a file, line by line."""
    counted: Counter[str] = Counter()
    section = ""
    for number, line in enumerate(text.split("\n"), 1):
        if found := _HEADING.match(line):
            section = _resolved(_plain(found[2]), counted)
            if found[1] == "[[":
                counted[section] += 1
                section = f"{section}[{counted[section]}]"
            yield FileEntry(number, section, "")
        elif found := _ENTRY.match(line):
            yield FileEntry(number, f"{section}.{_plain(found[1])}".lstrip("."), found[2])


def _plain(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))


def _resolved(heading: str, counted: Counter[str]) -> str:
    """Name the last table of each list that a heading is within."""
    *parents, last = heading.split(".")
    found = ""
    for part in parents:
        found = f"{found}.{part}".lstrip(".")
        if counted[found]:
            found = f"{found}[{counted[found]}]"
    return f"{found}.{last}".lstrip(".")


def line_of(text: str, key: str) -> int | None:
    """Find the line of an entry, or of the nearest table that it is, or should be, within.

    Args:
        text: The file.
        key: The entry's dotted key, such as ``prices.first.legs[2].multiple``.
    """
    known: dict[str, int] = {}
    named: dict[str, str] = {}
    for entry in entries(text):
        known.setdefault(entry.key, entry.line)
        if entry.key.endswith("].key"):  # an instrument, which its rules call by its name
            place = entry.key.removesuffix(".key")
            section = place.partition("[")[0]
            named[f"{section}.{_plain(entry.value)}"] = place
    while key:
        for name in (key, named.get(key), re.sub(r"\[1\]\Z", "", key)):
            if name in known:
                return known[name]
        head, dot, tail = key.rpartition(".")
        if head in named:
            key = f"{named[head]}{dot}{tail}"
            if key in known:
                return known[key]
            key = named[head]
        else:
            key = head
    return None


def malformed(text: str, problem: str) -> tuple[str, int | None, str, str]:
    """Describe where a file is no TOML.

    Args:
        text: The file.
        problem: The message of Python's reader of TOML, which ends with the place.

    Returns:
        The key of the entry there, its line, what is wrong, and what is expected.
    """
    found = _AT.search(problem)
    if found is None:
        return "", None, problem, ""
    line = int(found[1])
    problem = problem[: found.start()]
    # The reader stops where it can go no further: that may be on the line after the value.
    here = [entry for entry in entries(text) if entry.line == line and entry.value]
    if not here:
        return "", line, problem, ""
    (entry,) = here
    within = _VALUE_WITHIN.match(entry.value)
    value = (within[1] if within else entry.value).partition("#")[0].strip()
    expected = _expected(value)
    if expected:
        problem = f"{cut(value)} cannot be read"
    return entry.key, line, problem, expected


def _expected(value: str) -> str:
    if value[:1] in ('"', "'"):
        return "a text begins and ends with the same quote, on one line"
    if value[:1] in ("[", "{"):
        return ""
    if _LIKE_A_DATE.match(value):
        return _DATE
    return _NUMBER if _LIKE_A_NUMBER.match(value) else _WORD
