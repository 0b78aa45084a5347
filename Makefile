# The short front of the build. `make help` lists what there is; CMakePresets.json is the long form.
#
# NO_INSTALL=1 never installs packages: what is missing is named and the command exits with 2.

SHELL := /bin/bash
.DEFAULT_GOAL := all
# Presets build one after the other; Ninja uses every core within each.
.NOTPARALLEL:

.PHONY: all run test test-unit test-race test-fuzz test-layers test-library test-linux \
        test-harness test-wine test-image test-package package sign attestation package-deps soak \
        coverage fuzz prove bench accuracy lint format clean help deps linux windows asan tsan

all: linux windows ## build everything into dist/
	@scripts/dist.sh

run: all ## the driver at work: harness, Wine, what differs
	@scripts/run.sh

package: all package-deps ## INF, catalog, MSI, zip, checksums, SBOM into dist/package/
	@scripts/package.sh

sign: package ## signed copies into dist/signed/; SIGN_SCRIPT: your signer (test certificate)
	@scripts/sign.sh

attestation: package ## the cabinet that Microsoft's Partner Center signs
	@scripts/attestation.sh

package-deps:
	@scripts/deps.sh build package

test: package asan tsan ## every test that can run without Windows
	@scripts/test.sh all

test-unit: asan ## core, recording, lib, cli and loader logic under ASan and UBSan
	@scripts/test.sh unit
test-race: tsan ## the race tests under ThreadSanitizer
	@scripts/test.sh race
test-fuzz: asan ## replay of the fuzzers' corpora
	@scripts/test.sh fuzz
test-layers: all ## who may include what, and what core may need
	@scripts/test.sh layers
test-library: all ## what the library exports, and that the examples build
	@scripts/test.sh library
test-linux: all ## librapl on Linux: powercap trees of recorded machines
	@scripts/test.sh linux
test-harness: all ## the production .sys in the harness
	@scripts/test.sh harness
test-wine: all ## the simulated .sys under Wine's service manager
	@scripts/test.sh wine
test-image: all ## what a loader would look at in both .sys
	@scripts/test.sh image
test-package: package ## INF, catalog, signatures, MSI and its installation under Wine
	@scripts/test.sh package

soak: all ## 16 clients, in the harness and under Wine, for SOAK_SECONDS (60)
	@scripts/soak.sh

coverage: asan ## line coverage of core and recording
	@scripts/coverage.sh

fuzz: deps ## run each fuzzer for FUZZ_SECONDS (60)
	@cmake --preset fuzz --log-level=WARNING >/dev/null
	@cmake --build --preset fuzz
	@scripts/fuzz.sh

prove: deps ## seed every bug of tests/mutants/ (MUTANTS=GLOB: some) in a copy: each must be caught
	@scripts/prove.py $(if $(MUTANTS),--only '$(MUTANTS)')

bench: all ## what reading costs, what starting costs, how wrong a command's energy is
	@scripts/deps.sh bench
	@scripts/bench.sh

accuracy: linux ## how wrong a command's energy is, by the way it is measured: docs/accuracy.md
	@scripts/bench.sh accuracy

lint: ## clang-format, clang-tidy, shellcheck
	@scripts/deps.sh build lint
	@cmake --preset linux --log-level=WARNING >/dev/null
	@cmake --preset windows --log-level=WARNING >/dev/null
	@scripts/lint.sh

format: ## rewrite the sources with clang-format
	@scripts/deps.sh lint
	@scripts/lint.sh format

deps:
	@scripts/deps.sh build

linux windows asan tsan: deps
	@cmake --preset $@ --log-level=WARNING >/dev/null
	@cmake --build --preset $@

clean: ## remove build/ and dist/
	rm -rf build dist

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | \
	    expand -t 14
