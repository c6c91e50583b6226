#!/usr/bin/env bash
# actionlint over .github/workflows/. Installs it with Go where it is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH="$PATH:$(go env GOPATH 2>/dev/null || true)/bin"
command -v actionlint >/dev/null || go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
actionlint -no-color
