"""The slips of a Python module: mutmut's operators, and those that it lacks, at every place where they apply.

Left out is what no test should notice: annotations, imports, sentences for people (tests assert on data), text
encodings, and times and sizes that only bound how long something takes.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import libcst as cst
from libcst import matchers as m
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation import mutators

from tools.mutants.model import Slip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["python_slips"]

_BOUND = re.compile(r"seconds|timeout|patience|grace|_bytes|interval|pause|poll|width|indent", re.IGNORECASE)
_QUIET_ARGUMENTS = frozenset(
    {"encoding", "timeout", "description", "help", "indent", "ensure_ascii", "sort_keys", "hint", "title"}
)
_NO_SLIPS_IN: dict[type, m.BaseMatcherNode | None] = {
    # None: whatever it contains.
    cst.Import: None,
    cst.ImportFrom: None,
    cst.Annotation: None,
    cst.Decorator: None,
    # Text for people, in several lines.
    cst.ConcatenatedString: None,
    cst.If: m.If(test=m.Name("TYPE_CHECKING")),
    cst.Assign: m.Assign(targets=[m.AssignTarget(target=m.Name("__all__"))]),
    cst.Call: m.Call(func=m.Name("cast") | m.Name("TypeVar") | m.Name("isinstance")),
    cst.Expr: m.Expr(value=m.SimpleString()),
    # A field of a model that is always given; its description is for people.
    cst.AnnAssign: m.AnnAssign(value=m.Call(func=m.Name("Field"), args=[m.Arg(keyword=m.Name("description"))])),
}


def _negated_conditions(node: cst.If | cst.While | cst.CompIf) -> Iterable[cst.CSTNode]:
    test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield node.with_changes(test=cst.UnaryOperation(operator=cst.Not(), expression=test))


def _operands_alone(node: cst.BooleanOperation) -> Iterable[cst.CSTNode]:
    for operand in (node.left, node.right):
        yield operand.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _no_statement(node: cst.SimpleStatementLine) -> Iterable[cst.CSTNode]:
    if len(node.body) == 1 and m.matches(
        node.body[0], m.Expr(value=m.Call() | m.Await()) | m.Raise() | m.AugAssign() | m.Del()
    ):
        yield node.with_changes(body=[cst.Pass()])


def _no_result(node: cst.Return) -> Iterable[cst.CSTNode]:
    if node.value is not None and not m.matches(node.value, m.Name("None")):
        yield node.with_changes(value=cst.Name("None"))


def _one_string(node: cst.SimpleString) -> Iterable[cst.CSTNode]:
    """Take the first of mutmut's changes of a string that is a name or a key, and none of a sentence."""
    if re.search(r"\s\w", node.value) is None:
        yield from list(mutators.operator_string(node))[:1]


def _named(operators: mutators.OPERATORS_TYPE) -> Iterator[tuple[type, Callable[[Any], Iterable[cst.CSTNode]]]]:
    replaced = {mutators.operator_string}
    yield from ((kind, operator) for kind, operator in operators if operator not in replaced)
    yield cst.SimpleString, _one_string
    yield from ((kind, _negated_conditions) for kind in (cst.If, cst.While, cst.CompIf))
    yield cst.BooleanOperation, _operands_alone
    yield cst.SimpleStatementLine, _no_statement
    yield cst.Return, _no_result


_OPERATORS = list(_named(mutators.mutation_operators))


@cache
def _operators_for(node: type) -> list[Callable[[Any], Iterable[cst.CSTNode]]]:
    return [operator for kind, operator in _OPERATORS if issubclass(node, kind)]


class _Finder(cst.CSTVisitor):
    """Collects each place where an operator applies."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str, str, cst.CSTNode, cst.CSTNode]] = []
        self._scopes: list[str] = []
        self._functions = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        if _is_left_out(node) or _is_quiet(node):
            return False
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._scopes.append(node.name.value)
            self._functions += isinstance(node, cst.FunctionDef)
        for operator in _operators_for(type(node)):
            self._apply(node, operator)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._scopes.pop()
            self._functions -= isinstance(original_node, cst.FunctionDef)

    def _apply(self, node: cst.CSTNode, operator: Callable[[Any], Iterable[cst.CSTNode]]) -> None:
        position = self.get_metadata(PositionProvider, node, None)
        if position is None:
            return
        function = ".".join(self._scopes) if self._functions else ""
        name = operator.__name__.removeprefix("operator_").strip("_")
        for mutated in operator(node):
            if not _only_a_sentence(node, mutated):
                self.found.append((position.start.line, name, function, node, mutated))


def python_slips(file: str, text: str) -> list[Slip]:
    """Return every slip of a module, in the order of its lines.

    Args:
        file: the path in the repository.
        text: the module's text.
    """
    wrapper = MetadataWrapper(cst.parse_module(text))
    finder = _Finder()
    wrapper.visit(finder)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return [
        Slip(file, line, name, number, function, _replacing(wrapper.module, node, mutated), digest)
        for number, (line, name, function, node, mutated) in enumerate(finder.found)
    ]


def _replacing(module: cst.Module, node: cst.CSTNode, mutated: cst.CSTNode) -> Callable[[], str]:
    def text() -> str:
        return cst.ensure_type(module.deep_replace(node, mutated), cst.Module).code

    return text


def _is_left_out(node: cst.CSTNode) -> bool:
    if type(node) not in _NO_SLIPS_IN:
        return False
    pattern = _NO_SLIPS_IN[type(node)]
    return pattern is None or m.matches(node, pattern)


def _is_quiet(node: cst.CSTNode) -> bool:
    """Whether nothing below a node can be noticed by a test that keeps our rules."""
    if isinstance(node, cst.Arg):
        return node.keyword is not None and (
            node.keyword.value in _QUIET_ARGUMENTS or _BOUND.search(node.keyword.value) is not None
        )
    targets: list[cst.BaseExpression] = []
    if isinstance(node, cst.Assign):
        targets = [target.target for target in node.targets]
    elif isinstance(node, cst.AnnAssign):
        targets = [node.target]
    return any(isinstance(target, cst.Name) and _BOUND.search(target.value) for target in targets)


def _only_a_sentence(node: cst.CSTNode, mutated: cst.CSTNode) -> bool:
    """Whether a call loses nothing but an argument that is text for people, or that is quiet."""
    if not (isinstance(node, cst.Call) and isinstance(mutated, cst.Call)):
        return False
    kept = {id(argument) for argument in mutated.args}
    lost = [argument for argument in node.args if id(argument) not in kept]
    return bool(lost) and all(_is_quiet(argument) or _is_sentence(argument.value) for argument in lost)


def _is_sentence(node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.ConcatenatedString):
        return True
    if isinstance(node, cst.FormattedString):
        return any(isinstance(part, cst.FormattedStringText) and " " in part.value for part in node.parts)
    return isinstance(node, cst.SimpleString) and re.search(r"\s\w", node.value) is not None
