"""What the benches share that ask a served site: two filled years in their database, and gunicorn
as Dockerfile starts it.
"""

from config.commands.environment import PYTHON
from config.commands.processes import Processes
from config.commands.step import run_step

GUNICORN = (str(PYTHON), "-m", "gunicorn", "--config=python:config.web_server", "config.wsgi")
# Of two cores gunicorn's settings make so many by themselves.
WORKERS = {"WEB_WORKERS": "3", "WEB_THREADS": "2"}


def fill(env: dict[str, str], processes: Processes) -> None:
    """The plan and two years in which every duty is reported, and the static files."""
    for words in (
        ["migrate", "--verbosity=0"],
        ["load_plan"],
        ["seed_demo", "--years", "110-111", "--complete"],
        ["collectstatic", "--no-input", "--verbosity=0"],
    ):
        run_step([str(PYTHON), "manage.py", *words], env, processes)
