# Signet. `make serve` shows it, `make test` proves it; both set up what they need.

GO ?= go

# Time for each fuzz target; which benchmarks run, and how often.
FUZZTIME ?= 1h
BENCH    ?= .
COUNT    ?= 1

# The race detector needs a C compiler; without one the tests run without it.
RACE = $(shell tools/race.sh)

# As root a share needs somebody to act as: no file is ever served as root.
RUN_AS := $(if $(filter 0,$(shell id -u)),--run-as nobody)

.DEFAULT_GOAL := help
.PHONY: help build serve test web web-deps web-test powershell-test unit lint fmt fuzz interop conformance crash transfers kernel kernel-work kernel-together deps bench bench-client bench-go cross generate clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

build: ## build bin/signet, static
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/ ./cmd/signet

# The password comes from a file, so that this works without a terminal.
serve: build ## serve a sample folder on 127.0.0.1:4445
	@tools/sample.sh .sample .state
	@echo 'Password of demo: '"$$(cat .state/demo.password)"
	@echo 'Try:  smbclient //127.0.0.1/sample -p 4445 -U demo%'"$$(cat .state/demo.password)"' -c ls'
	SIGNET_PASSWORD_FILE=.state/demo.password \
	bin/signet serve sample=.sample --user demo $(RUN_AS) --listen 127.0.0.1:4445 --state .state

# One step after the other: they share two cores, and deps decides what the
# later ones can do, so each is a make of its own.
test: ## everything: deps, lint, unit, interop, a little fuzzing
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory unit
	@$(MAKE) --no-print-directory interop SIZE=small
	@$(MAKE) --no-print-directory web-test
	@$(MAKE) --no-print-directory powershell-test
	@$(MAKE) --no-print-directory fuzz FUZZTIME=30s

# The page of the administration. What is built is committed: only who changes
# the page needs Node.
web: web-deps ## build the page of the administration: web/dist
	cd web && npm run --silent build
	$(GO) test ./web -run DistIsMade -update

# What runs is what is committed: dist is not built anew, its hash is compared.
web-test: ## the page in a browser against the built server, with real clients
	@tools/webtest.sh

powershell-test: ## the PowerShell module by PowerShell's grammar; PowerShell itself is not needed
	@tools/pstest.sh

web-deps: web/node_modules/.package-lock.json
web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --ignore-scripts --no-audit --no-fund --fetch-retries 2 --fetch-timeout 60000
	@touch $@

# The ten minutes that go test gives a package are too few on a slow machine.
unit: ## unit tests: checked for races and invariants, then as shipped on one core
	@[ -n '$(RACE)' ] || echo 'No C compiler: running without the race detector.'
	$(GO) test $(RACE) -shuffle on -timeout 1h -tags invariants ./...
	CGO_ENABLED=0 GOMAXPROCS=1 $(GO) test -shuffle on -timeout 1h ./...

lint: tools/bin/golangci-lint ## vet, staticcheck and others, see .golangci.yml
	tools/bin/golangci-lint run ./...
	cd interop && ../tools/bin/golangci-lint run --config ../.golangci.yml ./...
	cd bench && ../tools/bin/golangci-lint run --config ../.golangci.yml ./...

fmt: tools/bin/golangci-lint ## format as the linter wants it (gofumpt)
	tools/bin/golangci-lint fmt ./...

fuzz: ## every fuzz target for FUZZTIME (1h) of processor time
	tools/fuzz.sh $(FUZZTIME)

# SIGNET_INTEROP=required makes a missing client a failure.
SIZE ?= full
interop: ## real clients against the built server; SIZE=full|small
	cd interop && SIGNET_INTEROP_SIZE=$(SIZE) $(GO) test -tags $(SIZE) -count 1 -timeout 2h -v ./...

# Samba's smbtorture; see interop/conformance/README.md.
GROUPS ?= negotiate-session,signing,encryption,session-reauth,read-write,credits,compound,create-open,acl-access,sharemode-deny,delete-on-close,directory-query,getinfo-setinfo,rename,streams,lock,oplock,lease,notify,timestamps,copychunk,sparse-zero-trim,ntfs-compression,ioctl-other,rpc-pipes,rpc-security
SUITES ?=
conformance: build ## smbtorture, compared with what Samba passes; GROUPS=a,b SUITES='x y'
	interop/conformance/run $(if $(SUITES),$(SUITES),--group $(GROUPS))
