"""What a function takes and gives: its parameters and result as column types, and how arguments are matched to them.

Built once from the type hints when a function is declared. It knows nothing of the callable itself.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pixeltable.errors import Error, ErrorCode, RequestError, did_you_mean
from pixeltable.types import spelling
from pixeltable.types.column_type import JSON, ColumnType
from pixeltable.types.hints import choices

T = TypeVar('T')


class _BatchMark:
    """Tells `Batch[T]` from a plain `list[T]`."""

    def __repr__(self) -> str:
        return 'Batch'


Batch = Annotated[list[T], _BatchMark()]
"""A hint for batched functions: a list with one `T` for each row of the batch."""

ParameterKind = inspect._ParameterKind
_POSITIONAL = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD)
VARIADIC = (ParameterKind.VAR_POSITIONAL, ParameterKind.VAR_KEYWORD)
_RESERVED = ('group_by', 'order_by')


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. A `type` of None accepts anything; only `*args` and `**kwargs` have it. `choices` are the values that a
    constant may have, where the hint names them."""

    name: str
    type: ColumnType | None
    default: Any = None
    has_default: bool = False
    is_batched: bool = False
    kind: ParameterKind = ParameterKind.POSITIONAL_OR_KEYWORD
    choices: tuple[Any, ...] | None = None

    def __str__(self) -> str:
        prefix = {ParameterKind.VAR_POSITIONAL: '*', ParameterKind.VAR_KEYWORD: '**'}.get(self.kind, '')
        hint = '' if self.type is None else f': Batch[{self.type}]' if self.is_batched else f': {self.type}'
        return f'{prefix}{self.name}{hint}' + (f' = {self.default!r}' if self.has_default else '')


@dataclass(frozen=True, slots=True)
class Signature:
    """Parameters in declared order and the type of the result."""

    parameters: tuple[Parameter, ...]
    result: ColumnType
    is_batched: bool = False

    def __str__(self) -> str:
        texts: list[str] = []
        starred = False
        for parameter in self.parameters:
            if parameter.kind is ParameterKind.KEYWORD_ONLY and not starred:
                texts.append('*')
            starred = starred or parameter.kind in (ParameterKind.KEYWORD_ONLY, ParameterKind.VAR_POSITIONAL)
            texts.append(str(parameter))
        return f'({", ".join(texts)}) -> {f"Batch[{self.result}]" if self.is_batched else self.result}'

    def find(self, name: str) -> Parameter:
        """The parameter that the argument `name` belongs to; `args.0`, `args.1`, … are the items of `*args`."""
        for parameter in self.parameters:
            if parameter.name == name and parameter.kind not in VARIADIC:
                return parameter
        kind = ParameterKind.VAR_POSITIONAL if '.' in name else ParameterKind.VAR_KEYWORD
        return next(parameter for parameter in self.parameters if parameter.kind is kind)

    def without(self, names: Sequence[str]) -> Signature:
        """The signature that is left when `names` are given."""
        kept = [parameter for parameter in self.parameters if parameter.name not in names]
        return Signature(tuple(kept), self.result, self.is_batched)


