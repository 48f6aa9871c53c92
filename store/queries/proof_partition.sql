-- Question: are the parts of each unit of level $1 a partition of it, edge for edge?
-- The parts of a community are its micro-grids, those of another unit the units below it. A unit is
-- looked at if it has parts with a territory. partition_faults says why this proves it.
-- Relies on micro_grids_community_idx, units_parent_idx.
WITH wholes AS (
    SELECT code FROM units whole
    WHERE level = $1 AND CASE $1
        WHEN 'community' THEN EXISTS (SELECT FROM micro_grids WHERE community = whole.code)
        ELSE EXISTS (SELECT FROM units part WHERE part.parent = whole.code AND part.boundary IS NOT NULL) END
), faults AS (
    SELECT * FROM partition_faults(ARRAY(SELECT code FROM wholes), $1)
)
SELECT (SELECT count(*) FROM wholes), (SELECT count(DISTINCT unit) FROM faults),
       coalesce((SELECT format('%s from [%s, %s] to [%s, %s]', unit, from_lng, from_lat, to_lng, to_lat)
                 FROM faults ORDER BY unit, from_lng, from_lat, to_lng, to_lat LIMIT 1), '')
