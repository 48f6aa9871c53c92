-- Question: how much of everything does each banner hold?
-- Gives one row a banner, in code order. No parameters.
-- Relies on codes: the first six digits of a unit, micro-grid or leader are those of its banner.
WITH places AS (
    SELECT left(code, 6) AS banner,
           count(*) FILTER (WHERE level = 'township') AS townships,
           count(*) FILTER (WHERE level = 'community' AND boundary IS NOT NULL) AS communities,
           count(*) FILTER (WHERE level <> 'banner' AND boundary IS NULL) AS landless
    FROM units WHERE level IN ('banner', 'township', 'community') GROUP BY 1
), grids AS (
    SELECT left(code, 6) AS banner, count(*) AS micro_grids, sum(households) AS households FROM micro_grids GROUP BY 1
), led AS (
    SELECT left(code, 6) AS banner, count(*) AS leaders, sum(households) FILTER (WHERE role = 'unit_leader') AS households
    FROM leaders GROUP BY 1
), stops AS (
    SELECT left(community, 6) AS banner, count(*) AS stations FROM stations GROUP BY 1
), scenes AS ( -- a scene counts where its first micro-grid is
    SELECT left(min(micro_grid), 6) AS banner FROM friendly_scene_micro_grids GROUP BY scene
)
SELECT code, name, coalesce(townships, 0), coalesce(communities, 0), coalesce(landless, 0),
       coalesce(micro_grids, 0), coalesce(grids.households, 0)::bigint, coalesce(leaders, 0), coalesce(led.households, 0)::bigint,
       coalesce(stations, 0), (SELECT count(*) FROM scenes WHERE scenes.banner = units.code)
FROM units
LEFT JOIN places ON places.banner = code LEFT JOIN grids ON grids.banner = code
LEFT JOIN led ON led.banner = code LEFT JOIN stops ON stops.banner = code
WHERE level = 'banner' ORDER BY code
