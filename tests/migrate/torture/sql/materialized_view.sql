CREATE TABLE sales (id integer PRIMARY KEY, amount numeric, kind varchar(9));
CREATE MATERIALIZED VIEW totals WITH (fillfactor = 70) AS
    SELECT kind, sum(amount) AS total FROM sales GROUP BY kind;
CREATE UNIQUE INDEX totals_kind ON totals (kind);
CREATE MATERIALIZED VIEW empty AS SELECT 1 / (amount - amount) AS failing FROM sales WITH NO DATA;
CREATE MATERIALIZED VIEW of_totals AS SELECT kind FROM totals WHERE kind IN ('a', 'b');
ALTER MATERIALIZED VIEW totals ALTER COLUMN kind SET STATISTICS 50;
ALTER MATERIALIZED VIEW totals CLUSTER ON totals_kind;
CREATE VIEW over_it AS SELECT * FROM of_totals;
