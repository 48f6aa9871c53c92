-- Question: do any two micro-grids, of one community or of two, have interior points in common?
-- Independent of partition_faults. checked counts pairs whose boxes meet. No parameters.
-- Relies on micro_grids_boundary_idx.
WITH pairs AS (
    SELECT a.code AS a, b.code AS b, ST_Relate(a.boundary, b.boundary, 'T********') AS overlap
    FROM micro_grids a JOIN micro_grids b ON a.boundary && b.boundary AND a.code < b.code
)
SELECT count(*), count(*) FILTER (WHERE overlap), coalesce(min(a || ' and ' || b) FILTER (WHERE overlap), '') FROM pairs
