"""Models at Groq. Needs the extra `openai`, whose client speaks the same format, and `GROQ_API_KEY`.

What a call gives, images in messages, tools and errors are as in `pixeltable.functions.openai`; calls for one model share the
resource pool `groq:<model>`.
"""

from __future__ import annotations

from typing import Any

from pixeltable.exprs.expr import Expr
from pixeltable.functions._provider import openai_format, tool_calls
from pixeltable.udf import tools as tool_functions
from pixeltable.udf.decorators import udf
from pixeltable.udf.tools import Tools

GROQ = openai_format.provider('groq', 'https://api.groq.com/openai/v1')


@udf(is_deterministic=False, cache=True, resource_pool='groq:{model}')
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
    return await openai_format.chat(GROQ, messages, model, model_kwargs, tools, tool_choice)


def invoke_tools(tools: Tools, response: Expr) -> Expr:
    """The results of the calls that a chat completion asks for: for each tool a list, NULL if it was not called.

    Raises:
        RequestError: INVALID_ARGUMENT if `response` is no expression.
    """
    return tool_functions.invoke(tools, tool_calls.of_openai(response))
