"""The one way out to the network: what users name is fetched here, and nowhere else."""

from index.egress.address_policy import Networks, networks
from index.egress.fetcher import FetchedFile, Fetcher, FetchLimits
from index.egress.operator_client import operator_client

__all__ = ["FetchLimits", "FetchedFile", "Fetcher", "Networks", "networks", "operator_client"]
