"""OpenAI as a provider, and facts about its models."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from pixeltable.config import sections
from pixeltable.functions._provider import openai_format, requests
from pixeltable.functions._provider.provider import Connection, Provider

DIMENSIONS = {
    'text-embedding-3-large': 3072,
    'text-embedding-3-small': 1536,
    'text-embedding-ada-002': 1536,
}
"""The lengths of embeddings, unless `dimensions` asks for another."""


def _client(package: ModuleType, connection: Connection) -> Any:
    version = sections.value('openai', 'api_version')
    if version is None:
        return openai_format.client(package, connection)
    azure = package.AsyncAzureOpenAI(
        api_key=connection.api_key,
        azure_endpoint=connection.base_url,
        api_version=version,
        max_retries=0,
        **openai_format.given(timeout=connection.timeout),
    )
    return requests.OfPackage(azure, 'openai')


OPENAI = Provider('openai', 'openai', 'openai', 'openai', _client)
