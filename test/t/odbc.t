#!/usr/bin/python3
# What an analyst's tool sees over ODBC: plain types, the rows that the login is entitled to, and nothing beneath the views.
import datetime
import decimal
import os
import subprocess
import sys

import pyodbc

BIN = subprocess.run([os.environ.get('PG_CONFIG', 'pg_config'), '--bindir'], capture_output=True, text=True, check=True).stdout.strip()
PREFIX = 'nkpi_odbc_%d' % os.getpid()
DATABASE = PREFIX
OWNER, READER, MEMBER, GATEWAY, MANAGER, NOBODY, STRANGER = ROLES = [
    PREFIX + '_' + role for role in ('owner', 'reader', 'member', 'gateway', 'manager', 'nobody', 'stranger')]
PASSWORD = os.environ.get('PGPASSWORD', 'unused')

# How psqlODBC calls the types that the views may have, and what they are in Python.
TYPES = {'smallint': ('int2', int), 'integer': ('int4', int), 'bigint': ('int8', int), 'double precision': ('float8', float),
         'character varying': ('varchar', str), 'numeric(18,2)': ('numeric', decimal.Decimal), 'date': ('date', datetime.date), 'timestamp without time zone': ('timestamp', datetime.datetime)}

tests = failures = 0


def same(found, expected, name):
    global tests, failures
    tests += 1
    if found == expected:
        print('ok %d - %s' % (tests, name), flush=True)
        return
    failures += 1
    print('not ok %d - %s' % (tests, name), flush=True)
    print('# found:    %r\n# expected: %r' % (found, expected), file=sys.stderr, flush=True)


def sql(statements, role=None, database=DATABASE):
    process = subprocess.run([BIN + '/psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', database] + (['-U', role] if role else [])
                             + ['-c', 'SET client_min_messages = warning', '-c', statements], capture_output=True, text=True)
    if process.returncode != 0:
        raise RuntimeError('%s\n%s' % (statements[:200], process.stderr))
    return process.stdout.rstrip('\n')


def connect(role):
    return pyodbc.connect('DRIVER={PostgreSQL Unicode};SERVER=%s;PORT=%s;DATABASE=%s;UID=%s;PWD=%s' % (
        os.environ.get('PGHOST', 'localhost'), os.environ.get('PGPORT', '5432'), DATABASE, role, PASSWORD), autocommit=True)


def fetch(connection, statement, *parameters):
    return [tuple(row) for row in connection.cursor().execute(statement, *parameters).fetchall()]


def refusal(connection, statement):
    """The SQLSTATE of its error."""
    try:
        cursor = connection.cursor().execute(statement)
        if cursor.description:
            cursor.fetchall()
    except pyodbc.Error as error:
        return error.args[0]
    return 'not refused'


RECORDS = """
    INSERT INTO kpi.division_record (division_code, division_name, region, valid_from)
    VALUES ('G', 'Greater Glasgow', 'West', '2013-04-01'), ('A', 'North East', 'North', '2013-04-01'), ('V', 'Obar Dheathain – Àrd', NULL, '2013-04-01');
    INSERT INTO kpi.population_record (area_type, area_code, year, people)
    VALUES ('division', 'G', 2024, 826400), ('division', 'A', 2024, 582000), ('division', 'V', 2024, 145700);
    INSERT INTO kpi.source_coverage_record (source, division_code, covered_from)
    SELECT source, division, '2025-07-01' FROM unnest(ARRAY['administration', 'referral_event', 'direct_measure', 'recorded_crime']) source,
        unnest(ARRAY['G', 'A', 'V']) division;
    -- 31 in G, 20 in A, 9 in no division.
    INSERT INTO kpi.administration_record (administration_id, incident_id, incident_division_code, occurred_at, person_key, doses, survival, call_source,
        ambulance_category_first, clock, ambulance_clock_started_at, ambulance_attended, ambulance_arrived_at)
    SELECT 'a' || n, 'i' || n, CASE WHEN n > 51 THEN NULL WHEN n > 31 THEN 'A' ELSE 'G' END, t, 'p' || n % 20, '{2 x 1800 mcg intranasal}', 'survived', 'public',
        'Purple', 'acuity_assigned', t, true, t + n * interval '20 s'
    FROM generate_series(1, 60) n, LATERAL (SELECT timestamptz '2025-07-02 10:00+00' + n % 31 * interval '1 day') o (t);
    INSERT INTO kpi.referral_event_record (person_key, administration_id, stage, occurred_at)
    SELECT person_key, administration_id, 'referred', occurred_at + interval '1 day' FROM kpi.administration_record;
    INSERT INTO kpi.direct_measure_record (measure_id, division_code, issued_on, offence, kind, drug_class)
    SELECT 'm' || n, CASE n % 3 WHEN 0 THEN 'A' WHEN 1 THEN 'G' END, date '2025-07-01' + n, 'drug_possession', 'recorded_police_warning', 'B' FROM generate_series(1, 90) n;
"""


