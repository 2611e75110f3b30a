"""Whether code is still the same: a digest of a function and of everything of the user's that it reads.

Two processes that run the same code get the same fingerprint, and one that only changed comments or layout too. Code of libraries
counts by its name: an upgrade does not make everything stale. A declared `version` stands for the function's whole code.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import hashlib
import inspect
import re
from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from pixeltable.exprs.nodes import Node
from pixeltable.udf import references, source
from pixeltable.udf.function import Function

_LENGTH = 32
_PLAIN = (type(None), bool, int, float, complex, str, bytes)


def fingerprint(function: Function) -> str:
    """32 hexadecimal digits that change when the results of `function` may."""
    code = function.known_fingerprint or function.own_fingerprint
    if code is None:
        code = function.own_fingerprint = _digest(_Describer().declaration(function))
    return code if not function.bound else _digest(f'{code} {_Describer().value(dict(function.bound))}')


def expression_fingerprint(node: Node) -> str:
    """The same for an expression: its structure, the columns it reads and the functions it calls."""
    return _digest(_node(node))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:_LENGTH]


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
        elif member.compare and member.name != 'function_key':  # a key is only unique within a process
            yield _node(value)


class _Describer:
    """Describes values by text. Code that was met before is named by its place, so that it may refer to itself."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._met: list[Any] = []  # keeps what was met alive: an id means something only as long
        self._open: set[int] = set()

    def declaration(self, function: Function) -> str:
        """A function as it was declared: signature, and version or code."""
        if function.known_fingerprint is not None:
            return function.known_fingerprint
        if function.options.version is not None:
            return f'{function.full_signature} {function.module}.{function.qualname} {function.options.version!r}'
        return f'{function.full_signature} {self.value(function.raw)}'

    def value(self, value: Any) -> str:
        """Any value that code can read."""
        if type(value) in _PLAIN:
            return repr(value)
        if isinstance(value, (Function, FunctionType, type)):
            if id(value) in self._places:
                return f'<{self._places[id(value)]}>'
            self._places[id(value)] = len(self._met)
            self._met.append(value)
            return self._definition(value)
        if id(value) in self._open:
            return '<itself>'
        self._open.add(id(value))
        try:
            return self._container(value) or self._object(value)
        finally:
            self._open.discard(id(value))

    def _definition(self, value: Function | FunctionType | type) -> str:
        if isinstance(value, Function):
            return f'{self.declaration(value)} {self.value(dict(value.bound))}'
        return self._code(value) if isinstance(value, FunctionType) else self._class(value)

    def _container(self, value: Any) -> str | None:
        match value:
            case list() | tuple():
                return f'{type(value).__name__}[{", ".join(self.value(item) for item in value)}]'
            case set() | frozenset():
                return f'set{sorted(self.value(item) for item in value)}'
            case dict():
                return '{' + ', '.join(f'{self.value(key)}: {self.value(item)}' for key, item in value.items()) + '}'
            case ModuleType():
                return value.__name__
            case MethodType():
                return f'{self.value(value.__func__)} of {self.value(value.__self__)}'
            case functools.partial():
                return f'partial {self.value(value.func)} {self.value(value.args)} {self.value(value.keywords)}'
            case enum.Enum():
                return f'{self.value(type(value))}.{value.name}'
            case re.Pattern():
                return f're {value.pattern!r} {value.flags}'
        return None

    def _code(self, function: FunctionType) -> str:
        name = f'{function.__module__}.{function.__qualname__}'
        if not references.is_user_module(function.__module__):
            return name
        read = {text: self.value(value) for text, value in sorted(references.read_by(function).items())}
        defaults = self.value([function.__defaults__, function.__kwdefaults__])
        return f'{source.normalised(function)} {defaults} {read}'

    def _class(self, cls: type) -> str:
        name = f'{cls.__module__}.{cls.__qualname__}'
        if not references.is_user_module(cls.__module__):
            return name
        members = {member: self._member(vars(cls)[member]) for member in sorted(vars(cls)) if _is_own(cls, member)}
        return f'{[self.value(base) for base in cls.__bases__]} {inspect.get_annotations(cls)} {members}'

    def _member(self, member: Any) -> str:
        if isinstance(member, (staticmethod, classmethod)):
            return self.value(member.__func__)
        if isinstance(member, property):
            return self.value((member.fget, member.fset))
        return self.value(member)

    def _object(self, value: Any) -> str:
        if isinstance(value, BuiltinFunctionType):
            return f'{value.__module__}.{value.__qualname__}'
        kind = self.value(type(value))
        if hasattr(value, 'tobytes') and hasattr(value, 'dtype'):
            return f'{kind} {value.dtype} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}'
        wrapped = getattr(value, '__wrapped__', None)
        if isinstance(wrapped, FunctionType):  # functools.cache and its like
            return f'{kind} {self.value(wrapped)}'
        if references.is_user_module(type(value).__module__) and hasattr(value, '__dict__'):
            return f'{kind} {self.value(vars(value))}'
        text = repr(value)
        return kind if ' at 0x' in text else f'{kind} {text}'


def _is_own(cls: type, name: str) -> bool:
    """True for what the user wrote in a class, not what Python or `dataclass` added."""
    member = vars(cls)[name]
    if isinstance(member, FunctionType):
        return member.__code__.co_filename != '<string>'
    return name == '__dataclass_fields__' or not (name.startswith('__') and name.endswith('__'))
