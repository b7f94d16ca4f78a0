"""The type stub of the package, written from the registry.

The functions of `xladdin` are made when they are first used, where no type checker and no editor
looks. ``python -m xladdin.hosts.stub`` writes ``xladdin/__init__.pyi``, which tells them.
"""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final

import xladdin
from xladdin.hosts.python import documentation
from xladdin.registry import FUNCTIONS

if TYPE_CHECKING:
    from xladdin.calling import Function
    from xladdin.kinds import Argument

PATH: Final = Path(__file__).parent.parent / "__init__.pyi"
"""Where the stub belongs: beside the package's ``__init__.py``."""

_HEAD: Final = '''\
"""Contract arithmetic for equity programmes, warrants and convertible debentures.

Written by ``python -m xladdin.hosts.stub`` from the registry; a test fails when it is behind.
"""

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol, TypeAlias, overload

'''

_TYPES: Final = '''\
__version__: str

class _HasArray(Protocol):
    """A NumPy array, or what NumPy reads as one."""

    def __array__(self) -> Any: ...

_Number: TypeAlias = float | Decimal | Fraction
_Date: TypeAlias = datetime.date | float
_Text: TypeAlias = str
_Numbers: TypeAlias = Sequence[_Number | None] | Sequence[Sequence[_Number | None]] | _HasArray
_Dates: TypeAlias = Sequence[_Date | None] | Sequence[Sequence[_Date | None]] | _HasArray
_Quotes: TypeAlias = Sequence[Sequence[Any]] | Mapping[datetime.date, Any] | _HasArray
'''

_ONE: Final = {
    "amount": "_Number",
    "count": "_Number",
    "price": "_Number",
    "exercise price": "_Number",
    "ratio": "_Number",
    "offset": "_Number",
    "date": "_Date",
    "text": "_Text",
    "terms": "_Text",
    "counts": "_Numbers | _Number",
    "prices": "_Numbers | _Number",
    "quotes": "_Quotes",
}
"""Type of an argument of each kind."""

_MANY: Final = {"_Number": "_Numbers | _Number", "_Date": "_Dates | _Date"}
"""Type of the same argument where it may be an array."""

_REPEATABLE: Final = {"float", "int", "bool", "str", "datetime.date"}
"""Types of results that the stub can name; all but the package's own."""


def stub() -> str:
    """Write the stub.

    Returns:
        Text of ``xladdin/__init__.pyi``.
    """
    imports = "".join(
        f"from {home} import {name} as {name}\n"
        for name, home in sorted(
            vars(xladdin)["_HOMES"].items(), key=lambda item: (item[1], item[0])
        )
        if not name.startswith("_")
    )
    return f"{_HEAD}{imports}\n{_TYPES}\n" + "\n".join(map(_function, FUNCTIONS.values()))


def _function(function: Function) -> str:
    """Write one function: with arrays it gives arrays, without them what it computes."""
    documented = textwrap.indent(f'"""{documentation(function)}\n"""', "    ").rstrip()
    documented = re.sub(r"(?m)^ +$", "", documented)
    one = _signature(function, _result(function), many=False)
    if not function.each:
        return f"{one}\n{documented}\n"
    many = _signature(function, "Any", many=True)
    brief = f'    """{function.summary}"""'
    return f"@overload\n{one}\n{documented}\n\n@overload\n{many}\n{brief}\n"


def _signature(function: Function, result: str, *, many: bool) -> str:
    """Write the line, or lines, that name arguments and result."""
    parameters = []
    for argument in function.arguments:
        repeats = function.variadic and argument is function.arguments[-1]
        parameters.append(_parameter(argument, many=many, repeats=repeats))
    name = function.name.lower()
    line = f"def {name}({', '.join(parameters)}) -> {result}:"
    if len(line) <= 100:
        return line
    body = "".join(f"    {parameter},\n" for parameter in parameters)
    return f"def {name}(\n{body}) -> {result}:"


def _parameter(argument: Argument, *, many: bool, repeats: bool) -> str:
    kind = _ONE.get(argument.kind.name, "Any")
    if many:
        kind = _MANY.get(kind, kind)
    if repeats:
        return f"*{argument.name}: {kind}"
    return f"{argument.name}: {kind}" + (" | None = None" if argument.optional else "")


def _result(function: Function) -> str:
    """Repeat what the implementation says it returns."""
    said = getattr(function.implementation, "__annotations__", {}).get("return", "Any")
    return said if isinstance(said, str) and {*said.split(" | ")} <= _REPEATABLE else "Any"


if __name__ == "__main__":
    PATH.write_text(stub(), encoding="utf-8", newline="\n")
    sys.stderr.write(f"{PATH} written\n")
