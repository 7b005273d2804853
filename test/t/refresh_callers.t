#!/usr/bin/python3
# CALL refresh() from everything that calls procedures: which of them it commits for, what it tells them, and what it refuses.
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

import pyodbc

BIN = subprocess.run([os.environ.get('PG_CONFIG', 'pg_config'), '--bindir'], capture_output=True, text=True, check=True).stdout.strip()
PREFIX = 'nkpi_call_%d' % os.getpid()
DATABASE = PREFIX
OWNER, SCHEDULER, STRANGER = PREFIX + '_owner', PREFIX + '_scheduler', PREFIX + '_stranger'
PASSWORD = os.environ.get('PGPASSWORD', 'unused')
CRON_DATABASE = 'naloxone_kpi_cron'
AS_OF = '2025-12-31'
REFRESH = "CALL naloxone_kpi.refresh('kpi', '%s')" % AS_OF
PATIENCE = 30    # seconds until what should happen at once counts as not happening

# ---------------------------------------------------------------- TAP

tests = failures = 0


def ok(condition, name):
    global tests, failures
    tests += 1
    if not condition:
        failures += 1
    print('%sok %d - %s' % ('' if condition else 'not ', tests, name), flush=True)
    return bool(condition)


def diag(text):
    text = re.sub(r'((NOTICE:  00000: refresh of kpi:|DEBUG:) [^\n]*\n|)LOCATION: [^\n]*\n', '', str(text))
    print('# ' + text.rstrip().replace('\n', '\n# '), file=sys.stderr, flush=True)


def same(found, expected, name):
    if not ok(found == expected, name):
        diag('found:    %r\nexpected: %r' % (found, expected))


def matches(found, pattern, name):
    if not ok(re.search(pattern, found, re.S), name):
        diag('found: %s\ndoes not match: %s' % (found, pattern))


def lacks(found, pattern, name):
    if not ok(not re.search(pattern, found, re.S), name):
        diag('found: %s\nmatches: %s' % (found, pattern))


# ---------------------------------------------------------------- clients


class Result:
    def __init__(self, process):
        self.status, self.out, self.err = process.returncode, process.stdout.strip(), process.stderr


def psql(*arguments, role=None, database=None, stop=True, stdin=None):
    """Runs psql; with the SQLSTATE in its messages."""
    return Result(subprocess.run(
        [BIN + '/psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-v', 'ON_ERROR_STOP=%d' % stop, '-d', database or DATABASE]
        + (['-U', role] if role else []) + list(arguments), capture_output=True, text=True, input=stdin))


def sql(statement, role=None, database=None):
    """What a statement prints, which must succeed."""
    result = psql('-c', 'SET client_min_messages = warning', '-c', statement, role=role, database=database)
    if result.status != 0:
        raise RuntimeError('%s\n%s' % (statement[:200], result.err))
    return result.out


class Session:
    """A psql that stays."""

    def __init__(self, role=None):
        self.process = subprocess.Popen(
            [BIN + '/psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-d', DATABASE] + (['-U', role] if role else []),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines, self.changed = [], threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        self.sent = 0
        self.pid = int(self.run('SELECT pg_catalog.pg_backend_pid();'))

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip('\n'))
                self.changed.notify_all()
        with self.changed:
            self.lines.append(None)
            self.changed.notify_all()

    def send(self, statements):
        self.sent += 1
        self.process.stdin.write('%s\n\\echo done-%d\n' % (statements, self.sent))
        self.process.stdin.flush()

    def wait(self, seconds=PATIENCE):
        """What was printed up to the end of what was last sent."""
        mark = 'done-%d' % self.sent
        with self.changed:
            if not self.changed.wait_for(lambda: mark in self.lines or None in self.lines, seconds):
                return 'ERROR:  it did not end in time'
            end = self.lines.index(mark) if mark in self.lines else self.lines.index(None)
            found, self.lines = self.lines[:end], self.lines[end + 1:]
        return '\n'.join(found)

    def run(self, statements):
        self.send(statements)
        return self.wait()

    def close(self):
        try:
            self.process.stdin.close()
            self.process.wait(PATIENCE)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()


