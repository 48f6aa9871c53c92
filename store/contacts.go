package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// contactRecord is what is sealed of a leader.
type contactRecord struct {
	Name  string `json:"name"`
	Phone string `json:"phone,omitempty"`
}

func contactOwner(code string) string { return "leaders/" + code }

func (k *Keyring) sealContact(code string, c yizhan.Contact) ([]byte, error) {
	text, err := json.Marshal(contactRecord(c))
	if err != nil {
		return nil, fmt.Errorf("encode a contact: %w", err)
	}
	return k.seal(text, contactOwner(code)), nil
}

// openContact gives no contact for nothing sealed.
func (k *Keyring) openContact(code string, sealed []byte) (yizhan.Contact, error) {
	if sealed == nil {
		return yizhan.Contact{}, nil
	}
	text, err := k.open(sealed, contactOwner(code))
	if err != nil {
		return yizhan.Contact{}, errSealed(err)
	}
	var record contactRecord
	if json.Unmarshal(text, &record) != nil { // its error would quote what it read
		return yizhan.Contact{}, errSealed(errors.New("a contact is of no known form"))
	}
	return yizhan.Contact(record), nil
}

func noLeader() error { return yizhan.Errorf(yizhan.CodeNotFound, "code", "there is no such leader") }

func mayNot(what, where string) error {
	return yizhan.Errorf(yizhan.CodeForbidden, "", "you may not %s in %s", what, clip(where))
}

// Leaders lists the leaders of a micro-grid with names and phones masked.
func (s *Store) Leaders(ctx context.Context, by *yizhan.Principal, microGrid string) (leaders []yizhan.Leader, masked []yizhan.Contact, err error) {
	if !by.May(yizhan.ActReadLeaders, microGrid) {
		return nil, nil, mayNot("see leaders", microGrid)
	}
	keys, err := s.keyring()
	if err != nil {
		return nil, nil, err
	}
	err = s.read(ctx, func(tx pgx.Tx) error {
		var there bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM micro_grids WHERE code = $1)`, microGrid).Scan(&there); err != nil {
			return err
		}
		if !there {
			return yizhan.Errorf(yizhan.CodeNotFound, "micro_grid", "there is no such micro-grid")
		}
		leaders, masked, err = maskedRows(ctx, tx, keys, `SELECT code, micro_grid, role, households, selected, synthetic, version, sealed
			FROM leaders WHERE micro_grid = $1 ORDER BY code`, microGrid)
		return err
	})
	return leaders, masked, err
}

// Reveal gives the contact of a leader in full to who may see it and says why. The audit trail has it before
// the answer leaves.
func (s *Store) Reveal(ctx context.Context, by *yizhan.Principal, code, reason string) (contact yizhan.Contact, err error) {
	switch n := utf8.RuneCountInString(strings.TrimSpace(reason)); {
	case !by.May(yizhan.ActRevealLeaders, code):
		return contact, mayNot("see names and phones", code)
	case n < 4 || n > 500 || checkText("reason", reason) != nil:
		return contact, yizhan.Invalid("reason", "is not 4 to 500 characters; say why you need the name and phone")
	}
	keys, err := s.keyring()
	if err != nil {
		return contact, err
	}
	err = s.write(ctx, func(tx pgx.Tx) error {
		var sealed []byte
		err := tx.QueryRow(ctx, `SELECT sealed FROM leaders WHERE code = $1`, code).Scan(&sealed)
		if errors.Is(err, pgx.ErrNoRows) {
			return noLeader()
		}
		if err != nil {
			return err
		}
		if contact, err = keys.openContact(code, sealed); err != nil {
			return err
		}
		return audit(ctx, tx, by, "leaders.reveal", contactOwner(code), map[string]string{"reason": strings.TrimSpace(reason)})
	})
	if err != nil {
		return yizhan.Contact{}, err
	}
	return contact, nil
}

// SetContact writes down how to reach a leader.
func (s *Store) SetContact(ctx context.Context, by *yizhan.Principal, code string, contact yizhan.Contact) error {
	if !by.May(yizhan.ActEditLeaders, code) {
		return mayNot("change leaders", code)
	}
	if err := contact.Validate(); err != nil {
		return err
	}
	keys, err := s.keyring()
	if err != nil {
		return err
	}
	sealed, err := keys.sealContact(code, contact)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, `UPDATE leaders SET sealed = $2 WHERE code = $1`, code, sealed)
		if err != nil {
			return err
		}
		if done.RowsAffected() == 0 {
			return noLeader()
		}
		return audit(ctx, tx, by, "leaders.contact", contactOwner(code), nil)
	})
}

// resealBatch is how many rows a transaction of Reseal holds.
const resealBatch = 1_000

// Reseal seals anew, with the first key, what an older key sealed, and tells how much that was. It works in
// batches and may be stopped at any time: begun again, it goes on with what is left.
func (s *Store) Reseal(ctx context.Context, progress func(done int64)) (done int64, err error) {
	keys, err := s.keyring()
	if err != nil {
		return 0, err
	}
	for _, batch := range []struct{ choose, write, prefix, suffix string }{
		{`SELECT code, sealed FROM leaders WHERE substring(sealed FOR 5) <> $1 ORDER BY code LIMIT $2 FOR UPDATE`,
			`UPDATE leaders l SET sealed = e.sealed FROM unnest($1::text[], $2::bytea[]) e(code, sealed) WHERE l.code = e.code`, "leaders/", ""},
		{`SELECT name, totp_sealed FROM users WHERE substring(totp_sealed FOR 5) <> $1 ORDER BY name LIMIT $2 FOR UPDATE`,
			`UPDATE users u SET totp_sealed = e.sealed FROM unnest($1::text[], $2::bytea[]) e(name, sealed) WHERE u.name = e.name`, "users/", "/totp"},
		{`SELECT id::text, sealed FROM reports WHERE substring(sealed FOR 5) <> $1 ORDER BY id LIMIT $2 FOR UPDATE`,
			`UPDATE reports r SET sealed = e.sealed FROM unnest($1::text[], $2::bytea[]) e(id, sealed) WHERE r.id = e.id::bigint`, "reports/", ""},
	} {
		for {
			var n int
			err := s.write(ctx, func(tx pgx.Tx) (err error) {
				n, err = keys.resealSome(ctx, tx, batch.choose, batch.write, batch.prefix, batch.suffix)
				return err
			})
			if err != nil {
				return done, err
			}
			if n == 0 {
				break
			}
			done += int64(n)
			if progress != nil {
				progress(done)
			}
		}
	}
	return done, s.write(ctx, func(tx pgx.Tx) error {
		return audit(ctx, tx, yizhan.System("keys"), "keys.rotate", "leaders", map[string]string{"sealed": fmt.Sprint(done)})
	})
}

func (k *Keyring) resealSome(ctx context.Context, tx pgx.Tx, choose, write, prefix, suffix string) (int, error) {
	current := k.all()[0]
	rows, err := tx.Query(ctx, choose, append([]byte{sealFormat}, current.id[:]...), resealBatch)
	if err != nil {
		return 0, err
	}
	var codes []string
	var fresh [][]byte
	var code string
	var sealed []byte
	if _, err := pgx.ForEachRow(rows, []any{&code, &sealed}, func() error {
		text, err := k.open(sealed, prefix+code+suffix)
		if err != nil {
			return errSealed(err)
		}
		codes, fresh = append(codes, code), append(fresh, current.seal(text, prefix+code+suffix))
		return nil
	}); err != nil || len(codes) == 0 {
		return 0, err
	}
	_, err = tx.Exec(ctx, write, codes, fresh)
	return len(codes), err
}

// Sealed tells how many values were sealed in all, and how many of them with keys that are not here.
func (s *Store) Sealed(ctx context.Context) (all, lost int64, err error) {
	var known [][]byte
	if s.keys != nil {
		for _, key := range s.keys.all() {
			known = append(known, append([]byte{sealFormat}, key.id[:]...))
		}
	}
	err = s.read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE NOT substring(sealed FOR 5) = ANY ($1))
			FROM (SELECT sealed FROM leaders WHERE sealed IS NOT NULL UNION ALL SELECT totp_sealed FROM users WHERE totp_sealed IS NOT NULL
				UNION ALL SELECT sealed FROM reports WHERE sealed IS NOT NULL) x`, known).Scan(&all, &lost)
	})
	return all, lost, err
}

