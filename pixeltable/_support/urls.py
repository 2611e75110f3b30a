"""URLs as messages may show them."""

from __future__ import annotations

import re

# To the last '@', as a password that should have been escaped may hold one itself.
_USER = re.compile(r'(?<=//)([^:@/?#]*):.*@', re.DOTALL)
_OPTION = re.compile(r'([?&][^=&]*(?:password|secret|token|key|sig)[^=&]*=)[^&]*', re.IGNORECASE)


def without_secrets(url: str) -> str:
    """`url` without the password of its user and without the values of options that look like secrets."""
    return _OPTION.sub(r'\1***', _USER.sub(r'\1:***@', url))
