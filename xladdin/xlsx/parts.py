"""Parts of a workbook: those that this package wrote, and where relationships are."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from xladdin.xlsx.written_sheet import WrittenSheet

_SCHEMAS: Final = "http://schemas.openxmlformats.org"
MAIN: Final = f"{_SCHEMAS}/spreadsheetml/2006/main"
OFFICE_RELATIONSHIPS: Final = f"{_SCHEMAS}/officeDocument/2006/relationships"
RELATIONSHIPS: Final = f"{_SCHEMAS}/package/2006/relationships"
CONTENT_TYPES: Final = f"{_SCHEMAS}/package/2006/content-types"
"""Namespaces of XML."""


def relationships_of(part: str) -> str:
    """Return the name of the part with the relationships of another, or of the package for none."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


class Parts(dict[str, bytes]):
    """Parts by name.

    Attributes:
        sheets: The layouts of sheets as they were written, by part, rows in canonical form.
    """

    def __init__(self, parts: Mapping[str, bytes], sheets: Mapping[str, WrittenSheet]) -> None:
        """Take the parts and the layouts."""
        super().__init__(parts)
        self.sheets = dict(sheets)

    def __reduce__(self) -> tuple[object, ...]:
        """Go to another process as bytes alone."""
        return dict, (dict(self),)
