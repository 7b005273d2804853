-- What people write on forms, read without guessing: each function gives a value, or says by its name what is wrong with the
-- text (a rule of form_rule). None raises an error, whatever the text is, and none reads a setting of the session. doc/ingest.md

CREATE FUNCTION form_time(written text, date_order text, zone text, OUT moment timestamptz, OUT problem text)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    months constant text[] := '{january,february,march,april,may,june,july,august,september,october,november,december}';
    part text[];
    in_year text;
    in_month text;
    in_day text;
    in_hour text;
    in_minute text;
    in_second text;
    year integer;
    month integer;
    day integer;
    hour integer;
    local timestamp;
    utc timestamptz;
    earlier timestamptz;
    later timestamptz;
BEGIN
    -- The two ways in which nearly all are written are told without captures, which take most of the time.
    IF written ~ '^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?$' THEN
        in_year := substr(written, 1, 4); in_month := substr(written, 6, 2); in_day := substr(written, 9, 2);
        in_hour := substr(written, 12, 2); in_minute := substr(written, 15, 2); in_second := nullif(substr(written, 18, 2), '');
    ELSIF written ~ '^\d\d/\d\d/\d{4} \d\d:\d\d(:\d\d)?$' AND date_order <> 'YMD' THEN
        in_year := substr(written, 7, 4);
        in_month := substr(written, CASE date_order WHEN 'DMY' THEN 4 ELSE 1 END, 2);
        in_day := substr(written, CASE date_order WHEN 'DMY' THEN 1 ELSE 4 END, 2);
        in_hour := substr(written, 12, 2); in_minute := substr(written, 15, 2); in_second := nullif(substr(written, 18, 2), '');
    ELSE
        part := regexp_match(written, '^(\d{1,4})([-/. ])(\d{1,2}|[a-z]{3,9})\2(\d{1,4})(?: +|t)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?'
                                      ' ?([ap]m)? ?(z|utc|gmt|bst|[-+]\d{2}(?::?\d{2})?)?$', 'i');
        IF part IS NULL THEN
            problem := CASE WHEN written ~* '^\d{1,4}([-/. ])(\d{1,2}|[a-z]{3,9})\1\d{1,4}$' THEN 'no_time_of_day' ELSE 'not_a_time' END;
            RETURN;
        END IF;
        -- Which is the year, the month and the day: what the text says by itself, or else what the setting says.
        IF length(part[1]) = 4 AND length(part[4]) <= 2 THEN
            in_year := part[1]; in_month := part[3]; in_day := part[4];
        ELSIF length(part[4]) = 4 AND length(part[1]) <= 2 THEN
            in_year := part[4];
            IF part[3] !~ '^\d' OR date_order = 'DMY' THEN
                in_day := part[1]; in_month := part[3];
            ELSIF date_order = 'MDY' THEN
                in_month := part[1]; in_day := part[3];
            ELSE
                problem := 'ambiguous_date';
                RETURN;
            END IF;
        ELSE
            problem := CASE WHEN length(part[1]) <= 2 AND length(part[4]) <= 2 THEN 'two_digit_year' ELSE 'not_a_time' END;
            RETURN;
        END IF;
        in_hour := part[5]; in_minute := part[6]; in_second := part[7];
    END IF;
    year := in_year::integer;
    day := in_day::integer;
    IF in_month ~ '^\d' THEN
        month := in_month::integer;
    ELSE
        SELECT n INTO month FROM unnest(months) WITH ORDINALITY AS m (name, n)
        WHERE lower(in_month) IN (name, left(name, 3)) OR (name = 'september' AND lower(in_month) = 'sept');
    END IF;
    IF year NOT BETWEEN 1900 AND 2100 THEN
        problem := 'implausible_year';
        RETURN;
    END IF;
    -- Never the other way round where there is no such month.
    IF month IS NULL OR month NOT BETWEEN 1 AND 12 OR day < 1
       OR day > extract(day FROM make_date(year, month, 1) + interval '1 month' - interval '1 day') THEN
        problem := 'no_such_day';
        RETURN;
    END IF;

    hour := in_hour::integer;
    IF part[8] IS NOT NULL THEN
        hour := CASE WHEN hour BETWEEN 1 AND 12 THEN hour % 12 + CASE lower(part[8]) WHEN 'pm' THEN 12 ELSE 0 END ELSE 24 END;
    END IF;
    IF hour > 23 OR in_minute::integer > 59 OR coalesce(in_second::integer, 0) > 59 THEN
        problem := 'no_such_time';
        RETURN;
    END IF;
    local := make_timestamp(year, month, day, hour, in_minute::integer, coalesce(in_second::integer, 0));

    IF part[9] IS NOT NULL THEN
        IF lower(part[9]) IN ('z', 'utc', 'gmt') THEN
            moment := local AT TIME ZONE 'UTC';
        ELSIF lower(part[9]) = 'bst' THEN
            moment := (local - interval '1 hour') AT TIME ZONE 'UTC';
        ELSIF substr(part[9], 2, 2)::integer > 15 OR right('00' || substr(part[9], 4), 2)::integer > 59 THEN
            problem := 'no_such_time';
        ELSE
            moment := (local - (left(part[9], 1) || '1')::integer
                             * make_interval(hours => substr(part[9], 2, 2)::integer, mins => right('00' || substr(part[9], 4), 2)::integer))
                      AT TIME ZONE 'UTC';
        END IF;
        RETURN;
    END IF;

    -- By the clock that went before, and by the one that came after: the same except about a change.
    utc := local AT TIME ZONE 'UTC';
    earlier := (local - ((utc - interval '24 hours') AT TIME ZONE zone - (utc - interval '24 hours') AT TIME ZONE 'UTC')) AT TIME ZONE 'UTC';
    later := (local - ((utc + interval '24 hours') AT TIME ZONE zone - (utc + interval '24 hours') AT TIME ZONE 'UTC')) AT TIME ZONE 'UTC';
    IF earlier = later THEN
        moment := earlier;
    ELSIF earlier AT TIME ZONE zone = local AND later AT TIME ZONE zone = local THEN
        moment := least(earlier, later);
        problem := 'hour_occurs_twice';
    ELSIF earlier AT TIME ZONE zone = local THEN
        moment := earlier;
    ELSIF later AT TIME ZONE zone = local THEN
        moment := later;
    ELSE
        problem := 'time_does_not_exist';
    END IF;
