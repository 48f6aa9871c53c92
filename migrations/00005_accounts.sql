-- +goose Up

CREATE TABLE users (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL UNIQUE, -- for signing in
    display_name  text NOT NULL,
    password_hash text,                 -- null for an account that signs in by token only
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT users_name_check CHECK (name ~ '^[a-z0-9][a-z0-9._-]{1,63}$'),
    CONSTRAINT users_display_name_check CHECK (char_length(display_name) BETWEEN 1 AND 120)
);

-- A role holds in a unit and in all below it.
CREATE TABLE grants (
    user_id    bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    role       text NOT NULL,
    unit       text COLLATE "C" NOT NULL REFERENCES units,
    granted_by bigint REFERENCES users ON DELETE SET NULL,
    granted_at timestamptz NOT NULL DEFAULT now(),

    PRIMARY KEY (user_id, role, unit),
    CONSTRAINT grants_role_check CHECK (role IN ('viewer', 'planner', 'reviewer', 'analyst', 'admin'))
);
CREATE INDEX grants_unit_idx ON grants (unit);

-- Of secrets only the SHA-256 is kept.
CREATE TABLE sessions (
    secret_hash bytea PRIMARY KEY,
    user_id     bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,

    CONSTRAINT sessions_secret_hash_check CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT sessions_expires_at_check CHECK (expires_at > created_at)
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

CREATE TABLE tokens (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    secret_hash bytea NOT NULL UNIQUE,
    user_id     bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    name        text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz,
    revoked_at  timestamptz,

    CONSTRAINT tokens_secret_hash_check CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT tokens_name_check CHECK (char_length(name) BETWEEN 1 AND 120)
);
CREATE INDEX tokens_user_id_idx ON tokens (user_id);

-- Who looked at or did what, beside the change log: signing in, grants, each reveal of personal data.
-- It outlives the accounts it names, and is only added to.
CREATE TABLE audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    actor   text NOT NULL,
    act     text NOT NULL,
    subject text NOT NULL,
    detail  jsonb NOT NULL DEFAULT '{}',

    CONSTRAINT audit_actor_check CHECK (char_length(actor) BETWEEN 1 AND 200),
    CONSTRAINT audit_act_check CHECK (act ~ '^[a-z][a-z_.]{1,63}$')
);
CREATE INDEX audit_at_idx ON audit (at);
CREATE INDEX audit_subject_idx ON audit (subject, at);

-- +goose StatementBegin
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is only added to' USING ERRCODE = 'insufficient_privilege';
END $$;
-- +goose StatementEnd

CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
