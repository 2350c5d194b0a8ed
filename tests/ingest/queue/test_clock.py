"""A clock that is set back leaves no job in the queue and no dead worker's job with it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from index.db.tables.base import utc_now
from index.db.tables.jobs import Job
from index.types import Actor, Scope
from ingest.queue.leases import (
    LEASE,
    anything_due,
    beat,
    finish,
    jobs_are_due,
    lease_next,
    retry_later,
)
from ingest.upload import Upload, accept
from tests.fakes.store import Shelf

ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann")
AN_HOUR = timedelta(hours=1)


class Clock:
    """A clock that a test sets."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture(params=["sqlite", "postgresql"])
def library(request, tmp_path):
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    shelf = Shelf(tmp_path, url=url)
    yield shelf.library
    shelf.database.engine.dispose()


@pytest.fixture
def clock():
    return Clock(utc_now() - AN_HOUR)


@pytest.fixture
def job(library):
    """Queue a job before the clock is set back by an hour."""
    return accept(library, ANN, Upload("a.txt", [b"lamp"]), limit_bytes=100)


def test_a_job_that_was_queued_before_the_clock_was_set_back_is_taken(library, job, clock):
    assert anything_due(library, clock=clock)
    assert lease_next(library, clock=clock) is not None


def test_a_job_that_waits_for_its_next_attempt_is_taken_too(library, job, clock):
    lease = lease_next(library)
    assert retry_later(library, lease, reason="busy", code="busy")
    assert lease_next(library) is None
    assert lease_next(library, clock=clock).attempts == 2


def test_a_dead_workers_job_is_taken_one_lease_after_the_clock_was_set_back(library, job, clock):
    dead = lease_next(library)
    assert anything_due(library, clock=clock)
    assert lease_next(library, clock=clock) is None
    assert not anything_due(library, clock=clock)
    clock.now += LEASE + timedelta(seconds=1)
    newer = lease_next(library, clock=clock)
    assert (newer.job_key, newer.fence) == (dead.job_key, dead.fence + 1)


def test_a_live_worker_keeps_its_job_when_the_clock_is_set_back(library, job, clock):
    lease = lease_next(library)
    lease_next(library, clock=clock)
    with library.database.write() as session:
        finish(session, lease)


def test_a_lease_holds_as_long_as_the_setting_says(library, job):
    clock = Clock(utc_now())
    lease = lease_next(library, length=AN_HOUR, clock=clock)
    clock.now += AN_HOUR - timedelta(minutes=1)
    assert not anything_due(library, length=AN_HOUR, clock=clock)
    beat(library, lease)
    with library.database.read() as session:
        assert session.scalars(select(Job.lease_until)).one() > utc_now() + AN_HOUR / 2
        conditions = [~jobs_are_due(utc_now(), AN_HOUR), jobs_are_due(utc_now() + 2 * AN_HOUR)]
        assert all(session.execute(select(*conditions)).one())
