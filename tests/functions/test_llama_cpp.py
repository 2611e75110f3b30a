"""Chats by the real llama.cpp, with a tiny model of random weights that the `gguf` package writes.

The package is compiled when it is installed, which takes many minutes, so `dev` does not bring it. With
`pip install llama-cpp-python gguf` the tests run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode
from pixeltable.functions import llama_cpp

pytest.importorskip('llama_cpp')
gguf = pytest.importorskip('gguf')

WIDTH, INNER, HEADS = 32, 64, 4


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The file of a model whose tokens are bytes."""
    path = tmp_path_factory.mktemp('models') / 'tiny-f32.gguf'
    writer = gguf.GGUFWriter(path, 'llama')
    writer.add_context_length(512)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    _add_tokens(writer)
    _add_weights(writer, 3 + 256)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    yield str(path)
    llama_cpp.cleanup()


def _add_tokens(writer: Any) -> None:
    kinds = gguf.TokenType
    writer.add_tokenizer_model('llama')
    writer.add_token_list(['<unk>', '<s>', '</s>', *(f'<0x{byte:02X}>' for byte in range(256))])
    writer.add_token_scores([0.0] * (3 + 256))
    writer.add_token_types([kinds.UNKNOWN, kinds.CONTROL, kinds.CONTROL, *[kinds.BYTE] * 256])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)


def _add_weights(writer: Any, tokens: int) -> None:
    square, wide, narrow = (WIDTH, WIDTH), (INNER, WIDTH), (WIDTH, INNER)
    shapes = {'token_embd': (tokens, WIDTH), 'output': (tokens, WIDTH), 'output_norm': (WIDTH,)}
    shapes |= {f'blk.0.attn_{name}': square for name in ('q', 'k', 'v', 'output')}
    shapes |= {'blk.0.ffn_gate': wide, 'blk.0.ffn_up': wide, 'blk.0.ffn_down': narrow}
    shapes |= {f'blk.0.{name}_norm': (WIDTH,) for name in ('attn', 'ffn')}
    chance = np.random.default_rng(0)
    for name, shape in shapes.items():
        writer.add_tensor(f'{name}.weight', chance.normal(size=shape).astype(np.float32))


@pytest.fixture
def t(home: Any) -> pxt.Table:
    table = pxt.create_table('t', {'text': pxt.String, 'messages': pxt.Json | None})
    table.insert([{'text': text, 'messages': user(text)} for text in ('Hello', 'Good-bye')])
    table.insert(text='')
    return table


def user(text: Any) -> list[dict[str, Any]]:
    return [{'role': 'user', 'content': text}]


def answers(t: pxt.Table, text: Any, **options: Any) -> list[Any]:
    options = {'model_kwargs': {'max_tokens': 4, 'seed': 1}} | options
    call = llama_cpp.create_chat_completion(user(text), **options)
    found: list[Any] = t.order_by(t.id).select(answer=call).collect()['answer']
    return found


def test_an_answer_a_row_in_the_format_of_openai(t: pxt.Table, model: str) -> None:
    call = llama_cpp.create_chat_completion(t.messages, model_path=model, model_kwargs={'max_tokens': 4})
    t.add_computed_column(answer=call)
    t.add_computed_column(said=t.answer.choices[0].message.content)
    rows = t.order_by(t.id).collect()
    assert [type(said) for said in rows['said']] == [str, str, type(None)]
    assert rows['answer'][0]['usage']['completion_tokens'] <= 4
    assert rows['answer'][0]['choices'][0]['finish_reason'] in ('stop', 'length')


def test_a_folder_as_repository(t: pxt.Table, model: str) -> None:
    folder = str(Path(model).parent)
    for options in ({}, {'repo_filename': '*f32.gguf'}, {'chat_format': 'chatml'}):
        assert answers(t, 'Hello', repo_id=folder, **options)[0]['object'] == 'chat.completion'


def test_tools(t: pxt.Table, model: str) -> None:
    @pxt.udf
    def weather(city: str) -> str:
        """What the weather is like in a city."""
        return f'rain in {city}'

    tools = pxt.tools(weather)
    called = {'tools': tools, 'tool_choice': tools.choice(tool='weather'), 'chat_format': 'chatml-function-calling'}
    (first, *_) = answers(t, 'Weather?', model_path=model, model_kwargs={'max_tokens': 40}, **called)
    assert first['choices'][0]['message']['tool_calls'][0]['function']['name'] == 'weather'


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'repo_id': 'FOLDER', 'repo_filename': '*q8.gguf'}, '0 files match'),
        ({'model_path': 'FOLDER/missing.gguf'}, 'missing.gguf'),
        ({'model_path': 'FOLDER/broken.gguf'}, 'broken.gguf'),
        ({'model_path': 'MODEL', 'chat_format': 'nonsense'}, 'nonsense'),
        ({'model_path': 'MODEL', 'model_kwargs': {'max_tokenz': 4}}, 'max_tokenz'),
    ],
)
def test_mistakes(t: pxt.Table, model: str, options: dict[str, Any], message: str) -> None:
    folder = Path(model).parent.parent / 'other'
    folder.mkdir(exist_ok=True)
    (folder / 'broken.gguf').write_bytes(b'GGUF no more')
    named = {
        name: value.replace('FOLDER', str(folder)).replace('MODEL', model) if isinstance(value, str) else value
        for name, value in options.items()
    }
    with pytest.raises(pxt.Error, match=re.escape(message)) as raised:
        answers(t, 'Hello', **named)
    assert raised.value.error_code is ErrorCode.UNSUPPORTED_OPERATION


def test_what_does_not_fit_is_an_error_of_its_cell(t: pxt.Table, model: str) -> None:
    t.update({'text': 'far too long ' * 100}, where=t.id == 1)
    call = llama_cpp.create_chat_completion(user(t.text), model_path=model, model_kwargs={'max_tokens': 4})
    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(answer=call)
    rows = t.order_by(t.id).select(t.answer, t.answer.errormsg).collect()
    assert 'context window' in rows['answer_errormsg'][0]
    assert rows['answer'][1]['object'] == 'chat.completion'
