#!/usr/bin/python3
# schedule() and unschedule(): the jobs that they make pg_cron run, what they refuse, and what becomes of a job whose deployment is
# renamed. In a cluster of its own, where nobody else has jobs.
import sys

sys.dont_write_bytecode = True
from own_cluster import Cluster, done, ok, same, until

JOBS = 'SELECT jobid, jobname, schedule, command, database, username, active FROM cron.job ORDER BY 1'


def set_up(cluster):
    for role in ('nkpi_owner', 'nkpi_scheduler', 'nkpi_stranger'):
        cluster.sql('CREATE ROLE %s LOGIN' % role)
    cluster.sql('GRANT CREATE ON DATABASE postgres TO nkpi_owner')
    cluster.sql('CREATE EXTENSION naloxone_kpi CASCADE')
    cluster.sql("SELECT naloxone_kpi.deploy('kpi'), naloxone_kpi.deploy('Station \"9\"'), naloxone_kpi.deploy('%s')" % ('x' * 56), 'nkpi_owner')
    cluster.sql("SELECT naloxone_kpi.grant_refresh('kpi', 'nkpi_scheduler')", 'nkpi_owner')


def test_without(cluster):
    """Before pg_cron is there, or may be used."""
    refused = cluster.psql('-c', "SELECT naloxone_kpi.schedule('kpi', '*/15 * * * *')", role='nkpi_owner')
    ok('0A000: pg_cron is not installed in database "postgres"' in refused.stderr, 'without pg_cron: refused', refused.stderr)
    ok("cron.schedule_in_database('refresh kpi', '*/15 * * * *', 'CALL naloxone_kpi.refresh(''kpi'')', 'postgres')" in refused.stderr,
       'and told what to do instead', refused.stderr)
    ok(cluster.refusal("SELECT naloxone_kpi.unschedule('kpi')", 'nkpi_owner').startswith('0A000: '), 'unschedule(): too')
    same(cluster.sql("SELECT count(*) FROM naloxone_kpi.check_schedule('kpi')", 'nkpi_owner'), '0', 'check_schedule() finds nothing')
    # A schema of that name is not pg_cron.
    cluster.sql('CREATE SCHEMA cron')
    ok(cluster.refusal("SELECT naloxone_kpi.schedule('kpi', '*/15 * * * *')", 'nkpi_owner').startswith('0A000: '), 'nor where a schema has its name')
    cluster.sql('DROP SCHEMA cron')
    cluster.sql('CREATE EXTENSION pg_cron')
    refused = cluster.psql('-c', "SELECT naloxone_kpi.schedule('kpi', '*/15 * * * *')", role='nkpi_owner')
    ok('42501: role "nkpi_owner" may not schedule jobs' in refused.stderr and 'GRANT USAGE ON SCHEMA cron TO nkpi_owner' in refused.stderr,
       'who may not use pg_cron is refused and told what to ask for', refused.stderr)
    ok(cluster.refusal("SELECT naloxone_kpi.unschedule('kpi')", 'nkpi_owner').startswith('42501: '), 'unschedule(): too')
    same(cluster.sql("SELECT count(*) FROM naloxone_kpi.check_schedule('kpi')", 'nkpi_owner'), '0', 'check_schedule() has nothing to say')
    cluster.sql('GRANT USAGE ON SCHEMA cron TO nkpi_owner, nkpi_scheduler, nkpi_stranger')


