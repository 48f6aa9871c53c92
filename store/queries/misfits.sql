-- Where do outlines overlap, leave a gap, or reach beyond a whole?
-- $1 the whole, $2 the outlines; all valid, in WGS84. Gives the kind, the numbers of the outlines from 0, square
-- metres, about how many metres it is wide, and the place. What is less than the grid of 1e-7 degrees is none.
WITH given AS MATERIALIZED (
    SELECT n::int - 1 AS n, shape FROM unnest($2::geometry[]) WITH ORDINALITY AS given(shape, n)
), pieces AS (
    SELECT 'overlap' AS kind, ARRAY[a.n, b.n] AS parts, ST_Intersection(a.shape, b.shape, 1e-7) AS shape
    FROM given a JOIN given b ON a.n < b.n AND a.shape && b.shape AND ST_Relate(a.shape, b.shape, '2********')
    UNION ALL
    SELECT 'outside', ARRAY[n], ST_Difference(shape, $1::geometry, 1e-7) FROM given
    WHERE NOT ST_CoveredBy(shape, $1::geometry)
    UNION ALL
    SELECT 'gap', NULL, ST_Difference($1::geometry, (SELECT ST_Union(shape, 1e-7) FROM given), 1e-7)
), areas AS (
    SELECT kind, parts, (ST_Dump(ST_CollectionExtract(shape, 3))).geom AS shape FROM pieces
), measured AS (
    SELECT kind, coalesce(parts, ARRAY(SELECT n FROM given WHERE given.shape && areas.shape AND ST_Intersects(given.shape, areas.shape) ORDER BY n LIMIT 20)) AS parts,
        ST_Area(shape::geography) AS area, ST_Perimeter(shape::geography) AS perimeter, shape FROM areas
)
SELECT kind, parts, area, CASE WHEN perimeter > 0 THEN 2 * area / perimeter ELSE 0 END AS width, ST_AsBinary(shape)
FROM measured WHERE area > 0 ORDER BY area DESC LIMIT 1000
