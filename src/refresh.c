/*
 * refresh.c
 *		CALL refresh(deployment, as_of, full) and refresh_if_stale(deployment, max_age): bring the tables and materialised views of a
 *		deployment up to date, step by step.
 *
 * A procedure that commits must be neither SECURITY DEFINER nor carry a SET clause, and works only where its caller holds no
 * transaction open.  So this one becomes the deployment's owner and pins the search path itself, step by step, and looks
 * whether it may commit: where it may, each step is a transaction of its own; where not, all run in the caller's.
 *
 * What the owner has put on its own tables runs with the owner's rights and no others: all but the REFRESH itself, which makes
 * a temporary table, is a security-restricted operation, so that nothing can be put off until the caller's rights are back.
 *
 * A step runs in a subtransaction.  One that fails is logged and does not stop the others; the failures are raised together
 * at the end.  A cancelled query is not a failure of a step: it ends the refresh.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/async.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "portability/instr_time.h"
#include "rewrite/rewriteHandler.h"
#include "storage/lock.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "compat.h"

#define NOTIFICATION_CHANNEL "naloxone_kpi_refresh"

/* The position of the first rollup that reads what the steps before it bring up to date: days that count, periods, areas. */
#define FIRST_DEPENDENT_POSITION 200

/* What a refresh brings up to date. */
typedef enum step_kind
{
	STEP_MARK,					/* the marks of what changed, which become what is due of each rollup */
	STEP_ROLLUP,				/* a table filled from the view <name>_source, of which only what is due is computed again */
	STEP_OTHER					/* a table that is filled as a whole, or a materialised view */
} step_kind;

typedef struct refresh_step
{
	step_kind	kind;
	int			position;
	char	   *name;
	char	   *schema;
	const char *mode;			/* what was done, for the log */
	int64		num_rows;
	double		seconds;
} refresh_step;

typedef struct refresh_run
{
	char	   *deployment;		/* the engine room's name */
	char	   *schema;			/* the same, quoted */
	Oid			relation;		/* its table "deployment" */
	Oid			owner;
	int			caller_security;	/* the security context of the call */
	char	   *caller;
	bool		may_commit;
	int64		number;
	bool		has_as_of;
	DateADT		as_of;
	bool		full;			/* all of every rollup is computed again */
	bool		keep_due;		/* what rollups read is not up to date, so that what is due of them stays due */
	Interval   *max_age;		/* nothing is done where the last refresh is younger; NULL: it is done */
	refresh_step *steps;
	int			num_steps;
} refresh_run;

/* A part of the work, done as the owner in a subtransaction. */
typedef void (*refresh_work) (refresh_run *run, void *argument);

/* ------------------------------------------------------------------ running a part of the work */

/* Sets a configuration parameter until the surrounding part of the work ends. */
static void
set_parameter(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/* A refresh is maintenance: a sort or a hash table may have what maintenance may. */
static void
allow_memory(void)
{
	if (maintenance_work_mem > work_mem)
		set_parameter("work_mem", psprintf("%dkB", maintenance_work_mem));
}

/*
 * Runs a part of the work as the deployment's owner under a pinned search path, and tells of an error instead of raising it.
 * NULL: it succeeded.
 */
static ErrorData *
run_work(refresh_run *run, refresh_work work, void *argument)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner resource_owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;
	Oid			user;
	int			parameter_level;

	GetUserIdAndSecContext(&user, &run->caller_security);
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		SetUserIdAndSecContext(run->owner, run->caller_security | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
		/* What the owner's code sets, it sets for itself: all of it is taken back. */
		parameter_level = NewGUCNestLevel();
		set_parameter("search_path", "pg_catalog, pg_temp");
		/* Compiling the model's queries takes longer than running them over all but the largest records. */
		set_parameter("jit", "off");
		allow_memory();
		work(run, argument);
		AtEOXact_GUC(false, parameter_level);
		SetUserIdAndSecContext(user, run->caller_security);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		/* This also gives back the user and the parameters. */
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = resource_owner;
	if (error != NULL && (error->sqlerrcode == ERRCODE_QUERY_CANCELED || error->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN))
		ReThrowError(error);
	return error;
}

/* Runs what must succeed. */
static void
run_or_raise(refresh_run *run, refresh_work work, void *argument)
{
	ErrorData  *error = run_work(run, work, argument);

	if (error != NULL)
		ReThrowError(error);
}

static void
commit_step(refresh_run *run)
{
	if (run->may_commit)
		SPI_commit();
}

/* Executes one statement, with parameters that are never NULL. */
static uint64
execute(const char *statement, int num_parameters, Oid *types, Datum *values)
{
	int			code = SPI_execute_with_args(statement, num_parameters, types, values, NULL, false, 0);

	if (code < 0)
		elog(ERROR, "\"%s\" failed: %s", statement, SPI_result_code_string(code));
	return SPI_processed;
}

/* The one value that the last statement returned. */
static Datum
get_result(bool *is_null)
{
	if (SPI_processed != 1)
		elog(ERROR, "expected one row, found " UINT64_FORMAT, SPI_processed);
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, is_null);
}

