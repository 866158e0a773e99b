CREATE TABLE posts (id integer, author text, draft boolean, kind varchar(5));
ALTER TABLE posts ENABLE ROW LEVEL SECURITY;
ALTER TABLE posts FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON posts USING (author = CURRENT_USER) WITH CHECK (author = CURRENT_USER AND NOT draft);
CREATE POLICY reading ON posts FOR SELECT TO torture_reader, PUBLIC USING (kind IN ('a', 'b'));
CREATE POLICY adding ON posts AS RESTRICTIVE FOR INSERT TO torture_reader WITH CHECK (id > 0);
CREATE POLICY changing ON posts FOR UPDATE USING (EXISTS (SELECT FROM posts AS p WHERE p.id = posts.id));
CREATE TABLE only_forced (a integer);
ALTER TABLE only_forced FORCE ROW LEVEL SECURITY;
