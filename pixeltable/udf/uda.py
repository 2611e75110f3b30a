"""`@pxt.uda`: makes an aggregate of a class that is given one row after another."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.udf.aggregator import OWN, Aggregate, Aggregator
from pixeltable.udf.signature import Signature, of_callable


def uda(
    cls: type | None = None,
    /,
    *,
    requires_order_by: bool = False,
    allows_std_agg: bool = True,
    allows_window: bool = False,
    type_substitutions: Sequence[Mapping[Any, Any]] | None = None,
) -> Any:
    """Makes an aggregate of a class with `update` and `value`, as in

        @pxt.uda
        class longest(pxt.Aggregator):
            def __init__(self, least: int = 0):
                self.found, self.least = None, least

            def update(self, text: str) -> None:
                if len(text) >= max(self.least, len(self.found or '')):
                    self.found = text

            def value(self) -> str | None:
                return self.found

        docs.group_by(docs.topic).select(docs.topic, longest(docs.title, least=3))

    Rows come in the order of insertion, or by the first argument of an aggregate that requires an order. A row with NULL for a
    parameter that does not take it is left out.

    Args:
        requires_order_by: the first argument is what to order by.
        allows_std_agg: whether it gives a value for a group.
        allows_window: whether it gives running values, with `group_by` or `order_by`; `value` is then called after each row.
        type_substitutions: one signature for each mapping of type variables to types.

    Raises:
        RequestError: INVALID_ARGUMENT for what is no such class or lacks hints, INVALID_TYPE for a hint that is no column type,
            UNSUPPORTED_OPERATION for a parameter whose name is reserved.
    """
    namespace = sys._getframe(1).f_locals

    def declare(found: type) -> Aggregate:
        if not isinstance(found, type) or not issubclass(found, Aggregator):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'uda() decorates a subclass of pxt.Aggregator, not {found!r}.'
            )
        _check_methods(found)
        inputs = [_inputs(found, namespace, each) for each in type_substitutions or [{}]]
        return Aggregate(
            found,
            inputs,
            _constants(found, namespace),
            requires_order_by=requires_order_by,
            allows_std_agg=allows_std_agg,
            allows_window=allows_window,
        )

    return declare if cls is None else declare(cls)


def _check_methods(cls: type[Aggregator]) -> None:
    missing = [name for name in ('update', 'value') if getattr(cls, name) is getattr(Aggregator, name)]
    if missing:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'{cls.__name__} has no method {missing[0]}(), which an aggregate needs.'
        )


def _inputs(cls: type[Any], namespace: Mapping[str, Any], substitution: Mapping[Any, Any]) -> Signature:
    """The parameters of `update`, and the type of `value`."""
    name = cls.__name__
    taken = of_callable(_Hinted(cls.update), name, namespace=namespace, substitution=substitution, needs_result=False)
    clash = next((p.name for p in taken.parameters if p.name in OWN), None)
    if clash is not None:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION, f'{name}(): the parameter name {clash!r} is reserved; choose another one.'
        )
    if not taken.parameters:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{name}.update() takes no input: give it a parameter.')
    given = of_callable(_Hinted(cls.value), f'{name}.value', namespace=namespace, substitution=substitution)
    return Signature(taken.parameters, given.result)


def _constants(cls: type[Any], namespace: Mapping[str, Any]) -> Signature:
    if cls.__init__ is object.__init__:
        return of_callable(lambda: None, cls.__name__, needs_result=False)
    return of_callable(_Hinted(cls.__init__), cls.__name__, namespace=namespace, needs_result=False)


class _Hinted:
    """The hints and parameters of a method without `self`: all that a signature is made of."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self.__name__ = method.__name__
        self.__globals__ = getattr(method, '__globals__', {})
        hints = inspect.get_annotations(method)
        self.__annotations__ = {k: v for k, v in hints.items() if k != 'return' or method.__name__ == 'value'}
        self.__signature__ = inspect.Signature(list(inspect.signature(method).parameters.values())[1:])

    def __call__(self) -> None: ...
