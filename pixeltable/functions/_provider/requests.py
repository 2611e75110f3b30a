"""Requests by the official clients of OpenAI and Anthropic, which are made alike. Answers stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pixeltable._support.optional import require
from pixeltable.functions._provider.errors import unreadable
from pixeltable.functions._provider.provider import Provider


async def post(
    provider: Provider,
    path: str,
    body: Mapping[str, Any],
    files: Sequence[tuple[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Any:
    """The response of the HTTP client to a request; the caller reads its content."""
    http = require('httpx2', provider.extra)
    sent = {**(headers or {}), **({'Content-Type': 'multipart/form-data'} if files else {})}
    options = {'headers': sent} if sent else {}
    return await provider.call(
        lambda client: client.post(path, cast_to=http.Response, body=dict(body), files=files, options=options)
    )


async def ask(
    provider: Provider,
    path: str,
    body: Mapping[str, Any],
    files: Sequence[tuple[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The JSON object that is the answer, after its use of tokens was reported."""
    response = await post(provider, path, body, files, headers)
    try:
        answer = response.json()
    except ValueError as error:
        raise unreadable(provider.name, str(error)) from error
    if not isinstance(answer, dict):
        raise unreadable(provider.name, f'it is {answer!r:.100}')
    if answer.get('error') and not answer.get('choices') and not answer.get('output'):
        raise unreadable(provider.name, f'it says {answer["error"]!r:.300}')
    report(provider, str(body.get('model', '')), answer, response.headers)
    return answer


def report(provider: Provider, model: str, answer: Mapping[str, Any], headers: Any = None) -> None:
    """Reports the `usage` of an answer."""
    usage = answer.get('usage')
    usage = usage if isinstance(usage, Mapping) else {}
    sent = usage.get('prompt_tokens', usage.get('input_tokens', usage.get('total_tokens')))
    received = usage.get('completion_tokens', usage.get('output_tokens'))
    provider.used(model, sent, received, headers=headers, dollars=usage.get('cost'))
