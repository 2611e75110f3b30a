"""Images and films by models of Runway. Needs `RUNWAYML_API_SECRET`, or `api_secret` in section `[runwayml]`.

Each function gives the finished task, as in `t.made.output[0]`: the URL of an image or a film, which Runway keeps for a day or
two. All calls share the resource pool `runwayml`.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

from pixeltable.functions._provider import http, requests
from pixeltable.functions._provider.images import data_url
from pixeltable.functions._provider.options import given
from pixeltable.functions._provider.waiting import failed, finished, place
from pixeltable.types.spelling import Image, Json
from pixeltable.udf.decorators import udf

RUNWAYML = http.provider(
    'runwayml',
    'https://api.dev.runwayml.com/v1',
    credential='api_secret',
    headers={'X-Runway-Version': '2024-11-06'},
)


@udf(is_deterministic=False, resource_pool='runwayml')
async def text_to_image(
    prompt_text: str,
    reference_images: list[Image],
    model: str,
    ratio: str,
    *,
    seed: int | None = None,
    model_kwargs: dict[str, Any] | None = None,
) -> Json:
    """Images that a text describes, with others to look at.

    Args:
        prompt_text: what the image shows.
        reference_images: up to three images.
        model: the model, such as `'gen4_image'`.
        ratio: width and height, such as `'1920:1080'`.
        seed: for the same image from the same text.
        model_kwargs: further parameters of the API.

    Raises:
        ExternalServiceError: the provider failed, or did not finish in ten minutes.
    """
    references = [{'uri': await asyncio.to_thread(data_url, image)} for image in reference_images]
    return await _made(
        'text_to_image', model_kwargs, promptText=prompt_text, referenceImages=references, model=model, ratio=ratio,
        seed=seed,
    )  # fmt: skip


@udf(is_deterministic=False, resource_pool='runwayml')
async def text_to_video(
    prompt_text: str,
    model: str,
    ratio: str,
    *,
    duration: int | None = None,
    audio: bool | None = None,
    model_kwargs: dict[str, Any] | None = None,
) -> Json:
    """A film that a text describes.

    Args:
        prompt_text: what the film shows.
        model: the model, such as `'veo3.1'`.
        ratio: width and height, such as `'1280:720'`.
        duration: in seconds.
        audio: whether it has sound, for the models that make it.
        model_kwargs: further parameters of the API.

    Raises:
        ExternalServiceError: the provider failed, or did not finish in ten minutes.
    """
    return await _made(
        'text_to_video', model_kwargs, promptText=prompt_text, model=model, ratio=ratio, duration=duration, audio=audio
    )


@udf(is_deterministic=False, resource_pool='runwayml')
async def image_to_video(
    prompt_image: Image,
    model: str,
    ratio: str,
    *,
    prompt_text: str | None = None,
    duration: int | None = None,
    seed: int | None = None,
    audio: bool | None = None,
    model_kwargs: dict[str, Any] | None = None,
) -> Json:
    """A film that begins with an image. The other parameters are those of `text_to_video`.

    Raises:
        ExternalServiceError: the provider failed, or did not finish in ten minutes.
    """
    image = await asyncio.to_thread(data_url, prompt_image)
    return await _made(
        'image_to_video', model_kwargs, promptImage=image, model=model, ratio=ratio, promptText=prompt_text,
        duration=duration, seed=seed, audio=audio,
    )  # fmt: skip


@udf(is_deterministic=False, resource_pool='runwayml')
async def video_to_video(
    video_uri: str,
    prompt_text: str,
    model: str,
    ratio: str,
    *,
    seed: int | None = None,
    model_kwargs: dict[str, Any] | None = None,
) -> Json:
    """A film changed as a text says. It is named by its `https:` URL; the other parameters are those of `text_to_video`.

    Raises:
        ExternalServiceError: the provider failed, or did not finish in ten minutes.
    """
    return await _made(
        'video_to_video', model_kwargs, videoUri=video_uri, promptText=prompt_text, model=model, ratio=ratio, seed=seed
    )


async def _made(path: str, model_kwargs: dict[str, Any] | None, **parameters: Any) -> Any:
    more = {
        re.sub('_([a-z])', lambda found: found[1].upper(), name): value for name, value in (model_kwargs or {}).items()
    }
    begun = await requests.ask(RUNWAYML, f'/{path}', {**given(**parameters), **more})
    task = place(RUNWAYML.name, begun, 'id')

    async def look() -> dict[str, Any] | None:
        found = await requests.ask(RUNWAYML, f'/tasks/{task}')
        if found.get('status') in ('FAILED', 'CANCELLED'):
            raise failed(RUNWAYML.name, found.get('failure') or found['status'])
        return found if found.get('status') == 'SUCCEEDED' else None

    return await finished(RUNWAYML.name, look)
