#!/bin/sh
# Installs speakr @VERSION@ for one user: chooses the file for this system, checks its signature and checksum, and puts
# the program into ~/.local/bin. Needs no root. An installation that is broken off leaves what was there before.
#
#   SPEAKR_INSTALL_DIR   another folder for the program
#   SPEAKR_BASE_URL      another place to download from; the signature is checked all the same
set -eu

version='@VERSION@'
base_url="${SPEAKR_BASE_URL:-@BASE_URL@}"
public_key='@PUBLIC_KEY@'

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "speakr was not installed: $1"
  shift
  for line in "$@"; do say "  $line"; done
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

find_target() {
  case "$(uname -s)" in
    Linux) system=linux ;;
    Darwin) system=macos ;;
    *) fail "there is no executable for $(uname -s)." 'On Windows use install.ps1. Elsewhere: npm install --global speakr' ;;
  esac
  case "$(uname -m)" in
    x86_64 | amd64) architecture=x64 ;;
    aarch64 | arm64) architecture=arm64 ;;
    *) fail "there is no executable for $(uname -m) processors." 'With Node 24 or newer: npm install --global speakr' ;;
  esac
  # A shell under Rosetta says x86_64 on a Mac that has ARM.
  if [ "$system" = macos ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || echo 0)" = 1 ]; then
    architecture=arm64
  fi
  if [ "$system" = linux ] && (ldd --version 2>&1 || true) | grep -qi musl; then
    fail 'this system has musl; the executable needs glibc 2.28 or newer.' 'With Node 24 or newer: npm install --global speakr'
  fi
  target="$system-$architecture"
}

find_directory() {
  if [ -n "${SPEAKR_INSTALL_DIR:-}" ]; then
    directory=$SPEAKR_INSTALL_DIR
  elif [ -n "${HOME:-}" ]; then
    directory=$HOME/.local/bin
  else
    fail 'HOME is not set.' 'Say where it shall go: SPEAKR_INSTALL_DIR=/some/folder'
  fi
  mkdir -p "$directory" 2>/dev/null || fail "$directory cannot be made." 'Name another folder: SPEAKR_INSTALL_DIR=/some/folder'
  [ -w "$directory" ] || fail "$directory cannot be written to." 'Name another folder: SPEAKR_INSTALL_DIR=/some/folder'
}

find_tools() {
  if has curl; then
    fetch() { curl --fail --silent --show-error --location --retry 3 --output "$2" "$1"; }
  elif has wget; then
    fetch() { wget --quiet --tries=3 --output-document="$2" "$1"; }
  else
    fail 'curl or wget is missing.' 'Debian, Ubuntu: sudo apt-get install curl'
  fi
  if has sha256sum; then
    checksum() { sha256sum "$1" | cut -d ' ' -f 1; }
  elif has shasum; then
    checksum() { shasum -a 256 "$1" | cut -d ' ' -f 1; }
  else
    fail 'sha256sum or shasum is missing.'
  fi
  has ssh-keygen || fail 'ssh-keygen, which checks the signature, is missing.' 'Debian, Ubuntu: sudo apt-get install openssh-client' 'Fedora: sudo dnf install openssh' 'Arch: sudo pacman -S openssh'
  has tar || fail 'tar is missing.'
  # On macOS tar reads xz by itself.
  [ "$(uname -s)" = Darwin ] || has xz || fail 'xz, which unpacks the download, is missing.' 'Debian, Ubuntu: sudo apt-get install xz-utils' 'Fedora, Arch: install the package xz'
}

download() { fetch "$base_url/$1" "$work/$1" || fail "$base_url/$1 could not be downloaded."; }

verify() {
  printf 'speakr namespaces="speakr-release" %s\n' "$public_key" >"$work/signers"
  ssh-keygen -Y verify -f "$work/signers" -I speakr -n speakr-release -s "$work/SHA256SUMS.sig" \
    <"$work/SHA256SUMS" >/dev/null 2>&1 ||
    fail 'the signature of the checksums is wrong.' 'Somebody may have changed the download. Please report it.'
  expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $archive\$/\1/p" "$work/SHA256SUMS")
  [ -n "$expected" ] || fail "the checksums do not name $archive."
  [ "$(checksum "$work/$archive")" = "$expected" ] ||
    fail "$archive is not what was released: its checksum is wrong." 'The download was damaged or changed. Run this again; if it stays, please report it.'
}

# The program is tried where it will stay, since /tmp may forbid running anything, and then takes the place of the old
# one in a single step.
install_program() {
  tar -xf "$work/$archive" -C "$work" || fail "$archive cannot be unpacked."
  draft="$directory/.speakr.$$"
  { cp "$work/speakr-$version-$target/speakr" "$draft" && chmod 755 "$draft"; } ||
    fail "$directory has no room for it, or cannot be written to."
  said=$("$draft" --version 2>&1) ||
    fail "it does not run here: $said" "Is $directory on a disk that allows programs? Is glibc 2.28 or newer?"
  [ "$said" = "$version" ] || fail "it says that it is version $said."
  mv -f "$draft" "$directory/speakr" || fail "$directory/speakr cannot be replaced."
}

advise() {
  say "speakr $version is installed in $directory."
  case ":${PATH:-}:" in
    *":$directory:"*) ;;
    *) say "It is not on your PATH yet. Add this to your shell's start-up file:" "  export PATH=\"$directory:\$PATH\"" ;;
  esac
  if ! has ffmpeg; then
    if has brew; then how='brew install ffmpeg'
    elif has apt-get; then how='sudo apt-get install ffmpeg'
    elif has dnf; then how='sudo dnf install ffmpeg-free'
    elif has pacman; then how='sudo pacman -S ffmpeg'
    elif has zypper; then how='sudo zypper install ffmpeg'
    else how='see https://ffmpeg.org/download.html'; fi
    say "ffmpeg is missing: $how"
  fi
  say 'Begin with: speakr models pull'
}

main() {
  find_target
  find_directory
  find_tools
  archive="speakr-$version-$target.tar.xz"
  draft=
  work=$(mktemp -d)
  trap 'rm -rf "$work"; if [ -n "$draft" ]; then rm -f "$draft"; fi' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  say "Downloading speakr $version for $target …"
  download SHA256SUMS
  download SHA256SUMS.sig
  download "$archive"
  verify
  install_program
  advise
}

# The last line: a script that was cut off while it came does nothing.
main