# The areas of which each view has rows, those of RECORDS. By the rule for all KPIs (doc/kpis.md), what may be summed is by
# division and month, UNKNOWN included; what may not be, in a view called _period, is also by region and of the force.
DIVISIONS = {'division G', 'division A', 'division V', 'division UNKNOWN'}
EVERYWHERE = DIVISIONS | {'region West', 'region North', 'force'}
# Those that the rule does not tell: of the first two there is one view, of what may not be summed; money has no regions, and every pound once
# is in the force's row too (doc/programme_funding_status.md); nobody published a figure of no division (doc/published_figure.md); UNKNOWN is no
# place to draw a chart of (doc/indicator_chart.md), nor to set beside others (doc/indicator_funnel.md), nor one with a trend (doc/indicator_trend.md), nor one where anything is usual in a week (doc/harm_alerts.md);
# and what is rare in each division, deaths, is not in the force (doc/rare_event_chart.md).
NOT_BY_RULE = {'kpi_scorecard': EVERYWHERE, 'kpi_indicator_chart': EVERYWHERE - {'division UNKNOWN'}, 'kpi_rare_event_chart': EVERYWHERE - {'division UNKNOWN', 'force'},
               'kpi_indicator_funnel': DIVISIONS - {'division UNKNOWN'}, 'kpi_indicator_trend': EVERYWHERE - {'division UNKNOWN'}, 'kpi_attitudes_theme': EVERYWHERE,
               'kpi_programme_funding_status': DIVISIONS | {'force'}, 'kpi_programme_funding_status_period': DIVISIONS | {'force'},
               'kpi_harm_watch': EVERYWHERE - {'division UNKNOWN'},
               'kpi_published_figure': {'division G', 'division A', 'division V', 'force'}}


def set_up():
    for role in ROLES:
        sql("CREATE ROLE %s LOGIN PASSWORD '%s' %s" % (role, PASSWORD, 'NOINHERIT' if role == GATEWAY else ''), database='postgres')
    sql('GRANT %s TO %s, %s' % (READER, MEMBER, GATEWAY), database='postgres')
    sql('CREATE DATABASE %s TEMPLATE template0' % DATABASE, database='postgres')
    sql('ALTER DATABASE %s SET jit = off' % DATABASE)
    sql('CREATE EXTENSION naloxone_kpi CASCADE')
    sql('GRANT CREATE ON DATABASE %s TO %s' % (DATABASE, OWNER))
    sql("SELECT naloxone_kpi.deploy('kpi')", OWNER)
    sql(RECORDS, OWNER)
    # And a few of every source, of October 2025.
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'every_source.sql')) as records:
        sql(records.read(), OWNER)
    sql("SELECT naloxone_kpi.grant_reader('kpi', '%s', ARRAY['G']), naloxone_kpi.grant_reader('kpi', '%s', ARRAY['*']), naloxone_kpi.grant_reader('kpi', '%s')"
        % (READER, MANAGER, NOBODY), OWNER)
    sql("CALL naloxone_kpi.refresh('kpi', '2025-12-31')", OWNER)


def tear_down():
    for statement in ['DROP DATABASE IF EXISTS %s WITH (FORCE)' % DATABASE] + ['DROP ROLE IF EXISTS ' + role for role in ROLES]:
        subprocess.run([BIN + '/psql', '-XAtq', '-d', 'postgres', '-c', statement])


def relations(schema, kinds="'r', 'v', 'm'"):
    return sql("SELECT relname FROM pg_class WHERE relnamespace = '%s'::regnamespace AND relkind IN (%s) ORDER BY 1" % (schema, kinds)).split('\n')


def columns(relation):
    """Its columns with the types as SQL names them, and of a varchar the length."""
    rows = sql("SELECT attname, regexp_replace(format_type(atttypid, atttypmod), '\\([0-9]+\\)', ''), CASE WHEN atttypid = 'varchar'::regtype THEN atttypmod - 4 END "
               "FROM pg_attribute WHERE attrelid = 'kpi_bi.%s'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum" % relation)
    return [tuple(row.split('|')) for row in rows.split('\n')]


def areas(connection, view):
    return {row[0] for row in fetch(connection, 'SELECT DISTINCT area_key FROM kpi_bi."%s"' % view)}


