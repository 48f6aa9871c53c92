package intake

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/cespare/xxhash/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
)

// Summary counts what a check found.
type Summary struct {
	Rows                                            int64
	Created, Updated, Deleted, Unchanged            int64
	Errors, Warnings, Left                          int64
	Duplicates, Communities, Faults, Repairs, Sites int64
	Seq                                             int64

	Denied   int64 // of the errors: changes that whoever asked for the check may not make
	NoRights bool  // whoever asked for the check may not change features of this kind anywhere
}

// Why tells why what was found cannot be committed; empty if it can.
func (s Summary) Why(settings Settings) string {
	switch {
	case s.NoRights:
		return "rights"
	case s.Faults > 0:
		return "faults"
	case s.Errors+s.Left > 0 && !settings.SkipBad:
		return "errors"
	case s.Created+s.Updated+s.Deleted == 0:
		return "nothing"
	}
	return ""
}

// Change is what a commit would do to one feature. One of the four is set, but for a delete.
type Change struct {
	Op      yizhan.Op
	Row     int64
	Ref     yizhan.Ref
	Base    int64
	Changed []string // the properties that an update changes
	Name    string

	Station *yizhan.Station
	Grid    *yizhan.MicroGrid
	Scene   *yizhan.FriendlyScene
	Unit    *yizhan.Unit
}

// Feature is how the feature would be; nil for a delete.
func (c Change) Feature() yizhan.Feature {
	switch {
	case c.Station != nil:
		return c.Station
	case c.Grid != nil:
		return c.Grid
	case c.Scene != nil:
		return c.Scene
	case c.Unit != nil:
		return c.Unit
	}
	return nil
}

func (c Change) edit() yizhan.Edit {
	return yizhan.Edit{Op: c.Op, Ref: c.Ref, BaseVersion: c.Base, Feature: c.Feature()}
}

// check is what was found, on disk but for the sums.
type check struct {
	summary    Summary
	settings   Settings
	problems   map[importers.Severity]*spool[importers.Problem]
	changes    map[yizhan.Op]*spool[Change]
	duplicates *spool[Duplicate]
	faults     *spool[Fault]
}

var severities = []importers.Severity{importers.Refused, importers.Left, importers.Warned}

// ops is the order in which a commit applies them.
var ops = []yizhan.Op{yizhan.Create, yizhan.Update, yizhan.Delete}

func newCheck(folder string, settings Settings) (c *check, err error) {
	c = &check{settings: settings, problems: map[importers.Severity]*spool[importers.Problem]{}, changes: map[yizhan.Op]*spool[Change]{}}
	defer func() {
		if err != nil {
			c.close()
			c = nil
		}
	}()
	for _, severity := range severities {
		if c.problems[severity], err = newSpool[importers.Problem](filepath.Join(folder, "problems-"+string(severity))); err != nil {
			return c, err
		}
	}
	for _, op := range ops {
		if c.changes[op], err = newSpool[Change](filepath.Join(folder, "changes-"+string(op))); err != nil {
			return c, err
		}
	}
	if c.duplicates, err = newSpool[Duplicate](filepath.Join(folder, "duplicates")); err != nil {
		return c, err
	}
	c.faults, err = newSpool[Fault](filepath.Join(folder, "faults"))
	return c, err
}

func (c *check) close() {
	if c == nil {
		return
	}
	for _, s := range c.problems {
		s.close()
	}
	for _, s := range c.changes {
		s.close()
	}
	c.duplicates.close()
	c.faults.close()
}

func (c *check) done() error {
	for _, s := range c.problems {
		if err := s.done(); err != nil {
			return err
		}
	}
	for _, s := range c.changes {
		if err := s.done(); err != nil {
			return err
		}
	}
	if err := c.duplicates.done(); err != nil {
		return err
	}
	return c.faults.done()
}

func (c *check) problem(p importers.Problem) error {
	switch p.Severity {
	case importers.Warned:
		c.summary.Warnings++
	case importers.Left:
		c.summary.Left++
	default:
		c.summary.Errors++
	}
	_, err := c.problems[p.Severity].add(p)
	return err
}

