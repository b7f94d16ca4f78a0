"""The files of an install, made for the Python that the add-in is to start."""

from __future__ import annotations

from xladdin.installation.places import ADDIN


def addin_files(interpreter: str) -> dict[str, bytes]:
    """Make the files of an install.

    Args:
        interpreter: Path of the Python that the add-in is to start.

    Returns:
        Their bytes by name.
    """
    # They bring what builds workbooks, which doctor and uninstall can do without.
    from xladdin.hosts import macros

    return {ADDIN: macros.addin(macros.settings_for(interpreter))}
