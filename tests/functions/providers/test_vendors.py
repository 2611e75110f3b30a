"""The providers that speak OpenAI's format."""

from __future__ import annotations

import base64
import io
from typing import Any

import PIL.Image
import pytest
from wire import Reply, Wire

import pixeltable as pxt
from pixeltable.functions import groq, mistralai, nebius, openrouter, together

pytestmark = pytest.mark.needs('openai')
VENDORS = ('groq', 'mistral', 'nebius', 'openrouter', 'together')


@pytest.fixture(autouse=True)
def _configured(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    for section in VENDORS:
        monkeypatch.setenv(f'{section}_API_KEY'.upper(), 'key')
        monkeypatch.setenv(f'{section}_BASE_URL'.upper(), wire.url)


@pytest.fixture
def t() -> pxt.Table:
    table = pxt.create_table('t', {'text': pxt.String | None})
    table.insert([{'text': 'hi'}, {'text': None}])
    return table


def chat(**usage: Any) -> dict[str, Any]:
    return {
        'choices': [{'message': {'content': 'yes'}}],
        'usage': {'prompt_tokens': 3, 'completion_tokens': 2, **usage},
    }


def test_openrouter(wire, t) -> None:
    wire.says('/chat/completions', chat(cost=0.5))
    wanted = {'provider': {'order': ['x']}, 'transforms': ['middle-out']}
    t.add_computed_column(a=openrouter.chat_completions([{'role': 'user', 'content': 'x'}], model='m', **wanted))
    assert wire.requests[0].body | wanted == wire.requests[0].body
    assert pxt.usage()['cost'] == [1.0]  # the provider says it


def test_tools(wire, t) -> None:
    @pxt.udf
    def double(n: int) -> int:
        return 2 * n

    tools = pxt.tools(double)
    call = {'type': 'function', 'function': {'name': 'double', 'arguments': '{"n": 4}'}}
    wire.says('/chat/completions', {'choices': [{'message': {'tool_calls': [call]}}]})
    t.add_computed_column(a=groq.chat_completions([{'role': 'user', 'content': 'x'}], model='m', tools=tools))
    assert t.select(x=groq.invoke_tools(tools, t.a)).collect()['x'][0] == {'double': [8]}


@pytest.mark.parametrize(
    ('embeddings', 'model', 'length'),
    [
        (mistralai.embeddings, 'mistral-embed', 1024),
        (nebius.embeddings, 'Qwen/Qwen3-Embedding-8B', 4096),
        (together.embeddings, 'BAAI/bge-base-en-v1.5', 768),
    ],
)
def test_embeddings(wire, t, embeddings, model, length) -> None:
    wire.says('/embeddings', {'data': [{'index': 0, 'embedding': [0.5] * length}], 'usage': {'total_tokens': 2}})
    found = embeddings(t.text, model=model)
    assert found.col_type.array.shape == (length,)
    vectors = t.select(v=found).collect()['v']
    assert (vectors[0].shape, vectors[1]) == ((length,), None)


def test_other_completions(wire, t) -> None:
    wire.says('/fim/completions', chat())
    wire.says('/completions', {'choices': [{'text': 'yes'}]})
    found = t.select(
        a=mistralai.fim_completions(t.text, model='codestral').choices[0].message.content,
        b=together.completions(t.text, model='m').choices[0].text,
    ).collect()
    assert (found['a'], found['b']) == (['yes', None], ['yes', None])


def test_an_image(wire, t) -> None:
    buffer = io.BytesIO()
    PIL.Image.new('RGB', (3, 2)).save(buffer, format='PNG')
    wire.says('/images/generations', {'data': [{'url': f'{wire.url}/picture'}]}, {'data': []})
    wire.says('/picture', Reply(buffer.getvalue()))
    made = together.image_generations(t.text, model='flux')
    assert t.select(x=made).collect()['x'][0].size == (3, 2)
    wire.says('/images/generations', {'data': [{'b64_json': base64.b64encode(b'no image').decode()}]})
    pxt.ledger.clear()
    with pytest.raises(pxt.Error, match='image is damaged'):
        t.select(made).collect()
