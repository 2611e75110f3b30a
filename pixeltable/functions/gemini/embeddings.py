"""Embeddings of texts and media."""

from __future__ import annotations

from typing import Any

import numpy as np

from pixeltable.functions._provider.embedding import Vector, vector
from pixeltable.functions._provider.errors import unreadable
from pixeltable.functions.gemini.contents import file_part, image_part
from pixeltable.functions.gemini.provider import GEMINI, asked
from pixeltable.types.column_type import ColumnType
from pixeltable.types.spelling import Audio, Document, Image, Video
from pixeltable.udf.decorators import Batch, udf

DIMENSIONS = {'text-embedding-004': 768, 'embedding-001': 768}
"""The lengths of embeddings, where they are not 3072, unless `output_dimensionality` asks for another."""


@udf(batch_size=4, cache=True, resource_pool='gemini:{model}')
async def embed_content(contents: Batch[str], *, model: str, config: dict[str, Any] | None = None) -> Batch[Vector]:
    """Embeddings of texts, images, sounds, films or documents: arrays of float32, 3072 numbers unless the model or
    `output_dimensionality` in `config` says otherwise.

        t.add_embedding_index('text', string_embed=gemini.embed_content.using(model='gemini-embedding-001'))

    Raises:
        ExternalServiceError: the provider failed.
    """
    return await _embedded([{'text': text} for text in contents], model, config)


@embed_content.overload
async def _(contents: Batch[Image], *, model: str, config: dict[str, Any] | None = None) -> Batch[Vector]:
    return await _embedded([await image_part(image) for image in contents], model, config)


@embed_content.overload
async def _(contents: Batch[Audio], *, model: str, config: dict[str, Any] | None = None) -> Batch[Vector]:
    return await _embedded([await file_part(path) for path in contents], model, config)


@embed_content.overload
async def _(contents: Batch[Video], *, model: str, config: dict[str, Any] | None = None) -> Batch[Vector]:
    return await _embedded([await file_part(path) for path in contents], model, config)


@embed_content.overload
async def _(contents: Batch[Document], *, model: str, config: dict[str, Any] | None = None) -> Batch[Vector]:
    return await _embedded([await file_part(path) for path in contents], model, config)


@embed_content.conditional_return_type
def _(model: str, config: dict[str, Any] | None = None) -> ColumnType:
    return vector((config or {}).get('output_dimensionality') or DIMENSIONS.get(model, 3072))


async def _embedded(parts: list[dict[str, Any]], model: str, config: dict[str, Any] | None) -> list[Any]:
    sent = [{'parts': [part]} for part in parts]
    answer = await asked(model, lambda client: client.models.embed_content(model=model, contents=sent, config=config))
    found = [np.asarray(each.values, dtype=np.float32) for each in answer.embeddings or ()]
    if len(found) != len(parts):
        raise unreadable(GEMINI.name, f'it holds {len(found)} embeddings for {len(parts)} inputs')
    return found
