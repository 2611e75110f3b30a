"""Answers, tools and transcriptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pixeltable.exprs.expr import Expr
from pixeltable.functions._provider import tool_calls
from pixeltable.functions._provider.errors import unreadable
from pixeltable.functions.gemini.contents import contents as with_media
from pixeltable.functions.gemini.contents import file_part
from pixeltable.functions.gemini.provider import GEMINI, asked
from pixeltable.types.spelling import Audio, Json
from pixeltable.udf import tools as tool_functions
from pixeltable.udf.decorators import udf
from pixeltable.udf.tools import Tools


@udf(is_deterministic=False, cache=True, resource_pool='gemini:{model}')
async def generate_content(
    contents: Json,
    *,
    model: str,
    config: dict[str, Any] | None = None,
    tools: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """What a model answers: the provider's answer, as in `t.answer.candidates[0].content.parts[0].text`.

        t.add_computed_column(answer=gemini.generate_content(['What is this?', t.photo], model='gemini-2.5-flash'))

    Args:
        contents: a text, or a list of texts, images, sounds, films and PDF documents.
        model: the model.
        config: parameters of the API, such as `{'temperature': 0, 'response_mime_type': 'application/json'}`.
        tools: what `pxt.tools` gives.

    Raises:
        ExternalServiceError: the provider failed.
    """
    given = dict(config or {})
    if tools is not None:
        given['tools'] = [{'function_declarations': [_declaration(tool) for tool in tools]}]
    sent = await with_media(contents)
    answer = await asked(
        model, lambda client: client.models.generate_content(model=model, contents=sent, config=given or None)
    )
    found: dict[str, Any] = answer.model_dump(mode='json', exclude_none=True, exclude={'sdk_http_response'})
    if not found.keys() & {'candidates', 'prompt_feedback'}:
        raise unreadable(GEMINI.name, 'it has no candidates')
    return found


def invoke_tools(tools: Tools, response: Expr) -> Expr:
    """The results of the calls that an answer asks for: for each tool a list, NULL if it was not called.

    Raises:
        RequestError: INVALID_ARGUMENT if `response` is no expression.
    """
    return tool_functions.invoke(tools, tool_calls.of_gemini(response))


@udf(is_deterministic=False, cache=True, resource_pool='gemini:{model}')
async def transcribe(audio: Audio, *, model: str, prompt: str, config: dict[str, Any] | None = None) -> str:
    """What a model hears in a recording, as the prompt asks for it.

    Raises:
        ExternalServiceError: the provider failed.
    """
    sent = [prompt, await file_part(audio)]
    answer = await asked(
        model, lambda client: client.models.generate_content(model=model, contents=sent, config=config)
    )
    return answer.text or ''


def _declaration(tool: Mapping[str, Any]) -> dict[str, Any]:
    return {**tool, 'parameters': _schema(tool['parameters'])} if 'parameters' in tool else dict(tool)


def _schema(schema: Any) -> Any:
    """JSON Schema as the API takes it: without the words that it does not know."""
    if isinstance(schema, list):
        return [_schema(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {name: _schema(value) for name, value in schema.items() if name not in ('additionalProperties', '$schema')}