/* ------------------------------------------------------------------ the parts */

/*
 * Another role's view among the model's would run that role's expressions with the owner's rights.  (What a step fills from is
 * looked at by the step.)
 */
static void
check_view_owners(refresh_run *run)
{
	Oid			types[] = {OIDOID};
	Datum		values[] = {ObjectIdGetDatum(run->owner)};
	bool		is_null;

	if (execute(psprintf("SELECT c.oid::regclass::text FROM %s.deployment_object o, %s.deployment d, pg_class anchor, pg_class c "
						 "WHERE anchor.oid = d.engine_room AND o.floor = 'engine_room' AND o.kind = 'v' AND o.name NOT LIKE '%%\\_source' "
						 "AND c.relname = o.name AND c.relnamespace = anchor.relnamespace AND c.relowner <> $1 LIMIT 1",
						 run->schema, run->schema), 1, types, values) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("view %s does not belong to the deployment's owner", TextDatumGetCString(get_result(&is_null))),
				 errhint("A refresh runs as the owner and trusts nothing of another role's: ALTER VIEW ... OWNER TO %s",
						 quote_identifier(GetUserNameFromId(run->owner, false)))));
}

/* Notes the run and its caller, and fixes which day it is. */
static void
start_run(refresh_run *run, void *argument)
{
	Oid			types[] = {TEXTOID, DATEOID};
	Datum		values[] = {CStringGetTextDatum(run->caller), DateADTGetDatum(run->as_of)};
	bool		is_null;
	DateADT		today;

	(void) argument;
	check_view_owners(run);
	execute(psprintf("SELECT (now() AT TIME ZONE time_zone)::date FROM %s.setting", run->schema), 0, NULL, NULL);
	today = DatumGetDateADT(get_result(&is_null));
	if (!run->has_as_of)
		values[1] = DateADTGetDatum(today);
	else if (run->as_of > today)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the day to refresh as of has not come yet"),
				 errhint("What is still open would be taken for finished: give today or a day before.")));
	execute(psprintf("UPDATE %s.as_of SET day = $1", run->schema), 1, &types[1], &values[1]);
	/* Nobody else analyses tables of one row, which the planner would take for many. */
	execute(psprintf("ANALYZE %s.as_of, %s.setting", run->schema, run->schema), 0, NULL, NULL);
	execute(psprintf("INSERT INTO %s.refresh_run (as_of, started_by, started_at, process_id) "
					 "SELECT day, $1, clock_timestamp(), pg_backend_pid() FROM %s.as_of RETURNING run", run->schema, run->schema),
			1, types, values);
	run->number = DatumGetInt64(get_result(&is_null));
}

