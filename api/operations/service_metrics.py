"""Metrics of this process: its workers, its disks, the circuits of its models."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api.operations.background_tasks import BackgroundTasks
from generate.llm.fallback_chain import Route


class ServiceCollector(Collector):
    """The workers, the disks and the circuits of the models."""

    def __init__(
        self, version: str, background: BackgroundTasks, routes: Callable[[], Iterable[Route]]
    ) -> None:
        """Watch the background tasks, and the models that ``routes`` returns."""
        self._version = version
        self._background = background
        self._routes = routes

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Name the metrics without a look at the disks."""
        return iter(self._families())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Look at the threads, the disks and the models."""
        info, workers, disk, circuits = families = self._families()
        info.add_metric([self._version], 1)
        workers.add_metric(["alive"], self._background.alive_workers)
        workers.add_metric(["configured"], self._background.configured_workers)
        free_bytes = self._background.disk.least_free_bytes
        if free_bytes is not None:
            disk.add_metric([], free_bytes)
        for route in self._routes():
            circuits.add_metric([route.spec.name], float(route.health.state != "closed"))
        yield from families

    @staticmethod
    def _families() -> tuple[GaugeMetricFamily, ...]:
        return (
            GaugeMetricFamily(
                "footnote_build", "Always 1; the label tells the version.", labels=["version"]
            ),
            GaugeMetricFamily(
                "footnote_workers",
                "Ingestion workers inside this process: configured, and alive.",
                labels=["state"],
            ),
            GaugeMetricFamily(
                "footnote_disk_free_bytes",
                "Room on the fullest of the disks that the service writes to.",
                labels=[],
                unit="bytes",
            ),
            GaugeMetricFamily(
                "footnote_model_circuit_open",
                "1 while a model is passed over, or tried again, because it failed.",
                labels=["model"],
            ),
        )
