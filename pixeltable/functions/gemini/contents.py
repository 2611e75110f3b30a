"""Texts, images, sounds and films as Gemini takes them: small ones in the request, others as files that are sent before."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pixeltable._support.optional import require
from pixeltable.functions._provider.images import encoded, local_path
from pixeltable.functions._provider.media import kind_of, media_type
from pixeltable.functions._provider.waiting import failed, finished
from pixeltable.functions.gemini.provider import GEMINI, called

LARGEST = 4 * 1024 * 1024
"""Larger files, in bytes, are sent before the request."""


async def contents(given: Any) -> Any:
    """Contents with media as the client takes them. In lists, references stand for images, sounds and films."""
    if isinstance(given, Mapping):
        return {name: await contents(item) for name, item in given.items()}
    if isinstance(given, list | tuple):
        return [await _listed(item) for item in given]
    return given if isinstance(given, str) or not kind_of(given) else _part(await image_part(given))


async def _listed(item: Any) -> Any:
    kind = kind_of(item)
    if not kind:
        return await contents(item)
    return _part(await (image_part(item) if kind == 'image' else file_part(local_path(item))))


def _part(described: dict[str, Any]) -> Any:
    return require('google.genai.types', 'gemini').Part.model_validate(described)


async def image_part(image: Any) -> dict[str, Any]:
    """An image as a part of contents."""
    kind, content = await asyncio.to_thread(encoded, image)
    return {'inline_data': {'mime_type': kind, 'data': content}}


async def file_part(path: str) -> dict[str, Any]:
    """A file as a part of contents."""
    kind = media_type(path)
    content = await asyncio.to_thread(_content, path)
    if content is not None:
        return {'inline_data': {'mime_type': kind, 'data': content}}
    sent = await called(lambda client: client.files.upload(file=path, config={'mime_type': kind}))

    async def look() -> Any:
        found = await GEMINI.call(lambda client: client.files.get(name=sent.name))
        state = getattr(found.state, 'name', 'ACTIVE')
        if state == 'FAILED':
            raise failed(GEMINI.name, f'it cannot read {os.path.basename(path)!r}')
        return None if state == 'PROCESSING' else found

    return {'file_data': {'mime_type': kind, 'file_uri': (await finished(GEMINI.name, look)).uri}}


def _content(path: str) -> bytes | None:
    """What is small enough for a request; None for a larger file."""
    return Path(path).read_bytes() if os.path.getsize(path) <= LARGEST else None
