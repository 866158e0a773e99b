CREATE COLLATION plain_c (PROVIDER = libc, LOCALE = 'C');
CREATE COLLATION split (PROVIDER = libc, LC_COLLATE = 'POSIX', LC_CTYPE = 'C');
CREATE COLLATION copied FROM "C";
CREATE TABLE words (a text COLLATE plain_c, b text COLLATE "C" DEFAULT 'x', c varchar(3)[] COLLATE "POSIX");
CREATE INDEX words_b ON words (b COLLATE plain_c DESC, lower(a) COLLATE "C");
CREATE DOMAIN word AS text COLLATE plain_c CHECK (VALUE > 'a' COLLATE "C");
CREATE TYPE pair AS (a text COLLATE "C");
CREATE TYPE span AS RANGE (SUBTYPE = text, COLLATION = "C");
