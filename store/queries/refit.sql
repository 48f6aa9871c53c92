-- How would outlines be a partition of a whole, if strips that are narrower than a tolerance go to a neighbour?
-- $1 the whole, $2 the outlines; valid, in WGS84. $3 the tolerance in metres, $4 the cosine of the latitude.
-- All lines together cut the whole into faces. A face that lies in one outline is its; one that lies in several,
-- or in none, and is narrow, goes to the one that it has the longest border with. Gives the numbers of the
-- outlines, from 0, with their faces; none if a face is too wide.
WITH plane AS MATERIALIZED (
    -- metres east and north: a tolerance in degrees would be another in each direction
    SELECT ST_Scale($1::geometry, 111320 * $4::float8, 111320) AS whole
), given AS MATERIALIZED (
    SELECT n::int - 1 AS n, ST_MakeValid(ST_Snap(ST_Scale(shape, 111320 * $4::float8, 111320), whole, $3::float8)) AS shape
    FROM unnest($2::geometry[]) WITH ORDINALITY AS given(shape, n), plane
), lines AS (
    SELECT ST_UnaryUnion(ST_Collect(line), 0.002) AS line
    FROM (SELECT ST_Boundary(shape) AS line FROM given UNION ALL SELECT ST_Boundary(whole) FROM plane) all_lines
), faces AS MATERIALIZED (
    SELECT row_number() OVER () AS f, geom AS shape, ST_PointOnSurface(geom) AS inner_point
    FROM (SELECT (ST_Dump(ST_Polygonize(line))).geom FROM lines) cut, plane WHERE ST_Intersects(whole, ST_PointOnSurface(geom))
), owners AS MATERIALIZED (
    SELECT f, given.n FROM faces JOIN given ON given.shape && faces.inner_point AND ST_Intersects(given.shape, faces.inner_point)
), counted AS MATERIALIZED (
    SELECT f, shape, (SELECT count(*) FROM owners o WHERE o.f = faces.f) AS times,
        2 * ST_Area(shape) / ST_Perimeter(shape) AS width FROM faces
), wide AS (
    SELECT 1 FROM counted WHERE times <> 1 AND width > $3::float8
), decided AS (
    SELECT c.f, c.shape, o.n FROM counted c JOIN owners o USING (f) WHERE c.times = 1
    UNION ALL
    SELECT f, shape, n FROM (
        SELECT DISTINCT ON (c.f) c.f, c.shape, o.n
        FROM counted c
        JOIN counted other ON other.times = 1 AND other.shape && c.shape AND ST_Intersects(other.shape, c.shape)
        JOIN owners o ON o.f = other.f
        WHERE c.times <> 1 AND (c.times = 0 OR o.n IN (SELECT mine.n FROM owners mine WHERE mine.f = c.f))
        ORDER BY c.f, ST_Length(ST_Intersection(ST_Boundary(c.shape), ST_Boundary(other.shape))) DESC, o.n
    ) strips
)
SELECT n, ST_AsEWKB(ST_SetSRID(ST_Multi(ST_Scale(ST_Union(shape), 1 / (111320 * $4::float8), 1 / 111320.0)), 4326))
FROM decided WHERE NOT EXISTS (SELECT FROM wide) GROUP BY n ORDER BY n
