"""Models of DeepSeek. Needs the extra `openai`, whose client speaks the same format, and `DEEPSEEK_API_KEY`.

What a call gives, images in messages, tools and errors are as in `pixeltable.functions.openai`; calls for one model share the
resource pool `deepseek:<model>`.
"""

from __future__ import annotations

from typing import Any

from pixeltable.functions._provider import openai_format
from pixeltable.udf.decorators import udf

DEEPSEEK = openai_format.provider('deepseek', 'https://api.deepseek.com')


@udf(is_deterministic=False, cache=True, resource_pool='deepseek:{model}')
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
    return await openai_format.chat(DEEPSEEK, messages, model, model_kwargs, tools, tool_choice)