def until(condition, what, seconds=PATIENCE):
    """Waits for what another session does."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            diag('waited in vain for: ' + what)
            return False
        time.sleep(0.05)
    return True

# ---------------------------------------------------------------- what a refresh left


def last_run(deployment='kpi'):
    return int(sql('SELECT coalesce(max(run), 0) FROM %s.refresh_run' % deployment))


def steps():
    """The steps of a refresh: taking the marks, and each of the table."""
    return 1 + int(sql('SELECT count(*) FROM kpi.refresh_step'))


# Every figure, in the views of which no refresh tells the time.
def figures():
    relations = sql("SELECT oid::regclass FROM pg_class WHERE relnamespace = 'kpi_bi'::regnamespace AND relkind IN ('r', 'v') "
                    "AND relname <> 'kpi_refresh_status' ORDER BY 1").split('\n')
    return {relation: sql("SELECT md5(coalesce(string_agg(t::text, ';' ORDER BY t::text COLLATE \"C\"), '')) FROM %s t" % relation, OWNER)
            for relation in relations}


def deployment_locks(deployment='kpi'):
    return sql("SELECT count(*) FROM pg_locks WHERE relation = '%s.deployment'::regclass AND mode = 'ShareUpdateExclusiveLock'" % deployment)


def run_facts(after, deployment='kpi'):
    """Of the one run since then: who, failed steps, log rows, and whether they were written in one transaction or one each."""
    return sql("SELECT count(DISTINCT r.run) || ' run by ' || min(r.started_by) || ', ' || coalesce(min(r.failed_steps)::text, 'no') || ' failed, ' "
               "|| count(l.step) || ' steps, ' || CASE count(DISTINCT l.xact) WHEN count(l.step) THEN 'a transaction each' WHEN 1 THEN 'one transaction' "
               "ELSE count(DISTINCT l.xact) || ' transactions' END "
               "FROM %s.refresh_run r LEFT JOIN %s.refresh_log l USING (run) WHERE r.run > %d" % (deployment, deployment, after))


def check_call(name, atomic, call, role=OWNER):
    """A call succeeds, logs one run and all steps, and commits or not."""
    before = last_run()
    messages, error = call()
    same(error, None, name + ': succeeds')
    same(run_facts(before), '1 run by %s, 0 failed, %d steps, %s' % (role, steps(), 'one transaction' if atomic else 'a transaction each'),
         name + ': one run, ' + ('in the caller\'s transaction' if atomic else 'every step in a transaction of its own'))
    if messages is not None:
        same('runs in the caller\'s transaction' in messages, atomic, name + ': ' + ('says so' if atomic else 'does not say otherwise'))
        same(len(re.findall(r'NOTICE: .*refresh of kpi: ', messages)), steps(), name + ': a notice for every step')
    same(deployment_locks(), '0', name + ': leaves no lock')


def by_psql(*arguments, role=OWNER, stdin=None):
    def call():
        result = psql(*arguments, role=role, stdin=stdin)
        return result.err, None if result.status == 0 else result.err
    return call

# ---------------------------------------------------------------- setting up


RECORDS = """
    INSERT INTO {0}.division_record (division_code, division_name, region, valid_from)
    VALUES ('G', 'Greater Glasgow', 'West', '2013-04-01'), ('A', 'North East', 'North', '2013-04-01');
    INSERT INTO {0}.population_record (area_type, area_code, year, people) VALUES ('division', 'G', 2024, 826400), ('division', 'A', 2024, 582000);
    INSERT INTO {0}.source_coverage_record (source, division_code, covered_from)
    SELECT source, division, '2025-10-01' FROM unnest(ARRAY['administration', 'referral_event', 'direct_measure', 'recorded_crime']) source,
        unnest(ARRAY['G', 'A']) division;
    INSERT INTO {0}.administration_record (administration_id, incident_id, incident_division_code, occurred_at, person_key, doses, survival)
    SELECT 'a' || n, 'i' || n, CASE n % 3 WHEN 0 THEN 'A' ELSE 'G' END, timestamptz '2025-10-01 12:00+00' + n * interval '1 day',
           'synthetic-person-' || n % 7, '{{2 x 1800 mcg intranasal}}', 'survived' FROM generate_series(1, 30) n;
    INSERT INTO {0}.direct_measure_record (measure_id, division_code, issued_on, offence, kind)
    SELECT 'm' || n, 'G', date '2025-10-01' + n, 'drug_possession', 'recorded_police_warning' FROM generate_series(1, 30) n;
    -- Which transaction wrote it: xmin would be the step's subtransaction.
    ALTER TABLE {0}.refresh_log ADD COLUMN xact xid8 DEFAULT pg_current_xact_id();
