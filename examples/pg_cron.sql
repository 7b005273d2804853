-- pg_cron: refreshes the deployment "kpi" every quarter of an hour, as the role that runs this. For psql, in the database that
-- cron.database_name names, where the deployment is too.
\set ON_ERROR_STOP 1
SELECT naloxone_kpi.schedule('kpi', '*/15 * * * *');

-- pg_cron keeps a row for every run, for ever: every night, those of a month ago go.
SELECT cron.schedule('forget old runs', '0 4 * * *', $$DELETE FROM cron.job_run_details WHERE end_time < now() - interval '1 month'$$);

-- How it went.
SELECT j.jobname, r.status, r.return_message, r.start_time, r.end_time
FROM cron.job j JOIN cron.job_run_details r USING (jobid) ORDER BY r.start_time DESC LIMIT 10;
