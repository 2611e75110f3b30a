"""Amazon Bedrock as a provider: the client of boto3, which is synchronous, in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import ModuleType
from typing import Any

from pixeltable._support.optional import require
from pixeltable.errors import AuthorizationError, ErrorCode, RequestError
from pixeltable.functions._provider.options import given
from pixeltable.functions._provider.provider import Connection, Provider


class _Client:
    """Calls operations of the service. Without the package's retries: pools make them."""

    def __init__(self, package: ModuleType, connection: Connection) -> None:
        core = require('botocore', 'bedrock')
        session, more = package.Session(), dict(connection.more)
        key, region = more['api_key'], more['region_name'] or session.region_name
        if region is None:
            raise RequestError(
                ErrorCode.MISSING_REQUIRED,
                'bedrock: name a region, as BEDROCK_REGION_NAME or AWS_DEFAULT_REGION in the environment, or as `region_name` '
                'in section [bedrock].',
            )
        if key is None and session.get_credentials() is None:
            raise AuthorizationError(
                ErrorCode.MISSING_CREDENTIALS,
                'bedrock needs credentials: those of AWS, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the '
                'environment or a profile, or a key of Bedrock as BEDROCK_API_KEY or as `api_key` in section [bedrock].',
            )
        options = given(read_timeout=connection.timeout, connect_timeout=connection.timeout)
        if key is not None:
            options['signature_version'] = core.UNSIGNED
        config = core.config.Config(retries={'total_max_attempts': 1}, max_pool_connections=64, **options)
        self._client = session.client(
            'bedrock-runtime', region_name=region, endpoint_url=connection.base_url, config=config
        )
        if key is not None:
            self._client.meta.events.register('request-created', _with_key(key))

    async def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return await asyncio.to_thread(self._answer, operation, parameters)

    def _answer(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = getattr(self._client, operation)(**parameters)
        if 'body' in found:  # what is left of it comes over the network, too
            found['body'] = found['body'].read()
        return found

    async def close(self) -> None:
        self._client.close()


def _with_key(key: str) -> Callable[..., None]:
    def add(request: Any, **_: Any) -> None:
        request.headers['Authorization'] = f'Bearer {key}'

    return add


BEDROCK = Provider('bedrock', 'bedrock', 'boto3', 'bedrock', _Client, needs_key=False, more=('api_key', 'region_name'))


async def call(operation: str, **parameters: Any) -> dict[str, Any]:
    """The answer of an operation, without what it says about its transport."""
    return await BEDROCK.call(lambda client: client.call(operation, **parameters))