"""


def set_up():
    for role in (OWNER, SCHEDULER, STRANGER):
        sql("CREATE ROLE %s LOGIN PASSWORD '%s'" % (role, PASSWORD), database='postgres')
    sql('CREATE DATABASE %s TEMPLATE template0' % DATABASE, database='postgres')
    # Compiling these statements takes far longer than running them.
    sql('ALTER DATABASE %s SET jit = off' % DATABASE)
    sql('CREATE EXTENSION naloxone_kpi CASCADE')
    sql('GRANT CREATE ON DATABASE %s TO %s' % (DATABASE, OWNER))
    # What cron refreshes is not what the other tests do.
    for deployment in ('kpi', 'cron_one', 'cron_many'):
        sql("SELECT naloxone_kpi.deploy('%s')" % deployment, OWNER)
        sql(RECORDS.format(deployment), OWNER)
        sql("SELECT naloxone_kpi.grant_refresh('%s', '%s')" % (deployment, SCHEDULER), OWNER)


def tear_down():
    if cron['jobs']:
        psql('-c', "DELETE FROM cron.job WHERE database = '%s'" % DATABASE, database=CRON_DATABASE)
    # The database for cron stays: to drop it would stop pg_cron in this cluster for good.
    psql('-c', 'DROP DATABASE IF EXISTS %s WITH (FORCE)' % DATABASE, database='postgres')
    for role in (OWNER, SCHEDULER, STRANGER):
        psql('-c', 'DROP ROLE IF EXISTS ' + role, database='postgres')

# ---------------------------------------------------------------- the callers


def test_callers():
    check_call('psql', False, by_psql('-c', REFRESH))
    check_call('psql reading a script', False, by_psql('-f', '-', stdin=REFRESH + ';\n'))
    check_call('psql -1', True, by_psql('-1', '-c', REFRESH))
    check_call('psql -1 reading a script', True, by_psql('-1', '-f', '-', stdin='SELECT 1;\n' + REFRESH + ';\n'))
    check_call('AUTOCOMMIT off', True, by_psql('-v', 'AUTOCOMMIT=off', stdin=REFRESH + ';\nCOMMIT;\n'))
    check_call('SET and CALL in one string', True, by_psql('-c', "SET statement_timeout = '1min'; " + REFRESH))
    check_call('a transaction block', True, by_psql('-c', 'BEGIN', '-c', REFRESH, '-c', 'COMMIT'))
    check_call('a savepoint', True, by_psql('-c', 'BEGIN', '-c', 'SAVEPOINT s', '-c', REFRESH, '-c', 'COMMIT'))
    check_call('DO', False, by_psql('-c', 'DO $$ BEGIN %s; END $$' % REFRESH))
    check_call('DO with EXCEPTION', True, by_psql('-c', 'DO $$ BEGIN %s; EXCEPTION WHEN division_by_zero THEN NULL; END $$' % REFRESH))
    check_call('DO looping over deployments', False, by_psql(
        '-c', "DO $$ DECLARE d name; BEGIN FOR d IN SELECT 'kpi' LOOP CALL naloxone_kpi.refresh(d, '%s'); END LOOP; END $$" % AS_OF))
    sql("""CREATE SCHEMA own;
        CREATE FUNCTION own.nightly() RETURNS void LANGUAGE plpgsql AS $$ BEGIN %s; END $$;
        CREATE PROCEDURE own.nightly_job() LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; %s; END $$;
        CREATE PROCEDURE own.pinned_job() LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN %s; END $$;
        CREATE PROCEDURE own.definer_job() LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN %s; END $$""" % ((REFRESH,) * 4), OWNER)
    check_call('a PL/pgSQL function', True, by_psql('-c', 'SELECT own.nightly()'))
    check_call('a PL/pgSQL procedure', False, by_psql('-c', 'CALL own.nightly_job()'))
    check_call('a procedure with a SET clause', True, by_psql('-c', 'CALL own.pinned_job()'))
    sql('GRANT USAGE ON SCHEMA own TO %s' % STRANGER, OWNER)
    check_call('a SECURITY DEFINER procedure', True, by_psql('-c', 'CALL own.definer_job()', role=STRANGER))
    check_call('a role that owns nothing', False, by_psql('-c', REFRESH, role=SCHEDULER), role=SCHEDULER)
    check_call('a role that owns nothing, in a transaction', True, by_psql('-1', '-c', REFRESH, role=SCHEDULER), role=SCHEDULER)
    check_call('SET ROLE', False, by_psql('-c', 'SET ROLE %s' % SCHEDULER, '-c', REFRESH, role=None), role=SCHEDULER)

    # The extended protocol, as drivers speak it.
    for mode in ('simple', 'extended', 'prepared'):
        def pgbench(mode=mode):
            with tempfile.NamedTemporaryFile('w', suffix='.sql') as script:
                script.write(REFRESH + ';\n')
                script.flush()
                process = subprocess.run([BIN + '/pgbench', '-n', '-t', '1', '-M', mode, '-f', script.name, '-U', OWNER, DATABASE],
                                         capture_output=True, text=True)
            return None, None if process.returncode == 0 and 'processed: 1/1' in process.stdout else process.stdout + process.stderr
        check_call('pgbench -M ' + mode, False, pgbench)


def test_odbc():
    source = 'DRIVER={PostgreSQL Unicode};SERVER=%s;PORT=%s;DATABASE=%s;UID=%s;PWD=%s' % (
        os.environ.get('PGHOST', 'localhost'), os.environ.get('PGPORT', '5432'), DATABASE, SCHEDULER, PASSWORD)

    def odbc(autocommit, statement, parameters=()):
        def call():
            connection = pyodbc.connect(source, autocommit=autocommit)
            try:
                connection.cursor().execute(statement, *parameters)
                if not autocommit:
                    connection.commit()
            except pyodbc.Error as error:
                return None, str(error)
            finally:
                connection.close()
            return None, None
        return call
    check_call('pyodbc, autocommit', False, odbc(True, REFRESH), role=SCHEDULER)
    check_call('pyodbc, no autocommit', True, odbc(False, REFRESH), role=SCHEDULER)
    check_call('pyodbc, with parameters', False, odbc(True, 'CALL naloxone_kpi.refresh(?, CAST(? AS date))', ('kpi', AS_OF)), role=SCHEDULER)
    error = odbc(True, "CALL naloxone_kpi.refresh('absent')")()[1]
    matches(str(error), r'42704.*there is no deployment "absent"', 'pyodbc: the error has its SQLSTATE')


cron = {'jobs': None}


def start_cron():
    """Two jobs that start with the next minute; test_cron() looks at them when it has come."""
    if 'pg_cron' not in sql('SHOW shared_preload_libraries', database='postgres'):
        return
    try:
        if sql("SELECT count(*) FROM pg_database WHERE datname = '%s'" % CRON_DATABASE, database='postgres') == '0':
            sql('CREATE DATABASE ' + CRON_DATABASE, database='postgres')
        sql('CREATE EXTENSION IF NOT EXISTS pg_cron', database=CRON_DATABASE)
        until(lambda: sql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'pg_cron launcher' AND datname = '%s'" % CRON_DATABASE,
                          database='postgres') == '1', 'pg_cron works in ' + CRON_DATABASE)
        cron['jobs'] = [
            sql("SELECT cron.schedule_in_database('%s one', '* * * * *', $$CALL naloxone_kpi.refresh('cron_one', '%s')$$, '%s', '%s')"
                % (PREFIX, AS_OF, DATABASE, SCHEDULER), database=CRON_DATABASE),
            sql("SELECT cron.schedule_in_database('%s many', '* * * * *', $$SET statement_timeout = '1min'; CALL naloxone_kpi.refresh('cron_many', '%s')$$, '%s', '%s')"
                % (PREFIX, AS_OF, DATABASE, SCHEDULER), database=CRON_DATABASE)]
    except RuntimeError as error:
        diag(error)


def test_cron():
    if not ok(cron['jobs'] is not None, 'pg_cron takes jobs'):
        return
    finished = "SELECT (SELECT count(*) FROM cron.job_run_details WHERE database = '%s' AND status IN ('succeeded', 'failed') AND jobid = %s)"
    for deployment, job, how in (('cron_one', cron['jobs'][0], 'a transaction each'), ('cron_many', cron['jobs'][1], 'one transaction')):
        name = 'pg_cron, ' + ('a statement' if deployment == 'cron_one' else 'several statements')
        until(lambda: int(sql(finished % (DATABASE, job), database=CRON_DATABASE)) >= 1, name, 90)
        same(sql("SELECT status FROM cron.job_run_details WHERE database = '%s' AND jobid = %s ORDER BY runid LIMIT 1" % (DATABASE, job),
                 database=CRON_DATABASE), 'succeeded', name + ': succeeds')
        # If another minute has begun, there may be a second run.
        sql("DELETE FROM %s.refresh_run WHERE run > 1" % deployment)
        same(run_facts(0, deployment), '1 run by %s, 0 failed, %d steps, %s' % (SCHEDULER, steps(), how), name + ': one run, ' + how)
    sql("DELETE FROM cron.job WHERE database = '%s'" % DATABASE, database=CRON_DATABASE)


def test_refusals():
    before = last_run()
    for name, statement, role, state, text in (
            ('a role without the grant', REFRESH, STRANGER, '42501', 'permission denied to refresh deployment "kpi"'),
            ('a deployment that does not exist', "CALL naloxone_kpi.refresh('absent')", OWNER, '42704', 'there is no deployment "absent"'),
            ('a schema that is no deployment', "CALL naloxone_kpi.refresh('kpi_bi')", OWNER, '42704', 'there is no deployment "kpi_bi"'),
            ('NULL', 'CALL naloxone_kpi.refresh(NULL)', OWNER, '22004', 'must not be NULL'),
            ('infinity', "CALL naloxone_kpi.refresh('kpi', 'infinity')", OWNER, '22023', 'finite'),
            ('a day to come', "CALL naloxone_kpi.refresh('kpi', current_date + 2)", OWNER, '22023', 'not come yet')):
        result = psql('-c', statement, role=role)
        matches(result.err, r'ERROR:  %s: .*%s' % (state, re.escape(text)), 'refused: ' + name)
    same(last_run(), before, 'none of them is a run')
    same(deployment_locks(), '0', 'none leaves a lock')
    result = psql('-c', "CALL naloxone_kpi.refresh('kpi')", role=OWNER)
    same(result.status, 0, 'without a day it is today\'s')
    same(sql("SELECT day = (now() AT TIME ZONE 'Europe/London')::date FROM kpi.as_of"), 't', 'today is where the force is')
    psql('-c', REFRESH, role=OWNER)
    same(sql('SELECT day FROM kpi.as_of'), AS_OF, 'and a given day is that day')


def test_session():
    """A call leaves the session as it was, and tells those who listen."""
    session = Session(SCHEDULER)
    session.run("SET application_name = 'mine'; SET search_path = pg_catalog;")
    for how, call in (('a refresh', REFRESH + ';'), ('a refresh in a transaction', 'BEGIN; ' + REFRESH + '; COMMIT;'),
                      ('a refused refresh', "CALL naloxone_kpi.refresh('absent');")):
        session.run(call)
        same(session.run("SELECT current_user, session_user, current_setting('application_name'), current_setting('search_path');"),
             '%s|%s|mine|pg_catalog' % (SCHEDULER, SCHEDULER), how + ' leaves the session as it was')
    session.close()

    listener = Session(STRANGER)
    listener.run('LISTEN naloxone_kpi_refresh;')
    psql('-c', REFRESH, role=OWNER)
    told = re.findall(r'"naloxone_kpi_refresh" with payload "([^"]*)"', listener.run('SELECT 1;'))
    same(sorted(told), sorted(sql("SELECT 'kpi ' || name || ' succeeded' FROM kpi.refresh_step UNION SELECT 'kpi mark succeeded'").split('\n')), 'LISTEN: told of every step')
    listener.close()

# ---------------------------------------------------------------- a step that fails


def replace_forms(expression):
    """Replaces the contract administration by a view of the same columns, with another expression for one."""
    columns = sql("SELECT string_agg(CASE attname WHEN 'forms' THEN '(%s)::smallint AS forms' ELSE quote_ident(attname) END, ', ' ORDER BY attnum) "
                  "FROM pg_attribute WHERE attrelid = 'kpi.administration'::regclass AND attnum > 0" % expression.replace("'", "''"))
    sql('CREATE OR REPLACE VIEW kpi.administration AS SELECT %s FROM kpi.administration_record' % columns, OWNER)
    # That is no change of a record, which would be marked.
    sql("SELECT naloxone_kpi.invalidate('kpi', 'administration')", OWNER)


def test_failing_step():
    sound = figures()
    total = steps()
    replace_forms('forms / (forms - forms)')
    before = last_run()
    listener = Session(STRANGER)
    listener.run('LISTEN naloxone_kpi_refresh;')
    result = psql('-c', REFRESH, role=SCHEDULER)
    ok(result.status != 0, 'a failing step: the call fails')
    same(len(re.findall('ERROR:', result.err)), 1, 'with one error')
    matches(result.err, r'ERROR:  38000: refresh of deployment "kpi": 1 of %d steps failed\nDETAIL:  .*administration_day \(22012\)' % total,
            'that names the step and its SQLSTATE')
    same(sql("SELECT failed_steps || ' failed, finished: ' || (finished_at IS NOT NULL) FROM kpi.refresh_run WHERE run > %d" % before),
         '1 failed, finished: true', 'the run says so too')
    same(sql("SELECT count(*) || ' ' || string_agg(step || ' ' || error_code || ' ' || error, '; ') FILTER (WHERE mode = 'failed') "
             "FROM kpi.refresh_log WHERE run > %d" % before), '%d administration_day 22012 division by zero' % total,
         'the log has it and every other step')
    matches(listener.run('SELECT 1;'), 'kpi administration_day failed', 'LISTEN: told of the failure')
    listener.close()
    same(deployment_locks(), '0', 'no lock remains')
    same(figures(), sound, 'what the step holds is as it was')

    # In the caller's transaction nothing of it remains.
    before = last_run()
    result = psql('-1', '-c', REFRESH, role=SCHEDULER)
    matches(result.err, r'ERROR:  38000: ', 'in a transaction: the same error')
    same(last_run(), before, 'and nothing is logged')
    result = psql('-c', "DO $$ BEGIN %s; EXCEPTION WHEN external_routine_exception THEN RAISE NOTICE 'caught'; "
                  "PERFORM pg_sleep(0); END $$" % REFRESH, role=SCHEDULER)
    matches(result.err, 'caught', 'the error can be caught')
    session = Session(SCHEDULER)
    session.run('BEGIN; SAVEPOINT s; %s; ROLLBACK TO s;' % REFRESH)
    same(deployment_locks(), '0', 'what is caught leaves no lock in an open transaction')
    session.run('COMMIT;')
    session.close()

    # An error may quote a record. The owner may read it; the caller is told of none.
    replace_forms("('Jane Doe ' || person_key)::integer")
    before = last_run()
    for how, arguments in (('at the top', ()), ('in a transaction', ('-1',)), ('at the most talkative', ('-c', 'SET client_min_messages = debug1'))):
        result = psql(*arguments, '-c', REFRESH, role=SCHEDULER)
        matches(result.err, r'administration_day \(22P02\)', 'an error that quotes a record, %s: named' % how)
        lacks(result.err, 'Jane|synthetic-person', 'an error that quotes a record, %s: not quoted' % how)
    same(sql("SELECT count(DISTINCT error) FROM kpi.refresh_log WHERE run > %d AND error LIKE '%%Jane Doe synthetic-person%%'" % before, OWNER), '1',
         'it is in the log')
    result = psql('-c', 'TABLE kpi.refresh_log', role=SCHEDULER)
    matches(result.err, '42501', 'which the caller may not read')
    lacks(sql('SELECT string_agg(t::text, chr(10)) FROM kpi_bi.kpi_refresh_status t'), 'Jane', 'and the view of freshness does not quote it')

    replace_forms('forms')
    result = psql('-c', REFRESH, role=SCHEDULER)
    same(result.status, 0, 'once it is right, the next refresh succeeds')
    same(figures(), sound, 'with the same figures')

# ---------------------------------------------------------------- several at once


def waits(pid):
    return sql("SELECT count(*) FROM pg_stat_activity WHERE pid = %d AND wait_event_type = 'Lock'" % pid) == '1'


def ended(pid):
    return sql('SELECT count(*) FROM pg_stat_activity WHERE pid = %d' % pid) == '0'


def test_two_at_once():
    sound = figures()
    for how, begin, commit in (('steps commit', '', ''), ('in a transaction', 'BEGIN; ', 'COMMIT;')):
        holder, first = Session(), Session(SCHEDULER)
        holder.run('BEGIN; LOCK TABLE kpi.period IN SHARE MODE;')
        before = last_run()
        first.send(begin + REFRESH + ';')
        ok(until(lambda: waits(first.pid), 'the first refresh waits'), how + ': a refresh is held up')
        # Its row is there for others only once committed.
        second = psql('-c', REFRESH, role=OWNER)
        matches(second.err, r'ERROR:  55P03: deployment "kpi" is being refreshed already', how + ': a second is refused')
        if not begin:
            matches(second.err, r'DETAIL:  .*%s.* process %d' % (SCHEDULER, first.pid), how + ': and told by whom')
            same(sql("SELECT application_name FROM pg_stat_activity WHERE pid = %d" % first.pid), 'refresh kpi period',
                 how + ': its application_name says which step')
        third = psql('-1', '-c', REFRESH, role=OWNER)
        matches(third.err, r'ERROR:  55P03: ', how + ': as is one in a transaction')

        # Readers see what was, at once.
        reading = psql('-c', "SET statement_timeout = '5s'", '-c', 'SELECT count(*) FROM kpi_bi.kpi_doses_by_division',
                       '-c', 'SELECT count(*) FROM kpi_bi.dim_period', '-c', 'SELECT count(*) FROM kpi_bi.kpi_refresh_status', role=OWNER)
        same(reading.status, 0, how + ': readers are not held up')
        holder.run('COMMIT;')
        lacks(first.wait(), 'ERROR', how + ': let go, the first succeeds')
        first.run(commit)
        same(last_run(), before + 1, how + ': there was one run')
        same(deployment_locks(), '0', how + ': no lock remains')
        holder.close()
        first.close()

    # Cancelled and terminated: the server gives back what it held, and the session lives on after a cancel.
    for how, stop, begin in (('cancelled', 'pg_cancel_backend', ''), ('terminated', 'pg_terminate_backend', ''),
                             ('cancelled in a transaction', 'pg_cancel_backend', 'BEGIN; '), ('timed out', None, '')):
        holder, first = Session(), Session(SCHEDULER)
        holder.run('BEGIN; LOCK TABLE kpi.period IN SHARE MODE;')
        if stop is None:
            first.run("SET statement_timeout = '3s';")
        before = last_run()
        first.send(begin + REFRESH + ';')
        ok(until(lambda: waits(first.pid), 'the refresh waits'), how + ': a refresh is held up')
        if stop is not None:
            sql('SELECT %s(%d)' % (stop, first.pid))
        output = first.wait()
        matches(output, '57P01' if how == 'terminated' else 'ERROR:  57014', how + ': it ends with its own error')
        if how == 'terminated':
            until(lambda: ended(first.pid), 'the session ends')
        same(deployment_locks(), '0', how + ': no lock remains')
        if begin:
            first.run('ROLLBACK;')
            same(last_run(), before, how + ': nor a trace')
        else:
            same(sql("SELECT count(*) > 0 AND bool_and(mode <> 'failed') FROM kpi.refresh_log WHERE run > %d" % before), 't',
                 how + ': the steps before are kept, and it is no failure of a step')
        same(sql('SELECT count(*) FROM pg_stat_activity WHERE pid = %d' % first.pid), '0' if how == 'terminated' else '1',
             how + ': the session ' + ('is gone' if how == 'terminated' else 'lives on'))
        holder.run('COMMIT;')
        same(psql('-c', REFRESH, role=OWNER).status, 0, how + ': the next refresh succeeds')
        if how == 'cancelled':
            lacks(first.run('SET statement_timeout = 0; ' + REFRESH + ';'), 'ERROR', how + ': even in the same session')
        holder.close()
        first.close()
    same(figures(), sound, 'and all figures are right')


def pending(rollup):
    """The keys of a rollup that are due."""
    return sql("SELECT string_agg(day || ' ' || division_code, ', ' ORDER BY day, division_code) FROM kpi.rollup_due WHERE rollup = '%s'" % rollup)


def findings():
    """What verify() finds: of each rollup which findings, without their keys."""
    return set(sql("SELECT DISTINCT rollup || ' ' || finding FROM naloxone_kpi.verify('kpi')", OWNER).split('\n')) - {''}


def test_stopped_within_rollup():
    """A refresh that is stopped while it waits for the table of a rollup of which keys are due: they stay due, and the next one does them."""
    holder = Session()
    holder.run('BEGIN; LOCK TABLE kpi.administration_day IN SHARE MODE;')
    result = psql('-c', "SET lock_timeout = '5s'", '-c', REFRESH, role=OWNER)
    same(result.status, 0, 'of a rollup of which nothing is due the table is not written')
    holder.run('COMMIT;')
    holder.close()
    same(findings(), set(), 'before: nothing differs')

    # Of the records 1, 2, 4 and 5, each the only one of its day and all in division G, one a time goes to a day and a division that have none.
    for number, how, stop, begin in ((1, 'cancelled', 'pg_cancel_backend', ''), (2, 'timed out', None, ''), (4, 'terminated', 'pg_terminate_backend', ''),
                                     (5, 'cancelled in a transaction', 'pg_cancel_backend', 'BEGIN; ')):
        how = 'in a rollup, ' + how
        old, new = '2025-10-%02d' % (number + 1), '2025-12-%02d' % (10 + number)
        # What there is of the day and division that it leaves, and of those that it goes to.
        stored = "SELECT string_agg(day || ' ' || division_code || ' ' || administrations, ', ' ORDER BY day) FROM kpi.administration_day WHERE day IN ('%s', '%s')" % (old, new)
        same(sql(stored), old + ' G 1', how + ': a record is where it was')
        sql("UPDATE kpi.administration_record SET occurred_at = '%s 12:00+00', incident_division_code = 'A' WHERE administration_id = 'a%d'" % (new, number), OWNER)
        marks = sql('SELECT count(*) FROM kpi.mark')
        same(int(marks) > 0, True, how + ': its change is marked')
        same(pending('administration_day'), '', how + ': nothing is due yet')
        before = last_run()

        holder, first = Session(), Session(SCHEDULER)
        holder.run('BEGIN; LOCK TABLE kpi.administration_day IN SHARE MODE;')
        if stop is None:
            first.run("SET statement_timeout = '10s';")
        first.send(begin + REFRESH + ';')
        ok(until(lambda: waits(first.pid), 'the refresh waits'), how + ': a refresh is held up')
        same(sql("SELECT relation::regclass FROM pg_locks WHERE pid = %d AND NOT granted" % first.pid), 'kpi.administration_day', how + ': for the table of the rollup')
        same(sql('SELECT application_name FROM pg_stat_activity WHERE pid = %d' % first.pid), 'refresh kpi administration_day', how + ': in its step')
        if stop is not None:
            sql('SELECT %s(%d)' % (stop, first.pid))
        matches(first.wait(), '57P01' if stop == 'pg_terminate_backend' else 'ERROR:  57014', how + ': it ends with its own error')
        if stop == 'pg_terminate_backend':
            until(lambda: ended(first.pid), 'the session ends')
        if begin:
            first.run('ROLLBACK;')
            same((last_run(), sql('SELECT count(*) FROM kpi.mark'), pending('administration_day')), (before, marks, ''), how + ': the marks are there as if nothing had been')
        else:
            # Due are the incident's division and the officer's, who is of none here.
            same((sql('SELECT count(*) FROM kpi.mark'), pending('administration_day')), ('0', '{0} G, {0} UNKNOWN, {1} A, {1} UNKNOWN'.format(old, new)),
                 how + ': the marks are taken, and what they made due is due')
            same(sql("SELECT count(*) FILTER (WHERE step = 'mark' AND mode = 'taken') || ' ' || count(*) FILTER (WHERE mode = 'failed') || ' ' "
                     "|| count(*) FILTER (WHERE step = 'administration_day') FROM kpi.refresh_log WHERE run > %d" % before), '1 0 0',
                 how + ': the steps before are kept, and its step is neither done nor failed')
        same(sql(stored), old + ' G 1', how + ': what is stored is as it was')
        found = findings()
        same(('administration_day pending' in found, {finding for finding in found if not finding.endswith(' pending')}), (True, set()),
             how + ': verify() says that it is pending, and that nothing differs')
        same(deployment_locks(), '0', how + ': no lock remains')
        holder.run('COMMIT;')

        if how.endswith(' timed out'):
            lacks(first.run('SET statement_timeout = 0; ' + REFRESH + ';'), 'ERROR', how + ': the next refresh succeeds, in the same session')
        else:
            same(psql('-c', REFRESH, role=OWNER).status, 0, how + ': the next refresh succeeds')
        same(sql(stored), new + ' A 1', how + ': the record has moved')
        same((sql('SELECT count(*) FROM kpi.mark'), sql('SELECT count(*) FROM kpi.rollup_due')), ('0', '0'), how + ': nothing is due any more')
        same(findings(), set(), how + ': nothing differs from a rebuild')
        holder.close()
        first.close()
    # 20 of the 30 records were in G, of the days 1 to 30 after the first of October: all of them in October but the last.
    same(sql("SELECT string_agg(period_key || ' ' || area_key || ' ' || administrations, ', ' ORDER BY period_key, area_key) FROM kpi_bi.kpi_doses_by_division "
             "WHERE period_key IN ('month 2025-10', 'month 2025-12') AND area_key IN ('division A', 'division G')", OWNER),
         'month 2025-10 division A 10, month 2025-10 division G 16, month 2025-12 division A 4, month 2025-12 division G 0', 'and the figures are those of the records')


def test_readers():
    """A reader's open transaction does not hold up a refresh, nor the refresh the reader."""
    reader = Session(OWNER)
    views = sql("SELECT oid::regclass FROM pg_class WHERE relnamespace = 'kpi_bi'::regnamespace AND relkind IN ('r', 'v')").split('\n')
    count = 'SELECT %s;' % ' + '.join('(SELECT count(*) FROM %s)' % view for view in views)
    reader.run('BEGIN ISOLATION LEVEL REPEATABLE READ;')
    seen = reader.run(count)
    sql("INSERT INTO kpi.administration_record (administration_id, incident_id, incident_division_code, occurred_at) "
        "VALUES ('later', 'later', 'G', '2025-12-30 12:00+00')", OWNER)
    before = sql('SELECT sum(administrations) FROM kpi_bi.kpi_doses_by_division', OWNER)
    result = psql('-c', "SET lock_timeout = '5s'", '-c', REFRESH, role=OWNER)
    same(result.status, 0, 'a refresh succeeds beside an open transaction that has read every view')
    same(int(sql('SELECT sum(administrations) FROM kpi_bi.kpi_doses_by_division', OWNER)), int(before) + 1, 'others see the new figures')
    same(reader.run(count), seen, 'the transaction goes on seeing the old')
    reader.run('COMMIT;')
    reader.close()
    sql("DELETE FROM kpi.administration_record WHERE administration_id = 'later'", OWNER)
    psql('-c', REFRESH, role=OWNER)

