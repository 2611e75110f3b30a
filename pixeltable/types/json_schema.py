"""Column types as JSON Schema, for tools and services: how a value of the type looks in JSON."""

from __future__ import annotations

from typing import Any

from pixeltable.types.column_type import ArrayShape, ColumnType, JsonList, JsonObject, Kind

_SIMPLE: dict[Kind, dict[str, Any]] = {
    Kind.STRING: {'type': 'string'},
    Kind.INT: {'type': 'integer'},
    Kind.FLOAT: {'type': 'number'},
    Kind.BOOL: {'type': 'boolean'},
    Kind.TIMESTAMP: {'type': 'string', 'format': 'date-time'},
    Kind.DATE: {'type': 'string', 'format': 'date'},
    Kind.UUID: {'type': 'string', 'format': 'uuid'},
    Kind.BINARY: {'type': 'string', 'format': 'binary'},
    Kind.IMAGE: {'type': 'string', 'format': 'uri'},
    Kind.VIDEO: {'type': 'string', 'format': 'uri'},
    Kind.AUDIO: {'type': 'string', 'format': 'uri'},
    Kind.DOCUMENT: {'type': 'string', 'format': 'uri'},
}
_NUMBERS = {'float': 'number', 'int': 'integer', 'uint': 'integer', 'bool': 'boolean', 'str': 'string'}


def json_schema(type_: ColumnType) -> dict[str, Any]:
    """The JSON Schema of a type; of a nullable one, it allows null."""
    schema = _of_kind(type_)
    return {'anyOf': [schema, {'type': 'null'}]} if type_.nullable and schema else schema


def _of_kind(type_: ColumnType) -> dict[str, Any]:
    match type_.detail:
        case JsonObject(fields, optional):
            return {
                'type': 'object',
                'properties': {name: json_schema(field) for name, field in fields},
                'required': [name for name, _ in fields if name not in optional],
            }
        case JsonList(head, rest):
            return _of_list(head, rest)
    if type_.kind is Kind.ARRAY:
        return _of_array(type_.array)
    return dict(_SIMPLE.get(type_.kind, {}))


def _of_list(head: tuple[ColumnType, ...], rest: ColumnType | None) -> dict[str, Any]:
    if not head and rest is not None:
        return {'type': 'array', 'items': json_schema(rest)}
    schema: dict[str, Any] = {'type': 'array', 'prefixItems': [json_schema(item) for item in head]}
    schema |= {'items': False if rest is None else json_schema(rest), 'minItems': len(head)}
    return schema


def _of_array(array: ArrayShape) -> dict[str, Any]:
    """Nested lists, one for each dimension."""
    name = (array.dtype or '').rstrip('0123456789')
    schema: dict[str, Any] = {'type': _NUMBERS[name]} if name in _NUMBERS else {}
    if array.shape is None:
        return {'type': 'array'}
    for size in reversed(array.shape):
        bounds = {} if size is None else {'minItems': size, 'maxItems': size}
        schema = {'type': 'array', 'items': schema, **bounds}
    return schema


def of_models(value: Any) -> Any:
    """`value` with the schemas of the Pydantic models in it: so a request says of which form its answer shall be."""
    if isinstance(value, dict):
        return {key: of_models(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [of_models(item) for item in value]
    schema = getattr(value, 'model_json_schema', None) if isinstance(value, type) else None
    return value if schema is None else schema()