END
$$;
COMMENT ON FUNCTION form_time(text, text, text) IS
    'a date and time as written on a form, in an order of year, month and day (YMD, DMY, MDY) and a time zone; or what is wrong with it';

CREATE FUNCTION form_age_band(written text, OUT age_band text, OUT problem text)
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part text[] := regexp_match(written, '^(\d{1,3})(?: ?(?:(-|–|to) ?(\d{1,3}|\*)|(\+|and over|or over)))?$', 'i');
    low integer := part[1]::integer;
    high integer := nullif(part[3], '*')::integer;
BEGIN
    IF part IS NULL OR low > 120 OR high > 120 OR high < low THEN
        problem := 'not_an_age';
    ELSIF low >= 85 THEN
        age_band := '85+';
    ELSIF part[2] IS NULL AND part[4] IS NULL THEN
        age_band := low / 5 * 5 || '-' || low / 5 * 5 + 4;
    ELSIF high IS NULL THEN
        age_band := low || '+';
    ELSE
        age_band := low || '-' || high;
    END IF;
END
$$;
COMMENT ON FUNCTION form_age_band(text) IS 'the band of an age or of a span of ages as written on a form; or what is wrong with it';

CREATE FUNCTION form_doses(written text, route text, OUT doses naloxone_dose[], OUT problem text)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kinds text[];
    kind text;
    part text[];
    read naloxone_kpi.naloxone_dose[] := '{}';
BEGIN
    IF written IS NULL THEN
        RETURN;
    ELSIF route <> ALL ('{intranasal,intramuscular,intravenous,subcutaneous}') THEN
        problem := 'not_doses';
        RETURN;
    ELSIF written ~ '^[1-9]\d?$' THEN
        doses := ARRAY[naloxone_kpi.naloxone_dose(written::integer, NULL, route)];
        RETURN;
    END IF;
    kinds := regexp_split_to_array(lower(written), '\s*[;,+]\s*');
    FOREACH kind IN ARRAY kinds LOOP
        part := regexp_match(kind, '^(\d{1,4})(?:\s*x\s*(?:unknown|(\d{1,6})\s*(?:mcg|micrograms))(?:\s+(intranasal|intramuscular|intravenous|subcutaneous))?)?$');
        IF part IS NULL OR part[1]::integer > 1000 OR part[2]::integer NOT BETWEEN 1 AND 100000 OR route <> part[3] THEN
            problem := 'not_doses';
            RETURN;
        ELSIF part[1]::integer = 0 THEN
            problem := 'no_dose_given';
            RETURN;
        END IF;
        read := read || naloxone_kpi.naloxone_dose(part[1]::integer, part[2]::integer, coalesce(part[3], route));
    END LOOP;
    doses := read;
END
$$;
COMMENT ON FUNCTION form_doses(text, text) IS
    'doses as written on a form: their number, or number, strength and route of each kind; or what is wrong with them';

CREATE FUNCTION form_yes_no(written text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN pg_catalog.lower(written) = ANY ('{yes,y,1,true,t}'::text[]) THEN true
                WHEN pg_catalog.lower(written) = ANY ('{no,n,0,false,f}'::text[]) THEN false END;
COMMENT ON FUNCTION form_yes_no(text) IS 'yes or no as written on a form; NULL for all else';

CREATE FUNCTION form_not_recorded(written text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN pg_catalog.lower(written) = ANY ('{"not known","not recorded",unknown,n/k,nk,n/a,na,-,?}'::text[]);
COMMENT ON FUNCTION form_not_recorded(text) IS 'whether what is written on a form says that nothing was recorded';

-- As values are compared: letter case, and whether words are joined by spaces, hyphens or underscores, do not matter.
CREATE FUNCTION form_word(written text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN pg_catalog.replace(pg_catalog.translate(pg_catalog.lower(written), ' -', '__'), '__', '_');
COMMENT ON FUNCTION form_word(text) IS 'a value of a list as written on a form, in one spelling';
