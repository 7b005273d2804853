#!/usr/bin/python3
# A report as an analyst builds it, over ODBC, on the sample warehouse: every view with its declared types, every key with its row in a
# dimension, figures that add up however a tool drills, and one standard report by the statements that Power BI and Tableau send.
import ctypes
import ctypes.util
import os
import subprocess
import sys

import pyodbc

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
BIN = subprocess.run([os.environ.get('PG_CONFIG', 'pg_config'), '--bindir'], capture_output=True, text=True, check=True).stdout.strip()
DATABASE = 'nkpi_odbc_report_%d' % os.getpid()
OWNER, ANALYST = ROLES = [DATABASE + role for role in ('_owner', '_analyst')]
PASSWORD = os.environ.get('PGPASSWORD', 'unused')
SOURCE = 'DRIVER={PostgreSQL Unicode};SERVER=%s;PORT=%s;DATABASE=%s;UID=%s;PWD=%s' % (
    os.environ.get('PGHOST', 'localhost'), os.environ.get('PGPORT', '5432'), DATABASE, ANALYST, PASSWORD)

tests = failures = 0


def ok(condition, name, otherwise=''):
    global tests, failures
    tests += 1
    print('%sok %d - %s' % ('' if condition else 'not ', tests, name), flush=True)
    if not condition:
        failures += 1
        print('# ' + str(otherwise).replace('\n', '\n# '), file=sys.stderr, flush=True)


def same(found, expected, name):
    ok(found == expected, name, 'found:    %r\nexpected: %r' % (found, expected))


def psql(*arguments, role=None, database=DATABASE):
    process = subprocess.run([BIN + '/psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', database] + (['-U', role] if role else [])
                             + ['-c', 'SET client_min_messages = warning'] + list(arguments), capture_output=True, text=True)
    if process.returncode != 0:
        raise RuntimeError('%s\n%s' % (arguments[-1][:200], process.stderr))
    return process.stdout.rstrip('\n')


def set_up():
    for role in ROLES:
        psql('-c', "CREATE ROLE %s LOGIN PASSWORD '%s'" % (role, PASSWORD), database='postgres')
    psql('-c', 'CREATE DATABASE %s TEMPLATE template0' % DATABASE, database='postgres')
    psql('-c', 'ALTER DATABASE %s SET jit = off' % DATABASE, '-c', 'CREATE EXTENSION naloxone_kpi CASCADE', '-c', 'GRANT CREATE ON DATABASE %s TO %s' % (DATABASE, OWNER))
    psql('-c', "SELECT naloxone_kpi.deploy('kpi')", '-f', TOP + '/demo/warehouse.sql', '-c', "CALL naloxone_kpi.refresh('kpi', '2025-12-31')",
         '-c', "SELECT naloxone_kpi.grant_reader('kpi', '%s', ARRAY['*'])" % ANALYST, role=OWNER)


def tear_down():
    for statement in ['DROP DATABASE IF EXISTS %s WITH (FORCE)' % DATABASE] + ['DROP ROLE IF EXISTS ' + role for role in ROLES]:
        subprocess.run([BIN + '/psql', '-XAtq', '-d', 'postgres', '-c', statement])


def fetch(connection, statement, *parameters):
    return [tuple(row) for row in connection.cursor().execute(statement, *parameters).fetchall()]


# ---------------------------------------------------------------- types

# SQLDescribeCol, as the tools call it: pyodbc shows of its answer only what Python makes of it.
NUMERIC, INTEGER, SMALLINT, FLOAT, DOUBLE, BIGINT, DATE, TIMESTAMP = 2, 4, 5, 6, 8, -5, 91, 93
VARCHAR, WIDE_VARCHAR, LONG_VARCHAR, WIDE_LONG_VARCHAR = 12, -9, -1, -10
SQL_TYPES = {'smallint': {SMALLINT}, 'integer': {INTEGER}, 'bigint': {BIGINT}, 'double precision': {FLOAT, DOUBLE}, 'numeric': {NUMERIC},
             'varchar': {VARCHAR, WIDE_VARCHAR}, 'long varchar': {LONG_VARCHAR, WIDE_LONG_VARCHAR}, 'date': {DATE}, 'timestamp': {TIMESTAMP}}