static void
read_steps(refresh_run *run, void *argument)
{
	MemoryContext context = (MemoryContext) argument;

	execute(psprintf("SELECT s.name, n.nspname, r.name IS NOT NULL AS is_rollup, s.position "
					 "FROM %s.refresh_step s LEFT JOIN %s.rollup r USING (name), %s.deployment d, pg_class c, pg_namespace n "
					 "WHERE c.oid = CASE s.floor WHEN 'bi' THEN d.bi ELSE d.engine_room END AND n.oid = c.relnamespace "
					 "ORDER BY s.position", run->schema, run->schema, run->schema), 0, NULL, NULL);
	run->num_steps = (int) SPI_processed + 1;
	run->steps = MemoryContextAllocZero(context, sizeof(refresh_step) * run->num_steps);
	run->steps[0].kind = STEP_MARK;
	run->steps[0].name = MemoryContextStrdup(context, "mark");
	for (int i = 1; i < run->num_steps; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i - 1];
		bool		is_null;

		run->steps[i].name = MemoryContextStrdup(context, SPI_getvalue(tuple, SPI_tuptable->tupdesc, 1));
		run->steps[i].schema = MemoryContextStrdup(context, SPI_getvalue(tuple, SPI_tuptable->tupdesc, 2));
		run->steps[i].kind = DatumGetBool(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 3, &is_null)) ? STEP_ROLLUP : STEP_OTHER;
		run->steps[i].position = DatumGetInt32(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 4, &is_null));
	}
}

/* The relation of this name, which must be the owner's: what another role defined must not run with the owner's rights. */
static Oid
find_own_relation(refresh_run *run, const char *schema, const char *name)
{
	Oid			namespace = get_namespace_oid(schema, false);
	Oid			relation = get_relname_relid(name, namespace);
	HeapTuple	tuple;
	Oid			owner;

	if (!OidIsValid(relation))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"%s.%s\" does not exist", schema, name),
				 errhint("SELECT * FROM naloxone_kpi.check_deployment(...) lists what a deployment lacks.")));
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relation);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	if (owner != run->owner)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("relation \"%s.%s\" does not belong to the deployment's owner", schema, name),
				 errhint("A refresh runs as the owner and touches nothing of another role's.")));
	return relation;
}

static bool
is_populated(Oid relation)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	bool		populated;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relation);
	populated = ((Form_pg_class) GETSTRUCT(tuple))->relispopulated;
	ReleaseSysCache(tuple);
	return populated;
}

/*
 * The marks of what changed become what is due of each rollup.  This is a transaction of its own: a rollup that fails later keeps
 * what is due of it.
 */
static void
take_marks(refresh_run *run, refresh_step *step)
{
	Oid			types[] = {NAMEOID};
	Datum		values[1];
	NameData	deployment;
	bool		is_null;

	namestrcpy(&deployment, run->deployment);
	values[0] = NameGetDatum(&deployment);
	execute("SELECT naloxone_kpi.take_marks($1)", lengthof(types), types, values);
	step->mode = "taken";
	step->num_rows = DatumGetInt64(get_result(&is_null));
}

static void
recompute_rollup(refresh_run *run, refresh_step *step)
{
	Oid			types[] = {NAMEOID, TEXTOID, BOOLOID, BOOLOID};
	Datum		values[4];
	NameData	deployment;
	bool		is_null;

	namestrcpy(&deployment, run->deployment);
	values[0] = NameGetDatum(&deployment);
	values[1] = CStringGetTextDatum(step->name);
	values[2] = BoolGetDatum(run->full);
	values[3] = BoolGetDatum(run->keep_due);
	execute("SELECT mode, num_rows FROM naloxone_kpi.recompute_rollup($1, $2, $3, $4)", lengthof(types), types, values);
	/* Of the memory that the log is written from. */
	step->mode = MemoryContextStrdup(GetMemoryChunkContext(step->name), TextDatumGetCString(get_result(&is_null)));
	step->num_rows = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &is_null));
}

/*
 * Waits for whoever empties a table beneath a materialised view, and keeps out the next until the transaction ends.  REFRESH locks
 * the tables only after it took its snapshot: one from before a TRUNCATE that was waited for sees an empty table.
 */
static void
lock_tables_beneath(Oid view)
{
	Relation	relation = table_open(view, AccessShareLock);
	Query	   *query = copyObject(linitial_node(Query, relation->rd_rules->rules[0]->actions));

	AcquireRewriteLocks(query, true, false);
	/* Rewriting opens the views within, and locks what is beneath them. */
	(void) QueryRewrite(query);
	table_close(relation, NoLock);
}

