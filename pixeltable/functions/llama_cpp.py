"""Language models in the format GGUF, by llama.cpp in this process. Needs the extra `llama_cpp`."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from pixeltable._support.optional import require
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions import models
from pixeltable.functions._provider.openai_format import choice
from pixeltable.functions._provider.options import given
from pixeltable.udf.decorators import udf

EXTRA = 'llama_cpp'
_running = threading.Lock()


@udf(is_deterministic=False, cache=True)
def create_chat_completion(
    messages: list[dict[str, Any]],
    *,
    model_path: str | None = None,
    repo_id: str | None = None,
    repo_filename: str | None = None,
    chat_format: str | None = None,
    tools: list[dict[str, Any]] | None = None,
    tool_choice: dict[str, Any] | None = None,
    model_kwargs: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A chat completion in the format of OpenAI, as in `t.answer.choices[0].message.content`.

    Args:
        messages: the messages.
        model_path: the file of a model; or else
        repo_id: a repository of the hub, or its folder, and `repo_filename` the file in it, such as `'*q4_k_m.gguf'`.
        repo_filename: which may hold wildcards.
        chat_format: how messages become a prompt, where the model does not say it.
        tools: what `pxt.tools` gives.
        tool_choice: what its `choice` gives.
        model_kwargs: further parameters, such as `{'max_tokens': 100, 'temperature': 0.2}`.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model or none is
            named, or both ways are used.
    """
    model = _model(model_path, repo_id, repo_filename, chat_format)
    options = dict(model_kwargs or {})
    if tools is not None:
        options['tools'] = [tool if 'type' in tool else {'type': 'function', 'function': tool} for tool in tools]
    if tool_choice is not None:
        options |= choice(tool_choice, lambda name: {'type': 'function', 'function': {'name': name}})
    with _running:
        answer: dict[str, Any] = model.create_chat_completion(messages=messages, **options)
    return answer


def cleanup() -> None:
    """Frees the models that were loaded."""
    with _running:
        for model in models.forget('llama_cpp'):
            model.close()


def _model(path: str | None, repository: str | None, file: str | None, chat_format: str | None) -> Any:
    if (path is None) == (repository is None):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, 'create_chat_completion() takes either model_path or repo_id, not both.'
        )
    package = require('llama_cpp', EXTRA)
    options = {'verbose': False, 'n_gpu_layers': -1, 'n_ctx': 0, **given(chat_format=chat_format)}
    if path is not None:
        return models.load_once(
            f'llama_cpp {chat_format}', path, lambda place: package.Llama(model_path=place, **options)
        )

    def load(place: str) -> Any:
        if Path(place).is_dir():  # in the folder `models`, or elsewhere
            return package.Llama(model_path=_file_in(place, file), **options)
        return package.Llama.from_pretrained(repo_id=place, filename=file, **options)

    return models.load_once(f'llama_cpp {file} {chat_format}', repository or '', load)


def _file_in(folder: str, pattern: str | None) -> str:
    """The one file that is meant. Raises ValueError, as the package does for repositories of the hub."""
    found = [str(path) for path in sorted(Path(folder).rglob(pattern or '*.gguf'))]
    if len(found) != 1:
        raise ValueError(f'{len(found)} files match {pattern!r}: {found}')
    return found[0]
