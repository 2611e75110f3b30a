"""Models at fal. Needs `FAL_API_KEY`, or `api_key` in section `[fal]`.

All calls share the resource pool `fal`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from pixeltable.functions._provider import http, requests
from pixeltable.functions._provider.media import inlined
from pixeltable.functions._provider.waiting import failed, finished, place
from pixeltable.types.spelling import Json
from pixeltable.udf.decorators import udf

FAL = http.provider('fal', 'https://queue.fal.run', scheme='Key ')


@udf(is_deterministic=False, resource_pool='fal')
async def run(input: dict[str, Any], *, app: str) -> Json:
    """What a model gives, as in `t.made.images[0].url`.

        t.add_computed_column(made=fal.run({'prompt': t.text}, app='fal-ai/flux/schnell'))
        t.add_computed_column(image=t.made.images[0].url.astype(pxt.Image))

    Args:
        input: the inputs of the model, in which images, sounds and films may stand.
        app: the model, such as `'fal-ai/flux/schnell'`.

    Raises:
        ExternalServiceError: the provider failed, or did not finish in ten minutes.
    """
    queued = await requests.ask(FAL, f'/{app.strip("/")}', await asyncio.to_thread(inlined, input))
    status, response = (place(FAL.name, queued, key) for key in ('status_url', 'response_url'))

    async def look() -> bool | None:
        found = await requests.ask(FAL, status)
        if found.get('error'):
            raise failed(FAL.name, found['error'])
        return found.get('status') == 'COMPLETED' or None

    await finished(FAL.name, look)
    return await requests.ask(FAL, response)  # type: ignore[return-value]
