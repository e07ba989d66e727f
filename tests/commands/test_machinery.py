"""The tests' own machinery: a worker, a mail server and a browser that are real."""

import subprocess
import sys

import pytest
from django.core.mail import send_mail

from config.celery import app

BOUND = """
import threading, django
django.setup()
from tracking.tasks import deliver_notice
threading.Thread(target=lambda: print(deliver_notice.app.main)).start()
"""


def test_wherever_django_is_set_up_a_job_goes_to_our_broker():
    """A web server's threads, too; Celery's own default application would look for another."""
    done = subprocess.run([sys.executable, "-c", BOUND], capture_output=True, text=True)
    assert done.stdout.strip() == app.main == "config", done.stderr


@pytest.mark.postgres
def test_a_job_runs_in_another_process_and_its_result_comes_back(celery_worker_process):
    # Celery's own job that empties its table of results: it needs queue and database.
    result = app.tasks["celery.backend_cleanup"].delay()
    result.get(timeout=180)
    assert result.successful()
    assert celery_worker_process.poll() is None


def test_mail_arrives_over_smtp(mail_server):
    send_mail("主旨", "內容", "from@example.test", ["to@example.test"])
    (message,) = mail_server.wait_for(1)
    assert message["To"] == "to@example.test"
    assert message.get_payload(decode=True).decode().strip() == "內容"


@pytest.mark.postgres
def test_a_browser_loads_pages_and_styles(page, live):
    answer = page.goto("/accounts/login/")
    assert answer.status == 200
    assert page.evaluate("navigator.language") == "zh-TW"


@pytest.mark.postgres
def test_a_browser_without_scripts_runs_none(page_no_js):
    page_no_js.goto("/accounts/login/")
    page_no_js.set_content("<p id=p>before</p><script>p.textContent = 'after'</script>")
    assert page_no_js.text_content("#p") == "before"
