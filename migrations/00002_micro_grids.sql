-- +goose Up

CREATE TABLE micro_grids (
    code       text COLLATE "C" PRIMARY KEY,
    community  text COLLATE "C" NOT NULL REFERENCES units,
    name       text NOT NULL,
    households integer NOT NULL,
    zone       text NOT NULL,
    status     text NOT NULL,
    boundary   geometry(MultiPolygon, 4326) NOT NULL,
    synthetic  boolean NOT NULL,
    version    bigint NOT NULL,

    CONSTRAINT micro_grids_code_check CHECK (code ~ '^[0-9]{15}$'),
    CONSTRAINT micro_grids_community_check CHECK (community = left(code, 12)),
    CONSTRAINT micro_grids_name_check CHECK (char_length(name) BETWEEN 1 AND 120),
    CONSTRAINT micro_grids_households_check CHECK (households BETWEEN 0 AND 10000),
    CONSTRAINT micro_grids_zone_check CHECK (zone IN ('core', 'hinterland')),
    CONSTRAINT micro_grids_status_check CHECK (status IN ('draft', 'in_review', 'returned', 'published')),
    CONSTRAINT micro_grids_boundary_valid CHECK (ST_IsValid(boundary)),
    CONSTRAINT micro_grids_boundary_oriented CHECK (ST_IsPolygonCCW(boundary)),
    CONSTRAINT micro_grids_boundary_filled CHECK (NOT ST_IsEmpty(boundary)),
    CONSTRAINT micro_grids_version_check CHECK (version >= 1)
);
CREATE INDEX micro_grids_community_idx ON micro_grids (community);
CREATE INDEX micro_grids_boundary_idx ON micro_grids USING gist (boundary);

-- A leader answers for a micro-grid. Name and phone are personal data: sealed holds them encrypted, and
-- no view, change row or public answer does.
CREATE TABLE leaders (
    code       text COLLATE "C" PRIMARY KEY,
    micro_grid text COLLATE "C" NOT NULL REFERENCES micro_grids,
    role       text NOT NULL,
    households integer NOT NULL,
    selected   text NOT NULL,
    synthetic  boolean NOT NULL,
    sealed     bytea,
    version    bigint NOT NULL,

    CONSTRAINT leaders_code_check CHECK (code ~ '^[0-9]{17}$'),
    CONSTRAINT leaders_micro_grid_check CHECK (micro_grid = left(code, 15)),
    CONSTRAINT leaders_role_check CHECK (role IN ('unit_leader', 'grid_member', 'party_group_leader')),
    CONSTRAINT leaders_households_check CHECK (households BETWEEN 0 AND 10000),
    CONSTRAINT leaders_selected_check CHECK (selected IN ('elected', 'recommended', 'appointed')),
    CONSTRAINT leaders_sealed_check CHECK (octet_length(sealed) <= 4096),
    CONSTRAINT leaders_version_check CHECK (version >= 1)
);
CREATE INDEX leaders_micro_grid_idx ON leaders (micro_grid);

-- The partition rule. A community whose boundary or micro-grids a transaction touches gets a row here
-- that is not checked; at commit all such rows are checked in one pass. The row also makes two writers
-- on one community wait for each other, at every isolation level: each might be right alone and both
-- wrong together.
CREATE TABLE partitions (
    community text COLLATE "C" PRIMARY KEY REFERENCES units ON DELETE CASCADE,
    checked   boolean NOT NULL
);
CREATE INDEX partitions_unchecked_idx ON partitions (community) WHERE NOT checked;

