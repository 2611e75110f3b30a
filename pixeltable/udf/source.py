"""The text of a function, reduced to what it does: no comments, layout, docstrings, hints or decorators."""

from __future__ import annotations

import ast
import inspect
import textwrap
from types import CodeType, FunctionType
from typing import Any

_Definition = ast.FunctionDef | ast.AsyncFunctionDef


def normalised(function: FunctionType) -> str:
    """A text that changes only if the code does. Without its source, a function's bytecode stands for it."""
    # By its code object, because a function that wraps another one would give the source of the other.
    code = function.__code__
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(code)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return _bytecode(code)
    definition = tree.body[0] if tree.body else None
    if not isinstance(definition, _Definition) or definition.name != code.co_name:
        return _bytecode(code)
    definition.name = '_'
    return ast.dump(_Normaliser().visit(definition))


def _bytecode(code: CodeType) -> str:
    constants = [
        _bytecode(constant) if isinstance(constant, CodeType) else _constant(constant) for constant in code.co_consts
    ]
    return f'{code.co_code.hex()} {constants} {code.co_names} {code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]}'


def _constant(value: Any) -> str:
    return repr(sorted(map(repr, value))) if isinstance(value, frozenset) else repr(value)


class _Normaliser(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._definition(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._definition(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._definition(node)

    def _definition(self, node: Any) -> ast.AST:
        node.decorator_list = []
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            node.body = node.body[1:] or [ast.Pass()]
        if hasattr(node, 'returns'):
            node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node
