"""稼働状況 for people, and the three addresses that machines ask: up, ready, measured."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from admin_ui.frame import Office, Visit, anyone, with_role
from admin_ui.vitals import Vitals, vitals
from gateway.face.words import demand

ADMIN = with_role("system_admin")


def health(visit: Visit) -> Response:
    with visit.read() as conn:
        found = vitals(conn, visit.office.memory, visit.now)
    demands = [
        (demand(visit.words, kind), number, "warn" if kind == "admin" and number else "")
        for kind, number in found.demands.items()
    ]
    return visit.render("health.html", v=found, problems_now=problems(found), demands=demands)


def problems(v: Vitals) -> list[str]:
    """Codes of what is wrong now, gravest first; the page has the words."""
    asked = {
        "core_silent": v.core_silent,
        "disk_low": v.disk_low,
        "no_policy": v.policy is None,
        "recovery": v.recovery > 0,
        "unsigned": v.unsigned,
    }
    return [code for code, wrong in asked.items() if wrong]


# -- for machines


def machine(_visit: Visit) -> None:
    """Anyone, and nobody looks who it is: that would ask the database, which may be away."""


def alive(visit: Visit) -> Response:
    """This process answers; nothing else is asked, so that a busy database restarts nobody."""
    return JSONResponse({"alive": True})


def ready(visit: Visit) -> Response:
    """200, or 503 with the reasons as codes: no address, no name, no count."""
    # The core beats by a write every few seconds: that a disk is full or read-only shows there,
    # and asking writes nothing.
    try:
        with visit.read() as conn:
            reasons = problems(vitals(conn, visit.office.memory, visit.now))
    except (SQLAlchemyError, OSError):
        reasons = ["database"]
    # unsigned entries are caught up with by themselves, and restored rows wait for a person
    stops = [code for code in reasons if code not in ("unsigned", "recovery")]
    return JSONResponse({"ready": not stops, "reasons": reasons}, 503 if stops else 200)


def metrics(visit: Visit) -> Response:
    """For a collector on this machine, or who runs the system; others find no such page."""
    if not (_local(visit) or (visit.visitor and visit.visitor.has("system_admin"))):
        raise HTTPException(404)
    with visit.read() as conn:
        found = vitals(conn, visit.office.memory, visit.now)
    registry = CollectorRegistry()
    registry.register(_Measured(found))
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _local(visit: Visit) -> bool:
    """From this machine itself. What a proxy hands on is not, though it may look so where the
    proxy was not named as trusted."""
    headers = visit.request.headers
    if "x-forwarded-for" in headers or "forwarded" in headers:
        return False
    try:
        return ip_address(visit.ip).is_loopback
    except ValueError:
        return False


class _Measured(Collector):
    """One look at the house in the form of Prometheus. The numbers are the database's own, so
    that they survive restarts and are the same whichever process is asked."""

    def __init__(self, found: Vitals) -> None:
        self.v = found

    def collect(self) -> Iterator[Metric]:
        yield from self._waiting()
        yield from self._house()
        events = CounterMetricFamily(
            "sekisho_events", "Entries of the ledger by verb", labels=["event"]
        )
        for verb, number in self.v.events.items():
            events.add_metric([verb], number)
        yield events

    def _waiting(self) -> Iterator[Metric]:
        letters = GaugeMetricFamily("sekisho_letters", "Consignments by state", labels=["state"])
        oldest = GaugeMetricFamily(
            "sekisho_oldest_seconds", "Age of the oldest in a state", labels=["state"]
        )
        for depth in self.v.depths:
            letters.add_metric([depth.state], depth.number)
            age = (self.v.now - depth.oldest).total_seconds() if depth.oldest else 0
            oldest.add_metric([depth.state], age)
        holds = GaugeMetricFamily("sekisho_holds_waiting", "Open demands", labels=["kind"])
        for kind, number in self.v.demands.items():
            holds.add_metric([kind], number)
        parcels = GaugeMetricFamily("sekisho_parcels", "Parcels that are open", labels=["state"])
        for state, number in self.v.parcels.items():
            parcels.add_metric([state], number)
        yield from (letters, oldest, holds, parcels)
        yield GaugeMetricFamily("sekisho_holds_overdue", "Demands past their time", self.v.overdue)

    def _house(self) -> Iterator[Metric]:
        v = self.v
        beat = (v.now - v.heartbeat).total_seconds() if v.heartbeat else float("inf")
        signed = (v.now - v.signed.at).total_seconds() if v.signed else float("inf")
        for name, about, value in (
            ("heartbeat_age_seconds", "Since the core's last sign of life", beat),
            ("checkpoint_age_seconds", "Since the last signed checkpoint", signed),
            ("ledger_entries", "Entries of the ledger", v.entries),
            ("ledger_signed", "Entries that a checkpoint covers", v.signed.size if v.signed else 0),
            ("disk_free_bytes", "Free space beside the data", v.disk_free),
            ("policy_version", "Version of the policy in force", v.policy or 0),
            ("recovery_rows", "Rows that wait for a person after a restore", v.recovery),
        ):
            yield GaugeMetricFamily(f"sekisho_{name}", about, value)


def routes(office: Office) -> list[Route]:
    return [
        office.page("/health", health, ADMIN),
        office.page("/healthz", alive, machine),
        office.page("/readyz", ready, machine),
        office.page("/metrics", metrics, anyone),
    ]
