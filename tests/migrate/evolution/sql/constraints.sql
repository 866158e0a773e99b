-- edit: check_added, applied
CREATE TABLE t (a integer, s varchar(9));
-- rows:
INSERT INTO t VALUES (1, 'a'), (2, 'b');
-- becomes:
CREATE TABLE t (a integer CHECK (a > 0), s varchar(9) CHECK (s IN ('a', 'b')));

-- edit: check_changed, reported
CREATE TABLE t (a integer CONSTRAINT c CHECK (a > 0));
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer CONSTRAINT c CHECK (a > 5));

-- edit: check_dropped, reported
CREATE TABLE t (a integer CONSTRAINT c CHECK (a > 0));
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer);

-- edit: check_not_valid_added, applied
CREATE TABLE t (a integer);
-- rows:
INSERT INTO t VALUES (-1);
-- becomes:
CREATE TABLE t (a integer);
ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;

-- edit: check_validated, applied
CREATE TABLE t (a integer);
ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;
-- rows:
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE t (a integer CONSTRAINT c CHECK (a > 0));

-- edit: foreign_key_added, applied
CREATE TABLE p (id integer PRIMARY KEY);
CREATE TABLE t (a integer, p integer);
-- rows:
INSERT INTO p VALUES (1);
INSERT INTO t VALUES (1, 1), (2, NULL);
-- becomes:
CREATE TABLE p (id integer PRIMARY KEY);
CREATE TABLE t (a integer, p integer REFERENCES p ON DELETE SET NULL);

-- edit: foreign_key_to_new_table_added, applied
CREATE TABLE t (a integer, p integer);
-- rows:
INSERT INTO t VALUES (1, NULL);
-- becomes:
CREATE TABLE p (id integer PRIMARY KEY);
CREATE TABLE t (a integer, p integer REFERENCES p DEFERRABLE);

-- edit: foreign_key_changed, reported
CREATE TABLE p (id integer PRIMARY KEY);
CREATE TABLE t (p integer REFERENCES p);
-- rows:
INSERT INTO p VALUES (1);
INSERT INTO t VALUES (1);
-- becomes:
CREATE TABLE p (id integer PRIMARY KEY);
CREATE TABLE t (p integer REFERENCES p ON DELETE CASCADE DEFERRABLE);

-- edit: foreign_key_of_partitioned_added, applied
CREATE TABLE p (id integer PRIMARY KEY);
CREATE TABLE t (id integer, p integer) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
-- rows:
INSERT INTO p VALUES (1);
INSERT INTO t VALUES (1, 1);
-- becomes:
CREATE TABLE p (id integer PRIMARY KEY);
CREATE TABLE t (id integer, p integer REFERENCES p) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);

-- edit: unique_added, applied
CREATE TABLE t (a integer, b integer);
-- rows:
INSERT INTO t VALUES (1, 1), (2, 2);
-- becomes:
CREATE TABLE t (a integer UNIQUE, b integer, CONSTRAINT pair UNIQUE (b, a) DEFERRABLE);

-- edit: primary_key_added, applied
CREATE TABLE t (id integer NOT NULL, a text);
-- rows:
INSERT INTO t VALUES (1, 'x'), (2, 'y');
-- becomes:
CREATE TABLE t (id integer PRIMARY KEY, a text);

-- edit: primary_key_moved, reported
CREATE TABLE t (id integer PRIMARY KEY, other integer NOT NULL);
-- rows:
INSERT INTO t VALUES (1, 3), (2, 4);
-- becomes:
CREATE TABLE t (id integer, other integer PRIMARY KEY);

-- edit: unique_columns_changed, reported
CREATE TABLE t (a integer, b integer, CONSTRAINT k UNIQUE (a));
-- rows:
INSERT INTO t VALUES (1, 3), (2, 4);
-- becomes:
CREATE TABLE t (a integer, b integer, CONSTRAINT k UNIQUE (a, b));

-- edit: unique_becomes_index, reported
CREATE TABLE t (a integer, CONSTRAINT k UNIQUE (a));
-- rows:
INSERT INTO t VALUES (1), (2);
-- becomes:
CREATE TABLE t (a integer);
CREATE UNIQUE INDEX k ON t (a);

-- edit: exclusion_added, applied
CREATE TABLE t (during int4range);
-- rows:
INSERT INTO t VALUES ('[1,5)'), ('[5,9)');
-- becomes:
CREATE TABLE t (during int4range, CONSTRAINT k EXCLUDE USING gist (during WITH &&));

-- edit: not_null_of_an_inherited_column_added, applied
CREATE TABLE t (a integer);
CREATE TABLE u () INHERITS (t);
-- rows:
INSERT INTO t VALUES (NULL);
INSERT INTO u VALUES (1);
-- becomes:
CREATE TABLE t (a integer);
CREATE TABLE u () INHERITS (t);
ALTER TABLE u ALTER a SET NOT NULL;

-- edit: key_of_partitioned_added, applied
CREATE TABLE t (id integer NOT NULL, a integer) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10) PARTITION BY LIST (a);
CREATE TABLE t_2 PARTITION OF t_1 FOR VALUES IN (1);
-- rows:
INSERT INTO t VALUES (1, 1);
-- becomes:
CREATE TABLE t (id integer NOT NULL, a integer, UNIQUE (id, a)) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10) PARTITION BY LIST (a);
CREATE TABLE t_2 PARTITION OF t_1 FOR VALUES IN (1);

-- edit: primary_key_of_partitioned_added, applied
CREATE TABLE t (id integer, a integer) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
-- rows:
INSERT INTO t VALUES (1, 1);
-- becomes:
CREATE TABLE t (id integer PRIMARY KEY, a integer) PARTITION BY RANGE (id);
CREATE TABLE t_1 PARTITION OF t (id CONSTRAINT t_1_id_not_null NOT NULL) FOR VALUES FROM (0) TO (10);