def test_refusals(cluster):
    for name, statement, role, error in (
            ('a deployment that is not there', "SELECT naloxone_kpi.schedule('absent', '* * * * *')", 'nkpi_owner',
             '42704: there is no deployment "absent" in this database'),
            ('a schema that is no deployment', "SELECT naloxone_kpi.schedule('kpi_bi', '* * * * *')", 'nkpi_owner',
             '42704: there is no deployment "kpi_bi" in this database'),
            ('a role that may not refresh', "SELECT naloxone_kpi.schedule('kpi', '* * * * *')", 'nkpi_stranger',
             '42501: permission denied to refresh deployment "kpi"'),
            ('no schedule', "SELECT naloxone_kpi.schedule('kpi', 'often')", 'nkpi_owner', '22023: invalid schedule: often'),
            ('to remove what is not scheduled', "SELECT naloxone_kpi.unschedule('kpi')", 'nkpi_owner',
             '42704: role "nkpi_owner" has no job that refreshes deployment "kpi"')):
        same(cluster.refusal(statement, role), error, 'refused: ' + name)
    same(cluster.sql(JOBS), '', 'none of them leaves a job')
    same(cluster.sql("SELECT naloxone_kpi.schedule(NULL, '* * * * *') IS NULL AND naloxone_kpi.schedule('kpi', NULL) IS NULL", 'nkpi_owner'), 't', 'NULL schedules nothing')
    same(cluster.sql(JOBS), '', 'at all')


def test_jobs(cluster):
    """One a role and deployment; the scheduler's runs with the next minute, and test_run() looks at what it did."""
    number = cluster.sql("SELECT naloxone_kpi.schedule('kpi', '0 3 * * *')", 'nkpi_owner')
    same(cluster.sql(JOBS), number + "|refresh kpi|0 3 * * *|CALL naloxone_kpi.refresh('kpi')|postgres|nkpi_owner|t", 'the job is the caller\'s, in this database')
    # A search path of the caller's own leads nowhere else.
    cluster.sql("CREATE SCHEMA mine; CREATE FUNCTION mine.format(text, VARIADIC text[]) RETURNS text LANGUAGE sql AS $$ SELECT 'DROP SCHEMA kpi' $$; "
                "SET search_path = mine, pg_catalog; SELECT naloxone_kpi.schedule('kpi', '30 4 * * *')", 'nkpi_owner')
    same(cluster.sql(JOBS), number + "|refresh kpi|30 4 * * *|CALL naloxone_kpi.refresh('kpi')|postgres|nkpi_owner|t", 'scheduled again, it has the new schedule')
    other = cluster.sql("SELECT naloxone_kpi.schedule('kpi', '* * * * *')", 'nkpi_scheduler')
    same(cluster.sql("SELECT count(*) FROM cron.job WHERE jobname = 'refresh kpi'"), '2', 'another role has a job of its own')
    same(cluster.sql("SELECT naloxone_kpi.schedule('Station \"9\"', '0 5 * * *')", 'nkpi_owner') != '', True, 'a name that needs quotes is scheduled')
    same(cluster.sql("SELECT command FROM cron.job WHERE schedule = '0 5 * * *'"), "CALL naloxone_kpi.refresh('Station \"9\"')", 'as it is')
    same(cluster.sql("SELECT naloxone_kpi.schedule('%s', '0 6 * * *')" % ('x' * 56), 'nkpi_owner') != '', True, 'so is the longest')
    cluster.sql("SELECT naloxone_kpi.unschedule('%s'), naloxone_kpi.unschedule('Station \"9\"')" % ('x' * 56), 'nkpi_owner')
    same(cluster.sql('SELECT string_agg(jobid::text, \' \' ORDER BY jobid) FROM cron.job'), number + ' ' + other, 'both are unscheduled')

    # A job of the caller's own that does something else.
    cluster.sql("SELECT cron.schedule('refresh Station \"9\"', '0 1 * * *', 'SELECT 1')", 'nkpi_owner')
    same(cluster.refusal("SELECT naloxone_kpi.schedule('Station \"9\"', '* * * * *')", 'nkpi_owner'),
         '42710: the job "refresh Station "9"" does something else than refresh deployment "Station "9""', 'a job that does something else is not replaced')
    ok(cluster.refusal("SELECT naloxone_kpi.unschedule('Station \"9\"')", 'nkpi_owner').startswith('42704: '), 'nor removed')
    cluster.sql("SELECT cron.unschedule('refresh Station \"9\"')", 'nkpi_owner')
    # One that was made by hand, and does the same, is.
    cluster.sql("SELECT cron.schedule('refresh Station \"9\"', '0 1 * * *', $$CALL naloxone_kpi.refresh('Station \"9\"')$$)", 'nkpi_owner')
    cluster.sql("SELECT naloxone_kpi.schedule('Station \"9\"', '0 2 * * *')", 'nkpi_owner')
    same(cluster.sql("SELECT string_agg(schedule, ' ') FROM cron.job WHERE jobname LIKE '%9%'"), '0 2 * * *', 'one made by hand that does the same is taken over')


