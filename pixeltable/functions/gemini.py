"""Google's Gemini models. Needs the extra `gemini` and `GEMINI_API_KEY`, or `api_key` in section `[gemini]`.

Calls for one model share the resource pool `gemini:<model>`; the tokens and the cost of each are recorded.
"""

from __future__ import annotations

import asyncio
import io
import mimetypes
import urllib.parse
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from pixeltable._support.optional import require
from pixeltable.exprs.expr import Expr
from pixeltable.functions._provider import tool_calls
from pixeltable.functions._provider.embedding import Vector, vector
from pixeltable.functions._provider.errors import unreadable
from pixeltable.functions._provider.images import encoded, is_image
from pixeltable.functions._provider.provider import Connection, Provider
from pixeltable.types.column_type import ColumnType
from pixeltable.types.spelling import Audio, Document, Image, Json, Video
from pixeltable.udf import tools as tool_functions
from pixeltable.udf.decorators import Batch, udf
from pixeltable.udf.tools import Tools

DIMENSIONS = {'text-embedding-004': 768, 'embedding-001': 768}
"""The lengths of embeddings, where they are not 3072, unless `output_dimensionality` asks for another."""


class _Client:
    """The official client, with a `close`; its own has none."""

    def __init__(self, package: ModuleType, connection: Connection) -> None:
        options = {'base_url': connection.base_url, 'timeout': connection.timeout and int(connection.timeout * 1000)}
        given = {name: value for name, value in options.items() if value is not None}
        self._client = package.Client(api_key=connection.api_key, http_options=given or None)
        self.models = self._client.aio.models

    async def close(self) -> None:
        held = getattr(self._client._api_client, '_async_httpx_client', None)
        if held is not None:
            await held.aclose()


GEMINI = Provider('gemini', 'gemini', 'google.genai', 'gemini', _Client)