ifeq ($(SUITES),)
	MULTICHANNEL=1 interop/conformance/run --group negotiate-session,session-binding,multichannel,lock
	MULTICHANNEL=1 interop/conformance/run --group signing --option 'client smb3 signing algorithms=AES-128-GMAC'
endif

crash: ## kill -9 the binary 200 times while its configuration changes
	$(GO) test -count 1 -tags full -run TestKilledAtAnyMoment -v ./cmd/signet

transfers: ## kill -9 put, get and sync of 20,000 files ten times each
	$(GO) test -count 1 -timeout 1h -tags full -run TestAKilledTransfer -v ./cmd/signet

kernel: build ## the Linux kernel's client mounts the server and works on 5,000 files
	interop/kernel/run

# Half an hour in one go; each part alone takes some minutes.
WORK   ?= git go fio stress
KERNEL ?= uml
MOUNTS ?=
kernel-work: build ## work on a mounted share: WORK='git go fio stress' KERNEL=uml MOUNTS=vers=3.1.1,seal
	WORK="$(WORK)" KERNEL=$(KERNEL) interop/kernel/run $(MOUNTS)

TOGETHER ?= 5m
SEED     ?= 1
kernel-together: ## two kernels and smbclient work on one tree: TOGETHER=5m SEED=1
	cd interop && TOGETHER=$(TOGETHER) SEED=$(SEED) $(GO) test -tags kernel -count 1 -timeout 2h -run TwoKernels -v .

deps: ## check for what the tests need; install it when root on Debian
	@tools/deps.sh

# See bench/README.md. As root on Debian with samba and smbclient.
ROUNDS ?= 5
ONLY   ?=
bench: ## the same load on Samba and Signet, their CPU: ROUNDS=n ONLY=load,load
	bench/run --rounds $(ROUNDS) $(if $(ONLY),--only $(ONLY))

bench-client: ## Signet's client beside smbclient and go-smb2: ROUNDS=n ONLY=load,load
	bench/run-client --rounds $(ROUNDS) $(if $(ONLY),--only $(ONLY))

bench-go: ## Go benchmarks: BENCH=pattern COUNT=n, compare with tools/bin/benchstat
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./...

cross: ## compile for every platform
	@for p in linux/amd64 linux/arm64 darwin/arm64 freebsd/amd64 windows/amd64; do \
		echo "$$p"; \
		CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) vet ./... || exit 1; \
	done

generate: ## rewrite generated files: docs/spec/coverage.md, docs/{limits,properties,doctor,metrics,roles}.md, web/src/api/types.ts, powershell
	$(GO) test ./internal/repolint -run Coverage -update
	$(GO) test ./policy -run Document -update
	$(GO) test ./internal/doctor -run Document -update
	$(GO) test ./internal/metrics -run Document -update
	$(GO) test ./admin -run TypesOfThePage -update
	$(GO) test ./internal/powershell -run 'Current|Defaults' -update
	$(GO) test ./admin -run EveryOperation -update-roles
	$(GO) test ./server -run EachRemoteProcedure -update-roles

clean: ## remove what was built, and the sample folder with its state
	rm -rf bin tools/bin .sample .state

# Developers' tools have a module of their own, tools/go.mod.
tools/bin/golangci-lint: PKG := github.com/golangci/golangci-lint/v2/cmd/golangci-lint
tools/bin/staticcheck:   PKG := honnef.co/go/tools/cmd/staticcheck
tools/bin/gofumpt:       PKG := mvdan.cc/gofumpt
tools/bin/benchstat:     PKG := golang.org/x/perf/cmd/benchstat
tools/bin/%: tools/go.mod tools/go.sum
	cd tools && CGO_ENABLED=0 $(GO) build -trimpath -o bin/ $(PKG)
	@touch $@
