"""A stand-in for Excel's Office.js, in which xlwings' real server code runs our functions.

xlwings decides at import what its decorators are, by the environment, so this file runs as a
program of its own, as the server does in life. It needs xlwings' server part, whose licence is
another than the rest's and free of charge for use that is not commercial, such as these tests;
nothing of the product needs it. Requests and answers are as in `fake_pywin32`.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
import traceback
from typing import Any, BinaryIO


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


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    office = Office()
    while True:
        try:
            verb, *arguments = pickle.load(requests)
        except EOFError:
            office.loop.close()
            return
        try:
            answer = (True, getattr(office, verb)(*arguments))
        except Exception:
            answer = (False, traceback.format_exc())
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    answers = sys.stdout.buffer
    sys.stdout = sys.stderr  # what xlwings prints must not mix with the answers
    serve(sys.stdin.buffer, answers)
