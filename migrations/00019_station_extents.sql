-- +goose Up

-- That stations lie inside the extent of their city was judged station by station at commit: 50 µs each, a minute for
-- an import of a million. Now each statement judges all its stations at once, and only those outside are
-- judged again at commit, when the city may have grown around them.
CREATE TABLE stations_outside (
    station text COLLATE "C" PRIMARY KEY
);

-- +goose StatementBegin
CREATE FUNCTION stations_note_outside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The city stays as it is until the end, or has become what we see when we had waited for it.
    PERFORM FROM units WHERE code IN (SELECT DISTINCT left(community, 4) || '00' FROM added) ORDER BY code FOR SHARE;
    INSERT INTO stations_outside
    SELECT station.code FROM added station JOIN units city ON city.code = left(station.community, 4) || '00'
    WHERE NOT station.location @ city.boundary ORDER BY 1
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION stations_outside_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    outside boolean;
BEGIN
    DELETE FROM stations_outside WHERE station = NEW.station;
    SELECT NOT station.location @ city.boundary INTO outside FROM stations station
    JOIN units city ON city.code = left(station.community, 4) || '00'
    WHERE station.code = NEW.station;
    IF outside THEN
        RAISE EXCEPTION 'station % lies outside its city', NEW.station
            USING ERRCODE = 'YZ003', TABLE = 'stations', COLUMN = 'location', DETAIL = NEW.station;
    END IF;
    RETURN NULL;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['stations_note_outside', 'stations_outside_check'] LOOP
        EXECUTE format('ALTER FUNCTION %I() SECURITY DEFINER SET search_path = %s, pg_temp', name, quote_ident(current_schema()) ||
            coalesce((SELECT ', ' || quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                WHERE e.extname = 'postgis' AND n.nspname <> current_schema()), ''));
    END LOOP;
END $$;
-- +goose StatementEnd

DROP TRIGGER stations_extent ON stations;
DROP FUNCTION stations_check_extent();

CREATE TRIGGER stations_inserted AFTER INSERT ON stations
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION stations_note_outside();
CREATE TRIGGER stations_updated AFTER UPDATE ON stations
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION stations_note_outside();

CREATE CONSTRAINT TRIGGER stations_outside_check AFTER INSERT ON stations_outside
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stations_outside_check();