# ---------------------------------------------------------------- those who would have it run what is theirs


# A schema full of what the model's names could be taken for. Each function leaves a trace that no rollback removes.
SNARES = """
    CREATE SCHEMA {0};
    GRANT USAGE ON SCHEMA {0} TO PUBLIC;
    CREATE SEQUENCE {0}.trace;
    GRANT ALL ON SEQUENCE {0}.trace TO PUBLIC;
"""
SNARE_TYPES = ('bigint', 'integer', 'text', 'date', 'name', '"char"', 'oid', 'boolean', 'regclass')


def set_snares(schema, role):
    sql(SNARES.format(schema), role)
    for kind in SNARE_TYPES:
        sql("CREATE FUNCTION {0}.snare(a {1}, b {1}) RETURNS boolean LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM nextval('{0}.trace'); RETURN a OPERATOR(pg_catalog.=) b; END $$".format(schema, kind), role)
        for operator in ('=', '<>', '<', '>='):
            sql("CREATE OPERATOR {0}.{1} (FUNCTION = {0}.snare, LEFTARG = {2}, RIGHTARG = {2})".format(schema, operator, kind), role)
    for signature, result in (('period_start(text, date)', 'date'), ('period_start(text, date, integer)', 'date'), ('format(text, text)', 'text'),
                              ('count(integer)', 'bigint'), ('clock_timestamp()', 'timestamptz'), ('pg_backend_pid()', 'integer'),
                              ('num_doses(naloxone_kpi.naloxone_dose[])', 'bigint'), ('range_agg(daterange)', 'datemultirange')):
        sql("CREATE FUNCTION {0}.{1} RETURNS {2} LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('{0}.trace'); RETURN NULL; END $$"
            .format(schema, signature, result), role)
    for relation in ('period', 'area', 'as_of', 'setting', 'refresh_run', 'refresh_step', 'deployment', 'administration_day', 'pg_class'):
        sql("CREATE VIEW {0}.{1} AS SELECT nextval('{0}.trace') AS name, 1 AS day".format(schema, relation), role)


