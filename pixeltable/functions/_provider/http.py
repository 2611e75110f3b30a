"""Providers that are spoken to in JSON over HTTP, as their client packages are missing, heavy, or add nothing to that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import httpx

from pixeltable.functions._provider.provider import Connection, Provider

_SECONDS = 600.0
"""An answer may take so long where no `timeout` is configured, as the client packages of OpenAI and Anthropic have it."""


def provider(
    name: str,
    base_url: str,
    *,
    section: str | None = None,
    header: str = 'Authorization',
    scheme: str = 'Bearer ',
    credential: str = 'api_key',
    headers: Mapping[str, str] | None = None,
) -> Provider:
    """A provider at `base_url` that wants its credential, after `scheme`, in a header."""

    def make(_: ModuleType, connection: Connection) -> Client:
        return Client(connection, {**(headers or {}), header: f'{scheme}{connection.api_key}'})

    return Provider(name, section or name, 'httpx', '', make, base_url, credential=credential)


class Refused(Exception):
    """An answer with a status from 400. Has what the errors of client packages have."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(response.text.strip() or response.reason_phrase)
        self.response = response
        try:
            self.body = response.json()
        except ValueError:
            self.body = None


class Client:
    """Sends requests, as `requests.Client` describes."""

    def __init__(self, connection: Connection, headers: Mapping[str, str]) -> None:
        timeout = httpx.Timeout(connection.timeout or _SECONDS, connect=min(connection.timeout or _SECONDS, 10.0))
        self._client = httpx.AsyncClient(base_url=connection.base_url or '', headers=headers, timeout=timeout)

    async def send(
        self,
        path: str,
        body: Mapping[str, Any] | None,
        files: Sequence[tuple[str, Any]] | None = None,
        **options: Any,
    ) -> httpx.Response:
        content = {'data': body, 'files': files} if files else {'json': body}
        response = await self._client.request('GET' if body is None else 'POST', path, **content, **options)
        if response.is_error:
            raise Refused(response)
        return response

    async def close(self) -> None:
        await self._client.aclose()