static void
refresh_relation(refresh_run *run, refresh_step *step)
{
	Oid			relation = find_own_relation(run, step->schema, step->name);
	const char *target = quote_qualified_identifier(step->schema, step->name);
	bool		is_null;

	if (get_rel_relkind(relation) == RELKIND_MATVIEW)
	{
		bool		beside_readers = is_populated(relation);

		lock_tables_beneath(relation);
		step->mode = beside_readers ? "concurrently" : "populated";
		SetUserIdAndSecContext(run->owner, run->caller_security | SECURITY_LOCAL_USERID_CHANGE);
		execute(psprintf("REFRESH MATERIALIZED VIEW %s %s", beside_readers ? "CONCURRENTLY" : "", target), 0, NULL, NULL);
		SetUserIdAndSecContext(run->owner, run->caller_security | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
		execute(psprintf("SELECT count(*) FROM %s", target), 0, NULL, NULL);
		step->num_rows = DatumGetInt64(get_result(&is_null));
	}
	else
	{
		char	   *source = psprintf("%s_source", step->name);

		(void) find_own_relation(run, run->deployment, source);
		if (step->kind == STEP_ROLLUP)
			recompute_rollup(run, step);
		else
		{
			step->mode = "recomputed";
			execute(psprintf("DELETE FROM %s", target), 0, NULL, NULL);
			step->num_rows = (int64) execute(psprintf("INSERT INTO %s SELECT * FROM %s", target,
													  quote_qualified_identifier(run->deployment, source)), 0, NULL, NULL);
			/* What is computed from it comes next and should be planned for what is there now. */
			execute(psprintf("ANALYZE %s", target), 0, NULL, NULL);
		}
	}
}

static void
refresh_one(refresh_run *run, void *argument)
{
	refresh_step *step = argument;

	set_parameter("application_name", psprintf("refresh %s %s", run->deployment, step->name));
	/*
	 * How many sums of sums there will be the planner cannot know, and takes them for few.  Then a nested loop costs minutes where
	 * a hash join costs a second; the other way round hardly anything.  (A rollup's keys are looked up one by one, by index.)
	 */
	if (step->kind == STEP_OTHER)
		set_parameter("enable_nestloop", "off");
	if (step->kind == STEP_MARK)
		take_marks(run, step);
	else
		refresh_relation(run, step);
	Async_Notify(NOTIFICATION_CHANNEL, psprintf("%s %s succeeded", run->deployment, step->name));
}

typedef struct step_result
{
	refresh_step *step;
	ErrorData  *error;
} step_result;

static void
log_step(refresh_run *run, void *argument)
{
	step_result *result = argument;
	ErrorData  *error = result->error;
	Oid			types[] = {INT8OID, TEXTOID, TEXTOID, INT8OID, FLOAT8OID, TEXTOID, TEXTOID};
	Datum		values[] = {
		Int64GetDatum(run->number),
		CStringGetTextDatum(result->step->name),
		CStringGetTextDatum(error == NULL ? result->step->mode : "failed"),
		Int64GetDatum(result->step->num_rows),
		Float8GetDatum(result->step->seconds),
		CStringGetTextDatum(error == NULL ? "" : unpack_sql_state(error->sqlerrcode)),
		CStringGetTextDatum(error == NULL ? "" : error->message)
	};

	execute(psprintf("INSERT INTO %s.refresh_log (run, step, mode, num_rows, seconds, error_code, error, finished_at) "
					 "VALUES ($1, $2, $3, CASE WHEN $3 <> 'failed' THEN $4 END, $5, nullif($6, ''), nullif($7, ''), clock_timestamp())",
					 run->schema), lengthof(types), types, values);
	if (error != NULL)
		Async_Notify(NOTIFICATION_CHANNEL, psprintf("%s %s failed", run->deployment, result->step->name));
}

static void
finish_run(refresh_run *run, void *argument)
{
	Oid			types[] = {INT8OID, INT4OID};
	Datum		values[] = {Int64GetDatum(run->number), Int32GetDatum(*(int *) argument)};

	execute(psprintf("UPDATE %s.refresh_run SET finished_at = clock_timestamp(), failed_steps = $2 WHERE run = $1", run->schema),
			2, types, values);
}

/* Who refreshes now, as "by whom since when"; NULL where that is not to be seen yet. */
static void
find_other_run(refresh_run *run, void *argument)
{
	char	  **other = argument;
	bool		is_null;
	Datum		value;

	execute(psprintf("SELECT (SELECT format('Started by %%s at %%s, process %%s.', started_by, started_at, process_id) "
					 "FROM %s.refresh_run WHERE finished_at IS NULL ORDER BY run DESC LIMIT 1)", run->schema), 0, NULL, NULL);
	value = get_result(&is_null);
	*other = is_null ? NULL : MemoryContextStrdup(TopTransactionContext, TextDatumGetCString(value));
}

/* ------------------------------------------------------------------ who, what and one at a time */

static void
find_deployment(refresh_run *run, Name name)
{
	Oid			namespace;
	Oid			refresh_run_table;
	HeapTuple	tuple;
	bool		is_table = false;

	run->deployment = pstrdup(NameStr(*name));
	run->schema = pstrdup(quote_identifier(run->deployment));
	namespace = get_namespace_oid(run->deployment, true);
	run->relation = OidIsValid(namespace) ? get_relname_relid("deployment", namespace) : InvalidOid;
	refresh_run_table = OidIsValid(namespace) ? get_relname_relid("refresh_run", namespace) : InvalidOid;
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(run->relation));
	if (HeapTupleIsValid(tuple))
	{
		is_table = ((Form_pg_class) GETSTRUCT(tuple))->relkind == RELKIND_RELATION;
		run->owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	if (!is_table || !OidIsValid(refresh_run_table))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no deployment \"%s\" in this database", run->deployment),
				 errhint("Create it with SELECT naloxone_kpi.deploy(%s), or name the schema that an existing one's records are in.",
						 quote_literal_cstr(run->deployment))));
	if (!has_privs_of_role(GetUserId(), run->owner) &&
		pg_class_aclcheck(refresh_run_table, GetUserId(), ACL_INSERT) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to refresh deployment \"%s\"", run->deployment),
				 errhint("Its owner can allow it: SELECT naloxone_kpi.grant_refresh(%s, %s)",
						 quote_literal_cstr(run->deployment),
						 quote_literal_cstr(GetUserNameFromId(GetUserId(), false)))));
}

