#!/usr/bin/env bash
# Installs what the tests need from the system: a headless browser, PostgreSQL's server, Tesseract
# and promtool.
# Where it may not install, it stops and says what is missing.
set -euo pipefail

has_chromium() { command -v chromium || command -v chromium-browser; }
has_postgres() { command -v postgres || compgen -G '/usr/lib/postgresql/*/bin/postgres'; }

may_install() {
  command -v apt-get || return 1
  [ "$(id -u)" -eq 0 ] || sudo -n true
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Only the one program: the package would start a server.
install_promtool() {
  local folder
  folder=$(mktemp -d)
  chmod 755 "$folder"
  (cd "$folder" && apt-get download -qq prometheus && dpkg-deb --extract prometheus_*.deb .)
  as_root install "$folder/usr/bin/promtool" /usr/local/bin/promtool
  rm -rf "$folder"
}

missing=()
has_chromium >/dev/null || missing+=(chromium fonts-liberation)
has_postgres >/dev/null || missing+=(postgresql)
command -v tesseract >/dev/null || missing+=(tesseract-ocr)
command -v promtool >/dev/null || missing+=(promtool)
[ ${#missing[@]} -eq 0 ] && exit 0

if ! may_install >/dev/null 2>&1; then
  {
    echo "##########################################################################"
    echo "The tests need these system packages, and this account may not install them:"
    printf '  %s\n' "${missing[@]}"
    echo "Install them, or run what runs without them: .venv/bin/python -m pytest"
    echo "##########################################################################"
  } >&2
  exit 1
fi

echo "Installing for the tests: ${missing[*]}"
as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null
packages=()
for name in "${missing[@]}"; do
  if [ "$name" = promtool ]; then install_promtool; else packages+=("$name"); fi
done
[ ${#packages[@]} -eq 0 ] && exit 0
as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${packages[@]}" </dev/null >/dev/null
