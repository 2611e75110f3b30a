"""Chats and other calls of models."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.expr import Expr
from pixeltable.functions._provider import tool_calls
from pixeltable.functions._provider.errors import unreadable
from pixeltable.functions._provider.images import encoded, is_image
from pixeltable.functions._provider.media import inlined
from pixeltable.functions._provider.options import given
from pixeltable.functions._provider.waiting import failed, finished
from pixeltable.functions.bedrock.provider import BEDROCK, call
from pixeltable.types.column_type import JSON, VIDEO, ColumnType
from pixeltable.types.spelling import Json
from pixeltable.udf import tools as tool_functions
from pixeltable.udf.decorators import udf
from pixeltable.udf.tools import Tools

_OF_FILMS = ('amazon.nova-reel', 'luma.ray')
"""Models that work for minutes, and write a film into a bucket."""


@udf(is_deterministic=False, cache=True, resource_pool='bedrock:{model_id}')
async def converse(
    messages: list[dict[str, Any]],
    *,
    model_id: str,
    system: list[dict[str, Any]] | None = None,
    inference_config: dict[str, Any] | None = None,
    additional_model_request_fields: dict[str, Any] | None = None,
    tool_config: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The next message of a chat: the provider's answer, as in `t.answer.output.message.content[0].text`.

        messages = [{'role': 'user', 'content': [{'text': t.question}, {'image': t.photo}]}]
        t.add_computed_column(answer=bedrock.converse(messages, model_id='amazon.nova-lite-v1:0'))

    Args:
        messages: the messages, in which image expressions may stand: `{'image': t.photo}`.
        model_id: the model, or an inference profile.
        system: system messages, such as `[{'text': 'Be brief.'}]`.
        inference_config: parameters that all models have, such as `{'maxTokens': 100, 'temperature': 0}`.
        additional_model_request_fields: parameters of this model.
        tool_config: what `pxt.tools` gives.

    Raises:
        ExternalServiceError: the provider failed.
        AuthorizationError: MISSING_CREDENTIALS.
    """
    latency, tier = BEDROCK.value('performance_config_latency'), BEDROCK.value('service_tier')
    answer = await call(
        'converse',
        modelId=model_id,
        messages=await asyncio.to_thread(_with_images, messages),
        **given(
            system=system,
            inferenceConfig=inference_config,
            additionalModelRequestFields=additional_model_request_fields,
            toolConfig=tool_config and {'tools': [_tool(tool) for tool in tool_config]},
            performanceConfig=latency and {'latency': latency},
            serviceTier=tier and {'type': tier},
        ),
    )
    headers = answer.pop('ResponseMetadata', {}).get('HTTPHeaders')
    if not isinstance(answer.get('output'), dict):
        raise unreadable(BEDROCK.name, 'it has no output')
    usage = answer.get('usage') or {}
    BEDROCK.used(model_id, usage.get('inputTokens'), usage.get('outputTokens'), headers=headers)
    return answer


def invoke_tools(tools: Tools, response: Expr) -> Expr:
    """The results of the calls that an answer of `converse` asks for: for each tool a list, NULL if it was not called.

    Raises:
        RequestError: INVALID_ARGUMENT if `response` is no expression.
    """
    return tool_functions.invoke(tools, tool_calls.of_bedrock(response))


@udf(is_deterministic=False, cache=True, resource_pool='bedrock:{model_id}')
async def invoke_model(body: dict[str, Any], *, model_id: str) -> Json:
    """What a model answers to a request in its own format; of a model that makes films (Nova Reel, Luma Ray), the film.

    Args:
        body: the request, in which images may stand: they become base64.
        model_id: the model. One that makes films needs `temp_location` in section `[bedrock]`: a folder in a bucket, such as
            `s3://bucket/films`, into which it writes.

    Raises:
        ExternalServiceError: the provider failed, or did not finish in ten minutes.
        AuthorizationError: MISSING_CREDENTIALS.
        RequestError: MISSING_REQUIRED without `temp_location` for a film.
    """
    sent = await asyncio.to_thread(inlined, body, bare=True)
    found: Any = await (_film(model_id, sent) if _makes_films(model_id) else invoked(model_id, sent))
    return found


@invoke_model.conditional_return_type
def _(model_id: str) -> ColumnType:
    return VIDEO if _makes_films(model_id) else JSON


async def invoked(model_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON that a model answers, after its use of tokens was reported."""
    answer = await call('invoke_model', modelId=model_id, body=json.dumps(body), contentType='application/json')
    headers = answer['ResponseMetadata']['HTTPHeaders']
    try:
        found = json.loads(answer['body'])
    except ValueError as error:
        raise unreadable(BEDROCK.name, str(error)) from error
    if not isinstance(found, dict):
        raise unreadable(BEDROCK.name, f'it is {found!r:.100}')
    sent, received = (headers.get(f'x-amzn-bedrock-{kind}-token-count', '') for kind in ('input', 'output'))
    BEDROCK.used(model_id, *(int(count) if count.isdigit() else None for count in (sent, received)), headers=headers)
    return found


async def _film(model_id: str, body: Mapping[str, Any]) -> Any:
    place = BEDROCK.value('temp_location')
    if place is None:
        raise RequestError(
            ErrorCode.MISSING_REQUIRED,
            f'bedrock: {model_id!r} writes into a bucket: name a folder as BEDROCK_TEMP_LOCATION in the environment, or as '
            '`temp_location` in section [bedrock].',
        )
    target = {'s3OutputDataConfig': {'s3Uri': place}}
    begun = await call('start_async_invoke', modelId=model_id, modelInput=body, outputDataConfig=target)
    BEDROCK.used(model_id, None, None)

    async def look() -> dict[str, Any] | None:
        found = await call('get_async_invoke', invocationArn=begun['invocationArn'])
        if found['status'] == 'Failed':
            raise failed(BEDROCK.name, found.get('failureMessage') or 'it does not say why')
        return found if found['status'] == 'Completed' else None

    written = (await finished(BEDROCK.name, look))['outputDataConfig']['s3OutputDataConfig']['s3Uri']
    return f'{written.rstrip("/")}/output.mp4'


def _makes_films(model_id: str) -> bool:
    return any(family in model_id for family in _OF_FILMS)


def _with_images(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _image(item) if name == 'image' else _with_images(item) for name, item in value.items()}
    return [_with_images(item) for item in value] if isinstance(value, list | tuple) else value


def _image(value: Any) -> Any:
    if not is_image(value):
        return value  # in the provider's own form
    media_type, content = encoded(value)
    return {'format': media_type.rpartition('/')[2], 'source': {'bytes': content}}


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    if 'parameters' not in tool:
        return dict(tool)  # in the provider's own form
    described = {'name': tool['name'], 'inputSchema': {'json': tool['parameters']}}
    return {'toolSpec': {**described, **given(description=tool.get('description') or None)}}
