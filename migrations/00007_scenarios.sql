-- +goose Up

-- What-if edits over the city at one seq. They are not the city's truth: not in the change log, and
-- nothing refers to them.
CREATE TABLE scenarios (
    id         text COLLATE "C" PRIMARY KEY, -- random: who knows it may look
    name       text NOT NULL,
    note       text NOT NULL,
    author     text NOT NULL,
    seq        bigint NOT NULL,
    edits      jsonb NOT NULL, -- an array; store/scenarios.go says of what
    version    bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT scenarios_id_check CHECK (id ~ '^[a-z2-7]{16}$'),
    CONSTRAINT scenarios_name_check CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT scenarios_note_check CHECK (char_length(note) <= 2000),
    CONSTRAINT scenarios_author_check CHECK (char_length(author) <= 200),
    CONSTRAINT scenarios_seq_check CHECK (seq >= 0),
    CONSTRAINT scenarios_edits_check CHECK (CASE WHEN jsonb_typeof(edits) = 'array' THEN jsonb_array_length(edits) <= 1000 ELSE false END),
    CONSTRAINT scenarios_edits_size CHECK (pg_column_size(edits) <= 4194304),
    CONSTRAINT scenarios_version_check CHECK (version >= 1)
);
CREATE INDEX scenarios_newest_idx ON scenarios (created_at DESC, id DESC);

-- +goose StatementBegin
-- Anybody may keep a scenario, so their number is bounded. The lock makes writers wait for each other:
-- each alone might be the last that fits.
CREATE FUNCTION scenarios_check_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('yizhan scenarios', 0));
    IF (SELECT count(*) FROM scenarios) > 10000 THEN
        RAISE EXCEPTION 'there are 10000 scenarios already' USING ERRCODE = 'YZ004', TABLE = 'scenarios', DETAIL = '10000';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER scenarios_number AFTER INSERT ON scenarios FOR EACH STATEMENT EXECUTE FUNCTION scenarios_check_number();