class Driver:
    """A connection by the calls of ODBC itself."""

    def __init__(self):
        self.odbc = ctypes.CDLL(ctypes.util.find_library('odbc') or 'libodbc.so.2')
        self.environment = self.allocate(1, None)
        self.check(self.odbc.SQLSetEnvAttr(self.environment, 200, ctypes.c_void_p(3), 0))    # ODBC 3
        self.connection = self.allocate(2, self.environment)
        self.check(self.odbc.SQLDriverConnect(self.connection, None, SOURCE.encode(), -3, None, 0, None, 0))

    def check(self, status):
        if status not in (0, 1):
            raise RuntimeError('ODBC: status %d' % status)

    def allocate(self, kind, parent):
        handle = ctypes.c_void_p()
        self.check(self.odbc.SQLAllocHandle(kind, parent, ctypes.byref(handle)))
        return handle

    def describe(self, statement):
        """Of each column its name, type and size."""
        handle = self.allocate(3, self.connection)
        self.check(self.odbc.SQLExecDirect(handle, statement.encode(), -3))
        count = ctypes.c_short()
        self.check(self.odbc.SQLNumResultCols(handle, ctypes.byref(count)))
        described = []
        for number in range(1, count.value + 1):
            name, length, kind, size, digits, nullable = (ctypes.create_string_buffer(128), ctypes.c_short(), ctypes.c_short(), ctypes.c_size_t(),
                                                          ctypes.c_short(), ctypes.c_short())
            self.check(self.odbc.SQLDescribeCol(handle, ctypes.c_ushort(number), name, ctypes.c_short(128), ctypes.byref(length), ctypes.byref(kind),
                                                ctypes.byref(size), ctypes.byref(digits), ctypes.byref(nullable)))
            described.append((name.value.decode(), kind.value, size.value, digits.value))
        self.odbc.SQLFreeHandle(3, handle)
        return described

    def close(self):
        self.odbc.SQLDisconnect(self.connection)
        self.odbc.SQLFreeHandle(2, self.connection)
        self.odbc.SQLFreeHandle(1, self.environment)


def test_types(views):
    driver = Driver()
    for view in views:
        declared = [line.split('|') for line in psql(
            '-c', # What is longer than 255 psqlODBC takes for a long text, still of its length.
            "SELECT attname, CASE WHEN atttypid = 'varchar'::regtype THEN CASE WHEN atttypmod - 4 > 255 THEN 'long varchar' ELSE 'varchar' END "
            "ELSE regexp_replace(format_type(atttypid, NULL), ' without time zone', '') END, "
            "CASE atttypid WHEN 'varchar'::regtype THEN atttypmod - 4 WHEN 'numeric'::regtype THEN (atttypmod - 4) >> 16 END, (atttypmod - 4) & 65535 "
            "FROM pg_attribute WHERE attrelid = 'kpi_bi.%s'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum" % view).split('\n')]
        described = driver.describe('SELECT * FROM "kpi_bi"."%s"' % view)
        same([column[0] for column in described], [column[0] for column in declared], view + ': its columns')
        odd = [(found, wanted) for found, wanted in zip(described, declared)
               if found[1] not in SQL_TYPES[wanted[1]] or wanted[2] and found[2] != int(wanted[2]) or wanted[1] == 'numeric' and found[3] != int(wanted[3])]
        same(odd, [], view + ': each is described with its type, and its length')
    # A tool makes sums: they are numbers still.
    same(driver.describe('SELECT "a0" FROM (SELECT SUM("administrations") AS "a0" FROM "kpi_bi"."kpi_doses_by_division") "t"')[0][1], NUMERIC, 'a sum of counts is a number')
    driver.close()

# ---------------------------------------------------------------- keys


# A dimension and its key, by what the column is called.
PERIOD, AREA = ('dim_period', 'period_key'), ('dim_area', 'area_key')
DIMENSION = {'period_key': PERIOD, 'year_before_key': PERIOD, 'month_key': PERIOD, 'fiscal_quarter_key': PERIOD, 'fiscal_year_key': PERIOD,
             'area_key': AREA, 'parent_area_key': AREA, 'indicator_key': ('kpi_indicator', 'indicator_key')}