// CommunityLeaders lists the leaders in a community with names and phones masked, in the order of their codes.
func (s *Store) CommunityLeaders(ctx context.Context, by *yizhan.Principal, community string) (leaders []yizhan.Leader, masked []yizhan.Contact, err error) {
	if !by.May(yizhan.ActReadLeaders, community) {
		return nil, nil, mayNot("see leaders", community)
	}
	keys, err := s.keyring()
	if err != nil {
		return nil, nil, err
	}
	from, until := within(community)
	err = s.read(ctx, func(tx pgx.Tx) error {
		leaders, masked, err = maskedRows(ctx, tx, keys, `SELECT code, micro_grid, role, households, selected, synthetic, version, sealed
			FROM leaders WHERE code >= $1 AND code < $2 ORDER BY code`, from, until)
		return err
	})
	return leaders, masked, err
}

func maskedRows(ctx context.Context, tx pgx.Tx, keys *Keyring, query string, arguments ...any) (leaders []yizhan.Leader, masked []yizhan.Contact, err error) {
	rows, err := tx.Query(ctx, query, arguments...)
	if err != nil {
		return nil, nil, err
	}
	var l yizhan.Leader
	var sealed []byte
	_, err = pgx.ForEachRow(rows, []any{&l.Code, &l.MicroGrid, &l.Role, &l.Households, &l.Selected, &l.Synthetic, &l.Version, &sealed}, func() error {
		contact, err := keys.openContact(l.Code, sealed)
		leaders, masked = append(leaders, l), append(masked, contact.Mask())
		return err
	})
	return leaders, masked, err
}
