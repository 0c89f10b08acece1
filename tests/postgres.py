"""Runs a command against a throw-away PostgreSQL: python -m tests.postgres COMMAND…"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from operations.broker import free_port


def binaries() -> Path | None:
    """The folder of the newest installed server, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _as_owner(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root; Debian's package brings the user for it."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


@contextmanager
def server() -> Iterator[str]:
    """A fresh cluster on a free loopback port, without durability; yields its URL."""
    folder = Path(tempfile.mkdtemp(prefix="prompt-guide-postgres-"))
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
    tools, data, port = binaries(), folder / "data", free_port()
    assert tools is not None
    owner = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
    initdb = [str(tools / "initdb"), "-D", str(data), "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(_as_owner([*initdb, "-U", owner]), **quiet)
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off -c full_page_writes=off"
    control = [str(tools / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
    subprocess.run(_as_owner([*control, "-o", options, "start"]), **quiet)
    try:
        yield f"postgres://{owner}@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(_as_owner([*control, "-m", "immediate", "stop"]), **quiet)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    if binaries() is None:
        print("SKIPPED: no PostgreSQL server found (apt install postgresql).")
        return 1 if os.environ.get("CI") else 0
    with server() as url:
        return subprocess.run(sys.argv[1:], env=os.environ | {"DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main())
