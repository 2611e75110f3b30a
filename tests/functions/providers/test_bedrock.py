from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import films
import pytest
from provider_calls import ask
from wire import Reply, Wire

import pixeltable as pxt
from pixeltable.functions import bedrock
from pixeltable.storage.objects.remote import RemoteStore

pytestmark = pytest.mark.needs('boto3')
NOVA = 'amazon.nova-lite-v1:0'
CONVERSE = '/model/amazon.nova-lite-v1%3A0/converse'


def said(*content: Any) -> dict[str, Any]:
    return {
        'output': {'message': {'role': 'assistant', 'content': [*content]}},
        'usage': {'inputTokens': 10, 'outputTokens': 3},
    }


@pytest.fixture(autouse=True)
def _configured(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('AWS_ACCESS_KEY_ID', 'AKIAsomebody')
    monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', 'secret')
    monkeypatch.setenv('BEDROCK_BASE_URL', wire.url)


def test_an_image_and_parameters(wire, t, monkeypatch) -> None:
    monkeypatch.setenv('BEDROCK_SERVICE_TIER', 'flex')
    wire.says(CONVERSE, said({'text': 'hello'}))
    messages = [{'role': 'user', 'content': [{'text': t.text}, {'image': t.img}]}]
    options = {'system': [{'text': 'be brief'}], 'inference_config': {'maxTokens': 9}}
    t.add_computed_column(a=bedrock.converse(messages, model_id=NOVA, **options))
    assert ask(t, t.a.output.message.content[0].text) == 'hello'
    sent = wire.requests[0]
    assert 'Credential=AKIAsomebody/' in sent.headers['authorization']
    assert (sent.body['system'], sent.body['inferenceConfig']) == ([{'text': 'be brief'}], {'maxTokens': 9})
    assert sent.body['messages'][0]['content'][1]['image']['format'] in ('png', 'webp')
    assert sent.body['serviceTier'] == {'type': 'flex'}
    assert (pxt.usage()['input_tokens'], pxt.usage()['output_tokens']) == ([10], [3])


def test_tools(wire, t) -> None:
    @pxt.udf
    def double(n: int) -> int:
        return 2 * n

    tools = pxt.tools(double)
    wire.says(CONVERSE, said({'toolUse': {'toolUseId': '1', 'name': 'double', 'input': {'n': 4}}}))
    messages = [{'role': 'user', 'content': [{'text': t.text}]}]
    t.add_computed_column(a=bedrock.converse(messages, model_id=NOVA, tool_config=tools))
    assert ask(t, bedrock.invoke_tools(tools, t.a)) == {'double': [8]}
    described = wire.requests[0].body['toolConfig']['tools'][0]['toolSpec']
    assert (described['name'], described['inputSchema']['json']['required']) == ('double', ['n'])


@pytest.mark.parametrize(
    ('model', 'answer', 'length', 'asked'),
    [
        ('amazon.titan-embed-text-v2:0', lambda v: {'embedding': v}, 1024, 'inputText'),
        ('amazon.titan-embed-image-v1', lambda v: {'embedding': v}, 1024, 'inputText'),
        ('us.amazon.nova-2-multimodal-embeddings-v1:0', lambda v: {'embeddings': [{'embedding': v}]}, 3072, 'taskType'),
        ('cohere.embed-english-v3', lambda v: {'embeddings': {'float': [v]}}, 1024, 'texts'),
        ('cohere.embed-v4:0', lambda v: {'embeddings': {'float': [v]}}, 1536, 'texts'),
    ],
)
def test_embeddings(wire, t, model, answer, length, asked) -> None:
    path = f'/model/{model.replace(":", "%3A")}/invoke'
    wire.says(path, Reply(answer([0.5] * length), headers={'x-amzn-bedrock-input-token-count': '4'}))
    found = bedrock.embed(t.text, model_id=model)
    assert found.col_type.array.shape == (length,)
    assert ask(t, found).tolist() == [0.5] * length
    assert asked in wire.requests[0].body
    if 'text' in model:
        with pytest.raises(pxt.Error, match='embeds texts, no images'):
            ask(t, bedrock.embed(image=t.img, model_id=model))
    else:
        assert ask(t, bedrock.embed(image=t.img, model_id=model)).shape == (length,)
    wire.says(path, {'embedding': 'x'})
    with pytest.raises(pxt.Error, match='embeddings are damaged'):
        ask(t, bedrock.embed(t.text + '!', model_id=model))


def test_a_model_in_its_own_format(wire, t) -> None:
    wire.says('/model/m/invoke', {'images': ['x']})
    assert ask(t, bedrock.invoke_model({'inputImage': t.img, 'prompt': t.text}, model_id='m').images[0]) == 'x'
    assert len(wire.requests[0].body['inputImage']) > 20
    assert not wire.requests[0].body['inputImage'].startswith('data:')
    with pytest.raises(pxt.Error, match="'m' is not known"):
        bedrock.embed(t.text, model_id='m')


def test_an_answer_that_breaks_off(wire, t, monkeypatch) -> None:
    monkeypatch.setenv('BEDROCK_TIMEOUT', '0.3')
    wire.says('/model/m/invoke', Reply(b'{"a": ', headers={'content-length': '99'}))
    with pytest.raises(pxt.Error) as caught:
        ask(t, bedrock.invoke_model({'prompt': t.text}, model_id='m'))
    assert isinstance(caught.value.__cause__, pxt.Error)
    assert caught.value.__cause__.error_code is pxt.ErrorCode.PROVIDER_TIMEOUT
    wire.says('/model/m/invoke', *wire.replies['/model/m/invoke'], {'images': ['x']})
    assert ask(t, bedrock.invoke_model({'prompt': t.text}, model_id='m').images[0]) == 'x'


def test_a_film(wire, t, monkeypatch, s3_root, tmp_path) -> None:
    content = films.film(tmp_path / 'a.mp4', frames=3).read_bytes()
    RemoteStore(s3_root).put('one/output.mp4', content)
    monkeypatch.setenv('AWS_DEFAULT_REGION', 'us-east-1')
    arn = 'arn:aws:bedrock:us-east-1:123456789012:async-invoke/abcdefghijkl'
    task = {'invocationArn': arn, 'modelArn': arn, 'submitTime': 1}
    task['outputDataConfig'] = {'s3OutputDataConfig': {'s3Uri': f'{s3_root}/one'}}
    wire.says('/async-invoke', {'invocationArn': arn})
    steps = [{'status': 'InProgress'}, {'status': 'Completed'}, {'status': 'Failed', 'failureMessage': 'no cats'}]
    wire.says(f'/async-invoke/{quote(arn, safe="")}', *({**task, **step} for step in steps))
    film = bedrock.invoke_model({'textToVideoParams': {'text': t.text}}, model_id='amazon.nova-reel-v1:1')
    with pytest.raises(pxt.Error, match='BEDROCK_TEMP_LOCATION'):
        ask(t, film)
    monkeypatch.setenv('BEDROCK_TEMP_LOCATION', s3_root)
    t.add_computed_column(film=film)
    assert Path(ask(t, t.film)).read_bytes() == content
    assert wire.requests[0].body['outputDataConfig'] == {'s3OutputDataConfig': {'s3Uri': s3_root}}
    pxt.ledger.clear()
    with pytest.raises(pxt.Error, match='could not do it: no cats'):
        ask(t, film)


def test_what_is_missing(wire, t, monkeypatch) -> None:
    wire.says(CONVERSE, said({'text': 'x'}))
    found = bedrock.converse([{'role': 'user', 'content': [{'text': t.text}]}], model_id=NOVA)
    monkeypatch.delenv('AWS_ACCESS_KEY_ID')
    with pytest.raises(pxt.Error, match='BEDROCK_API_KEY'):
        ask(t, found)
    monkeypatch.setenv('BEDROCK_API_KEY', 'a-key')
    monkeypatch.delenv('AWS_DEFAULT_REGION')
    with pytest.raises(pxt.Error, match='BEDROCK_REGION_NAME'):
        ask(t, found)
    monkeypatch.setenv('BEDROCK_REGION_NAME', 'eu-west-1')
    ask(t, found)
    assert wire.requests[-1].headers['authorization'] == 'Bearer a-key'
