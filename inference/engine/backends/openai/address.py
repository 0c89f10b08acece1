"""Where a request may go: checked when it is configured, and again at every connection."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from inference.engine.errors import UpstreamRefused

PRIVATE = "is an address of this machine or its network; write allow_private = true to permit it"


@dataclass(frozen=True, slots=True)
class Target:
    """One checked connection: the address to connect to, and the name the server is asked by."""

    url: str
    host: str
    name: str


def checked(base: str, *, allow_private: bool) -> str:
    """The base address without a slash at its end; raises UpstreamRefused in words."""
    parts = urlsplit(base)
    try:
        port = parts.port
    except ValueError as error:
        raise UpstreamRefused(f"{base} has a port that is no number.") from error
    schemes = ("https", "http") if allow_private else ("https",)
    if parts.scheme not in schemes or not parts.hostname:
        raise UpstreamRefused(
            f"{base} is no address of a model server: write https://name/v1, or with "
            "allow_private = true also http://."
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UpstreamRefused(f"Write the address of {parts.hostname} without key and question.")
    if port is not None and port < 1024 and port not in (80, 443):
        raise UpstreamRefused(f"Port {port} is not one of a model server.")
    return base.rstrip("/")


def resolve(base: str, path: str, *, allow_private: bool) -> Target:
    """Look the name up, check every address, and connect to the one that was checked.

    The name must not be looked up again by the client: the second answer could be another one.
    """
    parts = urlsplit(base)
    name = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UpstreamRefused(f"The name {name} cannot be looked up. Check the address.") from error
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not allow_private:
        for address in addresses:
            if not _real(address).is_global or _real(address).is_multicast:
                raise UpstreamRefused(f"{name} {PRIVATE}.")
    chosen = addresses[0]
    literal = f"[{chosen}]" if chosen.version == 6 else str(chosen)
    host = parts.netloc.rpartition("@")[2]
    return Target(f"{parts.scheme}://{literal}:{port}{parts.path}{path}", host, name)


def _real(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address inside an IPv6 one, if there is one."""
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped or address.sixtofour or address
    return address
