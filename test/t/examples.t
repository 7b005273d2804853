#!/usr/bin/python3
# Every file of examples/ does what it says: run as its scheduler would run it, it refreshes, and tells when that fails. Against
# clusters of their own, for pg_cron's two ways of running jobs.
import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import types

sys.dont_write_bytecode = True
from own_cluster import BIN, Cluster, done, ok, same, until

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'examples')
BREAK = "INSERT INTO kpi.refresh_step VALUES (1, 'engine_room', 'absent')"
MEND = "DELETE FROM kpi.refresh_step WHERE name = 'absent'"


def text(name):
    with open(os.path.join(EXAMPLES, name)) as file:
        return file.read()


def set_up(cluster):
    cluster.sql('CREATE ROLE nkpi_owner LOGIN; CREATE ROLE scheduler LOGIN; GRANT CREATE ON DATABASE postgres TO nkpi_owner')
    cluster.sql('CREATE EXTENSION naloxone_kpi CASCADE; CREATE EXTENSION pg_cron; GRANT USAGE ON SCHEMA cron TO scheduler')
    cluster.sql("SELECT naloxone_kpi.deploy('kpi'), naloxone_kpi.grant_refresh('kpi', 'scheduler')", 'nkpi_owner')


def check(cluster, name, run):
    """What run() does refreshes as the scheduler, in a run of its own; where a step fails, its exit status says so."""
    before = cluster.sql('SELECT coalesce(max(run), 0) FROM kpi.refresh_run')
    process = run()
    same(process.returncode, 0, name + ': succeeds') or print('# ' + process.stderr, file=sys.stderr)
    same(cluster.sql("SELECT string_agg(started_by || ' ' || failed_steps, ',') FROM kpi.refresh_run WHERE run > " + before), 'scheduler 0', name + ': refreshes')
    cluster.sql(BREAK, 'nkpi_owner')
    broken = run()
    cluster.sql(MEND, 'nkpi_owner')
    ok(broken.returncode != 0, name + ': a step that fails is in the exit status')
    ok('1 of' in broken.stderr and 'steps failed' in broken.stderr, name + ': and in what it says', broken.stderr)
    return process


def here(cluster, environment):
    """An example's environment, with the database that is here in place of the one that it names."""
    found = dict(environment)
    for name in ('PGHOST', 'PGDATABASE'):
        ok(name in found, 'it names its database: ' + name)
    same(found.get('PGUSER'), 'scheduler', 'and its role')
    found.update(PGHOST=cluster.dir, PGPORT=str(cluster.port), PGDATABASE='postgres')
    return found


def test_crontab(cluster):
    environment, commands = {}, []
    for line in text('crontab').split('\n'):
        setting = re.match(r'(\w+)\s*=\s*(.*)$', line)
        if line == '' or line.startswith('#'):
            continue
        elif setting:
            environment[setting[1]] = re.sub(r'^(["\'])(.*)\1$', r'\2', setting[2])
        else:
            commands.append(re.match(r'(?:\S+ ){5}(.*)$', line)[1])
    same(len(commands), 1, 'crontab: has one job')
    ok('%' not in commands[0], 'crontab: of one line, as cron reads it')
    # What Debian's cron gives a job, and the server's programs first, where they are in a place of their own.
    environment = dict(HOME=cluster.dir, LOGNAME='scheduler', SHELL='/bin/sh', PATH=BIN + ':/usr/bin:/bin', **here(cluster, environment))
    process = check(cluster, 'crontab', lambda: subprocess.run(['/bin/sh', '-c', commands[0]], env=environment, cwd='/', stdin=subprocess.DEVNULL,
                                                               capture_output=True, text=True))
    same(process.stdout + process.stderr, '', 'crontab: a refresh that succeeds mails nothing')


def test_systemd(cluster):
    units = [os.path.join(EXAMPLES, 'naloxone-kpi-refresh.' + kind) for kind in ('service', 'timer')]
    if shutil.which('systemd-analyze') and os.path.exists('/usr/bin/psql'):
        process = subprocess.run(['systemd-analyze', '--man=no', 'verify'] + units, capture_output=True, text=True)
        ours = [line for line in process.stderr.split('\n') if 'naloxone-kpi' in line]
        same((process.returncode, ours), (0, []), 'systemd: finds nothing wrong with the units')
    service, timer = ({name: value for name, value in re.findall(r'^(\w+)=(.*)$', text(os.path.basename(unit)), re.M)} for unit in units)
    same(service['Type'], 'oneshot', 'systemd: the service ends when the refresh does')
    ok('OnCalendar' in timer, 'systemd: the timer has a calendar')
    if shutil.which('systemd-analyze'):
        same(subprocess.run(['systemd-analyze', 'calendar', timer['OnCalendar']], stdout=subprocess.DEVNULL).returncode, 0, 'systemd: that it understands')
    environment = here(cluster, dict(word.split('=', 1) for word in shlex.split(service['Environment'])))
    command = shlex.split(service['ExecStart'])
    ok(command[0].startswith('/'), 'systemd: the program has its whole path')
    if not os.path.exists(command[0]):
        command[0] = BIN + '/psql'
    process = check(cluster, 'systemd', lambda: subprocess.run(command, env=environment, cwd='/', stdin=subprocess.DEVNULL, capture_output=True, text=True))
    silent = [step for step in cluster.sql('SELECT name FROM kpi.refresh_step').split('\n') if 'NOTICE:  refresh of kpi: %s ' % step not in process.stderr]
    same(silent, [], 'systemd: the journal has a line for every step')


