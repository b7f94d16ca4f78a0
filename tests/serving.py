"""How a stand-in serves: a program that answers requests on its standard input.

A request is a pickled tuple: a verb and its arguments. The answer is a pickled pair: True and the
result, or False and a traceback.
"""

from __future__ import annotations

import pickle
import sys
import traceback
from collections.abc import Callable
from typing import Any


def serve(start: Callable[[], Any]) -> None:
    """Answer requests until there are no more, by the methods of what is started."""
    answers = sys.stdout.buffer
    sys.stdout = sys.stderr  # what xlwings prints must not mix with the answers
    server = start()
    while True:
        try:
            verb, *arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = (True, getattr(server, verb)(*arguments))
        except Exception:
            answer = (False, traceback.format_exc())
        pickle.dump(answer, answers)
        answers.flush()
