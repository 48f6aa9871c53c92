-- Question: do the unit leaders of each micro-grid that has any lead its households, no more and no fewer?
-- No parameters. Relies on leaders_micro_grid_idx.
WITH led AS (
    SELECT micro_grid, sum(households) AS households FROM leaders WHERE role = 'unit_leader' GROUP BY micro_grid
), wrong AS (
    SELECT code FROM micro_grids JOIN led ON micro_grid = code WHERE led.households <> micro_grids.households
)
SELECT (SELECT count(*) FROM led), (SELECT count(*) FROM wrong), coalesce((SELECT min(code) FROM wrong), '')
