-- +goose Up

CREATE TABLE changesets (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    author text NOT NULL,
    reason text NOT NULL,

    CONSTRAINT changesets_author_check CHECK (char_length(author) BETWEEN 1 AND 200),
    CONSTRAINT changesets_reason_check CHECK (char_length(reason) <= 2000)
);

-- One row for each feature that a changeset touched. before and after hold the public fields of the
-- feature without its boundary, which stands beside them, so that history is a matter of plain SQL; both
-- are null for leaders, whose fields are not for the log.
CREATE TABLE changes (
    seq             bigint PRIMARY KEY,
    changeset       bigint NOT NULL REFERENCES changesets,
    op              text NOT NULL,
    collection      text NOT NULL,
    code            text COLLATE "C" NOT NULL,
    version         bigint NOT NULL,
    before          jsonb,
    before_boundary geometry(MultiPolygon, 4326),
    after           jsonb,
    after_boundary  geometry(MultiPolygon, 4326),

    CONSTRAINT changes_op_check CHECK (op IN ('create', 'update', 'delete')),
    CONSTRAINT changes_collection_check CHECK (collection IN
        ('units', 'micro_grids', 'stations', 'friendly_scenes', 'leaders')),
    CONSTRAINT changes_images_check CHECK (CASE
        WHEN collection = 'leaders' THEN before IS NULL AND after IS NULL
        ELSE (before IS NULL) = (op = 'create') AND (after IS NULL) = (op = 'delete') END)
);
CREATE INDEX changes_feature_idx ON changes (collection, code, seq);

-- The last seq given out. Appending takes its numbers by updating this row, and the row lock lasts until
-- the end of the transaction: so seq order is commit order, and there is never a hole
-- (docs/decisions/0003-change-log-order.md).
CREATE TABLE change_head (
    one boolean PRIMARY KEY DEFAULT true,
    seq bigint NOT NULL,
    CONSTRAINT change_head_one_check CHECK (one)
);
INSERT INTO change_head (seq) VALUES (0);
