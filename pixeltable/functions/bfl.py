"""Images by FLUX models of Black Forest Labs. Needs `BFL_API_KEY`, or `api_key` in section `[bfl]`.

All calls share the resource pool `bfl`.
"""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from pixeltable.functions._provider import http, requests
from pixeltable.functions._provider.images import base64_of
from pixeltable.functions._provider.options import given
from pixeltable.functions._provider.received import received_image
from pixeltable.functions._provider.waiting import failed, finished, place
from pixeltable.types.spelling import Image
from pixeltable.udf.decorators import udf

BFL = http.provider('bfl', 'https://api.bfl.ai/v1', header='x-key', scheme='')

_REFUSED = ('Request Moderated', 'Content Moderated', 'Error', 'Failed', 'Task not found')


@udf(is_deterministic=False, cache=True, resource_pool='bfl')
async def generate(
    prompt: str,
    *,
    model: str,
    width: int | None = None,
    height: int | None = None,
    seed: int | None = None,
    safety_tolerance: int | None = None,
    output_format: Literal['jpeg', 'png'] | None = None,
    steps: int | None = None,
    guidance: float | None = None,
) -> Image:
    """An image that a text describes.

        t.add_computed_column(image=bfl.generate(t.text, model='flux-pro-1.1', width=1024, height=768))

    Args:
        prompt: what the image shows.
        model: the model, such as `'flux-pro-1.1'`.
        width: in pixels, a multiple of 32.
        height: in pixels, a multiple of 32.
        seed: for the same image from the same prompt.
        safety_tolerance: from 0, strict, to 6.
        output_format: what the provider sends; `'png'` loses nothing.
        steps: how many steps are taken, for the models that have them.
        guidance: how close to the prompt the image is, for the models that have it.

    Raises:
        ExternalServiceError: the provider failed, refused the prompt or the image, or did not finish in ten minutes.
    """
    return await _made(
        model, prompt=prompt, width=width, height=height, seed=seed, safety_tolerance=safety_tolerance,
        output_format=output_format, steps=steps, guidance=guidance,
    )  # fmt: skip


@udf(is_deterministic=False, cache=True, resource_pool='bfl')
async def edit(
    prompt: str,
    image: Image,
    *,
    model: str,
    reference_images: list[Image] | None = None,
    width: int | None = None,
    height: int | None = None,
    seed: int | None = None,
    safety_tolerance: int | None = None,
    output_format: Literal['jpeg', 'png'] | None = None,
    steps: int | None = None,
    guidance: float | None = None,
) -> Image:
    """An image changed as a text says, with up to seven others to look at. The other parameters are those of `generate`.

    Raises:
        ExternalServiceError: as `generate`.
    """
    images = [await _sent(each) for each in (image, *(reference_images or ()))]
    named = {'input_image' if index == 1 else f'input_image_{index}': each for index, each in enumerate(images, 1)}
    return await _made(
        model, prompt=prompt, **named, width=width, height=height, seed=seed, safety_tolerance=safety_tolerance,
        output_format=output_format, steps=steps, guidance=guidance,
    )  # fmt: skip


@udf(is_deterministic=False, cache=True, resource_pool='bfl')
async def fill(
    prompt: str,
    image: Image,
    mask: Image,
    *,
    model: str,
    steps: int | None = None,
    guidance: float | None = None,
    seed: int | None = None,
    safety_tolerance: int | None = None,
    output_format: Literal['jpeg', 'png'] | None = None,
) -> Image:
    """An image made anew, as a text says, where `mask` is white. The other parameters are those of `generate`.

    Raises:
        ExternalServiceError: as `generate`.
    """
    return await _made(
        model, prompt=prompt, image=await _sent(image), mask=await _sent(mask), steps=steps, guidance=guidance, seed=seed,
        safety_tolerance=safety_tolerance, output_format=output_format,
    )  # fmt: skip


@udf(is_deterministic=False, cache=True, resource_pool='bfl')
async def expand(
    prompt: str,
    image: Image,
    *,
    model: str,
    top: int = 0,
    bottom: int = 0,
    left: int = 0,
    right: int = 0,
    seed: int | None = None,
    safety_tolerance: int | None = None,
    output_format: Literal['jpeg', 'png'] | None = None,
) -> Image:
    """An image with more at its sides, as a text says: so many pixels each. The other parameters are those of `generate`.

    Raises:
        ExternalServiceError: as `generate`.
    """
    return await _made(
        model, prompt=prompt, image=await _sent(image), top=top, bottom=bottom, left=left, right=right, seed=seed,
        safety_tolerance=safety_tolerance, output_format=output_format,
    )  # fmt: skip


async def _sent(image: Any) -> str:
    return (await asyncio.to_thread(base64_of, image))[1]


async def _made(model: str, **parameters: Any) -> Any:
    begun = await requests.ask(BFL, f'/{model}', given(**parameters))
    url = place(BFL.name, begun, 'polling_url')

    async def look() -> dict[str, Any] | None:
        found = await requests.ask(BFL, url)
        if found.get('status') in _REFUSED:
            raise failed(BFL.name, f'{found["status"]} {found.get("details") or ""}')
        return found if found.get('status') == 'Ready' else None

    result = (await finished(BFL.name, look)).get('result')
    return await received_image(BFL.name, {'url': (result or {}).get('sample')})
