"""A call of each function of each provider: its path, what is answered, and what comes of it. A new one is a few lines here."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import PIL.Image
from wire import Reply, Request

import pixeltable as pxt
from pixeltable import functions as f


@dataclass(frozen=True)
class Call:
    """`make` builds the expression for a model; `also` is what other paths answer; `read` takes what is compared to `found`."""

    make: Callable[[pxt.Table, str], Any]
    path: str
    answer: Any
    found: Any
    read: Callable[[Any], Any] = lambda value: value
    also: dict[str, Any] = field(default_factory=dict)


def png(mode: str = 'RGB') -> bytes:
    buffer = io.BytesIO()
    PIL.Image.new(mode, (3, 2)).save(buffer, format='PNG')
    return buffer.getvalue()


B64 = base64.b64encode(png()).decode()
CHAT = {'choices': [{'message': {'content': 'yes'}}], 'usage': {'prompt_tokens': 3, 'completion_tokens': 2}}
GEMINI = {
    'candidates': [{'content': {'role': 'model', 'parts': [{'text': 'yes'}]}}],
    'usageMetadata': {'promptTokenCount': 3},
}
OLLAMA = {'prompt_eval_count': 4, 'eval_count': 2, 'done': True, 'model': 'm'}
RANKS = [{'index': 1, 'relevance_score': 0.5}, {'index': 0, 'relevance_score': 0.25}]
DOCUMENTS = ['a', 'b']


def ask(table: pxt.Table, expression: Any) -> Any:
    """What an expression gives for the first row."""
    return table.select(found=expression).collect()['found'][0]


def asked(t: pxt.Table) -> Any:
    return [{'role': 'user', 'content': t.text}]


def vectors(key: str = 'data') -> dict[str, Any]:
    return {key: [{'index': 0, 'embedding': [0.5, 1.0]}], 'usage': {'total_tokens': 2}}


def at(path: str, **named: str) -> Callable[[Request], Any]:
    """An answer that names places on the same server."""
    return lambda request: (
        {name: f'http://{request.headers["host"]}{place}' for name, place in named.items()} | {'id': 'x'}
    )


def size(image: Any) -> Any:
    return image.size


def said(answer: Any) -> Any:
    return answer['choices'][0]['message']['content']


def numbers(vector: Any) -> Any:
    return vector.tolist()


def _chat(module: str) -> Call:
    return Call(
        lambda t, m: getattr(f, module).chat_completions(asked(t), model=m), '/chat/completions', CHAT, 'yes', said
    )


def _bfl(make: Callable[[pxt.Table, str], Any], path: str) -> Call:
    done = lambda request: {'status': 'Ready', 'result': at('', sample='/made.png')(request)}  # noqa: E731
    also = {'/wait': [{'status': 'Pending'}, done], '/made.png': [Reply(png())]}
    return Call(make, path, at('', polling_url='/wait'), (3, 2), size, also)


def _runway(make: Callable[[pxt.Table, str], Any], path: str) -> Call:
    task = {'id': 'x', 'status': 'SUCCEEDED', 'output': ['https://made']}
    also = {'/tasks/x': [{'status': 'RUNNING'}, task]}
    return Call(make, path, {'id': 'x'}, ['https://made'], lambda task: task['output'], also)


CALLS = {
    **{f'{name}.chat_completions': _chat(name) for name in
       ('deepseek', 'fireworks', 'groq', 'mistralai', 'nebius', 'openai', 'openrouter', 'together')},
    'anthropic.messages': Call(
        lambda t, m: f.anthropic.messages(asked(t), model=m, max_tokens=5),
        '/v1/messages', {'content': [{'type': 'text', 'text': 'yes'}], 'usage': {'input_tokens': 3, 'output_tokens': 2}},
        'yes', lambda answer: answer['content'][0]['text'],
    ),
    'gemini.generate_content': Call(
        lambda t, m: f.gemini.generate_content(t.text, model=m),
        '/v1beta/models/{model}:generateContent', GEMINI,
        'yes', lambda answer: answer['candidates'][0]['content']['parts'][0]['text'],
    ),
    'ollama.generate': Call(
        lambda t, m: f.ollama.generate(t.text, model=m),
        '/api/generate', {'response': 'yes', **OLLAMA}, 'yes', lambda answer: answer['response'],
    ),
    'bedrock.converse': Call(
        lambda t, m: f.bedrock.converse([{'role': 'user', 'content': [{'text': f.coalesce(t.text, 'x')}]}], model_id=m),
        '/model/{model}/converse',
        {'output': {'message': {'role': 'assistant', 'content': [{'text': 'yes'}]}}, 'usage': {'inputTokens': 3}},
        'yes', lambda answer: answer['output']['message']['content'][0]['text'],
    ),
    'fabric.chat_completions': Call(
        lambda t, m: f.fabric.chat_completions(asked(t), model=m), '/deployments/{model}/chat/completions', CHAT, 'yes', said
    ),
    'fabric.embeddings': Call(
        lambda t, m: f.fabric.embeddings(t.text, model=m), '/deployments/{model}/embeddings', vectors(), [0.5, 1.0], numbers
    ),
    'voyageai.rerank': Call(
        lambda t, m: f.voyageai.rerank(t.text, DOCUMENTS, model=m),
        '/rerank', {'data': RANKS, 'usage': {'total_tokens': 7}},
        {'results': [{**RANKS[0], 'document': 'b'}, {**RANKS[1], 'document': 'a'}], 'total_tokens': 7},
    ),
    'voyageai.embeddings': Call(
        lambda t, m: f.voyageai.embeddings(t.text, model=m, output_dimension=2), '/embeddings', vectors(), [0.5, 1.0], numbers
    ),
    'voyageai.multimodal_embed': Call(
        lambda t, m: f.voyageai.multimodal_embed(t.img, model=m),
        '/multimodalembeddings', {'data': [{'embedding': [0.5] * 1024}]}, (1024,), lambda vector: vector.shape,
    ),
    'jina.rerank': Call(
        lambda t, m: f.jina.rerank(t.text, DOCUMENTS, model=m),
        '/rerank', {'results': RANKS, 'usage': {'total_tokens': 7}},
        {'results': [{**RANKS[0], 'document': 'b'}, {**RANKS[1], 'document': 'a'}], 'usage': {'total_tokens': 7}},
    ),
    'jina.embeddings': Call(
        lambda t, m: f.jina.embeddings(t.text, model=m), '/embeddings', vectors(), [0.5, 1.0], numbers
    ),
    'replicate.run': Call(
        lambda t, m: f.replicate.run({'prompt': t.text}, ref=m),
        '/predictions', {'id': 'x', 'status': 'starting'}, ['made'],
        also={'/predictions/x': [{'status': 'processing'}, {'status': 'succeeded', 'output': ['made']}]},
    ),
    'fal.run': Call(
        lambda t, m: f.fal.run({'prompt': t.text}, app=m),
        '/{model}', at('', status_url='/status', response_url='/response'), {'images': []},
        also={'/status': [{'status': 'IN_QUEUE'}, {'status': 'COMPLETED'}], '/response': [{'images': []}]},
    ),
    'bfl.generate': _bfl(lambda t, m: f.bfl.generate(t.text, model=m), '/{model}'),
    'bfl.edit': _bfl(lambda t, m: f.bfl.edit(t.text, t.img, model=m), '/{model}'),
    'bfl.fill': _bfl(lambda t, m: f.bfl.fill(t.text, t.img, t.img, model=m), '/{model}'),
    'bfl.expand': _bfl(lambda t, m: f.bfl.expand(t.text, t.img, model=m, top=5), '/{model}'),
    'runwayml.text_to_video': _runway(lambda t, m: f.runwayml.text_to_video(t.text, m, '1:1', duration=5), '/text_to_video'),
    'runwayml.text_to_image': _runway(lambda t, m: f.runwayml.text_to_image(t.text, [t.img], m, '1:1'), '/text_to_image'),
    'runwayml.image_to_video': _runway(lambda t, m: f.runwayml.image_to_video(t.img, m, '1:1'), '/image_to_video'),
    'runwayml.video_to_video': _runway(
        lambda t, m: f.runwayml.video_to_video('https://film', t.text, m, '1:1'), '/video_to_video'
    ),
    'twelvelabs.embed': Call(
        lambda t, m: f.twelvelabs.embed(t.text, model_name=m),
        '/embed-v2', {'data': [{'embedding': [0.5] * 512}]}, (512,), lambda vector: vector.shape,
    ),
}  # fmt: skip
