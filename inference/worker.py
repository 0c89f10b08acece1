"""The worker process: it spawns the engine, replaces it when it dies, and says what it serves."""

import collections
import logging
import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Final, Protocol

import redis
from django.conf import settings
from django.db import connections

from inference import execution, housekeeping, metrics, presence, streams
from inference.catalogue import ModelEntry, catalogue
from inference.engine.errors import EngineClosed, EngineError
from inference.engine.model import ModelSpec
from inference.engine.remote import RemoteEngine
from inference.engine.runner import Drawn
from inference.engine.wire import Facts, Pulse, Step
from operations.children import die_with_parent

if TYPE_CHECKING:
    from inference.engine.backends.openai.upstream import UpstreamEngine

logger = logging.getLogger(__name__)

LOAD_PATIENCE_S: Final = 600.0
KEEP_PERIOD_S: Final = 0.25
WATCH_PERIOD_S: Final = 2.0
DEAF_AFTER_S: Final = 20.0
MOST_DEATHS: Final = 3
DEATH_WINDOW_S: Final = 60.0
EXIT_CODE: Final = 70


def entry_of_this_worker() -> ModelEntry:
    """The model this process serves: INFERENCE_MODEL, else the catalogue's default."""
    offered = catalogue()
    return offered.by_id[settings.INFERENCE_MODEL or offered.default_id]


def spec_of(entry: ModelEntry) -> ModelSpec:
    """What the engine has to load for a catalogue entry."""
    return ModelSpec(
        source=entry.source,
        revision=entry.revision,
        dtype=entry.dtype,
        device=entry.device,
        context=entry.context,
        forward=entry.forward,
    )


def upstream_engine(entry: ModelEntry, slots: int) -> "UpstreamEngine":
    """Asks a catalogue entry's server; the key comes from the environment alone."""
    from inference.engine.backends.openai.upstream import Upstream, UpstreamEngine

    upstream = Upstream(
        base=entry.source,
        model=entry.upstream_model,
        key=os.environ.get(entry.key_env, "") if entry.key_env else "",
        allow_private=entry.allow_private,
    )
    return UpstreamEngine(upstream, slots)


def facts_of(entry: ModelEntry) -> Facts:
    """What can be said of a model on another server: its name and where it runs."""
    return Facts(
        context=entry.context or 0,
        revision=entry.upstream_model,
        dtype="",
        device="another server",
        parameters=0,
        name=entry.upstream_model,
        forward="openai",
    )


class Engine(execution.Asked, Protocol):
    """What answers: an engine process of ours, or a server elsewhere."""

    def close(self, timeout: float = 10.0) -> None: ...


