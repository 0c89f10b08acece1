"""Prints a table of measurements with their goals, and keeps them as JSON."""

import json
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Row:
    """One measured number; `goal` says in words what was wanted."""

    name: str
    value: float
    unit: str
    goal: str = ""
    is_met: bool | None = None


def at_most(name: str, value: float, unit: str, goal: float) -> Row:
    return Row(name, value, unit, f"<= {goal:g}", value <= goal)


def at_least(name: str, value: float, unit: str, goal: float) -> Row:
    return Row(name, value, unit, f">= {goal:g}", value >= goal)


def machine() -> str:
    """The processor and the number of cores, for the reader of a table."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {max(1, len(names))} cores"


def report(title: str, rows: list[Row]) -> None:
    """The table on standard output as Markdown, and bench/results/<title>.json."""
    print(f"\n### {title}\n\n| what | measured | goal | |\n|---|---|---|---|")
    for row in rows:
        verdict = {True: "met", False: "missed", None: ""}[row.is_met]
        print(f"| {row.name} | {row.value:.3g} {row.unit} | {row.goal} | {verdict} |")
    revision = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    RESULTS.mkdir(exist_ok=True)
    data = {
        "machine": machine(),
        "revision": revision,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": [asdict(row) for row in rows],
    }
    path = RESULTS / f"{title.lower().replace(' ', '-')}.json"
    path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
