-- Question: does each station that names its micro-grid stand in it? No parameters.
WITH stops AS (
    SELECT s.code, ST_Intersects(s.location, g.boundary) AS inside FROM stations s JOIN micro_grids g ON g.code = s.micro_grid
)
SELECT count(*), count(*) FILTER (WHERE NOT inside), coalesce(min(code) FILTER (WHERE NOT inside), '') FROM stops
