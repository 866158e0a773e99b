-- from: 15
CREATE SEQUENCE plain;
CREATE SEQUENCE full_of AS smallint INCREMENT BY -3 MINVALUE -50 MAXVALUE 90 START WITH 60 CACHE 4 CYCLE;
CREATE UNLOGGED SEQUENCE light;
CREATE TABLE owner_of (a integer, b bigint DEFAULT nextval('plain'));
CREATE SEQUENCE owned OWNED BY owner_of.a;
ALTER SEQUENCE plain AS integer;
CREATE TABLE made (id serial, other smallserial);
ALTER SEQUENCE made_other_seq OWNED BY NONE;
