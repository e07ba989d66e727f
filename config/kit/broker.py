"""The queue between web and worker, whichever it is: does it answer, how much waits in it?"""

from functools import cache

import redis
from django.conf import settings

QUEUE = "celery"
SECONDS = 2
AWAY = (redis.RedisError, OSError)


@cache
def _redis(address: str) -> redis.Redis:
    return redis.Redis.from_url(address, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)


def ask() -> None:
    """Raises one of `AWAY` where the broker does not answer."""
    waiting()


def waiting() -> int:
    """Messages that no worker has taken yet."""
    if settings.REDIS_URL:
        return _redis(settings.REDIS_URL).llen(QUEUE)
    folder = settings.BROKER_FOLDERS["data_folder_in"]
    return sum(name.name.endswith(f".{QUEUE}.msg") for name in folder.iterdir())
