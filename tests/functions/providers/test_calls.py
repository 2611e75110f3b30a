"""What holds for every function of every provider, in its own wire format: see `provider_calls`."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from provider_calls import CALLS, Call
from wire import Reply, Wire

import pixeltable as pxt
from pixeltable.functions._provider.provider import Provider

KEY = 'the-Key-4711-that-nobody-may-see'
FIRST = list({name.partition('.')[0]: name for name in reversed(CALLS)}.values())
"""One function of each provider."""

GIVE_LINKS = ('fal', 'replicate', 'runwayml')
"""Providers whose answers are links that end soon, and are not kept."""


def provider_of(name: str) -> Provider:
    module = name.partition('.')[0]
    found = importlib.import_module(f'pixeltable.functions.{module}')
    if not hasattr(found, module.upper()):
        found = importlib.import_module(f'pixeltable.functions.{module}.provider')
    provider: Provider = getattr(found, module.upper())
    return provider


@pytest.fixture
def call(request: pytest.FixtureRequest, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Call:
    provider = provider_of(request.param)
    pytest.importorskip(provider.package)
    for key, value in ((provider.credential, KEY), (provider.place, wire.url), ('timeout', '0.5')):
        monkeypatch.setenv(f'{provider.section}_{key}'.upper(), value)
    return CALLS[request.param]


def run(wire: Wire, call: Call, table: pxt.Table, model: str, *replies: Any) -> list[Any]:
    """What the call gives for each row; each reply is an answer of the provider, None the right one."""
    path = call.path.replace('{model}', model)
    wire.says(path, *(call.answer if reply is None else reply for reply in replies))
    for also, answers in call.also.items():
        wire.says(also, *answers)
    wire.requests.clear()
    return [*table.order_by(table.id).select(found=call.make(table, model)).collect()['found']]


def sent(wire: Wire, call: Call, model: str) -> int:
    return len([each for each in wire.requests if each.path.partition('?')[0] == call.path.replace('{model}', model)])


@pytest.mark.parametrize('call', CALLS, indirect=True)
def test_answers(wire, call, t, request) -> None:
    """One for each row with arguments, NULL for the others; tokens and what they cost are recorded. None is paid for twice."""
    t.insert([{}])
    first, second = run(wire, call, t, 'm', None)
    assert call.read(first) == call.found
    assert (
        second is None or call.read(second) == call.found
    )  # where the argument is no NULL, as a list of messages is none
    assert call.read(run(wire, call, t, 'm', None)[0]) == call.found
    assert bool(wire.requests) == (request.node.callspec.params['call'].partition('.')[0] in GIVE_LINKS)
    with pytest.raises(pxt.Error):
        call.make(t, 5)  # type: ignore[arg-type]
    used = pxt.usage()
    assert used['calls'][0] >= 1
    assert used['cost'] in ([None], [0.0])  # no price is known


@pytest.mark.parametrize('call', FIRST, indirect=True)
def test_failures_that_pass(wire, call, t) -> None:
    late = Reply({}, delay=0.8)
    for number, failure in enumerate((Reply({'error': 'busy'}, 500), Reply(b'{"a": ['), Reply([1]), late)):
        model = f'm{number}'
        found = run(wire, call, t, model, failure, None)[0]
        assert (call.read(found), sent(wire, call, model) >= 2) == (call.found, True), failure


@pytest.mark.parametrize('call', FIRST, indirect=True)
def test_too_many_requests(wire, call, t) -> None:
    found = run(wire, call, t, 'm', Reply({'error': 'slow down'}, 429, {'retry-after': '0.2'}), None)
    assert call.read(found[0]) == call.found


@pytest.mark.parametrize('call', FIRST, indirect=True)
@pytest.mark.parametrize(('status', 'code'), [(401, 'PROVIDER_AUTH_ERROR'), (400, 'PROVIDER_BAD_REQUEST')])
def test_refusals(wire, call, t, status, code, request, home) -> None:
    """They are not tried again, and show the credential nowhere, even if the provider does."""
    name = request.node.callspec.params['call']
    wire.says(call.path.replace('{model}', 'm'), Reply({'error': {'message': f'is {KEY} a key?'}}, status))
    with pytest.warns(pxt.PixeltableWarning) as warned:
        t.add_computed_column(found=call.make(t, 'm'), on_error='ignore')
    row = t.select(t.found.errortype, t.found.errormsg).collect()[0]
    told = f'{warned[0].message}{row}{t.get_metadata()}'
    assert (f'{name.partition(".")[0]} answered with status {status}' in told, KEY in told) == (True, False)
    with pytest.raises(pxt.Error) as caught:
        t.select(call.make(t, 'm')).collect()
    assert isinstance(caught.value.__cause__, pxt.Error)
    assert caught.value.__cause__.error_code.name == code
    assert KEY not in repr(caught.value.to_dict())
    assert sent(wire, call, 'm') == 2  # one for each statement
    stored = [path for path in home.rglob('*') if path.is_file() and KEY.encode() in path.read_bytes()]
    assert stored == []


@pytest.mark.parametrize('call', [name for name in FIRST if provider_of(name).needs_key], indirect=True)
def test_a_missing_credential(call, t, monkeypatch, request) -> None:
    provider = provider_of(request.node.callspec.params['call'])
    variable = f'{provider.section}_{provider.credential}'.upper()
    monkeypatch.delenv(variable)
    with pytest.raises(pxt.Error, match=variable):
        t.select(call.make(t, 'm')).collect()
