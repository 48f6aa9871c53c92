-- Question: are all vertices on the grid of 1e-7 degrees? No parameters.
WITH vertices AS (
    SELECT code, ST_X(geom) AS lng, ST_Y(geom) AS lat
    FROM (SELECT code, boundary FROM units UNION ALL SELECT code, boundary FROM micro_grids) shapes, ST_DumpPoints(boundary)
    OFFSET 0
), loose AS (
    SELECT code FROM vertices WHERE lng <> round(lng * 1e7) / 1e7 OR lat <> round(lat * 1e7) / 1e7
)
SELECT (SELECT count(*) FROM vertices), (SELECT count(*) FROM loose), coalesce((SELECT min(code) FROM loose), '')
