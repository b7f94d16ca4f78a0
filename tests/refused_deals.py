"""Files of deals that are refused, made from a sound one."""

from __future__ import annotations

from pathlib import Path

import pytest
from paths import DATA

from xladdin.errors import TermsError
from xladdin.terms import read_terms

AWKWARD = DATA / "AWKWARD.toml"
SOUND = AWKWARD.read_text(encoding="utf-8")
SRC = 'source = "made up"'


def refused(path: Path, text: str | bytes, name: str = "AWKWARD.toml") -> TermsError:
    file = path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    with pytest.raises(TermsError) as caught:
        read_terms(file)
    error = caught.value
    assert error.path == file
    assert str(error).startswith(str(file))
    assert error.key in str(error)
    assert error.reason
    assert len(str(error)) < len(str(file)) + 500
    return error


def changed(old: str, new: str, text: str = SOUND) -> str:
    """The sound deal, but for one change."""
    assert text.count(old) == 1, old
    return text.replace(old, new)
