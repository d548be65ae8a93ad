"""The Celery application: a worker takes jobs, beat starts the half-monthly ones."""

import os
from pathlib import Path

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Tasks are named as strings, so that nothing is imported upwards. 01:10: the half month is over and the day quiet.
app.conf.beat_schedule = {
    "rankings of the half month that just ended, and missed ones": {
        "task": "evaluations.tasks.catch_up_rankings",
        "schedule": crontab(minute=10, hour=1, day_of_month="1,16"),
    },
    "supervision that a rule asks for": {
        "task": "casedesk.tasks.raise_supervisions",
        "schedule": crontab(minute="*/15"),
    },
    "clear matters and emergencies that nobody served when they were reported": {
        "task": "casedesk.tasks.dispatch_by_catalogue",
        "schedule": crontab(minute="*/5"),
    },
    "bad ratings nobody doubted, cases nobody rated": {
        "task": "casedesk.tasks.keep_rating_clocks",
        "schedule": crontab(minute="*/10"),
    },
    "uploads nobody confirmed, files nobody fetches": {
        "task": "portal.tasks.forget_old_files",
        "schedule": crontab(minute=40, hour=3),
    },
    "receipts that have served, photographs without a case": {
        "task": "casedesk.tasks.tidy_intake",
        "schedule": crontab(minute=50, hour=3),
    },
    "notices that wait for another attempt": {"task": "portal.tasks.send_notices", "schedule": 60.0},
    "webhooks that wait for another attempt": {"task": "portal.tasks.send_webhooks", "schedule": 60.0},
    "what waits for each person, on working days": {
        "task": "portal.tasks.send_digest",
        "schedule": crontab(minute=0, hour=8),
    },
}


def prepare_filesystem_broker() -> None:
    """kombu's filesystem transport expects its folders to be there."""
    from django.conf import settings

    for folder in getattr(settings, "CELERY_BROKER_TRANSPORT_OPTIONS", {}).values():
        Path(folder).mkdir(parents=True, exist_ok=True)
