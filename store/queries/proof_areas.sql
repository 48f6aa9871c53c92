-- Question: do the areas of the micro-grids of each community add up to its own?
-- Areas are on the WGS84 ellipsoid; one part in a million is allowed for its series, and a square metre
-- at least. Independent of partition_faults. No parameters. Relies on micro_grids_community_idx.
WITH areas AS (
    SELECT whole.code, ST_Area(whole.boundary::geography) AS whole, sum(ST_Area(part.boundary::geography)) AS parts
    FROM units whole JOIN micro_grids part ON part.community = whole.code
    WHERE whole.level = 'community' GROUP BY whole.code
)
SELECT count(*), count(*) FILTER (WHERE NOT coalesce(abs(parts - whole) <= greatest(1, whole * 1e-6), false)),
       format('%s km² in all; the sums differ by %s m² at most',
              round((sum(whole) / 1e6)::numeric, 1), round(max(abs(parts - whole))::numeric, 3))
FROM areas
