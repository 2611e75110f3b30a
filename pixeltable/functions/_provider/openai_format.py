"""The wire format of OpenAI, which many providers speak. Requests go out by the official client, and answers stay as they are."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from pixeltable.functions._provider import requests, schemas
from pixeltable.functions._provider.errors import unreadable
from pixeltable.functions._provider.images import data_url, is_image, local_path
from pixeltable.functions._provider.media import kind_of
from pixeltable.functions._provider.options import given
from pixeltable.functions._provider.provider import Connection, Provider


def provider(name: str, base_url: str | None = None, section: str | None = None) -> Provider:
    """A provider that speaks OpenAI's format, at `base_url` unless the configuration says another place."""
    return Provider(name, section or name, 'openai', 'openai', client, base_url)


def client(package: ModuleType, connection: Connection) -> Any:
    """The official client, without its own retries."""
    options = given(timeout=connection.timeout)
    made = package.AsyncOpenAI(api_key=connection.api_key, base_url=connection.base_url, max_retries=0, **options)
    return requests.OfPackage(made, 'openai')


async def chat(
    provider: Provider,
    messages: Sequence[Any],
    model: str,
    model_kwargs: Mapping[str, Any] | None = None,
    tools: Sequence[Mapping[str, Any]] | None = None,
    tool_choice: Mapping[str, Any] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """A chat completion: the answer as it came."""
    body = {'messages': with_media(messages), 'model': model, **(model_kwargs or {})}
    if schemas.is_schema(shape := body.get('response_format')):
        body['response_format'] = {'type': 'json_schema', 'json_schema': schemas.named(shape)}
    if tools is not None:
        body['tools'] = [_tool(tool) for tool in tools]
    if tool_choice is not None:
        body |= choice(tool_choice, lambda name: {'type': 'function', 'function': {'name': name}})
    answer = await requests.ask(provider, '/chat/completions', body, **options)
    requests.check(provider, answer, 'choices')
    return answer


async def embed(
    provider: Provider,
    input: Sequence[str],
    model: str,
    model_kwargs: Mapping[str, Any] | None = None,
    **options: Any,
) -> list[Any]:
    """The embeddings of texts, in their order."""
    body = {'input': list(input), 'model': model, 'encoding_format': 'float', **(model_kwargs or {})}
    answer = await requests.ask(provider, '/embeddings', body, **options)
    return vectors(provider, answer, len(input))


def vectors(provider: Provider, answer: Mapping[str, Any], count: int) -> list[Any]:
    """The embeddings of an answer, in the order of `index`."""
    try:
        data = sorted(answer['data'], key=lambda item: int(item.get('index', 0)))
        found = [np.asarray(item['embedding'], dtype=np.float32) for item in data]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise unreadable(provider.name, f'its embeddings are damaged ({type(error).__name__}: {error})') from error
    if len(found) != count:
        raise unreadable(provider.name, f'it holds {len(found)} embeddings for {count} inputs')
    return found


def choice(tool_choice: Mapping[str, Any] | str, named: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What a choice of tools is in a request; `named` says how one tool is named there."""
    if isinstance(tool_choice, str) or not tool_choice.keys() & {'auto', 'required', 'tool'}:
        return {'tool_choice': tool_choice}  # in the provider's own form
    tool = tool_choice.get('tool')
    wanted: Any = named(tool) if tool else 'required' if tool_choice.get('required') else 'auto'
    serial = {} if tool_choice.get('parallel_tool_calls', True) else {'parallel_tool_calls': False}
    return {'tool_choice': wanted, **serial}


def with_media(value: Any, key: str = '') -> Any:
    """Messages with images as `data:` URLs and sounds in base64. `{'image_url': image}` and `{'input_audio': sound}` of a chat
    may leave out the object around them."""
    if isinstance(value, Mapping):
        found = {name: with_media(item, name) for name, item in value.items()}
        if value.get('type') == 'image_url' and isinstance(found.get('image_url'), str):
            found['image_url'] = {'url': found['image_url']}
        if value.get('type') == 'input_audio':
            found['input_audio'] = _sound(found.get('input_audio'))
        return found
    if isinstance(value, list | tuple):
        return [with_media(item) for item in value]
    is_reference = isinstance(value, str) and key not in ('image_url', 'url', 'image')  # text that looks like one
    return data_url(value) if is_image(value) and not is_reference else value


def _sound(given: Any) -> Any:
    described = given if isinstance(given, Mapping) else {'data': given}
    reference = described.get('data')
    if not isinstance(reference, str) or kind_of(reference) != 'audio':
        return given
    path = Path(local_path(reference))
    content = base64.b64encode(path.read_bytes()).decode('ascii')
    return {'format': path.suffix[1:].lower(), **described, 'data': content}


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    return dict(tool) if 'type' in tool else {'type': 'function', 'function': dict(tool)}


def said(provider: Provider, answer: Mapping[str, Any]) -> str:
    """The text of a chat completion."""
    try:
        text = answer['choices'][0]['message']['content']
    except (IndexError, KeyError, TypeError) as error:
        raise unreadable(provider.name, 'it has no message') from error
    return str(text or '')
