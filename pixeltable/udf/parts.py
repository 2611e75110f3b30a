"""What a fingerprint is made of, part by part, so that two can be compared in words: which helper changed, which constant.

Parts are digests. Only versions and the names of models stand there as they are: other values may be secrets.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any, cast

from pixeltable.exprs.nodes import Call, Literal, Node
from pixeltable.exprs.visit import walk
from pixeltable.udf import references, source
from pixeltable.udf.describing import Describer
from pixeltable.udf.fingerprint import digest, fingerprint
from pixeltable.udf.function import Function

FUNCTION, SIGNATURE, VERSION, ARGUMENT, EXPRESSION = 'function', 'signature', 'version', 'argument', 'expression'
"""Kinds of parts of the code that an expression calls itself. A key of a part is its kind and its name."""
HELPER, CLASS, VALUE = 'helper', 'class', 'value'
"""Kinds of what that code reads."""

Parts = dict[str, str]

_LENGTH = 12
_MODEL = 'model'


def parts_of(node: Node) -> Parts:
    """The parts of an expression."""
    found: Parts = {EXPRESSION: _short(_shape(node))}
    for call in walk(node):
        if isinstance(call, Call):
            function = cast(Function, call.function)
            found |= _declared(function)
            given = {
                name: arg.value for name, arg in zip(call.names, call.args, strict=True) if isinstance(arg, Literal)
            }
            found |= _arguments(function, given)
    return found


def is_model(key: str) -> bool:
    """Whether a part says which model is called."""
    kind, _, name = key.partition(' ')
    return kind in (ARGUMENT, VALUE) and _MODEL in name.lower()


def _short(text: str) -> str:
    return digest(text)[:_LENGTH]


def _shape(value: Any) -> str:
    """An expression without the constants that functions are given, and without code."""
    if isinstance(value, Function):
        return f'{value.module}.{value.qualname}'
    if isinstance(value, Call):
        args = ('_' if isinstance(arg, Literal) else _shape(arg) for arg in value.args)
        return f'{_shape(value.function)}({", ".join(args)})'
    if dataclasses.is_dataclass(value):
        members = (getattr(value, member.name) for member in dataclasses.fields(value) if member.compare)
        return f'{type(value).__name__}({", ".join(map(_shape, members))})'
    return f'({", ".join(map(_shape, value))})' if isinstance(value, tuple) else repr(value)


def _arguments(function: Function, given: Mapping[str, Any]) -> Parts:
    """The values that are the same for all rows: constants, bound or given, and defaults."""
    defaults = {p.name: p.default for p in function.full_signature.parameters if p.has_default}
    found = defaults | dict(function.bound) | dict(given)
    return {f'{ARGUMENT} {function.name}({name})': _value(name, value) for name, value in found.items()}


def _value(name: str, value: Any) -> str:
    if _MODEL in name.lower() and isinstance(value, str):
        return repr(value[:100])
    return _short(Describer().value(value))


def _declared(function: Function) -> Parts:
    name = f'{function.name}()'
    if function.known_fingerprint is not None:
        return {f'{FUNCTION} {name}': function.known_fingerprint[:_LENGTH]}
    types = ', '.join(f'{p.name}: {p.type}' for p in function.full_signature.parameters)
    found = {f'{SIGNATURE} {name}': _short(f'({types}) -> {function.full_signature.result}')}
    if function.options.version is not None:
        return found | {f'{VERSION} {name}': repr(function.options.version[:100])}
    walker = _Walker(function)
    walker.value(function.raw)
    if not walker.found:  # code of a library
        return found | {f'{FUNCTION} {name}': fingerprint(function)[:_LENGTH]}
    return found | walker.found


class _Walker(Describer):
    """Goes through all that a function reads, and notes each piece of code and each value by its name."""

    def __init__(self, function: Function) -> None:
        super().__init__()
        self.found: Parts = {}
        self._declared = function

    def _code(self, function: FunctionType) -> str:
        if references.is_user_module(function.__module__):
            self.found |= dict(self._of(function))
        return super()._code(function)

    def _of(self, function: FunctionType) -> Iterator[tuple[str, str]]:
        if function is self._declared.raw:  # whose defaults are arguments
            yield f'{FUNCTION} {self._declared.name}()', _short(source.normalised(function, with_defaults=False))
        else:
            code = source.normalised(function)
            defaults = Describer().value([function.__defaults__, function.__kwdefaults__])
            yield f'{HELPER} {function.__qualname__}()', _short(f'{code} {defaults}')
        for name, value in self.read_by(function).items():
            if not isinstance(value, (Function, FunctionType, type, ModuleType)):
                yield f'{VALUE} {name}', _value(name, value)

    def _class(self, cls: type) -> str:
        if references.is_user_module(cls.__module__):
            self.found[f'{CLASS} {cls.__qualname__}'] = _short(Describer().value(cls))
        return super()._class(cls)
