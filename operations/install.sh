# Sourced by ./run and ./test: makes .venv and installs a requirements file into it, once per change.

fail() {
  echo "$1" >&2
  exit 1
}

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    [[ -n "$candidate" ]] && command -v "$candidate" >/dev/null || continue
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  fail "Python 3.11, 3.12 or 3.13 is needed, found: $(python3 --version 2>/dev/null || echo none). On Debian or Ubuntu: apt install python3 python3-venv"
}

make_venv() {
  local python
  [[ -x .venv/bin/python ]] && .venv/bin/python -c '' 2>/dev/null && return
  python=$(find_python) || exit 1
  if ! "$python" -m venv --clear .venv 2>/dev/null; then
    # Debian ships venv apart from Python.
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
      apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null \
        || fail "python3-venv is missing and could not be installed."
      "$python" -m venv --clear .venv || fail "The virtual environment could not be made in .venv."
    else
      fail "The virtual environment could not be made. Install it first: apt install python3-venv"
    fi
  fi
}

check_disk() {
  local free
  free=$(df -Pk . | awk 'NR == 2 {print $4}')
  [[ "$free" -ge 2500000 ]] || fail "Only $((free / 1024)) MB are free here; the installation needs about 2500 MB."
}

# install_requirements FILE: does nothing when .venv already holds this very file.
install_requirements() {
  local file=$1 stamp want
  make_venv
  stamp=".venv/.installed-$(basename "$file" .txt)"
  want=$(cat requirements.txt "$file" | sha256sum)
  [[ -f "$stamp" && "$(cat "$stamp")" == "$want" ]] && return
  check_disk
  echo "Installing $file into .venv …"
  # pip's folder of local wheels is not known to uv, which is ten times as fast.
  export UV_FIND_LINKS="${UV_FIND_LINKS:-${PIP_FIND_LINKS:-}}"
  [[ -n "$UV_FIND_LINKS" ]] || unset UV_FIND_LINKS
  if .venv/bin/python -m pip install --quiet --disable-pip-version-check uv 2>.venv/install.log \
    && .venv/bin/uv pip install --quiet --python .venv/bin/python -r "$file" 2>>.venv/install.log; then
    :
  elif ! .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$file" 2>>.venv/install.log; then
    tail -n 5 .venv/install.log >&2
    fail "The packages could not be installed: no network, or a package index that does not answer. The last lines of .venv/install.log stand above."
  fi
  echo "$want" >"$stamp"
}
