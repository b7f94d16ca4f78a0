"""The reference pages: of the functions, from the registry, and of the deals, from the types."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any, Final

from xladdin.core.sessions import CALENDARS
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import select
from xladdin.terms.model import FIRST_DAY, MOST, MOST_PARTS, Record, Rule, Terms
from xladdin.terms.reader import (
    FIRST_DOCUMENT,
    FORMAT,
    HEADER,
    LAST_DOCUMENT,
    MAX_BYTES,
    MAX_DIGITS,
    MAX_TEXT,
)

ERRORS: Final = {
    "#VALUE!": "an argument of the wrong type, ranges that do not fit, or too many arguments",
    "#NUM!": "a number out of bounds",
    "#N/A": "a session of the window without a closing bid",
    "#REF!": "a deal, agreement or figure that is not there",
}
"""What each error stands for."""

_REFERENCES: Final = ("A2", "B2", "C2", "D2")
"""Cells that stand for the arguments where a twin is shown."""


def functions_page() -> str:
    """Write the reference of the worksheet functions.

    Returns:
        The page, in Markdown.
    """
    lines = [
        "# Functions",
        "",
        "Written from the registry by `python -m tools.generate`. Arguments in brackets may be",
        "left out. Where a function works on each element, its number arguments may be ranges, and",
        "its result spills. An error in an argument comes out unchanged. The plain-Excel twin of a",
        "function is the same figure computed by Excel's own functions.",
        "",
        "| function | summary |",
        "|---|---|",
        *(
            f"| [`{function.signature}`](#{name.lower()}) | {function.summary} |"
            for name, function in FUNCTIONS.items()
        ),
        "",
    ]
    for function in FUNCTIONS.values():
        lines += _function(function)
    return "\n".join(lines).rstrip() + "\n"


def _function(function: Function) -> Iterator[str]:
    yield f"## {function.name}"
    yield ""
    yield f"`{function.signature}`"
    yield ""
    yield function.summary
    yield ""
    if function.arguments:
        yield "| argument | what it is | accepts | if left out |"
        yield "|---|---|---|---|"
        for item in function.arguments:
            unit = f", {item.kind.unit}" if item.kind.unit else ""
            default = item.default_said if item.optional else "an error"
            yield f"| `{item.name}` | {item.help} | {item.kind.words}{unit} | {default} |"
        yield ""
    each = " Works on each element of ranges." if function.each else ""
    yield f"Result: {function.result}.{each}"
    yield ""
    if function.source:
        yield f"Source: {function.source}."
        yield ""
    yield "```"
    yield function.example
    yield function.shows
    yield "```"
    yield ""
    if function.twin:
        yield "Plain-Excel twin, the names being those of a Terms sheet:"
        yield ""
        yield "```"
        takes = [item for item in function.arguments if item.kind.name != "terms"]
        references = function.twin_takes or _REFERENCES[: len(takes)]
        yield f"={function.twin(select(), *references)}"
        yield "```"
    else:
        yield f"No plain-Excel twin: {function.no_twin}."
    yield ""
    yield "Errors:"
    yield ""
    for code in codes(function):
        yield f"- `{code}` {ERRORS[code]}"
    yield ""


def codes(function: Function) -> Iterator[str]:
    """List the errors that a function can give, as keys of `ERRORS`."""
    kinds = {item.kind.name for item in function.arguments}
    yield "#VALUE!"
    if kinds - {"text", "terms", "anything"}:
        yield "#NUM!"
    if "quotes" in kinds:
        yield "#N/A"
    if "terms" in kinds:
        yield "#REF!"


def deals_page() -> str:
    """Write the reference of the deal format.

    Returns:
        The page, in Markdown.
    """
    lines = [
        "# The format of a deal",
        "",
        "Written from the types by `python -m tools.generate`. A deal is one TOML file named",
        "`NAME.toml`. Every figure is written with its source:",
        "",
        "```toml",
        'cap_price = { value = 33.75, source = "S-7" }',
        "```",
        "",
        "Amounts, prices and rates are decimals and are taken exactly as written. A file that is",
        "wrong is refused with its path, the key and the reason; `xladdin deals FILE` checks one.",
        "",
        "So that every deal makes workbooks that can be opened and read, what none has is refused:",
        "",
        *(f"- more than {most:,} {unit}" for unit, most in MOST.items()),
        f"- days before {FIRST_DAY}, which spreadsheet programs do not count alike",
        f"- more than {MOST_PARTS} agreements, or tiers of one, or blocks of debentures",
        f"- numbers of more than {MAX_DIGITS} digits",
        f"- texts of more than {MAX_TEXT:,} characters",
        "- texts with invisible characters, such as line breaks or controls of direction",
        f"- documents dated before {FIRST_DOCUMENT} or after {LAST_DOCUMENT}, where calendars end",
        f"- files of more than {MAX_BYTES:,} bytes",
        "",
        "## The head",
        "",
        "| entry | what it is |",
        "|---|---|",
        f"| `format` | version of the format: {FORMAT} |",
        "| `name` | name of the deal, the same as the file's |",
        *(f"| `{key}` | {meaning} |" for key, meaning in HEADER.items()),
        "| `document_date` | date of the source document |",
        f"| `calendar` | exchange calendar: {', '.join(f'`{code}`' for code in CALENDARS)} |",
        "",
    ]
    hints = typing.get_type_hints(Terms)
    for entry in fields(Terms):
        if entry.metadata:
            kind = _record_type(hints[entry.name])
            several = _is_several(hints[entry.name])
            name = f"{entry.name}.KEY" if several else entry.name
            lines += _record(name, kind, entry.metadata["meaning"], entry.default is not MISSING)
    return "\n".join(lines).rstrip() + "\n"


def _record(name: str, kind: type[Record], meaning: str, optional: bool) -> Iterator[str]:
    yield f"## `[{name}]`"
    yield ""
    yield f"{meaning}. {'May be left out.' if optional else 'Required.'}"
    yield ""
    yield "| figure | what it is | unit | must be |"
    yield "|---|---|---|---|"
    hints = typing.get_type_hints(kind)
    inner = []
    for entry in fields(kind):
        if "rule" in entry.metadata:
            rule: Rule = entry.metadata["rule"]
            words = "" if rule.words == "any" else rule.words
            left_out = "" if entry.default is MISSING else " (may be left out)"
            meta = entry.metadata
            yield f"| `{entry.name}` | {meta['meaning']}{left_out} | {meta['unit']} | {words} |"
        elif entry.metadata:
            inner.append(entry)
    yield ""
    for entry in inner:
        hint = hints[entry.name]
        below = f"{name}.{entry.name}"
        below = f"[{below}]" if _is_several(hint) else below
        found = _record(
            below, _record_type(hint), entry.metadata["meaning"], entry.default is not MISSING
        )
        yield from found


def _is_several(hint: Any) -> bool:
    return typing.get_origin(hint) is tuple


def _record_type(hint: Any) -> type[Record]:
    options = [
        option
        for option in typing.get_args(hint)
        if option is not type(None) and option is not Ellipsis
    ]
    kind: type[Record] = options[0] if options else hint
    return kind
