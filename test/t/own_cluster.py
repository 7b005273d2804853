# Clusters of a test's own, for what the one that the suites run in cannot be: with other settings, or with jobs for every database.
# And the tests' words, as Test::More has them.
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BIN = subprocess.run([os.environ.get('PG_CONFIG', 'pg_config'), '--bindir'], capture_output=True, text=True, check=True).stdout.strip()
PATIENCE = 90    # seconds until what should happen counts as not happening: pg_cron begins with the next minute

# Whoever is told to stop removes its clusters first.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

tests = failures = 0


def ok(condition, name, otherwise=None):
    global tests, failures
    tests += 1
    if not condition:
        failures += 1
    print('%sok %d - %s' % ('' if condition else 'not ', tests, name), flush=True)
    if not condition and otherwise is not None:
        print('# ' + str(otherwise).rstrip().replace('\n', '\n# '), file=sys.stderr, flush=True)
    return bool(condition)


def same(found, expected, name):
    return ok(found == expected, name, 'found:    %r\nexpected: %r' % (found, expected))


def done():
    print('1..%d' % tests)
    sys.exit(1 if failures else 0)


def until(condition, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


class Cluster:
    """A server in a temporary directory, which is its socket's too: it listens to no network, so its port need only be free there."""
    port = 50432

    def __init__(self, settings):
        self.dir = tempfile.mkdtemp(prefix='nkpi_cluster_', dir='/tmp')
        self.prefix = []
        if os.geteuid() == 0:
            # A server does not run as root.
            user = pwd.getpwnam('postgres')
            os.chown(self.dir, user.pw_uid, user.pw_gid)
            self.prefix = ['setpriv', '--reuid=%d' % user.pw_uid, '--regid=%d' % user.pw_gid, '--clear-groups']
        # What was set for another server must not lead there.
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith('PG')}
        self.environment.update(PGHOST=self.dir, PGPORT=str(self.port), PGUSER='nkpi_superuser', TZ='UTC')
        try:
            self.start(settings)
        except BaseException:
            shutil.rmtree(self.dir)
            raise

    def start(self, settings):
        self.server('initdb', '-D', self.dir + '/data', '-U', 'nkpi_superuser', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync')
        with open(self.dir + '/data/postgresql.conf', 'a') as conf:
            for name, value in dict(port=self.port, unix_socket_directories=self.dir, listen_addresses='', fsync='off', jit='off', **settings).items():
                conf.write("%s = '%s'\n" % (name, value))
        self.server('pg_ctl', '-D', self.dir + '/data', '-l', self.dir + '/log', '-w', 'start')

    def server(self, program, *arguments):
        process = subprocess.run(self.prefix + [BIN + '/' + program] + list(arguments), cwd=self.dir, env=self.environment,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if process.returncode != 0:
            raise RuntimeError('%s failed: %s' % (program, process.stderr))

    def psql(self, *arguments, role=None, database='postgres'):
        return subprocess.run([BIN + '/psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-v', 'ON_ERROR_STOP=1', '-d', database]
                              + (['-U', role] if role else []) + list(arguments), env=self.environment, capture_output=True, text=True)

    def sql(self, statement, role=None, database='postgres'):
        """What a statement prints, which must succeed."""
        process = self.psql('-c', 'SET client_min_messages = warning', '-c', statement, role=role, database=database)
        if process.returncode != 0:
            raise RuntimeError('%s\n%s' % (statement[:200], process.stderr))
        return process.stdout.strip()

    def refusal(self, statement, role=None, database='postgres'):
        """The SQLSTATE and text of its error."""
        process = self.psql('-c', statement, role=role, database=database)
        lines = [line[len('ERROR:  '):] for line in process.stderr.split('\n') if line.startswith('ERROR:  ')]
        return lines[0] if lines else 'not refused'

    def remove(self):
        try:
            self.server('pg_ctl', '-D', self.dir + '/data', '-m', 'immediate', '-w', 'stop')
        finally:
            shutil.rmtree(self.dir)
