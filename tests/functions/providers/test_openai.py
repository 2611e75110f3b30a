from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from provider_calls import ask
from wire import Reply, Wire

import pixeltable as pxt
from pixeltable.functions import openai

pytestmark = pytest.mark.needs('openai')
CHAT = '/v1/chat/completions'
USAGE = {'prompt_tokens': 1000, 'completion_tokens': 500, 'total_tokens': 1500}


def chat(text: str = 'hello', **message: Any) -> dict[str, Any]:
    return {
        'id': 'chatcmpl-1',
        'object': 'chat.completion',
        'created': 1,
        'model': 'gpt-4o-mini',
        'choices': [
            {'index': 0, 'message': {'role': 'assistant', 'content': text, **message}, 'finish_reason': 'stop'}
        ],
        'usage': USAGE,
    }


def png(color: str = 'red') -> bytes:
    buffer = io.BytesIO()
    PIL.Image.new('RGB', (3, 2), color).save(buffer, format='PNG')
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def _configured(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('OPENAI_API_KEY', 'sk-test-abcdefghijklmnopqrstuvwxyz')
    monkeypatch.setenv('OPENAI_BASE_URL', f'{wire.url}/v1')


def test_a_chat(wire, t) -> None:
    wire.says(CHAT, chat())
    messages = [{'role': 'user', 'content': t.text}]
    t.add_computed_column(answer=openai.chat_completions(messages, model='gpt-4o-mini', model_kwargs={'seed': 3}))
    assert t.select(said=t.answer.choices[0].message.content).collect()['said'] == ['hello']
    sent = wire.requests[0]
    assert sent.body == {'messages': [{'role': 'user', 'content': 'hi'}], 'model': 'gpt-4o-mini', 'seed': 3}
    assert sent.headers['authorization'] == 'Bearer sk-test-abcdefghijklmnopqrstuvwxyz'
    used = pxt.usage()
    assert (used['calls'], used['input_tokens'], used['output_tokens']) == ([1], [1000], [500])
    assert used['cost'] == [pytest.approx(0.00045)]


def test_the_model_of_the_configuration(wire, t, monkeypatch) -> None:
    wire.says(CHAT, chat())
    with pytest.raises(pxt.RequestError, match='OPENAI_MODEL'):
        ask(t, openai.chat_completions([{'role': 'user', 'content': t.text}]))
    with pytest.warns(pxt.PixeltableWarning, match='OPENAI_MODEL'):
        t.add_computed_column(answer=openai.chat_completions([{'role': 'user', 'content': t.text}]))
    monkeypatch.setenv('OPENAI_MODEL', 'gpt-own')
    ask(t, openai.chat_completions(messages=[{'role': 'user', 'content': f'Classify: {t.text}'}]))
    assert wire.requests[0].body == {'model': 'gpt-own', 'messages': [{'role': 'user', 'content': 'Classify: hi'}]}
    monkeypatch.setenv('OPENAI_MODEL', 'gpt-other')
    ask(t, openai.chat_completions(messages=[{'role': 'user', 'content': f'Classify: {t.text}'}]))
    assert [each.body['model'] for each in wire.requests] == ['gpt-own', 'gpt-other']


def test_images_in_messages(wire, t) -> None:
    wire.says(CHAT, chat())
    parts = [{'type': 'text', 'text': 'what is it?'}, {'type': 'image_url', 'image_url': t.img}]
    ask(t, openai.chat_completions([{'role': 'user', 'content': parts}], model='gpt-4o'))
    url = wire.requests[0].body['messages'][0]['content'][1]['image_url']['url']
    image = PIL.Image.open(io.BytesIO(base64.b64decode(url.partition(',')[2])))
    assert (url[:11], image.size, image.getpixel((0, 0))) == ('data:image/', (3, 2), (0, 0, 255))
    assert ask(t, openai.vision('what?', t.img, model='gpt-4o')) == 'hello'
    assert wire.requests[1].body['messages'][0]['content'][1]['image_url']['url'].startswith('data:image/')


def test_a_file_that_is_no_image_is_not_sent(wire, t, tmp_path) -> None:
    (tmp_path / 'secret').write_text('secret')
    t.insert([{'text': (tmp_path / 'secret').as_uri()}])
    parts = [{'type': 'image_url', 'image_url': t.text}]
    wire.says(CHAT, chat())
    answer = openai.chat_completions([{'role': 'user', 'content': parts}], model='gpt-4o')
    with pytest.raises(pxt.Error, match='cannot be sent as an image'):
        t.where(t.text != 'hi').select(answer).collect()
    assert wire.requests == []


def test_tools(wire, t) -> None:
    @pxt.udf
    def temperature(city: str) -> float:
        """The temperature in a city."""
        return float(len(city))

    @pxt.udf
    def unused(n: int) -> int:
        return n

    tools = pxt.tools(temperature, unused)
    calls = [
        {'id': str(n), 'type': 'function', 'function': {'name': 'temperature', 'arguments': json.dumps({'city': city})}}
        for n, city in enumerate(['Rome', 'Berlin'])
    ]
    wire.says(CHAT, chat('', tool_calls=calls))
    messages = [{'role': 'user', 'content': t.text}]
    choice = tools.choice(required=True, parallel_tool_calls=False)
    answer = openai.chat_completions(messages, model='gpt-4o', tools=tools, tool_choice=choice)
    t.add_computed_column(answer=answer)
    assert ask(t, openai.invoke_tools(tools, t.answer)) == {'temperature': [4.0, 6.0], 'unused': None}
    sent = wire.requests[0].body
    assert [(tool['type'], tool['function']['name']) for tool in sent['tools']] == [
        ('function', 'temperature'),
        ('function', 'unused'),
    ]
    assert (sent['tool_choice'], sent['parallel_tool_calls']) == ('required', False)
    ask(t, openai.chat_completions(messages, model='gpt-4o', tools=tools, tool_choice=tools.choice(tool='unused')))
    assert wire.requests[1].body['tool_choice'] == {'type': 'function', 'function': {'name': 'unused'}}


def test_responses(wire, t) -> None:
    call = {'type': 'function_call', 'name': 'shout', 'arguments': '{"s": "a"}', 'call_id': '1'}
    wire.says('/v1/responses', {'id': 'r', 'output': [call], 'usage': {'input_tokens': 5, 'output_tokens': 7}})

    @pxt.udf
    def shout(s: str) -> str:
        return s.upper()

    tools = pxt.tools(shout)
    items = [{'role': 'user', 'content': [{'type': 'input_image', 'image_url': t.img}]}]
    t.add_computed_column(answer=openai.responses(items, model='gpt-4o', tools=tools))
    assert ask(t, openai.invoke_tools(tools, t.answer)) == {'shout': ['A']}
    body = wire.requests[0].body
    assert body['input'][0]['content'][0]['image_url'].startswith('data:image/')
    assert body['tools'][0]['name'] == 'shout'
    assert (pxt.usage()['input_tokens'], pxt.usage()['output_tokens']) == ([5], [7])


def embedded(request: Any) -> dict[str, Any]:
    width = request.body.get('dimensions', 1536)
    data = [
        {'object': 'embedding', 'index': n, 'embedding': [float(len(text))] * width}
        for n, text in enumerate(request.body['input'])
    ]
    return {'object': 'list', 'data': data[::-1], 'model': 'm', 'usage': {'prompt_tokens': 4, 'total_tokens': 4}}


def test_embeddings(wire, t) -> None:
    wire.says('/v1/embeddings', embedded)
    t.insert([{'text': 'longer'}, {'text': None}])
    found = openai.embeddings(t.text, model='text-embedding-3-small', model_kwargs={'dimensions': 4})
    assert found.col_type.array.shape == (4,)
    vectors = t.select(v=found).collect()['v']
    assert [None if v is None else v.tolist() for v in vectors] == [[2.0] * 4, [6.0] * 4, None]
    assert openai.embeddings(t.text, model='text-embedding-3-large').col_type.array.shape == (3072,)
    with pytest.raises(pxt.RequestError, match='dimensions must be'):
        openai.embeddings(t.text, model='m', model_kwargs={'dimensions': 'x'})


def test_an_index(wire, t) -> None:
    wire.says('/v1/embeddings', embedded)
    t.add_embedding_index('text', string_embed=openai.embeddings.using(model='text-embedding-3-small'))
    assert t.select(t.text_embedding).collect()['text_embedding'][0].shape == (1536,)
    assert t.order_by(t.text.similarity('x'), asc=False).limit(1).collect()['text'] == ['hi']


def test_audio(wire, t, tmp_path) -> None:
    wire.says('/v1/audio/speech', Reply(b'RIFF0000WAVEfmt ', headers={'content-type': 'audio/wav'}))
    path = ask(t, openai.speech(t.text, model='tts-1', voice='alloy', model_kwargs={'response_format': 'wav'}))
    assert Path(path).read_bytes() == b'RIFF0000WAVEfmt '
    assert path.endswith('.wav')
    sounds = pxt.create_table('sounds', {'sound': pxt.Audio}, media_validation='on_read')
    sounds.insert([{'sound': path}])
    wire.says('/v1/audio/transcriptions', {'text': 'hello', 'usage': {'type': 'duration', 'seconds': 1}})
    assert ask(sounds, openai.transcriptions(sounds.sound, model='whisper-1').text) == 'hello'
    assert b'filename=' in wire.requests[1].content
    assert b'RIFF0000WAVEfmt ' in wire.requests[1].content
    wire.says('/v1/audio/translations', Reply(b'1\n00:00:00,000 --> 00:00:01,000\nhello\n'))
    options = {'response_format': 'srt'}
    found = ask(sounds, openai.translations(sounds.sound, model='whisper-1', model_kwargs=options))
    assert found['srt'].startswith('1\n00:00')
    by_speaker = {'id': 'seg_001', 'speaker': 'A', 'text': 'hello', 'start': 0.0, 'end': 1.0}
    wire.says('/v1/audio/transcriptions', {'text': 'hello', 'segments': [by_speaker]})
    sounds.add_computed_column(said=openai.transcriptions(sounds.sound, model='gpt-4o-transcribe-diarize'))
    assert ask(sounds, sounds.said.segments[0]) == by_speaker


def test_images(wire, t) -> None:
    answer = {'created': 5, 'data': [{'b64_json': base64.b64encode(png()).decode()}], 'size': '3x2'}
    for path in ('generations', 'edits', 'variations'):
        wire.says(f'/v1/images/{path}', answer)
    t.add_computed_column(made=openai.image_generations(t.text, model='dall-e-3'))
    assert ask(t, t.made.data[0]).getpixel((0, 0)) == (255, 0, 0)
    assert wire.requests[0].body == {'prompt': 'hi', 'model': 'dall-e-3', 'response_format': 'b64_json'}
    edited = ask(t, openai.image_edits(t.img, prompt='x', model='gpt-image-1', mask=t.img))
    assert (edited['created'], edited['size'], edited['usage']) == (5, '3x2', None)
    assert wire.requests[1].content.count(b'filename=') == 2
    assert ask(t, openai.image_variations(t.img, model='dall-e-2'))['data'][0].size == (3, 2)


def test_moderations(wire, t) -> None:
    result = {'flagged': True, 'categories': {'self-harm/intent': True}, 'category_scores': {'self-harm/intent': 0.9}}
    wire.says('/v1/moderations', {'id': 'm', 'model': 'o', 'results': [result]})
    found = ask(t, openai.moderations(t.text))
    assert found['results'][0]['categories'] == {'self_harm_intent': True}


ERROR = {'error': {'message': 'no', 'type': 'invalid_request_error', 'code': 'bad'}}


@pytest.mark.parametrize(
    ('replies', 'code', 'requests'),
    [
        ([Reply({'error': {'code': 'insufficient_quota'}}, 429)], 'PROVIDER_BAD_REQUEST', 1),
        ([Reply(ERROR, 429, {'retry-after': '0.2'}), chat()], None, 2),
        ([Reply(ERROR, 503)], 'PROVIDER_OVERLOADED', 3),
        ([{'id': 'x'}], 'PROVIDER_ERROR', 3),
    ],
)
def test_failures(wire, t, replies, code, requests) -> None:
    """Those that all providers have are in test_calls."""
    wire.says(CHAT, *replies)
    answer = openai.chat_completions([{'role': 'user', 'content': t.text}], model='m')
    if code is None:
        assert ask(t, answer)['choices'][0]['message']['content'] == 'hello'
    else:
        with pytest.raises(pxt.Error) as caught:
            ask(t, answer)
        cause = caught.value.__cause__ or caught.value
        assert isinstance(cause, pxt.Error)
        assert cause.error_code.name == code
    assert len(wire.requests) == requests


def test_time_and_connections(wire, t, monkeypatch) -> None:
    monkeypatch.setenv('OPENAI_READ_TIMEOUT', '0.3')
    monkeypatch.setenv('OPENAI_MAX_CONNECTIONS', '2')
    wire.says(CHAT, Reply(chat(), delay=0.6), chat())
    ask(t, openai.chat_completions([{'role': 'user', 'content': t.text}], model='m'))
    assert len(wire.requests) == 2
    monkeypatch.setenv('OPENAI_MAX_CONNECTIONS', 'many')
    with pytest.raises(pxt.Error, match=r'openai\.max_connections must be a whole number'):
        ask(t, openai.chat_completions([{'role': 'user', 'content': t.text}], model='m2'))
