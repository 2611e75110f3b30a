"""`@pxt.udf`: makes a `Function` of a Python function, wherever it is defined."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import string
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, TypeVar, overload

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.expr import Expr
from pixeltable.udf import methods, signature
from pixeltable.udf.declaration import Options, new_identity
from pixeltable.udf.expr_udf import ExprFunction
from pixeltable.udf.function import Function
from pixeltable.udf.retry import Retry
from pixeltable.udf.signature import Batch, Signature

P = ParamSpec('P')
T = TypeVar('T')
R = TypeVar('R')

__all__ = ['Batch', 'udf']


@overload
def udf(fn: Callable[P, T], /) -> DeclaredFunction[P, T]: ...


@overload
def udf(table: Any, /, *, return_value: Any = None, description: str | None = None) -> ExprFunction: ...


@overload
def udf(
    *,
    batch_size: int | None = None,
    substitute_fn: Callable[..., Any] | None = None,
    is_method: bool = False,
    is_property: bool = False,
    is_deterministic: bool = True,
    type_substitutions: Sequence[Mapping[Any, Any]] | None = None,
    display_name: str | None = None,
    version: str | None = None,
    sql: str | None = None,
    cache: bool = False,
    retry: Retry | None = None,
    resource_pool: str | None = None,
    timeout: float | None = None,
    workers: Literal['threads', 'processes'] = 'threads',
    num_cpus: float | None = None,
    num_gpus: float | None = None,
) -> Callable[[Callable[P, T]], DeclaredFunction[P, T]]: ...


def udf(
    fn: Callable[..., Any] | None = None,
    /,
    *,
    substitute_fn: Callable[..., Any] | None = None,
    type_substitutions: Sequence[Mapping[Any, Any]] | None = None,
    return_value: Any = None,
    description: str | None = None,
    **options: Any,
) -> Any:
    """Makes a function usable in expressions. Types come from its hints; it may be sync or `async`, and defined anywhere.

    `pxt.udf(table)` is a function of what the table's computed columns read: it gives a dict of all columns, or `return_value`,
    an expression over the table's columns. `description` is what tools say about it.

    Args:
        batch_size: rows for one call of a function with `Batch[T]` parameters and a `Batch[T]` result, at the most: it gets fewer
            where that turns out to be faster, or memory too small.
        substitute_fn: runs in place of the decorated function, which then only declares the signature.
        is_method: also makes it a method of expressions of the first parameter's type.
        is_property: the same without parentheses; for functions of one parameter.
        is_deterministic: False if equal arguments may give different results.
        type_substitutions: one overload for each mapping of type variables to types.
        display_name: shown in place of the function's name.
        version: stands for the source text in the function's fingerprint, which is stored with what it computes.
        sql: a DuckDB expression over `{parameter}` placeholders that gives the same results.
        cache: whether results are kept in the ledger, so that no call with the same arguments is ever made twice. If they may
            differ, equal calls of one operation have results of their own, which the next one gets in turn.
        retry: how calls that fail for a passing reason are tried again; see `pxt.Retry`.
        resource_pool: the name of the limits that its calls share with others, as in `'openai:{model}'`.
        timeout: seconds after which a call counts as failed.
        workers: `'processes'` for Python code that keeps the interpreter busy: calls run in processes of their own.
        num_cpus: processors that a call takes on Ray.
        num_gpus: graphics processors, or a part of one, that a call takes on Ray.

    Raises:
        RequestError: INVALID_ARGUMENT or INVALID_TYPE for a missing or unsupported type hint and for options that do not go
            together, naming the parameter, UNSUPPORTED_OPERATION for a parameter whose name is reserved.
    """
    if hasattr(type(fn), '__pxt_udf__'):
        return fn.__pxt_udf__(return_value, description)  # type: ignore[union-attr]
    if fn is not None and not inspect.isfunction(fn):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'udf() decorates a function, not {fn!r}.')
    unknown = options.keys() - _OPTION_NAMES
    if unknown:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'udf() has no option {min(unknown)!r}. Options: {", ".join(sorted(_OPTION_NAMES))}.',
        )
    namespace = sys._getframe(1).f_locals
    decorate = functools.partial(_declare, Options(**options), namespace, substitute_fn, type_substitutions)
    return decorate if fn is None else decorate(fn)


class DeclaredFunction(Function, Generic[P, T]):
    """What `@pxt.udf` returns: a function that decorators after its declaration can add to.

    Type checkers see that it gives an expression for expressions, and for plain values, inside other functions, what it computes.
    """

    if TYPE_CHECKING:

        @overload
        def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> T: ...
        @overload
        def __call__(self, /, *args: Any, **kwargs: Any) -> Expr: ...
        def __call__(self, /, *args: Any, **kwargs: Any) -> Any: ...

    def overload(self, fn: Callable[..., Any]) -> DeclaredFunction[P, T]:
        """Adds a signature; the first one that accepts the arguments is used. Gives the whole function back."""
        declared = signature.of_callable(fn, self.name, namespace=sys._getframe(1).f_locals)
        options = dataclasses.replace(self.options, sql=None)
        _check(self.name, declared, options)
        added = Function(
            fn, declared, options, self.module, self.qualname, self.identity, (), len(self.overloads), origin=self
        )
        added.return_rule, added.pool_rule = self.return_rule, self.pool_rule
        self.overloads.append(added)
        _register(added)
        return self

    def conditional_return_type(self, rule: Callable[..., R]) -> Callable[..., R]:
        """Declares how constants decide the result type. The rule's parameters are named as those of the function, and it is
        called where all of them are constants; it gives a type such as `pxt.Array[(384,), pxt.Float]`. A parameter with the
        hint `pxt.Expr` is the argument as an expression, with its `col_type`."""
        self._check_rule(rule)
        for function in self.overloads:
            function.return_rule = rule
        return rule

    def resource_pool(self, rule: Callable[..., str]) -> Callable[..., str]:
        """Declares how constants decide the resource pool. The rule's parameters are named as those of the function; it gives the
        pool's name, such as `'openai:gpt-4o'`."""
        self._check_rule(rule)
        for function in self.overloads:
            function.pool_rule = rule
        return rule

    def to_sql(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Accepts a SQLAlchemy form of the function, which is not used: the Python code runs. See `sql=` for one that is."""
        return rule

    def _check_rule(self, rule: Callable[..., Any]) -> None:
        names = {parameter.name for function in self.overloads for parameter in function.full_signature.parameters}
        for name in inspect.signature(rule).parameters:
            if name not in names:
                _refuse(self.name, f'has no parameter {name!r}, which its rule {rule.__name__!r} asks for')


_OPTION_NAMES = frozenset(Options.__dataclass_fields__)


def _declare(
    options: Options,
    namespace: Mapping[str, Any],
    substitute: Callable[..., Any] | None,
    substitutions: Sequence[Mapping[Any, Any]] | None,
    fn: Callable[..., Any],
) -> DeclaredFunction[..., Any]:
    name: str = options.display_name or fn.__name__
    identity = new_identity(fn.__module__, fn.__qualname__)
    functions: list[DeclaredFunction[..., Any]] = []
    for index, substitution in enumerate(substitutions or [{}]):
        declared = signature.of_callable(fn, name, namespace=namespace, substitution=substitution)
        _check(name, declared, options)
        raw = substitute or fn
        function: DeclaredFunction[..., Any] = DeclaredFunction(
            raw, declared, options, fn.__module__, fn.__qualname__, identity, (), index
        )
        function.origin = functions[0] if functions else function
        functions.append(function)
        _register(function)
    functions[0].overloads = list(functions)
    return functions[0]


def _check(name: str, declared: Signature, options: Options) -> None:
    """What the hints and the options must agree on."""
    batched = [parameter.name for parameter in declared.parameters if parameter.is_batched]
    if (batched or declared.is_batched) and options.batch_size is None:
        _refuse(name, 'uses Batch[...]; say how many rows a call takes, as in @pxt.udf(batch_size=16)')
    if options.batch_size is not None:
        if options.batch_size < 1:
            _refuse(name, f'batch_size must be at least 1, not {options.batch_size}')
        if not batched:
            _refuse(name, 'has a batch_size, but no parameter is declared as Batch[...]')
        if not declared.is_batched:
            _refuse(name, 'has a batch_size, so its result must be declared as Batch[...] too')
    _check_calls(name, options)
    methods.check(name, declared, is_method=options.is_method, is_property=options.is_property)
    if options.sql is not None and {p.name for p in declared.parameters if not p.has_default} - _named_in(options.sql):
        _refuse(name, f'has the SQL form {options.sql!r}, which leaves out a required parameter')


def _check_calls(name: str, options: Options) -> None:
    """What is declared about how calls are made."""
    if str(options.workers) not in ('threads', 'processes'):
        _refuse(name, f"has workers={options.workers!r}; it is 'threads' or 'processes'")
    retry: object = options.retry
    if retry is not None and not isinstance(retry, Retry):
        _refuse(name, f'has retry={options.retry!r}; it takes a policy such as pxt.Retry(attempts=3)')
    for option in ('timeout', 'num_cpus', 'num_gpus'):
        value = getattr(options, option)
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0):
            _refuse(name, f'has {option}={value!r}; it must be a number above 0')


def _named_in(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _refuse(name: str, reason: str) -> None:
    raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{name}() {reason}.')


def _register(function: Function) -> None:
    """Makes a method or property reachable from expressions of the first parameter's type."""
    if function.style != 'function':
        is_property = function.options.is_property
        methods.register(function.name, function.signature, function.origin, is_property=is_property)
