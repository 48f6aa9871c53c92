package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// Limits of a changeset.
const (
	maxEdits     = 200_000
	maxVertices  = 10_000_000
	maxAuthor    = 200
	maxReason    = 2_000
	maxCodeBytes = 64
)

// plan is a changeset that was checked as far as that goes without the database.
type plan struct {
	author, reason string
	dry            bool                                // to be tried only
	also           func(context.Context, pgx.Tx) error // what else belongs to the transaction; nil for nothing
	edits          []*edit                             // as given; the log keeps this order
	groups         map[yizhan.Collection]*group
}

// group holds the edits of one collection.
type group struct{ creates, updates, deletes []*edit }

// edit is an edit with its new state encoded once, however often the transaction has to be repeated.
type edit struct {
	op      yizhan.Op
	ref     yizhan.Ref
	base    int64
	feature yizhan.Feature // nil for a delete
	shape   []byte         // EWKB; nil for a delete and for a collection without shapes
	record  []byte         // JSON for the log; nil for a delete and for leaders
	sealed  []byte         // the contact of a new leader; nil for none
}

// version is the version after the edit; for a delete, the version deleted.
func (e *edit) version() int64 {
	if e.op == yizhan.Delete {
		return e.base
	}
	return e.base + 1
}

// plan checks a changeset and sorts its edits.
func (s *Store) plan(changeset yizhan.Changeset) (*plan, error) {
	if err := checkHead(changeset); err != nil {
		return nil, err
	}
	p := &plan{author: changeset.Author, reason: changeset.Reason, groups: map[yizhan.Collection]*group{}}
	for _, collection := range yizhan.Collections() {
		p.groups[collection] = &group{}
	}
	seen := make(map[yizhan.Ref]bool, len(changeset.Edits))
	vertices := 0
	for i := range changeset.Edits {
		e, err := s.planEdit(&changeset.Edits[i])
		if err != nil {
			return nil, naming(changeset.Edits[i].Ref, err)
		}
		if seen[e.ref] {
			return nil, yizhan.Invalid("edits", "%s occurs twice; a changeset edits a feature once", e.ref)
		}
		if vertices += len(e.shape) / 16; vertices > maxVertices {
			return nil, yizhan.Errorf(yizhan.CodeTooLarge, "edits", "the shapes have more than %d vertices together", maxVertices)
		}
		seen[e.ref] = true
		p.add(e)
	}
	return p, s.sealContacts(p, changeset.Contacts)
}

// sealContacts gives new leaders their contacts, sealed.
func (s *Store) sealContacts(p *plan, contacts map[string]yizhan.Contact) error {
	if len(contacts) == 0 {
		return nil
	}
	keys, err := s.keyring()
	if err != nil {
		return err
	}
	given := 0
	for _, e := range p.groups[yizhan.Leaders].creates {
		contact, ok := contacts[e.ref.Code]
		if !ok {
			continue
		}
		given++
		if err := contact.Validate(); err != nil {
			return naming(e.ref, err)
		}
		if e.sealed, err = keys.sealContact(e.ref.Code, contact); err != nil {
			return err
		}
	}
	if given != len(contacts) {
		return yizhan.Invalid("contacts", "names a leader that the changeset does not create")
	}
	return nil
}

func checkHead(changeset yizhan.Changeset) error {
	switch edits := len(changeset.Edits); {
	case edits == 0:
		return yizhan.Invalid("edits", "a changeset has at least one edit")
	case edits > maxEdits:
		return yizhan.Errorf(yizhan.CodeTooLarge, "edits", "%d edits; a changeset has at most %d", edits, maxEdits)
	case strings.TrimSpace(changeset.Author) == "":
		return yizhan.Invalid("author", "is empty")
	case utf8.RuneCountInString(changeset.Author) > maxAuthor:
		return yizhan.Invalid("author", "has more than %d characters", maxAuthor)
	case utf8.RuneCountInString(changeset.Reason) > maxReason:
		return yizhan.Invalid("reason", "has more than %d characters", maxReason)
	}
	if err := checkText("author", changeset.Author); err != nil {
		return err
	}
	return checkText("reason", changeset.Reason)
}

// checkText refuses what PostgreSQL cannot hold in a text.
func checkText(field, value string) error {
	switch {
	case !utf8.ValidString(value):
		return yizhan.Invalid(field, "is not UTF-8")
	case strings.ContainsRune(value, 0):
		return yizhan.Invalid(field, "holds a zero character")
	}
	return nil
}

func (p *plan) add(e *edit) {
	p.edits = append(p.edits, e)
	g := p.groups[e.ref.Collection]
	switch e.op {
	case yizhan.Create:
		g.creates = append(g.creates, e)
	case yizhan.Update:
		g.updates = append(g.updates, e)
	case yizhan.Delete:
		g.deletes = append(g.deletes, e)
	}
}

