package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// MaxAuditPage bounds the entries that one call of Audit gives.
const MaxAuditPage = 1_000

// auditRow is an entry as it is kept and hashed. detail is the text that PostgreSQL makes of it, which is
// the same whenever it is read.
type auditRow struct {
	id                             int64
	at                             time.Time
	actor, act, subject, from, det string
	hash                           []byte
}

// chain gives the hash of the row after the one with the hash before. Every field goes in with its length,
// so that no two rows are the same bytes.
func (r *auditRow) chain(before []byte) []byte {
	sum := sha256.New()
	put(sum, string(before))
	put(sum, fmt.Sprint(r.id))
	put(sum, fmt.Sprint(r.at.UnixMicro()))
	for _, field := range []string{r.actor, r.act, r.subject, r.from, r.det} {
		put(sum, field)
	}
	return sum.Sum(nil)
}

func put(sum hash.Hash, field string) { _, _ = fmt.Fprintf(sum, "%d:%s", len(field), field) } // a hash takes everything

// audit appends to the trail. Who appends waits for whoever did before and has not ended yet, so it comes
// last in a transaction.
func audit(ctx context.Context, tx pgx.Tx, by *yizhan.Principal, act, subject string, detail map[string]string) error {
	actor, from := "guest", ""
	if by != nil {
		actor, from = by.User.Name, by.From
	}
	return appendAudit(ctx, tx, yizhan.AuditEntry{Actor: actor, Act: act, Subject: subject, Address: from, Detail: detail})
}

func appendAudit(ctx context.Context, tx pgx.Tx, e yizhan.AuditEntry) error {
	if e.Detail == nil {
		e.Detail = map[string]string{}
	}
	detail, err := json.Marshal(e.Detail)
	if err != nil {
		return fmt.Errorf("encode an audit entry: %w", err)
	}
	r := auditRow{actor: e.Actor, act: e.Act, subject: e.Subject, from: e.Address}
	var before []byte
	err = tx.QueryRow(ctx, `SELECT id + 1, hash, clock_timestamp(), $1::jsonb::text FROM audit_head FOR UPDATE`, string(detail)).
		Scan(&r.id, &before, &r.at, &r.det)
	if err != nil {
		return fmt.Errorf("read the head of the audit trail: %w", err)
	}
	r.hash = r.chain(before)
	_, err = tx.Exec(ctx, `WITH appended AS (
			INSERT INTO audit (id, at, actor, act, subject, address, detail, hash) OVERRIDING SYSTEM VALUE
			VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8))
		UPDATE audit_head SET id = $1, hash = $8`, r.id, r.at, r.actor, r.act, r.subject, r.from, r.det, r.hash)
	return err
}

// Audit gives entries of the trail, newest first: those before an id, at most limit; 0 begins at the end. The
// trail is of the whole city: who administrates a part of it does not see it.
func (s *Store) Audit(ctx context.Context, by *yizhan.Principal, before int64, limit int) (entries []yizhan.AuditEntry, err error) {
	ofCity := by != nil && by.System
	for _, unit := range by.Where(yizhan.ActReadAudit) {
		ofCity = ofCity || unit != yizhan.UnitPrefix(unit)
	}
	if !ofCity {
		return nil, yizhan.Errorf(yizhan.CodeForbidden, "", "the audit trail is for the administrators of the city")
	}
	if limit < 1 || limit > MaxAuditPage {
		return nil, yizhan.Invalid("limit", "%d is not in 1..%d", limit, MaxAuditPage)
	}
	err = s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id, at, actor, act, subject, address, detail FROM audit
			WHERE $1 = 0 OR id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
		if err != nil {
			return err
		}
		entries, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e yizhan.AuditEntry, err error) {
			var detail []byte
			if err := row.Scan(&e.ID, &e.At, &e.Actor, &e.Act, &e.Subject, &e.Address, &detail); err != nil {
				return e, err
			}
			e.At = e.At.UTC()
			return e, json.Unmarshal(detail, &e.Detail)
		})
		return err
	})
	return entries, err
}

// AuditVerification is what VerifyAudit found.
type AuditVerification struct {
	Entries int64
	Head    string // hash of the last entry that holds: noted elsewhere, it proves that nothing before it was changed
	Broken  int64  // the first entry that does not hold; 0 if all do
	Why     string
}

// VerifyAudit follows the chain from its beginning. expected maps ids of entries to hashes that were noted
// elsewhere; it may be nil.
func (s *Store) VerifyAudit(ctx context.Context, expected map[int64]string) (v AuditVerification, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		v = AuditVerification{}
		return verifyAudit(ctx, tx, expected, &v)
	})
	return v, err
}

func verifyAudit(ctx context.Context, tx pgx.Tx, expected map[int64]string, v *AuditVerification) error {
	if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = '10min'`); err != nil {
		return err
	}
	var headID int64
	var headHash []byte
	if err := tx.QueryRow(ctx, `SELECT id, hash FROM audit_head`).Scan(&headID, &headHash); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT id, at, actor, act, subject, address, detail::text, hash FROM audit ORDER BY id`)
	if err != nil {
		return err
	}
	before := make([]byte, sha256.Size)
	var r auditRow
	_, err = pgx.ForEachRow(rows, []any{&r.id, &r.at, &r.actor, &r.act, &r.subject, &r.from, &r.det, &r.hash}, func() error {
		if v.Broken != 0 {
			return nil
		}
		hash := r.chain(before)
		switch noted := expected[r.id]; {
		case r.id != v.Entries+1:
			v.Broken, v.Why = v.Entries+1, "it is missing"
		case string(hash) != string(r.hash):
			v.Broken, v.Why = r.id, "it, or the entry before it, is not what was written"
		case noted != "" && noted != hex.EncodeToString(hash):
			v.Broken, v.Why = r.id, "its hash is not the one that was noted"
		default:
			v.Entries, before = r.id, hash
		}
		return nil
	})
	if err != nil {
		return err
	}
	v.Head = hex.EncodeToString(before)
	switch {
	case v.Broken != 0:
	case v.Entries < headID:
		v.Broken, v.Why = v.Entries+1, fmt.Sprintf("it is missing: the trail had %d entries", headID)
	case v.Entries > headID:
		v.Broken, v.Why = headID+1, fmt.Sprintf("the trail is said to have %d entries", headID)
	case string(before) != string(headHash):
		v.Broken, v.Why = v.Entries, "it is not the one that was appended last"
	}
	for id := range expected {
		if v.Broken == 0 && id > v.Entries {
			v.Broken, v.Why = id, "it was noted and is missing"
		}
	}
	return nil
}