def trace(schema):
    return sql('SELECT is_called FROM %s.trace' % schema)


TEMPORARY = """
    CREATE TEMP SEQUENCE trace;
    CREATE FUNCTION pg_temp.period_start(text, date) RETURNS date LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('pg_temp.trace'); RETURN NULL; END $$;
    CREATE FUNCTION pg_temp.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('pg_temp.trace'); RETURN NULL; END $$;
    CREATE TEMP TABLE pg_class (oid oid, relname name, relnamespace oid, relowner oid, relkind "char", relispopulated boolean);
    CREATE TEMP TABLE pg_namespace (oid oid, nspname name);
    CREATE TEMP TABLE deployment (is_only boolean, engine_room regclass, bi regclass, public regclass);
    CREATE TEMP TABLE division_record (division_code text);
    CREATE TEMP TABLE administration_record (administration_id text);
    CREATE TEMP TABLE administration (administration_id text);
    CREATE TEMP TABLE setting (time_zone text);
    CREATE TEMP TABLE period (period_key text, grain text, period_start date, period_end date);
    CREATE TEMP TABLE area (area_key text, division_code text);
    CREATE TEMP TABLE as_of (day date);
    CREATE TEMP TABLE refresh_run (run bigint);
    CREATE TEMP TABLE refresh_step (position integer, floor text, name text);
    CREATE TEMP TABLE doses_by_division (period_key text);
    CREATE TEMP VIEW visible_area AS SELECT 'division G' AS area_key;
"""


