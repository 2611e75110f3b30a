"""Values that code reads, as texts that are equal in every process that runs the same code.

Code of libraries is named, the user's own is taken apart, and so are the objects of both as far as they are data. What a program
only keeps while it runs is left out: caches, loaded models, how much is logged.
"""

from __future__ import annotations

import enum
import functools
import hashlib
import inspect
import logging
import re
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from pixeltable.udf import objects, references, source
from pixeltable.udf.function import Function

_PLAIN = (type(None), bool, int, float, complex, str, bytes)
_OWNERS = (str, bytes, tuple, list, dict, set, re.Pattern)
_ADDRESS = re.compile(r' at 0x[0-9a-fA-F]+')


class Describer:
    """Describes values by text. Code that was met before is named by its place, so that it may refer to itself."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._met: list[Any] = []  # keeps what was met alive: an id means something only as long
        self._open: set[int] = set()
        self.watched: list[objects.Watched] = []

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
            case _ if (stream := objects.stream(value)) is not None:
                return repr(stream)
            case _ if objects.is_of_process(value):
                return f'{type(value).__name__} of the process'
            case enum.Enum():
                return f'{self.value(type(value))}.{value.name}'
            case list() | tuple():
                return f'{type(value).__name__}[{", ".join(self.value(item) for item in value)}]' + self._own_code(
                    value
                )
            case set() | frozenset():
                return f'set{self._items(value)}' + self._own_code(value)
            case dict():
                return self._mapping(value) + self._own_code(value)
            case ModuleType():
                return self._module(value)
            case MethodType():
                return f'{self.value(value.__func__)} of {self.value(value.__self__)}'
            case functools.partial():
                return f'partial {self.value(value.func)} {self.value(value.args)} {self.value(value.keywords)}'
            case re.Pattern():
                return f're {value.pattern!r} {value.flags}'
        return None

    def _mapping(self, value: Any) -> str:
        return '{' + ', '.join(f'{self.value(key)}: {self.value(item)}' for key, item in value.items()) + '}'

    def _items(self, value: Any) -> list[str]:
        """The items of a set, in an order that does not depend on their hashes."""
        if all(type(item) in _PLAIN for item in value):
            return sorted(map(repr, value))
        return [self.value(item) for item in sorted(value, key=lambda item: Describer().value(item))]

    def _own_code(self, value: Any) -> str:
        """The class of a container, if the user gave it code of its own."""
        return f' of {self.value(type(value))}' if objects.has_own_code(type(value)) else ''

    def _module(self, module: ModuleType) -> str:
        """A module of the user's own that is used as a value, and not for one attribute, is all that it says."""
        text = source.of_module(module) if references.is_user_module(module.__name__) else None
        return module.__name__ if text is None else hashlib.sha256(text.encode()).hexdigest()

    def _code(self, function: FunctionType) -> str:
        name = f'{function.__module__}.{function.__qualname__}'
        if not references.is_user_module(function.__module__):
            return name
        read = {text: self.value(value) for text, value in sorted(self.read_by(function).items())}
        defaults = self.value([function.__defaults__, function.__kwdefaults__])
        registered = objects.registered(function)  # the implementations of a functools.singledispatch
        more = '' if registered is None else f' {self._mapping(registered)}'
        return f'{source.normalised(function)} {defaults} {read}{more}'

    def read_by(self, function: FunctionType) -> dict[str, Any]:
        """What `function` reads. Containers that it fills itself are state, and taken as empty."""
        read = references.read_by(function)
        self.watched.append(objects.watched(function, read))
        changed = source.changed_by(function) if any(map(objects.is_container, read.values())) else set()
        return {
            text: type(value)() if text in changed and objects.is_container(value) else value
            for text, value in read.items()
        }

    def _class(self, cls: type) -> str:
        name = f'{cls.__module__}.{cls.__qualname__}'
        if not references.is_user_module(cls.__module__):
            return name
        members = {
            member: self._member(vars(cls)[member]) for member in sorted(vars(cls)) if objects.is_own(cls, member)
        }
        annotations = _ADDRESS.sub('', str(inspect.get_annotations(cls)))
        text = f'{[self.value(base) for base in cls.__bases__]} {annotations} {members}'
        return ' '.join([text, *map(self.value, objects.hidden_in_class(cls))])

    def _member(self, member: Any) -> str:
        if isinstance(member, (staticmethod, classmethod)):
            return self.value(member.__func__)
        if isinstance(member, property):
            return self.value(
                (member.fget, member.fset) if member.fdel is None else (member.fget, member.fset, member.fdel)
            )
        return self.value(member)

    def _object(self, value: Any) -> str:
        if isinstance(value, BuiltinFunctionType):
            name = f'{value.__module__}.{value.__qualname__}'
            return f'{name} of {self.value(value.__self__)}' if type(value.__self__) in _OWNERS else name
        kind = self.value(type(value))
        if isinstance(value, logging.Logger):
            return f'{kind} <{type(value).__name__} {value.name} (WARNING)>'  # whatever its level is now
        if hasattr(type(value), 'tobytes') and hasattr(value, 'dtype'):
            return f'{kind} {value.dtype} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}'
        text = ' '.join([kind, *map(self.value, objects.content(value))])
        if text != kind:
            return text
        shown = repr(value)
        return kind if ' at 0x' in shown or f'{id(value):x}' in shown.lower() else f'{kind} {shown}'