def test_keys(connection, columns):
    keys = fetch(connection, "SELECT view_name, column_name FROM kpi_bi.kpi_dictionary WHERE unit = 'key' AND column_name LIKE '%\\_key' ORDER BY 1, 2")
    ok(len(keys) >= 20, 'there are keys to look at')
    for view, column in keys:
        dimension = DIMENSION.get(column)
        if dimension is None:
            ok(False, '%s.%s: joins to a dimension' % (view, column), 'this test knows none')
            continue
        rows, orphans = fetch(connection, 'SELECT COUNT(*), SUM(CASE WHEN "d"."{2}" IS NULL THEN 1 ELSE 0 END) FROM "kpi_bi"."{0}" "f" LEFT OUTER JOIN "kpi_bi"."{1}" "d" '
                              'ON ("f"."{3}" = "d"."{2}") WHERE (NOT ("f"."{3}" IS NULL))'.format(view, *dimension, column))[0]
        ok(rows > 0 and not orphans, '%s.%s: every one has its row in %s' % (view, column, dimension[0]), (rows, orphans))
    for view, names in columns.items():
        if view.startswith('kpi_') and 'period_key' in names:
            same(fetch(connection, 'SELECT COUNT(*) FROM "kpi_bi"."%s" WHERE ("period_key" IS NULL)' % view)[0][0], 0, view + ': no row is without a period')
    same(fetch(connection, 'SELECT COUNT(*) FROM "kpi_bi"."dim_area" WHERE ("parent_area_key" IS NULL) AND ("area_type" <> \'force\')')[0][0], 0, 'every area but the force has a parent')

# ---------------------------------------------------------------- sums


def text_columns(view):
    """What else tells rows of a view apart."""
    return [name for name in psql('-c', "SELECT attname FROM pg_attribute WHERE attrelid = 'kpi_bi.%s'::regclass AND atttypid = 'varchar'::regtype AND attnum > 0 "
                                  "AND attname NOT IN ('period_key', 'area_key') ORDER BY attnum" % view).split('\n') if name]


def comparable(connection, view):
    """The rows of a view by period that are made of the rows of the view by month: those that stand for all of a key where there are
    such, for they must not be added to the others; else those of the values that the other view has."""
    def condition(column):
        if fetch(connection, 'SELECT COUNT(*) FROM "kpi_bi"."%s_period" WHERE ("%s" = \'ALL\')' % (view, column))[0][0] > 0:
            return ' AND ("f"."%s" = \'ALL\')' % column
        if column in text_columns(view):
            return ' AND ("f"."{0}" IN (SELECT "{0}" FROM "kpi_bi"."{1}" GROUP BY 1))'.format(column, view)
        return ''
    return ''.join(condition(column) for column in text_columns(view + '_period'))


def test_sums(connection, columns):
    """Months and divisions, added up by the tool that fetched them, are what the view by period has for every division, every region, and
    the force, in a fiscal year."""
    pairs = [view for view in columns if view + '_period' in columns and {'period_key', 'area_key'} <= columns[view] & columns[view + '_period']]
    ok(len(pairs) >= 4, 'there are KPIs with both views')
    parent = dict(fetch(connection, 'SELECT "area_key", "parent_area_key" FROM "kpi_bi"."dim_area"'))
    for view in pairs:
        for column in text_columns(view):
            same(fetch(connection, 'SELECT COUNT(*) FROM "kpi_bi"."%s" WHERE ("%s" = \'ALL\')' % (view, column))[0][0], 0, '%s: no row of it holds all of %s' % (view, column))
        additive = [name for (name,) in fetch(connection, 'SELECT "column_name" FROM "kpi_bi"."kpi_dictionary" WHERE ("view_name" = ?) AND ("additive" = 1)', view)
                    if name in columns[view + '_period']]
        if not additive:
            continue
        sums = ', '.join('SUM("f"."%s") AS "%s"' % (name, name) for name in additive)
        parts = fetch(connection, """SELECT "year"."period_key" AS "year_key", "f"."area_key" AS "area_key", %s
            FROM "kpi_bi"."%s" "f"
              INNER JOIN "kpi_bi"."dim_period" "month" ON ("f"."period_key" = "month"."period_key")
              INNER JOIN "kpi_bi"."dim_period" "year" ON (("year"."grain" = 'fiscal_year') AND ("month"."period_start" BETWEEN "year"."period_start" AND "year"."period_end"))
            GROUP BY 1, 2""" % (sums, view))
        found = {}
        for year, area, *values in parts:
            while area is not None:
                for name, value in zip(additive, values):
                    found[year, area, name] = found.get((year, area, name), 0) + float(value or 0)
                area = parent[area]
        expected = {(row[0], row[1], name): float(value) for row in fetch(connection, """SELECT "f"."period_key", "f"."area_key", %s
            FROM "kpi_bi"."%s_period" "f" INNER JOIN "kpi_bi"."dim_period" "year" ON ("f"."period_key" = "year"."period_key")
            WHERE ("year"."grain" = 'fiscal_year')%s GROUP BY 1, 2""" % (sums, view, comparable(connection, view)))
            for name, value in zip(additive, row[2:]) if value is not None}
        # A tool's sum takes what is not known for nothing; where the view by period has NULL there is nothing to compare.
        different = {key: (found.get(key, 0), value) for key, value in expected.items() if abs(found.get(key, 0) - value) > 1e-6 * abs(value)}
        ok(expected and not different, '%s: months of divisions add up to divisions, regions and the force in every fiscal year' % view,
           (len(expected), list(different.items())[:3]))

