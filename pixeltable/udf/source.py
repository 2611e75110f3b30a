"""The text of a function, reduced to what it does: no comments, layout, docstrings, hints or decorators.

The text is the same under every version of Python that runs the code, or an upgrade would make all that was computed stale.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from pixeltable.udf import files

_Definition = ast.FunctionDef | ast.AsyncFunctionDef

_CHANGING = frozenset(
    (
        *('add', 'append', 'appendleft', 'clear', 'discard', 'extend', 'extendleft', 'insert'),
        *('pop', 'popitem', 'popleft', 'remove', 'setdefault', 'update'),
    )
)
"""The methods by which a container is changed."""


def normalised(function: FunctionType, *, with_defaults: bool = True) -> str:
    """A text that changes only if the code does. Without its source, a function's bytecode stands for it.

    Without `with_defaults`, default arguments are no part of it.
    """
    # By its code object, because a function that wraps another one would give the source of the other.
    code = function.__code__
    definition = _definition(code)
    if definition is None:
        return _bytecode(code)
    definition.name = '_'
    definition.decorator_list = []
    if not with_defaults:
        definition.args.defaults, definition.args.kw_defaults = [], []
    return _dump(_Normaliser().visit(definition))


def of_module(module: ModuleType) -> str | None:
    """The text of a whole module; None without its source."""
    try:
        tree = ast.parse(inspect.getsource(module))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    return _dump(_Normaliser().visit(tree))


def changed_by(function: FunctionType) -> set[str]:
    """The names, such as `CACHE` or `module.CACHE`, of containers that `function` puts something into or takes it out of."""
    definition = _definition(function.__code__)
    return set() if definition is None else {name for node in ast.walk(definition) for name in _changed(node)}


def _changed(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Subscript(value=container, ctx=ast.Store() | ast.Del()):
            yield _dotted(container)
        case ast.Call(func=ast.Attribute(value=container, attr=method)) if method in _CHANGING:
            yield _dotted(container)


def _dotted(node: ast.expr) -> str:
    """`a.b` for a name and its attributes, nothing for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner, attr=name):
            before = _dotted(inner)
            return f'{before}.{name}' if before else ''
    return ''


def _definition(code: CodeType) -> _Definition | None:
    try:
        first = files.as_it_is_now(code).co_firstlineno
        # `inspect.getsource` would look at the files of all modules of the process before.
        linecache.checkcache(code.co_filename)
        block = inspect.getblock(linecache.getlines(code.co_filename)[first - 1 :])
        tree = ast.parse(textwrap.dedent(''.join(block)))
    except (OSError, SyntaxError, ValueError):
        return None
    definition = tree.body[0] if tree.body else None
    if not isinstance(definition, _Definition) or definition.name != code.co_name:
        return None
    return definition


def _dump(node: Any) -> str:
    """What `ast.dump` of Python 3.11 gives; later versions leave out empty lists and know more fields."""
    if isinstance(node, ast.AST):
        given = ((name, getattr(node, name, None)) for name in node._fields)
        fields = (
            f'{name}={_dump(value)}'
            for name, value in given
            if not (value is None and getattr(type(node), name, ...) is None) and (name != 'type_params' or value)
        )
        return f'{type(node).__name__}({", ".join(fields)})'
    if isinstance(node, list):
        return f'[{", ".join(map(_dump, node))}]'
    return repr(node)


def _bytecode(code: CodeType) -> str:
    constants = [
        _bytecode(constant) if isinstance(constant, CodeType) else _constant(constant) for constant in code.co_consts
    ]
    return f'{code.co_code.hex()} {constants} {code.co_names} {code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]}'


def _constant(value: Any) -> str:
    return repr(sorted(map(repr, value))) if isinstance(value, frozenset) else repr(value)


class _Normaliser(ast.NodeTransformer):
    def visit_Module(self, node: ast.Module) -> ast.AST:
        return self._without_docstring(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._definition(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._definition(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._definition(node)

    def _definition(self, node: Any) -> ast.AST:
        # A decorator by its name is found as something that the code reads; its arguments stand only here.
        node.decorator_list = [each for each in node.decorator_list if isinstance(each, ast.Call)]
        if hasattr(node, 'returns'):
            node.returns = None
        return self._without_docstring(node)

    def _without_docstring(self, node: Any) -> ast.AST:
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            node.body = node.body[1:] or [ast.Pass()]
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node
