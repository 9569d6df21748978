# `make` alone lists what one can do here.

PORT ?= 3000
TAPE ?= tapedeck.tape
SWIFT ?= swift

build_packages = libsqlite3-dev zlib1g-dev
test_packages = $(build_packages) brotli ca-certificates chromium curl esbuild git node-typescript node-ws nodejs python3 python3-venv sqlite3
swift_files = Sources Tests Examples Benchmarks/Tape Package.swift

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test bench bench-tape bench-kill bench-replay bench-inspect bench-page bench-client test-stability dist test-dist fuzz format lint web clean build-tools test-tools test-build test-web test-clients test-swift

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build-tools ## build for release and start the playground; PORT=3000 TAPE=tapedeck.tape
	$(SWIFT) build -c release --product tapedeck
	@echo
	@echo "Open http://localhost:$(PORT)/ in two windows and chat; http://localhost:$(PORT)/inspect/ shows what was recorded. Ctrl-C ends it."
	@exec "$$($(SWIFT) build -c release --show-bin-path)/tapedeck" serve --port $(PORT) --tape "$(TAPE)"

test: test-tools test-build lint test-web test-clients test-swift ## install what the tests need and run all of them

bench: build-tools ## CPU per message for echo and broadcast, with recording off and on
	python3 Benchmarks/bench.py

bench-tape: build-tools ## what the tape costs next to a bare SQLite loop, and twenty questions to ten million packets; PACKETS=10000000
	$(SWIFT) run -c release tape-bench --packets $(or $(PACKETS),10000000)

bench-kill: build-tools ## how old what a kill -9 takes with it is, in hundreds of kills under load; KILLS=300 RATE=20000 BURNERS=0
	$(SWIFT) run -c release tape-bench --kills $(or $(KILLS),300) --rate $(or $(RATE),20000) --burners $(or $(BURNERS),0)

bench-inspect: build-tools ## p50 and p99 of the inspection API over ten million packets, beside Datasette (make test-tools); PACKETS=10000000
	$(SWIFT) build -c release --product tapedeck
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(SWIFT) run -c release tape-bench --packets $(or $(PACKETS),10000000) --rounds 1 --folder "$$folder" --keep && \
	python3 Benchmarks/inspect.py "$$folder"/*/large.tape && \
	python3 Benchmarks/inspect.py "$$folder"/*/large.tape --recording

bench-page: test-tools ## the inspector's page over ten million packets: time to the first rows in sight; PACKETS=10000000
	$(SWIFT) build -c release --product tapedeck
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(SWIFT) run -c release tape-bench --packets $(or $(PACKETS),10000000) --rounds 1 --folder "$$folder" --keep && \
	.tools/venv/bin/python Benchmarks/Page/first_screen.py "$$folder"/*/large.tape

bench-replay: build-tools ## what planning and replaying long tapes costs
	$(SWIFT) build -c release --product tapedeck
	python3 Benchmarks/replay.py

bench-client: build-tools ## size, parse time and round trips of the browser client beside the official one
	@./scripts/install-packages.sh $(test_packages)
	@./scripts/test-tools.sh
	$(SWIFT) build -c release --product tapedeck
	.tools/venv/bin/python Benchmarks/client.py

test-stability: test-tools test-build ## replay 100 times on a busy machine, ours and python-socketio; ROUNDS=100
	TAPEDECK_STABILITY=$(or $(ROUNDS),100) $(SWIFT) test --skip-build --filter AcceptanceTests.ReplayTests/stability

dist: build-tools ## one self-contained executable, its man page and completions, in dist/*.tar.gz; some minutes
	SWIFT="$(SWIFT)" ./scripts/dist.sh

test-dist: test-tools dist ## run what `make dist` made in a bare root without Swift, and measure it
	./Tests/run-dist.sh

fuzz: test-build ## damaged input to the three decoders, ten minutes long; FUZZ_SECONDS=600
	TAPEDECK_FUZZ_SECONDS=$(or $(FUZZ_SECONDS),600) $(SWIFT) test --skip-build --filter DecoderFuzzTests

format: ## bring the Swift code into the house's form
	$(SWIFT) format --in-place --parallel --recursive $(swift_files)

lint: ## check the form of the Swift code
	$(SWIFT) format lint --strict --parallel --recursive $(swift_files)

web: ## build web/ (the browser client) anew
	./scripts/install-packages.sh brotli esbuild
	./web/build.sh

clean: ## remove what was built, and the tests' tools
	rm -rf .build .build-dist .tools dist

build-tools:
	@./scripts/install-packages.sh $(build_packages)

test-tools: ## install what the tests need
	@./scripts/install-packages.sh $(test_packages)
	@./scripts/test-tools.sh

test-build:
	$(SWIFT) build --build-tests

# The committed bundles are what the sources give, and the client works under Node.
test-web: test-build
	./web/check.sh
	./Tests/run-web.sh
	./Tests/run-rows.sh ours

# Clients against the foreign servers first, so that what they find in ours is ours.
test-clients:
	./Tests/run-clients.sh
	./Tests/run-rows.sh foreign

# One target at a time: tests that compute would take the threads from those that wait for a server's answer. The acceptance tests, with their
# servers, browsers and kills, even one by one: side by side they would measure each other.
test-swift: test-build
	@for target in $$(cd Tests && ls -d *Tests | grep -v Acceptance); do \
		echo "$(SWIFT) test --skip-build --filter ^$$target\\."; \
		$(SWIFT) test --skip-build --filter "^$$target\\." || exit 1; \
	done
	$(SWIFT) test --skip-build --no-parallel --filter '^AcceptanceTests\.'

