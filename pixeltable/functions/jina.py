"""Embeddings and rankings of Jina AI. Needs `JINA_API_KEY`, or `api_key` in section `[jina]`.

Calls for one model share the resource pool `jina:<model>`; the tokens and the cost of each are recorded.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from pixeltable.functions._provider import http, openai_format, requests
from pixeltable.functions._provider.embedding import Vector, vector
from pixeltable.functions._provider.options import given
from pixeltable.functions._provider.ranking import ranked
from pixeltable.types.column_type import ColumnType
from pixeltable.udf.decorators import Batch, udf

JINA = http.provider('jina', 'https://api.jina.ai/v1')

DIMENSIONS = {
    'jina-clip-v1': 768,
    'jina-clip-v2': 1024,
    'jina-code-embeddings-0.5b': 896,
    'jina-code-embeddings-1.5b': 1536,
    'jina-embeddings-v2-base-code': 768,
    'jina-embeddings-v2-base-de': 768,
    'jina-embeddings-v2-base-en': 768,
    'jina-embeddings-v2-base-es': 768,
    'jina-embeddings-v2-base-zh': 768,
    'jina-embeddings-v3': 1024,
    'jina-embeddings-v4': 2048,
}
"""The lengths of embeddings, unless `dimensions` asks for another."""


class JinaRerankResult(TypedDict):
    index: int
    relevance_score: float
    document: NotRequired[str]


class JinaRerankResponse(TypedDict):
    """The documents, the most relevant first, and how many tokens were used."""

    results: list[JinaRerankResult]
    usage: dict[str, Any]


@udf(batch_size=128, cache=True, resource_pool='jina:{model}')
async def embeddings(
    input: Batch[str],
    *,
    model: str,
    task: Literal['retrieval.query', 'retrieval.passage', 'separation', 'classification', 'text-matching']
    | None = None,
    dimensions: int | None = None,
    late_chunking: bool | None = None,
) -> Batch[Vector]:
    """Embeddings of texts: arrays of float32.

        t.add_embedding_index('text', string_embed=jina.embeddings.using(model='jina-embeddings-v3'))

    Args:
        input: the texts.
        model: the model.
        task: what the embeddings are for.
        dimensions: how many numbers, if the model lets one choose.
        late_chunking: whether the texts of a call are parts of one document, which all of it tells something about.

    Raises:
        ExternalServiceError: the provider failed.
    """
    options = given(task=task, dimensions=dimensions, late_chunking=late_chunking)
    answer = await requests.ask(JINA, '/embeddings', {'input': list(input), 'model': model, **options})
    return openai_format.vectors(JINA, answer, len(input))


@embeddings.conditional_return_type
def _(model: str, dimensions: int | None = None) -> ColumnType:
    return vector(dimensions or DIMENSIONS.get(model))


@udf(cache=True, resource_pool='jina:{model}')
async def rerank(
    query: str,
    documents: list[str],
    *,
    model: str,
    top_n: int | None = None,
    return_documents: bool | None = None,
) -> JinaRerankResponse:
    """Which documents say most about a query, as in `t.ranked.results[0].index`.

    Args:
        query: the query.
        documents: the documents.
        model: the model.
        top_n: how many of them are given; all if None.
        return_documents: False for results without their documents.

    Raises:
        ExternalServiceError: the provider failed.
    """
    options = given(top_n=top_n, return_documents=return_documents)
    answer = await requests.ask(JINA, '/rerank', {'query': query, 'documents': documents, 'model': model, **options})
    results = ranked(JINA, answer, 'results', documents)
    if return_documents is not False:
        results = [{**each, 'document': documents[each['index']]} for each in results]
    return {'results': results, 'usage': dict(answer.get('usage') or {})}  # type: ignore[typeddict-item]
