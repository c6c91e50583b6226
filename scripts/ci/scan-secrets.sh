#!/usr/bin/env bash
# Looks through the whole history for secrets that were committed. Installs gitleaks with Go where it is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH="$PATH:$(go env GOPATH 2>/dev/null || true)/bin"
command -v gitleaks >/dev/null || go install github.com/zricethezav/gitleaks/v8@v8.30.1
gitleaks git --no-banner --redact --config .gitleaks.toml .
