# naloxone_kpi
#
#   make            build
#   make install    install into the server that PG_CONFIG names
#   make installcheck   PGXS's own regression tests, against a running server
#   make demo       from a bare Debian or Ubuntu machine to a printed report
#   make test       from a bare Debian or Ubuntu machine to every suite's result
#   make bench      from a bare Debian or Ubuntu machine to a table of measurements beside peers

EXTENSION  = naloxone_kpi
MODULE_big = naloxone_kpi
# META.json is the one place that holds the version.
EXTVERSION := $(shell sed -n 's/^   "version": "\(.*\)",/\1/p' META.json)

OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/core/*.c)))
DATA_built = sql/$(EXTENSION)--$(EXTVERSION).sql
DOCS = $(sort $(wildcard doc/*.md))
REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test --load-extension=postgis --load-extension=$(EXTENSION)
ISOLATION = $(patsubst test/specs/%.spec,%,$(sort $(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test --load-extension=postgis --load-extension=$(EXTENSION)

# Figures must be the same on every machine.
PG_CFLAGS = -ffp-contract=off
PG_CPPFLAGS = -I$(CURDIR)/src -DNALOXONE_KPI_VERSION='"$(EXTVERSION)"' $(SYSTEM_HEADERS)

SQL_PARTS   = $(sort $(wildcard sql/[0-9]*.sql))
MODEL_PARTS = $(sort $(wildcard sql/model/*.sql sql/model/*/*.sql))
EXTRA_CLEAN = sql/$(EXTENSION)--$(EXTVERSION).sql $(EXTENSION).control results regression.* \
              test/core/build demo/report.html*

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifneq ($(PGXS),)
# The server's headers are not ours to warn about.
SYSTEM_HEADERS = -isystem $(shell $(PG_CONFIG) --includedir-server)
include $(PGXS)
else
all install installcheck clean:
	@echo "$(PG_CONFIG) was not found: install the server's development package, name it with PG_CONFIG=..., or run make demo" >&2; exit 1
endif

all: $(EXTENSION).control
installcontrol: $(EXTENSION).control

$(EXTENSION).control: naloxone_kpi.control.in META.json
	sed 's/@VERSION@/$(EXTVERSION)/' $< > $@

# A part that is renamed or removed changes its directory.
sql/$(EXTENSION)--$(EXTVERSION).sql: $(SQL_PARTS) $(MODEL_PARTS) $(sort $(dir $(MODEL_PARTS))) sql/model/part.sh META.json
	{ sed 's/@VERSION@/$(EXTVERSION)/' $(SQL_PARTS) && sh sql/model/part.sh; } > $@.tmp && mv $@.tmp $@

# The server loads libraries into one name space: what it does not call stays inside this one. (From 16 on it says so itself.)
$(filter src/core/%,$(OBJS)): override CFLAGS += -fvisibility=hidden

# Every object depends on every header: the whole builds in seconds, and a stale object would lie.
$(OBJS): $(wildcard src/*.h src/core/*.h)

.PHONY: demo test bench setup
demo: ; @sh demo/demo.sh
test: ; @sh test/test.sh
bench: ; @sh bench/bench.sh
setup: ; @sh test/setup.sh
