CREATE FOREIGN DATA WRAPPER torture_wrapper OPTIONS (debug 'true');
CREATE SERVER torture_server TYPE 'x' VERSION '1' FOREIGN DATA WRAPPER torture_wrapper
    OPTIONS (host 'nowhere', dbname 'a''b');
CREATE USER MAPPING FOR torture_reader SERVER torture_server OPTIONS (user 'x', password 'y');
CREATE USER MAPPING FOR PUBLIC SERVER torture_server;
CREATE FOREIGN TABLE far (
    a integer OPTIONS (column_name 'A') NOT NULL,
    b text DEFAULT 'x' COLLATE "C",
    CHECK (a > 0)
) SERVER torture_server OPTIONS (schema_name 's');
CREATE VIEW near AS SELECT a, b FROM far WHERE a > 3;
CREATE TABLE parted (a integer) PARTITION BY RANGE (a);
CREATE FOREIGN TABLE parted_far PARTITION OF parted FOR VALUES FROM (1) TO (5) SERVER torture_server;
GRANT USAGE ON FOREIGN SERVER torture_server TO torture_reader;
GRANT ALL ON FOREIGN DATA WRAPPER torture_wrapper TO torture_reader;
