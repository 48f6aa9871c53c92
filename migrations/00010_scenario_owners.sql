-- +goose Up

-- A scenario belongs to the account that made it. Those from before, and those of accounts that are gone, belong
-- to nobody: administrators look after them.
ALTER TABLE scenarios ADD COLUMN owner bigint REFERENCES users ON DELETE SET NULL;
CREATE INDEX scenarios_owner_idx ON scenarios (owner);

-- What a person writes is written by yizhan_staff, as for features: yizhan.scope then has scenarios: and the
-- number of the account, or scenarios:* for all.
-- +goose StatementBegin
CREATE FUNCTION scenario_in_scope(owner bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM string_to_table(current_setting('yizhan.scope', true), ' ') AS scope
        WHERE scope = 'scenarios:*' OR scope = 'scenarios:' || owner)
$$;
-- +goose StatementEnd

ALTER TABLE scenarios ENABLE ROW LEVEL SECURITY;
CREATE POLICY reads ON scenarios FOR SELECT USING (true);
CREATE POLICY inserts ON scenarios FOR INSERT TO yizhan_staff WITH CHECK (scenario_in_scope(owner));
CREATE POLICY updates ON scenarios FOR UPDATE TO yizhan_staff USING (scenario_in_scope(owner)) WITH CHECK (scenario_in_scope(owner));
CREATE POLICY deletes ON scenarios FOR DELETE TO yizhan_staff USING (scenario_in_scope(owner));
GRANT SELECT, INSERT, UPDATE, DELETE ON scenarios TO yizhan_staff;

-- +goose StatementBegin
-- The number of scenarios is bounded, and so is that of one account. The lock makes writers wait for each
-- other: each alone might be the last that fits.
CREATE OR REPLACE FUNCTION scenarios_check_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('yizhan scenarios', 0));
    IF (SELECT count(*) FROM scenarios) > 10000 THEN
        RAISE EXCEPTION 'there are 10000 scenarios already' USING ERRCODE = 'YZ004', TABLE = 'scenarios', DETAIL = '10000';
    END IF;
    IF EXISTS (SELECT FROM scenarios WHERE owner IN (SELECT owner FROM made) GROUP BY owner HAVING count(*) > 1000) THEN
        RAISE EXCEPTION 'the account has 1000 scenarios already' USING ERRCODE = 'YZ004', TABLE = 'scenarios of this account', DETAIL = '1000';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

DROP TRIGGER scenarios_number ON scenarios;
CREATE TRIGGER scenarios_number AFTER INSERT ON scenarios REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION scenarios_check_number();
