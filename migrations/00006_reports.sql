-- +goose Up

-- What a rider has to say about a place: a problem, a confirmation or a suggestion.
CREATE TABLE reports (
    code       text COLLATE "C" PRIMARY KEY,
    kind       text NOT NULL,
    station    text COLLATE "C" REFERENCES stations,
    service    text,
    location   geometry(Point, 4326) NOT NULL,
    community  text COLLATE "C" REFERENCES units, -- who handles it
    body       text NOT NULL,
    sealed     bytea,                              -- how to reach the rider, encrypted
    created_at timestamptz NOT NULL DEFAULT now(),
    version    bigint NOT NULL DEFAULT 1,

    CONSTRAINT reports_code_check CHECK (code ~ '^[0-9A-Z][0-9A-Z-]{2,31}$'),
    CONSTRAINT reports_kind_check CHECK (kind IN ('problem', 'confirmation', 'suggestion')),
    CONSTRAINT reports_body_check CHECK (char_length(body) <= 2000),
    CONSTRAINT reports_location_range CHECK (ST_X(location) BETWEEN -180 AND 180 AND ST_Y(location) BETWEEN -90 AND 90),
    CONSTRAINT reports_sealed_check CHECK (octet_length(sealed) <= 4096),
    CONSTRAINT reports_version_check CHECK (version >= 1)
);
CREATE INDEX reports_station_idx ON reports (station);
CREATE INDEX reports_community_idx ON reports (community);
CREATE INDEX reports_location_idx ON reports USING gist (location);

-- 征集 called for, 收集 collected, 办理 handled, 转化 turned into a lasting change: each at most once, in order.
CREATE TABLE report_stages (
    report text COLLATE "C" NOT NULL REFERENCES reports ON DELETE CASCADE,
    stage  text NOT NULL,
    rank   smallint GENERATED ALWAYS AS
        (CASE stage WHEN 'called' THEN 1 WHEN 'collected' THEN 2 WHEN 'handled' THEN 3 WHEN 'converted' THEN 4 END) STORED,
    at     timestamptz NOT NULL DEFAULT now(),
    actor  text NOT NULL,
    note   text NOT NULL DEFAULT '',

    PRIMARY KEY (report, rank),
    CONSTRAINT report_stages_stage_check CHECK (stage IN ('called', 'collected', 'handled', 'converted')),
    CONSTRAINT report_stages_actor_check CHECK (char_length(actor) BETWEEN 1 AND 200),
    CONSTRAINT report_stages_note_check CHECK (char_length(note) <= 2000)
);
