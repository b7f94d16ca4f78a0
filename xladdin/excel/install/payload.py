"""The files of an install, made for the Python that the add-in starts."""

from __future__ import annotations

from xladdin.excel.install.paths import ADDIN


def addin_files(interpreter: str) -> dict[str, bytes]:
    """Make the files of an install.

    Args:
        interpreter: Path of the Python that the add-in starts.

    Returns:
        Their bytes by name.
    """
    # They import what builds workbooks, which doctor and uninstall do not need.
    from xladdin.excel import macro_workbooks

    return {ADDIN: macro_workbooks.addin(macro_workbooks.settings_for(interpreter))}
