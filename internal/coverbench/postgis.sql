-- How many households are within $1 metres of a site, and of two or more?
-- Relies on the GiST index on bench_cells.place: one probe a site.
SELECT coalesce(sum(households) FILTER (WHERE sites >= 1), 0)::bigint,
       coalesce(sum(households) FILTER (WHERE sites >= 2), 0)::bigint
FROM (
  SELECT cell.id, cell.households, count(*) AS sites
  FROM bench_sites site
  JOIN bench_cells cell ON ST_DWithin(cell.place, site.place, $1)
  GROUP BY cell.id, cell.households
) reached
