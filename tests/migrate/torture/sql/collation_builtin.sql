-- from: 17
CREATE COLLATION built_in (PROVIDER = builtin, LOCALE = 'C.UTF-8');
CREATE TABLE words (a text COLLATE built_in, b text COLLATE pg_c_utf8);
