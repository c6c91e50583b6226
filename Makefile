# Short names for what package.json and scripts/ do. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help dev test lint format bench build binary docs docker-build images release image-query

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

dev: ## Set everything up and record the bundled sample
	npm run demo

test: ## All tests
	npm test

lint: ## Format, lint, types, generated files, documentation
	npm run check

format: ## Mend format and imports
	npm run format

bench: ## Measure, and write docs/benchmarks.md
	npm run bench

build: ## The bundle of the command line
	npm run build

binary: ## One file that is all of speakr, for this system
	npm run build:binary

images: ## Container images of all roles; `make image-gateway` builds one
	npm run images

docker-build: ## The same
	npm run images

image-%:
	npm run images -- $*

# Questions are answered by the gateway.
image-query: image-gateway

docs: ## The documentation site, in site/dist
	npm run docs

release: ## Rehearse a whole release on this machine
	npm run release:dry
