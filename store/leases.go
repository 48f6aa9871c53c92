package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// FindLease tells who is editing a community; nil for nobody.
func (s *Store) FindLease(ctx context.Context, community string) (lease *yizhan.Lease, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		lease, err = findLease(ctx, tx, community)
		return err
	})
	return lease, err
}

func findLease(ctx context.Context, tx pgx.Tx, community string) (*yizhan.Lease, error) {
	rows, err := tx.Query(ctx, `SELECT community, holder, since, until FROM leases WHERE community = $1 AND until > clock_timestamp()`, community)
	if err != nil {
		return nil, err
	}
	lease, err := pgx.CollectExactlyOneRow(rows, scanLease)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return lease, err
}

func scanLease(row pgx.CollectableRow) (*yizhan.Lease, error) {
	var l yizhan.Lease
	err := row.Scan(&l.Community, &l.Holder, &l.Since, &l.Until)
	l.Since, l.Until = l.Since.UTC(), l.Until.UTC()
	return &l, err
}

// TakeLease says that somebody edits a community, or still does. While another does, it is a conflict unless the
// lease is taken over, which the audit trail keeps.
func (s *Store) TakeLease(ctx context.Context, by *yizhan.Principal, community string, takeOver bool) (lease *yizhan.Lease, err error) {
	if by == nil || !by.May(yizhan.ActEditGrids, community) {
		return nil, yizhan.Errorf(yizhan.CodeForbidden, "", "you may not draw micro-grids there")
	}
	err = s.write(ctx, func(tx pgx.Tx) error {
		if err := restrict(ctx, tx, scopeOf(by)); err != nil {
			return err
		}
		var before string
		if lease, before, err = takeLease(ctx, tx, by.User.Name, community, takeOver); err != nil {
			return err
		}
		if err := release(ctx, tx); err != nil || before == "" || before == by.User.Name {
			return err
		}
		return audit(ctx, tx, by, "leases.take_over", "communities/"+community, map[string]string{"from": before})
	})
	return lease, err
}

// takeLease gives the lease, and who held it before.
func takeLease(ctx context.Context, tx pgx.Tx, holder, community string, takeOver bool) (lease *yizhan.Lease, before string, err error) {
	var there bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM units WHERE code = $1 AND level = 'community')`, community).Scan(&there); err != nil {
		return nil, "", err
	}
	if !there {
		return nil, "", yizhan.Errorf(yizhan.CodeNotFound, "code", "there is no community of this code")
	}
	// Two who come at once wait for each other here.
	if _, err := tx.Exec(ctx, `INSERT INTO leases (community, holder, since, until) VALUES ($1, $2, clock_timestamp(), clock_timestamp() + interval '1 microsecond')
		ON CONFLICT (community) DO UPDATE SET holder = leases.holder`, community, holder); err != nil {
		return nil, "", err
	}
	if lease, err = findLease(ctx, tx, community); err != nil {
		return nil, "", err
	}
	if lease != nil && lease.Holder != holder {
		if before = lease.Holder; !takeOver {
			return nil, "", yizhan.Errorf(yizhan.CodeConflict, "", "%s is editing the community, until %s at the latest", lease.Holder, lease.Until.Format("15:04:05Z"))
		}
	}
	rows, err := tx.Query(ctx, `UPDATE leases SET since = CASE WHEN holder = $2 AND until > clock_timestamp() THEN since ELSE clock_timestamp() END,
			holder = $2, until = clock_timestamp() + make_interval(secs => $3)
		WHERE community = $1 RETURNING community, holder, since, until`, community, holder, yizhan.LeaseLife.Seconds())
	if err != nil {
		return nil, "", err
	}
	lease, err = pgx.CollectExactlyOneRow(rows, scanLease)
	return lease, before, err
}

// EndLease says that somebody has ended editing. The lease of another stays.
func (s *Store) EndLease(ctx context.Context, by *yizhan.Principal, community string) error {
	if by == nil || !by.May(yizhan.ActEditGrids, community) {
		return yizhan.Errorf(yizhan.CodeForbidden, "", "you may not draw micro-grids there")
	}
	return s.writeAs(ctx, by, yizhan.AuditEntry{}, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM leases WHERE community = $1 AND holder = $2`, community, by.User.Name)
		return err
	})
}
