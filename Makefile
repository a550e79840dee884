# seatlock: make, make install; make demo, make test, make lint, make bench
EXTENSION = seatlock
DATA = seatlock--1.0.sql
MODULE_big = seatlock
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))
PG_CPPFLAGS = -I$(srcdir)/src
SHLIB_LINK = -lhiredis -lssl -lcrypto
EXTRA_CLEAN = src/redis_library.inc
PG_CFLAGS = -Wall -Wextra -Werror -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers -Wno-declaration-after-statement

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

$(OBJS): $(wildcard src/*.h)

# the functions that the worker loads into Redis, as the text of a C string
src/redis_link.o: src/redis_library.inc
src/redis_library.inc: src/redis_library.lua
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/' $< > $@

.PHONY: demo test lint bench
demo: # PLAN=file.json BUYERS=32 DURATION=20 REDIS=1 (half of the buyers come through Redis)
	@bench/demo '$(PLAN)' '$(BUYERS)' '$(DURATION)' '$(REDIS)'
bench: # LEVEL=0 (or 1, 2: Redis) ROUNDS=3 PEERS=row_lock,seatlock SECONDS=5 (bounds each trial) CONTEST=on-sale; CONTEST=many-nights EVENTS="10 100 1000"
	@EVENTS='$(EVENTS)' SEATS='$(SEATS)' CHANGES='$(CHANGES)' RESULTS='$(RESULTS)' \
		bench/compare '$(ROUNDS)' '$(SECONDS)' '$(PEERS)' '$(LEVEL)' '$(CONTEST)'
test: # TESTS=regex selects
	@test/run
lint:
	@test/lint
