"""Name of the add-in's file, as calls of its functions are stored with."""

from __future__ import annotations

from typing import Final

ADDIN: Final = "xladdin.xlam"
