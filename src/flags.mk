# How both libraries are compiled: included by ../Makefile and redis/Makefile, after "top" is set

# What is built: "shipped", or for the tests "faults", with fault points and assertions, and
# "sanitized", which reports wrong memory accesses and undefined behaviour as well, and "coverage",
# which counts the lines that ran.  Fault points can sell a seat twice.
SEATLOCK_BUILD = shipped
ifneq ($(SEATLOCK_BUILD),shipped)
PG_CPPFLAGS += -DSEATLOCK_FAULTS -DUSE_ASSERT_CHECKING
endif
ifeq ($(SEATLOCK_BUILD),sanitized)
sanitizers = -fsanitize=address,undefined -fno-omit-frame-pointer
PG_CFLAGS = $(sanitizers)
SHLIB_LINK = $(sanitizers)
endif
ifeq ($(SEATLOCK_BUILD),coverage)
PG_CFLAGS = --coverage -fprofile-update=atomic
SHLIB_LINK = --coverage
endif
PG_CPPFLAGS += -I$(top)/src
PG_CFLAGS += -Wall -Wextra -Werror -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers -Wno-declaration-after-statement

# bitcode for JIT inlining would need clang, and nothing here is ever inlined
override with_llvm := no

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
