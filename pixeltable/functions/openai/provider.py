"""OpenAI as a provider, and facts about its models."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from pixeltable._support.optional import require
from pixeltable.functions._provider import requests
from pixeltable.functions._provider.options import given
from pixeltable.functions._provider.provider import Connection, Provider

DIMENSIONS = {
    'text-embedding-3-large': 3072,
    'text-embedding-3-small': 1536,
    'text-embedding-ada-002': 1536,
}
"""The lengths of embeddings, unless `dimensions` asks for another."""


def _client(package: ModuleType, connection: Connection) -> requests.Client:
    options = {'api_key': connection.api_key, 'max_retries': 0, **_transport(package, connection)}
    version = dict(connection.more)['api_version']
    if version is None:
        made = package.AsyncOpenAI(base_url=connection.base_url, **options)
    else:
        made = package.AsyncAzureOpenAI(azure_endpoint=connection.base_url, api_version=version, **options)
    return requests.OfPackage(made, 'openai')


def _transport(package: ModuleType, connection: Connection) -> dict[str, Any]:
    """What is configured about time and connections."""
    http = require('httpx2', 'openai')
    more = dict(connection.more)
    timeouts = given(read=more['read_timeout'], write=more['write_timeout'])
    limits = given(**{key: more[key] for key in ('max_connections', 'max_keepalive_connections')})
    options = given(timeout=connection.timeout)
    if timeouts:
        options['timeout'] = http.Timeout(connection.timeout or package.DEFAULT_TIMEOUT.read, **timeouts)
    if limits:
        options['http_client'] = package.DefaultAsyncHttpxClient(limits=http.Limits(**limits))
    return options


_MORE = ('api_version', 'max_connections', 'max_keepalive_connections', 'read_timeout', 'write_timeout')
OPENAI = Provider('openai', 'openai', 'openai', 'openai', _client, more=_MORE)
