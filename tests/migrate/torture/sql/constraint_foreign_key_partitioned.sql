CREATE TABLE days (day date, id integer, PRIMARY KEY (day, id)) PARTITION BY RANGE (day);
CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE days_2 PARTITION OF days DEFAULT;
CREATE TABLE notes (day date, id integer, FOREIGN KEY (day, id) REFERENCES days)
    PARTITION BY LIST (id);
CREATE TABLE notes_1 PARTITION OF notes FOR VALUES IN (1, NULL);
CREATE TABLE notes_2 (extra integer, id integer, day date);
ALTER TABLE notes_2 DROP COLUMN extra;
ALTER TABLE notes ATTACH PARTITION notes_2 DEFAULT;
