"""The type of a call of a function, which its arguments may decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pixeltable.errors import Error, ErrorCode, RequestError
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Literal, Node
from pixeltable.types import spelling
from pixeltable.types.column_type import ColumnType
from pixeltable.udf import calling

if TYPE_CHECKING:
    from pixeltable.udf.function import Function


def of_call(function: Function, nodes: Mapping[str, Node]) -> ColumnType:
    """What the `conditional_return_type` rule says if it has what it asks for, else the declared type.

    A nullable argument for a parameter that is not makes it nullable.
    """
    result = _conditional(function, nodes) or function.full_signature.result
    for name, node in nodes.items():
        wanted = function.signature.find(name).type
        if node.type.nullable and wanted is not None and not wanted.nullable:
            return result.with_nullable(True)
    return result


def _conditional(function: Function, nodes: Mapping[str, Node]) -> ColumnType | None:
    if function.return_rule is None:
        return None
    given = {name: Expr(node) for name, node in nodes.items()}
    try:
        return spelling.from_hint(calling.apply_rule(function.return_rule, known(function, nodes), given))
    except Error:
        raise
    except Exception as error:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'{function.name}(): its result type cannot be determined: {error}.'
        ) from error


def known(function: Function, nodes: Mapping[str, Node]) -> dict[str, Any]:
    """The values that are the same for all rows: defaults, bound constants and constant arguments. For images and other media, of
    which no value is known, it is the type."""
    unset = (p for p in function.full_signature.parameters if p.has_default and p.name not in nodes)
    constants = {name: node.value for name, node in nodes.items() if isinstance(node, Literal)}
    media = {name: node.type for name, node in nodes.items() if node.type.is_media}
    return {p.name: p.default for p in unset} | dict(function.bound) | constants | media
