"""A worker that has just started is never taken for a dead one."""

from concurrent.futures import ThreadPoolExecutor

from ingest.queue.worker_liveness import WorkerLiveness

WORKERS = 400


def test_workers_that_start_side_by_side_are_all_alive(tmp_path):
    def start(_):
        presence = WorkerLiveness(tmp_path)
        return presence, presence.dead()

    with ThreadPoolExecutor(16) as pool:
        started = list(pool.map(start, range(WORKERS)))

    assert [dead for _, dead in started if dead] == []
    assert {path.name for path in tmp_path.iterdir()} == {one.token for one, _ in started}
