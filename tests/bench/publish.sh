#!/bin/bash
# Publishes SITE as REPOSITORY and answers EVALUATION_URL, with git and curl alone: the floor.
# The commands of git and the HTTP calls are those of publish and notify.
set -euo pipefail
header="Authorization: Bearer $BUILDER_TOKEN"
basic=$(printf 'x-access-token:%s' "$BUILDER_TOKEN" | base64 -w0)
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$GITHUB_SERVER_URL/.extraheader"
export GIT_CONFIG_VALUE_0="Authorization: Basic $basic"
api() { curl -sS -H "$header" -X "$1" "$GITHUB_API_URL$2" ${3:+-d "$3"} -w '\n%{http_code}' -o "$WORK/answer"; }

name="$BUILDER_OWNER/$REPOSITORY"
[[ $(api GET "/repos/$name") == *404 ]]
api GET /user >/dev/null
[[ $(api POST /user/repos "{\"name\":\"$REPOSITORY\"}") == *201 ]]
git clone -q "$GITHUB_SERVER_URL/$name.git" "$WORK/clone" 2>/dev/null
cd "$WORK/clone"
for _ in 1 2 3; do git rev-parse --verify --quiet HEAD || true; done
git symbolic-ref HEAD refs/heads/main
git rev-parse --verify --quiet refs/remotes/origin/main || true
git update-ref -d HEAD 2>/dev/null || true
cp -a "$SITE/." .
git add --all --force
git commit -q -m "Round 1: publish"
sha=$(git rev-parse HEAD)
git push -q origin HEAD:refs/heads/main
git rev-parse --verify --quiet HEAD >/dev/null
[[ $(api GET "/repos/$name/pages") == *404 ]]
[[ $(api POST "/repos/$name/pages" '{"source":{"branch":"main","path":"/"}}') == *201 ]]
url=$(sed -n 's/.*"html_url":"\([^"]*\)".*/\1/p' "$WORK/answer")
for path in $(git ls-files | grep -v '^\.'); do
    until curl -sS "$url$path" | cmp -s - "$path"; do sleep 0.2; done
done
curl -sS --fail -o /dev/null -H 'Content-Type: application/json' "$EVALUATION_URL" \
    -d "{\"commit_sha\":\"$sha\",\"pages_url\":\"$url\"}"
