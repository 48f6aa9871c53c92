package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

// noteSome appends n entries.
func noteSome(t *testing.T, s *store.Store, n int) {
	t.Helper()
	for i := range n {
		if err := s.SignInRefused(t.Context(), as(yizhan.RoleAdmin, city), fmt.Sprintf("try %d", i)); err != nil {
			t.Fatal(err)
		}
	}
}

func verify(t *testing.T, s *store.Store, noted map[int64]string) store.AuditVerification {
	t.Helper()
	v, err := s.VerifyAudit(t.Context(), noted)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAuditTrailIsAChain(t *testing.T) {
	s := open(t)
	if v := verify(t, s, nil); v.Broken != 0 || v.Entries != 0 {
		t.Errorf("an empty trail: %+v", v)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { noteSome(t, s, 5) })
	}
	all.Wait()
	if v := verify(t, s, nil); v.Broken != 0 || v.Entries != 40 || len(v.Head) != 64 {
		t.Errorf("%+v", v)
	}
	entries, err := s.Audit(t.Context(), as(yizhan.RoleAdmin, city), 0, 3)
	if err != nil || len(entries) != 3 || entries[0].ID != 40 {
		t.Errorf("%+v %v", entries, err)
	}
	if entries, err = s.Audit(t.Context(), as(yizhan.RoleAdmin, city), 38, 1000); err != nil || len(entries) != 37 || entries[0].ID != 37 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
	for _, p := range []*yizhan.Principal{nil, as(yizhan.RoleAdmin, banner), as(yizhan.RolePlanner, city)} {
		_, err := s.Audit(t.Context(), p, 0, 1)
		checkError(t, err, yizhan.CodeForbidden, "")
	}
}

// Whoever has the database in hand can switch the trigger off. The chain names the first entry that they
// touched.
func TestTamperingIsFound(t *testing.T) {
	const off, on = `ALTER TABLE audit DISABLE TRIGGER audit_only_grows; `, `; ALTER TABLE audit ENABLE TRIGGER audit_only_grows`
	for name, test := range map[string]struct {
		sql    string
		broken int64
	}{
		"detail":            {`UPDATE audit SET detail = '{"why": "nothing"}' WHERE id = 4`, 4},
		"actor":             {`UPDATE audit SET actor = 'nobody' WHERE id = 1`, 1},
		"act":               {`UPDATE audit SET act = 'auth.login' WHERE id = 10`, 10},
		"subject":           {`UPDATE audit SET subject = 'x' WHERE id = 5`, 5},
		"address":           {`UPDATE audit SET address = '' WHERE id = 5`, 5},
		"time":              {`UPDATE audit SET at = at + interval '1 microsecond' WHERE id = 6`, 6},
		"moved text":        {`UPDATE audit SET actor = actor || left(subject, 1), subject = substr(subject, 2) WHERE id = 3`, 3},
		"hash":              {`UPDATE audit SET hash = sha256('x') WHERE id = 7`, 7},
		"gone":              {`DELETE FROM audit WHERE id = 2`, 2},
		"first gone":        {`DELETE FROM audit WHERE id = 1`, 1},
		"last gone":         {`DELETE FROM audit WHERE id = 10`, 10},
		"last three gone":   {`DELETE FROM audit WHERE id > 7`, 8},
		"all gone":          {`DELETE FROM audit`, 1},
		"swapped":           {`UPDATE audit a SET detail = b.detail FROM audit b WHERE (a.id, b.id) IN ((3, 4), (4, 3))`, 3},
		"put in":            {`INSERT INTO audit (id, actor, act, subject, hash) OVERRIDING SYSTEM VALUE VALUES (11, 'x', 'x.x', 'x', sha256('x'))`, 11},
		"head moved back":   {`UPDATE audit_head SET id = 9`, 10},
		"head of another":   {`UPDATE audit_head SET hash = sha256('x')`, 10},
		"tail and head cut": {`DELETE FROM audit WHERE id > 7; UPDATE audit_head SET id = 7, hash = (SELECT hash FROM audit WHERE id = 7)`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, url := openFixture(t)
			noteSome(t, s, 10)
			noted := verify(t, s, nil)
			conn := connect(t, url)
			if _, err := conn.Exec(t.Context(), off+test.sql+on); err != nil {
				t.Fatal(err)
			}
			v := verify(t, s, nil)
			if v.Broken != test.broken {
				t.Errorf("%+v, want entry %d to be named", v, test.broken)
			}
			// What was noted elsewhere finds also what is consistent in itself.
			if v := verify(t, s, map[int64]string{noted.Entries: noted.Head}); name != "put in" && v.Broken == 0 {
				t.Errorf("with a noted hash: %+v", v)
			}
		})
	}
}
