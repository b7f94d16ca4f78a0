"""The page on the command line, written from the commands."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Final

import click

from xladdin.cli import main as group

_HEAD: Final = """\
# Command line

Generated from the commands by `python -m tools.generate`.

Results go to standard output, messages to standard error, one line each, with what was wrong and
what to do. `xladdin --version` prints the version, `-h` or `--help` the help of `xladdin` or of a
command. Python calls the same with `python -m xladdin.cli`.

Every exit status is in [operations.md](operations.md#exit-status-and-output).
"""


def page() -> str:
    """Write the page.

    Returns:
        The page, in Markdown.
    """
    context = click.Context(group, info_name="xladdin")
    commands = {name: group.get_command(context, name) for name in group.list_commands(context)}
    text = _HEAD
    for name, command in commands.items():
        assert command is not None
        text += "\n" + "\n".join(_section(name, command, context)) + "\n"
    return text


def _section(name: str, command: click.Command, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"## xladdin {name}"
    yield ""
    yield f"`xladdin {name} {usage}`"
    yield ""
    yield inspect.cleandoc(command.help or "")
    options = [option for option in command.params if isinstance(option, click.Option)]
    if options:
        yield ""
        yield "| option | meaning | default |"
        yield "|---|---|---|"
        yield from (_row(option, context) for option in options)


def _row(option: click.Option, context: click.Context) -> str:
    name = ", ".join(option.opts)
    if not option.is_flag:
        name += f" {option.make_metavar(context)}"
    default = f"`{option.default}`" if option.show_default else ""
    name = name.replace("|", r"\|")
    return f"| `{name}` | {option.help} | {default} |"
