"""What a worker measures, for Prometheus: /metrics on METRICS_PORT, when that is set."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from prometheus_client import Counter, Gauge, Histogram, start_http_server

logger = logging.getLogger(__name__)

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
GAPS: Final = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0)
BATCHES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)

RUNNING = Gauge("prompt_guide_engine_running", "Sequences that hold a slot.", ["model"])
WAITING = Gauge("prompt_guide_engine_waiting", "Sequences that wait for a slot.", ["model"])
KV_TAKEN = Gauge("prompt_guide_engine_kv_tokens", "Tokens of memory reserved by runs.", ["model"])
KV_KEPT = Gauge("prompt_guide_engine_prefix_tokens", "Tokens kept for later runs.", ["model"])
KV_ALL = Gauge("prompt_guide_engine_kv_capacity_tokens", "Tokens that fit the budget.", ["model"])
DEATHS = Counter("prompt_guide_engine_deaths", "Engine processes that died.", ["model"])
BATCH = Histogram(
    "prompt_guide_engine_batch_size", "Tokens written by a step.", ["model"], buckets=BATCHES
)
GAP = Histogram(
    "prompt_guide_inter_token_seconds", "Time between two steps.", ["model"], buckets=GAPS
)
RUNS = Counter("prompt_guide_runs", "Runs that ended, and how.", ["model", "reason"])
READ = Counter("prompt_guide_prompt_tokens", "Tokens of prompts.", ["model"])
CACHED = Counter("prompt_guide_cached_tokens", "Tokens of prompts known from before.", ["model"])
WRITTEN = Counter("prompt_guide_written_tokens", "Tokens written.", ["model"])
QUEUE = Histogram(
    "prompt_guide_queue_seconds", "Time until a slot was free.", ["model"], buckets=SECONDS
)
FIRST = Histogram(
    "prompt_guide_first_token_seconds",
    "Time from the question to the first token.",
    ["model"],
    buckets=SECONDS,
)


def serve(port: int) -> None:
    """Answers /metrics on this machine's loopback; a taken port is no reason to serve no model."""
    try:
        start_http_server(port, addr="127.0.0.1")
    except OSError as error:
        logger.error("no metrics: port %d cannot be used (%s)", port, error.strerror)


def observe_step(model: str, tokens: int, gap_s: float) -> None:
    """A step wrote so many tokens, `gap_s` after the one before; 0 if there was none."""
    BATCH.labels(model).observe(tokens)
    if gap_s > 0:
        GAP.labels(model).observe(gap_s)


def observe_memory(model: str, taken: int, kept: int, capacity: int) -> None:
    """What the memory for keys and values holds, in tokens."""
    KV_TAKEN.labels(model).set(taken)
    KV_KEPT.labels(model).set(kept)
    KV_ALL.labels(model).set(capacity)


def observe_load(model: str, running: int, waiting: int) -> None:
    """How many sequences run and wait."""
    RUNNING.labels(model).set(running)
    WAITING.labels(model).set(waiting)


def observe_end(
    model: str, reason: str, usage: Mapping[str, Any], timings: Mapping[str, Any]
) -> None:
    """A run ended; failures before the first token count too, but not as a time."""
    RUNS.labels(model, reason).inc()
    READ.labels(model).inc(usage.get("prompt_tokens", 0))
    CACHED.labels(model).inc(usage.get("cached_tokens", 0))
    WRITTEN.labels(model).inc(usage.get("completion_tokens", 0))
    if timings:
        QUEUE.labels(model).observe(timings["queue_s"])
    if timings.get("first_token_s"):
        FIRST.labels(model).observe(timings["first_token_s"])
