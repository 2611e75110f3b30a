"""What the configuration says about providers: a section for each, such as `[openai]` with `api_key` and `base_url`.

A value comes from `pxt.init({'openai.api_key': ...})`, the environment (`OPENAI_API_KEY`), the project file and `config.toml` in
the home, in this order. The environment is read when a value is needed, as notebooks ask for keys after the start. Values are
secrets: they are never shown, stored or sent to other processes.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pixeltable.errors import ErrorCode, RequestError, did_you_mean

_HOW = ('base_url', 'timeout', 'prices', 'rate_limit', 'rate_limits')
_CONNECTIONS = ('max_connections', 'max_keepalive_connections', 'read_timeout', 'write_timeout')
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
    'imagen': ('rate_limits',),
    'jina': _REMOTE,
    'mistral': _REMOTE,
    'nebius': _REMOTE,
    'ollama': ('host', 'timeout'),
    'openai': (*_REMOTE, *_CONNECTIONS, 'api_version', 'model'),
    'openrouter': (*_REMOTE, 'site_url', 'app_name'),
    'replicate': ('api_token', *_HOW),
    'runwayml': ('api_secret', *_HOW),
    'together': _REMOTE,
    'twelvelabs': _REMOTE,
    'veo': ('rate_limits',),
    'voyage': _REMOTE,
    'whisper': ('model',),
    'yolox': ('model',),
}
"""The sections and their keys. `docs/guides/providers.md` and `local-models.md` list them, or a test fails."""

_SECTIONS_OF_POOLS = {'mistralai:': 'mistral', 'voyageai:': 'voyage', 'gemini:imagen': 'imagen', 'gemini:veo': 'veo'}
"""By the beginning of a pool's name, where the section is not the provider's name."""

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


def rate_of(pool: str) -> float | None:
    """Calls a minute that are configured for a pool, such as `openai:gpt-4o`: by `rate_limits`, or by `rate_limit` for all."""
    provider, _, model = pool.partition(':')
    own = [section for prefix, section in _SECTIONS_OF_POOLS.items() if pool.startswith(prefix)]
    for section in (*own, provider):
        if 'rate_limits' in SECTIONS.get(section, ()):
            rates = value(section, 'rate_limits') or {}
            rate: float | None = rates.get(model) or rates.get(model.partition(':')[0]) or value(section, 'rate_limit')
            if rate is not None:
                return rate
    return None


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
    read, wanted = _READERS.get(key, (_text, 'text'))
    try:
        return read(found)
    except (AttributeError, TypeError, ValueError) as error:
        raise _invalid(f'{section}.{key} must be {wanted}') from error


def _text(found: Any) -> str:
    if not isinstance(found, str):
        raise TypeError
    return found


def _positive(found: Any) -> float:
    if isinstance(found, bool) or not 0 < float(found) < math.inf:
        raise ValueError
    return float(found)


def _table(found: Any) -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(found) if isinstance(found, str) else found
    return table


_SECONDS = (_positive, 'seconds above 0')
_READERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    'timeout': _SECONDS,
    'read_timeout': _SECONDS,
    'write_timeout': _SECONDS,
    'max_connections': (lambda found: int(_positive(found)), 'a whole number above 0'),
    'max_keepalive_connections': (lambda found: int(_positive(found)), 'a whole number above 0'),
    'rate_limit': (_positive, 'calls a minute, above 0'),
    'rate_limits': (
        lambda found: {str(model): _positive(rate) for model, rate in _table(found).items()},
        'of the form {"model": calls a minute}',
    ),
    'prices': (
        lambda found: {str(model): (float(sent), float(got)) for model, (sent, got) in _table(found).items()},
        'of the form {"model": [input, output]}, in dollars a million tokens',
    ),
}
"""How the values of keys are read that are no texts, and what they must be."""


def _invalid(text: str) -> RequestError:
    return RequestError(ErrorCode.INVALID_CONFIGURATION, f'{text}.')
