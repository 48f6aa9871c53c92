-- +goose Up

-- The services of a station lay in a table of their own, which is read and written with the station and never alone.
-- For an import of a million stations that was two million rows more, with an index and a check of a key for each: a third
-- of its time (docs/decisions/0027-services-in-their-station.md).
ALTER TABLE stations
    ADD COLUMN services          text[] COLLATE "C" NOT NULL DEFAULT '{}', -- in the order in which they were given
    ADD COLUMN service_conditions text[] COLLATE "C" NOT NULL DEFAULT '{}', -- of each
    ADD COLUMN service_confirmed timestamptz[] NOT NULL DEFAULT '{}';      -- of each; null if nobody did

UPDATE stations SET services = offer.services, service_conditions = offer.conditions, service_confirmed = offer.confirmed
FROM (SELECT station, array_agg(service ORDER BY position) AS services, array_agg(condition ORDER BY position) AS conditions,
        array_agg(confirmed_at ORDER BY position) AS confirmed
    FROM station_services GROUP BY station) offer
WHERE offer.station = stations.code;

-- Whoever writes a station says what it offers.
ALTER TABLE stations
    ALTER COLUMN services DROP DEFAULT, ALTER COLUMN service_conditions DROP DEFAULT, ALTER COLUMN service_confirmed DROP DEFAULT,
    -- As many as there are of the known ones: each is known, and none is there twice.
    ADD CONSTRAINT stations_services_check CHECK (array_ndims(services) = 1 AND array_position(services, NULL) IS NULL
        AND cardinality(services) = ('water' = ANY (services))::int + ('charging' = ANY (services))::int
            + ('battery_swap' = ANY (services))::int + ('rest' = ANY (services))::int + ('heating' = ANY (services))::int
            + ('toilet' = ANY (services))::int + ('microwave' = ANY (services))::int + ('first_aid' = ANY (services))::int
            + ('wifi' = ANY (services))::int + ('books' = ANY (services))::int + ('rain_gear' = ANY (services))::int
            + ('counselling' = ANY (services))::int),
    ADD CONSTRAINT stations_service_conditions_check CHECK (cardinality(service_conditions) = cardinality(services)
        AND array_ndims(service_conditions) = 1 AND array_position(service_conditions, NULL) IS NULL
        AND service_conditions <@ ARRAY['working', 'limited', 'broken', 'unknown']),
    ADD CONSTRAINT stations_service_confirmed_check CHECK (cardinality(service_confirmed) = cardinality(services)
        AND array_ndims(service_confirmed) = 1);

DROP TABLE station_services;

-- That its digits are digits is known from the unit which it refers to.
ALTER TABLE stations DROP CONSTRAINT stations_community_check;
ALTER TABLE stations ADD CONSTRAINT stations_community_check CHECK (octet_length(community) = 12);
