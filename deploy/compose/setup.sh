#!/bin/sh
# Writes .env and tokens, with secrets made now, beside this script or into the folder that is named. What is there
# already is left as it is.
set -eu
umask 077
folder=${1:-$(dirname "$0")}

if [ -e "$folder/.env" ] || [ -e "$folder/tokens" ]; then
  echo "$folder has .env or tokens already. They hold the secrets of your data: nothing was changed." >&2
  exit 1
fi

# Begins with a letter: NATS would take digits for a number.
secret() { printf 's%s' "$(od -An -tx1 -N24 /dev/urandom | tr -d ' \n')"; }
sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1; }

token=$(secret)
# Only the digest: nobody can log in with this file. User 10001 of the containers reads it.
printf 'me %s\n' "$(printf %s "$token" | sha256)" > "$folder/tokens"
chmod 644 "$folder/tokens"

cat > "$folder/.env" <<END
# Made by setup.sh. Keep it, and a copy of it elsewhere: without it the data cannot be reached.
COMPOSE_PROJECT_NAME=speakr

# Images: version, and where they are. From a clone they are built when they cannot be had.
SPEAKR_VERSION=0.1.0
SPEAKR_IMAGES=ghcr.io/OWNER

# Where the server can be reached. On this machine only, unless something in front of it speaks TLS.
SPEAKR_BIND=127.0.0.1
SPEAKR_PORT=8080

# The token of the user "me". tokens has a line for each user: a name and the SHA-256 of the token.
SPEAKR_TOKEN=$token

# Secrets of the services, known to nobody else.
POSTGRES_PASSWORD=$(secret)
SPEAKR_OWNER_PASSWORD=$(secret)
SPEAKR_APP_PASSWORD=$(secret)
SPEAKR_WORKER_PASSWORD=$(secret)
NATS_PASSWORD=$(secret)
S3_ACCESS_KEY=$(secret | cut -c 1-20)
S3_SECRET_KEY=$(secret)

# Notes and answers written by a language model on this machine: take the # away from these three.
# COMPOSE_PROFILES=ollama
# SPEAKR_LLM_URL=http://ollama:11434/v1
# SPEAKR_LLM_MODEL=llama3.2:3b

# Logins by OpenID Connect, with a provider that lets in anybody on this machine, to try it out: these two. With
# your own provider leave COMPOSE_FILE and set SPEAKR_OIDC_ISSUER and SPEAKR_OIDC_AUDIENCE.
# COMPOSE_FILE=compose.yaml:compose.oidc.yaml
# COMPOSE_PATH_SEPARATOR=:
END
echo "Wrote $folder/.env and $folder/tokens. Next: docker compose up --wait" >&2
