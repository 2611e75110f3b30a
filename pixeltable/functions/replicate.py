"""Models at Replicate. Needs `REPLICATE_API_TOKEN`, or `api_token` in section `[replicate]`.

All calls share the resource pool `replicate`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from pixeltable.functions._provider import http, requests
from pixeltable.functions._provider.media import inlined
from pixeltable.functions._provider.waiting import failed, finished, place
from pixeltable.types.spelling import Json
from pixeltable.udf.decorators import udf

REPLICATE = http.provider('replicate', 'https://api.replicate.com/v1', credential='api_token')


@udf(is_deterministic=False, resource_pool='replicate')
async def run(input: dict[str, Any], *, ref: str) -> Json:
    """What a model gives: a text, a list, or whatever it is declared to give. Files are URLs, which Replicate keeps for an hour.

        t.add_computed_column(made=replicate.run({'prompt': t.text}, ref='black-forest-labs/flux-schnell'))
        t.add_computed_column(image=t.made[0].astype(pxt.Image))

    Args:
        input: the inputs of the model, in which images, sounds and films may stand.
        ref: the model as `owner/name`, or one version of it as `owner/name:version`.

    Raises:
        ExternalServiceError: the provider failed, or did not finish in ten minutes.
    """
    body = {'input': await asyncio.to_thread(inlined, input)}
    model, _, version = ref.partition(':')
    if version or '/' not in model:
        made = await requests.ask(REPLICATE, '/predictions', {**body, 'version': version or model})
    else:
        made = await requests.ask(REPLICATE, f'/models/{model}/predictions', body)
    path = f'/predictions/{place(REPLICATE.name, made, "id")}'

    async def look() -> dict[str, Any] | None:
        found = await requests.ask(REPLICATE, path)
        if found.get('status') in ('failed', 'canceled', 'aborted'):
            raise failed(REPLICATE.name, found.get('error') or found['status'])
        return found if found.get('status') == 'succeeded' else None

    return (await finished(REPLICATE.name, look)).get('output')  # type: ignore[return-value]
