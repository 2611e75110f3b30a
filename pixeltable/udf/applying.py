"""`expr.apply(fn)`: a plain Python function on each value of an expression."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.expr import METHODS, Expr
from pixeltable.types import spelling
from pixeltable.udf.declaration import Options, new_identity
from pixeltable.udf.function import Function
from pixeltable.udf.signature import Parameter, Signature


def apply(expr: Expr, fn: Callable[[Any], Any], col_type: Any = None) -> Expr:
    """What `fn` gives for each value that is not NULL, a value of `col_type`, or as the hint of its result says.

    Raises INVALID_ARGUMENT for what is no function, UNSUPPORTED_OPERATION if the type is not known.
    """
    if isinstance(fn, Function):
        return Expr(fn.call_node((expr,), {}))
    if not callable(fn):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'apply() takes a function of one value, not {fn!r}.')
    name = getattr(fn, '__name__', type(fn).__name__)
    hint = getattr(fn, '__annotations__', {}).get('return') if col_type is None else col_type
    if hint is None and isinstance(fn, type):
        hint = fn  # str(value) is a str
    result = None if hint is None or isinstance(hint, str) else spelling.from_hint(hint)
    if result is None and col_type is not None:
        result = spelling.parse(col_type, what='apply()')
    if result is None:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'apply(): what {name}() gives is not known; say its type, as in apply({name}, col_type=pxt.String).',
        )
    parameter = Parameter('value', expr.col_type.with_nullable(False))
    raw = fn if inspect.isfunction(fn) else _wrapped(fn)
    module, qualname = getattr(fn, '__module__', None) or 'builtins', getattr(fn, '__qualname__', name)
    options = Options(display_name=name)
    function = Function(raw, Signature((parameter,), result), options, module, qualname, new_identity(module, qualname))
    return Expr(function.call_node((expr,), {}))


def _wrapped(fn: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A builtin has no source and may take no names: this has both."""

    def call(value: Any) -> Any:
        return fn(value)

    return call


for _methods in METHODS.values():
    _methods['apply'] = functools.partial(functools.partial, apply)
