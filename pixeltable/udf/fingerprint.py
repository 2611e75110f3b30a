"""Whether code is still the same: a digest of a function and of everything of the user's that it reads.

Two processes that run the same code get the same fingerprint, and one that only changed comments or layout too. Code of libraries
counts by its name: an upgrade does not make everything stale. A declared `version` stands for the function's whole code.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from typing import Any

from pixeltable.exprs.nodes import CAME_LATER, Node
from pixeltable.udf.describing import Describer
from pixeltable.udf.function import Function

_LENGTH = 32


def fingerprint(function: Function) -> str:
    """32 hexadecimal digits that change when the results of `function` may."""
    code = function.known_fingerprint or _own(function)
    return code if not function.bound else digest(f'{code} {Describer().value(dict(function.bound))}')


def expression_fingerprint(node: Node) -> str:
    """The same for an expression: its structure, the columns it reads and the functions it calls."""
    return digest(_node(node))


def is_unchanged(function: Function) -> bool:
    """Whether the fingerprint that was computed for `function` still stands: its module may have been edited and reloaded."""
    return function.known_fingerprint is not None or all(each.is_unchanged() for each in _declared(function).watched)


def digest(text: str) -> str:
    """The digits that stand for a text."""
    return hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:_LENGTH]


def _own(function: Function) -> str:
    declared = _declared(function)
    if declared.own_fingerprint is None or not is_unchanged(declared):
        describer = Describer()
        declared.own_fingerprint = digest(describer.declaration(declared))
        declared.watched = describer.watched
    return declared.own_fingerprint


def _declared(function: Function) -> Function:
    """The function without its bound constants."""
    declared: Function = function.origin.overloads[function.overload_index] if function.bound else function
    return declared


def _node(value: Any) -> str:
    if dataclasses.is_dataclass(value):
        return f'{type(value).__name__}({", ".join(_fields(value))})'
    if isinstance(value, tuple):
        return f'({", ".join(_node(item) for item in value)})'
    return repr(value)


def _fields(node: Any) -> Iterator[str]:
    for member in dataclasses.fields(node):
        value = getattr(node, member.name)
        if isinstance(value, Function):
            yield fingerprint(value)
            continue
        if member.metadata.get(CAME_LATER) and value == member.default:
            continue
        if member.compare and member.name != 'function_key':  # a key is only unique within a process
            yield _node(value)
