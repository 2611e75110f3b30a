"""The client of a paid service, in a module of its own, as an open connection cannot be stored."""

from __future__ import annotations

import httpx

import pixeltable as pxt

client = httpx.AsyncClient(limits=httpx.Limits(max_connections=64), timeout=30, trust_env=False)


@pxt.udf(cache=True, resource_pool='service')
async def paid(x: int, url: str) -> int:
    answer = await client.get(f'{url}/call/{x}')
    return int(answer.text) * 2
