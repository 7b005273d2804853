# Records of every source that a rollup is made of, and random changes of them: for tests of what a refresh keeps up to date.
package Records;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(workload);

# What to run in a database with the extension: schema "workload". $deployment must be there. Every row belongs to a writer, by its
# recorded_at, so that writers that run at once never wait for one another.
sub workload
{
	my ($deployment, $administrations, $writers) = @_;

	return sprintf <<'SQL', $deployment, $administrations, $writers;
CREATE SCHEMA workload;
CREATE TABLE workload.size AS SELECT '%1$s'::name AS deployment, %2$d AS administrations, %3$d AS writers;
CREATE TABLE workload.source (position serial, source text, id text, moment text, division text, keys text[]);
INSERT INTO workload.source (source, id, moment, division, keys) VALUES
	('administration', 'administration_id', 'occurred_at', 'incident_division_code', '{incident_id,person_key}'),
	('overdose_incident', 'incident_id', 'occurred_at', 'incident_division_code', '{}'),
	('ambulance_activation', 'activation_id', 'clock_started_at', 'division_code', '{incident_id}'),
	('referral_event', NULL, 'occurred_at', NULL, '{person_key,administration_id}'),
	('direct_measure', 'measure_id', 'issued_on', 'division_code', '{measure_person_key}'),
	('recorded_crime', NULL, 'recorded_on', 'division_code', '{}'),
	('kit_movement', NULL, 'moved_at', 'division_code', '{}'),
	('drug_death', 'death_id', 'died_on', 'division_code', '{administration_id}'),
	('substance_signal', 'signal_id', 'observed_on', 'division_code', '{}'),
	('survey_response', NULL, 'answered_on', 'division_code', '{}');
CREATE SEQUENCE workload.new_id;
-- Of one incident no two administrations are of the same person.
CREATE SEQUENCE workload.person_in_incident MAXVALUE 32767 CYCLE;

CREATE FUNCTION workload.any_of(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE
	RETURN choices[1 + floor(random() * cardinality(choices))::integer];
-- "gone" is a division that does not hold; some records name none.
CREATE FUNCTION workload.any_division() RETURNS text LANGUAGE sql VOLATILE
	RETURN workload.any_of('A', 'A', 'G', 'G', 'D', 'gone', NULL);
CREATE FUNCTION workload.any_moment() RETURNS timestamptz LANGUAGE sql VOLATILE
	RETURN CASE WHEN random() < 0.002 THEN timestamptz 'infinity' ELSE timestamptz '2025-04-01 00:00+00' + random() * interval '120 days' END;
CREATE FUNCTION workload.any_key(kind text) RETURNS text LANGUAGE sql VOLATILE
	RETURN CASE WHEN kind <> 'incident_id' AND random() < 0.1 THEN NULL
				ELSE left(kind, 1) || floor(random() * (SELECT administrations FROM workload.size) / CASE WHEN kind LIKE '%%person_key' THEN 8 ELSE 1 END)::text END;
CREATE FUNCTION workload.writer_day(writer integer) RETURNS timestamptz LANGUAGE sql IMMUTABLE
	RETURN timestamptz '2025-07-01 00:00+00' + writer * interval '1 day';

SET search_path = %1$s, naloxone_kpi, pg_temp;
INSERT INTO division_record (division_code, division_name, region, valid_from)
VALUES ('G', 'Greater Glasgow', 'West', '2013-04-01'), ('A', 'North East', 'North', '2013-04-01'), ('D', 'Tayside', 'North', '2025-05-15');
INSERT INTO population_record (area_type, area_code, year, people)
VALUES ('division', 'G', 2024, 826400), ('division', 'A', 2024, 582000), ('division', 'D', 2024, 417000);
INSERT INTO source_coverage_record (source, division_code, covered_from)
SELECT s.source, d.code, '2025-04-01' FROM workload.source s, unnest(ARRAY['A', 'D', 'G']) AS d (code);

INSERT INTO administration_record (administration_id, incident_id, person_in_incident, incident_division_code, officer_division_code, occurred_at, police_arrived_at,
	naloxone_first_at, person_key, doses, outcome, survival, survival_as_at, call_source, ambulance_category_first, ambulance_category_last,
	clock, ambulance_clock_started_at, ambulance_attended, ambulance_arrived_at, recorded_at)
SELECT 'a' || n, 'i' || n / 2 * 2, nextval('workload.person_in_incident'), workload.any_division(), workload.any_division(), t, t, t + random() * interval '9 min',
	workload.any_key('person_key'), ARRAY['2 x 1800 mcg intranasal']::naloxone_dose[], workload.any_of('conscious_responsive', 'unconscious', NULL),
	workload.any_of('survived', 'survived', 'died', 'not_known', NULL), 'handover', 'public', workload.any_of('Purple', 'Red'),
	'Red', workload.any_of('call', 'acuity_assigned'), t, true, t + random() * interval '30 min', workload.writer_day(n %% %3$d)
FROM generate_series(1, %2$d) n CROSS JOIN LATERAL (SELECT workload.any_moment() WHERE n > 0) AS m (t);
INSERT INTO overdose_incident_record (incident_id, incident_division_code, occurred_at, naloxone_given, recorded_at)
SELECT 'i' || n, workload.any_division(), workload.any_moment(), random() < 0.7, workload.writer_day(n %% %3$d) FROM generate_series(1, %2$d / 2) n;
INSERT INTO ambulance_activation_record (activation_id, incident_id, division_code, category_first, category_last, clock, clock_started_at, arrived_at, call_source, recorded_at)
SELECT 'v' || n, workload.any_key('incident_id'), workload.any_division(), 'Purple', workload.any_of('Purple', 'Red'), 'call', t, t + random() * interval '30 min',
	'public', workload.writer_day(n %% %3$d)
FROM generate_series(1, %2$d / 2) n CROSS JOIN LATERAL (SELECT workload.any_moment() WHERE n > 0) AS m (t);
INSERT INTO referral_event_record (person_key, administration_id, origin, route, stage, occurred_at, recorded_at)
SELECT coalesce(workload.any_key('person_key'), 'p0'), workload.any_key('administration_id'), 'overdose', workload.any_of('concern_report', 'mash', NULL),
	workload.any_of('reviewed', 'offered', 'consented', 'referred', 'contacted', 'engaged', 'died'), workload.any_moment(), workload.writer_day(n %% %3$d)
FROM generate_series(1, %2$d) n;
INSERT INTO direct_measure_record (measure_id, division_code, issued_on, offence, kind, drug_class, measure_person_key, recorded_at)
SELECT 'm' || n, workload.any_division(), workload.any_moment()::date, 'drug_possession', workload.any_of('recorded_police_warning', 'report_to_prosecutor'),
	workload.any_of('A', 'B', NULL), workload.any_key('measure_person_key'), workload.writer_day(n %% %3$d) FROM generate_series(1, %2$d) n;
INSERT INTO recorded_crime_record (division_code, recorded_on, kind, crimes, recorded_at)
SELECT workload.any_division(), workload.any_moment()::date, workload.any_of('possession', 'supply'), 1 + n %% 9, workload.writer_day(n %% %3$d) FROM generate_series(1, %2$d / 4) n;
INSERT INTO kit_movement_record (division_code, moved_at, movement, kits, recorded_at)
SELECT workload.any_division(), workload.any_moment(), workload.any_of('received', 'issued', 'used', 'expired'), 1 + n %% 9, workload.writer_day(n %% %3$d) FROM generate_series(1, %2$d / 4) n;
INSERT INTO drug_death_record (death_id, division_code, died_on, status, administration_id, recorded_at)
SELECT 'd' || n, workload.any_division(), workload.any_moment()::date, workload.any_of('suspected', 'confirmed'), workload.any_key('administration_id'), workload.writer_day(n %% %3$d)
FROM generate_series(1, %2$d / 8) n;
INSERT INTO substance_signal_record (signal_id, division_code, observed_on, kind, basis, substances, recorded_at)
SELECT 's' || n, workload.any_division(), workload.any_moment()::date, 'toxicology', workload.any_of('suspected', 'tested'), ARRAY['heroin', 'nitazene'], workload.writer_day(n %% %3$d)
FROM generate_series(1, %2$d / 8) n;
INSERT INTO survey_response_record (survey, wave, respondent_key, division_code, answered_on, question, score, recorded_at)
SELECT 'officers', 'after', 'r' || n, workload.any_division(), workload.any_moment()::date, 'q1', 1 + n %% 5, workload.writer_day(n %% %3$d) FROM generate_series(1, %2$d / 8) n;
RESET search_path;

-- One change of one writer's records: a statement of any kind, on one to forty rows of any source.
CREATE FUNCTION workload.change(writer integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	deployment name := (SELECT deployment FROM workload.size);
	s workload.source := (SELECT s FROM workload.source s ORDER BY random() LIMIT 1);
	kind text := workload.any_of('insert', 'insert', 'move', 'move', 'rekey', 'touch', 'delete', 'upsert', 'rename', 'undone');
	target text := format('%%I.%%I', deployment, s.source || '_record');
	num_rows integer := floor(power(40, random()))::integer;
	mine text := format('r.ctid IN (SELECT o.ctid FROM %%s o WHERE o.recorded_at = %%L ORDER BY random() LIMIT %%s)', target, workload.writer_day(writer), num_rows);
	moved text := quote_literal(s.moment) || ', workload.any_moment()' || coalesce(', ' || quote_literal(s.division) || ', workload.any_division()', '');
	new_id text := coalesce(', ' || quote_literal(s.id) || ', ''n'' || nextval(''workload.new_id'')', '')
				   || CASE s.source WHEN 'administration' THEN ', ''person_in_incident'', nextval(''workload.person_in_incident'')' ELSE '' END;
	copied text := 'INSERT INTO %%s SELECT (c.copy).* FROM (SELECT jsonb_populate_record(r, jsonb_build_object(%%s)) AS copy FROM %%s r WHERE %%s OFFSET 0) c';
	assigned text := quote_ident(s.moment) || ' = workload.any_moment()' || coalesce(', ' || quote_ident(s.division) || ' = workload.any_division()', '');
	keyed text := (SELECT string_agg(format('%%I = coalesce(workload.any_key(%%1$L), ''p1'')', k), ', ') FROM unnest(s.keys) AS k);
BEGIN
	CASE kind
		WHEN 'insert' THEN EXECUTE format(copied, target, moved || new_id, target, mine);
		WHEN 'move' THEN EXECUTE format('UPDATE %%s r SET %%s WHERE %%s', target, assigned, mine);
		WHEN 'rekey' THEN EXECUTE format('UPDATE %%s r SET %%s WHERE %%s', target, coalesce(keyed, assigned), mine);
		WHEN 'rename' THEN EXECUTE format('UPDATE %%s r SET %%s WHERE %%s', target,
										  coalesce(quote_ident(s.id) || ' = ''n'' || nextval(''workload.new_id'')', assigned), mine);
		WHEN 'touch' THEN EXECUTE format('UPDATE %%s r SET %%I = %%2$I WHERE %%s', target, s.moment, mine);
		WHEN 'delete' THEN EXECUTE format('DELETE FROM %%s r WHERE %%s', target, mine);
		WHEN 'upsert' THEN
			EXECUTE format(copied, target, moved || CASE WHEN s.id IS NULL THEN '' ELSE CASE WHEN random() < 0.3 THEN new_id ELSE '' END END, target, mine)
				|| CASE WHEN s.id IS NULL THEN '' ELSE format(' ON CONFLICT (%%I) DO UPDATE SET %%I = excluded.%%2$I, %%I = excluded.%%3$I', s.id, s.moment, s.division) END;
		WHEN 'undone' THEN
			BEGIN
				EXECUTE format('DELETE FROM %%s r WHERE %%s', target, mine);
				RAISE division_by_zero;
			EXCEPTION WHEN division_by_zero THEN
				EXECUTE format('UPDATE %%s r SET %%s WHERE %%s', target, assigned, mine);
			END;
	END CASE;
END
$$;

-- Rows and a digest of every view for analysts, but for the one that tells when they were refreshed.
CREATE FUNCTION workload.figures(OUT view text, OUT num_rows bigint, OUT digest text) RETURNS SETOF record LANGUAGE plpgsql STABLE AS $$
BEGIN
	FOR view IN
		SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = (SELECT deployment || '_bi' FROM workload.size) AND c.relkind IN ('r', 'v', 'm') AND c.relname <> 'kpi_refresh_status' ORDER BY 1
	LOOP
		EXECUTE format('SELECT count(*), coalesce(md5(string_agg(md5(t::text), '''' ORDER BY md5(t::text) COLLATE "C")), '''') FROM %%s t', view) INTO num_rows, digest;
		RETURN NEXT;
	END LOOP;
END
$$;
-- The sources that rollups are made of and that no change here touches: there must be none.
CREATE FUNCTION workload.forgotten() RETURNS text LANGUAGE sql STABLE
	RETURN (SELECT string_agg(DISTINCT r.source, ', ') FROM %1$s.rollup_source r
			WHERE r.source <> 'setting' AND NOT EXISTS (SELECT FROM workload.source s WHERE s.source = r.source));
SQL
}

1;
