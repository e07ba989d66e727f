"""How gunicorn serves on real servers: `gunicorn --config python:config.web_server config.wsgi`.

WEB_BIND, WEB_WORKERS and WEB_THREADS tell it from outside; threads of one process share Python's
lock, so a machine wants one worker more than it has cores, and two threads in each.
"""

import os
import shutil
import tempfile
from pathlib import Path

from prometheus_client import multiprocess

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS") or (os.cpu_count() or 1) + 1)
threads = int(os.environ.get("WEB_THREADS") or 2)
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
    "formatters": {"json": {"()": "config.kit.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "INFO", "handlers": ["console"]},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True}},
}


def share_metrics() -> None:
    """A folder in memory in which the workers keep their counts; before the site is loaded."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(
            prefix="nstp-metrics-", dir=worker_tmp_dir
        )


def child_exit(server, worker) -> None:
    multiprocess.mark_process_dead(worker.pid)


def on_exit(server) -> None:
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    if folder.name.startswith("nstp-metrics-"):
        shutil.rmtree(folder, ignore_errors=True)


share_metrics()
