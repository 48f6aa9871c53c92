// Package datum finds out in which datum the coordinates of a file are. What it cannot be sure of it does not
// decide: it gives every candidate with how likely it is and why, for a person to choose.
package datum

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
)

// Sample is one position of the file.
type Sample struct {
	Raw    orb.Point              // as the file has it
	Known  *orb.Point             // where the same feature is known to be, in WGS84; nil if it is not known
	Within func(p orb.Point) bool // whether a point is in the unit that the record names; nil if it names none
}

// Candidate is a datum that the file may be in.
type Candidate struct {
	Reference geo.Reference
	Swapped   bool // the first coordinate is the lat, or the northing
	Score     float64
	Reason    Reason
	Inside    float64  // the part of the sample that then lies in the city
	DistanceM *float64 // the median distance of features from where they are known to be; nil if none is
	InUnits   *float64 // the part that lies in the unit that the record names; nil if none names one
}

// Reason is why a candidate is as likely as it is.
type Reason string

// The reasons.
const (
	FileSays    Reason = "file_says"    // and nothing speaks against it
	FitsKnown   Reason = "fits_known"   // features then lie where they are known to be
	FitsUnits   Reason = "fits_units"   // records then lie in the units that they name
	InsideCity  Reason = "inside_city"  // all we know
	Possible    Reason = "possible"     // but another fits better
	OutsideCity Reason = "outside_city" // and so hardly
)

// ToWGS84 moves a position of the file to WGS84.
func (c Candidate) ToWGS84(raw orb.Point) orb.Point {
	if c.Swapped {
		raw[0], raw[1] = raw[1], raw[0]
	}
	return c.Reference.ToWGS84(raw)
}

// Detect gives the candidates, the likeliest first. said is what the file says, nil for nothing; inside tells
// whether a point lies in the city.
func Detect(samples []Sample, said *geo.Reference, inside func(orb.Point) bool) []Candidate {
	if len(samples) == 0 {
		return nil
	}
	candidates := possible(samples, said)
	for i := range candidates {
		candidates[i].judge(samples, said, inside)
	}
	slices.SortStableFunc(candidates, func(a, b Candidate) int { return cmp.Compare(b.Score, a.Score) })
	return shortened(candidates)
}

// possible lists what the sizes of the numbers allow.
func possible(samples []Sample, said *geo.Reference) []Candidate {
	first, second := median(samples, 0), median(samples, 1)
	var list []Candidate
	for _, r := range geo.References() {
		for _, swapped := range []bool{false, true} {
			east, north := first, second
			if swapped {
				east, north = second, first
			}
			isSaid := said != nil && said.Name == r.Name
			if fits(r, east, north) || isSaid && !swapped {
				list = append(list, Candidate{Reference: r, Swapped: swapped})
			}
		}
	}
	return list
}

func fits(r geo.Reference, east, north float64) bool {
	if !r.Projected() {
		return math.Abs(east) <= 180 && math.Abs(north) <= 90
	}
	const farthestM = 500_000 // from the central meridian: four degrees at the latitude of the north of China
	return math.Abs(east-r.Zone().FalseEastingM) < farthestM && north > 90 && north < 7_000_000 && math.Abs(east) > 180
}

func median(samples []Sample, axis int) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = s.Raw[axis]
	}
	return middle(values)
}

func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// judge gives a candidate its score.
func (c *Candidate) judge(samples []Sample, said *geo.Reference, inside func(orb.Point) bool) {
	var distances []float64
	within, named, in := 0, 0, 0
	for _, s := range samples {
		p := c.ToWGS84(s.Raw)
		if inside(p) {
			in++
		}
		if s.Known != nil {
			distances = append(distances, geo.Distance(p, *s.Known))
		}
		if s.Within != nil {
			named++
			if s.Within(p) {
				within++
			}
		}
	}
	c.Inside = float64(in) / float64(len(samples))
	if named > 0 {
		share := float64(within) / float64(named)
		c.InUnits = &share
	}
	if len(distances) > 0 {
		d := middle(distances)
		c.DistanceM = &d
	}
	c.Score, c.Reason = c.score(said)
}