class Worker:
    """Keeps the engine process alive; Celery's task threads call answer() and wait for the end."""

    def __init__(self, entry: ModelEntry, name: str) -> None:
        self.entry = entry
        self.name = name
        self.engine: Engine | None = None
        self.facts: Facts | None = None
        self.is_loaded = threading.Event()
        self.is_closing = False
        self.is_over = threading.Event()
        self.active = 0
        self.last_taken = time.monotonic()
        self.last_step = 0.0
        self.housekeeper = housekeeping.Housekeeper()
        self.deaths: collections.deque[float] = collections.deque()

    def open(self) -> None:
        """Spawns the engine at once: while torch is imported there, Celery starts here.

        A model on another server needs no engine process, only its address.

        The thread lives as long as the worker. The kernel ends the engine with the thread that
        spawned it, not with the process.
        """
        keep = self._reach if self.entry.backend == "openai" else self._keep
        threading.Thread(target=keep, name="engine-keeper", daemon=True).start()

    def _reach(self) -> None:
        """A model on another server: it is asked, not kept."""
        try:
            engine = upstream_engine(self.entry, settings.ENGINE_SLOTS)
        except EngineError as error:
            logger.error("the model %s cannot be used: %s", self.entry.id, error)
            os._exit(EXIT_CODE)
        self._serve(engine, facts_of(self.entry))

    def _keep(self) -> None:
        while not self.is_closing:
            self._live_once()
        self.is_over.wait()

    def _live_once(self) -> None:
        """The life of one engine process, from its birth to its death."""
        engine = RemoteEngine(
            spec_of(self.entry),
            settings.ENGINE_SLOTS,
            kv_budget=settings.ENGINE_KV_BUDGET * 2**20 or None,
            in_child=die_with_parent,
            on_message=self._measure,
        )
        engine.start()
        try:
            self._serve(engine, engine.wait(LOAD_PATIENCE_S))
        except EngineClosed as error:
            logger.error("the model %s cannot be loaded: %s", self.entry.id, error)
            engine.kill()
        except EngineError as error:
            logger.error("the model %s cannot be loaded: %s", self.entry.id, error)
            os._exit(EXIT_CODE)
        while engine.is_alive:
            if engine.is_stuck:
                logger.error("the engine is stuck: it is ended and replaced")
                engine.kill()
            time.sleep(KEEP_PERIOD_S)
        self.is_loaded.clear()
        if not self.is_closing:
            self._count_death()

    def _measure(self, message: Step | Pulse) -> None:
        """Called by the thread that listens to the engine."""
        model = self.entry.id
        metrics.observe_load(model, message.running, message.waiting)
        if isinstance(message, Pulse):
            metrics.observe_memory(model, message.taken, message.kept, message.capacity)
            return
        now = time.monotonic()
        written = sum(isinstance(event, Drawn) for _, event in message.events)
        if written:
            metrics.observe_step(model, written, now - self.last_step if self.last_step else 0.0)
        self.last_step = now if message.running else 0.0

    def _serve(self, engine: Engine, facts: Facts) -> None:
        is_first = self.facts is None
        self.engine, self.facts = engine, facts
        self.is_loaded.set()
        logger.info(
            "serving %s (%s, %s, %s forward, %s parameters) on queue %s",
            self.entry.id,
            facts.device,
            facts.dtype,
            facts.forward,
            f"{facts.parameters:,}",
            self.entry.queue,
        )
        if is_first:
            if settings.METRICS_PORT:
                ids = [entry.id for entry in catalogue().entries]
                metrics.serve(settings.METRICS_PORT + ids.index(self.entry.id))
            self.housekeeper.start()
            threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def _count_death(self) -> None:
        """Three deaths within a minute are not bad luck: the supervisor is to decide."""
        now = time.monotonic()
        self.deaths.append(now)
        while now - self.deaths[0] > DEATH_WINDOW_S:
            self.deaths.popleft()
        metrics.DEATHS.labels(self.entry.id).inc()
        logger.error("the engine process of %s died; starting another", self.entry.id)
        if len(self.deaths) >= MOST_DEATHS:
            logger.error("it died %d times within a minute: leaving", MOST_DEATHS)
            os._exit(EXIT_CODE)

    def answer(self, run_id: str) -> None:
        """One task: follows one run to its end."""
        if not self.is_loaded.wait(LOAD_PATIENCE_S) or self.engine is None or self.facts is None:
            raise RuntimeError(
                "The model was not loaded in time; the reaper will queue the run again."
            )
        self.last_taken = time.monotonic()
        self.active += 1
        facts = {
            "revision": self.facts.revision,
            "dtype": self.facts.dtype,
            "device": self.facts.device,
        }
        try:
            execution.execute(
                run_id,
                self.engine,
                streams.client(),
                worker=self.name,
                facts=facts,
                deadline_s=float(settings.RUN_TIME_LIMIT),
            )
        finally:
            self.active -= 1
            connections.close_all()

    def _presence(self) -> presence.Presence:
        assert self.facts is not None
        return presence.Presence(
            worker=self.name,
            model=self.entry.id,
            parameters=self.facts.parameters,
            context=self.facts.context,
            running=self.active,
            slots=settings.ENGINE_SLOTS,
        )

    def _watch(self) -> None:
        """Says every two seconds that we are here, and leaves when we are here in vain."""
        deaf_since: float | None = None
        while not self.is_over.wait(0.0 if deaf_since is None else WATCH_PERIOD_S):
            try:
                presence.announce(streams.client(), self._presence())
                has_work = bool(streams.client().llen(self.entry.queue))
            except redis.RedisError as error:
                logger.warning("presence not announced: %s", error)
                has_work = False
            now = time.monotonic()
            is_idle = self.active < settings.ENGINE_SLOTS
            if not (has_work and is_idle) or deaf_since is None or self.last_taken > deaf_since:
                deaf_since = now
            if now - deaf_since > DEAF_AFTER_S:
                # Celery on Redis can stay registered and read nothing after a broker restart.
                logger.error("work waits, slots are free, nothing arrives: leaving to be restarted")
                os._exit(EXIT_CODE)

    def close(self) -> None:
        """After the last task: tells everybody that this worker is gone and ends the engine."""
        self.is_closing = True
        self.housekeeper.stop()
        if self.engine is not None:
            self.engine.close(timeout=2)
            self.is_over.set()
            try:
                presence.withdraw(streams.client(), self._presence())
            except redis.RedisError as error:
                logger.info("presence not withdrawn: %s", error)


_current: Worker | None = None


def current() -> Worker:
    """The worker of this process; only a Celery worker has one."""
    if _current is None:
        raise RuntimeError("No model is served here: this process is not a model worker.")
    return _current


def open_here() -> None:
    """Makes this process a model worker; its model is loaded in another one from now on."""
    global _current
    _current = Worker(entry_of_this_worker(), f"{socket.gethostname()}-{os.getpid()}")
    _current.open()
