CREATE ACCESS METHOD torture_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE ACCESS METHOD torture_gist TYPE INDEX HANDLER gisthandler;
CREATE TABLE stored (a integer) USING torture_heap;
CREATE TABLE plain (a integer) USING heap;
CREATE MATERIALIZED VIEW stored_view USING torture_heap AS SELECT 1 AS a;
