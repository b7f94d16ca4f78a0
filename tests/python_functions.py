"""The functions for Python, by their names on a sheet."""

from __future__ import annotations

from typing import Any

import pytest

import xladdin


def called(name: str) -> Any:
    return getattr(xladdin, name.lower())


def refused(name: str, *arguments: Any, **named: Any) -> xladdin.InputError:
    with pytest.raises(xladdin.InputError) as caught:
        called(name)(*arguments, **named)
    return caught.value
