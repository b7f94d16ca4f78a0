"""Pages of help on the functions, for a browser."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from xladdin.functions.registry import FUNCTIONS

if TYPE_CHECKING:
    from xladdin.functions.arguments import Argument
    from xladdin.functions.function import Function

LIST: Final = "functions.html"
"""The page with all functions."""

_STYLE: Final = (
    "body{font:15px/1.5 sans-serif;max-width:44em;margin:2em auto;padding:0 1em}"
    "dt{font-weight:bold}dd{margin:0 0 .6em 1.5em}"
)


def pages(name: str) -> dict[str, bytes]:
    """Write the page of a function, and the list of all functions that it leads to.

    Args:
        name: The function's name; empty for the list alone.

    Returns:
        The pages by the names of their files, the one that was asked for first.
    """
    everything = _page("The functions", map(section, FUNCTIONS.values()))
    if not name:
        return {LIST: everything}
    link = f'<p><a href="{LIST}">All functions</a></p>'
    own = _page(name, [section(FUNCTIONS[name]), link])
    return {f"{name}.html": own, LIST: everything}


def _page(title: str, sections: Iterable[str]) -> bytes:
    body = "\n".join(sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>xladdin: {html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<h1>{html.escape(title)}</h1>\n{body}\n</body>\n</html>\n"
    ).encode()


def section(function: Function, named: Callable[[str], str] = str, namespace: str = "") -> str:
    """Write what a function does, takes and gives, as a section of a page.

    Args:
        function: The function.
        named: Writes a formula with the names that the functions have in the add-in.
        namespace: What stands before the functions' names there.
    """
    arguments = "".join(
        f"<dt>{html.escape(argument.name)}{' (optional)' if argument.optional else ''}</dt>"
        f"<dd>{html.escape(_help_of(argument))}</dd>\n"
        for argument in function.arguments
    )
    return (
        f'<h2 id="{function.name}">{html.escape(namespace + function.signature)}</h2>\n'
        f"<p>{html.escape(function.summary)}</p>\n"
        f"<dl>\n{arguments}<dt>Result</dt><dd>{html.escape(function.result)}</dd>\n"
        f"<dt>Source</dt><dd>{html.escape(function.source or 'none')}</dd>\n"
        f"<dt>Example</dt><dd><code>{html.escape(named(function.example))}</code></dd>\n"
        "</dl>"
    )


def _help_of(argument: Argument) -> str:
    if not argument.optional:
        return argument.help
    return f"{argument.help} Default: {argument.default_in_words}."
