# teleconsult: make, make demo, make check, make lint, make install
#
#   make            both programs, build/release/teleconsultd and teleconsult
#   make demo       installs what is missing, builds, walks the whole way once
#   make check      installs what is missing, builds and runs every test
#   make lint       the rules of the house; make size prints the ten worst
#   make unit       the C test programs of one MODE
#   make clocked    both programs again, for tests: time is as they say
#   make integration   the real daemon over TLS, driven from outside
#   make boot       the installed units under a systemd booted for it (as root)
#   make coverage   lines and branches that the tests reach, by folder
#   make year       a year of the Xuzhou network, played through the API
#   make guide      the administrator's guide, followed on a new Debian 12
#   make bench-tools   the programs that measure
#   make bench      what it does a second, against floors and PostgreSQL
#   make overload   twice what it can do: what it keeps, whom it serves
#   make replay     nine months of a seconded expert, through the API
#   make soak       an hour of mixed work: nothing may grow (SOAK_MINUTES)
#   make bench-quick   two minutes of it, against the ratios that are kept
#   make growth     what it costs as the store grows, and its memory
#   make sizing     what the service takes of this machine, measured
#   make fuzz       every reader of foreign bytes, FUZZ_SECONDS each
#   make deps       the Debian packages that are missing (as root or by sudo)
#   make install    with DESTDIR and PREFIX
#
# MODE=release (default) | asan | tsan | cov   chooses the build directory and
# the flags; everything is built under build/$(MODE)/.

PREFIX ?= /usr
DESTDIR ?=
MODE ?= release
CC = gcc
BUILD = build/$(MODE)

PACKAGES = libevent openssl jansson sqlite3
CLIENT_PACKAGES = openssl jansson libcurl smartcols

WARN = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings \
	-Wformat=2 -Wundef -Wvla -Wnull-dereference -Wduplicated-cond \
	-Wlogical-op -Wimplicit-fallthrough=5 -Wno-missing-field-initializers
HARDEN = -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection -fPIE -ftrivial-auto-var-init=zero
FLAGS_release = -O2 -g -D_FORTIFY_SOURCE=2 $(HARDEN)
FLAGS_asan = -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
FLAGS_tsan = -O1 -g1 -fsanitize=thread -fno-omit-frame-pointer
FLAGS_cov = -O0 --coverage
FLAGS_fuzz = -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all
# Programs that are only ever run here, two hundred of them: binutils has a
# linker that takes a fifth of the time.
QUICK_LINK = -fuse-ld=gold
LINK_release = -pie -Wl,-z,relro,-z,now -Wl,--as-needed
LINK_asan = $(QUICK_LINK) -fsanitize=address,undefined
LINK_tsan = $(QUICK_LINK) -fsanitize=thread
LINK_cov = $(QUICK_LINK) --coverage
LINK_fuzz = -fsanitize=fuzzer,address,undefined
ifeq ($(MODE),fuzz)
CC = clang
WARN = -Wall -Wextra -Wno-missing-field-initializers
endif

CFLAGS ?=
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -I. $(WARN) $(FLAGS_$(MODE)) -pthread \
	-ffile-prefix-map=$(CURDIR)=. $(CFLAGS)
ALL_LDFLAGS = -pthread $(LINK_$(MODE)) $(LDFLAGS)
DAEMON_LIBS = $(shell pkg-config --libs $(PACKAGES))
CLIENT_LIBS = $(shell pkg-config --libs $(CLIENT_PACKAGES))