# ---------------------------------------------------------------- the standard report


def test_report(connection):
    """Naloxone and ambulances in a division and a year; every figure again from the records, by the owner."""
    year, division = fetch(connection, """SELECT "label", "area_name" FROM "kpi_bi"."dim_period" CROSS JOIN "kpi_bi"."dim_area"
        WHERE ("grain" = 'fiscal_year') AND ("is_complete" = 1) AND ("area_type" = 'division') AND ("division_code" = 'G') ORDER BY "period_start" DESC""")[0]
    start = int(year[:4])
    code = 'G'

    # Tableau: a filter on the division's name and the year, months as columns.
    monthly = fetch(connection, """SELECT "month"."label" AS "label", SUM("f"."administrations") AS "sum:administrations:ok", SUM("f"."doses") AS "sum:doses:ok"
        FROM "kpi_bi"."kpi_doses_by_division" "f"
          INNER JOIN "kpi_bi"."dim_area" "area" ON ("f"."area_key" = "area"."area_key")
          INNER JOIN "kpi_bi"."dim_period" "month" ON ("f"."period_key" = "month"."period_key")
          INNER JOIN (SELECT "period_start" AS "from", "period_end" AS "to" FROM "kpi_bi"."dim_period"
                      WHERE (("grain" = 'fiscal_year') AND ("label" = ?)) GROUP BY 1, 2) "t0" ON ("month"."period_start" BETWEEN "t0"."from" AND "t0"."to")
        WHERE ("area"."area_name" = ?)
        GROUP BY "month"."label", "month"."sort_order" ORDER BY "month"."sort_order" ASC""", year, division)
    records = [row.split('|') for row in psql('-c', """SELECT to_char(m, 'Mon YYYY'), count(a.occurred_at), coalesce(sum(naloxone_kpi.num_doses(a.doses)), 0)
        FROM generate_series(timestamp '%d-04-01', '%d-03-01', '1 month') m
        LEFT JOIN kpi.administration_record a ON a.incident_division_code = '%s' AND date_trunc('month', a.occurred_at AT TIME ZONE 'Europe/London') = m
        GROUP BY m ORDER BY m""" % (start, start + 1, code), role=OWNER).split('\n')]
    same([(label, int(number), int(doses)) for label, number, doses in monthly], [(label, int(number), int(doses)) for label, number, doses in records],
         'a division by month: twelve months, each as in the records')
    ok(sum(int(row[1]) for row in monthly) > 0, 'and not all of them zero')

    # Power BI: from the force to regions to divisions, each level a query of its own, with the level above as its filter.
    def drill(filter_column, value, group):
        return fetch(connection, """select "_"."%s", "_"."a0" from (
                select "rows"."%s" as "%s", sum(cast("rows"."administrations" as double precision)) as "a0" from (
                    select "$Outer"."administrations", "$Area"."area_name", "$Area"."region_name", "$Area"."force_name" from (
                        select "f"."administrations", "f"."area_key" from "kpi_bi"."kpi_doses_by_division" as "f"
                        inner join "kpi_bi"."dim_date" as "d" on ("f"."period_key" = "d"."month_key" and "d"."month_number" is not null)
                        inner join "kpi_bi"."dim_period" as "y" on ("d"."fiscal_year_key" = "y"."period_key")
                        where "y"."label" = ? and "d"."day" = "d"."day" - cast(extract(day from "d"."day") as integer) + 1
                    ) as "$Outer" left outer join (
                        select "a"."area_key", "a"."area_name", coalesce("p"."area_name", '') as "region_name", 'Force' as "force_name"
                        from "kpi_bi"."dim_area" as "a" left outer join "kpi_bi"."dim_area" as "p" on ("a"."parent_area_key" = "p"."area_key")
                    ) as "$Area" on ("$Outer"."area_key" = "$Area"."area_key")
                ) as "rows" where "rows"."%s" = ? group by "%s"
            ) as "_" where not "_"."a0" is null order by "_"."%s" limit 1000""" % (group, group, group, filter_column, group, group), year, value)

    total = int(psql('-c', "SELECT count(*) FROM kpi.administration_record WHERE (occurred_at AT TIME ZONE 'Europe/London')::date BETWEEN '%d-04-01' AND '%d-03-31'"
                     % (start, start + 1), role=OWNER))
    force = drill('force_name', 'Force', 'force_name')
    same(force, [('Force', float(total))], 'the force: every record of the year once')
    regions = drill('force_name', 'Force', 'region_name')
    same(sum(number for _, number in regions), float(total), 'its regions, and what is in none, add up to it')
    ok(len(regions) >= 3, 'there are regions', regions)
    divisions = {name: drill('region_name', name, 'area_name') for name, _ in regions}
    same({name: sum(number for _, number in rows) for name, rows in divisions.items()}, dict(regions), 'the divisions of each add up to it')
    ok(any(name == division for rows in divisions.values() for name, _ in rows), 'and the division is among them')

    # The view by period has the same for what is asked for, and what cannot be summed; once a period and area.
    row = fetch(connection, """SELECT "f"."administrations", "f"."administrations_per_100k" FROM "kpi_bi"."kpi_doses_by_division_period" "f"
        INNER JOIN "kpi_bi"."dim_period" "p" ON ("f"."period_key" = "p"."period_key") WHERE ("p"."grain" = 'fiscal_year') AND ("p"."label" = ?) AND ("f"."area_key" = 'force')""", year)
    same([number for number, _ in row], [total], 'by period: the force in one row')
    ok(row[0][1] > 0, 'with its rate')

    # Percent of target, worked out in the report: the median against the target's, by category, and whether the view says the same.
    targets = fetch(connection, """SELECT "t0"."ambulance_category", "t0"."median_mins", "t0"."median_target_mins", "t0"."p95_mins", "t0"."p95_target_mins",
            (100 * ("t0"."median_mins" / "t0"."median_target_mins")) AS "median_pct", (100 * ("t0"."p95_mins" / "t0"."p95_target_mins")) AS "p95_pct", "t0"."target_met"
        FROM (SELECT "f".* FROM "kpi_bi"."kpi_ambulance_response_period" "f"
                INNER JOIN "kpi_bi"."dim_period" "p" ON ("f"."period_key" = "p"."period_key")
                INNER JOIN "kpi_bi"."dim_area" "a" ON ("f"."area_key" = "a"."area_key")
              WHERE ("p"."grain" = 'fiscal_year') AND ("p"."label" = ?) AND ("a"."area_name" = ?) AND ("f"."call_source" = 'ALL') AND ("f"."clock" = 'acuity_assigned')) "t0"
        WHERE (NOT ("t0"."median_target_mins" IS NULL)) AND (NOT ("t0"."median_mins" IS NULL)) ORDER BY 1""", year, division)
    ok(len(targets) > 0, 'there are targets')
    for category, median, median_target, p95, p95_target, median_percent, p95_percent, met in targets:
        same((round(median_percent, 9), round(p95_percent, 9)), (round(100 * median / median_target, 9), round(100 * p95 / p95_target, 9)), category + ': percent of the target')
        same(met, int(median_percent <= 100 and p95_percent <= 100), category + ': the target is met when neither is over 100')
    same(fetch(connection, """SELECT COUNT(*) FROM "kpi_bi"."kpi_ambulance_response_period" WHERE ("ambulance_category" = 'ALL') AND (NOT ("median_target_mins" IS NULL))""")[0][0],
         0, 'all categories together have no target')

    # How fresh the report is, in its footer.
    same(fetch(connection, """SELECT MAX("data_through"), MAX("is_stale") FROM "kpi_bi"."kpi_refresh_status" WHERE ("view_name" = 'kpi_doses_by_division')""")[0][1], 0, 'it is fresh')


try:
    set_up()
    columns = {}
    for line in psql('-c', "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
                     "WHERE c.relnamespace = 'kpi_bi'::regnamespace AND c.relkind IN ('r', 'v') ORDER BY 1, a.attnum").split('\n'):
        columns.setdefault(line.split('|')[0], set()).add(line.split('|')[1])
    test_types(list(columns))
    connection = pyodbc.connect(SOURCE, autocommit=True)
    test_keys(connection, columns)
    test_sums(connection, columns)
    test_report(connection)
    connection.close()
finally:
    tear_down()
print('1..%d' % tests)
sys.exit(1 if failures else 0)
