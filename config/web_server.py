"""How gunicorn serves on real servers: `gunicorn --config python:config.web_server config.wsgi`.

WEB_BIND, WEB_WORKERS and WEB_THREADS tell it from outside; threads of one process share Python's
lock, so a machine wants one worker more than it has cores, and two threads in each.
"""

import atexit
import os
import shutil
import tempfile

from config.env import Env

env = Env()
bind = env.str("WEB_BIND", default="127.0.0.1:8000")
_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
workers = env.count("WEB_WORKERS", default=(_cores or 1) + 1)
threads = env.count("WEB_THREADS", default=2)
worker_class = "gthread"
preload_app = True
# A stop lets requests under way end; docker-compose.yml and the systemd unit wait a little longer.
graceful_timeout = 30
# Behind a proxy that keeps its connections longer than this, it would meet closed ones.
keepalive = 75
control_socket_disable = True
# The heartbeat of workers must never wait for a disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
# Its own lines look like all others; a line for each request is the site's own.
logconfig_dict = {
    "formatters": {"json": {"()": "config.kit.log_lines.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "INFO", "handlers": ["console"]},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True}},
}


def share_metrics() -> None:
    """A folder in memory in which the workers keep their counts, made before the site is loaded and
    removed by the process that made it.
    """
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        return
    folder, maker = tempfile.mkdtemp(prefix="nstp-metrics-", dir=worker_tmp_dir), os.getpid()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder

    def remove() -> None:
        if os.getpid() == maker:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)


share_metrics()
