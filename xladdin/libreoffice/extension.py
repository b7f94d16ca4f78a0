"""The extension for LibreOffice, generated from the registry.

It is a zip file of a type library, which declares the functions' arguments for UNO; of a
configuration, with their names and help for Calc; of a component, which Calc calls; and of the
package, for LibreOffice's own Python. That Python has no other packages and needs none: instead of
the calendar library, the extension has its closures as plain dates.

Nothing in it depends on the machine that makes it, nor on the time.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from xladdin._version import __version__
from xladdin.calendars import closures_listed
from xladdin.files import save
from xladdin.files.archives import archive, packaged
from xladdin.files.errors import explained
from xladdin.functions.registry import FUNCTIONS
from xladdin.libreoffice.udfs import CLOSURES, REPEATED, gives_rows

if TYPE_CHECKING:
    from xladdin.functions.arguments import Argument
    from xladdin.functions.function import Function

IDENTIFIER: Final = "com.xladdin"
"""The extension's identifier."""

SERVICE: Final = "com.xladdin.Functions"
"""The component's name, with which the full names of the functions begin."""

INTERFACE: Final = "XFunctions"

CHECK: Final = "com.xladdin.Check"
"""Name of the component that is loaded as the extension is added."""

OLDEST: Final = "7.4"
"""Oldest LibreOffice that has been tried. Its Python is its own or the system's and may be too old:
the component checks that when it is added."""

CATEGORY: Final = "Add-In"
"""Category of the functions in Calc's function wizard, which has only its own categories."""

_COMPONENT: Final = Path(__file__).with_name("uno_component.py")

_LIBRARY: Final = "types.idl"
_CONFIGURATION: Final = "CalcAddIns.xcu"
_LOADED: Final = "functions.py"
_CHECK: Final = "check.py"
_COMPONENTS: Final = "xladdin.components"

_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SUMMARY: Final = (
    "Contract arithmetic for equity programmes, warrants and convertible debentures, "
    "as functions of Calc."
)


def method_name(name: str) -> str:
    """Return the name of a function as a method, such as ``ceoFee`` for ``CEO_FEE``."""
    first, *rest = name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)


def calc_name(name: str) -> str:
    """Return the full name by which Calc recognises a function in any file.

    Args:
        name: The worksheet name, such as ``CEO_FEE``.

    Returns:
        The full name, such as ``COM.XLADDIN.FUNCTIONS.CEOFEE``.
    """
    return f"{SERVICE}.{method_name(name)}".upper()


def make() -> bytes:
    """Make the extension.

    Returns:
        The bytes of the .oxt file; the same for the same registry, wherever it is made.
    """
    # Not compressed: the result of deflate depends on its library.
    return archive(_parts(), zipfile.ZIP_STORED)


def build_oxt(out: Path) -> Path:
    """Write the extension to a file.

    Args:
        out: The file, or a folder for it.

    Returns:
        The file.

    Raises:
        FileError: It cannot be written.
    """
    try:
        path = out / f"xladdin-{__version__}.oxt" if out.is_dir() else out
    except OSError as error:  # a folder that nobody may enter
        raise explained(out, error) from error
    save(path, make())
    return path


def _parts() -> dict[str, str]:
    """Make every file of the extension."""
    return {
        "META-INF/manifest.xml": _manifest(),
        "description.xml": _description(),
        "description.txt": _SUMMARY + "\n",
        _LIBRARY: _types(),
        _CONFIGURATION: _configuration(),
        _COMPONENTS: _components(),
        _LOADED: _functions(),
        _CHECK: _checking(),
        **dict(_packaged()),
    }


def _packaged() -> Iterator[tuple[str, str]]:
    """Read the files of the package, and list the closures beside them."""
    folder = PurePosixPath("python", "xladdin")
    for name, text in packaged("libreoffice/__init__.py", "libreoffice/udfs.py"):
        yield str(folder / name), text
    yield str(folder / "libreoffice" / CLOSURES), closures_listed()


def _functions() -> str:
    """Write the file with the component that Calc calls."""
    table = "".join(
        f"    {(method_name(name), name, gives_rows(function))!r},\n"
        for name, function in FUNCTIONS.items()
    )
    module = SERVICE.rpartition(".")[0]
    return (
        f"{_component_source()}\n\n"
        f"from {module} import {INTERFACE}\n\n"
        f"TABLE = (\n{table})\n\n"
        f"g_ImplementationHelper = component({SERVICE!r}, {INTERFACE}, TABLE)\n"
    )


def _checking() -> str:
    """Write the component that is loaded as the extension is added, to refuse an old Python."""
    return (
        f"{_component_source()}\n\n"
        "if too_old():\n    raise RuntimeError(too_old())\n\n"
        "import unohelper\n\n"
        "g_ImplementationHelper = unohelper.ImplementationHelper()\n"
        "# One that holds nothing would not be taken.\n"
        f"g_ImplementationHelper.addImplementation(unohelper.Base, {CHECK!r}, ({CHECK!r},))\n"
    )