def test_snares():
    sound = figures()
    snares = PREFIX + '_snares'
    sql('GRANT CREATE ON DATABASE %s TO %s' % (DATABASE, STRANGER), database='postgres')
    set_snares(snares, STRANGER)
    sql('ALTER ROLE %s IN DATABASE %s SET search_path = %s, pg_catalog, kpi' % (OWNER, DATABASE, snares), database='postgres')
    same(psql('-c', 'SELECT 1 = 1', role=OWNER).out, 't', "another role's operators are first on the path")
    same(trace(snares), 't', 'and bite')
    sql("ALTER SEQUENCE %s.trace RESTART" % snares)
    for how, arguments in (('a refresh', ('-c', REFRESH)), ('one in a transaction', ('-1', '-c', REFRESH))):
        result = psql(*arguments, role=OWNER)
        same(result.status, 0, how + ' on such a path succeeds')
        same(trace(snares), 'f', 'and runs none of them')
    for caller in (SCHEDULER, OWNER, None):
        session = Session(caller)
        session.run(TEMPORARY + 'SET search_path = pg_temp, %s, pg_catalog;' % snares)
        output = session.run(REFRESH + ';')
        lacks(output, 'ERROR', "a refresh succeeds in a session with temporary objects of the model's names, called by %s" % (caller or 'a superuser'))
        same(session.run('SELECT is_called FROM pg_temp.trace;'), 'f', 'and runs none of them')
        session.close()
    same(trace(snares), 'f', "nor another role's")
    same(figures(), sound, 'the figures are the same')

    # Deploying on such a path, in such a session.
    session = Session(OWNER)
    output = session.run(TEMPORARY + "SET search_path = pg_temp, %s, pg_catalog; SELECT naloxone_kpi.deploy('second');" % snares)
    lacks(output, 'ERROR', "deploy() succeeds in a session with temporary objects of the model's names")
    same(sql("SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relnamespace::regnamespace::text LIKE 'second%'"), '0', 'it makes nothing temporary')
    # Every relation of the one must be in the other.
    relations = "SELECT string_agg(relname || relkind::text, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace::regnamespace::text IN ('%s', '%s_bi', '%s_public')"
    same(sql(relations % (('second',) * 3)), sql(relations % (('kpi',) * 3)), 'it makes all that another has')
    same(session.run('SELECT is_called FROM pg_temp.trace;'), 'f', 'it runs nothing of the session\'s')
    same(trace(snares), 'f', "nor another role's")
    session.run("SELECT naloxone_kpi.check_deployment('second'); SELECT naloxone_kpi.bi_check('second'); SELECT naloxone_kpi.grant_reader('second', '%s'); "
                "SELECT naloxone_kpi.grant_loader('second', '%s'); SELECT naloxone_kpi.rename_deployment('second', 'third'); "
                "SELECT naloxone_kpi.undeploy('third', true);" % (SCHEDULER, SCHEDULER))
    same(sql("SELECT count(*) FROM pg_namespace WHERE nspname IN ('second', 'third')"), '0', 'nor do the other functions of a deployment')
    same(session.run('SELECT is_called FROM pg_temp.trace;'), 'f', 'run anything of the session\'s')
    same(trace(snares), 'f', "or another role's")
    session.close()
    sql('ALTER ROLE %s IN DATABASE %s RESET search_path' % (OWNER, DATABASE), database='postgres')


