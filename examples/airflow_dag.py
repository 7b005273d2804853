# Airflow: refreshes the deployment "kpi" every quarter of an hour. "warehouse" is a connection of type Postgres, to a role that
# may refresh. A refresh that fails fails its task.
import datetime

from airflow import DAG
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

with DAG(dag_id='naloxone_kpi', schedule='*/15 * * * *', start_date=datetime.datetime(2025, 4, 1), catchup=False, max_active_runs=1):
    # Every step is a transaction of its own: what has been done stays done when a later step fails.
    SQLExecuteQueryOperator(task_id='refresh', conn_id='warehouse', sql="CALL naloxone_kpi.refresh('kpi')", autocommit=True)

with DAG(dag_id='naloxone_kpi_after_load', schedule=None, start_date=datetime.datetime(2025, 4, 1), catchup=False):
    # Without autocommit, which is Airflow's default, a task is one transaction: the load and the refresh are both done, or neither.
    SQLExecuteQueryOperator(
        task_id='load_and_refresh', conn_id='warehouse', autocommit=False,
        sql=["UPDATE kpi.administration_record SET recorded_at = now() WHERE recorded_at IS NULL", "CALL naloxone_kpi.refresh('kpi')"])
