"""XLADDIN_VERSION: the add-in's own version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xladdin._version import __version__
from xladdin.functions.derivation import Step, looked_up
from xladdin.functions.function import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOURCE = "the installed package"


def _version() -> str:
    return __version__


def _version_steps(value: str) -> Iterator[Step]:
    return looked_up("Version of the add-in", _SOURCE, value)


XLADDIN_VERSION = Function(
    name="XLADDIN_VERSION",
    summary="Version of the add-in.",
    arguments=(),
    result="text",
    source=_SOURCE,
    implementation=_version,
    each=False,
    derivation=_version_steps,
    no_twin="it is about the add-in itself",
    example="=XLADDIN_VERSION()",
    shows=__version__,
)
