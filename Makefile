# One command for everything, the same for a person and for CI. `make help` lists the targets.
# Each target installs what it misses through apt and says so; a Swift toolchain, git and make are
# expected to be there.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PROGRAM := page-migration-exporter
RELEASE := .build/release/$(PROGRAM)
# No local rpath: a library beside the program would run as its user.
BUILD_FLAGS := --explicit-target-dependency-import-check error --disable-local-rpath

# What of the tests is worth running under the sanitizers: what has threads, and what holds memory.
SANITIZED := ^(KernelText|PageMigration|Collectors|Exposition|WebServer|Program)Tests|8 concurrent scrapers

# What takes both processors for itself: these tests run one after the other, on the release build.
ALONE := Abuse over HTTP|Behind a proxy|A scan by testssl
# A test has its time limit from its start: so no more are started than make headway.
SWIFT_TEST := swift test --skip-build --disable-xctest --experimental-maximum-parallelization-width 4

# What counts migrations of the whole machine, where no other test causes any.
LIVE := Live kernel
# What a sanitizer keeps for itself grows with what is done, and counts as the process's memory.
RESIDENT := takes no more memory than

# The Debian packages that each kind of work needs.
BUILD_PACKAGES := pkg-config libc6-dev libmicrohttpd-dev libdeflate-dev libbpf-dev \
	libyaml-dev libcrypt-dev libgnutls28-dev
TEST_PACKAGES := $(BUILD_PACKAGES) fish zsh prometheus python3-prometheus-client python3-protobuf util-linux numactl gzip coreutils bpftool bpftrace \
	gnutls-bin openssl curl nginx-light haproxy testssl.sh

PACKAGE_PACKAGES := debhelper dpkg-dev fakeroot lintian debootstrap man-db

DIST_PACKAGES := libelf-dev zlib1g-dev python3 binutils

MONITORING_PACKAGES := prometheus victoria-metrics python3-venv

APT := DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

# $(call install,PACKAGES): those of them that are missing, installed.
define install
	@missing=; for package in $(1); do \
		[ "$$(dpkg-query -f '$${db:Status-Status}' -W $$package 2>/dev/null)" = installed ] \
			|| missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
		echo "installing through apt:$$missing"; \
		$(SUDO) env $(APT) update; \
		$(SUDO) env $(APT) install --no-install-recommends $$missing >/dev/null; \
	fi
endef

# $(call run_if_there,FILE,ARGUMENTS): a part of the repository that has a runner of its own.
run_if_there = @if [ -x $(1) ]; then $(1) $(2); else echo "$(1) is not there"; exit 1; fi

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: packages
packages:
	$(call install,$(BUILD_PACKAGES))

.PHONY: test-packages
test-packages:
	$(call install,$(TEST_PACKAGES))

.PHONY: build
build: packages ## Build the program for release: .build/release/page-migration-exporter
	@# The manifest asks git for the commit, which its cache would not.
	swift build -c release --product $(PROGRAM) $(BUILD_FLAGS) --manifest-cache none

.PHONY: run
run: build ## Serve this machine's metrics on port 10057
	$(RELEASE)

.PHONY: demo
demo: build ## Take a two-minute tour with a real, harmless load
	swift build -c release --product provoke
	Tests/Demo/run

.PHONY: test
test: test-packages tracefs ## Run every test that needs no other machine, except those in test-release
	swift build --build-tests $(BUILD_FLAGS)
	$(SWIFT_TEST) --skip '$(ALONE)|$(LIVE)'
	$(SWIFT_TEST) --no-parallel --filter '$(LIVE)'

# The exporter mounts nothing, so its tests' machine has to: without tracefs no eBPF test can run.
.PHONY: tracefs
tracefs:
	@[ -e /sys/kernel/tracing/events ] || $(SUDO) mount -t tracefs nodev /sys/kernel/tracing || true

.PHONY: sanitize
sanitize: test-packages ## Run the concurrency and memory tests under the thread and address sanitizers
	@mkdir -p .cache/sanitizers
	clang -shared -fPIC -O2 -Wall -Werror -o .cache/sanitizers/mutex.so Tests/Sanitizers/mutex.c -ldl
	swift build --build-tests --sanitize=thread --scratch-path .build/thread
	LD_PRELOAD=$(CURDIR)/.cache/sanitizers/mutex.so $(SWIFT_TEST) --sanitize=thread \
		--scratch-path .build/thread --filter '$(SANITIZED)' --skip '$(RESIDENT)'
	swift build --build-tests --sanitize=address --scratch-path .build/address
	$(SWIFT_TEST) --sanitize=address --scratch-path .build/address \
		--filter '$(SANITIZED)' --skip '$(RESIDENT)'

.PHONY: test-release
test-release: build test-packages ## Run the tests of the whole program on the release build
	swift build --build-tests $(BUILD_FLAGS)
	EXPORTER=$(CURDIR)/$(RELEASE) $(SWIFT_TEST) --filter '^EndToEndTests' --skip '$(ALONE)'
	EXPORTER=$(CURDIR)/$(RELEASE) $(SWIFT_TEST) --no-parallel --filter '$(ALONE)'
	@readelf -dW $(RELEASE) > .build/dynamic
	@! grep -E 'RPATH|RUNPATH' .build/dynamic || { echo 'the release build has a RUNPATH'; exit 1; }
	@nm $(RELEASE) > .build/symbols
	@! grep -q 17_StringProcessing .build/symbols \
		|| { echo 'a text is searched in a text: that links regular expressions, 1.4 MB'; exit 1; }
	@grep -q 'BIND_NOW' .build/dynamic || { echo 'the release build is not fully RELRO'; exit 1; }

