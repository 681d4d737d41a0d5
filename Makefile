# teleconsult: make, make check, make demo, make lint, make install
#
# MODE=release (default) | asan | tsan | cov   chooses the build directory and
# the flags; everything is built under build/$(MODE)/.

PREFIX ?= /usr
DESTDIR ?=
MODE ?= release
CC = gcc
BUILD = build/$(MODE)

PACKAGES = libevent libevent_openssl libevent_pthreads openssl jansson sqlite3
CLIENT_PACKAGES = openssl jansson libcurl smartcols

WARN = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings \
	-Wformat=2 -Wundef -Wvla -Wnull-dereference -Wduplicated-cond \
	-Wlogical-op -Wimplicit-fallthrough=5 -Wno-missing-field-initializers
HARDEN = -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection -fPIE -ftrivial-auto-var-init=zero
FLAGS_release = -O2 -g -D_FORTIFY_SOURCE=2 $(HARDEN)
FLAGS_asan = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
FLAGS_tsan = -O1 -g -fsanitize=thread -fno-omit-frame-pointer
FLAGS_cov = -O0 -g --coverage
LINK_release = -pie -Wl,-z,relro,-z,now -Wl,--as-needed
LINK_asan = -fsanitize=address,undefined
LINK_tsan = -fsanitize=thread
LINK_cov = --coverage

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
HELPER_SRC = $(sort $(wildcard tests/support/*.c))

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
BASE_LIB = $(BUILD)/libbase.a
PROTO_LIB = $(BUILD)/libproto.a
DAEMON_LIB = $(BUILD)/libdaemon.a
CLIENT_LIB = $(BUILD)/libclient.a
HELPER_LIB = $(BUILD)/libsupport.a
TESTS = $(patsubst %.c,$(BUILD)/%,$(TEST_SRC))

.PHONY: all tests unit clean
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
%.a:
	@mkdir -p $(@D)
	@rm -f $@
	ar rcsD $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(HELPER_LIB) $(DAEMON_LIB) $(CLIENT_LIB) $(PROTO_LIB) $(BASE_LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(DAEMON_LIBS) $(CLIENT_LIBS) -lcmocka

tests: $(TESTS)

# One unit or property program after the other; each prints its own counts.
unit: tests
	@for t in $(TESTS); do echo "== $$t"; $$t || exit 1; done

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
