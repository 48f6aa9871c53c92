-- +goose Up

-- Points that people add to look at beside the city, a table of them in each layer.
CREATE TABLE place_layers (
    id         text COLLATE "C" PRIMARY KEY,
    name       text NOT NULL,
    note       text NOT NULL,
    unit       text COLLATE "C" NOT NULL,
    public     boolean NOT NULL,
    author     text NOT NULL,
    synthetic  boolean NOT NULL,
    version    bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    source     text NOT NULL,
    date       date NOT NULL,

    CONSTRAINT place_layers_id_check CHECK (id ~ '^[a-z2-7]{16}$'),
    CONSTRAINT place_layers_name_check CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT place_layers_note_check CHECK (char_length(note) <= 2000),
    CONSTRAINT place_layers_unit_check CHECK (unit ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'),
    CONSTRAINT place_layers_source_check CHECK (char_length(source) BETWEEN 1 AND 200),
    CONSTRAINT place_layers_version_check CHECK (version >= 1)
);

CREATE TABLE places (
    layer     text COLLATE "C" NOT NULL REFERENCES place_layers ON DELETE CASCADE,
    n         integer NOT NULL, -- in the order of the table that they come from, from 1
    name      text NOT NULL,
    kind      text NOT NULL,
    note      text NOT NULL,
    location  geometry(Point, 4326) NOT NULL,
    community text COLLATE "C" NOT NULL, -- that it lies in; empty outside of all

    PRIMARY KEY (layer, n),
    CONSTRAINT places_n_check CHECK (n BETWEEN 1 AND 5000),
    CONSTRAINT places_name_check CHECK (char_length(name) BETWEEN 1 AND 120),
    CONSTRAINT places_kind_check CHECK (char_length(kind) <= 40),
    CONSTRAINT places_note_check CHECK (char_length(note) <= 500),
    CONSTRAINT places_location_range CHECK (ST_X(location) BETWEEN -180 AND 180 AND ST_Y(location) BETWEEN -90 AND 90)
);
CREATE INDEX places_location_idx ON places USING gist (location);

-- +goose StatementBegin
-- Who may edit a layer may put places anywhere in it: that some are beyond its unit is for the reader to see.
DO $$
DECLARE
    name text;
    seen text;
    rule text;
BEGIN
    FOR name, seen, rule IN VALUES
        ('place_layers', 'public OR reads_as_staff()', 'in_scope(''layers'', unit)'),
        ('places', 'EXISTS (SELECT FROM place_layers l WHERE l.id = layer)',
            'EXISTS (SELECT FROM place_layers l WHERE l.id = layer AND in_scope(''layers'', l.unit))')
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY reads ON %I FOR SELECT TO yizhan_staff USING (%s)', name, seen);
        EXECUTE format('CREATE POLICY inserts ON %I FOR INSERT TO yizhan_staff WITH CHECK (%s)', name, rule);
        EXECUTE format('CREATE POLICY updates ON %I FOR UPDATE TO yizhan_staff USING (%s) WITH CHECK (%2$s)', name, rule);
        EXECUTE format('CREATE POLICY deletes ON %I FOR DELETE TO yizhan_staff USING (%s)', name, rule);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO yizhan_staff', name);
    END LOOP;
END $$;
-- +goose StatementEnd

CREATE TRIGGER place_layers_number AFTER INSERT ON place_layers FOR EACH STATEMENT EXECUTE FUNCTION layers_check_number();
