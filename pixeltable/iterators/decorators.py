"""`@pxt.iterator`: makes an `IteratorFunction` of a generator function or of a subclass of `pxt.PxtIterator`."""

from __future__ import annotations

import functools
import inspect
import sys
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, Self, TypeVar

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.iterators.function import IteratorCall, IteratorFunction, columns_of, iterate
from pixeltable.iterators.seeking import seeker
from pixeltable.udf import signature
from pixeltable.udf.declaration import Options, new_identity

__all__ = ['IteratorCall', 'PxtIterator', 'iterator']

T = TypeVar('T')


class PxtIterator(Generic[T]):
    """Base class of iterators that hold something open while they run.

    A subclass is declared with `@pxt.iterator`, and has `__init__` with the inputs, whose hints say the types, and `__next__`,
    which gives the next row as a dict, or raises StopIteration. `T` is a TypedDict with the columns of the rows.
    """

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        raise StopIteration

    def close(self) -> None:
        """Called after the last row."""

    def seek(self, pos: int, **kwargs: Any) -> None:
        """Makes row number `pos` the next one; `kwargs` are its stored columns. Needed where columns are not stored.

        Rows are asked for in the order in which they are read, those of the same inputs from one iterator.
        """
        raise NotImplementedError

    @classmethod
    def validate(cls, bound_args: dict[str, Any]) -> None:
        """Raises for constant arguments that do not go together."""

    @classmethod
    def conditional_output_schema(cls, bound_args: dict[str, Any]) -> Any:
        """The columns for some constant arguments, as a TypedDict or a dict of types; None for those of `T`."""
        return None


@typing.overload
def iterator(fn: Callable[..., Any], /) -> IteratorFunction: ...
@typing.overload
def iterator(*, unstored_cols: Sequence[str] | None = None) -> Callable[[Callable[..., Any]], IteratorFunction]: ...


def iterator(fn: Any = None, /, *, unstored_cols: Sequence[str] | None = None) -> Any:
    """Makes an iterator for `create_view(..., iterator=...)` of a generator function that is declared to return
    `Iterator[SomeTypedDict]`, or of a subclass of `pxt.PxtIterator[SomeTypedDict]`. It may be defined anywhere.

    Args:
        unstored_cols: columns that are not stored: whenever they are read, the class's `seek` makes them again.

    Raises:
        RequestError: INVALID_ARGUMENT or INVALID_TYPE for a missing or unsupported type hint, and for `unstored_cols` that it
            does not have, or without a `seek`.
    """
    if not isinstance(unstored_cols, list | tuple | None):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'unstored_cols is a list of names, not {unstored_cols!r:.80}.')
    declare = functools.partial(_declared, sys._getframe(1).f_locals, tuple(unstored_cols or ()))
    return declare if fn is None else declare(fn)


def _declared(namespace: Mapping[str, Any], unstored: tuple[str, ...], fn: Any) -> IteratorFunction:
    is_class = isinstance(fn, type) and issubclass(fn, PxtIterator)
    if not is_class and not inspect.isgeneratorfunction(fn) and not inspect.isfunction(fn):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'iterator() decorates a generator function or a subclass of pxt.PxtIterator, not {fn!r:.80}.',
        )
    name: str = fn.__name__
    raw = _of_class(fn) if is_class else fn
    declared = signature.of_callable(_without_result(fn, is_class), name, namespace=namespace, needs_result=False)
    made = IteratorFunction(
        raw, declared, Options(), fn.__module__, fn.__qualname__, new_identity(fn.__module__, fn.__qualname__)
    )
    made.overloads += [seeker(made, fn, column, number) for number, column in enumerate(unstored, 1)]
    if is_class:
        made.check, made.schema_rule = fn.validate, fn.conditional_output_schema
    described = _class_rows(fn) if is_class else _function_rows(fn, name, namespace)
    made.outputs = {} if described is None else columns_of(described, name, namespace)
    missing = [each for each in unstored if made.outputs and each not in made.outputs]
    if missing or (unstored and (not is_class or fn.seek is PxtIterator.seek)):
        what = (
            f'unstored_cols names {missing[0]!r}, which is no output'
            if missing
            else 'unstored_cols needs a class with seek()'
        )
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{name}(): {what}.')
    return made


def _of_class(cls: type[PxtIterator[Any]]) -> Callable[..., Iterator[Any]]:
    def rows(*args: Any, **kwargs: Any) -> Iterator[Any]:
        return iterate(cls, args, kwargs)

    rows.__doc__ = cls.__doc__
    return rows


def _without_result(fn: Any, is_class: bool) -> Callable[..., Any]:
    """A function with the parameters of an iterator, and no hint of a result: that of rows is no column type."""
    source = fn.__init__ if is_class else fn

    def declared() -> None: ...

    hints = {key: hint for key, hint in inspect.get_annotations(source).items() if key != 'return'}
    for key, hint in hints.items():
        if isinstance(hint, str):  # it is evaluated where it was written
            hints[key] = _evaluated(hint, source)
    declared.__annotations__ = hints
    parameters = list(inspect.signature(source).parameters.values())[1 if is_class else 0 :]
    declared.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return declared


def _evaluated(hint: str, source: Any) -> Any:
    try:
        return eval(hint, source.__globals__)
    except Exception:  # noqa: BLE001  a local name: it is evaluated with those, or refused, in user's words
        return hint


def _function_rows(fn: Any, name: str, namespace: Mapping[str, Any]) -> Any:
    """The TypedDict of `Iterator[TypedDict]`; None for `Iterator[dict]`, whose columns a rule gives."""
    hint = inspect.get_annotations(fn).get('return')
    if isinstance(hint, str):
        try:
            hint = eval(hint, fn.__globals__, dict(namespace))
        except Exception as error:
            raise RequestError(
                ErrorCode.INVALID_TYPE,
                f'{name}(): the type hint of its result, {hint!r}, cannot be evaluated: {error}.',
            ) from error
    rows = typing.get_args(hint)
    if not rows or not (typing.is_typeddict(rows[0]) or rows[0] is dict or typing.get_origin(rows[0]) is dict):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'{name}(): an iterator is declared to return Iterator[…] of a TypedDict with its columns, not {hint!r}.',
        )
    return rows[0] if typing.is_typeddict(rows[0]) else None


def _class_rows(cls: Any) -> Any:
    for base in getattr(cls, '__orig_bases__', ()):
        described = typing.get_args(base)
        if typing.get_origin(base) is PxtIterator and described and typing.is_typeddict(described[0]):
            return described[0]
    return None