def _component_source() -> str:
    return _COMPONENT.read_text(encoding="utf-8")


def _types() -> str:
    """Write the type library, in the source form that UNO reads as well as the binary one."""
    *modules, _ = SERVICE.split(".")
    lines = [f"module {module} {{" for module in modules]
    lines.append(f"interface {INTERFACE} {{")
    lines += [f"  {_signature(function)};" for function in FUNCTIONS.values()]
    lines += ["};"] * (len(modules) + 1)
    return "\n".join(lines) + "\n"


_ROWS: Final = "sequence< sequence< any > >"


def _arguments(function: Function) -> Iterator[tuple[str, Argument]]:
    """List a method's arguments: the type, and the registry's argument.

    Arguments of type ``any`` may be left out; the others are rows, one value being a row of one.
    One that repeats ends with a sequence of ``any``.
    """
    for argument in function.arguments:
        yield "any" if argument.optional else _ROWS, argument
    if function.variadic:
        for _ in range(REPEATED - 1):
            yield "any", function.arguments[-1]
        yield "sequence< any >", function.arguments[-1]


def _signature(function: Function) -> str:
    """Declare a method."""
    declared = [
        f"[in] {kind} {_argument(place)}" for place, (kind, _) in enumerate(_arguments(function))
    ]
    result = _ROWS if gives_rows(function) else "any"
    return f"{result} {method_name(function.name)}({', '.join(declared)})"


def _argument(place: int) -> str:
    """Name an argument for UNO, which reserves some words; nobody sees these names."""
    return f"argument{place + 1}"


def _configuration() -> str:
    nodes = "".join(map(_node, FUNCTIONS.values()))
    return (
        f"{_DECLARATION}"
        '<oor:component-data xmlns:oor="http://openoffice.org/2001/registry"'
        ' xmlns:xs="http://www.w3.org/2001/XMLSchema"'
        ' oor:name="CalcAddIns" oor:package="org.openoffice.Office">\n'
        f'<node oor:name="AddInInfo"><node oor:name="{SERVICE}" oor:op="replace">'
        f'<node oor:name="AddInFunctions">\n{nodes}</node></node></node>\n'
        "</oor:component-data>\n"
    )


def _node(function: Function) -> str:
    arguments = "".join(
        f'<node oor:name="{_argument(place)}" oor:op="replace">'
        f"{_property('DisplayName', argument.name)}"
        f"{_property('Description', argument.help)}</node>\n"
        for place, (_, argument) in enumerate(_arguments(function))
    )
    return (
        f'<node oor:name="{method_name(function.name)}" oor:op="replace">'
        f"{_property('DisplayName', function.name)}{_property('Description', function.summary)}"
        f'<prop oor:name="Category"><value>{CATEGORY}</value></prop>'
        f"{_property('CompatibilityName', function.name)}"
        f'<node oor:name="Parameters">\n{arguments}</node></node>\n'
    )


def _property(name: str, text: str) -> str:
    """Write a property in words; other languages fall back on English."""
    return f'<prop oor:name="{name}"><value xml:lang="en-US">{escape(text)}</value></prop>'


def _components() -> str:
    return (
        f"{_DECLARATION}"
        '<components xmlns="http://openoffice.org/2010/uno-components">'
        f'<component loader="com.sun.star.loader.Python" uri="{_LOADED}">'
        f'<implementation name="{SERVICE}"><service name="{SERVICE}"/></implementation>'
        "</component></components>\n"
    )


def _manifest() -> str:
    kind = "application/vnd.sun.star."
    entries = {
        # First, so that nothing else is added if it fails.
        _CHECK: f"{kind}uno-component;type=Python",
        _LIBRARY: f"{kind}uno-typelibrary;type=RDB",
        _CONFIGURATION: f"{kind}configuration-data",
        _COMPONENTS: f"{kind}uno-components",
    }
    listed = "".join(
        f"<manifest:file-entry manifest:full-path={quoteattr(name)}"
        f" manifest:media-type={quoteattr(media)}/>\n"
        for name, media in entries.items()
    )
    return (
        f'{_DECLARATION}<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">\n'
        f"{listed}</manifest:manifest>\n"
    )


def _description() -> str:
    return (
        f"{_DECLARATION}"
        '<description xmlns="http://openoffice.org/extensions/description/2006"'
        ' xmlns:d="http://openoffice.org/extensions/description/2006"'
        ' xmlns:lo="http://libreoffice.org/extensions/description/2011"'
        ' xmlns:xlink="http://www.w3.org/1999/xlink">\n'
        f'<identifier value="{IDENTIFIER}"/>\n'
        f'<version value="{__version__}"/>\n'
        f'<dependencies><lo:LibreOffice-minimal-version value="{OLDEST}"'
        f' d:name="LibreOffice {OLDEST}"/></dependencies>\n'
        '<display-name><name lang="en">xladdin</name></display-name>\n'
        '<extension-description><src lang="en" xlink:href="description.txt"/>'
        "</extension-description>\n"
        "</description>\n"
    )
