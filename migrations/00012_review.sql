-- +goose Up

-- Of a micro-grid, whoever draws writes a draft, and whoever reviews publishes what is in review, or returns it.
-- Store.ApplyAs sees to it; the database holds it again for the role of people. What the scope calls micro_grids
-- is drawing, what it calls reviews is judging.
DROP POLICY updates ON micro_grids;
CREATE POLICY updates ON micro_grids FOR UPDATE TO yizhan_staff
    USING (in_scope('micro_grids', code) OR in_scope('reviews', code))
    WITH CHECK (in_scope('micro_grids', code) OR in_scope('reviews', code));

-- +goose StatementBegin
CREATE FUNCTION micro_grids_check_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    drawn   boolean := TG_OP = 'INSERT';
    allowed boolean;
BEGIN
    IF NOT drawn THEN
        drawn := (NEW.code, NEW.community, NEW.name, NEW.households, NEW.zone, NEW.synthetic, NEW.boundary)
            IS DISTINCT FROM (OLD.code, OLD.community, OLD.name, OLD.households, OLD.zone, OLD.synthetic, OLD.boundary);
    END IF;
    allowed := CASE
        WHEN drawn OR NEW.status = 'draft' THEN NEW.status = 'draft' AND in_scope('micro_grids', NEW.code)
        WHEN NEW.status = 'in_review' THEN OLD.status IN ('draft', 'returned') AND in_scope('micro_grids', NEW.code)
        ELSE OLD.status = 'in_review' AND in_scope('reviews', NEW.code)
    END;
    IF NOT allowed THEN
        RAISE EXCEPTION 'micro-grid % may not become %', NEW.code, NEW.status
            USING ERRCODE = 'insufficient_privilege', TABLE = 'micro_grids', COLUMN = 'status';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

CREATE TRIGGER micro_grids_step BEFORE INSERT OR UPDATE ON micro_grids
    FOR EACH ROW WHEN (current_user = 'yizhan_staff') EXECUTE FUNCTION micro_grids_check_step();
