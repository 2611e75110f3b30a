"""Conditions for some groups of a query, so that it does no more for them than it must."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import tzinfo

import pyarrow as pa

from pixeltable.exprs.build import operation
from pixeltable.exprs.choices import is_in
from pixeltable.exprs.nodes import Node
from pixeltable.plan.query import Output, QuerySpec
from pixeltable.types.arrow import decode
from pixeltable.types.column_type import Kind

_PLAIN = (Kind.INT, Kind.STRING, Kind.BOOL, Kind.DATE, Kind.TIMESTAMP)
_VALUES = 100
"""A condition with more values than this costs more than it spares."""


def in_groups(spec: QuerySpec, keys: Iterable[Output], groups: pa.Table, zone: tzinfo) -> QuerySpec:
    """The query over no more rows than those of `groups` and a few others: each key has one of the values that it has there."""
    conditions = [found for key in keys if (found := _condition(key.node, groups.column(key.name), zone)) is not None]
    return replace(spec, predicates=(*spec.predicates, *conditions))


def _condition(key: Node, values: pa.ChunkedArray, zone: tzinfo) -> Node | None:
    if key.type.kind not in _PLAIN:
        return None
    different = values.unique()
    if len(different) > _VALUES:
        return None
    known = [value for value in decode(different, key.type, zone) if value is not None]
    within = is_in(key, known)
    return operation('or', within, operation('is_null', key)) if different.null_count else within
