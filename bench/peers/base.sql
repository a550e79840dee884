-- What every database of the benchmark has, whatever is sold in it.
CREATE SCHEMA peer;

-- Reads every table and index of the side once, in index order and in table
-- order, where all of it can stay in memory.
CREATE FUNCTION peer.read_all() RETURNS void LANGUAGE plpgsql
SET enable_sort = off SET enable_bitmapscan = off AS $$
DECLARE
    sql text;
BEGIN
    IF pg_database_size(current_database()) > pg_size_bytes(current_setting('shared_buffers')) THEN
        RETURN;
    END IF;
    FOR sql IN
        SELECT format('SELECT count(*) FROM (SELECT %1$s FROM %2$s ORDER BY %1$s) i',
                      string_agg(quote_ident(a.attname), ', ' ORDER BY k.n), i.indrelid::regclass)
          FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
         CROSS JOIN unnest(i.indkey) WITH ORDINALITY k (attnum, n)
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
         WHERE c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('peer', 'seatlock'))
           AND c.relpages > 0
         GROUP BY i.indexrelid, i.indrelid
        UNION ALL
        SELECT format('SELECT count(t) FROM %s t', c.oid::regclass) FROM pg_class c
         WHERE c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('peer', 'seatlock'))
           AND c.relkind = 'r' AND c.relpages > 0
    LOOP
        EXECUTE sql;
    END LOOP;
END
$$;

-- What a side keeps in memory of a house that is looked at is there; sides that keep any replace this.
CREATE FUNCTION peer.warm() RETURNS void LANGUAGE sql AS 'SELECT';
