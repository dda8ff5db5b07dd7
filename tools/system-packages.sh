#!/usr/bin/env bash
# Programs that tests use and pip cannot bring: LibreOffice opens what we wrote, poppler reads
# its PDF, a CJK font makes the Chinese visible; PostgreSQL holds the ledger a second time and
# Chromium looks at the pages; python3-venv and make where Debian left them out.
# Installs on Debian and Ubuntu as root; elsewhere it says what is missing, and tests skip.
set -euo pipefail

missing=()
command -v soffice >/dev/null || missing+=(libreoffice-calc libreoffice-writer)
command -v pdftotext >/dev/null || missing+=(poppler-utils)
command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh family 2>/dev/null)" ] || missing+=(fontconfig fonts-noto-cjk)
command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
command -v make >/dev/null || missing+=(make)
"${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)

if [ "${#missing[@]}" -eq 0 ]; then
  exit 0
fi

give_up() {
  echo "system packages: $1; missing: ${missing[*]}" >&2
  echo "system packages: tests that need them will be skipped (with CI=true they fail)" >&2
  exit 0
}

command -v apt-get >/dev/null || give_up "no apt-get here"
[ "$(id -u)" -eq 0 ] || give_up "not root"

export DEBIAN_FRONTEND=noninteractive
log="$(mktemp)"
no_cluster=/etc/postgresql-common/createcluster.d/taizhang-tests.conf
trap 'rm -f "$log" "$no_cluster"' EXIT

if ! apt-get update -q </dev/null >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  give_up "apt-get update did not succeed"
fi

# One name that this release does not have (Ubuntu has no chromium) must not keep the others out.
wanted=() unknown=()
for package in "${missing[@]}"; do
  # No pipe into `grep -q`: it leaves at the first match, and the writer's SIGPIPE would say "unknown".
  if grep -q 'Candidate: [^(]' <<<"$(apt-cache policy "$package")"; then
    wanted+=("$package")
  else
    unknown+=("$package")
  fi
done

if [ "${#wanted[@]}" -gt 0 ]; then
  echo "system packages: installing ${wanted[*]}"
  if [[ " ${wanted[*]} " == *" postgresql "* ]]; then
    # Tests make a cluster of their own (tests/postgres.py): without this line, which lies there
    # only while we install, Debian would make one that listens on 5432 from every start on.
    mkdir -p "${no_cluster%/*}"
    echo "create_main_cluster = false" >"$no_cluster"
  fi
  if ! apt-get install -y -q --no-install-recommends "${wanted[@]}" </dev/null >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    give_up "apt-get did not succeed"
  fi
  echo "system packages: installed"
fi

if [ "${#unknown[@]}" -gt 0 ]; then
  missing=("${unknown[@]}")
  give_up "this release has no such package"
fi
