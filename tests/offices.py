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

office_too: Final = (needs_office, pytest.mark.long)
"""Marks of what LibreOffice computes in a long run, and the embedded engine in every run."""

BY_BOTH: Final = ("embedded", pytest.param("libreoffice", marks=office_too))
"""Engines. In an ordinary run LibreOffice computes some fillings, and calls of every function."""

VERIFYING: Final = ("embedded", pytest.param("all", marks=office_too))
"""Engines for `verify`."""
