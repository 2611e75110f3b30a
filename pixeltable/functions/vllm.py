"""Language models by vLLM in this process, on a graphics processor. Needs the extra `vllm`."""

from __future__ import annotations

import json
import threading
from typing import Any, TypedDict

from pixeltable._support.optional import require
from pixeltable.functions import models
from pixeltable.types.spelling import Json
from pixeltable.udf.decorators import udf

EXTRA = 'vllm'
_running = threading.Lock()


class VllmCompletionOutput(TypedDict):
    index: int
    text: str
    token_ids: list[int]
    cumulative_logprob: float | None
    finish_reason: str | None
    stop_reason: Json | None


class VllmRequestOutput(TypedDict):
    request_id: str
    prompt: str | None
    prompt_token_ids: list[int] | None
    outputs: list[VllmCompletionOutput]
    finished: bool


@udf(is_deterministic=False, cache=True)
def chat_completions(
    messages: list[dict[str, Any]],
    *,
    model: str,
    engine_args: dict[str, Any] | None = None,
    sampling_params: dict[str, Any] | None = None,
) -> VllmRequestOutput:
    """The answer of a model to messages, as in `t.answer.outputs[0].text`.

    Args:
        messages: the messages, in the format of OpenAI.
        model: a name on the hub, or a local folder.
        engine_args: of `vllm.LLM`, such as `{'max_model_len': 4096}`.
        sampling_params: of `vllm.SamplingParams`, such as `{'max_tokens': 100, 'temperature': 0.2}`.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    loaded, how = _model(model, engine_args), _sampling(sampling_params)
    with _running:
        return _answer(loaded.chat([messages], how, use_tqdm=False)[0])


@udf(is_deterministic=False, cache=True)
def generate(
    prompt: str,
    *,
    model: str,
    engine_args: dict[str, Any] | None = None,
    sampling_params: dict[str, Any] | None = None,
) -> VllmRequestOutput:
    """What a model writes after a prompt, as in `t.answer.outputs[0].text`; the parameters are those of `chat_completions`.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    loaded, how = _model(model, engine_args), _sampling(sampling_params)
    with _running:
        return _answer(loaded.generate([prompt], how, use_tqdm=False)[0])


def _model(model: str, engine_args: dict[str, Any] | None) -> Any:
    package, options = require('vllm', EXTRA), engine_args or {}
    kind = f'vllm {json.dumps(options, sort_keys=True)}'
    return models.load_once(kind, model, lambda place: package.LLM(model=place, **options))


def _sampling(parameters: dict[str, Any] | None) -> Any:
    return require('vllm', EXTRA).SamplingParams(**(parameters or {}))


def _answer(found: Any) -> VllmRequestOutput:
    return {
        'request_id': str(found.request_id),
        'prompt': found.prompt,
        'prompt_token_ids': None if found.prompt_token_ids is None else list(found.prompt_token_ids),
        'outputs': [
            {
                'index': int(each.index),
                'text': str(each.text),
                'token_ids': list(each.token_ids),
                'cumulative_logprob': each.cumulative_logprob,
                'finish_reason': each.finish_reason,
                'stop_reason': each.stop_reason,
            }
            for each in found.outputs
        ],
        'finished': bool(found.finished),
    }
