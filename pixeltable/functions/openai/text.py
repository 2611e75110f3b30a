"""Chats, responses and embeddings."""

from __future__ import annotations

from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.expr import Expr
from pixeltable.functions._provider import openai_format, requests, schemas, tool_calls
from pixeltable.functions._provider.embedding import Vector, vector
from pixeltable.functions.openai.provider import DIMENSIONS, OPENAI
from pixeltable.types.column_type import ColumnType
from pixeltable.types.spelling import Image
from pixeltable.udf import tools as tool_functions
from pixeltable.udf.decorators import Batch, udf
from pixeltable.udf.tools import Tools


@udf(is_deterministic=False, cache=True)
async def chat_completions(
    messages: list[dict[str, Any]],
    *,
    model: str | None = None,
    model_kwargs: dict[str, Any] | None = None,
    tools: list[dict[str, Any]] | None = None,
    tool_choice: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A chat completion: the provider's answer as it came, as in `t.answer.choices[0].message.content`.

        t.add_computed_column(answer=openai.chat_completions([{'role': 'user', 'content': t.question}], model='gpt-4o-mini'))

    Args:
        messages: the messages, in which images and sounds may stand: `{'type': 'image_url', 'image_url': t.photo}`,
            `{'type': 'input_audio', 'input_audio': t.sound}`.
        model: the model; the configured one if it is left out.
        model_kwargs: further parameters of the API, such as `{'temperature': 0, 'response_format': {...}}`.
        tools: what `pxt.tools` gives.
        tool_choice: what its `choice` gives.

    Raises:
        ExternalServiceError: the provider failed.
        AuthorizationError: MISSING_CREDENTIALS.
        RequestError: MISSING_REQUIRED if no model is named or configured.
    """
    return await openai_format.chat(OPENAI, messages, OPENAI.model(model), model_kwargs, tools, tool_choice)


@chat_completions.resource_pool
def _(model: str | None) -> str:
    return f'openai:{model or OPENAI.value("model")}'  # where there is none, calls fail


@udf(is_deterministic=False, cache=True, resource_pool='openai:{model}')
async def responses(
    input: list,  # type: ignore[type-arg]
    *,
    model: str,
    model_kwargs: dict[str, Any] | None = None,
    tools: list[dict[str, Any]] | None = None,
    tool_choice: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A response: the provider's answer as it came, as in `t.answer.output[0].content[0].text`.

    Args:
        input: the items, in which image expressions may stand: `{'type': 'input_image', 'image_url': t.photo}`.
        model: the model.
        model_kwargs: further parameters of the API.
        tools: what `pxt.tools` gives.
        tool_choice: what its `choice` gives.

    Raises:
        ExternalServiceError: the provider failed.
    """
    body = {'input': openai_format.with_media(input), 'model': model, **(model_kwargs or {})}
    if schemas.is_schema(shape := (body.get('text') or {}).get('format')):
        body['text'] = {**body['text'], 'format': {'type': 'json_schema', **schemas.named(shape)}}
    if tools is not None:
        body['tools'] = [tool if 'type' in tool else {'type': 'function', **tool, 'strict': False} for tool in tools]
    if tool_choice is not None:
        body |= openai_format.choice(tool_choice, lambda name: {'type': 'function', 'name': name})
    answer = await requests.ask(OPENAI, '/responses', body)
    requests.check(OPENAI, answer, 'output')
    return answer


@udf(is_deterministic=False, cache=True, resource_pool='openai:{model}')
async def vision(prompt: str, image: Image, *, model: str, model_kwargs: dict[str, Any] | None = None) -> str:
    """What a model says about an image. `chat_completions` does the same, and more.

    Raises:
        ExternalServiceError: the provider failed.
    """
    content = [{'type': 'text', 'text': prompt}, {'type': 'image_url', 'image_url': image}]
    messages = [{'role': 'user', 'content': content}]
    answer = await openai_format.chat(OPENAI, messages, model, model_kwargs)
    return openai_format.said(OPENAI, answer)


@udf(batch_size=32, cache=True, resource_pool='openai:{model}')
async def embeddings(input: Batch[str], *, model: str, model_kwargs: dict[str, Any] | None = None) -> Batch[Vector]:
    """Embeddings of texts: arrays of float32, whose length the model and `dimensions` in `model_kwargs` decide.

        t.add_embedding_index('text', string_embed=openai.embeddings.using(model='text-embedding-3-small'))

    Raises:
        ExternalServiceError: the provider failed.
    """
    return await openai_format.embed(OPENAI, input, model, model_kwargs)


@embeddings.conditional_return_type
def _(model: str, model_kwargs: dict[str, Any] | None = None) -> ColumnType:
    asked = (model_kwargs or {}).get('dimensions')
    if asked is not None and (not isinstance(asked, int) or isinstance(asked, bool) or asked < 1):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'embeddings(): dimensions must be a number from 1, not {asked!r}.'
        )
    return vector(asked or DIMENSIONS.get(model))


def invoke_tools(tools: Tools, response: Expr) -> Expr:
    """The results of the calls that a chat completion or a response asks for: for each tool a list, NULL if it was not called.

        t.add_computed_column(results=openai.invoke_tools(weather_tools, t.answer))

    Raises:
        RequestError: INVALID_ARGUMENT if `response` is no expression.
    """
    return tool_functions.invoke(tools, tool_calls.of_openai(response))