def bind(function: str, signature: Signature, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by name, in the order of the parameters; only those that were given.

    Raises INVALID_ARGUMENT for an unknown, missing, repeated or surplus argument.
    """
    positional = [parameter for parameter in signature.parameters if parameter.kind in _POSITIONAL]
    star = next(
        (parameter for parameter in signature.parameters if parameter.kind is ParameterKind.VAR_POSITIONAL), None
    )
    if len(args) > len(positional) and star is None:
        names = ', '.join(parameter.name for parameter in positional) or 'none'
        raise _invalid(f'{function}() takes {len(positional)} positional arguments ({names}), not {len(args)}.')
    given = {parameter.name: value for parameter, value in zip(positional, args, strict=False)}
    _check_names(function, signature, kwargs, given)
    for parameter in signature.parameters:
        if parameter.kind in VARIADIC or parameter.has_default:
            continue
        if parameter.name not in given and parameter.name not in kwargs:
            raise _invalid(
                f'{function}() needs the argument {parameter.name!r}; it is declared as {function}{signature}.'
            )
    ordered = {
        parameter.name: given[parameter.name] if parameter.name in given else kwargs[parameter.name]
        for parameter in signature.parameters
        if parameter.kind not in VARIADIC and (parameter.name in given or parameter.name in kwargs)
    }
    if star is not None:
        ordered |= {f'{star.name}.{index}': value for index, value in enumerate(args[len(positional) :])}
    return ordered | {name: value for name, value in kwargs.items() if name not in ordered}


def _check_names(function: str, signature: Signature, kwargs: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    by_keyword = [
        p.name for p in signature.parameters if p.kind not in VARIADIC and p.kind is not ParameterKind.POSITIONAL_ONLY
    ]
    takes_any = any(parameter.kind is ParameterKind.VAR_KEYWORD for parameter in signature.parameters)
    for name in kwargs:
        if name in given:
            raise _invalid(f'{function}() got the argument {name!r} twice, by position and by name.')
        if name not in by_keyword and not takes_any:
            known = f' It takes {", ".join(by_keyword)}.' if by_keyword else ' It takes no named arguments.'
            raise _invalid(f'{function}() has no parameter {name!r}.{did_you_mean(name, by_keyword)}{known}')


def of_callable(
    fn: Callable[..., Any],
    name: str,
    *,
    namespace: Mapping[str, Any] | None = None,
    substitution: Mapping[Any, Any] | None = None,
    types: Mapping[str, ColumnType] | None = None,
    needs_result: bool = True,
) -> Signature:
    """The signature that the hints of `fn` declare.

    `namespace` holds local names that string hints may use; `substitution` replaces type variables, `types` the hints of
    parameters. Raises INVALID_ARGUMENT for a missing hint and INVALID_TYPE for one that is no column type, naming the parameter.
    """
    hints = _hints(fn, name, namespace or {}) | dict(types or {})
    parameters = tuple(
        _parameter(parameter, hints, name, substitution or {})
        for parameter in inspect.signature(fn, follow_wrapped=False).parameters.values()
    )
    if 'return' not in hints and not needs_result:
        return Signature(parameters, JSON.with_nullable(True))
    if 'return' not in hints:
        raise _invalid(f'{name}(): the result has no type hint; declare it, as in `def {name}(...) -> str`.')
    hint, is_batched = _unwrap(_substituted(hints['return'], substitution or {}))
    return Signature(parameters, _column_type(hint, f'{name}(): the result'), is_batched)


def _hints(fn: Callable[..., Any], name: str, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The hints as objects. Those written as text are evaluated where the function was defined."""
    hints = {}
    for key, hint in inspect.get_annotations(fn).items():
        while isinstance(hint, str):  # quoted hints under `from __future__ import annotations` are quoted twice
            try:
                hint = eval(hint, getattr(fn, '__globals__', {}), dict(namespace))
            except Exception as error:
                what = 'the result' if key == 'return' else f'parameter {key!r}'
                raise RequestError(
                    ErrorCode.INVALID_TYPE,
                    f'{name}(): the type hint of {what}, {hint!r}, cannot be evaluated: {error}.',
                ) from error
        hints[key] = hint
    return hints


def _parameter(
    parameter: inspect.Parameter, hints: Mapping[str, Any], function: str, substitution: Mapping[Any, Any]
) -> Parameter:
    name = parameter.name
    if name.startswith('_') or name in _RESERVED:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'{function}(): the parameter name {name!r} is reserved; choose another one.',
        )
    if name not in hints and parameter.kind not in VARIADIC:
        raise _invalid(f'{function}(): parameter {name!r} has no type hint; declare it, as in `{name}: str`.')
    has_default = parameter.default is not inspect.Parameter.empty
    default = parameter.default if has_default else None
    hint, is_batched = _unwrap(_substituted(hints.get(name, Any), substitution))
    if parameter.kind in VARIADIC and hint is Any:
        return Parameter(name, None, kind=parameter.kind)
    type_ = _column_type(hint, f'{function}(): parameter {name!r}')
    if has_default and default is None:
        type_ = type_.with_nullable(True)
    return Parameter(name, type_, default, has_default, is_batched, parameter.kind, choices(hint))


def _unwrap(hint: Any) -> tuple[Any, bool]:
    """`T, True` for `Batch[T]`."""
    if typing.get_origin(hint) is Annotated and any(isinstance(mark, _BatchMark) for mark in hint.__metadata__):
        return typing.get_args(hint.__origin__)[0], True
    return hint, False


def _substituted(hint: Any, substitution: Mapping[Any, Any]) -> Any:
    if isinstance(hint, TypeVar):
        return substitution.get(hint, hint)
    variables = getattr(hint, '__parameters__', ())
    if not substitution or not variables:
        return hint
    return hint[tuple(substitution.get(variable, variable) for variable in variables)]


def _column_type(hint: Any, what: str) -> ColumnType:
    try:
        found = spelling.from_hint(hint)
    except Error as error:
        raise RequestError(error.error_code, f'{what}: {error.message}') from error
    if found is None:
        raise RequestError(
            ErrorCode.INVALID_TYPE,
            f'{what} has the type hint {hint!r}, which is no column type; use a type such as str, int, dict or pxt.Image.',
        )
    return found


def _invalid(message: str) -> RequestError:
    return RequestError(ErrorCode.INVALID_ARGUMENT, message)
