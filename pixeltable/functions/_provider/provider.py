"""An authenticated client for each provider, made once for a process and event loop from what is configured."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeVar

from pixeltable._support.optional import require
from pixeltable.config import sections
from pixeltable.errors import AuthorizationError, Error, ErrorCode, RequestError
from pixeltable.functions._provider.errors import translated
from pixeltable.functions._provider.prices import cost
from pixeltable.udf.reporting import report_usage

T = TypeVar('T')


@dataclass(frozen=True)
class Connection:
    """How a provider is reached. Equal connections share a client."""

    api_key: str | None = field(repr=False)
    base_url: str | None
    timeout: float | None
    more: tuple[tuple[str, Any], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Provider:
    """A provider whose client package is optional.

    Attributes:
        name: what users call it.
        section: its section of the configuration.
        package: the module of the client package.
        extra: the extra of this package that installs it.
        make: makes the client from the imported package.
        base_url: where it is, unless the configuration says another place; None for what the client package knows.
        needs_key: False for one that asks for no credential.
        keyless: environment variables, of which one that is true says that the package finds credentials by itself.
        credential: the key of the section that holds it.
        place: the key of the section that says where the provider is.
        more: further keys of the section, of which the client is made.
    """

    name: str
    section: str
    package: str
    extra: str
    make: Callable[[ModuleType, Connection], Any]
    base_url: str | None = None
    needs_key: bool = True
    keyless: tuple[str, ...] = ()
    credential: str = 'api_key'
    place: str = 'base_url'
    more: tuple[str, ...] = ()

    def value(self, key: str) -> Any:
        """What is configured for the provider, or None."""
        return sections.value(self.section, key)

    def model(self, model: str | None) -> str:
        """The model that is asked for, or the configured one. Raises MISSING_REQUIRED if there is neither."""
        found = model or self.value('model')
        if not found:
            raise RequestError(
                ErrorCode.MISSING_REQUIRED,
                f'{self.name}: name a model, or configure one as {sections.variable_of(self.section, "model")} in the '
                f'environment, or as `model` in section [{self.section}].',
            )
        return str(found)

    def connection(self) -> Connection:
        """How it is reached now. Raises MISSING_CREDENTIALS, naming the variable and the section, without a credential."""
        key = self.value(self.credential) if self.needs_key else None
        if self.needs_key and not key and not self.is_keyless():
            raise AuthorizationError(
                ErrorCode.MISSING_CREDENTIALS,
                f'{self.name} needs a credential: set {sections.variable_of(self.section, self.credential)} in the environment, '
                f'or `{self.credential}` in section [{self.section}] of the configuration.',
            )
        more = tuple((name, self.value(name)) for name in self.more)
        return Connection(key, self.value(self.place) or self.base_url, self.value('timeout'), more)

    def is_keyless(self) -> bool:
        """Whether the environment says that the client package finds credentials by itself."""
        return any(os.environ.get(name, '').lower() in ('1', 'true') for name in self.keyless)

    def client(self) -> Any:
        """The client for the running event loop. A change of the configuration makes another one."""
        package, connection = require(self.package, self.extra), self.connection()
        clients = _clients.setdefault(asyncio.get_running_loop(), {})
        if (self.name, connection) not in clients:
            clients[self.name, connection] = _Held(self.make(package, connection))
        return clients[self.name, connection].client

    async def call(self, request: Callable[[Any], Awaitable[T]]) -> T:
        """What `request` gives for the client. Raises ExternalServiceError for whatever the client raises."""
        client = self.client()
        try:
            return await request(client)
        except Error:
            raise
        except Exception as error:  # noqa: BLE001  it goes on as one of ours
            # Without its cause: what a package raises may hold the credential, and causes are stored with errors.
            raise translated(self.name, error, self.value(self.credential)) from None

    def used(self, model: str, sent: Any, received: Any, *, headers: Any = None, dollars: Any = None) -> None:
        """Reports what a call used: tokens, and their cost if it is known. Numbers that a provider left out count as 0."""
        tokens = _count(sent), _count(received)
        if not isinstance(dollars, int | float) or isinstance(dollars, bool) or not dollars >= 0:
            dollars = cost(self.value('prices') or {}, self.name, model, *tokens)
        report_usage(input_tokens=tokens[0], output_tokens=tokens[1], cost=dollars, headers=headers)


class _Held:
    """A client, and the task that closes it when its loop ends, which cancels all tasks: connections would be left open."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self._task = asyncio.get_running_loop().create_task(_closing(client))


async def _closing(client: Any) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        close = getattr(client, 'close', None)
        if close is not None:
            await close()


_clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, Connection], _Held]] = (
    weakref.WeakKeyDictionary()
)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
