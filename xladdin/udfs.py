"""The module that xlwings imports: the registry's functions under their worksheet names.

Classic Excel has it as its UDF module. For xlwings Lite and xlwings Server, the line
``from xladdin.udfs import *`` in a module of theirs offers the same functions; see
`xladdin.excel.officejs`.
"""

import os as _os
from collections.abc import Callable as _Callable

from xladdin.functions.registry import FUNCTIONS as _FUNCTIONS

__all__ = [*_FUNCTIONS]


def _offered() -> dict[str, _Callable[..., object]]:
    # xlwings goes by the same switch to decide what its decorators are.
    if _os.environ.get("XLWINGS_ON_SERVER") == "true":
        from xladdin.excel.officejs import offer

        return offer()
    from xladdin.excel.classic import udf

    return {name: udf(function) for name, function in _FUNCTIONS.items()}


# xlwings looks for functions in dir() of this module, so they have to be its attributes.
globals().update(_offered())
