CREATE TABLE everything (
    a smallint, b bigint, c real, d numeric, e numeric(5, 2), f varchar, g varchar(20), h char, i "char",
    j name, k bytea, l timestamp(3), m timestamptz(0), n time, o timetz, p interval day to second(2),
    q boolean, r point, s box, t cidr, u macaddr8, v bit varying(9), w tsvector, x tsquery, y uuid, z text,
    aa json, ab jsonb, ac int4range, ad nummultirange, ae oid, af regclass, ag pg_lsn, ah jsonpath,
    ai integer[][], aj varchar(5)[], ak money, al circle
);
CREATE TABLE nothing ();
CREATE UNLOGGED TABLE light (a integer);
CREATE TABLE options_of (a text) WITH (fillfactor = 42, autovacuum_enabled = false,
    toast.autovacuum_enabled = false, toast_tuple_target = 1024, parallel_workers = 3);
CREATE TABLE copied (LIKE options_of INCLUDING ALL, b integer);
CREATE TABLE dropped (a integer, gone text, b integer);
ALTER TABLE dropped DROP COLUMN gone;
ALTER TABLE dropped ADD COLUMN c integer DEFAULT 3;
ALTER TABLE dropped RENAME b TO renamed;
