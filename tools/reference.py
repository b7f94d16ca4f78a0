"""The reference pages: of the functions, from the registry, and of the deals, from the types."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any, Final

from xladdin.calendars import CALENDARS
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import select
from xladdin.terms.deal import QUOTES_ARE, Deal
from xladdin.terms.fields import (
    FIRST_DAY,
    FIXED_IN_SPLITS,
    MOST,
    MOST_MULTIPLE,
    MOST_PARTS,
    Record,
    Rule,
    key_of,
    types_of,
)
from xladdin.terms.model import Terms
from xladdin.terms.parsing import MAX_DIGITS, MAX_TEXT
from xladdin.terms.reader import (
    FIRST_DOCUMENT,
    HEADER,
    LAST_DOCUMENT,
    LISTED,
    MAX_BYTES,
)
from xladdin.terms.records import Keyed

ERRORS: Final = {
    "#VALUE!": "an argument of the wrong type, ranges that do not fit, or too many arguments",
    "#NUM!": "a number out of bounds",
    "#REF!": "a deal, agreement or figure that is not there",
}
"""What each error stands for in every function; `#N/A` is the function's own."""

TOGETHER: Final = """\
What goes together:

- an agreement: a capacity in USD or in shares, or none; tiers or one rate, or neither. One of a
  pool has no capacity of its own, and a rate unless the pool has tiers. A last tier with an end
  ends at the capacity
- a schedule of fees: tiers; or `count` and `over`, paid in shares or warrants
- a leg: `price` if it is fixed; `of`, `multiple`, `from` and `to` if it follows quotations.
  `when_of` stands only beside a threshold, and a fixed leg with one has it
- a cap: `rate` or `shares`. Of kind `issue` it says whether it is `inclusive`; of kinds `float`
  and `ownership` it has a rate, which may itself be reached, of kinds `authorised` and `registered`
  shares; `months` and `below_float` belong to kind `float`
- an action: a split has a `ratio`, an issue `shares` and `price`, an amendment `figure` and
  `value`. `figure` is a single figure by its dotted name: neither a list, such as `agents` or the
  rows of a grid, nor a word, such as `rate_is`
- actions of one day: splits come first, then all amendments together, so that a capacity and the
  end of its last tier may move at once, then issues
- an exception names `figures`, a `reason`, and either what they follow from (`follows`: figures
  with + or - between) or the words that stand there (`printed`)
"""
"""What a deal may say only together, or not together."""

_REFERENCES: Final = ("A2", "B2", "C2", "D2", "E2", "F2")
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
            default = item.default_in_words if item.optional else "an error"
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
    for code, words in errors(function):
        yield f"- `{code}` {words}"
    yield ""


def errors(function: Function) -> Iterator[tuple[str, str]]:
    """List the errors that a function can give, each with what it stands for."""
    kinds = {item.kind.name for item in function.arguments}
    yield "#VALUE!", ERRORS["#VALUE!"]
    if kinds - {"text", "terms", "anything", "formula", "schedule", "cap", "method", "what"}:
        yield "#NUM!", ERRORS["#NUM!"]
    if function.not_available:
        yield "#N/A", function.not_available
    if "terms" in kinds:
        yield "#REF!", ERRORS["#REF!"]


