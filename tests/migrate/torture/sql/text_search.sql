CREATE TEXT SEARCH PARSER own_parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end,
    HEADLINE = prsd_headline, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE own_template (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY own_dictionary (TEMPLATE = own_template);
CREATE TEXT SEARCH DICTIONARY stemmed (TEMPLATE = snowball, LANGUAGE = 'german', STOPWORDS = 'german');
CREATE TEXT SEARCH CONFIGURATION own_configuration (PARSER = own_parser);
ALTER TEXT SEARCH CONFIGURATION own_configuration ADD MAPPING FOR asciiword, word WITH stemmed, own_dictionary;
CREATE TEXT SEARCH CONFIGURATION copied (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION copied DROP MAPPING IF EXISTS FOR email;
CREATE TABLE pages (body text, found tsvector GENERATED ALWAYS AS (to_tsvector('text_search.copied', body)) STORED);
CREATE INDEX pages_found ON pages USING gin (to_tsvector('text_search.own_configuration', body));