def test_other_owners():
    """What another role owns is left alone; each time the other steps go on."""
    # The scorecard reads doses_by_division, so it cannot be made either; nothing that a refresh makes reads the other two.
    for kind, relation, failed in (('MATERIALIZED VIEW', 'kpi.doses_by_division', ('doses_by_division', 'scorecard')), ('TABLE', 'kpi_bi.dim_date', ('dim_date',)),
                                   ('VIEW', 'kpi.administration_day_source', ('administration_day',))):
        sql('ALTER %s %s OWNER TO %s' % (kind, relation, STRANGER))
        result = psql('-c', REFRESH, role=OWNER)
        matches(result.err, r'ERROR:  38000: refresh of deployment "kpi": %d of %d steps failed\nDETAIL:  Failed: %s\.\n'
                % (len(failed), steps(), ', '.join(step + r' \(42501\)' for step in failed)), "another role's %s is not touched" % relation)
        matches(sql("SELECT object || ' ' || finding FROM naloxone_kpi.check_deployment('kpi')", OWNER), r'%s belongs to %s' % (relation, STRANGER),
                'check_deployment() finds it')
        sql('ALTER %s %s OWNER TO %s' % (kind, relation, OWNER))
    # A step that another role's relation would be.
    sql('CREATE MATERIALIZED VIEW kpi.trap AS SELECT 1 AS x')
    sql('ALTER MATERIALIZED VIEW kpi.trap OWNER TO %s' % STRANGER)
    sql("INSERT INTO kpi.refresh_step VALUES (9000, 'engine_room', 'trap')")
    result = psql('-c', REFRESH, role=OWNER)
    matches(result.err, r'38000: .*trap \(42501\)', "nor is a step that names another role's relation")
    sql("DELETE FROM kpi.refresh_step WHERE name = 'trap'; DROP MATERIALIZED VIEW kpi.trap")


