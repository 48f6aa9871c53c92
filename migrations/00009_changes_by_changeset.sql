-- +goose Up

-- To read a changeset back, and to undo it, without reading the whole log.
CREATE INDEX changes_changeset_idx ON changes (changeset, seq);
