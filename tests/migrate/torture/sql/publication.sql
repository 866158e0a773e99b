-- from: 15
CREATE TABLE news (id integer PRIMARY KEY, body text, hidden boolean);
CREATE TABLE more_news (id integer PRIMARY KEY);
CREATE PUBLICATION torture_tables FOR TABLE news (id, body) WHERE (id > 5), ONLY more_news
    WITH (publish = 'insert, update');
CREATE PUBLICATION torture_schema FOR TABLES IN SCHEMA publication;
CREATE PUBLICATION torture_all FOR ALL TABLES WITH (publish_via_partition_root = true);
CREATE PUBLICATION torture_empty;
