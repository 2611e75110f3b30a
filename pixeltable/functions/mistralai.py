"""Models of Mistral. Needs the extra `openai`, whose client speaks the same format, and `MISTRAL_API_KEY`.

What a call gives, images in messages, tools and errors are as in `pixeltable.functions.openai`; calls for one model share the
resource pool `mistralai:<model>`.
"""

from __future__ import annotations

from typing import Any

from pixeltable.functions._provider import openai_format, requests
from pixeltable.functions._provider.embedding import Vector, vector
from pixeltable.types.column_type import ColumnType
from pixeltable.udf.decorators import Batch, udf

MISTRALAI = openai_format.provider('mistralai', 'https://api.mistral.ai/v1', section='mistral')


@udf(is_deterministic=False, cache=True, resource_pool='mistralai:{model}')
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
    return await openai_format.chat(MISTRALAI, messages, model, model_kwargs)


@udf(is_deterministic=False, cache=True, resource_pool='mistralai:{model}')
async def fim_completions(prompt: str, *, model: str, model_kwargs: dict[str, Any] | None = None) -> dict[str, Any]:
    """What a model writes after `prompt`, and before the `suffix` of `model_kwargs`: the provider's answer as it came.

    Raises:
        ExternalServiceError: the provider failed.
    """
    return await requests.ask(MISTRALAI, '/fim/completions', {'prompt': prompt, 'model': model, **(model_kwargs or {})})


@udf(batch_size=16, cache=True, resource_pool='mistralai:{model}')
async def embeddings(input: Batch[str], *, model: str) -> Batch[Vector]:
    """Embeddings of texts: arrays of float32.

    Raises:
        ExternalServiceError: the provider failed.
    """
    return await openai_format.embed(MISTRALAI, input, model)


@embeddings.conditional_return_type
def _(model: str) -> ColumnType:
    return vector(1024 if model == 'mistral-embed' else None)
