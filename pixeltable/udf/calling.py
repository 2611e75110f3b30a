"""Calling Python functions: with arguments by name, as calls in expressions hold them, and from one function in another."""

from __future__ import annotations

import contextvars
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pixeltable.exprs.expr import Expr
from pixeltable.udf.signature import ParameterKind, Signature

_direct = contextvars.ContextVar('_direct', default=False)


class direct_calls:  # noqa: N801  it is used as a function; a generator would cost a microsecond in each call of a user's function
    """Calling a function with plain values runs it. The evaluator runs user code so: a function may be another's helper."""

    __slots__ = ('_token',)

    def __enter__(self) -> None:
        self._token = _direct.set(True)

    def __exit__(self, *_: object) -> None:
        _direct.reset(self._token)


def is_direct() -> bool:
    """True inside user code that the evaluator runs."""
    return _direct.get()


def caller(
    raw: Callable[..., Any], signature: Signature, bound: Mapping[str, Any], names: Sequence[str]
) -> Callable[..., Any]:
    """A callable that takes the arguments `names` by position, and gives `raw` the constants in `bound` too."""
    leading = [p.name for p in signature.parameters if p.kind is not ParameterKind.KEYWORD_ONLY][: len(names)]
    if list(names) == leading and not any(name in bound for name in leading):
        return functools.partial(raw, **bound) if bound else raw
    by_position = _by_position(signature, bound, names)

    def call(*values: Any) -> Any:
        given = {**bound, **dict(zip(names, values, strict=True))}
        return raw(*[given.pop(name) for name in by_position], **given)

    return call


def _by_position(signature: Signature, bound: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """The arguments that Python takes by position only: all before `*args`, if it is used."""
    starred = [name for name in names if '.' in name]
    kinds = [ParameterKind.POSITIONAL_ONLY] + ([ParameterKind.POSITIONAL_OR_KEYWORD] if starred else [])
    return [p.name for p in signature.parameters if p.kind in kinds and (p.name in names or p.name in bound)] + starred


def apply_rule(rule: Callable[..., Any], known: Mapping[str, Any], given: Mapping[str, Expr] | None = None) -> Any:
    """What `rule` gives for the constants that it asks for; None if one that it needs is not known.

    A rule is what `conditional_return_type` decorates: its parameters are some of the function's. Those with the hint `Expr` get
    the argument as an expression, from `given`.
    """
    values: dict[str, Any] = {}
    for parameter in inspect.signature(rule).parameters.values():
        source = (given or {}) if _wants_expression(parameter.annotation) else known
        if parameter.name in source:
            values[parameter.name] = source[parameter.name]
        elif parameter.default is inspect.Parameter.empty:
            return None
    return rule(**values)


def _wants_expression(hint: Any) -> bool:
    return hint is Expr or (isinstance(hint, str) and hint.rpartition('.')[2] == 'Expr')
