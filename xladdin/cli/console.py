"""What all commands share: exit status, messages, bars, and stopping."""

from __future__ import annotations

import contextlib
import signal
import sys
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xladdin.values import Cell

FAILED: Final = 1
WRONG_USE: Final = 2
STOPPED: Final = 130


def fail(message: str, status: int) -> NoReturn:
    """End with a message and an exit status."""
    click.echo(f"xladdin: {message}", err=True)
    raise SystemExit(status)


def echo_json(value: Any, *, ascii_only: bool = False) -> None:
    """Print as JSON."""
    import json  # only now: `--help` has to be quick

    click.echo(json.dumps(value, indent=2, ensure_ascii=ascii_only))


def plain(cell: Cell) -> Any:
    """Turn a cell's value into one that JSON can hold."""
    from xladdin.values import CellError

    if isinstance(cell, CellError):
        return cell.code
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    return cell


@contextlib.contextmanager
def stoppable(state: Callable[[], str]) -> Iterator[Callable[[], None]]:
    """Let Ctrl-C, or a request to end, stop something that saves each file whole as it goes.

    Gives what is to be called between files: Python loses an interruption that comes while some
    object is being done away with.
    """
    asked = False

    def stop(*_: object) -> NoReturn:
        nonlocal asked
        asked = True
        raise KeyboardInterrupt

    def check() -> None:
        if asked:
            raise KeyboardInterrupt

    def lost(unraisable: sys.UnraisableHookArgs) -> None:
        if not isinstance(unraisable.exc_value, KeyboardInterrupt):
            hook(unraisable)

    before = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
    hook, sys.unraisablehook = sys.unraisablehook, lost
    try:
        yield check
    except KeyboardInterrupt:
        fail(f"stopped: {state()}; every file is whole, the old one or the new", STOPPED)
    finally:
        sys.unraisablehook = hook
        for one, handler in before.items():
            signal.signal(one, handler)


@contextlib.contextmanager
def progress(count: int) -> Iterator[Callable[[], object]]:
    """Show a bar with the time left while something is done `count` times; none for 0."""
    if not count:
        yield lambda: None
        return
    with click.progressbar(length=count, file=sys.stderr, show_pos=True, label="workbooks") as bar:
        yield lambda: bar.update(1)