func (s *Store) planEdit(given *yizhan.Edit) (*edit, error) {
	t := s.tables[given.Ref.Collection]
	if t == nil {
		return nil, yizhan.Invalid("collection", "%q is not a collection", given.Ref.Collection)
	}
	if given.Ref.Code == "" || len(given.Ref.Code) > maxCodeBytes {
		return nil, yizhan.Invalid("code", "is empty or longer than %d bytes", maxCodeBytes)
	}
	if err := checkText("code", given.Ref.Code); err != nil {
		return nil, err
	}
	e := &edit{op: given.Op, ref: given.Ref, base: given.BaseVersion, feature: given.Feature}
	switch given.Op {
	case yizhan.Create:
		if given.BaseVersion != 0 {
			return nil, yizhan.Invalid("version", "%d: what is created has none before", given.BaseVersion)
		}
	case yizhan.Update, yizhan.Delete:
		if given.BaseVersion < 1 {
			return nil, yizhan.Invalid("version", "%d: versions begin at 1", given.BaseVersion)
		}
	default:
		return nil, yizhan.Invalid("op", "%q is not create, update or delete", given.Op)
	}
	if given.Op == yizhan.Delete {
		if given.Feature != nil {
			return nil, yizhan.Invalid("feature", "a delete has none")
		}
		return e, nil
	}
	return e, t.encode(e)
}

// encode checks the feature of an edit by itself and makes its stored form.
func (t *table) encode(e *edit) (err error) {
	if !t.holds(e.feature) {
		return yizhan.Invalid("feature", "is not one of %s", t.collection)
	}
	if e.feature.Ref() != e.ref {
		return yizhan.Invalid("feature", "is %s", e.feature.Ref())
	}
	if err := e.feature.Validate(); err != nil {
		return err
	}
	for _, r := range t.refs(e.feature) {
		if err := checkText(r.field, r.to.Code); err != nil {
			return err
		}
	}
	e.record, e.shape, err = t.image(e.feature)
	return err
}

// image gives a feature as the change log keeps it.
func (t *table) image(f yizhan.Feature) (record, shape []byte, err error) {
	if t.shape != nil {
		if shape, err = encodeShape(t.shape(f)); err != nil {
			return nil, nil, fmt.Errorf("encode the shape of %s: %w", f.Ref(), err)
		}
	}
	if t.record != nil {
		if record, err = json.Marshal(t.record(f)); err != nil {
			return nil, nil, fmt.Errorf("encode %s: %w", f.Ref(), err)
		}
	}
	return record, shape, nil
}

// naming adds the feature's name to an error that is about one feature.
func naming(ref yizhan.Ref, err error) error {
	var ours *yizhan.Error
	if !errors.As(err, &ours) {
		return err
	}
	named := *ours
	named.Message = fmt.Sprintf("%s: %s", clip(ref.String()), ours.Message)
	return &named
}

// clip keeps hostile text short, and printable, in a message.
func clip(text string) string {
	if len(text) > maxCodeBytes+20 {
		text = text[:maxCodeBytes+20] + "…"
	}
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "�"), "�")
}

func codesOf(edits ...[]*edit) []string {
	var codes []string
	for _, list := range edits {
		for _, e := range list {
			codes = append(codes, e.ref.Code)
		}
	}
	slices.Sort(codes)
	return codes
}

// needs lists the features that must be in the database already: those that created and updated features
// refer to, less those that the changeset creates, by collection and code, with an edit that needs each.
func (s *Store) needs(p *plan) (map[yizhan.Collection]map[string]need, error) {
	made, gone := map[yizhan.Ref]bool{}, map[yizhan.Ref]bool{}
	for _, e := range p.edits {
		switch e.op {
		case yizhan.Create:
			made[e.ref] = true
		case yizhan.Delete:
			gone[e.ref] = true
		}
	}
	needs := map[yizhan.Collection]map[string]need{}
	for _, e := range p.edits {
		if e.feature == nil {
			continue
		}
		for _, r := range s.tables[e.ref.Collection].refs(e.feature) {
			switch {
			case gone[r.to]:
				return nil, need{e.ref, r}.missing("which the same changeset deletes")
			case made[r.to]:
				continue
			case needs[r.to.Collection] == nil:
				needs[r.to.Collection] = map[string]need{}
			}
			needs[r.to.Collection][r.to.Code] = need{e.ref, r}
		}
	}
	return needs, nil
}

// need is a reference with the feature that makes it.
type need struct {
	from yizhan.Ref
	reference
}

func (n need) missing(why string) error {
	return yizhan.Invalid(n.field, "%s refers to %s, %s", n.from, clip(n.to.String()), why)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
