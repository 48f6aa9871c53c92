-- +goose Up

ALTER TABLE grants DROP CONSTRAINT grants_role_check;
ALTER TABLE grants ADD CONSTRAINT grants_role_check
    CHECK (role IN ('viewer', 'station_keeper', 'planner', 'reviewer', 'analyst', 'admin'));

ALTER TABLE users
    ADD COLUMN subject     text UNIQUE,  -- issuer and subject, for an account that signs in by OpenID Connect
    ADD COLUMN totp_sealed bytea,        -- the shared secret of the second factor, encrypted
    ADD COLUMN totp_since  timestamptz,  -- null until it was proved that the secret arrived
    ADD COLUMN totp_step   bigint NOT NULL DEFAULT 0, -- the last time step used: a code serves once
    ADD CONSTRAINT users_subject_check CHECK (char_length(subject) BETWEEN 3 AND 600),
    ADD CONSTRAINT users_totp_check CHECK (totp_since IS NULL OR totp_sealed IS NOT NULL);

-- Each signs in once in place of a code, when the telephone is lost.
CREATE TABLE recovery_codes (
    user_id   bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    code_hash bytea NOT NULL,

    PRIMARY KEY (user_id, code_hash),
    CONSTRAINT recovery_codes_code_hash_check CHECK (octet_length(code_hash) = 32)
);

-- expires_at bounds a session whatever happens in it; seen_at ends one that nobody uses.
ALTER TABLE sessions
    ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN address text NOT NULL DEFAULT '';

ALTER TABLE tokens
    ADD COLUMN scopes       text[] NOT NULL DEFAULT '{}',
    ADD COLUMN last_used_at timestamptz,
    ADD CONSTRAINT tokens_scopes_check CHECK (scopes <@ ARRAY['read', 'write', 'personal', 'admin']);

-- Failed attempts to sign in, by a hash of the name or the address that was tried, whether or not there is
-- such an account.
CREATE TABLE sign_in_failures (
    key      bytea PRIMARY KEY,
    failures integer NOT NULL,
    last_at  timestamptz NOT NULL,

    CONSTRAINT sign_in_failures_key_check CHECK (octet_length(key) = 32)
);
CREATE INDEX sign_in_failures_last_at_idx ON sign_in_failures (last_at);

-- The audit trail is a chain: the hash of an entry covers the entry and the hash before it
-- (store/audit.go). Appending takes its number by updating the head, as in the change log.
ALTER TABLE audit
    ADD COLUMN address text NOT NULL DEFAULT '',
    ADD COLUMN hash    bytea NOT NULL,
    ADD CONSTRAINT audit_hash_check CHECK (octet_length(hash) = 32);

CREATE TABLE audit_head (
    one  boolean PRIMARY KEY DEFAULT true,
    id   bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_head_one_check CHECK (one)
);
INSERT INTO audit_head (id, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

CREATE INDEX leaders_sealed_idx ON leaders (substring(sealed FOR 5)) WHERE sealed IS NOT NULL; -- by key, for rotation

-- What a person changes through the API is written by this role, which sees every row and writes only
-- those of the units in yizhan.scope. Nobody logs in as it, and it cannot read what is sealed. What the
-- owner writes (a command of who runs the server) is not restricted.
-- +goose StatementBegin
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'yizhan_staff') THEN
        BEGIN
            CREATE ROLE yizhan_staff NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- another database of the server was faster
        END;
    END IF;
    BEGIN
        SET LOCAL ROLE yizhan_staff;
        SET LOCAL ROLE NONE;
    EXCEPTION WHEN insufficient_privilege THEN
        EXECUTE format('GRANT yizhan_staff TO %I', current_user);
    END;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'the role yizhan_staff is missing, and % may not create it', current_user
        USING HINT = format('As a superuser: CREATE ROLE yizhan_staff NOLOGIN; GRANT yizhan_staff TO %I;', current_user);
END $$;

-- Scope lists what may be written as collection:prefix, separated by spaces: micro_grids:150702 stations:1507.
-- Without it, nothing may.
CREATE FUNCTION in_scope(collection text, code text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (SELECT FROM string_to_table(current_setting('yizhan.scope', true), ' ') AS scope
        WHERE length(scope) >= length(collection) + 5 AND starts_with(collection || ':' || code, scope))
$$;

-- A scene is in scope if all of its members are.
CREATE FUNCTION scene_in_scope(given text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT current_setting('yizhan.scope', true) LIKE '%friendly_scenes:%'
        AND NOT EXISTS (SELECT FROM friendly_scene_micro_grids m
            WHERE m.scene = given AND NOT in_scope('friendly_scenes', m.micro_grid))
        AND NOT EXISTS (SELECT FROM friendly_scene_stations m JOIN stations s ON s.code = m.station
            WHERE m.scene = given AND NOT in_scope('friendly_scenes', s.community))
$$;

CREATE FUNCTION station_in_scope(collection text, given text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT in_scope(collection, s.community) FROM stations s WHERE s.code = given), false)
$$;

-- The checks see and do what the owner can, whoever writes.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['units_check_extent', 'stations_check_extent', 'cities_check_stations', 'micro_grids_inserted',
        'micro_grids_updated', 'micro_grids_deleted', 'communities_updated', 'partitions_check']
    LOOP
        EXECUTE format('ALTER FUNCTION %I() SECURITY DEFINER SET search_path = %s, pg_temp', name, quote_ident(current_schema()) ||
            coalesce((SELECT ', ' || quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                WHERE e.extname = 'postgis' AND n.nspname <> current_schema()), ''));
    END LOOP;
END $$;

DO $$
DECLARE
    name text;
    rule text;
BEGIN
    FOR name, rule IN VALUES
        ('units', 'in_scope(''units'', code)'),
        ('micro_grids', 'in_scope(''micro_grids'', code)'),
        ('stations', 'in_scope(''stations'', community)'),
        ('station_services', 'station_in_scope(''stations'', station)'),
        ('friendly_scenes', 'scene_in_scope(code)'),
        ('friendly_scene_micro_grids', 'in_scope(''friendly_scenes'', micro_grid)'),
        ('friendly_scene_stations', 'station_in_scope(''friendly_scenes'', station)'),
        ('leaders', 'in_scope(''leaders'', code)')
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY reads ON %I FOR SELECT USING (true)', name);
        EXECUTE format('CREATE POLICY inserts ON %I FOR INSERT TO yizhan_staff WITH CHECK (%s)', name, rule);
        EXECUTE format('CREATE POLICY updates ON %I FOR UPDATE TO yizhan_staff USING (%s) WITH CHECK (%2$s)', name, rule);
        EXECUTE format('CREATE POLICY deletes ON %I FOR DELETE TO yizhan_staff USING (%s)', name, rule);
        IF name <> 'leaders' THEN
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO yizhan_staff', name);
        END IF;
    END LOOP;
END $$;
-- +goose StatementEnd

GRANT SELECT (code, micro_grid, role, households, selected, synthetic, version),
    INSERT (code, micro_grid, role, households, selected, synthetic, version),
    UPDATE (code, micro_grid, role, households, selected, synthetic, version), DELETE ON leaders TO yizhan_staff;
