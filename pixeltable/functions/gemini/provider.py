"""Gemini as a provider."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

from pixeltable.functions._provider.options import given
from pixeltable.functions._provider.provider import Connection, Provider


class _Client:
    """The official client, with a `close`; that of older releases has none."""

    def __init__(self, package: ModuleType, connection: Connection) -> None:
        milliseconds = None if connection.timeout is None else int(connection.timeout * 1000)
        options = given(base_url=connection.base_url, timeout=milliseconds, api_version='v1beta')
        self._client = package.Client(api_key=connection.api_key, http_options=options)
        self.models, self.files = self._client.aio.models, self._client.aio.files
        self.operations = self._client.aio.operations

    async def close(self) -> None:
        close = getattr(self._client.aio, 'aclose', None) or self._client._api_client._async_httpx_client.aclose
        await close()


GEMINI = Provider('gemini', 'gemini', 'google.genai', 'gemini', _Client)


async def asked(model: str, request: Callable[[Any], Awaitable[Any]]) -> Any:
    """The answer to a request, after its use of tokens was reported."""
    answer = await GEMINI.call(request)
    usage = getattr(answer, 'usage_metadata', None)
    thoughts = getattr(usage, 'thoughts_token_count', None) or 0
    received = (getattr(usage, 'candidates_token_count', None) or 0) + thoughts
    GEMINI.used(model, getattr(usage, 'prompt_token_count', None), received)
    return answer
