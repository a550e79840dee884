# seatlock: make, make install; make demo, make test, make lint, make bench
EXTENSION = seatlock
DATA = seatlock--1.0.sql
MODULE_big = seatlock
# where this file is; not the working directory when built out of tree, as the tests do
top := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
OBJS = $(patsubst $(top)/%.c,%.o,$(sort $(wildcard $(top)/src/*.c $(top)/src/*/*.c)))
PG_CPPFLAGS = -Isrc -I$(top)/src
EXTRA_CLEAN = src/redis/redis_library.inc

# What is built: "shipped", or for the tests "faults", with fault points and assertions, and
# "sanitized", which reports wrong memory accesses and undefined behaviour as well.  Fault points
# can sell a seat twice.
SEATLOCK_BUILD = shipped
ifneq ($(SEATLOCK_BUILD),shipped)
ifeq ($(top),.)
$(error the build "$(SEATLOCK_BUILD)" is for tests, in a directory of its own: test/tools/build)
endif
PG_CPPFLAGS += -DSEATLOCK_FAULTS -DUSE_ASSERT_CHECKING
endif
ifeq ($(SEATLOCK_BUILD),sanitized)
sanitizers = -fsanitize=address,undefined -fno-omit-frame-pointer
PG_CFLAGS = $(sanitizers)
SHLIB_LINK = $(sanitizers)
endif
PG_CFLAGS += -Wall -Wextra -Werror -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers -Wno-declaration-after-statement
SHLIB_LINK += -lhiredis -lssl -lcrypto

# bitcode for JIT inlining would need clang, and nothing here is ever inlined
override with_llvm := no

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)

# A fresh machine has no pg_config, or one without pgxs.mk: the targets below
# install what they need first, and then make calls itself.
ifneq ($(wildcard $(PGXS)),)
include $(PGXS)
else
srcdir = .
all install clean:
	@echo 'PostgreSQL server headers are missing. Please run:' >&2
	@echo '  sudo apt-get install --no-install-recommends gcc make libc6-dev libhiredis-dev libssl-dev postgresql-15 postgresql-server-dev-15' >&2
	@exit 1
endif

# only sources are looked for there, not what was built there
VPATH :=
vpath %.c $(top)
vpath %.lua $(top)
vpath %.sql $(top)
vpath %.control $(top)

folders := $(patsubst $(top)/%/,%,$(sort $(dir $(wildcard $(top)/src/*.c $(top)/src/*/*.c $(top)/src/*/*.lua))))
$(OBJS): $(wildcard $(top)/src/*.h $(top)/src/*/*.h) $(top)/Makefile | $(folders)
$(folders):
	mkdir -p $@

# the functions that the worker loads into Redis, as the text of a C string
src/redis/redis_link.o: src/redis/redis_library.inc
src/redis/redis_library.inc: src/redis/redis_library.lua | src/redis
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/' $< > $@

.PHONY: demo test test-all sanitize lint bench
demo: # PLAN=file.json BUYERS=32 DURATION=20 REDIS=1 (half of the buyers come through Redis)
	@bench/demo '$(PLAN)' '$(BUYERS)' '$(DURATION)' '$(REDIS)'
bench: # LEVEL=0 (or 1, 2: Redis) ROUNDS=3 PEERS=row_lock,seatlock SECONDS=5 (bounds each trial) CONTEST=on-sale; CONTEST=many-nights EVENTS="10 100 1000"
	@EVENTS='$(EVENTS)' SEATS='$(SEATS)' CHANGES='$(CHANGES)' RESULTS='$(RESULTS)' \
		bench/compare '$(ROUNDS)' '$(SECONDS)' '$(PEERS)' '$(LEVEL)' '$(CONTEST)'
runner = test/run $(if $(JOBS),-j $(JOBS))
test: # TESTS=regex selects; JOBS=3 at a time
	@$(runner)
test-all: # hours: every pass with every test, and the long forms of tests
	@SEATLOCK_LONG=1 PASSES='plain preloaded faults sanitized' $(runner)
sanitize: # TESTS=regex selects
	@PASSES=sanitized $(runner)
lint:
	@test/lint
