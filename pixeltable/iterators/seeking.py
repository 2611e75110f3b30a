"""Columns of an iterator that are not stored: functions that make the value of a row again, with the iterator's `seek`."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pixeltable.exprs.nodes import Call, Node
from pixeltable.types.column_type import JSON, ColumnType
from pixeltable.udf.declaration import Options
from pixeltable.udf.function import Function
from pixeltable.udf.signature import Parameter, ParameterKind, Signature

ROWS_AT_ONCE = 64
ROW = 'row_'
"""What begins the names of the arguments that say which row it is: a column may be called like an input."""

_PLAIN = (str, int, float, bool, type(None))


class Seeker(Function):
    """Takes the inputs of an iterator, and `pos` and the stored columns of a row; gives the row's value of one other column.

    It belongs to the declaration of the iterator, as one of its overloads: so it is stored and found with it.
    """

    column: str

    def caller(self, names: Sequence[str]) -> Callable[..., Any]:
        return lambda *values: self.raw(**dict(zip(names, values, strict=True)))


def seeker(iterator: Function, make: Callable[..., Any], column: str, number: int) -> Seeker:
    """The function for `column` of the rows of `iterator`, of which `make` is the class."""

    def values(**given: Sequence[Any]) -> list[Any]:
        found = []
        for inputs, places in _runs(given):
            with contextlib.closing(make(**inputs)) as source:
                for place in places:
                    source.seek(**place)
                    found.append(next(source)[column])
        return found

    # Each row has its image opened for itself, unread: only that of the first row of a run is used.
    values.takes_unread_images = True  # type: ignore[attr-defined]
    values.__doc__ = f'The column {column!r} of a row of {iterator.name}().'
    inputs = (dataclasses.replace(each, is_batched=True) for each in iterator.full_signature.parameters)
    rest = Parameter('row', None, is_batched=True, kind=ParameterKind.VAR_KEYWORD)
    made = Seeker(
        values,
        Signature((*inputs, rest), JSON.with_nullable(True), is_batched=True),
        Options(batch_size=ROWS_AT_ONCE, display_name=f'{iterator.name}.seek'),
        iterator.module,
        iterator.qualname,
        iterator.identity,
        overload_index=number,
        origin=iterator,
    )
    made.column = column
    return made


def _runs(given: Mapping[str, Sequence[Any]]) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The inputs of an iterator, and which of its rows are asked for, for each run of rows with the same inputs."""
    inputs: dict[str, Any] = {}
    places: list[dict[str, Any]] = []
    for values in zip(*given.values(), strict=True):
        row = dict(zip(given, values, strict=True))
        place = {name.removeprefix(ROW): row.pop(name) for name in given if name.startswith(ROW)}
        if places and not _are_same(inputs, row):
            yield inputs, places
            places = []
        inputs = row
        places.append(place)
    if places:
        yield inputs, places


def _are_same(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """Whether an iterator that was made for one may be used for the other; not to be told is no."""
    return all(_is_same(value, right[name]) for name, value in left.items())


def _is_same(left: Any, right: Any) -> bool:
    if left is right:
        return True
    reference = getattr(left, 'reference', None)  # of an image
    if reference is not None:
        return bool(reference == getattr(right, 'reference', None))
    return type(left) in _PLAIN and bool(left == right)


def seeking(call: Call, found: Function, type_: ColumnType, stored: Mapping[str, Node]) -> Call:
    """The value of a column in a row that `call` of an iterator made; `stored` are `pos` and the stored columns of the row."""
    names = (*call.names, *(f'{ROW}{name}' for name in stored))
    return Call(type_, found, found.key, names, (*call.args, *stored.values()))
