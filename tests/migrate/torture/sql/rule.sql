CREATE TABLE log_of (a integer, at timestamptz DEFAULT now());
CREATE TABLE watched (a integer);
CREATE RULE note AS ON INSERT TO watched DO ALSO (INSERT INTO log_of (a) VALUES (NEW.a); NOTIFY torture);
CREATE RULE never AS ON DELETE TO watched WHERE OLD.a > 3 DO INSTEAD NOTHING;
ALTER TABLE watched DISABLE RULE never;
CREATE RULE always AS ON UPDATE TO watched DO ALSO UPDATE log_of SET a = NEW.a WHERE a = OLD.a;
ALTER TABLE watched ENABLE ALWAYS RULE always;
CREATE VIEW shown AS SELECT a FROM watched;
CREATE RULE through AS ON INSERT TO shown DO INSTEAD INSERT INTO watched VALUES (NEW.a) RETURNING watched.a;
