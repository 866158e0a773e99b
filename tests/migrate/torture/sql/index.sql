-- from: 15
CREATE TABLE docs (a integer, b text, c jsonb, d point, e integer[], f timestamptz, g tsvector, h inet);
CREATE INDEX docs_plain ON docs (a DESC NULLS LAST, b text_pattern_ops) INCLUDE (f) WITH (fillfactor = 60);
CREATE UNIQUE INDEX docs_unique ON docs (lower(b)) NULLS NOT DISTINCT WHERE a IS NOT NULL;
CREATE INDEX docs_gin ON docs USING gin (c jsonb_path_ops, e) WITH (fastupdate = off);
CREATE INDEX docs_gist ON docs USING gist (d, h inet_ops) WITH (buffering = off);
CREATE INDEX docs_brin ON docs USING brin (f timestamptz_minmax_multi_ops (values_per_range = 16)) WITH (pages_per_range = 8);
CREATE INDEX docs_hash ON docs USING hash (b);
CREATE INDEX docs_spgist ON docs USING spgist (d);
CREATE INDEX docs_gist_options ON docs USING gist (g tsvector_ops (siglen = 64));
CREATE INDEX docs_expression ON docs ((a + 1), (c ->> 'x'), (b || 'y') text_pattern_ops);
CREATE INDEX docs_varchar ON docs (a) WHERE b::varchar IN ('x', 'y');
CREATE INDEX "Index; mit ""Zeichen""" ON docs (a);
ALTER INDEX docs_expression ALTER COLUMN 1 SET STATISTICS 77;
CREATE INDEX CONCURRENTLY docs_concurrently ON docs (h);
CREATE INDEX ON docs (f, a);
