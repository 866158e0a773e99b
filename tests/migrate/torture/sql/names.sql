CREATE TABLE "Table With; Semicolon" ("Column ""quoted""" integer, "select" text, "日本" text, "a.b" text);
CREATE TABLE "select" ("from" integer PRIMARY KEY, "a'b" text DEFAULT 'c''d');
CREATE VIEW "View -- dashes" AS SELECT "日本", "a.b" FROM "Table With; Semicolon";
CREATE FUNCTION "f(x)"("arg 1" integer) RETURNS integer LANGUAGE sql AS 'SELECT "arg 1"';
CREATE TABLE a_name_that_is_exactly_sixty_three_bytes_long_as_the_server_has_it (a integer);
CREATE SCHEMA "torture.Schema";
CREATE TABLE "torture.Schema"."Table" (a integer, b names."select"[]);
