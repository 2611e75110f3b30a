"""`mcp_udfs`: the tools of a server that speaks the Model Context Protocol, as functions.

A function is stored by value: with the server's URL, the tool's name and what the tool was declared to take. Each process
compares that with the server before its first call.
"""

from __future__ import annotations

import asyncio
import json
import threading
import weakref
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from pixeltable._support.optional import require
from pixeltable._support.urls import without_secrets
from pixeltable.errors import Error, ErrorCode, NotFoundError, RequestError, did_you_mean
from pixeltable.functions._provider.errors import translated
from pixeltable.functions._provider.waiting import failed
from pixeltable.types.column_type import BOOL, FLOAT, INT, JSON, STRING, ColumnType
from pixeltable.udf.declaration import Options, new_identity
from pixeltable.udf.fingerprint import digest
from pixeltable.udf.function import Function
from pixeltable.udf.signature import Parameter, Signature

T = TypeVar('T')
_TYPES = {'string': STRING, 'integer': INT, 'number': FLOAT, 'boolean': BOOL}
_SECONDS = 600.0
"""A tool that takes longer has failed."""

_compared: set[tuple[str, str, str]] = set()


def mcp_udfs(url: str) -> list[Function]:
    """The tools of an MCP server as functions, one for each. They give the text of what the tool answers.

        tools = pxt.tools(*pxt.mcp_udfs('http://localhost:8000/mcp'))

    A parameter that the tool does not require may be left out, or be None. Needs the extra `mcp`.

    Args:
        url: where the server is: its address for streamable HTTP.

    Raises:
        RequestError: INVALID_ARGUMENT for what is no URL, INVALID_CONFIGURATION without the package.
        ExternalServiceError: the server cannot be reached, or refuses. So does a call; and a call raises FUNCTION_NOT_FOUND or
            SCHEMA_MISMATCH if the tool is not there any more, or has other parameters.
    """
    if not isinstance(url, str) or not url.startswith(('http://', 'https://')):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'mcp_udfs() takes the http(s) URL of a server, not {url!r:.80}.'
        )
    return [_function(url, tool) for tool in _run(_at(url, _tools))]


def _run(work: Coroutine[Any, Any, T]) -> T:
    """What `work` gives. In a thread of its own, as this one may run an event loop, which that of a notebook does."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(asyncio.run(work))
        except Error as error:
            found.append(error)

    thread = threading.Thread(target=run, name='pixeltable-mcp')
    thread.start()
    thread.join()
    if isinstance(found[0], Error):
        raise found[0]
    result: T = found[0]
    return result


async def _at(url: str, work: Callable[[Any], Awaitable[T]]) -> T:
    """What `work` gives for a client of the server. Raises ExternalServiceError for whatever the client raises."""
    connections = _connections.setdefault(asyncio.get_running_loop(), {})
    connection = connections.setdefault(url, _Connection(url))
    try:
        return await work(await connection.client())
    except Error:
        raise
    except Exception as error:  # noqa: BLE001  it goes on as one of ours
        if connections.get(url) is connection:
            del connections[url]  # the next attempt connects anew
        connection.close()
        cause: Exception = error
        while isinstance(cause, ExceptionGroup):  # of the client's tasks
            cause = cause.exceptions[0]
        if isinstance(cause, Error):
            raise cause from None
        raise translated(f'the MCP server {without_secrets(url)}', cause) from None


class _Connection:
    """A client and the task that it lives in, which ends with its loop: connecting takes longer than most calls."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: asyncio.Future[Any] | None = None
        self._task: asyncio.Task[None] | None = None

    async def client(self) -> Any:
        if self._client is None:
            self._client = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._live(self._client))
        return await asyncio.shield(self._client)

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _live(self, made: asyncio.Future[Any]) -> None:
        try:
            async with require('mcp', 'mcp').Client(self._url, read_timeout_seconds=_SECONDS) as client:
                made.set_result(client)
                await asyncio.Event().wait()
        except Exception as error:  # noqa: BLE001  who waits for the client gets it
            if not made.done():
                made.set_exception(error)


