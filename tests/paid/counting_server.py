"""A server that counts the calls it gets, outside of the processes that are killed. Answers after `delay` seconds.

Prints its port; ends when its standard input closes. `GET /count` gives how many calls there were.
"""

from __future__ import annotations

import asyncio
import os
import sys

calls = 0


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    global calls
    try:
        while True:
            head = (await reader.readuntil(b'\r\n\r\n')).decode()
            path = head.split(' ')[1]
            if path == '/count':
                body = str(calls)
            else:
                calls += 1
                await asyncio.sleep(float(sys.argv[1]))
                body = path.rpartition('/')[2]
            writer.write(f'HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}'.encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(answer, '127.0.0.1', 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)  # connections may be open still


asyncio.run(main())