def test_pyodbc(cluster):
    source = 'DRIVER={PostgreSQL Unicode};SERVER=%s;PORT=%d;DATABASE=postgres;UID=scheduler' % (cluster.dir, cluster.port)
    script = os.path.join(EXAMPLES, 'refresh_pyodbc.py')
    check(cluster, 'pyodbc', lambda: subprocess.run([sys.executable, script, source, 'kpi'], capture_output=True, text=True))
    process = subprocess.run([sys.executable, script, source, 'absent'], capture_output=True, text=True)
    same(process.returncode, 1, 'pyodbc: so is a deployment that is not there')
    ok('42704' in process.stderr and 'there is no deployment "absent"' in process.stderr, 'pyodbc: with its SQLSTATE', process.stderr)


def test_airflow(cluster):
    """Airflow is not here: what stands in for it takes down what the tasks are to do, and psql does that."""
    tasks = []

    class Dag:
        def __init__(self, **arguments):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass
    for name in ('airflow', 'airflow.providers', 'airflow.providers.common', 'airflow.providers.common.sql',
                 'airflow.providers.common.sql.operators', 'airflow.providers.common.sql.operators.sql'):
        sys.modules[name] = types.ModuleType(name)
    sys.modules['airflow'].DAG = Dag
    sys.modules['airflow.providers.common.sql.operators.sql'].SQLExecuteQueryOperator = lambda **arguments: tasks.append(arguments)
    exec(compile(ast.parse(text('airflow_dag.py')), 'airflow_dag.py', 'exec'), {})
    same(sorted(task['autocommit'] for task in tasks), [False, True], 'Airflow: a task with autocommit and one without')
    for task in tasks:
        name = 'Airflow, autocommit ' + ('on' if task['autocommit'] else 'off')
        statements = [task['sql']] if isinstance(task['sql'], str) else task['sql']
        # What loads and refreshes is the owner's; the other check is the scheduler's.
        role = 'scheduler' if len(statements) == 1 else 'nkpi_owner'
        arguments = [argument for statement in statements for argument in ('-c', statement)]
        process = cluster.psql(*(arguments if task['autocommit'] else ['-1'] + arguments), role=role)
        same(process.returncode, 0, name + ': succeeds')
        same('runs in the caller\'s transaction' in process.stderr, not task['autocommit'], name + ': a transaction ' + ('a step' if task['autocommit'] else 'in all'))


def start_pg_cron(cluster):
    """The shipped file as it is, but for how often."""
    shipped = text('pg_cron.sql')
    every_minute = shipped.replace("'*/15 * * * *'", "'* * * * *'")
    ok(every_minute != shipped, 'pg_cron: the file has a schedule')
    process = subprocess.run([BIN + '/psql', '-XAtq', '-d', 'postgres', '-U', 'scheduler', '-f', '-'], input=every_minute, env=cluster.environment,
                             capture_output=True, text=True)
    same((process.returncode, process.stderr), (0, ''), 'pg_cron: the file runs')
    same(cluster.sql('SELECT count(*) FROM cron.job'), '2', 'pg_cron: and makes its jobs')


def test_pg_cron(cluster, mode):
    runs = "SELECT status || ' ' || coalesce(return_message, '') FROM cron.job_run_details WHERE command LIKE 'CALL%' AND status IN ('succeeded', 'failed') " \
           "AND runid > coalesce((SELECT max(runid) FROM seen), 0) ORDER BY runid LIMIT 1"
    until(lambda: cluster.sql(runs) != '')
    ok(cluster.sql(runs).startswith('succeeded'), mode + ': the job succeeds', cluster.sql('SELECT * FROM cron.job_run_details'))
    same(cluster.sql("SELECT started_by || ' ' || failed_steps FROM kpi.refresh_run ORDER BY run LIMIT 1"), 'scheduler 0', mode + ': it refreshed')


def break_pg_cron(cluster):
    cluster.sql(BREAK, 'nkpi_owner')
    cluster.sql('INSERT INTO seen SELECT max(runid) FROM cron.job_run_details')


def test_broken_pg_cron(cluster, mode):
    runs = "SELECT status || ' ' || return_message FROM cron.job_run_details WHERE command LIKE 'CALL%' AND status IN ('succeeded', 'failed') " \
           "AND runid > (SELECT max(runid) FROM seen) ORDER BY runid LIMIT 1"
    until(lambda: cluster.sql(runs) != '')
    found = cluster.sql(runs)
    ok(found.startswith('failed ') and 'steps failed' in found, mode + ': a step that fails fails the job', found)


workers = clients = None
try:
    workers = Cluster({'shared_preload_libraries': 'pg_cron', 'cron.database_name': 'postgres', 'cron.use_background_workers': 'on'})
    clients = Cluster({'shared_preload_libraries': 'pg_cron', 'cron.database_name': 'postgres', 'cron.use_background_workers': 'off', 'cron.host': ''})
    modes = ((workers, 'pg_cron, background workers'), (clients, 'pg_cron, client connections'))
    for cluster, _ in modes:
        set_up(cluster)
        cluster.sql('CREATE TABLE seen (runid bigint); GRANT SELECT ON seen TO PUBLIC')
        start_pg_cron(cluster)
    for cluster, mode in modes:
        test_pg_cron(cluster, mode)
        break_pg_cron(cluster)
    for cluster, mode in modes:
        test_broken_pg_cron(cluster, mode)
        cluster.sql('DELETE FROM cron.job')
    # The others, when nothing else refreshes.
    until(lambda: workers.sql("SELECT count(*) FROM cron.job_run_details WHERE status IN ('starting', 'running')") == '0')
    workers.sql(MEND, 'nkpi_owner')
    test_crontab(workers)
    test_systemd(workers)
    test_pyodbc(workers)
    test_airflow(workers)
finally:
    for cluster in (workers, clients):
        if cluster is not None:
            cluster.remove()
done()