def test_owner_against_caller():
    """A superuser calls: what the owner put in the way must run as the owner, and leave nothing in the caller's session."""
    sql("""
        CREATE TABLE own.seen (what text, who name DEFAULT current_user);
        GRANT INSERT ON own.seen TO PUBLIC;
        CREATE FUNCTION own.later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO own.seen VALUES ('deferred trigger'); RETURN NULL; END $$;
        CREATE FUNCTION own.look() RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO own.seen VALUES ('cursor'); RETURN ''; END $$;
        CREATE FUNCTION own.now() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO own.seen VALUES ('trigger');
            BEGIN EXECUTE 'DECLARE kept CURSOR WITH HOLD FOR SELECT own.look()'; EXCEPTION WHEN OTHERS THEN NULL; END;
            BEGIN EXECUTE 'CREATE TEMP TABLE planted (i integer)'; EXCEPTION WHEN OTHERS THEN NULL; END;
            BEGIN EXECUTE 'LISTEN planted'; EXCEPTION WHEN OTHERS THEN NULL; END;
            BEGIN EXECUTE 'RESET SESSION AUTHORIZATION'; INSERT INTO own.seen VALUES ('reset'); EXCEPTION WHEN OTHERS THEN NULL; END;
            BEGIN EXECUTE 'SET ROLE NONE'; INSERT INTO own.seen VALUES ('role'); EXCEPTION WHEN OTHERS THEN NULL; END;
            BEGIN PERFORM set_config('search_path', 'own', false); EXCEPTION WHEN OTHERS THEN NULL; END;
            BEGIN PERFORM set_config('check_function_bodies', 'off', false); EXCEPTION WHEN OTHERS THEN NULL; END;
            BEGIN PERFORM set_config('row_security', 'off', true); EXCEPTION WHEN OTHERS THEN NULL; END;
            RETURN NULL;
        END $$;
        CREATE TRIGGER now AFTER INSERT ON kpi.refresh_log FOR EACH ROW EXECUTE FUNCTION own.now()""", OWNER)
    for how, begin, commit in (('steps commit', '', ''), ('in a transaction', 'BEGIN; ', 'COMMIT;')):
        session = Session()
        output = session.run(begin + REFRESH + ';')
        lacks(output, 'ERROR', how + ': the refresh succeeds')
        same(session.run("SELECT current_setting('search_path'), current_setting('check_function_bodies'), current_setting('row_security');"),
             '"$user", public|on|on', how + ": the owner's code sets nothing in a superuser's session")
        session.run(commit)
        same(session.run("SELECT count(*) FROM pg_cursors; SELECT count(*) FROM pg_listening_channels(); SELECT to_regclass('pg_temp.planted') IS NULL; SELECT current_user = session_user;"),
             '0\n0\nt\nt', how + ': and leaves nothing in it')
        session.close()
    sql("DROP TRIGGER now ON kpi.refresh_log; CREATE CONSTRAINT TRIGGER later AFTER INSERT ON kpi.refresh_log DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION own.later()", OWNER)
    psql('-c', REFRESH)
    psql('-1', '-c', REFRESH)
    same(sql('SELECT string_agg(DISTINCT who::text, \' \') FROM own.seen'), OWNER, "the owner's code ran as the owner only")
    sql('DROP TRIGGER later ON kpi.refresh_log', OWNER)
    same(deployment_locks(), '0', 'no lock remains')
    same(psql('-c', REFRESH).status, 0, 'without it, a superuser refreshes')


def main():
    set_up()
    start_cron()
    for test in (test_callers, test_odbc, test_refusals, test_session, test_failing_step, test_two_at_once, test_stopped_within_rollup, test_readers, test_snares,
                 test_other_owners, test_owner_against_caller, test_cron):
        try:
            test()
        except Exception as error:    # the other tests go on
            ok(False, '%s went on to its end' % test.__name__)
            diag(error)


try:
    main()
finally:
    tear_down()
print('1..%d' % tests)
sys.exit(1 if failures else 0)