@udf(is_deterministic=False, resource_pool='gemini:{model}')
async def generate_content(
    contents: Json,
    *,
    model: str,
    config: dict[str, Any] | None = None,
    tools: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """What a model answers: the provider's answer, as in `t.answer.candidates[0].content.parts[0].text`.

    Args:
        contents: a text, or a list of texts, images, sounds and films.
        model: the model.
        config: parameters of the API, such as `{'temperature': 0, 'response_mime_type': 'application/json'}`.
        tools: what `pxt.tools` gives.

    Raises:
        ExternalServiceError: the provider failed.
    """
    given = dict(config or {})
    if tools is not None:
        given['tools'] = [{'function_declarations': [_declaration(tool) for tool in tools]}]
    sent = await asyncio.to_thread(_parts, contents)
    answer = await _asked(
        model, lambda client: client.models.generate_content(model=model, contents=sent, config=given or None)
    )
    found: dict[str, Any] = answer.model_dump(mode='json', exclude_none=True, exclude={'sdk_http_response'})
    if not found.keys() & {'candidates', 'prompt_feedback'}:
        raise unreadable(GEMINI.name, 'it has no candidates')
    return found


def invoke_tools(tools: Tools, response: Expr) -> Expr:
    """The results of the calls that an answer asks for: for each tool a list, NULL if it was not called.

    Raises:
        RequestError: INVALID_ARGUMENT if `response` is no expression.
    """
    return tool_functions.invoke(tools, tool_calls.of_gemini(response))


@udf(is_deterministic=False, resource_pool='gemini:{model}')
async def generate_images(prompt: str, *, model: str, config: dict[str, Any] | None = None) -> Image:
    """An image that a text describes.

    Raises:
        ExternalServiceError: the provider failed.
    """
    from PIL import Image as pictures  # noqa: N813  `Image` is the type here

    answer = await _asked(
        model, lambda client: client.models.generate_images(model=model, prompt=prompt, config=config)
    )
    try:
        image: Any = pictures.open(io.BytesIO(answer.generated_images[0].image.image_bytes))
        image.load()
    except (AttributeError, IndexError, TypeError, OSError) as error:
        raise unreadable(GEMINI.name, f'it has no image ({type(error).__name__}: {error})') from error
    return image


@udf(is_deterministic=False, resource_pool='gemini:{model}')
async def transcribe(audio: Audio, *, model: str, prompt: str, config: dict[str, Any] | None = None) -> str:
    """What a model hears in a recording, as the prompt asks for it.

    Raises:
        ExternalServiceError: the provider failed.
    """
    sent = [prompt, await asyncio.to_thread(_file, audio)]
    answer = await _asked(
        model, lambda client: client.models.generate_content(model=model, contents=sent, config=config)
    )
    return answer.text or ''


@udf(batch_size=4, cache=True, resource_pool='gemini:{model}')
async def embed_content(contents: Batch[str], *, model: str, config: dict[str, Any] | None = None) -> Batch[Vector]:
    """Embeddings of texts, images, sounds, films or documents: arrays of float32, 3072 numbers unless the model or
    `output_dimensionality` in `config` says otherwise.

    Raises:
        ExternalServiceError: the provider failed.
    """
    return await _embedded([{'text': text} for text in contents], model, config)


@embed_content.overload
async def _(contents: Batch[Image], *, model: str, config: dict[str, Any] | None = None) -> Batch[Vector]:
    return await _embedded([await asyncio.to_thread(_image, image) for image in contents], model, config)


@embed_content.overload
async def _(contents: Batch[Audio], *, model: str, config: dict[str, Any] | None = None) -> Batch[Vector]:
    return await _embedded([await asyncio.to_thread(_file, path) for path in contents], model, config)


@embed_content.overload
async def _(contents: Batch[Video], *, model: str, config: dict[str, Any] | None = None) -> Batch[Vector]:
    return await _embedded([await asyncio.to_thread(_file, path) for path in contents], model, config)


@embed_content.overload
async def _(contents: Batch[Document], *, model: str, config: dict[str, Any] | None = None) -> Batch[Vector]:
    return await _embedded([await asyncio.to_thread(_file, path) for path in contents], model, config)


@embed_content.conditional_return_type
def _(model: str, config: dict[str, Any] | None = None) -> ColumnType:
    return vector((config or {}).get('output_dimensionality') or DIMENSIONS.get(model, 3072))


async def _embedded(parts: list[dict[str, Any]], model: str, config: dict[str, Any] | None) -> list[Any]:
    sent = [{'parts': [part]} for part in parts]
    answer = await _asked(model, lambda client: client.models.embed_content(model=model, contents=sent, config=config))
    found = [np.asarray(each.values, dtype=np.float32) for each in answer.embeddings or ()]
    if len(found) != len(parts):
        raise unreadable(GEMINI.name, f'it holds {len(found)} embeddings for {len(parts)} inputs')
    return found


async def _asked(model: str, request: Callable[[Any], Awaitable[Any]]) -> Any:
    answer = await GEMINI.call(request)
    usage = getattr(answer, 'usage_metadata', None)
    thoughts = getattr(usage, 'thoughts_token_count', None) or 0
    received = (getattr(usage, 'candidates_token_count', None) or 0) + thoughts
    GEMINI.used(model, getattr(usage, 'prompt_token_count', None), received)
    return answer


def _parts(contents: Any) -> Any:
    """Contents with media as the client takes them. In lists, references stand for images, sounds and films."""
    if is_image(contents) and not isinstance(contents, str):
        return _part(_image(contents))
    if isinstance(contents, list | tuple):
        return [_listed(item) for item in contents]
    if isinstance(contents, Mapping):
        return {name: _parts(item) for name, item in contents.items()}
    return contents


def _listed(item: Any) -> Any:
    if not isinstance(item, str):
        return _parts(item)
    kind = (mimetypes.guess_type(item)[0] or '').partition('/')[0] if item.startswith('file:') else ''
    if kind not in ('image', 'audio', 'video'):
        return item
    if kind == 'image':
        return _part(_image(item))
    return _part(_file(urllib.request.url2pathname(urllib.parse.urlsplit(item).path)))


def _part(described: dict[str, Any]) -> Any:
    return require('google.genai.types', 'gemini').Part.model_validate(described)


def _image(image: Any) -> dict[str, Any]:
    media_type, content = encoded(image)
    return {'inline_data': {'mime_type': media_type, 'data': content}}


def _file(path: str) -> dict[str, Any]:
    media_type = mimetypes.guess_type(path)[0] or 'application/octet-stream'
    return {'inline_data': {'mime_type': media_type, 'data': Path(path).read_bytes()}}


def _declaration(tool: Mapping[str, Any]) -> dict[str, Any]:
    return {**tool, 'parameters': _schema(tool['parameters'])} if 'parameters' in tool else dict(tool)


def _schema(schema: Any) -> Any:
    """JSON Schema as the API takes it: without the words that it does not know."""
    if isinstance(schema, list):
        return [_schema(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {name: _schema(value) for name, value in schema.items() if name not in ('additionalProperties', '$schema')}