/*
 * Takes the lock that VACUUM would take on the table "deployment", so that only one refresh runs.  Where steps commit, it is
 * the session's, kept over the commits and released by the server on any error; else it is the transaction's.
 */
static void
lock_deployment(refresh_run *run, LOCKTAG *tag)
{
	char	   *other = NULL;

	SET_LOCKTAG_RELATION(*tag, MyDatabaseId, run->relation);
	if (LockAcquire(tag, ShareUpdateExclusiveLock, run->may_commit, true) != LOCKACQUIRE_NOT_AVAIL)
		return;
	(void) run_work(run, find_other_run, &other);
	ereport(ERROR,
			(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			 errmsg("deployment \"%s\" is being refreshed already", run->deployment),
			 other != NULL ? errdetail("%s", other) : 0,
			 errhint("Wait until it is done, and call refresh() again if records came in since.")));
}

/* Whether this call may commit: a top-level CALL, outside a transaction block and outside a PL/pgSQL exception block. */
static bool
call_may_commit(FunctionCallInfo fcinfo)
{
	return fcinfo->context != NULL && IsA(fcinfo->context, CallContext) &&
		!castNode(CallContext, fcinfo->context)->atomic && !IsSubTransaction();
}

/* ------------------------------------------------------------------ the procedure */

/* Runs all steps, logging each; the list of those that failed, as "name (code)". */
static char *
run_steps(refresh_run *run, int *num_failed)
{
	StringInfoData failed;

	initStringInfo(&failed);
	for (int i = 0; i < run->num_steps; i++)
	{
		refresh_step *step = &run->steps[i];
		step_result result = {step, NULL};
		instr_time	started;
		instr_time	ended;

		CHECK_FOR_INTERRUPTS();
		INSTR_TIME_SET_CURRENT(started);
		result.error = run_work(run, refresh_one, step);
		INSTR_TIME_SET_CURRENT(ended);
		INSTR_TIME_SUBTRACT(ended, started);
		step->seconds = INSTR_TIME_GET_DOUBLE(ended);
		run_or_raise(run, log_step, &result);
		commit_step(run);
		if (result.error == NULL)
			ereport(NOTICE,
					(errmsg("refresh of %s: %s %s, %lld rows, %.3f s", run->deployment, step->name, step->mode,
							(long long) step->num_rows, step->seconds)));
		else
		{
			const char *code = pstrdup(unpack_sql_state(result.error->sqlerrcode));

			/* The message may quote a record: it is in the owner's log only. */
			ereport(NOTICE, (errmsg("refresh of %s: %s failed (%s)", run->deployment, step->name, code)));
			appendStringInfo(&failed, "%s%s (%s)", *num_failed > 0 ? ", " : "", step->name, code);
			(*num_failed)++;
			/* What comes later is computed from what was there before, and once more when it is not. */
			if (step->kind != STEP_MARK && step->position < FIRST_DEPENDENT_POSITION)
				run->keep_due = true;
		}
	}
	return failed.data;
}

