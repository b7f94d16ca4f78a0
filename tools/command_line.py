"""The page on the command line, written from the commands."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import click

from xladdin.cli import main as group
from xladdin.cli.console import STATUSES

_HEAD: Final = """\
# Command line

Generated from the commands by `python -m tools.generate`.

Results go to standard output, messages to standard error, one line each, with what was wrong and
what to do. `xladdin --version` prints the version, `-h` or `--help` the help of `xladdin` or of a
command. Python calls the same with `python -m xladdin.cli`.

## Exit status

| status | meaning |
|---|---|
"""

_CASES: Final = """\

Where a command works on several files, it works on all of them and ends with the highest status.
130 means the same for each command; the others mean in particular:

| command | 0 | 1 | 2 |
|---|---|---|---|
"""


class Cases(NamedTuple):
    """What 0, 1 and 2 mean for a command."""

    well: str
    failed: str
    wrong: str = "wrong use"


CASES: Final[Mapping[str, Cases]] = {
    "build": Cases(
        "every workbook is built or up to date, and its checks hold; of several templates or "
        "deals, what a deal has nothing for is left out",
        "a check fails; a workbook cannot be written, or somebody has used it; of many deals, one "
        "fails; with `--check`, a workbook is missing or not up to date; the workers of a cluster "
        "are lost",
        "a deal, template, data folder or cluster that is not there or cannot be used; a deal that "
        "has nothing for a template named; nothing was built",
    ),
    "build-oxt": Cases("the extension is written", "the disk is full", "it cannot be written"),
    "deals": Cases(
        "the deals, or the figures of one, are printed; with `--check` or `--document`, each is "
        "reproduced, or stands where it is cited",
        "a file in the folder of deals is wrong or has a wrong name; the others are listed; a "
        "printed figure is not reproduced; a figure is not on a page that it cites",
        "there is no such deal, or the file is wrong",
    ),
    "doctor": Cases("a formula in Excel has all it needs", "something is missing or wrong"),
    "eval": Cases(
        "the value is printed", "the value is an error, or the formula cannot be computed here"
    ),
    "functions": Cases(
        "the functions, or one of them, are printed", "", "there is no such function"
    ),
    "install": Cases(
        "the add-in or the extension is installed",
        "it could not be installed, or Excel needs more before it works",
        "a folder that is given is not there",
    ),
    "recalc": Cases(
        "every value is stored, no entry is wrong, and the workbook's own checks hold",
        "the values are stored, but an entry is wrong, a check fails, or `--partial` left cells "
        "as they were",
        "a file cannot be read or written, names a deal that is not installed, or, without "
        "`--partial`, holds a formula that cannot be computed: nothing was written",
    ),
    "uninstall": Cases(
        "nothing of it is installed any more",
        "a file was left, because somebody has changed it or because of the machine",
        "a folder that is given is not there",
    ),
    "upgrade": Cases(
        "every workbook is upgraded with all that was added to it, and its checks hold",
        "a workbook is upgraded, but a check fails, or something beside its cells is in the old "
        "file only",
        "a workbook cannot be upgraded, and is as it was",
    ),
    "verify": Cases(
        "every workbook agrees, and no entry is wrong",
        "a value differs, an entry is wrong, a check fails, a cell cannot be computed, or nothing "
        "could be compared",
        "a file cannot be read, or names a deal that is not installed",
    ),
}
"""The same, by command."""


def page() -> str:
    """Write the page.

    Returns:
        The page, in Markdown.
    """
    context = click.Context(group, info_name="xladdin")
    commands = {name: group.get_command(context, name) for name in group.list_commands(context)}
    lines = [f"| {status} | {text} |" for status, text in STATUSES.items()]
    text = _HEAD + "\n".join(lines) + "\n" + _CASES
    text += "\n".join(f"| `{name}` | {' | '.join(CASES[name])} |" for name in commands) + "\n"
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
