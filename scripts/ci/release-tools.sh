#!/usr/bin/env bash
# The programs that make a release beside Node, on Debian and Ubuntu, as root: nfpm (deb and rpm), wixl and msiinfo (MSI),
# debootstrap (clean roots to install into), xz, libdeflate-gzip (zip), strip. Does nothing about those that are there.
set -euo pipefail
nfpm_version=v2.45.2
missing=()
for pair in unzip:unzip wixl:wixl msiinfo:msitools debootstrap:debootstrap xz:xz-utils libdeflate-gzip:libdeflate-tools strip:binutils aarch64-linux-gnu-strip:binutils-aarch64-linux-gnu ruby:ruby; do
  command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
done
if [[ ${#missing[@]} -gt 0 ]]; then
  apt-get -o DPkg::Lock::Timeout=300 -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq install -y --no-install-recommends "${missing[@]}"
fi
command -v nfpm >/dev/null || GOBIN=/usr/local/bin go install "github.com/goreleaser/nfpm/v2/cmd/nfpm@$nfpm_version"
