"""Structured output: the forms in which providers take a JSON Schema, which may be that of a Pydantic model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard


def is_schema(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether it is a JSON Schema of objects, and not yet a provider's form around one."""
    return isinstance(value, Mapping) and value.get('type') == 'object'


def named(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema with a name, as OpenAI takes it: to be kept strictly."""
    return {'name': str(schema.get('title', 'answer')), 'schema': strict(schema), 'strict': True}


def strict(schema: Any) -> Any:
    """A schema as providers that keep it strictly want it: without defaults, with no more and no fewer keys than named."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    found: dict[str, Any] = {}
    for word, value in schema.items():
        if word in ('properties', '$defs'):
            found[word] = {name: strict(each) for name, each in value.items()}
        elif word != 'default':
            found[word] = strict(value)
    if 'properties' in found:
        found |= {'additionalProperties': False, 'required': list(found['properties'])}
    return found