def test_types(views):
    reader = connect(READER)
    for view in views:
        declared = columns(view)
        # A type that is not among these would be a KeyError.
        described = {row.column_name: (row.type_name, str(row.column_size) if row.type_name == 'varchar' else '')
                     for row in reader.cursor().columns(table=view, schema='kpi_bi')}
        same(described, {name: (TYPES[kind][0], length) for name, kind, length in declared}, view + ': the catalogue gives its declared types')
        cursor = reader.cursor().execute('SELECT * FROM "kpi_bi"."%s"' % view)
        rows = cursor.fetchall()
        same([(column[0], column[1]) for column in cursor.description], [(name, TYPES[kind][1]) for name, kind, _ in declared], view + ': so does a query')
        odd = {(declared[i][0], type(value)) for row in rows for i, value in enumerate(row) if value is not None and type(value) is not TYPES[declared[i][1]][1]}
        same(odd, set(), view + ': and its values are of them')
    reader.close()


def test_values():
    """A figure read over ODBC is the figure: to the last bit, and letter."""
    manager = connect(MANAGER)
    for view in ('kpi_doses_by_division_period', 'kpi_ambulance_response_period', 'dim_area'):
        declared = columns(view)
        statement = 'SELECT * FROM kpi_bi.%s ORDER BY %s' % (view, ', '.join(str(n + 1) for n, column in enumerate(declared) if column[1] == 'character varying'))
        printed = [row.split('\x1f') for row in sql("SELECT array_to_string(ARRAY[%s], chr(31), '\\N') FROM (%s) t"
                   % (', '.join('"%s"::text' % column[0] for column in declared), statement), MANAGER).split('\n')]
        convert = {int: int, float: float, str: str, datetime.date: datetime.date.fromisoformat}
        expected = [tuple(None if text == '\\N' else convert[TYPES[column[1]][1]](text) for column, text in zip(declared, row)) for row in printed]
        found = fetch(manager, statement)
        same(len(found) > 0 and len(found), len(expected), view + ': has rows')
        same([pair for pair in zip(found, expected) if pair[0] != pair[1]][:1], [], view + ': its rows are the same over ODBC and in psql')
    manager.close()


def test_entitlement(views):
    by_area = [view for view in views if view.startswith('kpi_') and any(column[0] == 'area_key' for column in columns(view))]
    same(len(by_area) >= 8, True, 'there are views by area')
    manager, reader, member, gateway, nobody = (connect(role) for role in (MANAGER, READER, MEMBER, GATEWAY, NOBODY))
    same(set(NOT_BY_RULE) - set(by_area), set(), 'those among them that have areas of their own')
    same([view for view in views if fetch(manager, 'SELECT count(*) FROM kpi_bi."%s"' % view)[0][0] == 0], [], 'every view has rows')
    for view in by_area:
        all_of_it = NOT_BY_RULE.get(view, EVERYWHERE if view.endswith('_period') else DIVISIONS)
        entitled = {area for area in all_of_it if area == 'division G' or not area.startswith('division')}
        same(areas(manager, view), all_of_it, view + ": '*' sees all")
        same(areas(reader, view), entitled, view + ': G sees G and what is of several divisions')
        same(areas(member, view), entitled, view + ': so does a member of the role')
        same(areas(nobody, view), set(), view + ': who is entitled to none sees none')
        count = 'SELECT count(*) FROM kpi_bi.%s' % view
        same(fetch(manager, count)[0][0], int(sql(count, OWNER)), view + ": '*' sees every row that the owner sees")
        same(refusal(gateway, count), '42501', view + ': a role that does not inherit is refused')
        gateway.cursor().execute('SET ROLE ' + READER)
        same(areas(gateway, view), entitled, view + ': and with SET ROLE is not')
        gateway.cursor().execute('RESET ROLE')
    same(fetch(reader, 'SELECT user_name, division_code FROM kpi_bi.division_entitlement'), [(READER, 'G')], 'G sees its own entitlement only')
    same(fetch(nobody, 'SELECT * FROM kpi_bi.division_entitlement'), [], 'who has none sees none')
    same(fetch(reader, 'SELECT DISTINCT is_stale FROM kpi_bi.kpi_refresh_status'), [(0,)], 'everybody sees that the figures are fresh')

    # A function that is cheap and would tell what it is given is kept outside the barrier.
    leak = connect(READER)
    leak.cursor().execute("CREATE FUNCTION pg_temp.tell(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS "
                          "$$ BEGIN IF $1 = 'division A' THEN RAISE EXCEPTION 'saw %', $1; END IF; RETURN true; END $$")
    same(refusal(leak, 'SELECT count(*) FROM kpi_bi.kpi_doses_by_division_period WHERE pg_temp.tell(area_key)'), 'not refused', 'no condition sees what its user may not')
    for connection in (manager, reader, member, gateway, nobody, leak):
        connection.close()


