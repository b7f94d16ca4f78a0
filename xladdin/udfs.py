"""The module that xlwings imports: the registry's functions under their worksheet names."""

from xladdin.hosts.excel import udf as _udf
from xladdin.registry import FUNCTIONS as _FUNCTIONS

__all__ = [*_FUNCTIONS]

# xlwings looks for functions in dir() of this module, so they have to be its attributes.
globals().update({name: _udf(function) for name, function in _FUNCTIONS.items()})
