"""The module of the functions for Python, written from the registry."""

from __future__ import annotations

import datetime
import keyword
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tools.reference import errors
from xladdin.cells import day_of
from xladdin.functions.arguments import Argument
from xladdin.functions.function import Function
from xladdin.functions.python_calls import call
from xladdin.functions.registry import FUNCTIONS

WIDTH: Final = 100

_HEAD: Final = '''\
"""The worksheet functions for Python, in lower case.

Generated from the registry by ``python -m tools.generate``.
"""

from __future__ import annotations

import datetime
from typing import Any, Literal, overload

from xladdin.functions.python_calls import (
    Date,
    Dates,
    Errors,
    Number,
    Numbers,
    Quotes,
    Rows,
)
from xladdin.functions.python_calls import call as _call
from xladdin.functions.registry import FUNCTIONS as _FUNCTIONS
'''

_ONE: Final = {
    "amount": "Number",
    "count": "Number",
    "price": "Number",
    "exercise price": "Number",
    "ratio": "Number",
    "offset": "Number",
    "date": "Date",
    "text": "str",
    "terms": "str",
    "counts": "Numbers | Number",
    "prices": "Numbers | Number",
    "quotes": "Quotes",
    "quotations": "Quotes",
    "formula": "str",
    "schedule": "str",
    "cap": "str",
    "method": "str",
    "what": "str",
    "part": "Number",
    "stock": "Number",
    "own rate": "Number",
    "balance": "Number",
    "factor": "Number",
    "number": "Number",
    "shares": "Number",
    "sales": "Rows",
    "changes": "Rows",
    "securities": "Rows",
    "grid": "Rows",
    "anything": "Any",
}
"""Type of an argument of each kind."""

_DATED: Final = ("quotations", "sales", "changes")
"""Kinds of ranges whose first column are dates."""

_MANY: Final = {"Number": "Numbers | Number", "Date": "Dates | Date"}
"""Type of the same argument where it may be an array."""

_COERCE: Final = 'errors: "raise"; or "coerce" for NaN in the place of an element that is wrong.'


def module(functions: Mapping[str, Function] = FUNCTIONS) -> str:
    """Write the module.

    Args:
        functions: The functions, by name.

    Returns:
        Text of ``xladdin/api.py``.

    Raises:
        ValueError: A name cannot be one in Python, or a type is not known.
    """
    for function in functions.values():
        _check(function)
    names = "".join(f'    "{name.lower()}",\n' for name in sorted(functions))
    written = "\n\n".join(map(_function, functions.values()))
    return f"{_HEAD}\n__all__ = [\n{names}]\n\n\n{written}"


def _check(function: Function) -> None:
    """Refuse a function that cannot be written."""
    for name in (function.name, *(argument.name for argument in function.arguments)):
        if not name.isidentifier() or keyword.iskeyword(name.lower()):
            raise ValueError(f"{function.name}: {name!r} cannot be a name in Python")
    for argument in function.arguments:
        kind = argument.kind.name
        if kind not in _ONE:
            raise ValueError(f"{function.name}: no type is known for an argument of kind {kind!r}")
    if not function.implementation.__annotations__.get("return"):
        raise ValueError(f"{function.name}: its implementation must be annotated with its result")


def _function(function: Function) -> str:
    """Write one function: typed apart for single values where it works on each element."""
    result: str = function.implementation.__annotations__["return"]
    documented = textwrap.indent(f'"""{documentation(function)}\n"""\n', "    ")
    values = [argument.name for argument in function.arguments]
    if function.variadic:
        values[-1] = f"*{values[-1]}"
    given = f"({', '.join(values)}{',' if len(values) == 1 else ''})"
    passed = [f'_FUNCTIONS["{function.name}"]', given]
    if not function.each:
        line = _signature(function, result)
        called = _called(f"    value: {result} = ", passed)
        return f"{line}\n{documented}{called}    return value\n"
    typed = [_signature(function, "Any", "Errors", many=True)]
    if "float" in result.split(" | "):
        typed.insert(0, _signature(function, result, "Errors"))
    else:  # NaN is of another type
        typed.insert(0, _signature(function, f"{result} | float", "Errors"))
        typed.insert(0, _signature(function, result, 'Literal["raise"]'))
    overloads = "".join(f"@overload\n{line} ...\n" for line in typed)
    return f"{overloads}{typed[-1]}\n{documented}{_called('    return ', [*passed, 'errors'])}"


def _called(before: str, parts: Sequence[str]) -> str:
    """Write a line that calls, in three or more where it is long."""
    passed = ", ".join(parts)
    line = f"{before}_call({passed})\n"
    if len(line) <= WIDTH + 1:
        return line
    inner = f"        {passed}\n"
    if len(inner) > WIDTH + 1:
        inner = "".join(f"        {part},\n" for part in parts)
    return f"{before}_call(\n{inner}    )\n"