-- +goose StatementBegin
-- Edges that the boundaries of some units and of the parts below them do not have in common. Rings are
-- oriented (shells counter-clockwise, holes clockwise), so each boundary is a chain of directed edges.
-- The parts are a partition of the whole, with the very same vertices along shared borders, exactly if
-- the chains of the parts add up to the chain of the whole: equal boundaries mean equal areas counted
-- with multiplicity. Gives one row for each edge left over; excess is positive if parts have it too
-- often in that direction.
CREATE FUNCTION partition_faults(wholes text[], level_of_wholes text)
    RETURNS TABLE (unit text, from_lng float8, from_lat float8, to_lng float8, to_lat float8, excess bigint)
    LANGUAGE sql STABLE PARALLEL SAFE SET work_mem = '96MB' AS $$
    WITH shapes AS (
        SELECT code AS unit, -1 AS sign, boundary FROM units WHERE code = ANY (wholes)
        UNION ALL
        SELECT community, 1, boundary FROM micro_grids WHERE community = ANY (wholes) AND level_of_wholes = 'community'
        UNION ALL
        SELECT parent, 1, boundary FROM units WHERE parent = ANY (wholes) AND level_of_wholes <> 'community'
    ), edges AS (
        SELECT unit, sign, ST_X(ST_StartPoint(geom)) AS ax, ST_Y(ST_StartPoint(geom)) AS ay,
               ST_X(ST_EndPoint(geom)) AS bx, ST_Y(ST_EndPoint(geom)) AS by
        FROM shapes, ST_DumpSegments(boundary)
        OFFSET 0 -- a fence: without it each coordinate is extracted again for every use below
    )
    SELECT unit, ax, ay, bx, by, sum(sign) FROM (
        SELECT unit, ax, ay, bx, by, sign FROM edges WHERE (ax, ay) < (bx, by)
        UNION ALL
        SELECT unit, bx, by, ax, ay, -sign FROM edges WHERE (ax, ay) > (bx, by)
    ) AS directed
    GROUP BY unit, ax, ay, bx, by HAVING sum(sign) <> 0
$$;

CREATE FUNCTION micro_grids_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO partitions SELECT DISTINCT community, false FROM added ORDER BY 1
    ON CONFLICT (community) DO UPDATE SET checked = false;
    RETURN NULL;
END $$;

CREATE FUNCTION micro_grids_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO partitions
    SELECT DISTINCT coalesce(added.community, removed.community), false
    FROM added FULL JOIN removed ON added.code = removed.code
    WHERE added.boundary IS DISTINCT FROM removed.boundary ORDER BY 1
    ON CONFLICT (community) DO UPDATE SET checked = false;
    RETURN NULL;
END $$;

CREATE FUNCTION micro_grids_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO partitions SELECT DISTINCT community, false FROM removed ORDER BY 1
    ON CONFLICT (community) DO UPDATE SET checked = false;
    RETURN NULL;
END $$;

CREATE FUNCTION communities_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO partitions
    SELECT added.code, false FROM added JOIN removed ON added.code = removed.code
    WHERE added.level = 'community' AND added.boundary IS DISTINCT FROM removed.boundary ORDER BY 1
    ON CONFLICT (community) DO UPDATE SET checked = false;
    RETURN NULL;
END $$;

-- Fires once for each community touched; the first firing checks them all.
CREATE FUNCTION partitions_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    pending text[];
    fault   record;
BEGIN
    pending := ARRAY(SELECT community FROM partitions WHERE NOT checked);
    IF pending = '{}' THEN
        RETURN NULL;
    END IF;
    -- A community without micro-grids has nothing to be a partition of.
    SELECT f.*, ARRAY(
        SELECT g.code FROM micro_grids g
        WHERE g.community = f.unit AND ST_Intersects(g.boundary,
            ST_SetSRID(ST_MakeLine(ST_MakePoint(f.from_lng, f.from_lat), ST_MakePoint(f.to_lng, f.to_lat)), 4326))
        ORDER BY g.code LIMIT 8) AS micro_grids
    INTO fault
    FROM partition_faults(ARRAY(SELECT DISTINCT community FROM micro_grids WHERE community = ANY (pending)), 'community') f
    ORDER BY f.unit, f.from_lng, f.from_lat, f.to_lng, f.to_lat LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the micro-grids of community % are not a partition of it', fault.unit
            USING ERRCODE = 'YZ001', TABLE = 'micro_grids', COLUMN = 'boundary',
            DETAIL = json_build_object('community', fault.unit, 'micro_grids', fault.micro_grids,
                'from', ARRAY[fault.from_lng, fault.from_lat], 'to', ARRAY[fault.to_lng, fault.to_lat])::text,
            HINT = 'Neighbours must share the very same vertices, without overlap or gap, and fill the community.';
    END IF;
    UPDATE partitions SET checked = true WHERE NOT checked;
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER micro_grids_inserted AFTER INSERT ON micro_grids
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION micro_grids_inserted();
CREATE TRIGGER micro_grids_updated AFTER UPDATE ON micro_grids
    REFERENCING NEW TABLE AS added OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION micro_grids_updated();
CREATE TRIGGER micro_grids_deleted AFTER DELETE ON micro_grids
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION micro_grids_deleted();
CREATE TRIGGER communities_updated AFTER UPDATE ON units
    REFERENCING NEW TABLE AS added OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION communities_updated();

CREATE CONSTRAINT TRIGGER partitions_check AFTER INSERT OR UPDATE ON partitions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT NEW.checked) EXECUTE FUNCTION partitions_check();
