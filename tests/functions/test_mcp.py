"""Functions of a real MCP server, in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from ready import Program, script

import pixeltable as pxt
from pixeltable.exec.limits import limits
from pixeltable.functions import _mcp
from pixeltable.udf.retry import Retry

pytestmark = pytest.mark.needs('mcp')

SERVER = """
import socket, sys, uvicorn
from typing import Annotated, Literal
from pydantic import Field
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer('weather')

@server.tool()
def forecast(city: Annotated[str, Field(description='a city')], days: int = 1, unit: Literal['C', 'F'] = 'C') -> str:
    'What the weather will be.'
    if city == 'Atlantis':
        raise ToolError('it is under water')
    return f'{city}: {days} days of sun, {unit}'

@server.tool()
def total(numbers: list[float], factor: float | None = None) -> str:
    'The sum.'
    return str(sum(numbers) * (factor or 1))

@server.tool()
def described(text: str | None) -> str:
    'Takes null, but not nothing.'
    return repr(text)

if 'changed' in sys.argv:
    server.remove_tool('total')
    server.remove_tool('forecast')

    @server.tool()
    def forecast(place: str) -> str:
        'What the weather will be.'
        return 'rain'

listener = socket.create_server(('127.0.0.1', int(sys.argv[1])))
print(listener.getsockname()[1], flush=True)
config = uvicorn.Config(server.streamable_http_app(), log_level='error')
uvicorn.Server(config).run(sockets=[listener])
"""


class Started:
    def __init__(self, *arguments: str) -> None:
        self.process = Program(script(SERVER), *arguments, libraries=('uvicorn', 'mcp.server.mcpserver'))
        self.port = self.process.stdout.readline().strip()
        self.url = f'http://127.0.0.1:{self.port}/mcp'

    def stop(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope='module')
def url() -> Iterator[str]:
    server = Started('0')
    yield server.url
    server.stop()


@pytest.fixture
def t(home: Path) -> pxt.Table:
    table = pxt.create_table('t', {'city': pxt.String | None, 'n': pxt.Int | None})
    table.insert([{'city': 'Lima', 'n': 3}, {}])
    return table


def test_tools_are_functions(url, t) -> None:
    forecast, total, described = pxt.mcp_udfs(url)
    assert str(forecast.signature) == '(city: String, days: Int | None = None, unit: String | None = None) -> String'
    assert forecast.__doc__ == 'What the weather will be.\n\nArgs:\n    city: a city'
    t.add_computed_column(weather=forecast(t.city, days=t.n))
    t.insert([{'city': 'Rome', 'n': 1}])
    assert t.order_by(t.id).collect()['weather'] == ['Lima: 3 days of sun, C', None, 'Rome: 1 days of sun, C']
    assert t.select(x=total([1.5, 2.5], factor=t.n)).limit(1).collect()['x'] == ['12.0']
    assert t.order_by(t.id).select(x=described(t.city)).collect()['x'] == ["'Lima'", 'None', "'Rome'"]
    with pytest.raises(pxt.Error, match='city'):
        forecast(days=3)


def test_as_tools_of_a_model(url, t) -> None:
    tools = pxt.tools(*pxt.mcp_udfs(url))
    described = tools.model_dump()[0]
    assert (described['name'], described['parameters']['required']) == ('forecast', ['city'])
    assert [each.name for each in tools.tools] == ['forecast', 'total', 'described']


@pytest.mark.parametrize(
    ('schema', 'found'),
    [
        ({'type': 'integer'}, 'Int'),
        ({'type': ['string', 'null']}, 'String | None'),
        ({'anyOf': [{'type': 'number'}, {'type': 'null'}]}, 'Float | None'),
        ({'oneOf': [{'type': 'number'}, {'type': 'string'}]}, 'Json'),
        ({'type': ['number', 'string']}, 'Json'),
        ({'type': 'array'}, 'Json'),
        ({}, 'Json'),
    ],
)
def test_types(schema, found) -> None:
    assert str(_mcp._type(schema, False)) == found


def test_failures(url, t) -> None:
    forecast = pxt.mcp_udfs(url)[0]
    with pytest.raises(pxt.Error, match='it is under water'):
        t.select(forecast('Atlantis')).collect()
    with pytest.raises(pxt.ExternalServiceError, match=r'MCP server http://127.0.0.1:9/mcp could not be reached'):
        pxt.mcp_udfs('http://127.0.0.1:9/mcp')
    with pytest.raises(pxt.ExternalServiceError):
        pxt.mcp_udfs(url + '/nowhere')
    for wrong in ('localhost', None, 5):
        with pytest.raises(pxt.RequestError, match='takes the http'):
            pxt.mcp_udfs(wrong)


def test_within_an_event_loop(url) -> None:
    async def inside() -> int:
        return len(pxt.mcp_udfs(url))

    assert asyncio.run(inside()) == 3


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions that are opened from now on retry soon."""
    monkeypatch.setattr(limits, 'Retry', lambda: Retry(attempts=3, first_wait=0.01))


def test_a_changed_interface(impatient, t, monkeypatch) -> None:
    before = Started('0')
    forecast, total, _ = pxt.mcp_udfs(before.url)
    before.stop()
    with pytest.raises(pxt.Error, match='could not be reached'):
        t.select(forecast(t.city)).collect()
    after = Started(before.port, 'changed')
    monkeypatch.setattr(_mcp, '_compared', set())
    try:
        with pytest.raises(pxt.Error, match='takes other parameters than it did'):
            t.select(forecast(t.city)).collect()
        with pytest.raises(pxt.Error, match="has no tool 'total' any more"):
            t.select(total([1.0])).collect()
    finally:
        after.stop()