/* Whether all was brought up to date, as of today, within the interval that is the argument. */
static void
find_fresh_run(refresh_run *run, void *argument)
{
	Oid			types[] = {INTERVALOID};
	Datum		values[] = {PointerGetDatum(run->max_age)};
	bool		is_null;

	execute(psprintf("SELECT EXISTS (SELECT FROM %s.refresh_run r, %s.setting s WHERE r.failed_steps = 0 "
					 "AND r.started_at > clock_timestamp() - $1 AND r.as_of = (now() AT TIME ZONE s.time_zone)::date)",
					 run->schema, run->schema), 1, types, values);
	*(bool *) argument = DatumGetBool(get_result(&is_null));
}

static void
refresh(refresh_run *run, FunctionCallInfo fcinfo)
{
	LOCKTAG		tag;
	int			num_failed = 0;
	char	   *failed;
	bool		is_fresh = false;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the deployment to refresh must not be NULL")));
	run->may_commit = call_may_commit(fcinfo);
	SPI_connect_ext(run->may_commit ? SPI_OPT_NONATOMIC : 0);
	find_deployment(run, PG_GETARG_NAME(0));
	run->caller = pstrdup(GetUserNameFromId(GetUserId(), false));
	if (run->max_age != NULL)
		run_or_raise(run, find_fresh_run, &is_fresh);
	if (is_fresh)
	{
		ereport(NOTICE, (errmsg("deployment \"%s\" is fresh: nothing to refresh", run->deployment)));
		SPI_finish();
		return;
	}
	lock_deployment(run, &tag);
	if (!run->may_commit)
		ereport(NOTICE,
				(errmsg("refresh of %s runs in the caller's transaction: a failure undoes the whole run, its log included",
						run->deployment)));

	run_or_raise(run, start_run, NULL);
	run_or_raise(run, read_steps, CurrentMemoryContext);
	commit_step(run);
	failed = run_steps(run, &num_failed);
	run_or_raise(run, finish_run, &num_failed);
	commit_step(run);
	if (run->may_commit)
		LockRelease(&tag, ShareUpdateExclusiveLock, true);
	if (num_failed > 0)
		ereport(ERROR,
				(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				 errmsg("refresh of deployment \"%s\": %d of %d steps failed", run->deployment, num_failed, run->num_steps),
				 errdetail("Failed: %s.", failed),
				 errhint("The reasons are in %s.refresh_log, for run %lld; the other steps are up to date.",
						 run->schema, (long long) run->number)));
	SPI_finish();
}

PG_FUNCTION_INFO_V1(nkpi_refresh);
Datum
nkpi_refresh(PG_FUNCTION_ARGS)
{
	refresh_run run = {0};

	run.has_as_of = !PG_ARGISNULL(1);
	run.full = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
	if (run.has_as_of)
	{
		run.as_of = PG_GETARG_DATEADT(1);
		if (DATE_NOT_FINITE(run.as_of))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the day to refresh as of must be finite")));
	}
	refresh(&run, fcinfo);
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(nkpi_refresh_if_stale);
Datum
nkpi_refresh_if_stale(PG_FUNCTION_ARGS)
{
	refresh_run run = {0};

	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the age from which figures are stale must not be NULL")));
	run.max_age = PG_GETARG_INTERVAL_P(1);
	refresh(&run, fcinfo);
	PG_RETURN_VOID();
}
