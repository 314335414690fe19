"""Jobs whose worker died amid them, by `kill -9` or for want of memory: somebody must take them up again."""

from abaque.storage import hot

# Real time: a worker shows itself every ten seconds.
SILENCE_SECONDS = 30

# Of several for one subject one is enough; two that wait would violate their lock.
_TAKE_BACK = """
WITH abandoned AS (
    SELECT job.id, job.queueing_lock
    FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
    WHERE job.status = 'doing'
      AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(silence)s))
), needless AS (
    SELECT id FROM abandoned a
    WHERE EXISTS (SELECT FROM procrastinate_jobs w WHERE w.queueing_lock = a.queueing_lock AND w.status = 'todo')
       OR EXISTS (SELECT FROM abandoned b WHERE b.queueing_lock = a.queueing_lock AND b.id < a.id)
)
UPDATE procrastinate_jobs job
SET attempts = attempts + 1, scheduled_at = now(),
    status = (CASE WHEN job.id IN (SELECT id FROM needless) THEN 'cancelled'
                   WHEN attempts + 1 >= %(attempts)s THEN 'failed' ELSE 'todo' END)::procrastinate_job_status
FROM abandoned WHERE abandoned.id = job.id AND job.status = 'doing'
RETURNING job.status = 'todo'
"""


def take_back(attempts_max: int) -> int:
    """Queue the abandoned jobs again and return how many: what is done twice is safe, what is never done is not.

    One that was begun `attempts_max` times is given up as failed: perhaps it is what kills its workers.
    """
    rows = hot.rows(_TAKE_BACK, {"silence": SILENCE_SECONDS, "attempts": attempts_max})
    return sum(queued for (queued,) in rows)
