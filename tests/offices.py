"""LibreOffice for tests: where it is missing they are skipped, unless the run insists on it."""

from __future__ import annotations

import os
from typing import Final

import pytest

from xladdin.libreoffice import soffice

REQUIRED: Final = os.environ.get("XLADDIN_REQUIRE_LIBREOFFICE") == "1"
"""Whether a missing LibreOffice is to fail the tests; set where it has to be there."""

MISSING: Final = soffice.check()

needs_office: Final = pytest.mark.skipif(
    bool(MISSING) and not REQUIRED, reason=MISSING or "LibreOffice is here"
)

VERIFYING: Final = [
    "embedded" if MISSING else pytest.param("embedded", marks=pytest.mark.long),
    pytest.param("all", marks=needs_office),
]
"""Engines for `verify`: where LibreOffice is there, ``all`` asks the embedded one too."""
