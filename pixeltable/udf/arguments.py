"""Turns what a user passes to a function into nodes that its parameters accept.

The types are checked here once, when the call is written; evaluation does not check them again, except where an untyped Json
value meets a scalar parameter: that is a cast, which can fail for a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pixeltable.errors import Error, ErrorCode, RequestError, did_you_mean
from pixeltable.exprs import build
from pixeltable.exprs.display import display
from pixeltable.exprs.expr import is_expression
from pixeltable.exprs.nodes import Cast, Literal, Node
from pixeltable.types.column_type import ArrayShape, ColumnType, ImageShape, JsonList, JsonObject, Kind
from pixeltable.udf.signature import VARIADIC, Parameter, Signature

_WIDENING = {Kind.BOOL: 0, Kind.INT: 1, Kind.FLOAT: 2}
_FROM_JSON = frozenset({Kind.STRING, Kind.INT, Kind.FLOAT, Kind.BOOL})
_ELEMENTS = {Kind.INT: (int, float), Kind.FLOAT: (int, float), Kind.BOOL: (bool,), Kind.STRING: (str,)}
_FROM_TEXT = frozenset({Kind.TIMESTAMP, Kind.DATE, Kind.UUID})


def argument(function: str, parameter: Parameter, value: Any) -> Node:
    """`value` as a node that `parameter` accepts. Raises INVALID_ARGUMENT or TYPE_MISMATCH, naming both."""
    where = f'{function}(): parameter {parameter.name!r}'
    try:
        node = build.node(value)
    except Error as error:
        raise RequestError(error.error_code, f'{where}: {error.message}') from error
    if parameter.type is None:
        return node
    if isinstance(node, Literal):
        _check_choice(where, parameter, node.value)
        return _constant(where, parameter.type, node)
    if node.type.kind is Kind.JSON and parameter.type.kind in _FROM_JSON:
        return Cast(parameter.type.with_nullable(node.type.nullable), node, implied=True)
    if not accepts(parameter.type, node.type):
        raise RequestError(
            ErrorCode.TYPE_MISMATCH,
            f'{where} is of type {parameter.type}; {display(node)} is of type {node.type}.',
        )
    if node.type.kind is Kind.ARRAY and parameter.type.array.dtype not in (None, node.type.array.dtype):
        return Cast(parameter.type.with_nullable(node.type.nullable), node, implied=True)
    return node


def images_for_one(signature: Signature, given: Mapping[str, Any]) -> str | None:
    """The name of a parameter for one image that is given a list of images, such as the frames of a film; None if none is."""
    for name, value in given.items():
        wanted = signature.find(name).type
        takes_one = wanted is not None and wanted.kind is Kind.IMAGE
        if takes_one and is_expression(value) and value.__pxt_node__.type.is_images:
            return name
    return None


def constants(function: str, signature: Signature, given: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Constants for some parameters, in declared order. Raises as `argument` does, and for expressions."""
    named = [p.name for p in signature.parameters if p.kind not in VARIADIC]
    unknown = next((name for name in given if name not in named), None)
    if unknown is not None:
        hint = did_you_mean(unknown, named)
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'{function}() has no parameter {unknown!r}.{hint} It takes {", ".join(named)}.'
        )
    fixed = []
    for name in (name for name in named if name in given):
        node = argument(function, signature.find(name), given[name])
        if not isinstance(node, Literal):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'{function}(): {name!r} must be a constant, not {display(node)}.'
            )
        wanted = signature.find(name).type
        if node.value is None and wanted is not None and not wanted.nullable:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'{function}(): {name!r} is of type {wanted} and cannot be None: each result would be None.',
            )
        fixed.append((name, node.value))
    return fixed


def accepts(wanted: ColumnType, given: ColumnType) -> bool:
    """True if a value of type `given` may be passed where `wanted` is declared; NULL in gives NULL, so it does not matter."""
    if wanted.kind is Kind.JSON:
        return _is_json(wanted, given)
    if given.kind is Kind.JSON:
        return wanted.kind in _FROM_JSON
    if wanted.kind in _WIDENING and given.kind in _WIDENING:
        return _WIDENING[given.kind] <= _WIDENING[wanted.kind]
    return wanted.kind is given.kind and _details_fit(wanted, given)


def _is_json(wanted: ColumnType, given: ColumnType) -> bool:
    """A text is no list of messages, and neither is one message."""
    if not isinstance(wanted.detail, JsonList | JsonObject):
        return given.kind is Kind.JSON or given.kind in _FROM_JSON
    return given.kind is Kind.JSON and (given.detail is None or type(given.detail) is type(wanted.detail))


