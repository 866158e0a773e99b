CREATE TABLE facts (a integer, b integer, c text, d date);
CREATE STATISTICS both_of (ndistinct, dependencies) ON a, b FROM facts;
CREATE STATISTICS all_kinds ON a, c, d FROM facts;
CREATE STATISTICS of_expressions (mcv) ON (a + b), lower(c) FROM facts;
CREATE STATISTICS one_expression ON (a * b) FROM facts;
ALTER STATISTICS both_of SET STATISTICS 200;
