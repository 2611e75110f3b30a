"""Embeddings of texts and images."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._provider.embedding import Vector, vector
from pixeltable.functions._provider.errors import unreadable
from pixeltable.functions._provider.images import base64_of
from pixeltable.functions._provider.options import given
from pixeltable.functions.bedrock.models import invoked
from pixeltable.functions.bedrock.provider import BEDROCK
from pixeltable.types.column_type import ColumnType
from pixeltable.types.spelling import Image
from pixeltable.udf.decorators import udf

_Picture = tuple[str, str]  # the media type and the base64 text


def _titan_text(text: str | None, _: _Picture | None, dimensions: int | None) -> dict[str, Any]:
    return {'inputText': text, **given(dimensions=dimensions)}


def _titan_image(text: str | None, picture: _Picture | None, dimensions: int | None) -> dict[str, Any]:
    size = dimensions and {'outputEmbeddingLength': dimensions}
    return given(inputText=text, inputImage=picture and picture[1], embeddingConfig=size)


def _nova(text: str | None, picture: _Picture | None, dimensions: int | None) -> dict[str, Any]:
    content: dict[str, Any] = {'text': {'truncationMode': 'END', 'value': text}}
    if picture is not None:
        content = {'image': {'format': picture[0].rpartition('/')[2], 'source': {'bytes': picture[1]}}}
    wanted = {'embeddingPurpose': 'GENERIC_INDEX', **given(embeddingDimension=dimensions)}
    return {'taskType': 'SINGLE_EMBEDDING', 'singleEmbeddingParams': {**wanted, **content}}


def _cohere(text: str | None, picture: _Picture | None, dimensions: int | None) -> dict[str, Any]:
    asked: dict[str, Any] = {'embedding_types': ['float'], **given(output_dimension=dimensions)}
    if picture is None:
        return {'texts': [text], 'input_type': 'search_document', **asked}
    return {'images': [f'data:{picture[0]};base64,{picture[1]}'], 'input_type': 'image', **asked}


@dataclass(frozen=True)
class _Family:
    """Models of one format: how a request is written, where the embedding is, and how long unless one asks for another length."""

    body: Callable[[str | None, _Picture | None, int | None], dict[str, Any]]
    path: tuple[str | int, ...]
    length: int
    takes_images: bool = True


_FAMILIES = {
    'titan-embed-text-v1': _Family(_titan_text, ('embedding',), 1536, takes_images=False),
    'titan-embed-text-v2': _Family(_titan_text, ('embedding',), 1024, takes_images=False),
    'titan-embed-image': _Family(_titan_image, ('embedding',), 1024),
    'nova-2-multimodal-embeddings': _Family(_nova, ('embeddings', 0, 'embedding'), 3072),
    'cohere.embed-v4': _Family(_cohere, ('embeddings', 'float', 0), 1536),
    'cohere.embed': _Family(_cohere, ('embeddings', 'float', 0), 1024),
}


@udf(cache=True, resource_pool='bedrock:{model_id}')
async def embed(text: str, *, model_id: str, dimensions: int | None = None) -> Vector:
    """The embedding of a text or an image by a model of Titan, Nova or Cohere: an array of float32.

        t.add_embedding_index('text', string_embed=bedrock.embed.using(model_id='amazon.titan-embed-text-v2:0'))

    Args:
        text: the text, or with the name `image` an image.
        model_id: the model, or an inference profile.
        dimensions: how many numbers, if the model lets one choose.

    Raises:
        ExternalServiceError: the provider failed.
        AuthorizationError: MISSING_CREDENTIALS.
        RequestError: INVALID_ARGUMENT for a model of another family, and for an image that a model of texts is given.
    """
    return await _embedded(text, None, model_id, dimensions)


@embed.overload
async def _(image: Image, *, model_id: str, dimensions: int | None = None) -> Vector:
    if not _family(model_id).takes_images:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'embed(): {model_id!r} embeds texts, no images.')
    return await _embedded(None, await asyncio.to_thread(base64_of, image), model_id, dimensions)


@embed.conditional_return_type
def _(model_id: str, dimensions: int | None = None) -> ColumnType:
    return vector(dimensions or _family(model_id).length)


def _family(model_id: str) -> _Family:
    found = next((family for name, family in _FAMILIES.items() if name in model_id), None)
    if found is None:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'embed(): the format of {model_id!r} is not known, only those of {", ".join(_FAMILIES)}; see invoke_model().',
        )
    return found


async def _embedded(text: str | None, picture: _Picture | None, model_id: str, dimensions: int | None) -> Any:
    family = _family(model_id)
    answer: Any = await invoked(model_id, family.body(text, picture, dimensions))
    try:
        for step in family.path:
            answer = answer[step]
        return np.asarray(answer, dtype=np.float32)
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise unreadable(BEDROCK.name, f'its embeddings are damaged ({type(error).__name__}: {error})') from error
