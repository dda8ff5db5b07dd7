#!/usr/bin/env bash
# Programs that tests use and pip cannot bring: LibreOffice opens what we wrote, poppler reads
# its PDF, a CJK font makes the Chinese visible; python3-venv and make where Debian left them out.
# Installs on Debian and Ubuntu as root; elsewhere it says what is missing, and tests skip.
set -euo pipefail

missing=()
command -v soffice >/dev/null || missing+=(libreoffice-calc libreoffice-writer)
command -v pdftotext >/dev/null || missing+=(poppler-utils)
command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh family 2>/dev/null)" ] || missing+=(fontconfig fonts-noto-cjk)
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
echo "system packages: installing ${missing[*]}"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
if ! { apt-get update -q && apt-get install -y -q --no-install-recommends "${missing[@]}"; } </dev/null >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  give_up "apt-get did not succeed"
fi
echo "system packages: installed"
