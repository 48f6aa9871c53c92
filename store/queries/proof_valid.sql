-- Question: is every shape valid, and does every shell go counter-clockwise? No parameters.
WITH shapes AS (
    SELECT code, boundary FROM units WHERE boundary IS NOT NULL UNION ALL SELECT code, boundary FROM micro_grids
), wrong AS (
    SELECT code FROM shapes WHERE NOT ST_IsValid(boundary) OR NOT ST_IsPolygonCCW(boundary)
)
SELECT (SELECT count(*) FROM shapes), (SELECT count(*) FROM wrong), coalesce((SELECT min(code) FROM wrong), '')
