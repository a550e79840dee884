# seatlock: make, make install; make demo, make test, make lint, make bench
EXTENSION = seatlock
DATA = seatlock--1.0.sql
MODULE_big = seatlock
# where this file is; not the working directory when built out of tree, as the tests do
top := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
OBJS = $(patsubst $(top)/%.c,%.o,$(sort $(filter-out $(top)/src/redis/%,$(wildcard $(top)/src/*.c $(top)/src/*/*.c))))
include $(top)/src/flags.mk
ifneq ($(SEATLOCK_BUILD),shipped)
ifeq ($(top),.)
$(error the build "$(SEATLOCK_BUILD)" is for tests, in a directory of its own: test/tools/build)
endif
endif

# make installcheck: on a running server, where make install install-test put what it needs
REGRESS = test_setup $(filter-out test_setup,$(patsubst $(top)/sql/%.sql,%,$(sort $(wildcard $(top)/sql/*.sql))))
REGRESS_OPTS = --encoding=UTF8 --no-locale --load-extension=seatlock
ISOLATION = $(patsubst $(top)/test/specs/%.spec,%,$(sort $(wildcard $(top)/test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=$(top)/test --encoding=UTF8 --no-locale --load-extension=seatlock --load-extension=seatlock_test
# make prove_installcheck: with servers of its own, of the installation
needs_faults = $(sort $(shell grep -l '^\# Needs fault points' $(top)/test/t/*.pl))
PROVE_TESTS = $(patsubst $(top)/%,%,$(filter-out $(needs_faults),$(sort $(wildcard $(top)/test/t/*.pl))))

# A fresh machine has no pg_config, or one without pgxs.mk: the targets below
# install what they need first, and then make calls itself.
ifneq ($(wildcard $(PGXS)),)
include $(PGXS)

# The library for Redis, in src/redis, is made where its libraries are; WITH_REDIS=yes demands it,
# WITH_REDIS=no leaves it out.
has_hiredis := $(shell pkg-config --exists hiredis openssl 2>/dev/null && echo yes)
WITH_REDIS = $(has_hiredis)
ifeq ($(WITH_REDIS),yes)
all: redis-all
install: redis-install
uninstall: redis-uninstall
clean: redis-clean
redis-install: redis-all
redis-all redis-install redis-uninstall redis-clean: redis-%: | src/redis
	$(if $(has_hiredis)$(filter-out all,$*),,$(error WITH_REDIS=yes needs pkg-config, hiredis and OpenSSL, in Debian the packages pkg-config, libhiredis-dev and libssl-dev))
	$(MAKE) -C src/redis -f $(abspath $(top))/src/redis/Makefile $*
else
all: without-redis
without-redis:
	@echo 'seatlock_redis is left out: $(if $(WITH_REDIS),WITH_REDIS=$(WITH_REDIS),pkg-config finds no hiredis or no OpenSSL)'
endif

else
srcdir = .
all install clean:
	@echo 'PostgreSQL server headers are missing. Please run:' >&2
	@echo '  sudo apt-get install --no-install-recommends gcc make libc6-dev pkg-config libhiredis-dev libssl-dev postgresql-15 postgresql-server-dev-15' >&2
	@exit 1
endif

# only sources are looked for there, not what was built there
VPATH :=
vpath %.c $(top)
vpath %.sql $(top)
vpath %.control $(top)

folders := $(sort $(patsubst %/,%,$(dir $(OBJS))))
$(OBJS): $(wildcard $(top)/src/*.h $(top)/src/*/*.h $(top)/src/*.mk) $(top)/Makefile | $(folders)
$(folders) src/redis:
	mkdir -p $@

installcheck prove_installcheck: export SEATLOCK_TOP = $(abspath $(top))
installcheck prove_installcheck: export SEATLOCK_BUILD = shipped
install-test:
	$(INSTALL_DATA) $(top)/test/tools/seatlock_test* '$(DESTDIR)$(datadir)/extension/'
prove_installcheck:
	@echo "left out, since they need fault points (make test has them): $(notdir $(needs_faults:.pl=))"
	$(prove_installcheck)

.PHONY: redis-all redis-install redis-uninstall redis-clean without-redis demo test test-all sanitize valgrind coverage lint bench install-test prove_installcheck
demo: # PLAN=file.json BUYERS=32 DURATION=20 REDIS=1 (half of the buyers come through Redis)
	@bench/demo '$(PLAN)' '$(BUYERS)' '$(DURATION)' '$(REDIS)'
bench: # LEVEL=0 (or 1, 2: Redis) ROUNDS=3 PEERS=row_lock,seatlock SECONDS=5 (bounds each trial) CONTEST=on-sale; CONTEST=many-nights EVENTS="10 100 1000"
	@EVENTS='$(EVENTS)' SEATS='$(SEATS)' CHANGES='$(CHANGES)' RESULTS='$(RESULTS)' \
		bench/compare '$(ROUNDS)' '$(SECONDS)' '$(PEERS)' '$(LEVEL)' '$(CONTEST)'
runner = test/run $(if $(JOBS),-j $(JOBS))
test: # TESTS=regex selects; JOBS=3 at a time
	@$(runner)
test-all: # an hour and more: make test, and each leg of test/long
	@$(runner) && test/long
sanitize: # TESTS=regex selects
	@PASSES=sanitized $(runner)
valgrind: # TESTS=regex selects
	@PASSES=valgrind $(runner)
coverage: # TESTS=regex selects; which lines ran, in build/coverage/index.html
	@PASSES=coverage $(runner)
lint:
	@test/lint