BASE_SRC = $(sort $(wildcard base/*.c))
PROTO_SRC = $(sort $(wildcard proto/*.c))
DAEMON_SRC = $(sort $(wildcard daemon/*/*.c))
CLIENT_SRC = $(sort $(wildcard client/*.c))
TEST_SRC = $(sort $(wildcard tests/unit/test_*.c tests/property/test_*.c \
	tests/store/test_*.c tests/fault/test_*.c))
FUZZ_SRC = $(sort $(wildcard tests/fuzz/fuzz_*.c))
HELPER_SRC = $(sort $(wildcard tests/support/*.c))
# Each file is a program; what they share is in common.
BENCH_SRC = $(sort $(wildcard tests/bench/*.c))
BENCH_COMMON_SRC = $(sort $(wildcard tests/bench/common/*.c))

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
BASE_LIB = $(BUILD)/libbase.a
PROTO_LIB = $(BUILD)/libproto.a
DAEMON_LIB = $(BUILD)/libdaemon.a
CLIENT_LIB = $(BUILD)/libclient.a
HELPER_LIB = $(BUILD)/libsupport.a
BENCH_LIB = $(BUILD)/libbench.a
BENCH = $(patsubst %.c,$(BUILD)/%,$(BENCH_SRC))
TESTS = $(patsubst %.c,$(BUILD)/%,$(TEST_SRC))
FUZZERS = $(patsubst %.c,$(BUILD)/%,$(FUZZ_SRC))
# libFuzzer brings its own main(); elsewhere the corpus is replayed.
FUZZ_MAIN = $(if $(filter fuzz,$(MODE)),,$(BUILD)/tests/fuzz/replay.o)

.PHONY: all objects tests clocked fuzzers bench-tools unit integration boot check lint size coverage demo guide sizing year fuzz deps \
	bench bench-quick growth overload soak replay \
	install clean
all: $(BUILD)/teleconsultd $(BUILD)/teleconsult

$(BUILD)/teleconsultd: $(BUILD)/daemon/main/main.o $(DAEMON_LIB) $(PROTO_LIB) $(BASE_LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(DAEMON_LIBS)

$(BUILD)/teleconsult: $(BUILD)/client/main.o $(CLIENT_LIB) $(PROTO_LIB) $(BASE_LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(CLIENT_LIBS)

$(BASE_LIB): $(call obj,$(BASE_SRC))
$(PROTO_LIB): $(call obj,$(PROTO_SRC))
$(DAEMON_LIB): $(call obj,$(filter-out daemon/main/main.c,$(DAEMON_SRC)))
$(CLIENT_LIB): $(call obj,$(filter-out client/main.c,$(CLIENT_SRC)))
$(HELPER_LIB): $(call obj,$(HELPER_SRC))
$(BENCH_LIB): $(call obj,$(BENCH_COMMON_SRC))
%.a:
	@mkdir -p $(@D)
	@rm -f $@
	ar rcsD $@ $^

# Of tests nothing is counted. Counts that threads share are taken in atomic
# steps, in which the programs spend most of their time: coverage.py says
# where a single thread counts.
$(BUILD)/tests/%.o: FLAGS_cov = -O1
$(BUILD)/client/%.o $(BUILD)/proto/%.o $(BUILD)/daemon/core/%.o \
	$(BUILD)/daemon/work/%.o: FLAGS_cov += $(ONE_THREAD)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(BENCH_LIB) $(HELPER_LIB) $(DAEMON_LIB) $(CLIENT_LIB) $(PROTO_LIB) $(BASE_LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(DAEMON_LIBS) $(CLIENT_LIBS) -lcmocka

$(FUZZERS): $(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(FUZZ_MAIN) $(HELPER_LIB) $(DAEMON_LIB) $(CLIENT_LIB) $(PROTO_LIB) $(BASE_LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(DAEMON_LIBS) $(CLIENT_LIBS)

# Embedded by the assembler, which names no dependencies.
$(BUILD)/daemon/store/migrate.o: $(wildcard daemon/store/*.sql)

# For tests alone, never installed: the same objects, but the time is what a
# test says (tests/clock/clock.c).
CLOCK = $(BUILD)/tests/clock
CLOCKED = $(CLOCK)/teleconsultd $(CLOCK)/teleconsult
CLOCK_LINK = -Wl,--wrap=clock_system,--wrap=sys_signals_wait,--wrap=stat_set
$(CLOCK)/teleconsultd: $(BUILD)/teleconsultd $(BUILD)/daemon/main/main.o $(CLOCK)/clock.o $(DAEMON_LIB) $(PROTO_LIB) $(BASE_LIB)
	$(CC) $(ALL_LDFLAGS) $(CLOCK_LINK) -o $@ $(filter-out $<,$^) $(DAEMON_LIBS)
$(CLOCK)/teleconsult: $(BUILD)/teleconsult $(BUILD)/client/main.o $(CLOCK)/clock.o $(CLIENT_LIB) $(DAEMON_LIB) $(PROTO_LIB) $(BASE_LIB)
	$(CC) $(ALL_LDFLAGS) $(CLOCK_LINK) -o $@ $(filter-out $<,$^) $(CLIENT_LIBS)
clocked: $(CLOCKED)

objects: $(call obj,$(BASE_SRC) $(PROTO_SRC) $(DAEMON_SRC) $(CLIENT_SRC))
tests: $(TESTS) $(FUZZERS) $(BENCH) $(CLOCKED)
bench-tools: $(BENCH)
fuzzers: $(FUZZERS)

# One unit or property program after the other; each prints its own counts.
unit: tests
	@for t in $(TESTS); do echo "== $$t"; $$t || exit 1; done

integration: all clocked
	$(PYTHON) tests/integration/run.py $(BUILD)

boot: all
	$(PYTHON) tests/systemd/run.py $(BUILD)

# --- the commands of the house ---

PYTHON = /usr/bin/python3
TOOLS = tests/tools
FUZZ_SECONDS ?= 20

deps:
	@$(TOOLS)/deps.sh build check lint

check: deps
	@$(PYTHON) $(TOOLS)/check.py "$(MAKE)" $(ALL_CFLAGS)

lint:
	@$(TOOLS)/deps.sh build lint
	@$(MAKE) --no-print-directory -s objects
	@$(PYTHON) $(TOOLS)/lint.py $(ALL_CFLAGS)

size:
	@$(PYTHON) $(TOOLS)/size.py

coverage:
	@$(TOOLS)/deps.sh build check
	@$(PYTHON) $(TOOLS)/coverage.py "$(MAKE)"

demo:
	@$(TOOLS)/deps.sh build
	@$(MAKE) --no-print-directory -s all
	@tests/e2e/demo.sh $(BUILD)

guide:
	@$(TOOLS)/deps.sh guide
	@$(PYTHON) tests/guide/follow.py --fresh

sizing: all
	@$(PYTHON) tests/guide/sizing.py $(BUILD)

bench:
	@$(TOOLS)/deps.sh build measure bench
	@$(PYTHON) tests/bench/bench.py

overload: all bench-tools
	@$(PYTHON) tests/bench/overload.py $(BUILD)

# Over the API, on a clock of its own (YEAR: its options).
YEAR ?=
year:
	@$(TOOLS)/deps.sh build
	@$(MAKE) --no-print-directory -s all clocked
	@$(PYTHON) tests/e2e/year.py $(BUILD) $(YEAR)

SOAK_MINUTES ?= 60
soak: all bench-tools
	@$(PYTHON) tests/bench/soak.py $(BUILD) --minutes $(SOAK_MINUTES)

replay: all clocked
	@$(PYTHON) tests/sim/replay.py $(BUILD)

bench-quick:
	@$(TOOLS)/deps.sh build measure
	@$(PYTHON) tests/bench/bench.py --quick

growth:
	@$(TOOLS)/deps.sh build measure
	@$(PYTHON) tests/bench/growth.py
	@$(PYTHON) tests/bench/growth.py --memory --sizes 10000,1000000

fuzz:
	@$(TOOLS)/deps.sh build fuzz
	@$(MAKE) --no-print-directory -s MODE=fuzz fuzzers
	@$(TOOLS)/fuzz.sh build/fuzz $(FUZZ_SECONDS)

# --- installing ---

SBIN = $(DESTDIR)$(PREFIX)/sbin
SYSTEMD = $(DESTDIR)$(PREFIX)/lib/systemd/system
SHARE = $(DESTDIR)$(PREFIX)/share
# What names the programs' place is installed with PREFIX in it.
PLACED = sed 's|/usr/\(s\?bin\)/teleconsult|$(PREFIX)/\1/teleconsult|'

install: all
	install -D -m 755 $(BUILD)/teleconsultd $(SBIN)/teleconsultd
	install -D -m 755 $(BUILD)/teleconsult $(DESTDIR)$(PREFIX)/bin/teleconsult
	install -d $(SYSTEMD) $(SHARE)/man/man1 $(SHARE)/man/man8 \
		$(SHARE)/teleconsult $(SHARE)/doc/teleconsult/examples/prometheus \
		$(DESTDIR)/etc/teleconsult
	install -m 644 $(wildcard systemd/*.socket systemd/*.timer) $(SYSTEMD)
	for unit in $(notdir $(wildcard systemd/*.service)); do \
		$(PLACED) systemd/$$unit >$(SYSTEMD)/$$unit && \
		chmod 644 $(SYSTEMD)/$$unit || exit 1; done
	install -m 644 systemd/*.conf $(SHARE)/teleconsult
	install -D -m 644 systemd/teleconsult.sysusers \
		$(DESTDIR)$(PREFIX)/lib/sysusers.d/teleconsult.conf
	install -D -m 644 systemd/teleconsult.tmpfiles \
		$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/teleconsult.conf
	install -m 644 $(wildcard docs/man/*.1) $(SHARE)/man/man1
	install -m 644 docs/man/teleconsultd.8 $(SHARE)/man/man8
	install -D -m 644 client/completion/teleconsult.bash \
		$(SHARE)/bash-completion/completions/teleconsult
	install -D -m 644 client/completion/_teleconsult \
		$(SHARE)/zsh/vendor-completions/_teleconsult
	install -m 644 $(wildcard examples/*.*) $(SHARE)/doc/teleconsult/examples
	install -m 644 examples/prometheus/* \
		$(SHARE)/doc/teleconsult/examples/prometheus
	$(BUILD)/teleconsultd --print-config \
		>$(SHARE)/doc/teleconsult/examples/teleconsultd.conf
	chmod 644 $(SHARE)/doc/teleconsult/examples/teleconsultd.conf

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
