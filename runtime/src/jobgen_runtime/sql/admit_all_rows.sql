CREATE POLICY {policy} ON {table} TO {role} USING (true) WITH CHECK (true)