def test_rename(cluster):
    same(cluster.sql("SELECT count(*) FROM naloxone_kpi.check_schedule('kpi')"), '0', 'nothing is wrong with the jobs')
    cluster.sql("SELECT naloxone_kpi.rename_deployment('Station \"9\"', 'station')", 'nkpi_owner')
    job = cluster.sql("SELECT jobid FROM cron.job WHERE jobname LIKE '%9%'")
    found = cluster.sql("SELECT object, finding, hint FROM naloxone_kpi.check_schedule('station')", 'nkpi_owner').split('|')
    same(found[:2], ['job %s of pg_cron' % job, 'refreshes deployment "Station "9"", which is not there'], 'renamed: the job that refreshes nothing is found')
    same(cluster.sql("SELECT count(*) FROM naloxone_kpi.check_schedule('station')", 'nkpi_stranger'), '0', 'by who may see it')
    statement = found[2][found[2].index('SELECT'):]
    cluster.sql(statement, 'nkpi_owner')
    same(cluster.sql("SELECT string_agg(jobname || ' ' || schedule || ' ' || command, '; ') FROM cron.job WHERE schedule = '0 2 * * *'"),
         "refresh station 0 2 * * * CALL naloxone_kpi.refresh('station')", 'what the hint says mends it')
    same(cluster.sql("SELECT count(*) FROM naloxone_kpi.check_schedule('station')"), '0', 'then nothing is wrong')
    cluster.sql("UPDATE cron.job SET active = false WHERE jobname = 'refresh station'")
    same(cluster.sql("SELECT finding FROM naloxone_kpi.check_schedule('station')", 'nkpi_owner'), 'is not active', 'a job that was switched off is found')
    cluster.sql("SELECT naloxone_kpi.unschedule('station')", 'nkpi_owner')
    same(cluster.sql("SELECT count(*) FROM naloxone_kpi.check_schedule('station')"), '0', 'no job is no finding')


def test_run(cluster):
    job = cluster.sql("SELECT jobid FROM cron.job WHERE username = 'nkpi_scheduler'")
    finished = "SELECT status FROM cron.job_run_details WHERE jobid = %s AND status IN ('succeeded', 'failed') ORDER BY runid LIMIT 1" % job
    until(lambda: cluster.sql(finished) != '')
    same(cluster.sql(finished), 'succeeded', 'pg_cron runs the job')
    same(cluster.sql("SELECT started_by || ' ' || failed_steps FROM kpi.refresh_run ORDER BY run LIMIT 1"), 'nkpi_scheduler 0',
         'and it refreshes as the role that scheduled it, which owns nothing')
    cluster.sql("SELECT naloxone_kpi.unschedule('kpi')", 'nkpi_scheduler')
    same(cluster.sql("SELECT string_agg(username, ' ') FROM cron.job"), 'nkpi_owner', 'each role removes its own job')
    cluster.sql("SELECT naloxone_kpi.unschedule('kpi')", 'nkpi_owner')
    same(cluster.sql(JOBS), '', 'and then there is none')


cluster = Cluster({'shared_preload_libraries': 'pg_cron', 'cron.database_name': 'postgres', 'cron.use_background_workers': 'on'})
try:
    set_up(cluster)
    test_without(cluster)
    test_refusals(cluster)
    test_jobs(cluster)
    test_rename(cluster)
    test_run(cluster)
finally:
    cluster.remove()
done()
