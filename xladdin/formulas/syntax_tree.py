"""Formulas as trees: which operands and arguments a formula's operators and functions have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from xladdin.formulas.tokens import (
    CALL,
    CLOSE,
    COMMA,
    ERROR,
    OTHER,
    SHEET,
    SPACE,
    STRING,
    WORD,
    Token,
    is_reference,
    tokens,
)

NUMBER: Final = "number"
TEXT: Final = "text"
LOGICAL: Final = "logical"
FAULT: Final = "error"
REFERENCE: Final = "reference"
NAME: Final = "name"
FUNCTION: Final = "function"
BINARY: Final = "binary"
UNARY: Final = "unary"
PERCENT: Final = "percent"
GROUP: Final = "group"
CONSTANTS: Final = "constants"
GAP: Final = "gap"
SPAN: Final = "span"
"""A range of which a corner is computed."""

COMPARISONS: Final = frozenset({"=", "<>", "<", ">", "<=", ">="})

_LEVELS: Final = {
    **dict.fromkeys(COMPARISONS, 1),
    "&": 2,
    "+": 3,
    "-": 3,
    "*": 4,
    "/": 4,
    "^": 5,
}
"""How tightly operators of two operands bind; signs and % bind tighter still."""

_NUMBER: Final = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE]\d*)?")
_WHOLE: Final = re.compile(r"\$?[A-Za-z]{1,3}|\$?[1-9][0-9]{0,6}")
_DEEPEST: Final = 100
"""Parentheses within parentheses; Excel allows 64."""

_MOST_LEVELS: Final = 160
"""Levels of a tree, through which functions go by calling themselves."""


class UnreadableError(ValueError):
    """A formula is not one of Excel's grammar, as far as it is known here."""


class UnprovedError(ValueError):
    """A formula has what no engine is proved for; the text says what."""


@dataclass(slots=True)
class Node:
    """A part of a formula.

    Attributes:
        kind: What it is.
        text: Itself, or a function's or operator's name as written.
        start: Where it begins in the formula.
        stop: Where it ends.
        parts: Its operands, arguments or content.
    """

    kind: str
    text: str
    start: int
    stop: int
    parts: list[Node] = field(default_factory=list)


def parsed(formula: str) -> Node:
    """Parse a formula.

    Args:
        formula: The formula without an equals sign.

    Returns:
        Its tree.

    Raises:
        UnreadableError: It cannot be read.
        UnprovedError: It joins ranges, or has ranges between computed corners, or refers to what
            spills, or has too many levels.
    """
    reader = _Reader(formula)
    node = reader.expression(1)
    if reader.token is not None:
        raise UnreadableError(f"{reader.token.text} is not expected there")
    level = [node]
    for _ in range(_MOST_LEVELS):
        level = [part for one in level for part in one.parts]
        if not level:
            return node
    raise UnprovedError(f"more than {_MOST_LEVELS} operators and calls within one another")


