"""Contract arithmetic for equity programmes, warrants and convertible debentures.

Every worksheet function is here in lower case, such as `ceo_fee`; wrong input raises
`InputError`. Beside them: `load_terms`, `build`, `upgrade`, `recalc`, `verify`. All of it loads
when first used, so that importing the package costs next to nothing; what types it has is said in
``__init__.pyi``.
"""

from importlib import import_module as _import_module

_HOMES = {
    "FileError": "xladdin.core.errors",
    "InputError": "xladdin.core.errors",
    "TermsError": "xladdin.core.errors",
    "__version__": "xladdin._version",
    "build": "xladdin.templates",
    "load_terms": "xladdin.terms",
    "recalc": "xladdin.recalculation",
    "upgrade": "xladdin.templates.upgrading",
    "verify": "xladdin.verification",
}
"""Modules of the names that are not worksheet functions. No name may be a module's, too: importing
the module would put it in the name's place."""


def __getattr__(name: str) -> object:
    """Find a name when it is first used; from then on it is an attribute like any other."""
    home = _HOMES.get(name)
    found = getattr(_import_module(home), name) if home else _function(name)
    globals()[name] = found
    return found


def _function(name: str) -> object:
    """Find a worksheet function by its Python name."""
    # Python asks here for a module's name too (`from xladdin import values`), before it imports
    # the module; that must not load the registry, least of all while the registry is loading.
    module = f"{__name__}.{name}"
    if not name.startswith("_") and _import_module("importlib.util").find_spec(module) is None:
        functions = _import_module("xladdin.hosts.python").FUNCTIONS
        if name in functions:
            return functions[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)


def __dir__() -> list[str]:
    """List the public names, worksheet functions included."""
    return sorted([*_HOMES, *_import_module("xladdin.hosts.python").FUNCTIONS])
