"""Contract arithmetic for equity programmes, warrants and convertible debentures.

Every worksheet function is here in lower case, such as `ceo_fee`; wrong input raises
`InputError`. Beside them: `load_terms`, `build`, `upgrade`, `recalc`, `verify`. All of it loads
when first used, so that importing the package costs next to nothing.
"""

from importlib import import_module as _import_module

TYPE_CHECKING = False  # type checkers take it for true; importing `typing` would take its time

_HOMES = {
    "FileError": "xladdin.errors",
    "InputError": "xladdin.errors",
    "TermsError": "xladdin.errors",
    "__version__": "xladdin._version",
    "build": "xladdin.building.build",
    "load_terms": "xladdin.terms",
    "recalc": "xladdin.checking.recalc",
    "upgrade": "xladdin.building.upgrade",
    "verify": "xladdin.checking.verify",
}
"""Modules of the names that are not worksheet functions. No name may be a module's, too: importing
the module would put it in the name's place."""


def _find(name: str) -> object:
    """Find a name when it is first used; from then on it is an attribute like any other."""
    home = _HOMES.get(name)
    found = getattr(_import_module(home), name) if home else _function(name)
    globals()[name] = found
    return found


def _function(name: str) -> object:
    """Find a worksheet function by its Python name."""
    # Python asks here for a module's name too (`from xladdin import cells`), before it imports
    # the module; that must not load the registry, least of all while the registry is loading.
    module = f"{__name__}.{name}"
    if not name.startswith("_") and _import_module("importlib.util").find_spec(module) is None:
        api = _import_module("xladdin.api")
        if name in api.__all__:
            return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)


def _names() -> list[str]:
    """List the public names, worksheet functions included."""
    return sorted([*_HOMES, *_import_module("xladdin.api").__all__])


if TYPE_CHECKING:
    from xladdin._version import __version__ as __version__
    from xladdin.api import *  # noqa: F403
    from xladdin.building.build import build as build
    from xladdin.building.upgrade import upgrade as upgrade
    from xladdin.checking.recalc import recalc as recalc
    from xladdin.checking.verify import verify as verify
    from xladdin.errors import FileError as FileError
    from xladdin.errors import InputError as InputError
    from xladdin.errors import TermsError as TermsError
    from xladdin.terms import load_terms as load_terms
else:  # hidden from type checkers, which would believe that any name is there
    __getattr__, __dir__ = _find, _names
