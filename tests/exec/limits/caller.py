"""A process that calls the provider of `tests/provider.py` for many rows, each attempt in a pool and with retries.

It reads a JSON object from its argument, says that it is ready, waits for a line, and writes a JSON object: the results by
text, and the errors by text with the attempts that were made.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx

from pixeltable.catalog.work.open import open_work
from pixeltable.config import limits as settings
from pixeltable.exec.limits.clock import Clock
from pixeltable.exec.limits.limits import Limits
from pixeltable.exec.limits.retrying import Attempt, attempts_made, with_retries
from pixeltable.udf.reporting import report_usage
from pixeltable.udf.retry import Retry


async def complete(client: httpx.AsyncClient, text: str, tokens: int) -> str:
    """What a user's function does."""
    answer = await client.post('/complete', json={'text': text, 'tokens': tokens})
    answer.raise_for_status()
    body = answer.json()
    report_usage(headers=answer.headers, **body['usage'])
    result: str = body['text']
    return result


async def call_all(limits: Limits, task: dict[str, Any]) -> dict[str, Any]:
    results: dict[str, str] = {}
    errors: dict[str, tuple[str, int]] = {}
    clock = Clock(task.get('pace', 1.0))
    pool = limits.pool(task.get('pool', 'fake'))
    policy = Retry(**task.get('retry', {}))
    texts = iter(task['texts'])
    async with httpx.AsyncClient(base_url=task['url'], timeout=task.get('timeout', 30.0)) as client:

        async def worker() -> None:
            for text in texts:

                async def attempt(text: str = text) -> str:
                    return await complete(client, text, task.get('tokens', 0))

                async def turn(attempt: Attempt = attempt) -> Any:
                    return await pool.run(attempt, task.get('estimate', 0))

                try:
                    results[text] = await with_retries(turn, policy, clock=clock)
                except Exception as error:  # noqa: BLE001  whatever it is, the test looks at it
                    errors[text] = repr(error), attempts_made(error)

        await asyncio.gather(*(worker() for _ in range(task.get('workers', 256))))
    return {'results': results, 'errors': errors}


def main() -> None:
    task = json.loads(sys.argv[1])
    work = open_work(Path(task['home']), task.get('catalog'))
    limits = Limits(work, settings.pools(task.get('pools', {})), {}, Clock(task.get('pace', 1.0)))
    sys.stdout.write('ready\n')
    sys.stdout.flush()
    sys.stdin.readline()
    outcome = asyncio.run(call_all(limits, task))
    limits.close()
    work.close()
    sys.stdout.write(json.dumps(outcome))


if __name__ == '__main__':
    main()
