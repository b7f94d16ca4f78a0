"""Whether the embedded engine is proved to compute a formula, and how it has to be given it.

A formula is judged by its tree, once for all formulas that differ only in the cells that they refer
to. What it does not show, the kinds of values that cells hold, becomes a `Demand`, which is looked
at after the workbook was computed. The kinds of what is computed on the way are looked at while it
is, by functions put around it; see `instruments`.
"""

from __future__ import annotations

from xladdin.engines.embedded.formula_notes import FormulaNotes, Scope
from xladdin.engines.embedded.formula_parts import (
    ARRAY,
    NOT_PROVED,
    PLAIN,
    UNREADABLE,
    PartInfo,
    RefusedFormulaError,
    bare,
)
from xladdin.engines.embedded.function_rules import FunctionRules
from xladdin.engines.embedded.operator_rules import OperatorRules
from xladdin.engines.embedded.sizes import note_sizes
from xladdin.engines.embedded.verdicts import Place, Verdict
from xladdin.engines.numerals import as_excel_reads
from xladdin.engines.proved import ANY, ERROR, kind_of_value
from xladdin.engines.proved import LOGICAL as A_LOGICAL
from xladdin.formulas.syntax_tree import (
    BINARY,
    CONSTANTS,
    FAULT,
    FUNCTION,
    GROUP,
    LOGICAL,
    NAME,
    NUMBER,
    PERCENT,
    REFERENCE,
    SPAN,
    TEXT,
    UNARY,
    Node,
    UnprovedError,
    UnreadableError,
    parsed,
)
from xladdin.formulas.tokens import CALL, function_name, tokens
from xladdin.xlsx.workbook_part import LAST_ROW


def judge(form: str, scope: Scope, context: str = PLAIN) -> Verdict:
    """Judge formulas that differ in the cells that they refer to alone.

    Args:
        form: What they have in common; see `scanning.shape`.
        scope: What they may speak of.
        context: ``plain`` for ordinary formulas, ``array`` for array formulas.

    Returns:
        What is known of them.
    """
    verdict = Verdict(form=form)
    verdict.calls.update(called(form))
    try:
        root = parsed(form)
    except (UnreadableError, UnprovedError) as error:
        verdict.unreadable = isinstance(error, UnreadableError)
        verdict.reason = UNREADABLE if verdict.unreadable else f"{NOT_PROVED} for {error}"
        verdict.single = False
        verdict.wide = True
        return verdict
    _Judge(verdict, root, scope).run(context)
    return verdict


def called(formula: str) -> dict[str, bool]:
    """Name the functions that a formula calls; what LET and LAMBDA name is left out.

    Args:
        formula: The formula, without an equals sign.

    Returns:
        By name in capitals, without a file's prefixes: whether it is surely one of Excel's own.
    """
    found: dict[str, bool] = {}
    for token in tokens(formula):
        prefix = token.text[:6].lower()
        if token.kind == CALL and prefix != "_xlpm.":
            name = function_name(token.text)
            found[name] = found.get(name, False) or prefix == "_xlfn."
    return found


class _Judge:
    """Goes through the tree of one formula."""

    def __init__(self, verdict: Verdict, root: Node, scope: Scope) -> None:
        self.verdict = verdict
        self.root = root
        self.notes = FormulaNotes(verdict, scope)
        self.operators = OperatorRules(self.notes, self.value)
        self.functions = FunctionRules(self.notes, self.operators, self.value)

    def run(self, context: str) -> None:
        verdict = self.verdict
        verdict.root = self.root
        self.notes.in_array_formula = context == ARRAY
        try:
            info = self.value(self.root, context)
            verdict.single = not info.several and not info.maybe
        except RefusedFormulaError as refused:
            verdict.reason = str(refused)
            verdict.single = False
            verdict.around.clear()
            verdict.calls_of_ours.clear()
            verdict.whole.clear()
            verdict.root = None
            return
        verdict.demands = tuple(self.notes.demands)
        verdict.intersected = frozenset(self.notes.intersected)
        verdict.snaps = (
            context == PLAIN and self.root.kind == BINARY and self.root.text in ("+", "-")
        )
        if verdict.snaps:
            verdict.operands = tuple(map(self.operand_of_snap, self.root.parts))

    def operand_of_snap(self, node: Node) -> Place | float | None:
        inner = bare(node)
        if inner.kind == NUMBER:
            return float(inner.text)
        if inner.kind == FUNCTION and function_name(inner.text) in ("ROW", "COLUMN"):
            return float(LAST_ROW)  # at most
        return (
            self.notes.cells(inner)
            if self.notes.is_cells(inner) and not self.notes.wide(inner)
            else None
        )

    def value(self, node: Node, context: str) -> PartInfo:
        """Judge a part that stands where a value is wanted."""
        if node.kind == NAME and node.text.casefold() in self.notes.names:
            return self.notes.names[node.text.casefold()]
        if node.kind in (REFERENCE, NAME):
            cells = self.notes.cells(node)
            if cells is None:
                return PartInfo(self.notes.constant(node))
            if not self.notes.wide(node):
                return PartInfo(ANY)
            if context == PLAIN and node.kind == REFERENCE:
                self.notes.intersected.add(id(node))
                return PartInfo(ANY)
            if context == ARRAY:
                self.notes.each_cell(node)
                return PartInfo(ANY, several=True)
            raise RefusedFormulaError(
                "it has a range where Excel takes one cell of it or all, as the case may be"
            )
        if node.kind == NUMBER:
            if not as_excel_reads(node.text) and id(node) not in self.notes.as_written:
                raise RefusedFormulaError("it has a number of which Excel does not keep all digits")
            return PartInfo(kind_of_value(float(node.text)))
        if node.kind == TEXT:
            return PartInfo(kind_of_value(node.text[1:-1].replace('""', '"')))
        if node.kind == LOGICAL:
            return PartInfo(A_LOGICAL)
        if node.kind == FAULT:
            return PartInfo(ERROR)
        if node.kind == GROUP:
            return self.value(node.parts[0], context)
        if node.kind == CONSTANTS:
            kinds = 0
            for part in node.parts:
                kinds |= self.value(part, context).kinds
            if context != ARRAY and node is not self.root:
                raise RefusedFormulaError("it has an array where a single value is taken")
            return PartInfo(kinds, several=len(node.parts) > 1)
        if node.kind == UNARY and node.text == "@":
            return self.functions.single(node.parts[0], context)
        if node.kind == UNARY:
            return self.operators.unary(node, context)
        if node.kind == PERCENT:
            return self.operators.percent(node, context)
        if node.kind == BINARY:
            info = self.operators.binary(node, context)
            if info.several or info.maybe:
                note_sizes(self.notes, node, f"the operator {node.text}")
            return info
        if node.kind == FUNCTION:
            return self.functions.function(node, context)
        if node.kind == SPAN:
            # By itself or under a name it is #REF! in the engine, which IFERROR would hide.
            raise RefusedFormulaError(f"{NOT_PROVED} for such a range there")
        raise RefusedFormulaError("it cannot be read")
