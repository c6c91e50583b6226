#!/usr/bin/env bash
# The programs that build, look through and publish images, on Debian and Ubuntu, as root: Buildah with crun, skopeo,
# Grype. Does nothing about those that are there.
set -euo pipefail
grype_version=v0.121.3
missing=()
for program in buildah crun skopeo; do
  command -v "$program" >/dev/null || missing+=("$program")
done
if [[ ${#missing[@]} -gt 0 ]]; then
  apt-get -o DPkg::Lock::Timeout=300 -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq install -y --no-install-recommends "${missing[@]}"
fi
command -v grype >/dev/null || GOBIN=/usr/local/bin go install "github.com/anchore/grype/cmd/grype@$grype_version"
