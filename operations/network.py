"""The network that a request comes from: what is counted instead of persons."""

import hashlib
import hmac
import ipaddress

from django.conf import settings
from django.http import HttpRequest


def network_of(request: HttpRequest) -> str:
    """The IPv4 address, or the /64 of an IPv6 one, which one household or firm shares."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network(f"{address}/64", strict=False))
    return str(address)


def keyed_hash(kind: str, value: str) -> str:
    """So that a leaked table names no browser and no address."""
    key = f"{kind}:{settings.SECRET_KEY}".encode()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()
