"""A stand-in for Excel's Office.js, in which xlwings' real server code runs our functions.

xlwings decides at import what its decorators are, by the environment, so this file runs as a
program of its own, as the server does in life. It needs xlwings' server part, whose licence is
another than the rest's and free of charge for use that is not commercial, such as these tests;
nothing of the product needs it.
"""

from __future__ import annotations

import asyncio
import atexit
import sys
from typing import Any


class Office:
    """Answers what Excel would ask of xlwings Server or xlwings Lite."""

    def __init__(self) -> None:
        import xlwings
        from xlwings import server

        from xladdin import udfs

        self.version = xlwings.__version__
        self.server: Any = server
        self.module = udfs
        self.loop = asyncio.new_event_loop()
        atexit.register(self.loop.close)

    def meta(self) -> Any:
        """List the functions, as Excel registers them."""
        return self.server.custom_functions_meta(self.module)

    def namespaced(self, namespace: str) -> list[str]:
        """List the functions' names when they are offered under a name space."""
        import types

        from xladdin.excel.officejs import offer

        main = types.ModuleType("main")
        vars(main).update(offer(namespace))
        return [item["name"] for item in self.server.custom_functions_meta(main)["functions"]]

    def cell(self, name: str, *arguments: Any, runtime: str = "1.4") -> Any:
        """Call a function as a formula does."""
        data = {
            "func_name": name,
            "args": list(arguments),
            "caller_address": "[Book1]Sheet1!A1",
            "content_language": "en-GB",
            "version": self.version,
            "client": "Office.js",
            "runtime": runtime,
        }
        call = self.server.custom_functions_call(data, self.module)
        return self.loop.run_until_complete(call)

    def old_cell(self, name: str, *arguments: Any) -> Any:
        """Call a function from an Excel that knows no errors in results."""
        return self.cell(name, *arguments, runtime="1.3")

    def modules(self) -> list[str]:
        """List what is imported."""
        return sorted(sys.modules)


if __name__ == "__main__":
    from serving import serve

    serve(Office)
