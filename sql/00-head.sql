-- naloxone_kpi @VERSION@: the extension's objects. Concatenated from sql/*.sql by the Makefile.
\echo Use "CREATE EXTENSION naloxone_kpi CASCADE" to load this file. \quit

-- Anyone may use the types and functions; what they do with them is bounded by their own rights.
GRANT USAGE ON SCHEMA @extschema@ TO PUBLIC;
