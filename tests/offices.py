"""LibreOffice for tests: where it is missing they are skipped, unless the run insists on it."""

from __future__ import annotations

from typing import Final

import pytest
from absences import OFFICE, required

from xladdin.libreoffice import soffice

MISSING: Final = soffice.check()

needs_office: Final = pytest.mark.skipif(
    bool(MISSING) and not required(OFFICE), reason=MISSING or "LibreOffice is here"
)

office_too: Final = (needs_office, pytest.mark.long)
"""Marks of what LibreOffice computes in a long run, and the embedded engine in every run."""

BY_BOTH: Final = ("embedded", pytest.param("libreoffice", marks=office_too))
"""Engines. In an ordinary run LibreOffice computes some fillings, and calls of every function."""

VERIFYING: Final = ("embedded", pytest.param("all", marks=office_too))
"""Engines for `verify`."""
