"""Requests in JSON whose answers stay as they are, by an official client package or by `http`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from pixeltable._support.optional import require
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._provider.errors import unreadable
from pixeltable.functions._provider.provider import Provider


class Client(Protocol):
    """What sends requests. A `body` that is None is that of a GET. Raises for an answer that is an error."""

    async def send(
        self,
        path: str,
        body: Mapping[str, Any] | None,
        files: Sequence[tuple[str, Any]] | None = None,
        **options: Any,
    ) -> Any: ...

    async def close(self) -> None: ...


class OfPackage:
    """The clients of OpenAI and Anthropic, which are made alike, and Groq's and others', which are OpenAI's."""

    def __init__(self, client: Any, extra: str) -> None:
        self._client = client
        self._response = require('httpx2', extra).Response

    async def send(
        self,
        path: str,
        body: Mapping[str, Any] | None,
        files: Sequence[tuple[str, Any]] | None = None,
        **options: Any,
    ) -> Any:
        if files:
            options['headers'] = {**options.get('headers', {}), 'Content-Type': 'multipart/form-data'}
        return await self._client.post(path, cast_to=self._response, body=body, files=files, options=options)

    async def close(self) -> None:
        await self._client.close()


async def post(
    provider: Provider,
    path: str,
    body: Mapping[str, Any] | None,
    files: Sequence[tuple[str, Any]] | None = None,
    **options: Any,
) -> Any:
    """The response of the HTTP client to a request, with such `options` as `headers` and `params`; the caller reads it."""
    return await provider.call(lambda client: client.send(path, body, files, **options))


async def ask(
    provider: Provider,
    path: str,
    body: Mapping[str, Any] | None = None,
    files: Sequence[tuple[str, Any]] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """The JSON object that is the answer, after its use of tokens was reported.

    Raises INVALID_ARGUMENT where a stream is asked for.
    """
    if body is not None and body.get('stream'):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'{provider.name}: a cell holds whole answers; leave out `stream`.'
        )
    response = await post(provider, path, body, files, **options)
    try:
        answer = response.json()
    except ValueError as error:
        raise unreadable(provider.name, str(error)) from error
    if not isinstance(answer, dict):
        raise unreadable(provider.name, f'it is {answer!r:.100}')
    if body is not None:
        report(provider, str(body.get('model', '')), answer, response.headers)
    return answer


def check(provider: Provider, answer: Mapping[str, Any], key: str) -> None:
    """Raises PROVIDER_ERROR for an answer without a list under `key`, or with an empty one and an error."""
    said, error = answer.get(key), answer.get('error')
    if not isinstance(said, list) or (error and not said):
        raise unreadable(provider.name, f'it has no {key}' + (f', and says {error!r:.300}' if error else ''))


def report(provider: Provider, model: str, answer: Mapping[str, Any], headers: Any = None) -> None:
    """Reports the `usage` of an answer."""
    usage = answer.get('usage')
    usage = usage if isinstance(usage, Mapping) else {}
    sent = usage.get('prompt_tokens', usage.get('input_tokens', usage.get('total_tokens')))
    received = usage.get('completion_tokens', usage.get('output_tokens'))
    provider.used(model, sent, received, headers=headers, dollars=usage.get('cost'))