_connections: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, _Connection]] = weakref.WeakKeyDictionary()


async def _tools(client: Any) -> list[Any]:
    page = await client.list_tools()
    found = list(page.tools)
    while page.next_cursor:
        page = await client.list_tools(cursor=page.next_cursor)
        found += page.tools
    return found


def _function(url: str, tool: Any) -> Function:
    tool_name, schema = tool.name, _canonical(tool.input_schema)
    required = tool.input_schema.get('required') or ()
    properties: Mapping[str, Any] = tool.input_schema.get('properties') or {}
    parameters = [_parameter(name, each, name in required) for name, each in properties.items()]
    parameters.sort(key=lambda parameter: parameter.has_default)
    names = [parameter.name for parameter in parameters]

    async def call(*values: Any, **more: Any) -> str:
        given = dict(zip(names, values, strict=False)) | more
        arguments = {name: each for name, each in given.items() if each is not None or name in required}
        return await _called(url, tool_name, schema, arguments)

    call.__name__, call.__doc__ = tool_name, _description(tool)
    options = Options(is_deterministic=False, version=digest(f'{url} {tool_name} {schema}'))
    signature = Signature(tuple(parameters), STRING)
    return Function(call, signature, options, __name__, tool_name, new_identity(__name__, tool_name))


def _canonical(schema: Any) -> str:
    return json.dumps(schema, sort_keys=True)


def _description(tool: Any) -> str:
    """What the tool says about itself and its parameters."""
    properties: Mapping[str, Any] = tool.input_schema.get('properties') or {}
    told = [f'    {name}: {each["description"]}' for name, each in properties.items() if each.get('description')]
    return '\n'.join([tool.description or tool.title or tool.name, *(['', 'Args:', *told] if told else [])])


def _parameter(name: str, schema: Mapping[str, Any], is_required: bool) -> Parameter:
    choices = schema.get('enum')
    known = tuple(choices) if isinstance(choices, list) and is_required else None
    return Parameter(name, _type(schema, not is_required), None, has_default=not is_required, choices=known)


def _type(schema: Mapping[str, Any], is_nullable: bool) -> ColumnType:
    """The type of a JSON Schema; Json for what is no plain value."""
    some = [each.get('type') for each in schema.get('anyOf') or schema.get('oneOf') or [schema]]
    if isinstance(some[0], list):  # ['string', 'null']
        some = some[0]
    plain = [name for name in some if name != 'null']
    found = _TYPES.get(str(plain[0]), JSON) if len(plain) == 1 else JSON
    return found.with_nullable(is_nullable or len(plain) < len(some))


async def _called(url: str, name: str, schema: str, arguments: Mapping[str, Any]) -> str:
    return await _at(url, lambda client: _answered(client, url, name, schema, arguments))


async def _answered(client: Any, url: str, name: str, schema: str, arguments: Mapping[str, Any]) -> str:
    if (url, name, schema) not in _compared:
        _compare(await _tools(client), url, name, schema)
        _compared.add((url, name, schema))
    result = await client.call_tool(name, dict(arguments))
    text = '\n'.join(part.text for part in result.content if part.type == 'text')
    if result.is_error:
        raise failed(f'{name}() of the MCP server {without_secrets(url)}', text)
    return text


def _compare(tools: list[Any], url: str, name: str, schema: str) -> None:
    now = next((_canonical(tool.input_schema) for tool in tools if tool.name == name), None)
    if now is None:
        names = [tool.name for tool in tools]
        raise NotFoundError(
            ErrorCode.FUNCTION_NOT_FOUND,
            f'the MCP server {without_secrets(url)} has no tool {name!r} any more.{did_you_mean(name, names)}',
        )
    if now != schema:
        raise RequestError(
            ErrorCode.SCHEMA_MISMATCH,
            f'{name}() of the MCP server {without_secrets(url)} takes other parameters than it did: call mcp_udfs() again, and '
            "replace the columns that use it with add_computed_column(..., if_exists='replace').",
        )
