"""The one way out to the network: what users name is fetched here, and nowhere else."""

from index.egress.addresses import Networks, networks
from index.egress.client import operator_client
from index.egress.fetch import Fetched, Fetcher, FetchLimits

__all__ = ["FetchLimits", "Fetched", "Fetcher", "Networks", "networks", "operator_client"]
