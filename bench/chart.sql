-- A block of lines for each contest: "#" and its title, then for each side its number, its role's
-- number, the figure that counts, the title, and the figure with its ratios in words.
SELECT CASE WHEN s.n = min(s.n) OVER w THEN CASE WHEN c.n = min(c.n) OVER () THEN '' ELSE E'\n\n' END ||
            '# ' || E'\n' || format('0 0 0 "%s" "%s"', replace(c.title, '"', ''), f.phrase) || E'\n' ELSE '' END ||
       format('%s %s %s "%s" "%s"', row_number() OVER w,
              array_position('{seatlock,peer,like,limit,yardstick,naive}', s.role),
              coalesce(m.value, 0), s.title,
              pg_temp.shown(m.value, f.digits) || coalesce((
                  SELECT '  (' || string_agg(substr(d.head, 3) || ' ' || to_char(d.ratio, 'FM999,990.00'), ', ' ORDER BY d.place) || ')'
                    FROM distance d WHERE (d.contest, d.side) = (s.contest, s.side)), ''))
  FROM contest c JOIN main USING (contest) JOIN figure f USING (figure) JOIN side s USING (contest)
  LEFT JOIN measured m USING (contest, side, figure)
WINDOW w AS (PARTITION BY c.n ORDER BY s.n)
 ORDER BY c.n, s.n;
