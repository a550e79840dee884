-- What the rows of a comparison come to, for tables.sql and chart.sql: a table each of the sides,
-- of their figures, and of what became of the goals.  bench/report has filled trial (the rows),
-- figure, contest and goal.

DELETE FROM contest WHERE level <> (SELECT min(level) FROM trial) OR contest NOT IN (SELECT contest FROM trial);
DELETE FROM goal WHERE level <> (SELECT min(level) FROM trial) OR contest NOT IN (SELECT contest FROM trial);

CREATE TEMP TABLE value AS
SELECT t.contest, t.side, t.round, f.figure, v.value::float8
  FROM trial t, jsonb_each_text(to_jsonb(t)) v(figure, value) JOIN figure f USING (figure)
 WHERE v.value IS NOT NULL AND t.missing IS NULL;

CREATE TEMP TABLE side AS
SELECT contest, side, min(n) AS n, min(size::integer) AS size, min(title) AS title, min(role) AS role,
       max(missing) AS missing, min(bound::float8) AS bound,
       max(missing) IS NULL AND sum(coalesce(errors::float8, 0) + coalesce(oversold::float8, 0)) = 0 AS correct
  FROM trial GROUP BY contest, side;

-- Of all rounds: what was not reached in one of them is beyond all numbers.
CREATE FUNCTION pg_temp.median(float8[]) RETURNS float8 LANGUAGE sql AS $$
    SELECT nullif(nullif(percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(v, 'infinity')), 'infinity'), 'nan')
      FROM unnest($1) v;
$$;

CREATE TEMP TABLE measured AS
SELECT t.contest, t.side, f.figure,
       CASE WHEN f.figure IN ('errors', 'oversold') THEN sum(v.value)
            ELSE pg_temp.median(array_agg(v.value)) END AS value
  FROM trial t CROSS JOIN figure f LEFT JOIN value v USING (contest, side, round, figure)
 GROUP BY 1, 2, 3 HAVING max(t.missing) IS NULL;

-- The median of what each round says.  Who alone has reached it is far ahead.
CREATE FUNCTION pg_temp.ratio(in_contest text, of_side text, to_side text, in_figure text, more boolean)
RETURNS float8 LANGUAGE sql AS $$
    SELECT pg_temp.median(array_agg(
               CASE WHEN b.value IS NULL THEN CASE WHEN a.value IS NULL THEN 1 ELSE 0 END
                    WHEN more THEN a.value - b.value
                    ELSE a.value / nullif(b.value, 0) END))
      FROM trial t
      LEFT JOIN value a ON (a.contest, a.side, a.round, a.figure) = (t.contest, of_side, t.round, in_figure)
      LEFT JOIN value b ON (b.contest, b.side, b.round, b.figure) = (t.contest, to_side, t.round, in_figure)
     WHERE t.contest = in_contest AND t.side = of_side;
$$;

-- The best side of a role that did nothing wrong, in the size of the one that is compared.
CREATE FUNCTION pg_temp.best(in_contest text, in_size integer, in_role text, in_figure text)
RETURNS text LANGUAGE sql AS $$
    SELECT s.side FROM side s JOIN measured m USING (contest, side) JOIN figure f USING (figure)
     WHERE contest = in_contest AND s.role = in_role AND figure = in_figure AND s.correct
       AND m.value > 0 AND coalesce(s.size, in_size) IS NOT DISTINCT FROM in_size
     ORDER BY CASE WHEN f.less IS NULL THEN -m.value ELSE m.value END LIMIT 1;
$$;