def _details_fit(wanted: ColumnType, given: ColumnType) -> bool:
    """False only where both types are definite and differ; the rest shows when a value is there."""
    match wanted.detail, given.detail:
        case ArrayShape(shape, dtype), ArrayShape(other_shape, other_dtype):
            if dtype is not None and other_dtype is not None and (dtype == 'str') != (other_dtype == 'str'):
                return False
            if shape is None or other_shape is None:
                return True
            return len(shape) == len(other_shape) and all(
                size is None or other is None or size == other for size, other in zip(shape, other_shape, strict=True)
            )
        case ImageShape(size, mode), ImageShape(other_size, other_mode):
            return (None in (size, other_size) or size == other_size) and (
                None in (mode, other_mode) or mode == other_mode
            )
        case _:
            return True


def _check_choice(where: str, parameter: Parameter, value: Any) -> None:
    if parameter.choices is None or value is None or value in parameter.choices:
        return
    names = [each for each in parameter.choices if isinstance(each, str)]
    close = did_you_mean(value, names) if isinstance(value, str) else ''
    raise RequestError(
        ErrorCode.INVALID_ARGUMENT,
        f'{where} is one of {", ".join(map(repr, parameter.choices))}, not {value!r}.{close}',
    )


def _constant(where: str, wanted: ColumnType, node: Literal) -> Literal:
    """A constant in the form that the function is to receive."""
    value = node.value
    if value is None:
        return build.literal(None, wanted)
    if wanted.kind is Kind.FLOAT and isinstance(value, (bool, int)):
        return build.literal(float(value))
    if wanted.kind in _FROM_TEXT and isinstance(value, str):
        return build.literal(_read_text(where, wanted, value))
    if wanted.kind is Kind.ARRAY and isinstance(value, (list, tuple)):
        node = _array(where, wanted, value)
    if wanted.kind is Kind.JSON and node.type.kind in _FROM_JSON:
        _check_numbers(where, wanted, [value])
        _check_elements(where, wanted, value)
    if (node.type.kind is Kind.JSON and wanted.kind is not Kind.JSON) or not accepts(wanted, node.type):
        raise RequestError(
            ErrorCode.TYPE_MISMATCH, f'{where} is of type {wanted}; {display(node)} is of type {node.type}.'
        )
    _check_numbers(where, wanted, value)
    _check_elements(where, wanted, value)
    return node


def check_batch(function: str, signature: Signature, nodes: Mapping[str, Node]) -> None:
    """Raises INVALID_ARGUMENT for an expression where a whole batch is given one value."""
    for name, node in nodes.items():
        if not signature.find(name).is_batched and not isinstance(node, Literal):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'{function}(): parameter {name!r} is the same for a whole batch, so it takes a constant, no expression.',
            )


def _check_numbers(where: str, wanted: ColumnType, value: Any) -> None:
    """A size, a point or a box has so many numbers; whether they are whole is left to the function."""
    if not isinstance(wanted.detail, JsonList) or wanted.detail.rest is not None:
        return
    kinds = [each.kind for each in wanted.detail.head]
    if not kinds or any(kind not in _WIDENING for kind in kinds):
        return
    if len(value) != len(kinds) or not all(isinstance(each, (int, float)) for each in value):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{where} takes {len(kinds)} numbers, not {value!r}.')


def _check_elements(where: str, wanted: ColumnType, value: Any) -> None:
    """A list of numbers, or of texts, has no others in it."""
    if not isinstance(wanted.detail, JsonList) or wanted.detail.head or wanted.detail.rest is None:
        return
    found = _ELEMENTS.get(wanted.detail.rest.kind)
    if found is None or (
        isinstance(value, (list, tuple)) and all(each is None or isinstance(each, found) for each in value)
    ):
        return
    raise RequestError(ErrorCode.TYPE_MISMATCH, f'{where} is of type {wanted}, which {value!r:.80} is not.')


def _read_text(where: str, wanted: ColumnType, value: str) -> Any:
    try:
        return build.adapted(value, wanted)
    except Error as error:
        raise RequestError(ErrorCode.TYPE_MISMATCH, f'{where}: {value!r} is no {wanted.kind}.') from error


def _array(where: str, wanted: ColumnType, value: Any) -> Literal:
    import numpy as np

    dtype = wanted.array.dtype
    try:
        return build.literal(np.asarray(value, dtype=None if dtype in (None, 'str') else dtype))
    except (ValueError, TypeError, OverflowError) as error:
        raise RequestError(ErrorCode.TYPE_MISMATCH, f'{where}: {value!r} is no {wanted}: {error}.') from error
