"""What may be missing: tests that need it are skipped, or fail where it is required."""

from __future__ import annotations

import importlib
import os
from typing import Any, Final, NoReturn

import pytest

OFFICE: Final = "XLADDIN_REQUIRE_LIBREOFFICE"
"""Environment variable of a run in which neither LibreOffice nor anything else may be missing."""

EVERYTHING: Final = (OFFICE, "CI")
"""Those of runs in which nothing may be missing that is installed with the tests."""

WITNESS: Final = "XLADDIN_REQUIRE_WITNESS"
"""That of a run in which the second witness may not be missing: developers alone install it."""

BROWSER: Final = "XLADDIN_REQUIRE_BROWSER"
"""That of a run in which Chromium, Node.js and their packages may not be missing."""


def required(*variables: str) -> bool:
    """Whether one of these environment variables is set."""
    return any(os.environ.get(name) in ("1", "true") for name in variables)


def missing(what: str, *variables: str) -> NoReturn:
    """Skip a test for what is missing; fail it where one of the variables is set."""
    if required(*(variables or EVERYTHING)):
        pytest.fail(f"it is required here: {what}")
    pytest.skip(what)


def installed(module: str) -> Any:
    """Import a module that comes with the extra 'test'."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing(f"{module}, of the extra 'test': {error}")


def second_witness() -> None:
    """Need the second witness, of the extra 'dev'."""
    try:
        importlib.import_module("ironcalc")
    except ImportError as error:
        missing(f"the second witness comes with the extra 'dev': {error}", WITNESS)
