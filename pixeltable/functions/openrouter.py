"""Models of many providers, by way of OpenRouter. Needs the extra `openai`, whose client it takes, and `OPENROUTER_API_KEY`.

What a call gives, images in messages, tools and errors are as in `pixeltable.functions.openai`; calls for one model share the
resource pool `openrouter:<model>`.
"""

from __future__ import annotations

from typing import Any

from pixeltable.functions._provider import openai_format
from pixeltable.functions._provider.options import given
from pixeltable.udf.decorators import udf

OPENROUTER = openai_format.provider('openrouter', 'https://openrouter.ai/api/v1')


@udf(is_deterministic=False, cache=True, resource_pool='openrouter:{model}')
async def chat_completions(
    messages: list[dict[str, Any]],
    *,
    model: str,
    model_kwargs: dict[str, Any] | None = None,
    tools: list[dict[str, Any]] | None = None,
    tool_choice: dict[str, Any] | None = None,
    provider: dict[str, Any] | None = None,
    transforms: list[str] | None = None,
) -> dict[str, Any]:
    """A chat completion: the provider's answer as it came, as in `t.answer.choices[0].message.content`.

    Args:
        provider: which providers may answer, as OpenRouter's API describes it.
        transforms: what may be done to prompts that are too long, such as `['middle-out']`.

    Raises:
        ExternalServiceError: the provider failed.
    """
    body = {
        'usage': {'include': True},  # the answer then says what it cost
        **given(provider=provider, transforms=transforms),
        **(model_kwargs or {}),
    }
    named = {'HTTP-Referer': OPENROUTER.value('site_url'), 'X-Title': OPENROUTER.value('app_name')}
    return await openai_format.chat(OPENROUTER, messages, model, body, tools, tool_choice, headers=given(**named))
