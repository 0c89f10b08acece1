"""The engine beside its peers, each in a process of its own, in turns: python -m bench.engine.

Random weights, the same for all; greedy; 64 tokens in, 128 out. The peers are those of
requirements-bench.txt; one that is not installed is left out and named.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from bench.models import SHAPES, write
from bench.peers import ENGINES
from bench.table import RESULTS, machine

ROOT = Path(__file__).resolve().parent.parent
STREAMS = (1, 8, 32)
START_PATIENCE_S = 180


@dataclass
class Peer:
    """A process that waits until it is told how many streams to run."""

    name: str
    process: subprocess.Popen[str]
    measured: dict[int, list[dict[str, float]]] = field(default_factory=dict)

    def run(self, streams: int) -> None:
        print(streams, file=self.process.stdin, flush=True)
        self.measured.setdefault(streams, []).append(json.loads(self.process.stdout.readline()))

    def median(self, streams: int, what: str) -> float:
        return statistics.median(one[what] for one in self.measured[streams])

    def range(self, streams: int) -> tuple[float, float]:
        rates = [one["rate"] for one in self.measured[streams]]
        return min(rates), max(rates)


def open_peer(name: str, folder: Path, threads: int) -> Peer | None:
    """A peer that is ready, or None if it cannot be had here."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.peers", name, str(folder), str(threads)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for line in process.stdout:
        if line.strip() == "ready":
            return Peer(name, process)
    print(f"{name} is left out: it does not run here (code {process.wait()}).")
    return None


def measure(peers: list[Peer], rounds: int) -> None:
    """A-B-A-B, so that whatever else the machine does concerns all of them; then a warm-up less."""
    for number in range(rounds + 1):
        for streams in STREAMS:
            for peer in peers:
                peer.run(streams)
        if number == 0:
            for peer in peers:
                peer.measured.clear()


def table(peers: list[Peer]) -> str:
    head = "| engine | " + " | ".join(f"{n} streams" for n in STREAMS) + " |"
    lines = [head, "|---" * (len(STREAMS) + 1) + "|"]
    for peer in peers:
        cells = []
        for streams in STREAMS:
            least, most = peer.range(streams)
            first = peer.median(streams, "first") * 1000
            cells.append(
                f"{peer.median(streams, 'rate'):,.0f} ({least:,.0f} to {most:,.0f}) / {first:.0f}"
            )
        lines.append(f"| {peer.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def ratios(peers: list[Peer]) -> str:
    """Ours by theirs in the same round, the median of all rounds."""
    ours, *others = peers
    lines = [f"| {ours.name} / | 1 | 8 | 32 |", "|---|---|---|---|"]
    for other in others:
        cells = []
        for streams in STREAMS:
            pairs = zip(ours.measured[streams], other.measured[streams], strict=True)
            cells.append(f"{statistics.median(a['rate'] / b['rate'] for a, b in pairs):.2f}")
        lines.append(f"| {other.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=SHAPES, default="m20")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--engines", nargs="*", default=list(ENGINES))
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as made:
        folder = write(chosen.shape, Path(made) / chosen.shape)
        opened = [open_peer(name, folder, chosen.threads) for name in chosen.engines]
        peers = [peer for peer in opened if peer is not None]
        try:
            measure(peers, chosen.rounds)
        finally:
            for peer in peers:
                peer.process.kill()  # some of them never leave by themselves
                peer.process.wait()
    print(f"\n{chosen.shape}, {chosen.threads} threads, {machine()}; tokens/s (range) / first ms\n")
    print(table(peers), "\n", ratios(peers), sep="\n")
    data = {"machine": machine(), "threads": chosen.threads, "rounds": chosen.rounds}
    data["engines"] = {peer.name: peer.measured for peer in peers}
    path = RESULTS / f"engine-{chosen.shape}.json"
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
