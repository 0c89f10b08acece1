"""The worker process: one model in memory, its engine, its presence, and a watchdog over both."""

import logging
import os
import socket
import threading
import time
from typing import Final

import redis
from django.conf import settings
from django.db import connections

from inference import execution, housekeeping, presence, streams
from inference.catalogue import ModelEntry, catalogue
from inference.engine.engine import Engine
from inference.engine.errors import EngineError
from inference.engine.loading import LoadedModel, ModelSpec, load

logger = logging.getLogger(__name__)

LOAD_PATIENCE_S: Final = 600.0
WATCH_PERIOD_S: Final = 2.0
DEAF_AFTER_S: Final = 20.0
STUCK_AFTER_S: Final = 30.0
EXIT_CODE: Final = 70


def entry_of_this_worker() -> ModelEntry:
    """The model this process serves: INFERENCE_MODEL, else the catalogue's default."""
    offered = catalogue()
    return offered.by_id[settings.INFERENCE_MODEL or offered.default_id]


def load_entry(entry: ModelEntry) -> LoadedModel:
    """Loads a catalogue entry's weights; EngineError in words when that is not possible."""
    return load(
        ModelSpec(
            source=entry.source,
            revision=entry.revision,
            dtype=entry.dtype,
            device=entry.device,
            context=entry.context,
            forward=entry.forward,
        )
    )


class Worker:
    """Holds the engine; Celery's task threads call answer() and wait there for the end."""

    def __init__(self, entry: ModelEntry, name: str) -> None:
        self.entry = entry
        self.name = name
        self.engine: Engine | None = None
        self.model: LoadedModel | None = None
        self.is_loaded = threading.Event()
        self.is_over = threading.Event()
        self.active = 0
        self.last_taken = time.monotonic()
        self.housekeeper = housekeeping.Housekeeper()

    def start_loading(self) -> None:
        """Loads in a thread of its own, so that Celery stays responsive meanwhile."""
        threading.Thread(target=self.start, name="load", daemon=True).start()

    def start(self) -> None:
        """Loads the model and begins to watch; ends the process when the model cannot be loaded."""
        try:
            self.model = load_entry(self.entry)
        except EngineError as error:
            logger.error("the model %s cannot be loaded: %s", self.entry.id, error)
            os._exit(EXIT_CODE)
        self.engine = Engine(self.model, slots=settings.ENGINE_SLOTS)
        self.engine.start()
        self.is_loaded.set()
        logger.info(
            "serving %s (%s, %s, %s forward, %s parameters) on queue %s",
            self.entry.id,
            self.model.device,
            self.model.dtype,
            self.model.forward,
            f"{self.model.parameters:,}",
            self.entry.queue,
        )
        self.housekeeper.start()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def answer(self, run_id: str) -> None:
        """One task: follows one run to its end."""
        if not self.is_loaded.wait(LOAD_PATIENCE_S) or self.engine is None or self.model is None:
            raise RuntimeError(
                "The model was not loaded in time; the reaper will queue the run again."
            )
        self.last_taken = time.monotonic()
        self.active += 1
        facts = {
            "revision": self.model.revision,
            "dtype": self.model.dtype,
            "device": self.model.device,
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
        assert self.model is not None
        return presence.Presence(
            worker=self.name,
            model=self.entry.id,
            parameters=self.model.parameters,
            context=self.model.context,
            running=self.active,
            slots=settings.ENGINE_SLOTS,
        )

    def _watch(self) -> None:
        """Says every two seconds that we are here, and leaves when we are here in vain."""
        deaf_since: float | None = None
        while not self.is_over.wait(0.0 if deaf_since is None else WATCH_PERIOD_S):
            self._exit_if_stuck()
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

    def _exit_if_stuck(self) -> None:
        engine = self.engine
        assert engine is not None
        is_stuck = engine.load[0] > 0 and time.monotonic() - engine.last_step_at > STUCK_AFTER_S
        if not engine.is_alive or is_stuck:
            logger.error("the engine thread is dead or stuck: leaving to be restarted")
            os._exit(EXIT_CODE)

    def close(self) -> None:
        """After the last task: tells everybody that this worker is gone and frees the engine."""
        self.is_over.set()
        self.housekeeper.stop()
        if self.engine is not None:
            self.engine.close(timeout=5)
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
    """Makes this process a model worker; the model is loaded once Celery is ready."""
    global _current
    _current = Worker(entry_of_this_worker(), f"{socket.gethostname()}-{os.getpid()}")