// score weighs what is known: features that are known by their code say most, for 500 m are beyond doubt; the
// units that records name say less, as they are kilometres wide; and what the file says holds where those do
// not speak against it.
func (c *Candidate) score(said *geo.Reference) (float64, Reason) {
	isSaid := said != nil && said.Name == c.Reference.Name && !c.Swapped
	prior := c.prior()
	if isSaid {
		prior = 0.95
	}
	switch {
	case c.Inside == 0:
		return 0.01 * prior, OutsideCity
	case c.DistanceM != nil:
		fit := 1 / (1 + *c.DistanceM/60)
		score := 0.85*fit + 0.1*c.Inside*prior + 0.05*prior
		switch {
		case fit < 0.5:
			return score, Possible
		case isSaid:
			return score, FileSays
		}
		return score, FitsKnown
	case isSaid:
		return 0.9*c.Inside + 0.05*prior, FileSays
	case c.InUnits != nil:
		score := 0.55**c.InUnits + 0.25*c.Inside*prior + 0.1*prior
		if *c.InUnits < 0.5 {
			return score, Possible
		}
		return score, FitsUnits
	}
	return 0.7 * c.Inside * prior, InsideCity
}

// prior is how often files that say nothing are in a reference. The two that have the same numbers differ a
// little, so that the order does not depend on chance.
func (c *Candidate) prior() float64 {
	prior := 0.6
	switch {
	case c.Reference.Projected() && c.Reference.EPSG >= 4513: // of 3 degrees
		prior = 0.9
	case c.Reference.Projected():
		prior = 0.7
	case c.Reference.Name == "wgs84":
		prior = 0.9
	case c.Reference.Name == "cgcs2000":
		prior = 0.88
	}
	if c.Reference.Name == "bd09" {
		prior = 0.5
	}
	if c.Swapped && !c.Reference.Projected() {
		prior *= 0.95
	}
	return prior
}

// shortened leaves out those outside the city, but for degrees as they usually stand, and for the first if there is
// no other.
func shortened(candidates []Candidate) []Candidate {
	const most = 12
	kept := slices.DeleteFunc(slices.Clone(candidates), func(c Candidate) bool {
		return c.Reason == OutsideCity && (c.Swapped || c.Reference.Projected())
	})
	if len(kept) == 0 {
		kept = candidates
	}
	return kept[:min(len(kept), most)]
}

// Names gives the names of a reference for people, in Chinese and in English.
func Names(r geo.Reference) (chinese, english string) {
	switch r.Name {
	case "wgs84":
		return "WGS84（手机定位）", "WGS84 (GPS)"
	case "cgcs2000":
		return "CGCS2000（国家大地坐标系）", "CGCS2000 (degrees)"
	case "gcj02":
		return "GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)"
	case "bd09":
		return "BD-09（百度）", "BD-09 (Baidu)"
	}
	zone, width := r.Zone(), 6
	if r.EPSG >= 4513 {
		width = 3
	}
	if zone.FalseEastingM > 1e6 {
		number := int(zone.FalseEastingM / 1e6)
		return fmt.Sprintf("CGCS2000 %d 度带第 %d 带（EPSG:%d）", width, number, r.EPSG), fmt.Sprintf("CGCS2000 %d-degree zone %d (EPSG:%d)", width, number, r.EPSG)
	}
	return fmt.Sprintf("CGCS2000 %d 度带，中央经线 %g°E（EPSG:%d）", width, zone.CentralLng, r.EPSG), fmt.Sprintf("CGCS2000 %d-degree, central meridian %g°E (EPSG:%d)", width, zone.CentralLng, r.EPSG)
}

// Message says for a reader why a candidate is as likely as it is.
func (c Candidate) Message() string {
	text := map[Reason]string{
		FileSays:    "the file says so",
		FitsKnown:   "features lie where they are known to be",
		FitsUnits:   "records lie in the units that they name",
		InsideCity:  "the positions lie in the city, and nothing else is known",
		Possible:    "another datum fits better",
		OutsideCity: "the positions lie outside the city",
	}[c.Reason]
	if c.DistanceM != nil {
		text += fmt.Sprintf("; the middle distance from known features is %.0f m", *c.DistanceM)
	}
	if c.InUnits != nil {
		text += fmt.Sprintf("; %.0f %% are in the units that they name", 100**c.InUnits)
	}
	if c.Swapped {
		text += "; the lat, or northing, stands first"
	}
	return text
}
