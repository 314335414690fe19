"""A job whose worker was killed amid it is done all the same."""

import pytest

from abaque.storage import hot
from abaque.worker.abandoned import take_back

pytestmark = pytest.mark.django_db
ALIVE, SILENT = "5 seconds", "31 seconds"


def worker(silent_for):
    return hot.rows(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s::interval) RETURNING id",
        [silent_for],
    )[0][0]


def job(status, worker_id=None, *, subject=None, attempts=0):
    return hot.rows(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id, queueing_lock, attempts)"
        " VALUES ('default', 'abaque.render', %s, %s, %s, %s) RETURNING id",
        [status, worker_id, subject, attempts],
    )[0][0]


def state(identity):
    return hot.rows("SELECT status::text, attempts FROM procrastinate_jobs WHERE id = %s", [identity])[0]


def test_a_job_of_a_dead_worker_waits_again_and_one_of_a_living_worker_goes_on():
    abandoned, forgotten = job("doing", worker(SILENT), attempts=3), job("doing")
    worked_on, done = job("doing", worker(ALIVE)), job("succeeded", worker(SILENT))
    assert take_back(20) == 2
    assert state(abandoned) == ("todo", 4)
    assert state(forgotten) == ("todo", 1)
    assert state(worked_on) == ("doing", 0)
    assert state(done) == ("succeeded", 0)
    assert take_back(20) == 0


def test_of_several_jobs_for_one_subject_one_is_enough():
    dead = worker(SILENT)
    first, second = job("doing", dead, subject="push:a"), job("doing", dead, subject="push:a")
    third, waiting = job("doing", dead, subject="push:b"), job("todo", subject="push:b")
    assert take_back(20) == 1
    assert [state(one)[0] for one in (first, second, third, waiting)] == [
        "todo",
        "cancelled",
        "cancelled",
        "todo",
    ]


def test_a_job_that_its_workers_never_survive_is_given_up():
    deadly = job("doing", worker(SILENT), attempts=19)
    assert take_back(20) == 0
    assert state(deadly) == ("failed", 20)
