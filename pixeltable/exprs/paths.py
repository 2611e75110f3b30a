"""Json paths and array indexing: what `expr[...]` and `expr.name` build, and the types they have."""

from __future__ import annotations

import itertools
from typing import Any

from pixeltable.errors import ErrorCode, MissingAttributeError, RequestError, did_you_mean
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import AllItems, ArrayItem, JsonPath, Node, Slice
from pixeltable.types.column_type import (
    JSON,
    ArrayShape,
    ColumnType,
    JsonList,
    JsonObject,
    Kind,
)
from pixeltable.types.supertypes import common

Step = str | int | Slice | AllItems


def item(arg: Node, index: Any) -> Node:
    """`arg[index]`, for Json and Array expressions."""
    if arg.type.kind is Kind.JSON:
        return _json_item(arg, _step(index))
    if arg.type.kind is Kind.ARRAY:
        return _array_item(arg, index)
    raise RequestError(
        ErrorCode.INVALID_EXPRESSION,
        f'{display(arg)} is of type {arg.type}: only Json and Array expressions can be indexed with [{index!r}].',
    )


def _step(index: Any) -> Step:
    if isinstance(index, str) and index == '*':
        return AllItems()
    if isinstance(index, slice) and _is_valid(index):
        return Slice(index.start, index.stop, index.step)
    if isinstance(index, bool) or not isinstance(index, (str, int)):
        raise RequestError(
            ErrorCode.INVALID_EXPRESSION, f"a Json path takes a key, a position, a slice or '*', not {index!r}."
        )
    return index


def _is_valid(bounds: slice) -> bool:
    parts = (bounds.start, bounds.stop, bounds.step)
    return bounds.step != 0 and all(part is None or type(part) is int for part in parts)


def _json_item(arg: Node, step: Step) -> Node:
    spread = isinstance(arg, JsonPath) and _is_spread(arg.path, step)
    step_type = _spread_type(arg, step) if spread else _step_type(arg, arg.type, step)
    if isinstance(arg, JsonPath) and arg.type.kind is Kind.JSON:
        return JsonPath(step_type, arg.arg, (*arg.path, step))
    return JsonPath(step_type, arg, (step,))


def _is_spread(path: tuple[Step, ...], step: Step) -> bool:
    """Whether the step after `path` applies to each item: after `['*']`, and for a key after a slice."""
    return any(isinstance(part, AllItems) for part in path) or any(
        isinstance(part, Slice) and isinstance(after, str) for part, after in itertools.pairwise((*path, step))
    )


def _spread_type(arg: Node, step: Step) -> ColumnType:
    """A list with the step of each item, where the type of the items is known."""
    detail = arg.type.detail
    if not isinstance(detail, JsonList) or detail.head or detail.rest is None:
        return JSON.with_nullable(True)
    item = _step_type(arg, detail.rest, step).with_nullable(True)
    return ColumnType(Kind.JSON, True, JsonList((), item))


def _step_type(arg: Node, type_: ColumnType, step: Step) -> ColumnType:
    """The type one step below a value of `type_`; an untyped Json gives Json. A missing key or item is NULL."""
    if type_.kind is not Kind.JSON:
        raise _no_step(arg, type_, step)
    detail = type_.detail
    if isinstance(detail, JsonObject) and isinstance(step, str):
        fields = dict(detail.fields)
        if step not in fields:
            raise MissingAttributeError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{display(arg)} has no key {step!r}; its keys are {", ".join(fields)}.'
                + did_you_mean(step, list(fields)),
            )
        optional = step in detail.optional or type_.nullable
        return fields[step].with_nullable(fields[step].nullable or optional)
    if isinstance(detail, JsonList) and isinstance(step, int):
        if 0 <= step < len(detail.head):
            return detail.head[step].with_nullable(type_.nullable or detail.head[step].nullable)
        if detail.rest is not None:
            return detail.rest.with_nullable(True)
        if not -len(detail.head) <= step < len(detail.head):
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{display(arg)}: a value of type {type_} has {len(detail.head)} items, and no [{step}].',
            )
    if isinstance(detail, JsonList) and isinstance(step, (AllItems, Slice)):
        if isinstance(step, AllItems) and not detail.head:
            return type_
        item = common((*detail.head, *([] if detail.rest is None else [detail.rest])))
        return ColumnType(Kind.JSON, type_.nullable, None if item is None else JsonList((), item))
    if isinstance(detail, JsonList) and isinstance(step, str):
        raise _no_step(arg, type_, step)
    return JSON.with_nullable(True)


def _no_step(arg: Node, type_: ColumnType, step: Step) -> RequestError:
    hint = " Write [0] or ['*'] for its items first." if isinstance(type_.detail, JsonList) else ''
    message = f'{display(arg)}: a value of type {type_} has no {step!r}.{hint}'
    return MissingAttributeError(ErrorCode.UNSUPPORTED_OPERATION, message)


def _array_item(arg: Node, index: Any) -> Node:
    steps = index if isinstance(index, tuple) else (index,)
    for step in steps:
        is_position = isinstance(step, int) and not isinstance(step, bool)
        if not (step is Ellipsis or is_position or (isinstance(step, slice) and _is_valid(step))):
            raise RequestError(
                ErrorCode.INVALID_EXPRESSION, f'{display(arg)}: an array index takes ints and slices, not {step!r}.'
            )
    frozen = tuple(Slice(step.start, step.stop, step.step) if isinstance(step, slice) else step for step in steps)
    return ArrayItem(_item_type(arg, steps), arg, frozen)


def _item_type(arg: Node, steps: tuple[Any, ...]) -> ColumnType:
    """The type of the indexed array, with its static shape where the array's own is known."""
    array = arg.type.array
    if array.shape is None:
        return ColumnType(Kind.ARRAY, arg.type.nullable, ArrayShape(None, array.dtype))
    given = sum(1 for step in steps if step is not Ellipsis)
    if given > len(array.shape):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'{display(arg)} has {len(array.shape)} dimensions; {given} indices are too many.',
        )
    full: list[Any] = []
    for step in steps if Ellipsis in steps else (*steps, Ellipsis):
        full.extend([slice(None)] * (len(array.shape) - given) if step is Ellipsis else [step])
    for step, size in zip(full, array.shape, strict=True):
        if isinstance(step, int) and size is not None and not -size <= step < size:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'{display(arg)} is of type {arg.type}: there is no [{step}] among {size} items.',
            )
    shape = tuple(
        None if size is None else len(range(*step.indices(size)))
        for step, size in zip(full, array.shape, strict=True)
        if isinstance(step, slice)
    )
    if not shape:
        return _scalar_type(array.dtype).with_nullable(True)
    return ColumnType(Kind.ARRAY, arg.type.nullable, ArrayShape(shape, array.dtype))


def _scalar_type(dtype: str | None) -> ColumnType:
    if dtype is None:
        return JSON
    for prefix, kind in (('float', Kind.FLOAT), ('int', Kind.INT), ('uint', Kind.INT), ('bool', Kind.BOOL)):
        if dtype.startswith(prefix):
            return ColumnType(kind)
    return ColumnType(Kind.STRING)
