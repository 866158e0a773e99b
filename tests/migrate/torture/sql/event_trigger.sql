CREATE FUNCTION noticed() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN NULL; END';
CREATE EVENT TRIGGER torture_end ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION noticed();
CREATE EVENT TRIGGER torture_drop ON sql_drop EXECUTE FUNCTION noticed();
ALTER EVENT TRIGGER torture_drop DISABLE;
CREATE EVENT TRIGGER torture_rewrite ON table_rewrite EXECUTE FUNCTION noticed();
ALTER EVENT TRIGGER torture_rewrite ENABLE ALWAYS;
CREATE TABLE made_after (a integer);