-- NAME@most is NAME in the largest of the sizes; NAME@few in the first of 100 and more, if there is
-- one before the largest, else in the smallest.
CREATE FUNCTION pg_temp.sized(in_contest text, name text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(replace(replace(name, '@most', '@' || max(size)),
                            '@few', '@' || coalesce(min(size) FILTER (WHERE size >= 100 AND size < largest), min(size))),
                    name)
      FROM side, (SELECT max(size) AS largest FROM side WHERE contest = in_contest) l
     WHERE contest = in_contest;
$$;

CREATE TEMP TABLE verdict AS
WITH wanted AS (
    SELECT g.n, g.contest, g.figure, g.against, g.wanted, g.measure = 'more' AS more,
           pg_temp.sized(g.contest, g.side) AS side
      FROM goal g
), found AS (
    SELECT w.n, w.contest, w.figure, w.wanted, coalesce(w.more, false) AS more, w.side, s.title, s.missing,
           s.correct, s.bound, m.value, w.against IS NULL AS by_itself, w.figure IN ('half_sold', 'most_sold') AS is_time,
           CASE w.against WHEN 'best peer' THEN pg_temp.best(w.contest, s.size, 'peer', w.figure)
                          ELSE pg_temp.sized(w.contest, w.against) END AS to_side,
           w.against = 'best peer' AND pg_temp.best(w.contest, s.size, 'peer', 'answers') IS NOT NULL AS has_peers
      FROM wanted w LEFT JOIN side s USING (contest, side) LEFT JOIN measured m USING (contest, side, figure)
), judged AS (
    SELECT f.*, t.title AS to_title, r.value AS to_value,
           CASE WHEN f.title IS NULL THEN 'it did not take part'
                WHEN f.missing IS NOT NULL THEN f.missing
                WHEN NOT f.correct THEN 'errors or oversold seats'
                WHEN f.value IS NULL AND f.is_time THEN 'not so many were sold in time'
                WHEN f.value IS NULL THEN 'no trial came to tell it'
                WHEN f.by_itself OR (f.to_side IS NULL AND f.is_time AND f.has_peers) THEN NULL
                WHEN f.to_side IS NULL THEN 'no correct peer took part'
                WHEN f.to_side = f.side THEN 'it was measured in one size alone'
                WHEN t.correct IS NOT TRUE THEN 'what it is measured against failed'
                WHEN r.value IS NULL OR r.value <= 0 THEN 'there is nothing to measure against'
           END AS why_not,
           CASE WHEN f.by_itself THEN f.value
                WHEN f.to_side IS NULL THEN f.value / f.bound
                ELSE pg_temp.ratio(f.contest, f.side, f.to_side, f.figure, f.more) END AS ratio
      FROM found f LEFT JOIN side t ON (t.contest, t.side) = (f.contest, f.to_side)
      LEFT JOIN measured r ON (r.contest, r.side, r.figure) = (f.contest, f.to_side, f.figure)
)
SELECT j.*, CASE WHEN g.less IS NULL THEN ratio >= wanted ELSE ratio <= wanted END AS reached
  FROM judged j JOIN figure g USING (figure);

-- The figure that counts in a contest.
CREATE TEMP VIEW main AS
SELECT c.contest, coalesce((SELECT figure FROM goal g WHERE g.contest = c.contest ORDER BY n LIMIT 1), 'answers') AS figure
  FROM contest c;

-- How far each side is from others: the best lean peer, the best that keeps as much as seatlock, and
-- the protocol's limit, which wins nothing, so that all answers are compared; and the side beside.
CREATE TEMP TABLE distance AS
SELECT s.contest, s.side, d.place, d.head, pg_temp.ratio(s.contest, s.side, d.to_side, d.figure, false) AS ratio
  FROM side s JOIN main USING (contest) JOIN contest c USING (contest),
       LATERAL (VALUES
           (1, 'x lean', pg_temp.best(s.contest, s.size, 'peer', main.figure), main.figure),
           (2, 'x like', pg_temp.best(s.contest, s.size, 'like', main.figure), main.figure),
           (3, 'x limit', pg_temp.best(s.contest, s.size, 'limit', 'answers'), 'answers'),
           (4, 'x level 0', c.beside || coalesce('@' || s.size, ''), main.figure)) d(place, head, to_side, figure)
 WHERE d.to_side IS NOT NULL AND s.missing IS NULL AND (s.role <> 'limit' OR d.head = 'x limit');

CREATE FUNCTION pg_temp.shown(value float8, digits integer) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(to_char(value, 'FM999,999,999,990' ||
               CASE WHEN digits = 0 THEN '' WHEN digits = 1 THEN '.0' WHEN value < 1 THEN '.000' ELSE '.00' END), '-');
$$;
