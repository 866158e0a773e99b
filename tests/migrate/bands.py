"""A schema of which tests change something, and a row."""

from __future__ import annotations

BEFORE = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE FUNCTION one() RETURNS INT LANGUAGE sql AS 'SELECT 1';
CREATE TABLE bands (
    id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, fans INT DEFAULT 1, mood mood, old TEXT,
    CHECK (fans > 0)
);
CREATE INDEX bands_name ON bands (name);
CREATE VIEW names AS SELECT name FROM bands;
"""
ROW = "INSERT INTO bands VALUES (1, 'ABBA', 5, 'ok', 'kept')"