class _Reader:
    """Goes through a formula's tokens once, looking one ahead."""

    def __init__(self, formula: str) -> None:
        self._tokens: list[tuple[Token, int, int]] = []
        at = 0
        for token in tokens(formula):
            start, at = at, at + len(token.text)
            if token.kind != SPACE:
                self._tokens.append((token, start, at))
        self._at = 0
        self._depth = 0

    @property
    def token(self) -> Token | None:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else None

    def _is(self, text: str) -> bool:
        token = self.token
        return token is not None and token.text == text

    def _take(self) -> tuple[Token, int, int]:
        if self._at >= len(self._tokens):
            raise UnreadableError("it ends too soon")
        self._at += 1
        return self._tokens[self._at - 1]

    def expression(self, level: int) -> Node:
        """Read operands joined by operators that bind at least as tightly as a level."""
        left = self._signed()
        while True:
            operator = self._operator()
            if _LEVELS.get(operator, 0) < level:
                return left
            for _ in operator:
                self._take()
            right = self.expression(_LEVELS[operator] + 1)
            left = Node(BINARY, operator, left.start, right.stop, [left, right])

    def _operator(self) -> str:
        """Return the operator that comes next; the scanner gives ``<=`` in two pieces."""
        token = self.token
        if token is None or token.kind != OTHER:
            return ""
        if self._at + 1 < len(self._tokens):
            following, start, _ = self._tokens[self._at + 1]
            both = token.text + following.text
            if both in COMPARISONS and start == self._tokens[self._at][2]:
                return both
        return token.text

    def _signed(self) -> Node:
        token = self.token
        if token is not None and token.kind == OTHER and token.text in "+-@":
            self._deeper()
            _, start, _ = self._take()
            operand = self._signed()
            self._depth -= 1
            return Node(UNARY, token.text, start, operand.stop, [operand])
        node = self._operand()
        while self._is("%"):
            _, _, stop = self._take()
            node = Node(PERCENT, "%", node.start, stop, [node])
        return node

    def _operand(self) -> Node:
        token, start, stop = self._take()
        if token.kind == STRING:
            return Node(TEXT, token.text, start, stop)
        if token.kind == ERROR:
            return Node(FAULT, token.text, start, stop)
        if token.kind == CALL:
            parts, stop = self._arguments()
            node = Node(FUNCTION, token.text, start, stop, parts)
            if self._is(":"):
                self._take()
                return self._span(node)
            return node
        if token.text == "(":
            return self._group(start)
        if token.text == "{":
            return self._constants(start)
        if token.kind == SHEET:
            return self._elsewhere(token, start)
        if token.kind == WORD:
            return self._word(token, start, stop)
        raise UnreadableError(f"{token.text} is not expected there")

    def _group(self, start: int) -> Node:
        self._deeper()
        inside = self.expression(1)
        token, _, stop = self._take()
        if token.kind == COMMA:
            raise UnprovedError("several ranges joined to one")
        if token.text != ")":
            raise UnreadableError(f"it has {token.text} where a parenthesis closes")
        self._depth -= 1
        return Node(GROUP, "(", start, stop, [inside])

    def _arguments(self) -> tuple[list[Node], int]:
        self._deeper()
        parts: list[Node] = []
        if self._is(")"):
            self._depth -= 1
            return parts, self._take()[2]
        while True:
            token = self.token
            if token is not None and token.kind in (COMMA, CLOSE):
                where = self._tokens[self._at][1]
                parts.append(Node(GAP, "", where, where))
            else:
                parts.append(self.expression(1))
            token, _, stop = self._take()
            if token.text == ")":
                self._depth -= 1
                return parts, stop
            if token.kind != COMMA:
                raise UnreadableError(f"{token.text} is not expected there")

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UnreadableError("its parentheses or signs are too deep")

    def _constants(self, start: int) -> Node:
        parts: list[Node] = []
        while True:
            parts.append(self._signed())
            token, _, stop = self._take()
            if token.text == "}":
                return Node(CONSTANTS, "{", start, stop, parts)
            if token.kind != COMMA and token.text != ";":
                raise UnreadableError(f"{token.text} is not expected there")

    def _span(self, first: Node) -> Node:
        """Read the other corner of a range."""
        last = self._operand()
        if last.kind not in (FUNCTION, REFERENCE) or ":" in last.text:
            raise UnprovedError("a range whose corners are computed")
        return Node(SPAN, ":", first.start, last.stop, [first, last])

    def _elsewhere(self, prefix: Token, start: int) -> Node:
        token, _, stop = self._take()
        if token.kind == WORD:
            node = self._word(token, start, stop)
            node.text = prefix.text + node.text
            if node.kind in (NUMBER, LOGICAL):
                raise UnreadableError(f"{prefix.text} stands before {token.text}")
            return node
        if token.kind == ERROR:
            return Node(FAULT, token.text, start, stop)
        raise UnreadableError(f"{prefix.text} stands before {token.text}")

    def _word(self, token: Token, start: int, stop: int) -> Node:
        text = token.text
        if self._is(":"):
            self._take()
            following = self.token
            if following is not None and following.kind == CALL and is_reference(token):
                return self._span(Node(REFERENCE, text, start, stop))
            last, _, stop = self._take()
            if last.kind != WORD or self._is(":"):
                raise UnprovedError("a range whose corners are computed")
            corners = is_reference(token) and is_reference(last)
            whole = _WHOLE.fullmatch(text) and _WHOLE.fullmatch(last.text)
            if not corners and not whole:
                raise UnprovedError("a range whose corners are computed")
            return Node(REFERENCE, f"{text}:{last.text}", start, stop)
        if is_reference(token):
            node = Node(REFERENCE, text, start, stop)
        elif _NUMBER.fullmatch(text):
            if text[-1] in "eE":  # the sign of its exponent is a token of its own
                text, stop = text + self._take()[0].text, self._tokens[self._at][2]
                text += self._take()[0].text
            return Node(NUMBER, text, start, stop)
        elif text.upper() in ("TRUE", "FALSE"):
            return Node(LOGICAL, text.upper(), start, stop)
        else:
            node = Node(NAME, text, start, stop)
        if self._is("#") or self._is("!"):
            raise UnprovedError("a reference to what spills")
        return node
