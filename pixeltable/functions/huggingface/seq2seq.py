"""Models that turn a text into another."""

from __future__ import annotations

from typing import Any

from pixeltable._support.optional import require
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions.huggingface.loading import EXTRA, bounded, load, running
from pixeltable.udf.decorators import Batch, udf


@udf(batch_size=8, cache=True)
def summarization(text: Batch[str], *, model_id: str, model_kwargs: dict[str, Any] | None = None) -> Batch[str]:
    """A summary of a text. `model_kwargs` are parameters of `generate`.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    return _written(text, model_id, model_kwargs or {})


@udf(batch_size=8, cache=True)
def translation(
    text: Batch[str], *, model_id: str, src_lang: str | None = None, target_lang: str | None = None
) -> Batch[str]:
    """A text in another language. A model for several languages is told which, in its own spelling, such as `'eng_Latn'`.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model, or it
            knows no such language.
    """
    tokenizer = load('AutoModelForSeq2SeqLM', 'AutoTokenizer', model_id).processor
    options: dict[str, Any] = {}
    if target_lang is not None:
        number = tokenizer.convert_tokens_to_ids(target_lang)
        if number is None or number == tokenizer.unk_token_id:
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'the model {model_id!r} knows no language {target_lang!r}.')
        options['forced_bos_token_id'] = number
    return _written(text, model_id, options, src_lang)


def _written(texts: list[str], model_id: str, options: dict[str, Any], source: str | None = None) -> list[str]:
    torch, loaded = require('torch', EXTRA), load('AutoModelForSeq2SeqLM', 'AutoTokenizer', model_id)
    with running, torch.inference_mode():
        if source is not None:
            loaded.processor.src_lang = source
        inputs = loaded.tensors(list(texts), padding=True, truncation=True)
        written = loaded.model.generate(**inputs, **bounded(loaded.model, options))
        found: list[str] = loaded.processor.batch_decode(written, skip_special_tokens=True)
    return found