def _signature(function: Function, result: str, errors: str = "", *, many: bool = False) -> str:
    """Write the line, or lines, that name arguments and result."""
    parameters = []
    for argument in function.arguments:
        kind = _ONE[argument.kind.name]
        kind = _MANY.get(kind, kind) if many else kind
        if function.variadic and argument is function.arguments[-1]:
            parameters.append(f"*{argument.name}: {kind}")
        else:
            default = " | None = None" if argument.optional else ""
            parameters.append(f"{argument.name}: {kind}{default}")
    if errors:
        parameters += ["*", f'errors: {errors} = "raise"']
    name = function.name.lower()
    line = f"def {name}({', '.join(parameters)}) -> {result}:"
    if len(line) <= WIDTH - len(" ..."):
        return line
    body = "".join(f"    {parameter},\n" for parameter in parameters)
    return f"def {name}(\n{body}) -> {result}:"


def documentation(function: Function) -> str:
    """Write a function's documentation.

    Args:
        function: A function of the registry.

    Returns:
        The docstring, without quotes and indentation.
    """
    lines = [function.summary, ""]
    if function.arguments:
        lines += ["Args:", *(_entry(_argument(argument)) for argument in function.arguments)]
        if function.each:
            lines.append(_entry(_COERCE))
        lines.append("")
    each = " Arrays give an array of the same kind." if function.each else ""
    lines += ["Returns:", _entry(_sentence(function.result) + each)]
    if function.arguments:
        found = "; ".join(f"{code} {words}" for code, words in errors(function))
        lines += ["", "Raises:", _entry(f"InputError: Its code says what is wrong: {found}.")]
    if function.source:
        lines += ["", textwrap.fill(f"Source: {_sentence(function.source)}", WIDTH - 4)]
    lines += ["", "Example:", *(f"    {line}" for line in _example(function))]
    return "\n".join(lines)


def _argument(argument: Argument) -> str:
    """Describe an argument: what it is, what it takes and in which unit, and its default."""
    kind = argument.kind
    text = f"{argument.name}: {argument.help}"
    if kind.unit and not kind.ranged:
        unit = "" if kind.unit in text + kind.words else f" ({kind.unit})"
        text += f" {_sentence(kind.words + unit)}"
    return f"{text} Default: {argument.default_in_words}." if argument.optional else text


def _entry(text: str) -> str:
    return textwrap.fill(text, WIDTH - 4, initial_indent="    ", subsequent_indent="        ")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _example(function: Function) -> Iterator[str]:
    """Write the function's example as lines of an interactive session."""
    yield ">>> import xladdin"
    if not function.arguments:
        yield f">>> xladdin.{function.name.lower()}() == xladdin.__version__"
        yield "True"
        return
    values = [
        _value(text, function.arguments[min(place, len(function.arguments) - 1)])
        for place, text in enumerate(_split(function.example.partition("(")[2][:-1], ","))
    ]
    sources = list(map(_source, values))
    if any("date(" in source for source in sources):
        yield ">>> from datetime import date"
    name = f"xladdin.{function.name.lower()}"
    line = f"{name}({', '.join(sources)})"
    result = call(function, values)
    if function.spills:
        yield f">>> for row in {line}:"
        yield "...     print(row)"
        yield from map(repr, result)
        return
    for place, (value, argument) in enumerate(zip(values, function.arguments, strict=False)):
        if isinstance(value, Mapping):
            yield f">>> {argument.name} = {{"
            yield from (f"...     {_source(day)}: {bid}," for day, bid in value.items())
            yield "... }"
        elif argument.kind.name in _DATED:
            yield f">>> {argument.name} = ["
            yield from (f"...     {_source(row)}," for row in value)
            yield "... ]"
        else:
            continue
        sources[place] = argument.name
        line = f"{name}({', '.join(sources)})"
    yield f">>> {line}"
    yield repr(result)


def _split(text: str, separator: str) -> list[str]:
    """Split at a separator that stands outside of brackets and quotes."""
    pieces, depth, quoted = [""], 0, False
    for letter in text:
        quoted ^= letter == '"'
        depth += 0 if quoted else (letter in "({") - (letter in ")}")
        if letter == separator and not depth and not quoted:
            pieces.append("")
        else:
            pieces[-1] += letter
    return pieces


def _value(text: str, argument: Argument) -> Any:
    """Turn an argument of a formula into the value that a Python caller passes."""
    if not text:
        return None
    if text.startswith("{"):
        rows = [
            [_value(cell, argument) for cell in row.split(",")] for row in text[1:-1].split(";")
        ]
        if argument.kind.name in _DATED:
            return [[day_of(row[0]), *row[1:]] for row in rows]
        if argument.kind.name == "quotes":
            return {day_of(row[0]): row[1] for row in rows}
        return [row[0] if len(row) == 1 else row for row in rows]
    if text.startswith("DATE("):
        return datetime.date(*map(int, text[5:-1].split(",")))
    if text.startswith('"'):
        return text[1:-1]
    number = float(text) if "." in text else int(text)
    return day_of(number) if argument.kind.name == "date" else number


def _source(value: Any) -> str:
    """Write a value as Python source."""
    if isinstance(value, Mapping):
        return _source(list(value))
    if isinstance(value, list):
        return f"[{', '.join(map(_source, value))}]"
    if isinstance(value, datetime.date):
        return f"date({value.year}, {value.month}, {value.day})"
    if isinstance(value, str):
        return f'"{value}"'
    return f"{value:_}" if isinstance(value, int) and value >= 10_000 else repr(value)
