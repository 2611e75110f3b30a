"""Schemas as users write them: `{'name': pxt.String, 'score': {'type': pxt.Float | None, 'comment': '…'}, 'twice': expr}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pixeltable.catalog.records import ColumnRecord
from pixeltable.errors import ErrorCode, RequestError, did_you_mean
from pixeltable.exprs import build
from pixeltable.exprs.nodes import Node
from pixeltable.types.spelling import parse

KEYS = ('type', 'value', 'primary_key', 'stored', 'media_validation', 'destination', 'custom_metadata', 'comment')


@dataclass(frozen=True, slots=True)
class ColumnSpecs:
    """The columns of a schema: plain ones as records without ids, computed ones as expressions."""

    plain: dict[str, ColumnRecord]
    computed: dict[str, Node]
    primary_key: tuple[str, ...]

    @staticmethod
    def parse(schema: Mapping[str, Any]) -> ColumnSpecs:
        """Raises INVALID_ARGUMENT, INVALID_COLUMN_NAME, INVALID_SCHEMA or INVALID_TYPE for a malformed schema."""
        from pixeltable.api.names import check_column_name
        from pixeltable.api.table import RESERVED

        if not isinstance(schema, Mapping) or not schema:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f"a schema is a dict such as {{'title': pxt.String}}, not {schema!r}."
            )
        plain: dict[str, ColumnRecord] = {}
        computed: dict[str, Node] = {}
        keys: list[str] = []
        folded: dict[str, str] = {}
        for name, spec in schema.items():
            check_column_name(name, RESERVED)
            if name.lower() in folded:
                raise RequestError(
                    ErrorCode.INVALID_SCHEMA, f'{folded[name.lower()]!r} and {name!r} differ only by case; rename one.'
                )
            folded[name.lower()] = name
            if build.holds_expression(spec) and not isinstance(spec, Mapping):
                computed[name] = build.node(spec)
            elif isinstance(spec, Mapping):
                record, value = _from_mapping(name, spec)
                if value is not None:
                    computed[name] = value
                else:
                    plain[name] = record
                if spec.get('primary_key'):
                    keys.append(name)
            else:
                plain[name] = ColumnRecord(0, name, parse(spec, what=f'column {name!r}'))
        return ColumnSpecs(plain, computed, tuple(keys))


def _from_mapping(name: str, spec: Mapping[str, Any]) -> tuple[ColumnRecord, Node | None]:
    for key in spec:
        if key not in KEYS:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'column {name!r}: unknown key {key!r}.{did_you_mean(str(key), list(KEYS))} Keys: {", ".join(KEYS)}.',
            )
    if 'type' in spec and 'value' in spec:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f"column {name!r}: give either 'type' or 'value', not both.")
    if 'value' in spec:
        return ColumnRecord(0, name, build.node(spec['value']).type), build.node(spec['value'])
    if 'type' not in spec:
        raise RequestError(ErrorCode.MISSING_REQUIRED, f"column {name!r}: give a 'type' or a 'value'.")
    type_ = parse(spec['type'], what=f'column {name!r}')
    comment, metadata = spec.get('comment', ''), spec.get('custom_metadata')
    return ColumnRecord(0, name, type_, comment=comment, custom_metadata=metadata), None
