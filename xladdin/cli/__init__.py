"""The command line: parses, calls the library, prints.

Results go to standard output, messages to standard error; `console.STATUSES` lists what each
exit status means.
"""

from __future__ import annotations

from typing import Any, Final

import click

from xladdin._version import __version__
from xladdin.cli.console import (
    FAILED,
    STOPPED,
    WRONG_USE,
    delivering,
    fail,
    interruptible,
    report_error,
    want_json,
)
from xladdin.errors import FileError, InputError

_COMPUTING: Final = ("eval", "recalc", "verify")
_INSTALLING: Final = ("doctor", "install", "uninstall")
_LISTING: Final = ("deals", "functions")
_MAKING: Final = ("build", "build-oxt", "upgrade")
_OFFICE: Final = ("office-addin",)


def _module_of(command: str) -> object:
    """Load the module of a command, and none of the others: `--help` has to be quick."""
    if command in _COMPUTING:
        from xladdin.cli import recalc

        return recalc
    if command in _INSTALLING:
        from xladdin.cli import install

        return install
    if command in _LISTING:
        from xladdin.cli import functions_and_deals

        return functions_and_deals
    if command in _OFFICE:
        from xladdin.cli import office_addin

        return office_addin
    from xladdin.cli import build

    return build


class _Group(click.Group):
    """A group whose commands turn the library's errors into one clean line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        return sorted([*_COMPUTING, *_INSTALLING, *_LISTING, *_MAKING, *_OFFICE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        # `eval` is a function of Python's own.
        name = "evaluate" if cmd_name == "eval" else cmd_name.replace("-", "_")
        found: click.Command = getattr(_module_of(cmd_name), name)
        return found

    def main(self, *args: Any, **kwargs: Any) -> Any:
        with delivering():
            return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        if "--json" in [*ctx._protected_args, *ctx.args]:
            want_json()
        try:
            with interruptible():
                return super().invoke(ctx)
        except (FileError, InputError, LookupError) as error:
            if isinstance(error, KeyError | IndexError):
                raise  # a bug of ours, not something that a user got wrong
            fail(str(error), WRONG_USE)
        except click.UsageError as error:
            report_error(error.format_message())
            raise
        except OSError as error:  # a full disk, most often that of temporary files
            place = f"{error.filename}: " if error.filename else ""
            fail(f"{place}{error.strerror or 'it failed'}; every file is whole", FAILED)
        except KeyboardInterrupt:
            fail("stopped", STOPPED)
        except MemoryError:
            fail("there is not enough memory for it; every file is whole", FAILED)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="xladdin")
def main() -> None:
    """Contract arithmetic for equity programmes, warrants and debentures, in workbooks."""
