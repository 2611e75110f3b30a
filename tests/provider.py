"""A model provider on loopback, in a process of its own: with limits in a sliding minute, and with everything that goes wrong.

    with Provider(requests=500, tokens=20_000, pace=20, faults={'error': 0.02}) as provider:
        httpx.post(f'{provider.url}/complete', json={'text': 'abc', 'tokens': 30}).json()    # {'text': 'ABC', 'usage': {...}}
        provider.stats()

With a `pace` of 20 its minute lasts three seconds, and `Retry-After` and the like are in the seconds of such a minute.
"""

from __future__ import annotations

import asyncio
import collections
import json
import math
import random
import subprocess
import sys
import time
import urllib.request
from typing import Any

FAULTS = ('error', 'overloaded', 'hang', 'slow', 'malformed', 'dropped')
"""HTTP 500; 529; no answer; a body that takes a second of its minute; a body that is cut off; a connection that is."""


class Provider:
    """Starts the process; `with` ends it.

    Arguments, all optional: `requests` and `tokens` a minute; `headers` in the style of `'openai'` or `'anthropic'`;
    `retry_after`, whether a refusal says how long to wait; `latency` in seconds of its minute; `faults`, the probability of each.
    """

    def __init__(self, **settings: Any) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(settings)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = f'http://127.0.0.1:{int(self._process.stdout.readline())}'

    def __enter__(self) -> Provider:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def stats(self) -> dict[str, Any]:
        """How many requests came, and what became of them: `answered`, `refused`, and each fault; `texts` that were answered,
        `again` how many of those were answered already; `seconds` of its minute from the first request to the last answer."""
        with urllib.request.urlopen(f'{self.url}/stats') as answer:
            stats: dict[str, Any] = json.load(answer)
        return stats


class _Window:
    """What was used in the last minute."""

    def __init__(self, limit: float | None) -> None:
        self.limit = math.inf if limit is None else limit
        self.used = 0.0
        self._entries: collections.deque[tuple[float, float]] = collections.deque()

    def forget(self, now: float) -> None:
        while self._entries and self._entries[0][0] <= now - 60:
            self.used -= self._entries.popleft()[1]

    def wait(self, amount: float, now: float) -> float:
        """Seconds until `amount` more is allowed."""
        freed = self.used + amount - self.limit
        if freed <= 0:
            return 0.0
        for at, used in self._entries:
            freed -= used
            if freed <= 0:
                return at + 60 - now
        return 60.0

    def add(self, amount: float, now: float) -> None:
        self.used += amount
        self._entries.append((now, amount))

    @property
    def reset(self) -> float:
        return 60 * self.used / self.limit


class _Server:
    def __init__(
        self,
        requests: float | None = None,
        tokens: float | None = None,
        pace: float = 1.0,
        headers: str = '',
        retry_after: bool = True,
        latency: float = 0.0,
        faults: dict[str, float] | None = None,
        seed: int = 0,
    ) -> None:
        self.windows = {'requests': _Window(requests), 'tokens': _Window(tokens)}
        self.pace, self.style, self.says_when, self.latency = pace, headers, retry_after, latency
        self.faults, self.random = faults or {}, random.Random(seed)
        self.counts: collections.Counter[str] = collections.Counter()
        self.texts: collections.Counter[str] = collections.Counter()
        self.first = self.last = 0.0

    async def serve(self) -> None:
        server = await asyncio.start_server(self.connected, '127.0.0.1', 0, backlog=1024)
        sys.stdout.write(f'{server.sockets[0].getsockname()[1]}\n')
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)  # until whoever started this ends

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _read(reader):
                await self.answer(*request, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def answer(self, path: str, body: bytes, writer: asyncio.StreamWriter) -> None:
        if path == '/stats':
            again = sum(self.texts.values()) - len(self.texts)
            stats = {**self.counts, 'texts': len(self.texts), 'again': again, 'seconds': self.last - self.first}
            _write(writer, 200, json.dumps(stats).encode(), {})
            return
        now = time.monotonic() * self.pace
        asked = json.loads(body)
        used = {'requests': 1.0, 'tokens': float(asked.get('tokens', 0))}
        self.counts['requests'] += 1
        self.first = self.first or now
        for window in self.windows.values():
            window.forget(now)
        wait = max(window.wait(used[kind], now) for kind, window in self.windows.items())
        if wait > 0:
            self.counts['refused'] += 1
            headers = {'retry-after': str(math.ceil(wait))} if self.says_when else {}
            _write(writer, 429, b'{"error": "slow down"}', headers | self.limits())
            return
        for kind, window in self.windows.items():
            window.add(used[kind], now)
        await asyncio.sleep(self.latency / self.pace)
        fault = self.random.choices([*self.faults, ''], [*self.faults.values(), 1 - sum(self.faults.values())])[0]
        if fault:
            self.counts[fault] += 1
        if fault != 'hang':  # then its client gives up some time, and closes the connection
            await self.complete(asked['text'], int(used['tokens']), fault, writer)

    async def complete(self, text: str, tokens: int, fault: str, writer: asyncio.StreamWriter) -> None:
        usage = {'input_tokens': tokens // 2, 'output_tokens': tokens - tokens // 2}
        body = json.dumps({'text': text.upper(), 'usage': usage}).encode()
        if fault in ('error', 'overloaded'):
            _write(writer, 500 if fault == 'error' else 529, b'{"error": "it is us"}', self.limits())
        elif fault == 'malformed':
            _write(writer, 200, body[: len(body) // 2], self.limits())
        elif fault in ('slow', 'dropped'):
            _write(writer, 200, body[:5], self.limits(), len(body))
            await writer.drain()
            if fault == 'dropped':
                raise ConnectionResetError
            await asyncio.sleep(1 / self.pace)
            writer.write(body[5:])
        else:
            _write(writer, 200, body, self.limits())
        if fault in ('', 'slow'):
            self.counts['answered'] += 1
            self.texts[text] += 1
            self.last = time.monotonic() * self.pace

    def limits(self) -> dict[str, str]:
        told = {}
        for kind, window in self.windows.items():
            if window.limit == math.inf or not self.style:
                continue
            values = {'limit': f'{window.limit:g}', 'remaining': f'{window.limit - window.used:g}'}
            values['reset'] = f'{window.reset:.3f}s'
            for what, value in values.items():
                anthropic, openai = f'anthropic-ratelimit-{kind}-{what}', f'x-ratelimit-{what}-{kind}'
                told[anthropic if self.style == 'anthropic' else openai] = value
        return told


async def _read(reader: asyncio.StreamReader) -> tuple[str, bytes] | None:
    """The path and the body of the next request; None at the end of the connection."""
    head = (await reader.readuntil(b'\r\n\r\n')).decode('latin-1') if not reader.at_eof() else ''
    if not head:
        return None
    lines = head.split('\r\n')
    sizes = [line.partition(':')[2] for line in lines if line.lower().startswith('content-length:')]
    return lines[0].split()[1], await reader.readexactly(int(sizes[0]) if sizes else 0)


def _write(
    writer: asyncio.StreamWriter, status: int, body: bytes, headers: dict[str, str], length: int | None = None
) -> None:
    fields = {'content-type': 'application/json', 'content-length': str(length or len(body)), **headers}
    head = ''.join(f'{name}: {value}\r\n' for name, value in fields.items())
    writer.write(f'HTTP/1.1 {status} X\r\n{head}\r\n'.encode('latin-1') + body)


if __name__ == '__main__':
    asyncio.run(_Server(**json.loads(sys.argv[1])).serve())
