-- +goose Up

CREATE TABLE stations (
    code          text COLLATE "C" PRIMARY KEY,
    name          text NOT NULL,
    kind          text NOT NULL,
    sponsor       text NOT NULL,
    address       text NOT NULL,
    location      geometry(Point, 4326) NOT NULL,
    approximate   boolean NOT NULL,
    entrance      geometry(Point, 4326),
    capacity      integer NOT NULL,
    opening_hours text NOT NULL, -- OpenStreetMap's syntax; empty if unknown
    status        text NOT NULL,
    community     text COLLATE "C" NOT NULL REFERENCES units,
    micro_grid    text COLLATE "C" REFERENCES micro_grids,
    confirmed_at  timestamptz,
    synthetic     boolean NOT NULL,
    version       bigint NOT NULL,

    CONSTRAINT stations_code_check CHECK (code ~ '^[0-9A-Z][0-9A-Z-]{2,31}$'),
    CONSTRAINT stations_name_check CHECK (char_length(name) BETWEEN 1 AND 120),
    CONSTRAINT stations_sponsor_check CHECK (sponsor IN
        ('union', 'party_centre', 'bank', 'utility', 'post', 'retail', 'fuel', 'public_service')),
    CONSTRAINT stations_kind_check CHECK (kind = CASE sponsor
        WHEN 'union' THEN 'union' WHEN 'party_centre' THEN 'community' ELSE 'enterprise' END),
    CONSTRAINT stations_address_check CHECK (char_length(address) <= 300),
    -- Stored coordinates are on the grid of 1e-7 degrees.
    CONSTRAINT stations_location_snapped CHECK (ST_X(location) = round(ST_X(location) * 1e7) / 1e7
        AND ST_Y(location) = round(ST_Y(location) * 1e7) / 1e7),
    CONSTRAINT stations_location_range CHECK (ST_X(location) BETWEEN -180 AND 180 AND ST_Y(location) BETWEEN -90 AND 90),
    CONSTRAINT stations_entrance_snapped CHECK (ST_X(entrance) = round(ST_X(entrance) * 1e7) / 1e7
        AND ST_Y(entrance) = round(ST_Y(entrance) * 1e7) / 1e7),
    CONSTRAINT stations_entrance_range CHECK (ST_X(entrance) BETWEEN -180 AND 180 AND ST_Y(entrance) BETWEEN -90 AND 90),
    CONSTRAINT stations_capacity_check CHECK (capacity BETWEEN 0 AND 1000),
    CONSTRAINT stations_opening_hours_check CHECK (octet_length(opening_hours) <= 20000),
    CONSTRAINT stations_status_check CHECK (status IN ('planned', 'active', 'suspended', 'closed')),
    CONSTRAINT stations_community_check CHECK (community ~ '^[0-9]{12}$'),
    CONSTRAINT stations_micro_grid_check CHECK (left(micro_grid, 12) = community),
    CONSTRAINT stations_version_check CHECK (version >= 1)
);
CREATE INDEX stations_community_idx ON stations (community);
CREATE INDEX stations_micro_grid_idx ON stations (micro_grid);
CREATE INDEX stations_location_idx ON stations USING gist (location);

CREATE TABLE station_services (
    station      text COLLATE "C" NOT NULL REFERENCES stations ON DELETE CASCADE,
    service      text NOT NULL,
    condition    text NOT NULL,
    confirmed_at timestamptz,
    position     smallint NOT NULL, -- the order in which they were given

    PRIMARY KEY (station, service),
    CONSTRAINT station_services_service_check CHECK (service IN ('water', 'charging', 'battery_swap', 'rest', 'heating',
        'toilet', 'microwave', 'first_aid', 'wifi', 'books', 'rain_gear', 'counselling')),
    CONSTRAINT station_services_condition_check CHECK (condition IN ('working', 'limited', 'broken', 'unknown'))
);

-- +goose StatementBegin
-- A station lies inside the extent of its city, a city around its stations; see units_check_extent.
CREATE FUNCTION stations_check_extent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    outside boolean;
BEGIN
    SELECT NOT station.location @ city.boundary INTO outside FROM stations station
    JOIN units city ON city.code = left(station.community, 4) || '00'
    WHERE station.code = NEW.code FOR SHARE OF city;
    IF outside THEN
        RAISE EXCEPTION 'station % lies outside its city', NEW.code
            USING ERRCODE = 'YZ003', TABLE = 'stations', COLUMN = 'location', DETAIL = NEW.code;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION cities_check_stations() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    outside text;
BEGIN
    SELECT station.code INTO outside FROM stations station
    JOIN units city ON city.code = NEW.code AND left(station.community, 4) || '00' = city.code
    WHERE NOT station.location @ city.boundary LIMIT 1;
    IF outside IS NOT NULL THEN
        RAISE EXCEPTION 'station % lies outside its city', outside
            USING ERRCODE = 'YZ003', TABLE = 'stations', COLUMN = 'location', DETAIL = outside;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE CONSTRAINT TRIGGER stations_extent AFTER INSERT OR UPDATE ON stations
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stations_check_extent();
CREATE CONSTRAINT TRIGGER units_extent_of_stations AFTER UPDATE ON units
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.level = 'city' AND NEW.boundary IS DISTINCT FROM OLD.boundary) EXECUTE FUNCTION cities_check_stations();

-- The area of a scene is the union of its micro-grids.
CREATE TABLE friendly_scenes (
    code      text COLLATE "C" PRIMARY KEY,
    name      text NOT NULL,
    kind      text NOT NULL,
    synthetic boolean NOT NULL,
    version   bigint NOT NULL,

    CONSTRAINT friendly_scenes_code_check CHECK (code ~ '^[0-9A-Z][0-9A-Z-]{2,31}$'),
    CONSTRAINT friendly_scenes_name_check CHECK (char_length(name) BETWEEN 1 AND 120),
    CONSTRAINT friendly_scenes_kind_check CHECK (kind IN
        ('shopping', 'community', 'hospital', 'port', 'scenic', 'transit', 'market', 'park', 'canteen')),
    CONSTRAINT friendly_scenes_version_check CHECK (version >= 1)
);

CREATE TABLE friendly_scene_micro_grids (
    scene      text COLLATE "C" NOT NULL REFERENCES friendly_scenes ON DELETE CASCADE,
    micro_grid text COLLATE "C" NOT NULL REFERENCES micro_grids,
    PRIMARY KEY (scene, micro_grid)
);
CREATE INDEX friendly_scene_micro_grids_micro_grid_idx ON friendly_scene_micro_grids (micro_grid);

CREATE TABLE friendly_scene_stations (
    scene   text COLLATE "C" NOT NULL REFERENCES friendly_scenes ON DELETE CASCADE,
    station text COLLATE "C" NOT NULL REFERENCES stations,
    PRIMARY KEY (scene, station)
);
CREATE INDEX friendly_scene_stations_station_idx ON friendly_scene_stations (station);
