# What a newcomer needs: make, Rust (rustup), Python 3 with pip, a C compiler, and Node.js for the console. Everything else is
# installed outside the checkout, or named in one line with the way to get it.
#
#   make up        build Fanlight and start it
#   make web       build the console's pages alone
#   make test      the whole suite
#   make lint      format, clippy, licences and sources of dependencies, the repository's own rules
#   make torture   a hundred kills and every fault of the disk, in full
#   make bench     Fanlight beside other programs, on this machine
#   make clean     remove what was built here

.PHONY: up web web-tried test torture bench lint clean need-build need-node need-python need-suite
.DEFAULT_GOAL := up

FANLIGHT_TOOLS ?= $(HOME)/.cache/fanlight/tools
export FANLIGHT_TOOLS
export PATH := $(PATH):$(FANLIGHT_TOOLS)/bin

# $(call need,PROGRAM,HOW TO GET IT)
need = command -v $(1) >/dev/null 2>&1 || { echo "missing: $(1): $(2)" >&2; exit 3; }

need-build:
	@$(call need,cargo,install Rust 1.95 or newer with rustup)
	@$(call need,cc,a C compiler for ring and SQLite; on Debian: apt-get install build-essential; on macOS: xcode-select --install)

need-node:
	@$(call need,node,install Node.js 20.19 or newer with npm; without it everything works but the console has no pages)
	@$(call need,npm,install npm, which comes with Node.js)

need-python:
	@$(call need,python3,install Python 3 with pip; on Debian: apt-get install python3 python3-pip python3-venv)
	@python3 -m pip --version >/dev/null 2>&1 || { echo "missing: pip: on Debian: apt-get install python3-pip python3-venv" >&2; exit 3; }

need-suite: need-build need-python
	@.ci/tool strace

# The console's pages, made anew when they, or the API whose types they are checked against, have changed.
WEB_SOURCES := $(shell find web/src web/build crates/fanlight-api/src crates/fanlight-base/src -type f ! -name schema.d.ts ! -name keyed.json) \
  web/index.html web/package.json web/svelte.config.js web/tsconfig.json web/vite.config.ts

web/node_modules/.package-lock.json: web/package-lock.json web/package.json
	cd web && npm ci --silent
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	cd web && npm run --silent build -- --logLevel warn

web: need-node web/dist/index.html

# Where there is no Node.js, the binary shows a page that says how to have the console.
web-tried:
	@if command -v npm >/dev/null 2>&1; then $(MAKE) --no-print-directory web; \
	  else echo "note: no Node.js here, so the console will have no pages; everything else works" >&2; fi

# ARGS are passed on: make up ARGS="--listen 127.0.0.1:7071".
up: need-build web-tried
	@command -v pip >/dev/null 2>&1 || command -v pip3 >/dev/null 2>&1 || command -v python3 >/dev/null 2>&1 || \
	  echo "note: no pip here to ask for its index; set packages.pypi.upstream, see docs/configuration.md" >&2
	cargo run --locked --release -p fanlight -- up $(ARGS)

# The binary is built first, so that the black-box tests drive what is in the tree and not an older build.
test: need-suite web-tried
	@.ci/tool nextest
	@.ci/tool chromium
	@if [ -d web/node_modules ]; then cd web && npm run --silent check && npm run --silent test -- --reporter=dot; fi
	@cargo build --locked -p fanlight
	@cargo nextest run --locked --workspace

torture: need-suite
	@.ci/tool nextest
	@cargo build --locked -p fanlight
	FANLIGHT_TORTURE=full cargo nextest run --locked --profile torture -p fanlight-ledger -p fanlight-tests

bench: need-build need-python
	bench/run

lint: need-build
	@cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 || \
	  { echo "missing: rustfmt or clippy: rustup component add rustfmt clippy" >&2; exit 3; }
	@.ci/tool deny
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo deny --locked check bans licenses sources
	cargo xtask check

clean:
	cargo clean
