"""Caches on Redis without which the site goes on: nobody waits for a server that is away.

What stands in for it is asked for a few seconds before Redis is tried again, so that a server that
does not even refuse costs one request its time, and not each of them.
"""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

PAUSE = 3.0
_OPERATIONS = (
    "add", "get", "set", "touch", "delete", "get_many", "set_many", "delete_many", "has_key",
    "incr", "clear",
)  # fmt: skip

logger = logging.getLogger(__name__)


class _Pause:
    until = 0.0


def _either(name: str) -> Callable:
    def operation(self: "_Patient", *args, **kwargs) -> object:
        if time.monotonic() >= _Pause.until:
            try:
                return getattr(RedisCache, name)(self, *args, **kwargs)
            except RedisError:
                logger.warning("The cache cannot be reached.")
                _Pause.until = time.monotonic() + PAUSE
        return getattr(self.stand_in, name)(*args, **kwargs)

    return operation


class _Patient(RedisCache):
    stand_in: BaseCache


for _name in _OPERATIONS:
    setattr(_Patient, _name, _either(_name))


class RedisOrFiles(_Patient):
    """While Redis is away, files: limits that guard a door go on counting on this machine."""

    def __init__(self, server: str, params: dict) -> None:
        super().__init__(server, params)
        self.stand_in = FileBasedCache(settings.VAR_DIR / "cache", {})


class RedisOrNothing(_Patient):
    """While Redis is away, nothing is kept: for counts that cost more than they are worth."""

    def __init__(self, server: str, params: dict) -> None:
        super().__init__(server, params)
        self.stand_in = DummyCache(server, {})
