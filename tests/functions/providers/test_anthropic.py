from __future__ import annotations

from typing import Any

import pytest
from provider_calls import ask
from wire import Wire

import pixeltable as pxt
from pixeltable.functions import anthropic

pytestmark = pytest.mark.needs('anthropic')
PATH = '/v1/messages'


def said(*content: Any) -> dict[str, Any]:
    return {
        'id': 'msg_1',
        'type': 'message',
        'role': 'assistant',
        'content': list(content),
        'model': 'claude-sonnet-4-20250514',
        'stop_reason': 'end_turn',
        'usage': {'input_tokens': 1000, 'output_tokens': 100},
    }


def text(words: str = 'hello') -> dict[str, str]:
    return {'type': 'text', 'text': words}


@pytest.fixture(autouse=True)
def _configured(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('ANTHROPIC_API_KEY', 'key')
    monkeypatch.setenv('ANTHROPIC_BASE_URL', wire.url)


def test_a_message_with_an_image(wire, t) -> None:
    wire.says(PATH, said(text()))
    content = [text('what is it?'), {'type': 'image', 'source': t.img}]
    model = 'claude-sonnet-4-20250514'
    options = {'system': 'be brief'}
    t.add_computed_column(
        a=anthropic.messages([{'role': 'user', 'content': content}], model=model, max_tokens=9, model_kwargs=options)
    )
    assert ask(t, t.a.content[0].text) == 'hello'
    sent = wire.requests[0]
    assert (sent.headers['authorization'], sent.body['system'], sent.body['max_tokens']) == (
        'Bearer key',
        'be brief',
        9,
    )
    source = sent.body['messages'][0]['content'][1]['source']
    assert (source['type'], source['media_type'][:6]) == ('base64', 'image/')
    assert (pxt.usage()['input_tokens'], pxt.usage()['cost']) == ([1000], [pytest.approx(0.0045)])


def test_tools(wire, t) -> None:
    @pxt.udf
    def shout(s: str) -> str:
        """Says it loud."""
        return s.upper()

    tools = pxt.tools(shout)
    wire.says(PATH, said(text('I call'), {'type': 'tool_use', 'id': '1', 'name': 'shout', 'input': {'s': 'a'}}))
    asked = [{'role': 'user', 'content': t.text}]
    choice = tools.choice(tool='shout', parallel_tool_calls=False)
    t.add_computed_column(a=anthropic.messages(asked, model='m', max_tokens=9, tools=tools, tool_choice=choice))
    assert ask(t, anthropic.invoke_tools(tools, t.a)) == {'shout': ['A']}
    body = wire.requests[0].body
    assert body['tools'][0]['name'] == 'shout'
    assert body['tools'][0]['input_schema']['properties'] == {'s': {'type': 'string'}}
    assert body['tool_choice'] == {'type': 'tool', 'name': 'shout', 'disable_parallel_tool_use': True}
