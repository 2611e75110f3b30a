"""Embeddings and rankings of Voyage AI. Needs `VOYAGE_API_KEY`, or `api_key` in section `[voyage]`.

Calls for one model share the resource pool `voyageai:<model>`; the tokens and the cost of each are recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Literal, TypedDict

from pixeltable.functions._provider import http, openai_format, requests
from pixeltable.functions._provider.embedding import Vector, Vector1024, vector
from pixeltable.functions._provider.images import data_url
from pixeltable.functions._provider.media import file_url
from pixeltable.functions._provider.options import given
from pixeltable.functions._provider.ranking import ranked
from pixeltable.types.column_type import ColumnType
from pixeltable.types.spelling import Image, Video
from pixeltable.udf.decorators import Batch, udf

VOYAGEAI = http.provider('voyageai', 'https://api.voyageai.com/v1', section='voyage')

DIMENSIONS = {'voyage-3-lite': 512, 'voyage-code-2': 1536, 'voyage-large-2': 1536}
"""The lengths of embeddings, where they are not 1024, unless `output_dimension` asks for another."""

InputType = Literal['query', 'document']


class VoyageRerankResult(TypedDict):
    index: int
    document: str | None
    relevance_score: float


class VoyageRerankResponse(TypedDict):
    """The documents, the most relevant first, and how many tokens were used."""

    results: list[VoyageRerankResult]
    total_tokens: int


@udf(batch_size=128, cache=True, resource_pool='voyageai:{model}')
async def embeddings(
    input: Batch[str],
    *,
    model: str,
    input_type: InputType | None = None,
    truncation: bool | None = None,
    output_dimension: int | None = None,
    output_dtype: Literal['float', 'int8', 'uint8', 'binary', 'ubinary'] | None = None,
) -> Batch[Vector]:
    """Embeddings of texts: arrays of float32.

        t.add_embedding_index('text', string_embed=voyageai.embeddings.using(model='voyage-3.5', input_type='document'))

    Args:
        input: the texts.
        model: the model.
        input_type: whether they are searched, or searched for.
        truncation: False for an error where a text is too long.
        output_dimension: how many numbers, if the model lets one choose.
        output_dtype: what the numbers are; those of `'binary'` and `'ubinary'` hold eight dimensions each.

    Raises:
        ExternalServiceError: the provider failed.
    """
    options = given(
        input_type=input_type, truncation=truncation, output_dimension=output_dimension, output_dtype=output_dtype
    )
    answer = await requests.ask(VOYAGEAI, '/embeddings', {'input': list(input), 'model': model, **options})
    return openai_format.vectors(VOYAGEAI, answer, len(input))


@embeddings.conditional_return_type
def _(model: str, output_dimension: int | None = None, output_dtype: str | None = None) -> ColumnType:
    dimensions = output_dimension or DIMENSIONS.get(model, 1024)
    return vector(dimensions // 8 if output_dtype in ('binary', 'ubinary') else dimensions)


@udf(cache=True, resource_pool='voyageai:{model}')
async def rerank(
    query: str, documents: list[str], *, model: str, top_k: int | None = None, truncation: bool = True
) -> VoyageRerankResponse:
    """Which documents say most about a query, as in `t.ranked.results[0].document`.

    Args:
        query: the query.
        documents: the documents.
        model: the model.
        top_k: how many of them are given; all if None.
        truncation: False for an error where a text is too long.

    Raises:
        ExternalServiceError: the provider failed.
    """
    body = {'query': query, 'documents': documents, 'model': model, 'truncation': truncation}
    answer = await requests.ask(VOYAGEAI, '/rerank', {**body, **given(top_k=top_k)})
    results = [{**each, 'document': documents[each['index']]} for each in ranked(VOYAGEAI, answer, 'data', documents)]
    tokens = (answer.get('usage') or {}).get('total_tokens')
    return {'results': results, 'total_tokens': int(tokens or 0)}  # type: ignore[typeddict-item]


@udf(batch_size=4, cache=True, resource_pool='voyageai:{model}')
async def multimodal_embed(
    text: Batch[str], *, model: str, input_type: InputType | None = None, truncation: bool = True
) -> Batch[Vector1024]:
    """Embeddings of texts, images or films, which can be compared with each other: arrays of 1024 float32.

        t.add_embedding_index('img', embedding=voyageai.multimodal_embed.using(model='voyage-multimodal-3'))

    Raises:
        ExternalServiceError: the provider failed.
    """
    return await _embedded([{'type': 'text', 'text': each} for each in text], model, input_type, truncation)


@multimodal_embed.overload
async def _(
    image: Batch[Image], *, model: str, input_type: InputType | None = None, truncation: bool = True
) -> Batch[Vector1024]:
    parts = [{'type': 'image_base64', 'image_base64': await asyncio.to_thread(data_url, each)} for each in image]
    return await _embedded(parts, model, input_type, truncation)


@multimodal_embed.overload
async def _(
    video: Batch[Video], *, model: str, input_type: InputType | None = None, truncation: bool = True
) -> Batch[Vector1024]:
    parts = [{'type': 'video_base64', 'video_base64': await asyncio.to_thread(file_url, each)} for each in video]
    return await _embedded(parts, model, input_type, truncation)


async def _embedded(parts: Sequence[dict[str, Any]], model: str, input_type: str | None, truncation: bool) -> list[Any]:
    body = {'inputs': [{'content': [part]} for part in parts], 'model': model, 'truncation': truncation}
    answer = await requests.ask(VOYAGEAI, '/multimodalembeddings', {**body, **given(input_type=input_type)})
    return openai_format.vectors(VOYAGEAI, answer, len(parts))
