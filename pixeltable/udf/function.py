"""A function that expressions can call.

A `Function` is what `@pxt.udf` returns. Calling it builds a `Call` node; nothing runs. The evaluator asks it how to call the
Python code (`caller`, `is_async`, `batch_size`); the catalog asks `storing` how to keep it; neither is written here.

A function with several signatures is one `Function` for each, held together by the first, which chooses when it is called.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import product
from typing import Any, Protocol

from pixeltable.errors import Error, ErrorCode, RequestError
from pixeltable.exprs import build
from pixeltable.exprs.each import for_each
from pixeltable.exprs.expr import Expr, is_expression
from pixeltable.exprs.nodes import Call, Node
from pixeltable.types.column_type import ColumnType
from pixeltable.udf import arguments, calling, lookup, result_types
from pixeltable.udf.declaration import Options, new_identity
from pixeltable.udf.signature import ParameterKind, Signature, bind


class Watched(Protocol):
    """Something that a fingerprint was computed from."""

    def is_unchanged(self) -> bool: ...


@dataclass(eq=False)
class Function:
    """A callable over expressions.

    Attributes:
        raw: the Python function as written, without bound constants.
        full_signature: its signature, with the parameters that `using` bound.
        identity: names the declaration in this process.
        bound: the constants that `using` bound.
        overload_index: which of the signatures of its declaration this is.
        origin: the function as it was declared: the first overload, without bound constants.
        return_rule: gives the result type for constant arguments.
        pool_rule: gives the name of the resource pool for constant arguments.
        known_fingerprint: the stored fingerprint of the code, where the source is not here any more.
        own_fingerprint: the computed one, once it was asked for.
        watched: what it was computed from, to see whether it still holds.
    """

    raw: Callable[..., Any]
    full_signature: Signature
    options: Options
    module: str
    qualname: str
    identity: str
    bound: tuple[tuple[str, Any], ...] = ()
    overload_index: int = 0
    origin: Any = None
    return_rule: Callable[..., Any] | None = None
    pool_rule: Callable[..., str] | None = None
    known_fingerprint: str | None = None
    own_fingerprint: str | None = None

    def __post_init__(self) -> None:
        if self.origin is None:
            self.origin = self
        self.signature = self.full_signature.without([name for name, _ in self.bound])
        self.overloads: list[Function] = [self]  # tried in order
        self.__name__, self.__qualname__ = self.qualname.rpartition('.')[2], self.qualname
        self.__module__, self.__doc__ = self.module, self.raw.__doc__
        self.__wrapped__ = self.raw
        self.watched: Sequence[Watched] = ()

    @property
    def name(self) -> str:
        """The name shown to users."""
        return self.options.display_name or self.__name__

    @functools.cached_property
    def key(self) -> str:
        """Equal for equal functions: the declaration, the overload and the bound constants."""
        constants = ', '.join(f'{name}={build.literal(value).key}' for name, value in self.bound)
        overload = f'@{self.overload_index}' if self.overload_index else ''
        return f'{self.origin.identity}{overload}({constants})'.removesuffix('()')

    @property
    def style(self) -> str:
        """How users write a call: as a `'function'`, a `'method'` or a `'property'`."""
        return 'method' if self.options.is_method else 'property' if self.options.is_property else 'function'

    @property
    def positional(self) -> tuple[tuple[str, bool], ...]:
        """The leading parameters that take arguments by position: `(name, has a default)`."""
        kinds = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD)
        return tuple((p.name, p.has_default) for p in self.signature.parameters if p.kind in kinds)

    @property
    def sql(self) -> str | None:
        """A DuckDB expression over `{parameter}` placeholders, or None if only Python can evaluate it."""
        return None if self.bound else self.options.sql

    @functools.cached_property
    def is_async(self) -> bool:
        """True for `async def`."""
        return inspect.iscoroutinefunction(self.raw)

    @property
    def batch_size(self) -> int | None:
        """The number of rows for one call; None if the function takes one row at a time."""
        return self.options.batch_size

    @property
    def is_deterministic(self) -> bool:
        """False if equal arguments may give different results."""
        return self.options.is_deterministic

    @property
    def has_pool(self) -> bool:
        """Whether its calls share limits with others."""
        return self.pool_rule is not None or self.options.resource_pool is not None

    @property
    def sees_zone(self) -> bool:
        """Whether what it gives depends on the time zone in which it is called, whatever it is given: a query may."""
        return hasattr(self.raw, 'in_zone')

    def in_zone(self, zone: tzinfo) -> Function:
        """The function as a session in a time zone calls it."""
        return dataclasses.replace(self, raw=self.raw.in_zone(zone)) if self.sees_zone else self  # type: ignore[attr-defined]

    @property
    def py_fn(self) -> Callable[..., Any]:
        """The Python function, with the bound constants filled in; takes arguments by name."""
        if any(p.kind is ParameterKind.VAR_POSITIONAL for p in self.full_signature.parameters):
            return lambda **given: self.caller(tuple(given))(*given.values())
        return functools.partial(self.raw, **dict(self.bound)) if self.bound else self.raw

    def caller(self, names: Sequence[str]) -> Callable[..., Any]:
        """A callable that takes the arguments `names` of a `Call` by position: the fastest way to call for many rows."""
        return calling.caller(self.raw, self.full_signature, dict(self.bound), names)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """The call as an expression; the first overload that accepts the arguments is taken.

        Raises INVALID_ARGUMENT for missing or unknown arguments and TYPE_MISMATCH for types that no parameter accepts.
        """
        if calling.is_direct() and not any(map(is_expression, (*args, *kwargs.values()))):
            given = bind(self.name, self.signature, args, kwargs)
            return self.caller(tuple(given))(*given.values())
        return Expr(self.call_node(args, kwargs))

    def call_node(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Node:
        """What `__call__` builds, as a node. A list of images that no overload takes is taken image by image."""
        failed: dict[int, Error] = {}
        for by_image, (place, overload) in product((False, True), enumerate(self.overloads)):
            try:
                if (node := overload._call_node(args, kwargs, by_image)) is not None:
                    return node
            except Error as error:
                failed[place] = error
        # One may take the arguments, and fail by another reason, such as a model that is missing.
        tried = zip(failed.values(), self.overloads, strict=True)
        taking = (failure for failure, overload in tried if overload._takes(args, kwargs))
        raise next(taking, self._no_overload([*failed.values()]))

    def _no_overload(self, failures: list[Error]) -> Error:
        if len(failures) == 1:
            return failures[0]
        tried = zip(self.overloads, failures, strict=True)
        reasons = '\n'.join(f'  {overload.name}{overload.signature}: {why.message}' for overload, why in tried)
        return RequestError(
            ErrorCode.INVALID_ARGUMENT, f'{self.name}() has no signature that takes these arguments:\n{reasons}'
        )

    def _takes(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
        try:
            self._nodes(bind(self.name, self.signature, args, kwargs))
        except Error:
            return False
        return True

    def _call_node(self, args: Sequence[Any], kwargs: Mapping[str, Any], by_image: bool) -> Node | None:
        given = bind(self.name, self.signature, args, kwargs)
        images = arguments.images_for_one(self.signature, given) if by_image else None
        if images is not None:
            lists = given[images].__pxt_node__
            return for_each('map', lists, lambda image: Expr(self._call_once({**given, images: image})))
        return None if by_image else self._call_once(given)

    def _call_once(self, given: Mapping[str, Any]) -> Call:
        nodes = self._nodes(given)
        result = self.result_type(nodes)
        return Call(result, self, self.key, tuple(nodes), tuple(nodes.values()))

    def _nodes(self, given: Mapping[str, Any]) -> dict[str, Node]:
        nodes = {name: arguments.argument(self.name, self.signature.find(name), value) for name, value in given.items()}
        if self.batch_size is not None:
            arguments.check_batch(self.name, self.signature, nodes)
        return nodes

    def result_type(self, nodes: Mapping[str, Node]) -> ColumnType:
        """The type of a call with these arguments: see `result_types`."""
        return result_types.of_call(self, nodes)

    def using(self, /, **constants: Any) -> Function:
        """The function with some parameters fixed to constants, as embedding indexes need it.

        Raises INVALID_ARGUMENT for an unknown parameter or an expression, TYPE_MISMATCH for a wrong type.
        """
        failures, fitting = list[Error](), list[Function]()
        for overload in self.overloads:
            try:
                fixed = arguments.constants(f'{self.name}.using', overload.signature, constants)
                fitting.append(dataclasses.replace(overload, bound=(*overload.bound, *fixed)))
            except Error as error:
                failures.append(error)
        if not fitting:
            raise self._no_overload(failures)
        fitting[0].overloads = fitting
        return fitting[0]

    def __reduce_ex__(self, protocol: Any) -> Any:
        """By name where another process can import it, so that both hold the same function."""
        if lookup.is_importable(self.origin):
            return _by_name, (self.module, self.qualname, self.overload_index, self.bound)
        return super().__reduce_ex__(protocol)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, 'watched': ()}  # which would take all that its module holds along

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self.__dict__.pop('key', None)
        self.identity = new_identity(self.module, self.qualname)

    def __repr__(self) -> str:
        constants = ', '.join(f'{name}={value!r}' for name, value in self.bound)
        shown = '; '.join(f'{self.name}{overload.signature}' for overload in self.overloads)
        return f'<function {shown} with {constants}>' if constants else f'<function {shown}>'


def _by_name(module: str, qualname: str, overload_index: int, bound: tuple[tuple[str, Any], ...]) -> Function:
    declared: Function = lookup.resolve(module, qualname)
    overload = next(found for found in declared.overloads if found.overload_index == overload_index)
    return overload.using(**dict(bound)) if bound else overload
