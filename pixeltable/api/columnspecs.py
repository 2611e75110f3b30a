"""Schemas as users write them: `{'name': pxt.String, 'score': {'type': pxt.Float | None, 'comment': '…'}, 'twice': expr}`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pixeltable.api.mediaspecs import media_spec
from pixeltable.api.names import check_column_name
from pixeltable.catalog.records import ColumnRecord
from pixeltable.errors import ErrorCode, RequestError, did_you_mean
from pixeltable.exprs import build
from pixeltable.exprs.nodes import Node
from pixeltable.types.column_type import ColumnType
from pixeltable.types.spelling import parse

KEYS = (
    'type',
    'value',
    'primary_key',
    'stored',
    'media_validation',
    'destination',
    'format',
    'quality',
    'pin',
    'custom_metadata',
    'comment',
)


@dataclass(frozen=True, slots=True)
class ColumnSpecs:
    """The columns of a schema: plain ones as records without ids, computed ones as expressions; `options` has records with
    what else was said of the computed ones."""

    plain: dict[str, ColumnRecord]
    computed: dict[str, Node]
    primary_key: tuple[str, ...]
    options: dict[str, ColumnRecord]

    @staticmethod
    def parse(schema: Mapping[str, Any]) -> ColumnSpecs:
        """Raises INVALID_ARGUMENT, INVALID_COLUMN_NAME, INVALID_SCHEMA or INVALID_TYPE for a malformed schema."""
        from pixeltable.api.table import RESERVED

        if not isinstance(schema, Mapping) or not schema:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f"a schema is a dict such as {{'title': pxt.String}}, not {schema!r}."
            )
        plain: dict[str, ColumnRecord] = {}
        computed: dict[str, Node] = {}
        keys: list[str] = []
        options: dict[str, ColumnRecord] = {}
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
                    options[name] = record
                else:
                    plain[name] = record
                if spec.get('primary_key'):
                    keys.append(name)
            else:
                plain[name] = ColumnRecord(0, name, parse(spec, what=f'column {name!r}'))
        return ColumnSpecs(plain, computed, tuple(keys), options)


def _from_mapping(name: str, spec: Mapping[str, Any]) -> tuple[ColumnRecord, Node | None]:
    for key in spec:
        if key not in KEYS:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'column {name!r}: unknown key {key!r}.{did_you_mean(str(key), list(KEYS))} Keys: {", ".join(KEYS)}.',
            )
    if 'type' in spec and 'value' in spec:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f"column {name!r}: give either 'type' or 'value', not both.")
    if 'type' not in spec and 'value' not in spec:
        raise RequestError(ErrorCode.MISSING_REQUIRED, f"column {name!r}: give a 'type' or a 'value'.")
    value = build.node(spec['value']) if 'value' in spec else None
    type_ = parse(spec['type'], what=f'column {name!r}') if value is None else value.type
    return ColumnRecord(0, name, type_, **options_of(name, spec, computed=value is not None, type_=type_)), value


def options_of(name: str, spec: Mapping[str, Any], *, computed: bool, type_: ColumnType) -> dict[str, Any]:
    """What a column's record keeps of its options.

    Raises TYPE_MISMATCH or INVALID_ARGUMENT for a value of the wrong kind, UNSUPPORTED_OPERATION for an option that such a column
    cannot have.
    """
    comment, metadata, stored = spec.get('comment') or '', spec.get('custom_metadata'), spec.get('stored')
    check_notes(comment, metadata, f'column {name!r}: ')
    for key in ('stored', 'primary_key'):
        if not isinstance(spec.get(key), bool | None):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'column {name!r}: {key} is True or False, not {spec[key]!r}.'
            )
    if stored is False and not computed:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'column {name!r}: only a computed column takes stored=False; leave it out.',
        )
    return {
        'stored': stored is not False,
        'comment': comment,
        'custom_metadata': metadata,
        'media': media_spec(name, spec, computed=computed, type_=type_),
    }


def check_nullable(column: ColumnRecord) -> None:
    """Raises INVALID_ARGUMENT for a plain column of a view that is not nullable."""
    if not column.type.nullable:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'additional_columns: column {column.name!r} gets no values when the view is created: declare it as '
            f'pxt.{column.type} | None, or give an expression.',
        )


def check_notes(comment: Any, custom_metadata: Any, of: str = '') -> None:
    """Raises INVALID_ARGUMENT for a comment that is no text, and for metadata that JSON cannot hold."""
    if not isinstance(comment, str | None):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{of}comment is a string or None, not {comment!r:.80}.')
    try:
        json.dumps(custom_metadata, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{of}custom_metadata must be JSON-able: {error}.') from error
