package intake

import (
	"context"
	"errors"
	"slices"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/datum"
)

const (
	previewRows   = 20
	sampledRows   = 2_000 // that are looked at for the datum
	sampledPlaces = 400   // that are tried in each
	samplesShown  = 3     // values of a column
)

// Inspection is what the beginning of a file tells.
type Inspection struct {
	Head    importers.Head
	Guessed []string // what the columns were taken for
	Preview []PreviewRow
	Samples [][]string // of each column
	Datums  []datum.Candidate

	rows   []sampledRow
	places *places
}

// PreviewRow is a row as it was read.
type PreviewRow struct {
	Row    int64
	Values []string
}

// sampledRow is a record that is kept to be shown on the map.
type sampledRow struct {
	row    int64
	values []string
	shape  orb.Geometry
}

// Progress tells how far something has come; total is 0 if unknown.
type Progress func(stage string, done, total int64)

// Inspect looks at the beginning of the file.
func (im *Import) Inspect(ctx context.Context, progress Progress) error {
	if err := im.begin(ctx); err != nil {
		return err
	}
	defer im.end()
	progress("reading", 0, 0)
	state := im.State()
	if state.Stage == Uploading || state.Stage == Committed || state.Stage == Reverted {
		return yizhan.Errorf(yizhan.CodeConflict, "", "the file is not whole, or is committed")
	}
	city := im.desk.options.City()
	if city == nil {
		return yizhan.Errorf(yizhan.CodeUnavailable, "", "the city is still being loaded; try again in a moment")
	}
	if err := im.verify(); err != nil {
		return err
	}
	if im.source == nil {
		source, file, err := im.desk.options.Find(ctx, im.file, im.folder)
		if err != nil {
			return err
		}
		im.source, im.file = source, file
	}
	found, settings, err := im.inspect(ctx, state.Settings, newPlaces(city))
	if err != nil {
		return err
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	im.inspected, im.settings, im.stage = found, settings, Inspected
	return im.keep()
}

// InspectWith is Inspect with settings that are known before.
func (im *Import) InspectWith(ctx context.Context, s Settings, progress Progress) error {
	im.mu.Lock()
	im.settings = s
	im.mu.Unlock()
	if err := im.Inspect(ctx, progress); err != nil {
		return err
	}
	return im.State().Settings.validate(im.State().Inspection)
}

func (im *Import) inspect(ctx context.Context, s Settings, places *places) (*Inspection, Settings, error) {
	head, err := im.source.Head(ctx, im.file, s.options())
	if err != nil {
		return nil, s, err
	}
	said, err := datum.Said(head.CRS)
	if err != nil {
		return nil, s, err
	}
	found := &Inspection{Head: head, Samples: make([][]string, len(head.Columns)), places: places}
	err = im.source.Read(ctx, im.file, s.options(), func(r *importers.Record) error {
		found.keep(r)
		if len(found.rows) == sampledRows {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) && len(found.rows) == 0 {
		return nil, s, err
	}
	if s.Collection == "" {
		s.Collection = found.guessCollection()
	}
	found.Guessed = Guess(s.Collection, head.Columns)
	if len(s.Columns) != len(head.Columns) {
		s.Columns = found.Guessed
	}
	found.Datums = found.detect(s, said)
	found.places = nil // it holds a whole city
	return found, s, nil
}

var errEnough = errors.New("enough")

func (f *Inspection) keep(r *importers.Record) {
	values := slices.Clone(r.Values)
	if len(f.Preview) < previewRows {
		shown := make([]string, len(values))
		for i, v := range values {
			shown[i] = importers.Clip(v)
		}
		f.Preview = append(f.Preview, PreviewRow{r.Row, shown})
	}
	for i, v := range values {
		if i < len(f.Samples) && v != "" && len(f.Samples[i]) < samplesShown {
			f.Samples[i] = append(f.Samples[i], importers.Clip(v))
		}
	}
	if r.Fault == nil || r.Fault.Severity != importers.Refused {
		f.rows = append(f.rows, sampledRow{r.Row, values, r.Geometry})
	} else if len(f.rows) < sampledRows { // a row that cannot be used still counts
		f.rows = append(f.rows, sampledRow{row: r.Row})
	}
}

// guessCollection takes areas for micro-grids, and goes by the columns elsewhere. In doubt it says what changes less.
func (f *Inspection) guessCollection() Collection {
	if f.Head.Format == "osm" {
		return Candidates
	}
	if f.isOfUnits() {
		return Units
	}
	for _, row := range f.rows {
		switch row.shape.(type) {
		case orb.Polygon, orb.MultiPolygon:
			if !slices.Contains(Guess(Scenes, f.Head.Columns), "micro_grids") {
				return MicroGrids
			}
			return Scenes
		}
	}
	has := func(c Collection, fields ...string) bool {
		guessed := Guess(c, f.Head.Columns)
		for _, name := range fields {
			if !slices.Contains(guessed, name) {
				return false
			}
		}
		return true
	}
	switch {
	case has(Scenes, "code", "micro_grids", "kind") && !has(Stations, "sponsor"):
		return Scenes
	case has(MicroGrids, "households"):
		return MicroGrids
	case f.isOfSites():
		return Candidates
	}
	return Stations
}

// isOfUnits tells whether the file says of each record which level it is of and what is above, or has codes of units
// and none of what else is kept.
func (f *Inspection) isOfUnits() bool {
	columns := columnsOf(Guess(Units, f.Head.Columns))
	_, hasLevel := columns["level"]
	_, hasParent := columns["parent"]
	code, hasCode := columns["code"]
	if !hasCode || hasLevel && hasParent {
		return hasCode && hasLevel && hasParent
	}
	for name := range columnsOf(append(Guess(Stations, f.Head.Columns), Guess(MicroGrids, f.Head.Columns)...)) {
		if !slices.Contains([]string{"code", "name", "kind", "community", "community_name", "township_name", "banner_name"}, name) {
			return false
		}
	}
	units := 0
	for _, row := range f.rows {
		if code < len(row.values) && f.places.city.Units[row.values[code]] != nil {
			units++
		}
	}
	return units > len(f.rows)/2
}

// isOfSites tells whether the columns say where something is and no more: not which station it is, nor what a new one
// needs.
func (f *Inspection) isOfSites() bool {
	places := columnsOf(Guess(Candidates, f.Head.Columns))
	for _, name := range Guess(Stations, f.Head.Columns) {
		if _, isOne := places[name]; name != "" && !isOne {
			return false
		}
	}
	_, lng := places["lng"]
	_, position := places["position"]
	return lng || position
}

// detect tries the positions of the sample in every datum.
func (f *Inspection) detect(s Settings, said *geo.Reference) []datum.Candidate {
	b := binding{columns: columnsOf(s.Columns), places: f.places, collection: s.Collection}
	var samples []datum.Sample
	step := max(1, len(f.rows)/sampledPlaces)
	for i := 0; i < len(f.rows); i += step {
		row := f.rows[i]
		at, ok := b.rawPosition(row.values, row.shape)
		if !ok {
			continue
		}
		sample := datum.Sample{Raw: at}
		sample.Known, sample.Within = b.reference(row.values, row.shape)
		samples = append(samples, sample)
	}
	return datum.Detect(samples, said, f.places.inside)
}

// reference tells where the feature of a row is known to be, and the unit that the row names.
func (b *binding) reference(values []string, shape orb.Geometry) (known *orb.Point, within func(orb.Point) bool) {
	code := b.value(values, "code")
	switch b.collection {
	case Stations:
		if s := b.places.city.Stations[code]; s != nil && !s.Approximate {
			return &s.Location, nil
		}
		if same := b.places.anywhere[b.value(values, "name")]; len(same) == 1 && code == "" && !same[0].Approximate {
			return &same[0].Location, nil
		}
	case MicroGrids:
		if g := b.places.city.MicroGrids[code]; g != nil {
			center := g.Boundary.Bound().Center()
			return &center, nil
		}
		if len(code) == 15 {
			return nil, b.places.inUnit(code[:12])
		}
	}
	if b.collection == Units {
		switch u := b.places.city.Units[code]; {
		case u == nil:
		case shape == nil:
			return u.Seat, nil
		case len(u.Boundary) > 0:
			center := u.Boundary.Bound().Center()
			return &center, nil
		}
		return nil, nil
	}
	if community := b.value(values, "community"); community != "" {
		return nil, b.places.inUnit(community)
	}
	if called := b.places.communitiesCalled(b.unitNames(values)); len(called) == 1 {
		return nil, b.places.inUnit(called[0].Code)
	}
	return nil, nil
}

// SampleShape is a record as it would lie in a datum.
type SampleShape struct {
	Row   int64
	Name  string
	Shape orb.Geometry // WGS84
}

// Sample gives up to limit records as they would lie in a datum.
func (im *Import) Sample(reference string, swapped bool, limit int) ([]SampleShape, error) {
	state := im.State()
	if state.Inspection == nil {
		return nil, yizhan.Errorf(yizhan.CodeConflict, "", "the file was not inspected yet")
	}
	chosen, err := state.candidate(reference, swapped)
	if err != nil {
		return nil, err
	}
	b := binding{columns: columnsOf(state.Settings.Columns), collection: state.Settings.Collection}
	rows := state.Inspection.rows
	step := max(1, len(rows)/limit)
	var shapes []SampleShape
	for i := 0; i < len(rows) && len(shapes) < limit; i += step {
		row := rows[i]
		shape := row.shape
		if shape == nil {
			at, ok := b.rawPosition(row.values, nil)
			if !ok {
				continue
			}
			shape = at
		}
		if shape = moved(shape, chosen); shape != nil {
			shapes = append(shapes, SampleShape{row.row, importers.Clip(b.value(row.values, "name")), shape})
		}
	}
	return shapes, nil
}

// candidate gives the datum that is named, or the likeliest.
func (s State) candidate(reference string, swapped bool) (datum.Candidate, error) {
	if reference == "" {
		if s.Settings.Datum != "" {
			return s.candidate(s.Settings.Datum, s.Settings.Swapped)
		}
		if len(s.Inspection.Datums) > 0 {
			return s.Inspection.Datums[0], nil
		}
		reference = "wgs84"
	}
	r, known := geo.ReferenceOf(reference)
	if !known {
		return datum.Candidate{}, yizhan.Invalid("datum", "is not a datum that is read here, such as wgs84, gcj02 or cgcs2000-4528")
	}
	return datum.Candidate{Reference: r, Swapped: swapped}, nil
}
