-- Question: a tile of micro-grids and stations, as a tile server that asks PostGIS makes it.
-- Parameters: zoom, column, row. Relies on micro_grids_boundary_idx and stations_location_idx.
-- As pg_tileserv does it: the envelope is transformed, not the column; features of the buffer are in.
WITH box AS (
    SELECT ST_TileEnvelope($1, $2, $3) AS tile,
           ST_Transform(ST_TileEnvelope($1, $2, $3, margin => 64.0 / 4096), 4326) AS area
), grids AS (
    SELECT ST_AsMVT(feature, 'micro_grids', 4096, 'shape') AS layer FROM (
        SELECT code, name, community, households, zone,
               ST_AsMVTGeom(ST_Transform(boundary, 3857), tile, 4096, 64, true) AS shape
        FROM micro_grids, box WHERE boundary && area
    ) feature
), points AS (
    SELECT ST_AsMVT(feature, 'stations', 4096, 'shape') AS layer FROM (
        SELECT code, name, kind, sponsor, status,
               ST_AsMVTGeom(ST_Transform(location, 3857), tile, 4096, 64, true) AS shape
        FROM stations, box WHERE location && area
    ) feature
)
SELECT grids.layer || points.layer FROM grids, points
