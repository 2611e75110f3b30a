"""Declared aggregates: what `@pxt.uda` makes, and what an expression holds of one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pixeltable.errors import Error, ErrorCode, RequestError
from pixeltable.exprs import build
from pixeltable.exprs.aggregates import check_values, condition_of, nodes_of, running
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Node
from pixeltable.exprs.windows import Fold, Ordering
from pixeltable.udf import arguments
from pixeltable.udf.declaration import new_identity
from pixeltable.udf.signature import Signature, bind

OWN = ('group_by', 'order_by', 'where')


class Aggregator:
    """The base of declared aggregates. The parameters of `__init__` are constants, those of `update` are the inputs."""

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Takes one row into account."""
        raise NotImplementedError

    def value(self) -> Any:
        """The aggregate of the rows so far."""
        raise NotImplementedError


@dataclass(frozen=True)
class Start:
    """One aggregate with its constants: what an expression holds."""

    origin: Aggregate
    key: str
    start: Callable[[], Any]
    constants: tuple[tuple[str, Any], ...]

    @property
    def name(self) -> str:
        return self.origin.name


class Aggregate:
    """What `@pxt.uda` returns. A call is an expression over a group, or, with `group_by` or `order_by`, a running value."""

    def __init__(
        self,
        cls: type,
        inputs: Sequence[Signature],
        constants: Signature,
        *,
        requires_order_by: bool,
        allows_std_agg: bool,
        allows_window: bool,
    ) -> None:
        self.cls = cls
        self.name = self.__name__ = cls.__name__
        self.__doc__, self.__module__, self.__qualname__ = cls.__doc__, cls.__module__, cls.__qualname__
        self.signatures, self.constants = tuple(inputs), constants
        self.requires_order_by, self.allows_std_agg, self.allows_window = (
            requires_order_by,
            allows_std_agg,
            allows_window,
        )
        self.module, self.qualname = cls.__module__, cls.__qualname__
        self._identity = new_identity(self.module, self.qualname)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """One that was stored is another one than any that was declared here."""
        self.__dict__.update(state, _identity=new_identity(state['module'], state['qualname']))

    @property
    def signature(self) -> Signature:
        """The inputs and the result; the first, if there are several."""
        return self.signatures[0]

    def __call__(
        self, *args: Any, group_by: Any = None, order_by: Any = None, where: Any = None, **kwargs: Any
    ) -> Expr:
        """The aggregate as an expression. If it requires an order, the first argument is what to order by.

        Args:
            group_by: makes it a running value, starting anew for each of these values.
            order_by: the order of the rows within a group.
            where: only rows for which this is true count.

        Raises INVALID_ARGUMENT for missing or unknown arguments, TYPE_MISMATCH for types that no parameter accepts,
        UNSUPPORTED_OPERATION for a window if it allows none, or without one if it needs that.
        """
        keys = nodes_of(order_by, f'{self.name}(order_by=…)')
        is_window = group_by is not None
        if self.requires_order_by:
            if not args and not keys:
                raise RequestError(
                    ErrorCode.MISSING_REQUIRED, f'{self.name}() needs an order: its first argument is what to order by.'
                )
            if not keys:
                keys, args = nodes_of(args[0], f'{self.name}()'), args[1:]
        elif order_by is not None and self.allows_window:
            is_window = True
        self._check(is_window)
        fixed = {name: kwargs.pop(name) for name in list(kwargs) if self._is_constant(name)}
        node = self._fold(args, kwargs, fixed)
        check_values(self.name, [*node.args, *keys])
        node = Fold(
            node.type,
            node.function,
            node.function_key,
            node.names,
            node.args,
            node.skips_null,
            () if is_window else tuple(map(Ordering, keys)),
            condition_of(where),
        )
        return (
            running(node, [] if group_by is None else group_by, keys_of(keys))
            if is_window
            else running(node, None, None)
        )

    def _check(self, is_window: bool) -> None:
        if is_window and not self.allows_window:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{self.name}() gives one value for a group and no running one; declare it with @pxt.uda(allows_window=True).',
            )
        if not is_window and not self.allows_std_agg:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION, f'{self.name}() gives running values only: say group_by or order_by.'
            )

    def _is_constant(self, name: str) -> bool:
        return any(parameter.name == name for parameter in self.constants.parameters)

    def _fold(self, args: Sequence[Any], kwargs: Mapping[str, Any], fixed: Mapping[str, Any]) -> Fold:
        failures: list[Error] = []
        for signature in self.signatures:
            try:
                return self._of(signature, args, kwargs, fixed)
            except Error as error:
                failures.append(error)
        raise (
            failures[0]
            if len(failures) == 1
            else RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'{self.name}() has no signature that takes these arguments:\n'
                + '\n'.join(f'  {e.message}' for e in failures),
            )
        )

    def _of(
        self, signature: Signature, args: Sequence[Any], kwargs: Mapping[str, Any], fixed: Mapping[str, Any]
    ) -> Fold:
        given = bind(self.name, signature, args, kwargs)
        nodes: dict[str, Node] = {
            name: arguments.argument(self.name, signature.find(name), value) for name, value in given.items()
        }
        start = self.with_constants(fixed)
        skips = tuple(not _takes_null(signature, name) for name in nodes)
        result = signature.result.with_nullable(True)
        return Fold(result, start, start.key, tuple(nodes), tuple(nodes.values()), skips)

    def with_constants(self, fixed: Mapping[str, Any]) -> Start:
        """The aggregate with constants for its `__init__`. Raises like a call."""
        bind(self.name, self.constants, (), fixed)
        values = dict(arguments.constants(self.name, self.constants, fixed))
        key = ', '.join(f'{name}={build.literal(value).key}' for name, value in values.items())
        make = functools.partial(self.cls, **values)
        return Start(self, f'{self._identity}({key})', make, tuple(values.items()))

    def __repr__(self) -> str:
        return f'<aggregate {self.name}{self.signature}>'


def keys_of(keys: Sequence[Node]) -> list[Expr] | None:
    return [Expr(key) for key in keys] or None


def _takes_null(signature: Signature, name: str) -> bool:
    type_ = signature.find(name).type
    return type_ is None or type_.nullable
