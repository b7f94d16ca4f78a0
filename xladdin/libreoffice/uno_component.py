"""The component of the extension that LibreOffice loads: a method for every function.

This file is at the top of the extension, with the package in a folder beside it. Any Python 3 must
be able to read it, so that one which is too old for the package can give the reason: when the
extension is added, which then fails, and in a cell.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

OLDEST = (3, 11)
"""Oldest Python that the package runs on."""

FOLDER = "python"
"""Folder of the package beside this file. It is no `pythonpath`, which LibreOffice would put
behind the system's own modules, and another version of the package among those before it."""

VALUE = struct.unpack("<d", struct.pack("<Q", 0x7FF8000000000000 | 519))[0]
"""The number that Calc shows as #VALUE!."""


def too_old(version: tuple[int, ...] = sys.version_info[:2]) -> str:
    """Return the reason why a Python cannot run the package; empty if it can."""
    if version >= OLDEST:
        return ""
    needed, found = (".".join(map(str, one)) for one in (OLDEST, version))
    return (
        f"xladdin needs Python {needed} or newer, and this LibreOffice has {found}: "
        "install LibreOffice 26.2 or newer"
    )


def methods(
    table: Iterable[tuple[str, str, bool]], version: tuple[int, ...] = sys.version_info[:2]
) -> dict[str, Callable[..., Any]]:
    """Make the component's methods.

    Args:
        table: Method, worksheet name and whether rows are to be returned, for every function.
        version: This Python's version.

    Returns:
        The methods by name. If Python is too old they give #VALUE!, and the function for the
        version gives the reason.
    """
    reason = too_old(version)
    if reason:
        sys.stderr.write(reason + "\n")
        return {
            method: _refusing(reason if name == "XLADDIN_VERSION" else VALUE, rows)
            for method, name, rows in table
        }
    folder = str(Path(__file__).resolve().parent / FOLDER)
    _forget_others(folder)
    sys.path.insert(0, folder)
    try:
        from xladdin.libreoffice import udfs
    finally:
        sys.path.remove(folder)
    udfs.bring_closures()
    entries = udfs.entries()
    return {method: _calling(entries[name]) for method, name, _ in table}


def _forget_others(folder: str) -> None:
    """Unload modules of another copy of the package that another program has loaded here."""
    loaded = sys.modules.get("xladdin")
    if loaded is not None and not str(loaded.__file__).startswith(folder):
        for name in [name for name in sys.modules if name.partition(".")[0] == "xladdin"]:
            del sys.modules[name]


def _refusing(answer: object, rows: bool) -> Callable[..., Any]:
    return lambda _self, *_given: ((answer,),) if rows else answer


def _calling(entry: Callable[..., Any]) -> Callable[..., Any]:
    return lambda _self, *given: entry(*given)


def component(implementation: str, interface: Any, table: Iterable[tuple[str, str, bool]]) -> Any:
    """Make the component.

    Args:
        implementation: Its name, which is also its service's.
        interface: The interface with the methods.
        table: As for `methods`.

    Returns:
        The object that LibreOffice requires of a file of components.
    """
    # Here, because only LibreOffice's Python has them.
    import unohelper  # type: ignore[import-not-found,unused-ignore]
    from com.sun.star.lang import (  # type: ignore[import-not-found,unused-ignore]
        Locale,
        XLocalizable,
        XServiceInfo,
        XServiceName,
    )

    def __init__(self: Any, _context: object) -> None:  # noqa: N807
        self.locale = Locale("en", "US", "")

    own: dict[str, Any] = {
        "__init__": __init__,
        "getServiceName": lambda _self: implementation,
        "getImplementationName": lambda _self: implementation,
        "supportsService": lambda _self, name: name == implementation,
        "getSupportedServiceNames": lambda _self: (implementation,),
        "setLocale": lambda self, locale: setattr(self, "locale", locale),
        "getLocale": lambda self: self.locale,
    }
    own.update(methods(table))
    bases = (unohelper.Base, XServiceInfo, XServiceName, XLocalizable, interface)
    helper = unohelper.ImplementationHelper()
    helper.addImplementation(type("Functions", bases, own), implementation, (implementation,))
    return helper