// change notes a change. Its number is that among those of its op.
func (c *check) change(change Change) (number int64, err error) {
	switch change.Op {
	case yizhan.Create:
		c.summary.Created++
	case yizhan.Update:
		c.summary.Updated++
	case yizhan.Delete:
		c.summary.Deleted++
	}
	return c.changes[change.Op].add(change)
}

// Check reads the whole file and finds out what a commit by somebody would do.
func (im *Import) Check(ctx context.Context, by *yizhan.Principal, progress Progress) (err error) {
	if err := im.begin(ctx); err != nil {
		return err
	}
	defer im.end()
	state := im.State()
	if state.Stage != Inspected && state.Stage != Checked {
		return yizhan.Errorf(yizhan.CodeConflict, "", "the file was not inspected yet, or is committed")
	}
	city := im.desk.options.City()
	if city == nil {
		return yizhan.Errorf(yizhan.CodeUnavailable, "", "the city is still being loaded; try again in a moment")
	}
	im.mu.Lock()
	im.checked.close()
	im.checked, im.stage, im.broken = nil, Inspected, false
	im.mu.Unlock()
	from, err := state.candidate("", false)
	if err != nil {
		return err
	}
	found, err := newCheck(im.folder, state.Settings)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			found.close()
		}
	}()
	found.summary.Seq = city.Seq
	if act := yizhan.EditAct(yizhan.Collection(state.Settings.Collection)); act != "" { // candidates change nothing
		found.summary.NoRights = !by.May(act, "")
	}
	run := &run{ctx: ctx, by: by, check: found, store: im.desk.options.Store, progress: progress, codes: map[uint64]int64{},
		reader: newReader(binding{columns: columnsOf(state.Settings.Columns), places: newPlaces(city), collection: state.Settings.Collection}, state.Inspection.Head.Columns, from)}
	run.settled = decisionsOf(state.Settings.Settled)
	if err := run.all(im, state); err != nil {
		return err
	}
	if err := found.done(); err != nil {
		return err
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	im.checked, im.stage = found, Checked
	return nil
}

// run is one check.
type run struct {
	*reader
	ctx      context.Context
	by       *yizhan.Principal
	check    *check
	store    Store
	progress Progress
	codes    map[uint64]int64 // rows by the hash of the code that they are about
	near     nearness
	drawn    []drawn     // micro-grids that the file has, until the topology is known
	units    []drawnUnit // that the file has, until all are known
	vertices int
	named    map[string]bool // communities of stations that the file has
	serials  map[string]int  // of codes that are given out, by what they begin with
}

const progressEvery = 2_000 // records

func (r *run) all(im *Import, state State) error {
	r.named, r.serials = map[string]bool{}, map[string]int{}
	err := im.source.Read(r.ctx, im.file, state.options(), func(rec *importers.Record) error {
		r.check.summary.Rows++
		if r.check.summary.Rows%progressEvery == 0 {
			if err := r.ctx.Err(); err != nil {
				return err
			}
			if rec.Read > 0 {
				r.progress("checking", rec.Read, im.Bytes)
			} else {
				r.progress("checking", r.check.summary.Rows, state.Inspection.Head.Rows)
			}
		}
		return r.record(rec)
	})
	if err != nil {
		return err
	}
	return r.finish()
}

// record finds out what one record would do.
func (r *run) record(rec *importers.Record) error {
	r.begin(rec.Row)
	if r.settled.leavesOut(rec.Row) {
		return nil
	}
	if rec.Fault != nil {
		r.problems = append(r.problems, *rec.Fault)
	}
	if !r.refused() {
		var err error
		switch r.collection {
		case Stations:
			err = r.recordStation(rec)
		case MicroGrids:
			err = r.recordGrid(rec)
		case Scenes:
			err = r.recordScene(rec)
		case Units:
			err = r.recordUnit(rec)
		case Candidates:
			r.recordCandidate(rec)
		}
		if err != nil {
			return err
		}
	}
	for _, p := range r.problems {
		if err := r.check.problem(p); err != nil {
			return err
		}
	}
	return nil
}

