-- +goose Up

-- Changes are appended by the statement after the one that makes their changeset, in one transaction, and neither is ever
-- changed or taken away. The key was checked change by change, by a statement each, while all other writers wait for the
-- numbers of the log: half of that time, for an import of many.
ALTER TABLE changes DROP CONSTRAINT changes_changeset_fkey;
