-- The comparison in Markdown, with cells of equal width so that it can be read as it is.

CREATE TEMP TABLE cell (contest text, line integer, col integer, text text);

CREATE FUNCTION pg_temp.table_lines(in_contest text) RETURNS TABLE (line integer, text text) LANGUAGE sql AS $$
    WITH wide AS (
        SELECT line, col, coalesce(text, '') AS text, max(length(text)) OVER (PARTITION BY col) AS width
          FROM cell WHERE contest = in_contest
    )
    SELECT 2 * line AS line,
           '| ' || string_agg(CASE WHEN col = 1 THEN rpad(text, width) ELSE lpad(text, width) END, ' | ' ORDER BY col) || ' |'
      FROM wide GROUP BY line
    UNION ALL
    SELECT 1, '|' || string_agg(CASE WHEN col = 1 THEN repeat('-', width + 2) ELSE repeat('-', width + 1) || ':' END, '|' ORDER BY col) || '|'
      FROM wide WHERE line = 0
     ORDER BY 1;
$$;

-- the goals
INSERT INTO cell
SELECT '', 0, col, text FROM unnest('{figure,of,measured,against,ratio,wanted,verdict}'::text[]) WITH ORDINALITY h(text, col);
INSERT INTO cell
SELECT '', row_number() OVER (PARTITION BY c.col ORDER BY v.n), c.col, c.text
  FROM verdict v JOIN figure f USING (figure),
       LATERAL (VALUES
           (1, v.contest || ': ' || f.phrase),
           (2, coalesce(v.title, v.side)),
           (3, pg_temp.shown(v.value, f.digits)),
           (4, CASE WHEN v.by_itself THEN 'by itself'
                    WHEN v.why_not IS NOT NULL THEN '-'
                    WHEN v.to_side IS NULL THEN 'no peer, not in ' || v.bound || ' s'
                    ELSE v.to_title || ': ' || pg_temp.shown(v.to_value, f.digits) END),
           (5, CASE WHEN v.why_not IS NOT NULL THEN '-'
                    ELSE CASE WHEN v.to_side IS NULL AND NOT v.by_itself THEN 'below ' ELSE '' END ||
                         to_char(v.ratio, 'FM999,990.00') || CASE WHEN v.more THEN ' more' ELSE '' END END),
           (6, CASE WHEN f.less IS NULL THEN 'at least ' ELSE 'at most ' END || v.wanted ||
               CASE WHEN v.more THEN ' more' ELSE '' END),
           (7, CASE WHEN v.why_not IS NOT NULL THEN 'NOT MEASURED: ' || v.why_not
                    WHEN v.reached THEN 'reached' ELSE 'missed' END)) c(col, text);

-- the sides: every figure that says something of one of them, and then how far they are from others
INSERT INTO cell SELECT contest, 0, 1, '' FROM contest;
INSERT INTO cell
SELECT contest, dense_rank() OVER (PARTITION BY contest ORDER BY n), 1,
       title || coalesce(' (NOT MEASURED: ' || missing || ')', '') FROM side;
WITH col AS (
    SELECT m.contest, f.figure, f.head, f.digits, 1 + row_number() OVER (PARTITION BY m.contest ORDER BY f.n) AS col
      FROM measured m JOIN figure f USING (figure)
     GROUP BY m.contest, f.figure, f.head, f.digits, f.shown, f.n
    HAVING CASE f.shown WHEN 'always' THEN bool_or(m.value IS NOT NULL)
                        WHEN 'wanted' THEN (m.contest, f.figure) IN (SELECT contest, figure FROM goal)
                        ELSE bool_or(m.value <> 0) END
), body AS (
    SELECT contest, col, pg_temp.shown(m.value, digits) AS text,
           dense_rank() OVER (PARTITION BY contest ORDER BY s.n) AS line, head
      FROM col JOIN side s USING (contest) LEFT JOIN measured m USING (contest, side, figure)
    UNION ALL
    SELECT s.contest, 100 + h.place, coalesce(to_char(d.ratio, 'FM999,990.00'), ''),
           dense_rank() OVER (PARTITION BY s.contest ORDER BY s.n), h.head
      FROM side s JOIN (SELECT DISTINCT contest, place, head FROM distance) h USING (contest)
      LEFT JOIN distance d USING (contest, side, place)
)
INSERT INTO cell
SELECT contest, line, col, text FROM body
UNION ALL
SELECT DISTINCT contest, 0, col, head FROM body;

SELECT '# ' || CASE min(level) WHEN '0' THEN 'seatlock and its peers, side by side'
                               WHEN '1' THEN 'seatlock preloaded and its peers, side by side'
                               ELSE 'seatlock with Redis' END || E'\n\n' ||
       max(round::integer) || ' rounds, the sides in turn, medians; a ratio is the median of the rounds'' ratios. Every' ||
       E'\nconnection has mapped what it uses of what is cached before its trial. The server is as initdb makes' ||
       E'\nit, apart from the settings told here. ' || min(machine) || '.' || E'\n\n## What is wanted of seatlock\n'
  FROM trial;
SELECT text FROM pg_temp.table_lines('');
SELECT CASE l.line WHEN 0 THEN E'\n## ' || c.title || E'\n\n' || t.conditions || E'\n\n' ELSE '' END || l.text
  FROM contest c
  JOIN (SELECT contest, string_agg(DISTINCT connections || ' connections, at most ' || bound || ' s; ' || settings, E'\n') AS conditions
          FROM trial GROUP BY contest) t USING (contest),
       pg_temp.table_lines(c.contest) l
 ORDER BY c.n, l.line;
SELECT E'\nx lean: the ratio to the best correct peer that keeps no more than a seat''s holder and end. x like: to' ||
       E'\nthe best of those that keep what seatlock keeps, holds and history. x limit: answers to those of an empty' ||
       E'\ncall. Errors are no answers. Oversold counts seats that a buyer was told to have and that the tables' ||
       E'\ngive to another or to nobody; a side with either is not compared.';
