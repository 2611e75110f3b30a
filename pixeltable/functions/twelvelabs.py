"""Embeddings of texts, images, sounds and films by TwelveLabs' Marengo models, which can be compared with each other.

Needs `TWELVELABS_API_KEY`, or `api_key` in section `[twelvelabs]`. All calls share the resource pool `twelvelabs`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from pixeltable.functions._provider import http, requests
from pixeltable.functions._provider.embedding import Vector, vector
from pixeltable.functions._provider.errors import unreadable
from pixeltable.functions._provider.images import base64_of
from pixeltable.functions._provider.options import given
from pixeltable.functions._provider.waiting import failed, finished, place
from pixeltable.types.column_type import ColumnType
from pixeltable.types.spelling import Audio, Image, Video
from pixeltable.udf.decorators import udf

TWELVELABS = http.provider('twelvelabs', 'https://api.twelvelabs.io/v1.3', header='x-api-key', scheme='')

_DIMENSIONS = 512
_JOINT = 'marengo3.5'
"""From this model on, texts and images come in one form, which may hold both."""


@udf(cache=True, resource_pool='twelvelabs')
async def embed(text: str, image: Image | None = None, *, model_name: str) -> Vector | None:
    """The embedding of a text, a text with an image, an image, a sound or a film: an array of 512 float32.

        t.add_embedding_index('clip', embedding=twelvelabs.embed.using(model_name='marengo3.0'))

    A sound or a film has one embedding for all of it, or for the part from `start_sec` to `end_sec`. It is that of the first of
    `embedding_option`, which are `'visual'` (of films only), `'audio'` and `'transcription'`. NULL if there is none, as for the
    speech in a silent film.

    Raises:
        ExternalServiceError: the provider failed, or did not finish in ten minutes.
    """
    return await _at_once(model_name, text, image)


@embed.overload
async def _(image: Image, *, model_name: str) -> Vector | None:
    return await _at_once(model_name, None, image)


@embed.overload
async def _(
    audio: Audio,
    *,
    model_name: str,
    start_sec: float | None = None,
    end_sec: float | None = None,
    embedding_option: list[Literal['audio', 'transcription']] | None = None,
) -> Vector | None:
    return await _in_time(
        'audio', audio, model_name, given(start_sec=start_sec, end_sec=end_sec), embedding_option or ['audio']
    )


@embed.overload
async def _(
    video: Video,
    *,
    model_name: str,
    start_sec: float | None = None,
    end_sec: float | None = None,
    embedding_option: list[Literal['visual', 'audio', 'transcription']] | None = None,
) -> Vector | None:
    return await _in_time(
        'video', video, model_name, given(start_sec=start_sec, end_sec=end_sec), embedding_option or ['visual']
    )


@embed.conditional_return_type
def _(model_name: str) -> ColumnType:
    return vector(_DIMENSIONS).with_nullable(True)


async def _at_once(model: str, text: str | None, image: Any) -> Any:
    source = None if image is None else {'base64_string': (await asyncio.to_thread(base64_of, image))[1]}
    if model >= _JOINT:
        kind = 'multi_input'
        content = given(input_text=text, media_sources=source and [{'media_type': 'image', **source}])
    else:
        kind = 'text' if source is None else 'image' if text is None else 'text_image'
        content = given(input_text=text, media_source=source)
    answer = await requests.ask(TWELVELABS, '/embed-v2', {'input_type': kind, 'model_name': model, kind: content})
    return _found(answer, None)


async def _in_time(kind: str, path: str, model: str, part: dict[str, Any], options: Sequence[str]) -> Any:
    """By a task, as films may be long: first the file is sent, then the embedding asked for."""
    content = await asyncio.to_thread(Path(path).read_bytes)
    files = [('file', (os.path.basename(path), content))]
    sent = await requests.ask(TWELVELABS, '/assets', {'method': 'direct'}, files)
    asset = place(TWELVELABS.name, sent, '_id')
    await _ready(f'/assets/{asset}')
    asked = {
        'media_source': {'asset_id': asset},
        'embedding_option': list(options),
        'embedding_scope': ['asset'],
        **part,
    }
    task = await requests.ask(TWELVELABS, '/embed-v2/tasks', {'input_type': kind, 'model_name': model, kind: asked})
    return _found(await _ready(f'/embed-v2/tasks/{place(TWELVELABS.name, task, "_id")}'), options[0])


async def _ready(path: str) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        found = await requests.ask(TWELVELABS, path)
        if found.get('status') == 'failed':
            raise failed(TWELVELABS.name, found.get('error') or 'it does not say why')
        return found if found.get('status') == 'ready' else None

    return await finished(TWELVELABS.name, look)


def _found(answer: Mapping[str, Any], option: str | None) -> Any:
    try:
        given = [each['embedding'] for each in answer['data'] if option in (None, each.get('embedding_option'))]
        return np.asarray(given[0], dtype=np.float32) if given else None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise unreadable(TWELVELABS.name, f'its embeddings are damaged ({type(error).__name__}: {error})') from error
