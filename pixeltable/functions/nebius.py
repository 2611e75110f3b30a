"""Models at Nebius. Needs the extra `openai`, whose client speaks the same format, and `NEBIUS_API_KEY`.

What a call gives, images in messages, tools and errors are as in `pixeltable.functions.openai`; calls for one model share the
resource pool `nebius:<model>`.
"""

from __future__ import annotations

from typing import Any

from pixeltable.functions._provider import openai_format
from pixeltable.functions._provider.embedding import Vector, vector
from pixeltable.types.column_type import ColumnType
from pixeltable.udf.decorators import Batch, udf

NEBIUS = openai_format.provider('nebius', 'https://api.tokenfactory.nebius.com/v1')


@udf(is_deterministic=False, cache=True, resource_pool='nebius:{model}')
async def chat_completions(
    messages: list[dict[str, Any]],
    *,
    model: str,
    model_kwargs: dict[str, Any] | None = None,
    tools: list[dict[str, Any]] | None = None,
    tool_choice: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A chat completion: the provider's answer as it came, as in `t.answer.choices[0].message.content`.

    Raises:
        ExternalServiceError: the provider failed.
    """
    return await openai_format.chat(NEBIUS, messages, model, model_kwargs, tools, tool_choice)


DIMENSIONS = {'Qwen/Qwen3-Embedding-8B': 4096}
"""The lengths of embeddings, unless `dimensions` asks for another."""


@udf(batch_size=32, cache=True, resource_pool='nebius:{model}')
async def embeddings(input: Batch[str], *, model: str, model_kwargs: dict[str, Any] | None = None) -> Batch[Vector]:
    """Embeddings of texts: arrays of float32.

    Raises:
        ExternalServiceError: the provider failed.
    """
    return await openai_format.embed(NEBIUS, input, model, model_kwargs)


@embeddings.conditional_return_type
def _(model: str, model_kwargs: dict[str, Any] | None = None) -> ColumnType:
    return vector((model_kwargs or {}).get('dimensions') or DIMENSIONS.get(model))
