-- +goose Up

-- What riders have to say, and what becomes of it (docs/decisions/0014-reports.md). The tables of 00006 were
-- never written to; these take their place.
DROP TABLE report_stages, reports;

CREATE TABLE reports (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code_hash   bytea NOT NULL UNIQUE, -- SHA-256 of the code by which the rider asks; of one key always the same
    fingerprint bytea NOT NULL,        -- SHA-256 of what was sent, to tell a replay from another report
    kind        text NOT NULL,
    topic       text,                  -- of a problem
    station     text COLLATE "C" REFERENCES stations ON DELETE SET NULL,
    location    geometry(Point, 4326) NOT NULL,
    community   text COLLATE "C" NOT NULL REFERENCES units, -- whose staff handle it
    services    text[] NOT NULL DEFAULT '{}',
    body        text NOT NULL,
    sealed      bytea,                 -- how to reach the rider, encrypted; gone once the report is closed
    has_contact boolean NOT NULL GENERATED ALWAYS AS (sealed IS NOT NULL) STORED,
    seen_at     timestamptz NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    stage       text NOT NULL,
    moved_at    timestamptz NOT NULL DEFAULT now(),
    due_at      timestamptz,
    assignee    text,                  -- the name of an account, which may be gone
    answer      text NOT NULL DEFAULT '', -- for the rider
    merged_into bigint REFERENCES reports,
    result      text COLLATE "C" REFERENCES stations ON DELETE SET NULL, -- the station it was turned into
    version     bigint NOT NULL DEFAULT 1,

    CONSTRAINT reports_code_hash_check CHECK (octet_length(code_hash) = 32),
    CONSTRAINT reports_fingerprint_check CHECK (octet_length(fingerprint) = 32),
    CONSTRAINT reports_kind_check CHECK (kind IN ('problem', 'confirmation', 'suggestion')),
    CONSTRAINT reports_topic_check CHECK (CASE WHEN kind = 'problem'
        THEN coalesce(topic IN ('closed', 'no_hot_water', 'no_heat', 'wrong_place', 'other'), false) ELSE topic IS NULL END),
    CONSTRAINT reports_services_check CHECK (cardinality(services) <= 12 AND services <@ ARRAY['water', 'charging', 'battery_swap',
        'rest', 'heating', 'toilet', 'microwave', 'first_aid', 'wifi', 'books', 'rain_gear', 'counselling']),
    CONSTRAINT reports_body_check CHECK (char_length(body) <= 1000),
    CONSTRAINT reports_location_range CHECK (ST_X(location) BETWEEN -180 AND 180 AND ST_Y(location) BETWEEN -90 AND 90),
    CONSTRAINT reports_sealed_check CHECK (octet_length(sealed) <= 1024),
    CONSTRAINT reports_stage_check CHECK (stage IN ('called', 'collected', 'handled', 'converted', 'declined', 'merged')),
    CONSTRAINT reports_merged_check CHECK ((stage = 'merged') = (merged_into IS NOT NULL) AND merged_into <> id),
    CONSTRAINT reports_contact_kept_check CHECK (sealed IS NULL OR stage NOT IN ('converted', 'declined')),
    CONSTRAINT reports_answer_check CHECK (char_length(answer) <= 1000),
    CONSTRAINT reports_version_check CHECK (version >= 1)
);
CREATE INDEX reports_queue_idx ON reports (stage, due_at, id);
CREATE INDEX reports_community_idx ON reports (community);
CREATE INDEX reports_station_idx ON reports (station);
CREATE INDEX reports_result_idx ON reports (result);
CREATE INDEX reports_created_idx ON reports (created_at);
CREATE INDEX reports_location_idx ON reports USING gist (location);
CREATE INDEX reports_merged_idx ON reports (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX reports_sealed_idx ON reports (substring(sealed FOR 5)) WHERE sealed IS NOT NULL; -- by key, for rotation

-- What was done with a report: who, when and what. It is only added to.
CREATE TABLE report_steps (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    report bigint NOT NULL REFERENCES reports ON DELETE CASCADE,
    at     timestamptz NOT NULL DEFAULT now(),
    actor  text NOT NULL, -- the name of an account; rider, or yizhan for what follows by itself
    act    text NOT NULL,
    stage  text NOT NULL, -- after it
    note   text NOT NULL DEFAULT '', -- for staff

    CONSTRAINT report_steps_actor_check CHECK (char_length(actor) BETWEEN 1 AND 200),
    CONSTRAINT report_steps_act_check CHECK (act IN ('sent', 'renewed', 'moved', 'assigned', 'merged')),
    CONSTRAINT report_steps_stage_check CHECK (stage IN ('called', 'collected', 'handled', 'converted', 'declined', 'merged')),
    CONSTRAINT report_steps_note_check CHECK (char_length(note) <= 1000)
);
CREATE INDEX report_steps_report_idx ON report_steps (report, id);

-- A photo as it was made anew on the server: plain JPEG without anything about who took it, where and with what.
CREATE TABLE report_photos (
    report bigint PRIMARY KEY REFERENCES reports ON DELETE CASCADE,
    width  integer NOT NULL,
    height integer NOT NULL,
    jpeg   bytea NOT NULL,

    CONSTRAINT report_photos_width_check CHECK (width BETWEEN 1 AND 1600),
    CONSTRAINT report_photos_height_check CHECK (height BETWEEN 1 AND 1600),
    CONSTRAINT report_photos_jpeg_check CHECK (octet_length(jpeg) BETWEEN 4 AND 1048576)
);
ALTER TABLE report_photos ALTER COLUMN jpeg SET STORAGE EXTERNAL; -- it is compressed already

-- +goose StatementBegin
-- How to reach a rider is kept for as long as somebody works at the report, and for those merged into it.
CREATE FUNCTION reports_forget_contact() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF NEW.stage IN ('converted', 'declined') THEN
        NEW.sealed := NULL;
        UPDATE reports SET sealed = NULL WHERE merged_into = NEW.id AND sealed IS NOT NULL;
    END IF;
    RETURN NEW;
END $$;

DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION reports_forget_contact() SET search_path = %s, pg_temp', quote_ident(current_schema()));
END $$;

-- Staff see and handle the reports of their units, and no others.
CREATE FUNCTION report_in_scope(given bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT in_scope('reports', r.community) FROM reports r WHERE r.id = given), false)
$$;
-- +goose StatementEnd

