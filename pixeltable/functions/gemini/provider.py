"""Gemini as a provider: with a key, or on Vertex AI if the environment variable of the client package says so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._provider.options import given
from pixeltable.functions._provider.provider import Connection, Provider


class _Client:
    """The official client, which finds out by itself whether it is to talk to Vertex AI."""

    def __init__(self, package: ModuleType, connection: Connection) -> None:
        milliseconds = None if connection.timeout is None else int(connection.timeout * 1000)
        version = None if GEMINI.is_keyless() else 'v1beta'
        options = given(base_url=connection.base_url, timeout=milliseconds, api_version=version)
        self._client = package.Client(api_key=connection.api_key, http_options=options)
        self.models, self.files = self._client.aio.models, self._client.aio.files
        self.operations = self._client.aio.operations

    async def close(self) -> None:
        await self._client.aio.aclose()


VERTEX = ('GOOGLE_GENAI_USE_VERTEXAI', 'GOOGLE_GENAI_USE_ENTERPRISE')
GEMINI = Provider('gemini', 'gemini', 'google.genai', 'gemini', _Client, keyless=VERTEX)


async def called(request: Callable[[Any], Awaitable[Any]]) -> Any:
    """What a request gives. Raises UNSUPPORTED_OPERATION for what is not to be had where the client asks for it."""

    async def sent(client: Any) -> Any:
        try:
            return await request(client)
        except ValueError as error:
            if 'supported in' not in str(error):
                raise
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'gemini: {error} Vertex AI is asked instead if {VERTEX[0]} is true and GOOGLE_CLOUD_PROJECT names a project.',
            ) from None

    return await GEMINI.call(sent)


async def asked(model: str, request: Callable[[Any], Awaitable[Any]]) -> Any:
    """The answer to a request, after its use of tokens was reported."""
    answer = await called(request)
    usage = getattr(answer, 'usage_metadata', None)
    thoughts = getattr(usage, 'thoughts_token_count', None) or 0
    received = (getattr(usage, 'candidates_token_count', None) or 0) + thoughts
    GEMINI.used(model, getattr(usage, 'prompt_token_count', None), received)
    return answer