def test_refusals():
    for role, name in ((READER, 'a reader'), (MANAGER, "one with '*'"), (STRANGER, 'a stranger')):
        connection = connect(role)
        readable = [relation for relation in relations('kpi') if refusal(connection, 'SELECT 1 FROM kpi.%s' % relation) != '42501']
        same(readable, [], name + ' is refused everything beneath the views')
        same(refusal(connection, 'SELECT * FROM kpi_public.release'), '42501', name + ' is refused the releases, which are granted apart')
        same(refusal(connection, "CALL naloxone_kpi.refresh('kpi')"), '42501', name + ' may not refresh')
        same(refusal(connection, "INSERT INTO kpi.entitlement VALUES ('%s', '*')" % role), '42501', name + ' may not entitle itself')
        same(refusal(connection, "SELECT naloxone_kpi.grant_reader('kpi', '%s', ARRAY['*'])" % role), '42501', name + ' nor with grant_reader()')
        same(refusal(connection, "SELECT naloxone_kpi.undeploy('kpi', true)"), '42501', name + ' may not undeploy')
        connection.close()
    stranger = connect(STRANGER)
    same([relation for relation in relations('kpi_bi') if refusal(stranger, 'SELECT 1 FROM kpi_bi.%s' % relation) != '42501'], [], 'a stranger is refused the views too')
    stranger.close()


def test_tools():
    """The statements that tools write."""
    reader, manager = connect(READER), connect(MANAGER)
    for table, key in (('dim_period', 'period_key'), ('dim_area', 'area_key'), ('dim_date', 'day')):
        same([row.column_name for row in reader.cursor().primaryKeys(table=table, schema='kpi_bi')], [key], table + ': its primary key is seen')
    found = {row.table_name: row.table_type for row in reader.cursor().tables(schema='kpi_bi')}
    same(sorted(found), relations('kpi_bi'), 'the catalogue lists every view and dimension')
    same({name for name, kind in found.items() if kind == 'TABLE'}, {'dim_area', 'dim_date', 'dim_period'}, 'the dimensions are its tables')

    # A measure by dimension, as Tableau writes it; 31 records of division G, in July and on the first of August.
    statement = """SELECT "dim_area"."area_name" AS "area_name", "dim_period"."label" AS "label",
          SUM("kpi_doses_by_division"."administrations") AS "sum:administrations:ok"
        FROM "kpi_bi"."kpi_doses_by_division" "kpi_doses_by_division"
          INNER JOIN "kpi_bi"."dim_area" "dim_area" ON ("kpi_doses_by_division"."area_key" = "dim_area"."area_key")
          INNER JOIN "kpi_bi"."dim_period" "dim_period" ON ("kpi_doses_by_division"."period_key" = "dim_period"."period_key")
        WHERE ("dim_period"."period_start" >= {d '2025-07-01'}) AND ("dim_period"."period_start" < {d '2025-09-01'})
        GROUP BY 1, 2, "dim_period"."sort_order" ORDER BY "dim_period"."sort_order", "area_name\""""
    same([(area, label, int(count)) for area, label, count in fetch(reader, statement)],
         [('Greater Glasgow', 'Jul 2025', 30), ('Greater Glasgow', 'Aug 2025', 1)], 'joined to dimensions, grouped: G')
    same([(area, label, int(count)) for area, label, count in fetch(manager, statement)],
         [('Greater Glasgow', 'Jul 2025', 30), ('North East', 'Jul 2025', 20), ('Obar Dheathain – Àrd', 'Jul 2025', 0), ('Unknown', 'Jul 2025', 9),
          ('Greater Glasgow', 'Aug 2025', 1), ('North East', 'Aug 2025', 0), ('Obar Dheathain – Àrd', 'Aug 2025', 0), ('Unknown', 'Aug 2025', 0)],
         'joined to dimensions, grouped: all')
    # Power BI's way: sub-queries, renamed, with parameters.
    same(fetch(manager, """select "_"."label", "_"."a0" from (select "rows"."label" as "label", sum("rows"."administrations") as "a0" from
            (select "$Outer"."administrations", "$Inner"."label" from "kpi_bi"."kpi_doses_by_division_period" as "$Outer"
               left outer join "kpi_bi"."dim_period" as "$Inner" on ("$Outer"."period_key" = "$Inner"."period_key")
               where "$Outer"."area_key" = ? and "$Inner"."grain" = ? and "$Inner"."period_start" >= ?) as "rows" group by "label") as "_"
            where not "_"."a0" is null order by "_"."label" limit 1000""", 'force', 'fiscal_quarter', datetime.date(2025, 7, 1))[0],
         ('2025/26 Q2', 60), 'sub-queries with parameters')
    same(fetch(manager, 'SELECT count(*) FROM kpi_bi.kpi_dictionary WHERE definition IS NULL OR unit IS NULL')[0][0], 0, 'every column that is shown is defined')
    reader.close()
    manager.close()


try:
    set_up()
    test_types(relations('kpi_bi'))
    test_values()
    test_entitlement(relations('kpi_bi'))
    test_refusals()
    test_tools()
finally:
    tear_down()
print('1..%d' % tests)
sys.exit(1 if failures else 0)
