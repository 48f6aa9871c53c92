-- +goose Up

-- The changes of a changeset follow each other without another's between them, as its numbers are taken at once. So a
-- changeset knows them by two numbers, and the log needs no index for it: one of three that are written while all other
-- writers wait.
ALTER TABLE changesets
    ADD COLUMN first_seq bigint,
    ADD COLUMN last_seq  bigint;

UPDATE changesets SET first_seq = own.first_seq, last_seq = own.last_seq
FROM (SELECT changeset, min(seq) AS first_seq, max(seq) AS last_seq FROM changes GROUP BY changeset) own
WHERE own.changeset = changesets.id;

ALTER TABLE changesets
    ALTER COLUMN first_seq SET NOT NULL,
    ALTER COLUMN last_seq SET NOT NULL,
    ADD CONSTRAINT changesets_last_seq_check CHECK (first_seq >= 1 AND last_seq >= first_seq);

DROP INDEX changes_changeset_idx;
