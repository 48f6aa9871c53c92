-- +goose Up

-- Remarks about a community that is being drawn or reviewed. They are not the city's truth: not in the change
-- log, and gone with the community.
CREATE TABLE comments (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    community   text COLLATE "C" NOT NULL REFERENCES units ON DELETE CASCADE,
    micro_grid  text COLLATE "C", -- which may be gone by now
    location    geometry(Point, 4326),
    seq         bigint NOT NULL,  -- of the change log when it was written
    author      text NOT NULL,
    body        text NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    resolved_by text,
    resolved_at timestamptz,

    CONSTRAINT comments_community_check CHECK (community ~ '^[0-9]{12}$'),
    CONSTRAINT comments_micro_grid_check CHECK (micro_grid ~ '^[0-9]{15}$' AND left(micro_grid, 12) = community),
    CONSTRAINT comments_location_range CHECK (ST_X(location) BETWEEN -180 AND 180 AND ST_Y(location) BETWEEN -90 AND 90),
    CONSTRAINT comments_seq_check CHECK (seq >= 0),
    CONSTRAINT comments_author_check CHECK (char_length(author) BETWEEN 1 AND 200),
    CONSTRAINT comments_body_check CHECK (char_length(body) BETWEEN 1 AND 2000),
    CONSTRAINT comments_resolved_check CHECK ((resolved_by IS NULL) = (resolved_at IS NULL))
);
CREATE INDEX comments_community_idx ON comments (community, id);

-- Who edits a community at the moment, for others to see. A row that ran out counts for nothing.
CREATE TABLE leases (
    community text COLLATE "C" PRIMARY KEY REFERENCES units ON DELETE CASCADE,
    holder    text NOT NULL,
    since     timestamptz NOT NULL,
    until     timestamptz NOT NULL,

    CONSTRAINT leases_community_check CHECK (community ~ '^[0-9]{12}$'),
    CONSTRAINT leases_holder_check CHECK (char_length(holder) BETWEEN 1 AND 200),
    CONSTRAINT leases_until_check CHECK (until > since)
);

-- +goose StatementBegin
-- As for features, the role of people writes only where the scope lets it: comments where somebody draws or
-- reviews, leases where somebody draws.
DO $$
DECLARE
    name text;
    rule text;
BEGIN
    FOR name, rule IN VALUES
        ('comments', '(in_scope(''micro_grids'', community) OR in_scope(''reviews'', community))'),
        ('leases', 'in_scope(''micro_grids'', community)')
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY reads ON %I FOR SELECT USING (true)', name);
        EXECUTE format('CREATE POLICY inserts ON %I FOR INSERT TO yizhan_staff WITH CHECK (%s)', name, rule);
        EXECUTE format('CREATE POLICY updates ON %I FOR UPDATE TO yizhan_staff USING (%s) WITH CHECK (%2$s)', name, rule);
        EXECUTE format('CREATE POLICY deletes ON %I FOR DELETE TO yizhan_staff USING (%s)', name, rule);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO yizhan_staff', name);
    END LOOP;
END $$;
-- +goose StatementEnd
