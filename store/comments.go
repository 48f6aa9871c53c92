package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// mayComment tells whether somebody draws or reviews in a community.
func mayComment(by *yizhan.Principal, community string) bool {
	return by.May(yizhan.ActEditGrids, community) || by.May(yizhan.ActReviewGrids, community)
}

// Comments lists the remarks about a community in the order in which they were made.
func (s *Store) Comments(ctx context.Context, community string) (list []yizhan.Comment, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, commentSelection+` WHERE community = $1 ORDER BY id`, community)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanComment)
		return err
	})
	return list, err
}

const commentSelection = `SELECT id, community, coalesce(micro_grid, ''), location, seq, author, body, at, coalesce(resolved_by, ''), resolved_at FROM comments`

func scanComment(row pgx.CollectableRow) (c yizhan.Comment, err error) {
	var location []byte
	var resolved *time.Time
	if err := row.Scan(&c.ID, &c.Community, &c.MicroGrid, &location, &c.Seq, &c.Author, &c.Text, &c.At, &c.ResolvedBy, &resolved); err != nil {
		return c, err
	}
	c.At, c.ResolvedAt = c.At.UTC(), nilToTime(resolved)
	c.Location, err = decodePoint(location)
	return c, err
}

// AddComment makes a remark about a community, for somebody who draws or reviews there.
func (s *Store) AddComment(ctx context.Context, by *yizhan.Principal, c yizhan.Comment) (added yizhan.Comment, err error) {
	if by == nil || !mayComment(by, c.Community) {
		return added, yizhan.Errorf(yizhan.CodeForbidden, "", "you may not comment there")
	}
	if err := checkComment(&c); err != nil {
		return added, err
	}
	location, err := encodePoint(c.Location)
	if err != nil {
		return added, err
	}
	subject := yizhan.AuditEntry{Act: "comments.add", Subject: "communities/" + c.Community}
	err = s.writeAs(ctx, by, subject, func(tx pgx.Tx) error {
		var seq int64
		var there bool
		if err := release(ctx, tx); err != nil { // the head of the log is not for the role of people
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT (SELECT seq FROM change_head), EXISTS (SELECT FROM units WHERE code = $1 AND level = 'community')`, c.Community).Scan(&seq, &there); err != nil {
			return err
		}
		if err := restrict(ctx, tx, scopeOf(by)); err != nil {
			return err
		}
		if !there {
			return yizhan.Errorf(yizhan.CodeNotFound, "code", "there is no community of this code")
		}
		var count int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM comments WHERE community = $1`, c.Community).Scan(&count); err != nil {
			return err
		}
		if count >= yizhan.MaxComments {
			return yizhan.Errorf(yizhan.CodeTooLarge, "", "the community has %d comments, which is as many as are kept", count)
		}
		rows, err := tx.Query(ctx, `INSERT INTO comments (community, micro_grid, location, seq, author, body) VALUES ($1, $2, $3, $4, $5, $6)
			RETURNING id, community, coalesce(micro_grid, ''), location, seq, author, body, at, coalesce(resolved_by, ''), resolved_at`,
			c.Community, emptyToNil(c.MicroGrid), location, seq, by.User.Name, c.Text)
		if err != nil {
			return err
		}
		added, err = pgx.CollectExactlyOneRow(rows, scanComment)
		return err
	})
	return added, err
}

func checkComment(c *yizhan.Comment) error {
	c.Text = strings.TrimSpace(c.Text)
	switch n := utf8.RuneCountInString(c.Text); {
	case n == 0 || n > yizhan.MaxComment:
		return yizhan.Invalid("text", "is not 1 to %d characters", yizhan.MaxComment)
	case c.MicroGrid != "" && (len(c.MicroGrid) != 15 || c.MicroGrid[:12] != c.Community):
		return yizhan.Invalid("micro_grid", "is not one of the community")
	case c.Location != nil && !(c.Location[0] >= -180 && c.Location[0] <= 180 && c.Location[1] >= -90 && c.Location[1] <= 90):
		return yizhan.Invalid("location", "is not on the globe; the order is lng, lat")
	}
	return checkText("text", c.Text)
}

// ResolveComment closes a remark of a community, or opens it again.
func (s *Store) ResolveComment(ctx context.Context, by *yizhan.Principal, community string, id int64, resolved bool) (c yizhan.Comment, err error) {
	if by == nil || !mayComment(by, community) {
		return c, yizhan.Errorf(yizhan.CodeForbidden, "", "you may not comment there")
	}
	act := "comments.resolve"
	if !resolved {
		act = "comments.reopen"
	}
	err = s.writeAs(ctx, by, yizhan.AuditEntry{Act: act, Subject: fmt.Sprintf("comments/%d", id)}, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `UPDATE comments SET resolved_by = CASE WHEN $3 THEN $4 END, resolved_at = CASE WHEN $3 THEN clock_timestamp() END
			WHERE id = $1 AND community = $2
			RETURNING id, community, coalesce(micro_grid, ''), location, seq, author, body, at, coalesce(resolved_by, ''), resolved_at`,
			id, community, resolved, by.User.Name)
		if err != nil {
			return err
		}
		if c, err = pgx.CollectExactlyOneRow(rows, scanComment); errors.Is(err, pgx.ErrNoRows) {
			return yizhan.Errorf(yizhan.CodeNotFound, "id", "the community has no such comment")
		}
		return err
	})
	return c, err
}
