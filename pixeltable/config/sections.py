"""What the configuration says about providers: a section for each, such as `[openai]` with `api_key` and `base_url`.

A value comes from `pxt.init({'openai.api_key': ...})`, the environment (`OPENAI_API_KEY`), the project file and `config.toml` in
the home, in this order. The environment is read when a value is needed, as notebooks ask for keys after the start. Values are
secrets: they are never shown, stored or sent to other processes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pixeltable.errors import ErrorCode, RequestError, did_you_mean

_HOW = ('base_url', 'timeout', 'prices')
_REMOTE = ('api_key', *_HOW)

SECTIONS: dict[str, tuple[str, ...]] = {
    'anthropic': _REMOTE,
    'bedrock': (*_REMOTE, 'region_name', 'temp_location', 'performance_config_latency', 'service_tier'),
    'bfl': _REMOTE,
    'deepseek': _REMOTE,
    'fabric': _REMOTE,
    'fal': _REMOTE,
    'fireworks': _REMOTE,
    'gemini': _REMOTE,
    'groq': _REMOTE,
    'hf': ('models', 'token'),
    'jina': _REMOTE,
    'mistral': _REMOTE,
    'nebius': _REMOTE,
    'ollama': ('host', 'timeout'),
    'openai': (*_REMOTE, 'api_version', 'model'),
    'openrouter': (*_REMOTE, 'site_url', 'app_name'),
    'replicate': ('api_token', *_HOW),
    'runwayml': ('api_secret', *_HOW),
    'together': _REMOTE,
    'twelvelabs': _REMOTE,
    'voyage': _REMOTE,
    'whisper': ('model',),
    'yolox': ('model',),
}
"""The sections and their keys. `docs/guides/providers.md` and `local-models.md` list them, or a test fails."""

Values = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Sections:
    """Values by section and key: those that `pxt.init` was given, and those of files."""

    given: Values = field(default_factory=dict, repr=False)
    filed: Values = field(default_factory=dict, repr=False)

    def value(self, section: str, key: str) -> Any:
        """The value of a key, read as its kind wants it; None if nobody says one.

        Raises INVALID_CONFIGURATION for one that cannot be read.
        """
        found = self.given.get(section, {}).get(key)
        if found is None:
            found = os.environ.get(variable_of(section, key)) or None
        if found is None:
            found = self.filed.get(section, {}).get(key)
        return None if found is None else _read(section, key, found)


_in_force = Sections()


def use(sections: Sections) -> None:
    """What the session that starts was configured with is in force from now on."""
    global _in_force
    _in_force = sections


def value(section: str, key: str) -> Any:
    """What is in force: see `Sections.value`."""
    return _in_force.value(section, key)


def variable_of(section: str, key: str) -> str:
    """The environment variable of a key."""
    return f'{section}_{key}'.upper()


def check(section: str, values: Any, where: str) -> dict[str, Any]:
    """The values of a section of a file or of `pxt.init`. Raises INVALID_CONFIGURATION for an unknown key, without its value."""
    if not isinstance(values, Mapping):
        raise _invalid(f'{where}: {section!r} must be a section')
    for key in values:
        if key not in SECTIONS[section]:
            known = list(SECTIONS[section])
            raise _invalid(
                f'{where}: section {section!r} has no key {key!r}.{did_you_mean(str(key), known)} Keys: {", ".join(known)}'
            )
    return dict(values)


def _read(section: str, key: str, found: Any) -> Any:
    try:
        if key == 'timeout':
            if isinstance(found, bool) or not float(found) > 0:
                raise ValueError
            return float(found)
        if key == 'prices':
            table = json.loads(found) if isinstance(found, str) else found
            return {str(model): (float(sent), float(received)) for model, (sent, received) in table.items()}
    except (AttributeError, TypeError, ValueError) as error:
        wanted = (
            'seconds above 0'
            if key == 'timeout'
            else 'of the form {"model": [input, output]}, in dollars a million tokens'
        )
        raise _invalid(f'{section}.{key} must be {wanted}') from error
    if not isinstance(found, str):
        raise _invalid(f'{section}.{key} must be text, not {type(found).__name__}')
    return found


def _invalid(text: str) -> RequestError:
    return RequestError(ErrorCode.INVALID_CONFIGURATION, f'{text}.')
