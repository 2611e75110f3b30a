"""Models of an Ollama server, at `OLLAMA_HOST` or `host` in section `[ollama]`. Needs the extra `ollama`.

Answers are those of the server as Json. Images may stand in messages: `{'role': 'user', 'content': '...', 'images': [t.photo]}`.
"""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import numpy as np

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._provider.embedding import Vector
from pixeltable.functions._provider.errors import unreadable
from pixeltable.functions._provider.images import base64_of, is_image
from pixeltable.functions._provider.provider import Connection, Provider
from pixeltable.udf.decorators import Batch, udf


def _client(package: ModuleType, connection: Connection) -> Any:
    return package.AsyncClient(host=connection.base_url, timeout=connection.timeout)


OLLAMA = Provider('ollama', 'ollama', 'ollama', 'ollama', _client, needs_key=False, place='host')


@udf(is_deterministic=False, cache=True)
async def generate(
    prompt: str,
    *,
    model: str,
    suffix: str = '',
    system: str = '',
    template: str = '',
    context: list[int] | None = None,
    raw: bool = False,
    format: str | None = None,
    options: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """What a model writes after a prompt, as in `t.answer.response`.

    Args:
        prompt: the prompt.
        model: the model.
        suffix: what comes after that which is written.
        system: a system message.
        template: a template in place of the model's.
        context: the `context` of an earlier answer.
        raw: whether the prompt is given to the model as it is.
        format: `'json'`, or a JSON Schema as text.
        options: parameters of the model, such as `{'temperature': 0}`.

    Raises:
        ExternalServiceError: the server failed or cannot be reached.
    """
    given = {'suffix': suffix, 'system': system, 'template': template, 'context': context, 'options': options}
    form = _format(format)
    answer = await OLLAMA.call(
        lambda client: client.generate(model=model, prompt=prompt, raw=raw, format=form, **given)
    )
    return _answer(model, answer)


@udf(is_deterministic=False, cache=True)
async def chat(
    messages: list[dict[str, Any]],
    *,
    model: str,
    tools: list[dict[str, Any]] | None = None,
    format: str | None = None,
    options: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The next message of a chat, as in `t.answer.message.content`.

    Raises:
        ExternalServiceError: the server failed or cannot be reached.
    """
    sent = [_with_images(message) for message in messages]
    form = _format(format)
    described = [tool if 'type' in tool else {'type': 'function', 'function': tool} for tool in tools or ()]
    answer = await OLLAMA.call(
        lambda client: client.chat(model=model, messages=sent, tools=described or None, format=form, options=options)
    )
    return _answer(model, answer)


@udf(batch_size=16, cache=True)
async def embed(
    input: Batch[str],
    *,
    model: str,
    truncate: bool = True,
    options: dict[str, Any] | None = None,
) -> Batch[Vector]:
    """Embeddings of texts: arrays of float32.

    Raises:
        ExternalServiceError: the server failed or cannot be reached.
    """
    answer = await OLLAMA.call(
        lambda client: client.embed(model=model, input=list(input), truncate=truncate, options=options)
    )
    OLLAMA.used(model, answer.prompt_eval_count, 0, dollars=0.0)
    if len(answer.embeddings) != len(input):
        raise unreadable(OLLAMA.name, f'it holds {len(answer.embeddings)} embeddings for {len(input)} inputs')
    return [np.asarray(vector, dtype=np.float32) for vector in answer.embeddings]


def _answer(model: str, answer: Any) -> dict[str, Any]:
    OLLAMA.used(model, answer.prompt_eval_count, answer.eval_count, dollars=0.0)
    found: dict[str, Any] = answer.model_dump(mode='json', exclude_none=True)
    return found


def _format(format: str | None) -> Any:
    if not format or not format.lstrip().startswith('{'):
        return format
    try:
        return json.loads(format)
    except ValueError as error:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'format is no JSON Schema as text: {error}.') from error


def _with_images(message: dict[str, Any]) -> dict[str, Any]:
    images = message.get('images')
    if not isinstance(images, list):
        return message
    return {**message, 'images': [base64_of(image)[1] if is_image(image) else image for image in images]}
