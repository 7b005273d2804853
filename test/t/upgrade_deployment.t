#!/usr/bin/python3
# An upgrade beside other sessions, and afterwards: it and a refresh keep out of each other's way, one that is not committed leaves
# nothing, and an upgraded deployment is dumped and restored as any. What it does is in test/pgtap/upgrade_deployment.sql.
import subprocess
import sys

sys.dont_write_bytecode = True
from own_cluster import BIN, Cluster, done, ok, same

# A newer model: a column more in a view. It is made of what is deployed.
NEWER = """
    UPDATE kpi.deployment SET model_version = 'older';
    INSERT INTO naloxone_kpi.deployment_upgrade
    SELECT 'older', extversion, 1, 'engine_room', format('SELECT replace_materialized_view(%L, %L)', 'doses_by_division',
        format('SELECT q.*, q.doses * 2 AS twice_the_doses FROM (%s) q', rtrim(pg_get_viewdef('kpi.doses_by_division'::regclass), ';')))
    FROM pg_extension WHERE extname = 'naloxone_kpi';
    INSERT INTO naloxone_kpi.deployment_upgrade
    SELECT 'older', extversion, 2, 'bi', 'CREATE OR REPLACE VIEW kpi_doses_by_division WITH (security_barrier) AS '
        || regexp_replace(pg_get_viewdef('kpi_bi.kpi_doses_by_division'::regclass), '\\mFROM ', ', k.twice_the_doses::bigint AS twice_the_doses FROM ')
    FROM pg_extension WHERE extname = 'naloxone_kpi';
    INSERT INTO kpi.dictionary VALUES ('doses_by_division', 'twice_the_doses', 'doses, twice', 'doses', true, NULL, NULL);
"""
RECORDS = """
    INSERT INTO kpi.division_record (division_code, division_name, region, valid_from) VALUES ('G', 'Glasgow', 'West', '2013-04-01');
    INSERT INTO kpi.population_record (area_type, area_code, year, people) VALUES ('division', 'G', 2024, 826400);
    INSERT INTO kpi.source_coverage_record (source, division_code, covered_from) VALUES ('administration', 'G', '2025-10-01');
    INSERT INTO kpi.administration_record (administration_id, incident_id, incident_division_code, occurred_at, doses)
    SELECT 'a' || n, 'i' || n, 'G', timestamptz '2025-10-01 12:00+00' + n * interval '1 day', '{2 x 1800 mcg intranasal}' FROM generate_series(1, 10) n;
"""
REFRESH = "CALL naloxone_kpi.refresh('kpi', '2025-12-31')"
UPGRADE = "SELECT naloxone_kpi.upgrade_deployment('kpi')"
COLUMNS = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'kpi_bi.kpi_doses_by_division'::regclass AND attname = 'twice_the_doses'"


class Session:
    """A psql that stays, in a transaction."""

    def __init__(self, cluster, role):
        self.process = subprocess.Popen([BIN + '/psql', '-XAtq', '-d', 'postgres', '-U', role], env=cluster.environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def run(self, statements):
        self.process.stdin.write(statements + ';\n\\echo done\n')
        self.process.stdin.flush()
        while self.process.stdout.readline() not in ('done\n', ''):
            pass

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def contents(cluster, database):
    relations = cluster.sql("SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'v', 'm') AND relnamespace::regnamespace::text IN ('kpi', 'kpi_bi', 'kpi_public') "
                            'ORDER BY 1', database=database).split('\n')
    return {relation: cluster.sql("SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, ';' ORDER BY t::text COLLATE \"C\")), '') FROM %s t" % relation,
                                  'nkpi_owner', database) for relation in relations if relation != 'kpi.deployment'}


# What was replaced, as the server writes it.
DEFINITIONS = "SELECT string_agg(oid::regclass || ' ' || pg_get_viewdef(oid), ';' ORDER BY oid::regclass::text) FROM pg_class " \
              "WHERE relname IN ('doses_by_division', 'kpi_doses_by_division', 'kpi_doses_by_division_period')"


def test(cluster):
    cluster.sql('CREATE ROLE nkpi_owner LOGIN; GRANT CREATE ON DATABASE postgres TO nkpi_owner')
    cluster.sql('CREATE EXTENSION naloxone_kpi CASCADE')
    cluster.sql("SELECT naloxone_kpi.deploy('kpi'); " + RECORDS, 'nkpi_owner')
    cluster.sql(REFRESH, 'nkpi_owner')
    cluster.sql(NEWER)

    other = Session(cluster, 'nkpi_owner')
    other.run('BEGIN; ' + REFRESH)
    same(cluster.refusal(UPGRADE, 'nkpi_owner'), '55P03: deployment "kpi" is being refreshed or upgraded', 'while it is refreshed it is not upgraded')
    other.run('ROLLBACK; BEGIN; ' + UPGRADE)
    same(cluster.refusal(REFRESH, 'nkpi_owner'), '55P03: deployment "kpi" is being refreshed already', 'while it is upgraded it is not refreshed')
    same(cluster.refusal(UPGRADE, 'nkpi_owner'), '55P03: deployment "kpi" is being refreshed or upgraded', 'nor upgraded')
    other.run('ROLLBACK')
    same(cluster.sql(COLUMNS + " UNION ALL SELECT count(*) FROM kpi.deployment WHERE model_version = 'older'"), '0\n1', 'an upgrade that is not committed leaves nothing')
    other.close()

    before = contents(cluster, 'postgres')
    process = cluster.psql('-c', UPGRADE, role='nkpi_owner')
    same(process.returncode, 0, 'the owner upgrades')
    ok('is now of model' in process.stderr and 'A refresh brings up to date what is new' in process.stderr, 'and is told', process.stderr)
    process = cluster.psql('-c', UPGRADE, role='nkpi_owner')
    ok(process.returncode == 0 and 'is of the newest model already' in process.stderr, 'of a second one that there is nothing to do', process.stderr)
    after = contents(cluster, 'postgres')
    changed = {relation for relation in after if after[relation] != before.get(relation)}
    same(changed, {'kpi.doses_by_division', 'kpi_bi.kpi_doses_by_division', 'kpi_bi.kpi_dictionary'}, 'the rows of what was replaced have changed, and of what describes it')
    same(cluster.sql("SELECT * FROM naloxone_kpi.check_deployment('kpi')", 'nkpi_owner'), '', 'nothing is wrong with it')
    same(cluster.sql("SELECT * FROM naloxone_kpi.bi_check('kpi')", 'nkpi_owner'), '', 'nor with its views')

    cluster.sql('CREATE DATABASE second TEMPLATE template0')
    restore = subprocess.run('set -o pipefail; "%s/pg_dump" -Fc postgres | "%s/pg_restore" -1 --exit-on-error -d second' % (BIN, BIN), shell=True, executable='/bin/bash',
                             env=cluster.environment, capture_output=True, text=True)
    same((restore.returncode, restore.stderr), (0, ''), 'it is dumped and restored')
    same(contents(cluster, 'second'), after, 'every relation has the same rows')
    same(cluster.sql(DEFINITIONS, database='second'), cluster.sql(DEFINITIONS), 'what was replaced is defined by the same text')
    for database in ('postgres', 'second'):
        cluster.sql(REFRESH, 'nkpi_owner', database)
    same(cluster.sql('SELECT sum(twice_the_doses) FROM kpi_bi.kpi_doses_by_division', 'nkpi_owner', 'second'), '40', 'and refreshes')


cluster = Cluster({})
try:
    test(cluster)
finally:
    cluster.remove()
done()
