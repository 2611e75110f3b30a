"""Models of Azure OpenAI in notebooks of Microsoft Fabric. Needs the extra `openai`, whose client it takes.

Where they are and the credential come from the notebook's session. Elsewhere, `base_url` and `api_key` of section `[fabric]` say
it: the address that ends in `/cognitive/openai/openai`, and a token. Calls for one model share the pool `fabric:<model>`.
"""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType
from typing import Any

from pixeltable.functions._provider import openai_format, requests
from pixeltable.functions._provider.embedding import Vector, vector
from pixeltable.functions._provider.options import given
from pixeltable.functions._provider.provider import Connection, Provider
from pixeltable.functions.openai.provider import DIMENSIONS
from pixeltable.types.column_type import ColumnType
from pixeltable.udf.decorators import Batch, udf

_CHAT_VERSION = '2025-04-01-preview'


class _Fabric(Provider):
    def connection(self) -> Connection:
        if self.value(self.credential) or importlib.util.find_spec('synapse') is None:
            return super().connection()
        discovery = importlib.import_module('synapse.ml.fabric.service_discovery')
        tokens = importlib.import_module('synapse.ml.fabric.token_utils').TokenUtils()
        place = discovery.get_fabric_env_config().fabric_env_config.ml_workload_endpoint
        token = tokens.get_openai_auth_header().removeprefix('Bearer ')
        return Connection(token, f'{place}cognitive/openai/openai', self.value('timeout'))


def _client(package: ModuleType, connection: Connection) -> requests.Client:
    azure = package.AsyncAzureOpenAI(
        base_url=connection.base_url,
        azure_ad_token=connection.api_key,
        api_version=_CHAT_VERSION,
        max_retries=0,
        **given(timeout=connection.timeout),
    )
    return requests.OfPackage(azure, 'openai')


FABRIC = _Fabric('fabric', 'fabric', 'openai', 'openai', _client)


@udf(is_deterministic=False, cache=True, resource_pool='fabric:{model}')
async def chat_completions(
    messages: list[dict[str, Any]],
    *,
    model: str,
    api_version: str | None = None,
    model_kwargs: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A chat completion: the provider's answer as it came, as in `t.answer.choices[0].message.content`.

    Raises:
        ExternalServiceError: the provider failed.
        AuthorizationError: MISSING_CREDENTIALS outside of a notebook of Fabric, where none is configured.
    """
    version = {'api-version': api_version or _CHAT_VERSION}
    return await openai_format.chat(FABRIC, messages, model, model_kwargs, params=version)


@udf(batch_size=32, cache=True, resource_pool='fabric:{model}')
async def embeddings(
    input: Batch[str],
    *,
    model: str,
    api_version: str = '2024-02-15-preview',
    model_kwargs: dict[str, Any] | None = None,
) -> Batch[Vector]:
    """Embeddings of texts: arrays of float32.

    Raises:
        ExternalServiceError: the provider failed.
        AuthorizationError: MISSING_CREDENTIALS outside of a notebook of Fabric, where none is configured.
    """
    return await openai_format.embed(FABRIC, input, model, model_kwargs, params={'api-version': api_version})


@embeddings.conditional_return_type
def _(model: str, model_kwargs: dict[str, Any] | None = None) -> ColumnType:
    return vector((model_kwargs or {}).get('dimensions') or DIMENSIONS.get(model))
