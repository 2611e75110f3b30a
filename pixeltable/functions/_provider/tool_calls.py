"""The calls of tools that a model's answer asks for, as `udf.tools.invoke` wants them: `{'tool': [{'args': {...}}]}`."""

from __future__ import annotations

import json
from typing import Any

from pixeltable.udf.decorators import udf


@udf
def of_openai(answer: dict[str, Any]) -> dict[str, Any]:
    """Those of a chat completion or a response in OpenAI's format; arguments are JSON text there."""
    messages = [choice.get('message') for choice in _items(answer, 'choices')]
    calls = [call.get('function') or {} for message in messages for call in _items(message, 'tool_calls')]
    calls += [item for item in _items(answer, 'output') if item.get('type') == 'function_call']
    return _grouped([(call.get('name'), call.get('arguments')) for call in calls])


@udf
def of_anthropic(answer: dict[str, Any]) -> dict[str, Any]:
    """Those of a message of Anthropic's."""
    blocks = [block for block in _items(answer, 'content') if block.get('type') == 'tool_use']
    return _grouped([(block.get('name'), block.get('input')) for block in blocks])


@udf
def of_gemini(answer: dict[str, Any]) -> dict[str, Any]:
    """Those of an answer of Gemini's."""
    parts = [part for candidate in _items(answer, 'candidates') for part in _items(candidate.get('content'), 'parts')]
    calls = [part.get('function_call') or {} for part in parts]
    return _grouped([(call.get('name'), call.get('args')) for call in calls if call])


@udf
def of_bedrock(answer: dict[str, Any]) -> dict[str, Any]:
    """Those of an answer of Bedrock's."""
    message = (answer.get('output') or {}).get('message')
    calls = [block['toolUse'] for block in _items(message, 'content') if isinstance(block.get('toolUse'), dict)]
    return _grouped([(call.get('name'), call.get('input')) for call in calls])


def _items(holder: Any, key: str) -> list[dict[str, Any]]:
    """The objects of a list inside an object; none where a part is missing."""
    found = holder.get(key) if isinstance(holder, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _grouped(calls: list[tuple[Any, Any]]) -> dict[str, Any]:
    found: dict[str, list[dict[str, Any]]] = {}
    for name, arguments in calls:
        args = json.loads(arguments) if isinstance(arguments, str) else arguments
        found.setdefault(str(name), []).append({'args': args or {}})
    return found
