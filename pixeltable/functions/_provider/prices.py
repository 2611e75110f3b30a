"""What tokens cost. List prices change: those of the configuration (`prices` of a provider's section) come first."""

from __future__ import annotations

from collections.abc import Mapping

Price = tuple[float, float]
"""US dollars for a million tokens that are sent, and for a million that come back."""

LIST: dict[tuple[str, str], Price] = {
    ('openai', 'gpt-4.1'): (2.0, 8.0),
    ('openai', 'gpt-4.1-mini'): (0.4, 1.6),
    ('openai', 'gpt-4.1-nano'): (0.1, 0.4),
    ('openai', 'gpt-4o'): (2.5, 10.0),
    ('openai', 'gpt-4o-2024-05-13'): (5.0, 15.0),
    ('openai', 'gpt-4o-mini'): (0.15, 0.6),
    ('openai', 'text-embedding-3-large'): (0.13, 0.0),
    ('openai', 'text-embedding-3-small'): (0.02, 0.0),
    ('openai', 'text-embedding-ada-002'): (0.1, 0.0),
    ('anthropic', 'claude-3-5-haiku'): (0.8, 4.0),
    ('anthropic', 'claude-3-5-sonnet'): (3.0, 15.0),
    ('anthropic', 'claude-3-7-sonnet'): (3.0, 15.0),
    ('anthropic', 'claude-opus-4'): (15.0, 75.0),
    ('anthropic', 'claude-sonnet-4'): (3.0, 15.0),
    ('gemini', 'gemini-2.0-flash'): (0.1, 0.4),
    ('gemini', 'gemini-2.5-flash'): (0.3, 2.5),
    ('mistral', 'mistral-embed'): (0.1, 0.0),
}
"""By provider and model, as published in the summer of 2025. A model with a date behind its name costs what it costs without."""


def cost(configured: Mapping[str, Price], provider: str, model: str, sent: int, received: int) -> float | None:
    """US dollars for so many tokens; None where no price is known, or the answer does not say how many tokens it was."""
    listed = {name: price for (of, name), price in LIST.items() if of == provider}
    price = _find(configured, model) or _find(listed, model)
    if price is None or not sent + received:
        return None
    return (sent * price[0] + received * price[1]) / 1_000_000


def _find(prices: Mapping[str, Price], model: str) -> Price | None:
    """The price of the model, or of the one whose name it begins with, before a date such as `-2024-07-18` or `-20250514`."""
    if model in prices:
        return prices[model]
    stem = next(
        (name for name in prices if model.startswith(f'{name}-') and model[len(name) + 1 :][:4].isdigit()), None
    )
    return None if stem is None else prices[stem]
