"""Which workers are there, as they say themselves: one short-lived Redis key a worker."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

import redis

from inference.catalogue import ModelEntry

LIFETIME_S: Final = 8
PREFIX: Final = "worker:"


@dataclass(frozen=True, slots=True)
class Presence:
    """What a worker announces about itself every two seconds."""

    worker: str
    model: str
    parameters: int
    context: int
    running: int
    slots: int


def announce(connection: redis.Redis, presence: Presence) -> None:
    key = f"{PREFIX}{presence.model}:{presence.worker}"
    connection.set(key, json.dumps(asdict(presence)), ex=LIFETIME_S)


def withdraw(connection: redis.Redis, presence: Presence) -> None:
    connection.delete(f"{PREFIX}{presence.model}:{presence.worker}")


def present(connection: redis.Redis) -> list[Presence]:
    """All workers heard of within the last seconds; raises redis.RedisError when Redis is away."""
    keys = list(connection.scan_iter(match=f"{PREFIX}*", count=500))
    values: list[Any] = connection.mget(keys) if keys else []
    return [Presence(**json.loads(value)) for value in values if value]


def is_served(connection: redis.Redis, entry: ModelEntry) -> bool:
    """Whether some worker holds this model; an unreachable Redis counts as no."""
    try:
        return any(worker.model == entry.id for worker in present(connection))
    except redis.RedisError:
        return False
