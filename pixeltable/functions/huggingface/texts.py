"""Models that read and write texts."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from pixeltable._support.optional import require
from pixeltable.functions import models
from pixeltable.functions.huggingface.loading import EXTRA, bounded, given_options, label, load, running
from pixeltable.udf.decorators import Batch, udf


class TextClassificationResponse(TypedDict):
    label: int
    label_text: str
    score: float


class TokenClassificationResponse(TypedDict):
    word: str
    entity_group: str
    score: float
    start: int
    end: int


@udf(batch_size=32, cache=True)
def cross_encoder(sentences1: Batch[str], sentences2: Batch[str], *, model_id: str) -> Batch[float]:
    """How well each pair of sentences fits together, by a cross-encoder of sentence-transformers.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    package = require('sentence_transformers', EXTRA)
    model = models.load_once(
        'cross_encoder',
        model_id,
        lambda place: package.CrossEncoder(place, device=models.best_device(), **given_options()),
    )
    with running:
        scores = model.predict(list(zip(sentences1, sentences2, strict=True)), show_progress_bar=False)
    return [float(score) for score in scores]


@udf(is_deterministic=False, cache=True)
def text_generation(text: str, *, model_id: str, model_kwargs: dict[str, Any] | None = None) -> str:
    """What a model writes after a text, without that text.

    Args:
        text: the text.
        model_id: a causal language model.
        model_kwargs: parameters of `generate`, such as `{'max_new_tokens': 100, 'do_sample': True}`.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    torch, loaded = require('torch', EXTRA), load('AutoModelForCausalLM', 'AutoTokenizer', model_id)
    with running, torch.inference_mode():
        inputs = loaded.tensors(text)
        written = loaded.model.generate(**inputs, **bounded(loaded.model, model_kwargs or {}))
        new = written[0][inputs['input_ids'].shape[1] :]
        return str(loaded.processor.decode(new, skip_special_tokens=True))


@udf(batch_size=16, cache=True)
def text_classification(text: Batch[str], *, model_id: str, top_k: int = 5) -> Batch[list[TextClassificationResponse]]:
    """The `top_k` likeliest classes of a text, such as its mood.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    torch, loaded = require('torch', EXTRA), load('AutoModelForSequenceClassification', 'AutoTokenizer', model_id)
    with running, torch.inference_mode():
        logits = loaded.model(**loaded.tensors(list(text), padding=True, truncation=True)).logits
        best = logits.softmax(-1).topk(min(top_k, logits.shape[-1]))
    return [
        [{'label': n, 'label_text': label(loaded.model, n), 'score': s} for s, n in zip(scores, numbers, strict=True)]
        for scores, numbers in zip(best.values.tolist(), best.indices.tolist(), strict=True)
    ]


@udf(cache=True)
def token_classification(
    text: str, *, model_id: str, aggregation_strategy: Literal['simple', 'first', 'average', 'max'] = 'simple'
) -> list[TokenClassificationResponse]:
    """The names and other things that a text mentions, and where.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    loaded = load('AutoModelForTokenClassification', 'AutoTokenizer', model_id)
    pipeline = require('transformers', EXTRA).TokenClassificationPipeline
    with running:
        find = pipeline(
            model=loaded.model,
            tokenizer=loaded.processor,
            aggregation_strategy=aggregation_strategy,
            device=loaded.device,
        )
        found = find(text)
    return [
        {
            'word': str(each['word']),
            'entity_group': str(each['entity_group']),
            'score': float(each['score']),
            'start': int(each['start']),
            'end': int(each['end']),
        }
        for each in found
    ]