CREATE TRIGGER reports_contact BEFORE UPDATE OF stage ON reports FOR EACH ROW EXECUTE FUNCTION reports_forget_contact();

ALTER TABLE reports ENABLE ROW LEVEL SECURITY;
ALTER TABLE report_steps ENABLE ROW LEVEL SECURITY;
ALTER TABLE report_photos ENABLE ROW LEVEL SECURITY;
CREATE POLICY reads ON reports FOR SELECT TO yizhan_staff USING (in_scope('reports', community));
CREATE POLICY updates ON reports FOR UPDATE TO yizhan_staff USING (in_scope('reports', community)) WITH CHECK (in_scope('reports', community));
CREATE POLICY reads ON report_steps FOR SELECT TO yizhan_staff USING (report_in_scope(report));
CREATE POLICY inserts ON report_steps FOR INSERT TO yizhan_staff WITH CHECK (report_in_scope(report));
CREATE POLICY reads ON report_photos FOR SELECT TO yizhan_staff USING (report_in_scope(report));

GRANT SELECT (id, kind, topic, station, location, community, services, body, has_contact, seen_at, created_at, stage, moved_at, due_at, assignee,
    answer, merged_into, result, version), UPDATE (stage, moved_at, due_at, assignee, answer, merged_into, result, version) ON reports TO yizhan_staff;
GRANT SELECT, INSERT ON report_steps TO yizhan_staff;
GRANT SELECT ON report_photos TO yizhan_staff;
