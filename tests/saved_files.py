"""What a file holds before and after it is saved, and functions that fail while it is."""

from __future__ import annotations

from typing import Any

OLD, NEW = b"old" * 100, b"new" * 200


def failing(error: BaseException) -> Any:
    """Return a function that raises an error, whatever it is given."""

    def fail(*_: object, **__: object) -> None:
        raise error

    return fail