.PHONY: soak
soak: build test-packages ## A million scrapes from 16 clients: nothing may grow. CI does a hundredth
	swift build --build-tests $(BUILD_FLAGS)
	SOAK=1000000 EXPORTER=$(CURDIR)/$(RELEASE) $(SWIFT_TEST) \
		--filter 'scrapes without end|an hour of samples'

.PHONY: lint
lint: ## Check the format of every Swift file, and that what is generated for Kubernetes is up to date
	swift format lint --strict -r Package.swift Plugins Sources Tests
	deploy/kubernetes/generate.py --check

.PHONY: fmt
fmt: ## Format every Swift file
	swift format -i -r Package.swift Plugins Sources Tests

.PHONY: golden
golden: test-packages ## Regenerate golden files and tables; review git diff afterwards
	UPDATE_GOLDEN=1 swift test --disable-xctest

.PHONY: test-guest-causes
test-guest-causes: build ## Boot real kernels in QEMU and provoke each cause of a failure
	Tests/Guests/causes/run

.PHONY: test-guest-explain
test-guest-explain: build ## Boot real kernels in QEMU, cause trouble and check that explain names it
	Tests/Guests/explain/run

.PHONY: test-guest-device
test-guest-device: build ## Boot a real kernel in QEMU and move pages to a device's memory and back
	Tests/Guests/device/run

.PHONY: test-guests
test-guests: build ## Boot real kernels in QEMU and check the program on them
	$(call run_if_there,Tests/Guests/run,test)

.PHONY: test-monitoring
test-monitoring: build tracefs ## Check rules and dashboards against a real Prometheus
	$(call install,$(MONITORING_PACKAGES))
	$(call run_if_there,Tests/Monitoring/run)

.PHONY: test-browser
test-browser: build tracefs ## Drive the live page in a real browser
	$(call install,python3-venv)
	$(call run_if_there,Tests/Browser/run)

.PHONY: bench
bench: build ## Measure speed and size against other exporters
	$(call run_if_there,Tests/Benchmarks/run)

.PHONY: bench-short
bench-short: build ## The same in a few minutes, as in CI; fails as bench-gate does
	$(call run_if_there,Tests/Benchmarks/run,--short)

.PHONY: bench-gate
bench-gate: build ## Fail if a scrape takes 3 % more instructions than committed
	$(call run_if_there,Tests/Benchmarks/run,--gate)

.PHONY: fuzz
fuzz: packages ## Fuzz every parser of untrusted bytes, FUZZ='runs 10000000' inputs each
	FUZZ=1 swift build -c release --product fuzz --sanitize=fuzzer --scratch-path .build/fuzz
	Tests/Fuzz/run $(or $(FUZZ),runs 10000000)

.PHONY: fuzz-short
fuzz-short: FUZZ := seconds 60
fuzz-short: fuzz ## The same for one minute in total

.PHONY: man
man: build ## Make the manual page: .build/man/page-migration-exporter.1
	@mkdir -p .build/man
	deploy/man/make $(RELEASE) > .build/man/$(PROGRAM).1

.PHONY: completions
completions: build ## Make the shell completions: .build/completions
	@mkdir -p .build/completions
	$(RELEASE) --generate-completion-script bash > .build/completions/$(PROGRAM).bash
	$(RELEASE) --generate-completion-script zsh > .build/completions/_$(PROGRAM)
	$(RELEASE) --generate-completion-script fish > .build/completions/$(PROGRAM).fish

.PHONY: deb
deb: build man completions ## Make the Debian package: .build/packages
	$(call install,$(PACKAGE_PACKAGES))
	deploy/debian/build

.PHONY: test-deb
test-deb: deb ## Check the Debian package: lintian, install, serve, upgrade, remove, purge in a fresh root
	Tests/Packaging/run

.PHONY: test-systemd
test-systemd: ## Boot Debian 12 and 13 in QEMU with the package and check its units under systemd
	@# Made by others before; each link of the program takes a while.
	@ls .build/packages/*.deb .build/dist/*.tar.gz >/dev/null 2>&1 || $(MAKE) deb dist
	Tests/Guests/systemd/run

.PHONY: dist
dist: man completions ## Make the tarball for any glibc host: .build/dist
	$(call install,$(DIST_PACKAGES))
	deploy/tarball/build

.PHONY: image
image: deb ## Make the container image: .build/image
	$(call install,buildah)
	deploy/container/build

.PHONY: release-check
release-check: build ## Check whether a release may be tagged
	deploy/release-check

.PHONY: release-agree
release-agree: build
	deploy/release-check --agree

.PHONY: test-deploy
test-deploy: release-agree image dist ## Check the image, the tarball and the manifests for Kubernetes
	$(call install,python3-venv binutils libc6-dev-arm64-cross systemd)
	Tests/Packaging/deploy

.PHONY: test-documents
test-documents: build test-packages tracefs ## Run the commands in the documents as written
	$(call install,curl iproute2)
	Tests/Packaging/documents

.PHONY: clean
clean: ## Remove what was built and fetched
	rm -rf .build .cache
