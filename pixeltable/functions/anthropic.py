"""Anthropic's models. Needs the extra `anthropic` and `ANTHROPIC_API_KEY`, or `api_key` in section `[anthropic]`.

Calls for one model share the resource pool `anthropic:<model>`; the tokens and the cost of each are recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.expr import Expr
from pixeltable.functions._provider import requests, schemas, tool_calls
from pixeltable.functions._provider.images import base64_of, is_image
from pixeltable.functions._provider.options import given
from pixeltable.functions._provider.provider import Connection, Provider
from pixeltable.udf import tools as tool_functions
from pixeltable.udf.decorators import udf
from pixeltable.udf.tools import Tools


def _client(package: ModuleType, connection: Connection) -> Any:
    options = given(timeout=connection.timeout)
    made = package.AsyncAnthropic(api_key=connection.api_key, base_url=connection.base_url, max_retries=0, **options)
    return requests.OfPackage(made, 'anthropic')


ANTHROPIC = Provider('anthropic', 'anthropic', 'anthropic', 'anthropic', _client)


@udf(is_deterministic=False, cache=True, resource_pool='anthropic:{model}')
async def messages(
    messages: list[dict[str, Any]],
    *,
    model: str,
    max_tokens: int,
    model_kwargs: dict[str, Any] | None = None,
    tools: list[dict[str, Any]] | None = None,
    tool_choice: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A message of the model: the provider's answer as it came, as in `t.answer.content[0].text`.

    Args:
        messages: the messages, in which image expressions may stand: `{'type': 'image', 'source': t.photo}`.
        model: the model.
        max_tokens: how many tokens the answer may have.
        model_kwargs: further parameters of the API, such as `{'system': '...', 'temperature': 0}`.
        tools: what `pxt.tools` gives.
        tool_choice: what its `choice` gives.

    Raises:
        ExternalServiceError: the provider failed.
    """
    body = {'messages': _with_images(messages), 'model': model, 'max_tokens': max_tokens, **(model_kwargs or {})}
    if schemas.is_schema(shape := (body.get('output_config') or {}).get('format')):
        body['output_config'] = {
            **body['output_config'],
            'format': {'type': 'json_schema', 'schema': schemas.strict(shape)},
        }
    if tools is not None:
        body['tools'] = [_tool(tool) for tool in tools]
    if tool_choice is not None:
        body['tool_choice'] = _choice(tool_choice)
    answer = await requests.ask(ANTHROPIC, '/v1/messages', body)
    requests.check(ANTHROPIC, answer, 'content')
    return answer


def invoke_tools(tools: Tools, response: Expr) -> Expr:
    """The results of the calls that a message asks for: for each tool a list, NULL if it was not called.

    Raises:
        RequestError: INVALID_ARGUMENT if `response` is no expression.
    """
    return tool_functions.invoke(tools, tool_calls.of_anthropic(response))


def _with_images(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get('type') == 'image' and is_image(value.get('source')):
            media_type, data = base64_of(value['source'])
            return {**value, 'source': {'type': 'base64', 'media_type': media_type, 'data': data}}
        return {name: _with_images(item) for name, item in value.items()}
    return [_with_images(item) for item in value] if isinstance(value, list | tuple) else value


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    if 'parameters' not in tool:
        return dict(tool)  # in the provider's own form
    return {'name': tool['name'], 'description': tool['description'], 'input_schema': tool['parameters']}


def _choice(tool_choice: Any) -> dict[str, Any]:
    if not isinstance(tool_choice, Mapping):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f"tool_choice is tools.choice(…), or such as {{'type': 'auto'}}, not {tool_choice!r}.",
        )
    if 'type' in tool_choice:
        return dict(tool_choice)
    named = tool_choice.get('tool')
    wanted = {'type': 'tool', 'name': named} if named else {'type': 'any' if tool_choice.get('required') else 'auto'}
    return wanted if tool_choice.get('parallel_tool_calls', True) else {**wanted, 'disable_parallel_tool_use': True}
