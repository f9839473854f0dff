"""Who else of us is on this local network: found and announced by mDNS (RFC 6762, 6763). Nothing personal is said.

Where multicast is blocked, nobody is found, and the box fetches from the server as if it were alone. What is done with
neighbours: `neighbours.py`.
"""

import ipaddress
import secrets
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Protocol, cast

import ifaddr
import structlog

from schedules.wire.topics import BoxId

if TYPE_CHECKING:
    from zeroconf import Zeroconf

SERVICE = "_yuanjiao._tcp.local."
LOOK_AROUND_S = 4.0
"""So long after the start it is not yet known who else is there."""
ASK_MS = 2000
FOLLOW_EVERY_S = 30.0
MOST = 16
"""Neighbours that are remembered; a network with more is no village's."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, order=True)
class Neighbour:
    """Where another box lends its packages. The order is that in which one fetches for all."""

    box: int
    name: str
    host: str = ""
    port: int = 0


class Lan(Protocol):
    """The local network."""

    def start(self, port: int) -> Neighbour:
        """Announce that packages are lent at `port`; returns how this box is known. May take seconds."""

    def close(self) -> None:
        """Say goodbye."""

    def others(self) -> tuple[Neighbour, ...]:
        """The other boxes, as far as they are known."""

    def settled(self) -> bool:
        """Whether the others have had time to answer."""


def private(host: str) -> bool:
    """Whether an address belongs to a local network, this machine included."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_private or address.is_loopback or address.is_link_local


class MulticastLan:
    """The real one, and zeroconf's listener, which is loaded at `start`: the first picture does not wait for it."""

    def __init__(self, box: BoxId, addresses: Sequence[str] | None = None) -> None:
        """Nothing is sent before `start`.

        Args:
            addresses: of this machine, where to announce and to listen; None for all private ones, as they change.
        """
        self._box, self._given = box, addresses
        self._name = f"box-{box}-{secrets.token_hex(3)}.{SERVICE}"
        self._lock = Lock()
        self._known: dict[str, Neighbour] = {}
        self._addresses: tuple[str, ...] = ()
        self._port = 0
        self._started = self._looked = time.monotonic()
        self._zeroconf: Zeroconf | None = None

    def start(self, port: int) -> Neighbour:
        """Announce and listen; without a network or multicast the box stays alone."""
        self._port = port
        self._announce(self._own_addresses())
        return Neighbour(self._box, self._name)

    def close(self) -> None:
        """Take the announcement back."""
        if self._zeroconf is not None:
            self._zeroconf.close()
            self._zeroconf = None

    def others(self) -> tuple[Neighbour, ...]:
        """Who is there, in a fixed order."""
        self._follow_addresses()
        with self._lock:
            return tuple(sorted(self._known.values()))

    def settled(self) -> bool:
        """Whether everybody has had time to answer."""
        return time.monotonic() - self._started > LOOK_AROUND_S

    def _own_addresses(self) -> tuple[str, ...]:
        if self._given is not None:
            return tuple(self._given)
        hosts = (str(one.ip) for card in ifaddr.get_adapters() for one in card.ips if one.is_IPv4)
        return tuple(sorted(host for host in hosts if private(host) and not ipaddress.ip_address(host).is_loopback))

    def _follow_addresses(self) -> None:
        """A cable that was put in, another lease: announce anew."""
        if time.monotonic() - self._looked < FOLLOW_EVERY_S:
            return
        self._looked = time.monotonic()
        addresses = self._own_addresses()
        if addresses != self._addresses:
            self.close()
            with self._lock:
                self._known.clear()
            self._announce(addresses)

    def _announce(self, addresses: tuple[str, ...]) -> None:
        self._addresses = addresses
        self._started = time.monotonic()
        if not addresses:
            return
        import zeroconf  # noqa: PLC0415 - it brings asyncio, and the first picture does not wait for either

        try:
            self._zeroconf = responder = zeroconf.Zeroconf(list(addresses), ip_version=zeroconf.IPVersion.V4Only)
            zeroconf.ServiceBrowser(responder, SERVICE, listener=cast("zeroconf.ServiceListener", self))
            responder.register_service(
                zeroconf.ServiceInfo(
                    SERVICE,
                    self._name,
                    port=self._port,
                    properties={"box": str(self._box)},
                    addresses=[socket.inet_aton(host) for host in addresses],
                    server=f"{self._name.partition('.')[0]}.local.",
                )
            )
        except (OSError, zeroconf.Error) as error:
            log.warning("lan.no_multicast", reason=str(error))

    def add_service(self, zc: "Zeroconf", type_: str, name: str) -> None:
        """Somebody announced himself."""
        if name == self._name:
            return
        info = zc.get_service_info(type_, name, timeout=ASK_MS)
        hosts = [host for host in info.parsed_addresses() if ":" not in host and private(host)] if info else []
        said = info.properties.get(b"box") if info else None
        if info is None or not info.port or not hosts or said is None or not said.isdigit() or len(said) > 18:
            return
        with self._lock:
            if name in self._known or len(self._known) < MOST:
                self._known[name] = Neighbour(int(said), name, hosts[0], info.port)

    def update_service(self, zc: "Zeroconf", type_: str, name: str) -> None:
        """He says it anew."""
        self.add_service(zc, type_, name)

    def remove_service(self, zc: "Zeroconf", type_: str, name: str) -> None:
        """He left."""
        del zc, type_
        with self._lock:
            self._known.pop(name, None)
