"""Models at Together. Needs the extra `openai`, whose client speaks the same format, and `TOGETHER_API_KEY`.

What a call gives, images in messages, tools and errors are as in `pixeltable.functions.openai`; calls for one model share the
resource pool `together:chat:<model>`, `together:embeddings:<model>` or `together:images:<model>`.
"""

from __future__ import annotations

from typing import Any

from pixeltable.functions._provider import openai_format, requests
from pixeltable.functions._provider.embedding import Vector, vector
from pixeltable.functions._provider.received import received_images
from pixeltable.types.column_type import ColumnType
from pixeltable.types.spelling import Image
from pixeltable.udf.decorators import Batch, udf

TOGETHER = openai_format.provider('together', 'https://api.together.xyz/v1')


@udf(is_deterministic=False, cache=True, resource_pool='together:chat:{model}')
async def completions(prompt: str, *, model: str, model_kwargs: dict[str, Any] | None = None) -> dict[str, Any]:
    """What a model writes after `prompt`: the provider's answer as it came, as in `t.answer.choices[0].text`.

    Raises:
        ExternalServiceError: the provider failed.
    """
    return await requests.ask(TOGETHER, '/completions', {'prompt': prompt, 'model': model, **(model_kwargs or {})})


@udf(is_deterministic=False, cache=True, resource_pool='together:chat:{model}')
async def chat_completions(
    messages: list[dict[str, Any]],
    *,
    model: str,
    model_kwargs: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A chat completion: the provider's answer as it came, as in `t.answer.choices[0].message.content`.

    Raises:
        ExternalServiceError: the provider failed.
    """
    return await openai_format.chat(TOGETHER, messages, model, model_kwargs)


DIMENSIONS = {
    'togethercomputer/m2-bert-80M-2k-retrieval': 768,
    'togethercomputer/m2-bert-80M-8k-retrieval': 768,
    'togethercomputer/m2-bert-80M-32k-retrieval': 768,
    'WhereIsAI/UAE-Large-V1': 1024,
    'BAAI/bge-large-en-v1.5': 1024,
    'BAAI/bge-base-en-v1.5': 768,
    'sentence-transformers/msmarco-bert-base-dot-v5': 768,
    'bert-base-uncased': 768,
}
"""The lengths of embeddings."""


@udf(batch_size=32, cache=True, resource_pool='together:embeddings:{model}')
async def embeddings(input: Batch[str], *, model: str) -> Batch[Vector]:
    """Embeddings of texts: arrays of float32.

    Raises:
        ExternalServiceError: the provider failed.
    """
    return await openai_format.embed(TOGETHER, input, model)


@embeddings.conditional_return_type
def _(model: str) -> ColumnType:
    return vector(DIMENSIONS.get(model))


@udf(is_deterministic=False, cache=True, resource_pool='together:images:{model}')
async def image_generations(prompt: str, *, model: str, model_kwargs: dict[str, Any] | None = None) -> Image:
    """An image that a text describes.

    Raises:
        ExternalServiceError: the provider failed.
    """
    body = {'prompt': prompt, 'model': model, 'response_format': 'base64', **(model_kwargs or {})}
    answer = await requests.ask(TOGETHER, '/images/generations', body)
    images: list[Any] = await received_images(TOGETHER.name, answer)
    return images[0]
