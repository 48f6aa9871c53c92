# Yizhan. `make run` and `make test` are all that most people need; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

LISTEN ?= 127.0.0.1:8080
DATA   ?= data

# What the binary is made of, and what the pages are made of.
go_sources  := $(shell find . \( -path ./web -o -path ./docs -o -path ./.git -o -path './$(DATA)' -o -path ./bin -o -path ./.cache -o -path ./internal/lint \) -prune -o -type f ! -name '*_test.go' -print) $(wildcard web/*.go)
web_sources := $(shell find web \( -name node_modules -o -name dist -o -name e2e -o -name bench -o -name test-results \) -prune -o -type f \( -name '*.ts' -o -name '*.svelte' -o -name '*.css' -o -name '*.html' -o -name '*.json' -o -name '*.svg' \) ! -name '*.test.ts' -print)
release     := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: help run build test conformance fuzz check bench clean deps deps-test fmt openapi screenshots

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

run: ## install what is missing, build, load the demo city and serve it on http://localhost:8080
	@$(MAKE) -j3 build
	@exec bin/yizhan serve --demo --listen $(LISTEN) --data '$(DATA)'

build: deps bin/yizhan ## make bin/yizhan, with the pages in it

test: ## everything that must pass, browser included; closes with "N passed, N failed"
	@$(MAKE) -j3 build deps-test bin/lint bin/staticcheck
	@go run ./internal/suite

conformance: build ## have QGIS load features and tiles and compare them with the API; installs QGIS if it is missing
	@scripts/deps.sh qgis
	@scripts/conformance.sh

fuzz: deps ## fuzz each fuzz test for FUZZTIME (2m); their seeds and finds run in `make test`
	@scripts/fuzz.sh

check: bin/lint bin/staticcheck bin/yizhan ## format, vet, linters, types, fences, compose file: what `make test` runs first
	@scripts/check.sh

bench: ## benchmarks, each beside its baseline
	@scripts/bench.sh

fmt: web/node_modules/.stamp ## format Go and TypeScript
	@gofmt -w $$(git ls-files '*.go')
	@cd web && npx --no-install prettier --write --log-level warn .

openapi: ## write the OpenAPI document and the client's types made from it
	@go run ./cmd/yizhan openapi > web/openapi.json
	@cd web && npm run --silent types

screenshots: bin/yizhan deps-test ## take the pictures of the README anew
	@scripts/screenshots.sh

clean: ## remove all that was built; the data folder stays
	rm -rf bin .cache web/dist web/node_modules web/test-results web/playwright-report

deps:
	@scripts/deps.sh run

deps-test:
	@scripts/deps.sh test

# Compiling the modules that the binary needs takes longest: do it while npm is at work.
.cache/compiled: $(go_sources)
	@go build ./...
	@mkdir -p .cache && touch $@

bin/yizhan: .cache/compiled web/dist/.stamp
	@go build -tags web -ldflags '-s -w -X main.release=$(release)' -o $@ ./cmd/yizhan

bin/lint: internal/lint/go.mod internal/lint/main.go internal/lint/fences.go
	@cd internal/lint && go build -o ../../bin/lint .

bin/staticcheck: internal/lint/go.mod
	@cd internal/lint && go build -o ../../bin/staticcheck honnef.co/go/tools/cmd/staticcheck

web/dist/.stamp: $(web_sources) web/node_modules/.stamp
	@cd web && npm run --silent build -- --logLevel warn
	@touch $@

web/node_modules/.stamp: web/package.json web/package-lock.json
	@cd web && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-progress
	@touch $@
