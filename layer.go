package yizhan

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"
)

// LayerHead is what indicators and place layers have in common: what people add to the city to look at it, and
// what is no feature of it. They are not in the change log, and no view holds them.
type LayerHead struct {
	ID        string // given by the store: short and random
	Name      string
	Note      string // may be empty
	Unit      string // that it is about; who may edit it, may do so there
	Public    bool   // shown to everybody; otherwise to staff
	Author    string // the account that made it
	Synthetic bool   // made for the demo
	Version   int64  // starts at 1 and grows by one with each change
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Bounds of layers.
const (
	MaxLayers        = 1_000 // of each kind
	MaxReleases      = 200   // of an indicator
	MaxFigures       = 20_000
	MaxPlaces        = 5_000
	maxLayerName     = 100
	maxLayerNote     = 2_000
	maxSourceRunes   = 200
	maxMeasureRunes  = 20
	maxPlaceKind     = 40
	maxPlaceNote     = 500
	earliestYear     = 1949
	latestYear       = 2200
	maxFigureAbs     = 1e15
	maxKindsOfPlaces = 40
)

var layerID = regexp.MustCompile(`^[a-z2-7]{16}$`)

// IsLayerID tells whether id looks like the ID of an indicator or a place layer.
func IsLayerID(id string) bool { return layerID.MatchString(id) }

func (h *LayerHead) validate() error {
	if h.Name == "" || strings.TrimSpace(h.Name) != h.Name {
		return Invalid("name", "is empty, or has spaces around it")
	}
	if err := checkText("name", h.Name, maxLayerName); err != nil {
		return err
	}
	if !unitCode.MatchString(h.Unit) {
		return Invalid("unit", "is not a unit code of 6, 9 or 12 digits")
	}
	return checkText("note", h.Note, maxLayerNote)
}

// checkOrigin checks where figures or places come from, and of when they are.
func checkOrigin(source string, date time.Time) error {
	if strings.TrimSpace(source) == "" {
		return Invalid("source", "is empty: say where the table comes from")
	}
	if year := date.Year(); year < earliestYear || year > latestYear {
		return Invalid("date", "is not of the years %d to %d", earliestYear, latestYear)
	}
	return checkText("source", source, maxSourceRunes)
}

// IndicatorKind says what the figures of an indicator are, and with that what may be done to them.
type IndicatorKind string

// The kinds. Only counts may be summed.
const (
	CountKind        IndicatorKind = "count"         // how many there are in a unit
	ShareKind        IndicatorKind = "share"         // a part of a whole, from 0 to 1
	PerHouseholdKind IndicatorKind = "per_household" // so much for each household
	IndexKind        IndicatorKind = "index"         // any other figure, such as a mean or a score
)

// IndicatorKinds lists the kinds.
func IndicatorKinds() []IndicatorKind {
	return []IndicatorKind{CountKind, ShareKind, PerHouseholdKind, IndexKind}
}

// Sums tells whether figures of the kind may be added up.
func (k IndicatorKind) Sums() bool { return k == CountKind }

// Indicator is a figure about units of one level, as of one date or several.
type Indicator struct {
	LayerHead
	Kind     IndicatorKind
	Level    Level         // of the units that have figures
	Measure  string        // the unit of measurement, such as 个 or 件; may be empty
	Releases []ReleaseHead // the latest date first; at least one
}

// ReleaseHead is a table of figures as of one date, without the figures.
type ReleaseHead struct {
	Date      time.Time // midnight UTC
	Source    string
	Author    string
	Figures   int
	Sum       float64 // of all figures; of use for a count only
	Whole     bool    // all figures are whole numbers
	CreatedAt time.Time
}

// MaxWeighed bounds the sum of figures by which demand can be weighed.
const MaxWeighed = 1_000_000_000

// CanWeigh tells why the figures of a date cannot be counted in place of households; nil if they can. They have to be
// whole counts: so they can be shared out among the cells of a unit, and sum up to what they were.
func (i *Indicator) CanWeigh(r *ReleaseHead) error {
	switch {
	case !i.Kind.Sums():
		return Invalid("weight", "is %q, of the kind %s: only a count can be shared out and summed up", i.Name, i.Kind)
	case !r.Whole:
		return Invalid("weight", "is %q, and of %s it has figures that are no whole numbers: only whole counts can be shared out", i.Name, r.Date.Format(time.DateOnly))
	case r.Sum == 0:
		return Invalid("weight", "is %q, and of %s it counts nothing", i.Name, r.Date.Format(time.DateOnly))
	case r.Sum > MaxWeighed:
		return Invalid("weight", "is %q, and of %s it counts %.0f; at most %d can be shared out", i.Name, r.Date.Format(time.DateOnly), r.Sum, MaxWeighed)
	}
	return nil
}

// Release is a table of figures as of one date. Units without a figure have no data.
type Release struct {
	ReleaseHead
	Figures []Figure
}

// Figure is the value of a unit.
type Figure struct {
	Unit  string
	Value float64
}

// Validate checks an indicator without its releases.
func (i *Indicator) Validate() error {
	if err := i.validate(); err != nil {
		return err
	}
	switch {
	case !slices.Contains(IndicatorKinds(), i.Kind):
		return Invalid("kind", "is not one of count, share, per_household, index")
	case !slices.Contains(Levels()[1:], i.Level):
		return Invalid("level", "is not one of banner, township, community")
	}
	return checkText("measure", i.Measure, maxMeasureRunes)
}

// Check checks a release of the indicator: each figure is of a unit of its level within its unit, and none is
// there twice.
func (i *Indicator) Check(r *Release) error {
	if err := checkOrigin(r.Source, r.Date); err != nil {
		return err
	}
	switch n := len(r.Figures); {
	case n == 0:
		return Invalid("values", "is empty")
	case n > MaxFigures:
		return Errorf(CodeTooLarge, "values", "has %d figures; at most %d are kept", n, MaxFigures)
	}
	seen := make(map[string]int, len(r.Figures))
	for n, f := range r.Figures {
		before, twice := seen[f.Unit]
		if twice {
			return InList("values", n, Invalid("unit", "is the same unit as values[%d]", before))
		}
		seen[f.Unit] = n
		if err := i.checkFigure(f); err != nil {
			return InList("values", n, err)
		}
	}
	return nil
}

func (i *Indicator) checkFigure(f Figure) error {
	switch {
	case !unitCodes[i.Level].MatchString(f.Unit) || i.Level == LevelBanner && strings.HasSuffix(f.Unit, "00"):
		return Invalid("unit", "is not the code of a %s", i.Level)
	case !strings.HasPrefix(f.Unit, UnitPrefix(i.Unit)):
		return Invalid("unit", "is not within %s, which the indicator is about", i.Unit)
	case math.IsNaN(f.Value) || math.Abs(f.Value) > maxFigureAbs:
		return Invalid("value", "is not a number up to %g", maxFigureAbs)
	case i.Kind == ShareKind && (f.Value < 0 || f.Value > 1):
		return Invalid("value", "is not from 0 to 1, as a share is")
	case (i.Kind == CountKind || i.Kind == PerHouseholdKind) && f.Value < 0:
		return Invalid("value", "is less than 0")
	}
	return nil
}

// PlaceLayer is a table of points.
type PlaceLayer struct {
	LayerHead
	Source string
	Date   time.Time // midnight UTC
	Count  int       // of places
	Places []LayerPlace
}

// LayerPlace is a point of a layer.
type LayerPlace struct {
	Name      string
	Kind      string // may be empty; the same word for places of a kind
	Note      string // may be empty
	Location  orb.Point
	Community string // that it lies in, found by the store; empty for one outside of all
}

// Validate checks a layer with its places.
func (l *PlaceLayer) Validate() error {
	if err := l.validate(); err != nil {
		return err
	}
	if err := checkOrigin(l.Source, l.Date); err != nil {
		return err
	}
	switch n := len(l.Places); {
	case n == 0:
		return Invalid("places", "is empty")
	case n > MaxPlaces:
		return Errorf(CodeTooLarge, "places", "has %d places; at most %d are kept", n, MaxPlaces)
	}
	kinds := map[string]bool{}
	for n := range l.Places {
		if err := l.Places[n].check(); err != nil {
			return InList("places", n, err)
		}
		if kinds[l.Places[n].Kind] = true; len(kinds) > maxKindsOfPlaces {
			return Invalid("places", "are of more than %d kinds: is that column a kind?", maxKindsOfPlaces)
		}
	}
	return nil
}

func (p *LayerPlace) check() error {
	if err := checkName("name", p.Name); err != nil {
		return err
	}
	if err := checkText("kind", p.Kind, maxPlaceKind); err != nil {
		return err
	}
	if err := checkText("note", p.Note, maxPlaceNote); err != nil {
		return err
	}
	return checkPoint("location", p.Location)
}
