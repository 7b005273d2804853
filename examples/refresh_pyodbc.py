#!/usr/bin/python3
# pyodbc: refreshes a deployment.
#
#     refresh_pyodbc.py 'DRIVER={PostgreSQL Unicode};SERVER=localhost;DATABASE=warehouse;UID=scheduler;PWD=...' kpi
#
# With autocommit every step is a transaction of its own. Without it, which is pyodbc's default, all are one, and nothing is done
# until connection.commit(). Exit status 1: it failed, and standard error says why.
import sys

import pyodbc

connection = pyodbc.connect(sys.argv[1], autocommit=True)
try:
    connection.execute('CALL naloxone_kpi.refresh(?)', sys.argv[2])
except pyodbc.Error as error:
    sys.exit('%s: %s' % error.args[:2])
finally:
    connection.close()
