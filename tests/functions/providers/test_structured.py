"""Structured output: a Pydantic model in a request says of which form the answer shall be."""

from __future__ import annotations

from typing import Any

import pydantic
import pytest
from provider_calls import CHAT, GEMINI, asked
from wire import Wire

import pixeltable as pxt
from pixeltable.functions import anthropic, gemini, groq, openai


class District(pydantic.BaseModel):
    name: str


class City(pydantic.BaseModel):
    name: str
    people: int | None = None
    districts: list[District] = []


@pytest.fixture
def t(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> pxt.Table:
    for name in ('openai', 'anthropic', 'gemini', 'groq'):
        monkeypatch.setenv(f'{name}_api_key'.upper(), 'key')
        monkeypatch.setenv(f'{name}_base_url'.upper(), wire.url)
    table = pxt.create_table('t', {'text': pxt.String})
    table.insert([{'text': 'Lima'}])
    return table


def sent(wire: Wire, table: pxt.Table, path: str, answer: Any, expression: Any) -> Any:
    wire.says(path, answer)
    table.add_computed_column(a=expression)  # what is stored is the schema
    return wire.requests[0].body


def check(schema: dict[str, Any]) -> None:
    assert schema['required'] == ['name', 'people', 'districts']
    assert (schema['additionalProperties'], schema['$defs']['District']['additionalProperties']) == (False, False)
    assert 'default' not in schema['properties']['people']


@pytest.mark.parametrize('module', [openai, groq])
def test_chats(wire, t, module) -> None:
    found = module.chat_completions(asked(t), model='m', model_kwargs={'response_format': City})
    shape = sent(wire, t, '/chat/completions', CHAT, found)['response_format']
    assert (shape['type'], shape['json_schema']['name'], shape['json_schema']['strict']) == (
        'json_schema',
        'City',
        True,
    )
    check(shape['json_schema']['schema'])


def test_responses(wire, t) -> None:
    found = openai.responses(asked(t), model='m', model_kwargs={'text': {'format': City}})
    shape = sent(wire, t, '/responses', {'output': []}, found)['text']['format']
    assert (shape['type'], shape['name']) == ('json_schema', 'City')
    check(shape['schema'])


def test_messages(wire, t) -> None:
    options = {'output_config': {'format': City}}
    found = anthropic.messages(asked(t), model='m', max_tokens=9, model_kwargs=options)
    shape = sent(wire, t, '/v1/messages', {'content': []}, found)['output_config']['format']
    assert shape['type'] == 'json_schema'
    check(shape['schema'])


def test_content(wire, t) -> None:
    config = {'response_mime_type': 'application/json', 'response_schema': City}
    found = gemini.generate_content(t.text, model='m', config=config)
    shape = sent(wire, t, '/v1beta/models/m:generateContent', GEMINI, found)['generationConfig']['responseSchema']
    assert shape['properties']['districts']['items']['properties']['name']['type'].upper() == 'STRING'


def test_a_form_of_the_providers_own_stays(wire, t) -> None:
    shape = {'type': 'json_schema', 'json_schema': {'name': 'x', 'schema': {'type': 'object'}}}
    found = openai.chat_completions(asked(t), model='m', model_kwargs={'response_format': shape})
    assert sent(wire, t, '/chat/completions', CHAT, found)['response_format'] == shape
    with pytest.raises(pxt.RequestError, match='cannot be part of an expression'):
        openai.chat_completions(asked(t), model='m', model_kwargs={'response_format': dict})
