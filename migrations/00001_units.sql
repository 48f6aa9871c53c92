-- +goose Up

-- The role that owns the database may be no superuser: then the extension must be there already.
CREATE EXTENSION IF NOT EXISTS postgis;

-- Codes sort and compare by bytes, whatever the locale of the database.
CREATE TABLE units (
    code      text COLLATE "C" PRIMARY KEY,
    level     text NOT NULL,
    parent    text COLLATE "C" REFERENCES units,
    name      text NOT NULL,
    name_en   text NOT NULL,
    type      text NOT NULL,
    seat      geometry(Point, 4326),
    boundary  geometry(MultiPolygon, 4326), -- null for a registered unit without a territory
    synthetic boolean NOT NULL,
    version   bigint NOT NULL,

    -- GB/T 2260 and the statistical code. With these, the shape of a code tells the level, and a parent
    -- is always of the level above.
    CONSTRAINT units_code_check CHECK (CASE level
        WHEN 'city' THEN code ~ '^[0-9]{4}00$'
        WHEN 'banner' THEN code ~ '^[0-9]{6}$' AND right(code, 2) <> '00'
        WHEN 'township' THEN code ~ '^[0-9]{9}$'
        WHEN 'community' THEN code ~ '^[0-9]{12}$'
        ELSE false END),
    CONSTRAINT units_parent_check CHECK (CASE level
        WHEN 'city' THEN parent IS NULL
        WHEN 'banner' THEN parent IS NOT NULL AND parent = left(code, 4) || '00'
        WHEN 'township' THEN parent IS NOT NULL AND parent = left(code, 6)
        WHEN 'community' THEN parent IS NOT NULL AND parent = left(code, 9)
        ELSE false END),
    CONSTRAINT units_name_check CHECK (char_length(name) BETWEEN 1 AND 120),
    CONSTRAINT units_name_en_check CHECK (char_length(name_en) <= 240),
    CONSTRAINT units_type_check CHECK (char_length(type) <= 60),
    CONSTRAINT units_seat_check CHECK (ST_X(seat) BETWEEN -180 AND 180 AND ST_Y(seat) BETWEEN -90 AND 90),
    CONSTRAINT units_boundary_valid CHECK (ST_IsValid(boundary)),
    CONSTRAINT units_boundary_oriented CHECK (ST_IsPolygonCCW(boundary)),
    CONSTRAINT units_boundary_range CHECK (boundary @ ST_MakeEnvelope(-180, -90, 180, 90, 4326)),
    CONSTRAINT units_version_check CHECK (version >= 1)
);
CREATE INDEX units_parent_idx ON units (parent);
CREATE INDEX units_boundary_idx ON units USING gist (boundary);

-- +goose StatementBegin
-- A unit lies inside the extent (bounding box) of the unit above it. Checked at commit for both ends, as
-- a changeset may move a parent and its children together. The share lock makes a writer of the child
-- wait for a writer of the parent, so that neither passes by not seeing the other.
CREATE FUNCTION units_check_extent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unit    units;
    beyond  boolean;
    outside text;
BEGIN
    SELECT * INTO unit FROM units WHERE code = NEW.code; -- as it is now, not when the event was queued
    IF NOT FOUND OR unit.boundary IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT NOT unit.boundary @ above.boundary INTO beyond FROM units above WHERE above.code = unit.parent FOR SHARE;
    IF beyond THEN
        outside := unit.code;
    ELSE
        SELECT below.code INTO outside FROM units below
        WHERE below.parent = unit.code AND NOT below.boundary @ unit.boundary LIMIT 1;
    END IF;
    IF outside IS NOT NULL THEN
        RAISE EXCEPTION 'unit % reaches beyond the extent of the unit above it', outside
            USING ERRCODE = 'YZ002', TABLE = 'units', COLUMN = 'boundary', DETAIL = outside;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- Two triggers instead of one on INSERT OR UPDATE, so that an update of a name costs nothing.
CREATE CONSTRAINT TRIGGER units_extent_of_new AFTER INSERT ON units
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.boundary IS NOT NULL) EXECUTE FUNCTION units_check_extent();
CREATE CONSTRAINT TRIGGER units_extent_of_changed AFTER UPDATE ON units
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.boundary IS DISTINCT FROM OLD.boundary) EXECUTE FUNCTION units_check_extent();
