"""What the core measures by itself, for a collector: durations and refusals, never a content, an
address or a name. What the database knows (states, ages, verbs) is asked of the inside web.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server

from gateway.memory.fields import endpoint

_STEPS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

REGISTRY = CollectorRegistry()
SCAN_SECONDS = Histogram(
    "sekisho_scan_seconds", "From claim to report of one mail", buckets=_STEPS, registry=REGISTRY
)
DELIVERY_SECONDS = Histogram(
    "sekisho_delivery_seconds", "One attempt to deliver", buckets=_STEPS, registry=REGISTRY
)
REFUSALS = Counter(
    "sekisho_smtp_refusals", "Replies of 4xx and 5xx", ["code", "status"], registry=REGISTRY
)
STS_TESTING = Counter(
    "sekisho_sts_testing_failures",
    "Connections that an MTA-STS policy in testing would have stopped, were it enforced",
    registry=REGISTRY,
)
RESTARTS = Counter(
    "sekisho_room_restarts", "Stages that failed and began anew", ["room"], registry=REGISTRY
)


@contextmanager
def serving(listen: str) -> Iterator[None]:
    """Answers at "host:port" while inside, in a thread of its own; "" is nowhere."""
    if not listen:
        yield
        return
    host, port = endpoint(listen)
    server, thread = start_http_server(port, host, REGISTRY)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
