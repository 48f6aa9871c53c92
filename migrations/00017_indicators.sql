-- +goose Up

-- Figures about units that people add to look at beside the city: no features of it, so not in the change
-- log (docs/decisions/0016-indicators-and-places.md). An indicator has one table of figures for each date.
CREATE TABLE indicators (
    id         text COLLATE "C" PRIMARY KEY,
    name       text NOT NULL,
    note       text NOT NULL,
    unit       text COLLATE "C" NOT NULL, -- that it is about: who may edit it, may do so there
    public     boolean NOT NULL,          -- shown to everybody; otherwise to staff
    author     text NOT NULL,
    synthetic  boolean NOT NULL,
    version    bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind       text NOT NULL,
    level      text NOT NULL,
    measure    text NOT NULL,

    CONSTRAINT indicators_id_check CHECK (id ~ '^[a-z2-7]{16}$'),
    CONSTRAINT indicators_name_check CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT indicators_note_check CHECK (char_length(note) <= 2000),
    CONSTRAINT indicators_unit_check CHECK (unit ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'),
    CONSTRAINT indicators_kind_check CHECK (kind IN ('count', 'share', 'per_household', 'index')),
    CONSTRAINT indicators_level_check CHECK (level IN ('banner', 'township', 'community')),
    CONSTRAINT indicators_measure_check CHECK (char_length(measure) <= 20),
    CONSTRAINT indicators_version_check CHECK (version >= 1)
);

CREATE TABLE indicator_releases (
    indicator  text COLLATE "C" NOT NULL REFERENCES indicators ON DELETE CASCADE,
    date       date NOT NULL,
    source     text NOT NULL,
    author     text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),

    PRIMARY KEY (indicator, date),
    CONSTRAINT indicator_releases_source_check CHECK (char_length(source) BETWEEN 1 AND 200)
);

-- A unit may go, and its figures stay what they were on their date: unit refers to nothing.
CREATE TABLE indicator_figures (
    indicator text COLLATE "C" NOT NULL,
    date      date NOT NULL,
    unit      text COLLATE "C" NOT NULL,
    value     double precision NOT NULL,

    PRIMARY KEY (indicator, date, unit),
    FOREIGN KEY (indicator, date) REFERENCES indicator_releases ON DELETE CASCADE,
    CONSTRAINT indicator_figures_unit_check CHECK (unit ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'),
    CONSTRAINT indicator_figures_value_check CHECK (abs(value) <= 1e15) -- NaN is greater than all numbers
);

-- +goose StatementBegin
-- The number of layers is bounded, as that of scenarios is.
CREATE FUNCTION layers_check_number() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    layers bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('yizhan ' || TG_TABLE_NAME, 0));
    EXECUTE format('SELECT count(*) FROM %I', TG_TABLE_NAME) INTO layers;
    IF layers > 1000 THEN
        RAISE EXCEPTION 'there are 1000 layers already' USING ERRCODE = 'YZ004', TABLE = TG_TABLE_NAME, DETAIL = '1000';
    END IF;
    RETURN NULL;
END $$;

DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION layers_check_number() SECURITY DEFINER SET search_path = %s, pg_temp', quote_ident(current_schema()));
END $$;

-- What the role of people sees: yizhan.reads is 'staff' for staff, and nothing for guests.
CREATE FUNCTION reads_as_staff() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('yizhan.reads', true), '') = 'staff'
$$;

DO $$
DECLARE
    name text;
    seen text;
    rule text;
BEGIN
    FOR name, seen, rule IN VALUES
        ('indicators', 'public OR reads_as_staff()', 'in_scope(''layers'', unit)'),
        ('indicator_releases', 'EXISTS (SELECT FROM indicators i WHERE i.id = indicator)',
            'EXISTS (SELECT FROM indicators i WHERE i.id = indicator AND in_scope(''layers'', i.unit))'),
        ('indicator_figures', 'EXISTS (SELECT FROM indicators i WHERE i.id = indicator)',
            'in_scope(''layers'', unit) AND EXISTS (SELECT FROM indicators i WHERE i.id = indicator AND in_scope(''layers'', i.unit))')
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

CREATE TRIGGER indicators_number AFTER INSERT ON indicators FOR EACH STATEMENT EXECUTE FUNCTION layers_check_number();