// isFirst notes that a record is about the feature with a code, and refuses it if another is.
func (r *run) isFirst(code string) bool {
	key := xxhash.Sum64String(code)
	if row, again := r.codes[key]; again {
		r.refuse(importers.CodeTwice, "code", code, fmt.Sprintf("row %d is about the same", row))
		return false
	}
	r.codes[key] = r.row
	return true
}

func (r *run) recordStation(rec *importers.Record) error {
	after, before := r.station(rec)
	if after == nil {
		return nil
	}
	if after.Code == "" {
		after.Code = r.nextStationCode(after.Community)
		if err := after.Validate(); err != nil {
			r.invalid(err)
			return nil
		}
	}
	if !r.isFirst(after.Code) {
		return nil
	}
	r.named[after.Community] = true
	if before == nil {
		number, noted, err := r.change(Change{Op: yizhan.Create, Row: r.row, Ref: after.Ref(), Name: after.Name, Station: after}, nil)
		if noted {
			r.near.add(after, r.row, number)
		}
		return err
	}
	changed := changedStation(before, after)
	if len(changed) == 0 {
		r.check.summary.Unchanged++
		return nil
	}
	_, _, err := r.change(Change{Op: yizhan.Update, Row: r.row, Ref: after.Ref(), Base: before.Version, Changed: changed, Name: after.Name, Station: after}, before)
	return err
}

// nextStationCode gives out a code: the banner's, and a number that no station there has.
func (r *run) nextStationCode(community string) string {
	banner := community[:6]
	for {
		r.serials[banner]++
		code := fmt.Sprintf("%s-%04d", banner, r.serials[banner])
		if _, taken := r.codes[xxhash.Sum64String(code)]; !taken && r.places.city.Stations[code] == nil {
			return code
		}
	}
}

func (r *run) recordScene(rec *importers.Record) error {
	after, before := r.scene(rec)
	if after == nil || !r.isFirst(after.Code) {
		return nil
	}
	if before == nil {
		_, _, err := r.change(Change{Op: yizhan.Create, Row: r.row, Ref: after.Ref(), Name: after.Name, Scene: after}, nil)
		return err
	}
	changed := changedScene(before, after)
	if len(changed) == 0 {
		r.check.summary.Unchanged++
		return nil
	}
	_, _, err := r.change(Change{Op: yizhan.Update, Row: r.row, Ref: after.Ref(), Base: before.Version, Changed: changed, Name: after.Name, Scene: after}, before)
	return err
}

// recordCandidate checks a site for a new station, which changes nothing.
func (r *run) recordCandidate(rec *importers.Record) {
	at := r.stationPlace(rec)
	switch {
	case r.refused():
	case at == nil:
		r.refuse(importers.Missing, "lng", "", "has no place")
	case r.places.communityAt(*at) == nil:
		r.refuse(importers.OutsideCity, "", "", fmt.Sprintf("[%g, %g] lies outside the city", at[0], at[1]))
	default:
		r.check.summary.Sites++
	}
}

// finish finds out what only the whole file tells.
func (r *run) finish() error {
	switch r.collection {
	case Stations:
		if err := r.finishStations(); err != nil {
			return err
		}
	case MicroGrids:
		return r.finishGrids()
	case Units:
		return r.finishUnits()
	}
	return r.ctx.Err()
}

func (r *run) finishStations() error {
	if r.check.settings.Missing == Delete {
		for _, s := range yizhan.Sorted(r.places.city.Stations) {
			if _, given := r.codes[xxhash.Sum64String(s.Code)]; given || !r.named[s.Community] {
				continue
			}
			if _, _, err := r.change(Change{Op: yizhan.Delete, Ref: s.Ref(), Base: s.Version, Name: s.Name}, s); err != nil {
				return err
			}
		}
	}
	r.progress("looking for duplicates", 0, 0)
	return r.near.find(r.ctx, r.places.city, r.check)
}