def deals_page() -> str:
    """Write the reference of the deal format.

    Returns:
        The page, in Markdown.
    """
    lines = [
        "# The format of a deal",
        "",
        "Written from the types by `python -m tools.generate`. A deal is one TOML file named",
        "`NAME.toml`. Every figure is written with its source, or stands in a table that names one",
        "source for all of its figures:",
        "",
        "```toml",
        'cap = { value = 33.75, source = "S-7" }',
        "```",
        "",
        "Amounts, prices and rates are decimals and are taken exactly as written; a rate that no",
        'decimal gives exactly is written as a text, such as `"1/3"`. A file that is wrong is',
        "refused with its path, the key and the reason; `xladdin deals FILE` checks one, and",
        "`xladdin deals FILE --format 2` writes a file of format 1 anew.",
        "",
        "So that every deal makes workbooks that can be opened and read, what none has is refused:",
        "",
        *(f"- more than {most:,} {unit}" for unit, most in MOST.items()),
        (
            f"- multiples and rates of {MOST_MULTIPLE} and more, which are percentages "
            '(97% is 0.97), unless one is meant and written as a fraction, such as `"100/1"`'
        ),
        f"- days before {FIRST_DAY}, which spreadsheet programs do not count alike",
        f"- more than {MOST_PARTS} agreements, or tiers, legs, or other parts of one kind",
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
        "| `format` | version of the format: 2, or 1 for the older one below |",
        "| `name` | name of the deal, the same as the file's |",
        *(f"| `{key}` | {meaning} |" for key, meaning in HEADER.items()),
        "| `document_date` | date of the source document |",
        f"| `calendar` | exchange calendar: {', '.join(f'`{code}`' for code in CALENDARS)} |",
        "| `quotes_are` | "
        + ", or ".join(f"`{one}`" for one in QUOTES_ARE)
        + ": whether quotations from before a split are carried over it already (format 2) |",
        "",
        "# Format 2",
        "",
        "All sections may be left out; one of any kind is enough. `KEY` is a name of letters,",
        "digits and `_`. Dotted names, as DEAL_TERM takes them, are made of section, key and",
        "figure: `prices.first.leg_1.floor`. Figures in USD a share are multiplied by the ratio of",
        "a split after the document's date, and counts of shares divided by it, unless",
        f"`{FIXED_IN_SPLITS} = true` stands beside them.",
        "",
        *TOGETHER.splitlines(),
        "",
        *_sections(Deal),
        "# Format 1",
        "",
        "The figures of a programme like that of 2001. Each is `{ value = ..., source = ... }`.",
        "",
        *_sections(Terms),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _sections(kind: type[Any]) -> Iterator[str]:
    hints = typing.get_type_hints(kind, localns={"Deal": Deal})
    for entry in fields(kind):
        if entry.metadata:
            hint = hints[entry.name]
            name = f"{entry.name}.KEY" if _is_several(hint) else entry.name
            if kind is Deal and entry.name in LISTED:
                name = f"[{entry.name}]"
            required = entry.default is MISSING
            yield from _record(name, _record_type(hint), entry.metadata["meaning"], required)


def _record(name: str, kind: type[Record], meaning: str, required: bool) -> Iterator[str]:
    yield f"## `[{name}]`"
    yield ""
    yield f"{meaning}. {'Required.' if required else 'May be left out.'}"
    yield ""
    yield "| entry | what it is | unit | must be |"
    yield "|---|---|---|---|"
    if issubclass(kind, Keyed) and name.startswith("["):
        yield "| `key` | Name of it in the deal |  | a name |"
    hints = typing.get_type_hints(kind)
    inner = []
    for entry in fields(kind):
        meta = entry.metadata
        if "rule" in meta:
            rule: Rule = meta["rule"]
            words = "" if rule.words == "any" else rule.words
            left_out = "" if entry.default is MISSING else " (may be left out)"
            yield f"| `{key_of(entry)}` | {meta['meaning']}{left_out} | {meta['unit']} | {words} |"
        elif "choices" in meta:
            words = " or ".join(f"`{one}`" for one in meta["choices"])
            words = words or ("true or false" if bool in types_of(hints[entry.name]) else "a text")
            default = _default_of(entry)
            yield f"| `{key_of(entry)}` | {meta['meaning']}{default} |  | {words} |"
        elif meta:
            inner.append(entry)
    yield ""
    for entry in inner:
        hint = hints[entry.name]
        below = f"{name.strip('[]')}.{entry.name}"
        below = f"[{below}]" if _is_several(hint) else below
        required = entry.default is MISSING
        yield from _record(below, _record_type(hint), entry.metadata["meaning"], required)


def _default_of(entry: Field[Any]) -> str:
    if entry.default is MISSING:
        return ""
    return f" ({entry.default} if left out)" if entry.default is not None else " (may be left out)"


def _is_several(hint: Any) -> bool:
    return typing.get_origin(hint) is tuple


def _record_type(hint: Any) -> type[Record]:
    options = [one for one in types_of(hint) if one is not Ellipsis]
    kind: type[Record] = options[0]
    return kind
