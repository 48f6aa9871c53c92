package views

import (
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/geo/hex"
	"github.com/yizhan/yizhan/geo/siting"
)

// Interval is from what is known for sure to what is possible, as far as anybody knows.
type Interval = coverage.Interval

// Quantile is a figure of what is known for sure, and of what is possible; either may be missing.
type Quantile = coverage.Quantile

// Basis is what an answer rests on: which city, and which question.
type Basis struct {
	Seq      int64         // as of this change
	Scenario *ScenarioName // nil for the city as it is
	Counted  *Counted      // what all figures of households count; nil for households
	Model    Model
}

// ScenarioName tells which scenario, and which version of it, an answer is about.
type ScenarioName struct {
	ID      string // empty for one that was not saved
	Version int64
	Name    string
}

// Model is a question with every parameter as it was used.
type Model struct {
	Question           // with the usual values where nothing was said
	Resolution int     // of the H3 cells that hold the demand
	ReachM     float64 // true metres of the straight line, inclusive, that are left of the reach
	WalkFactor float64 // what the cold leaves of the minutes of a walk; 1 without
	Weight     int64   // of the time asked about, for each household; 1 if hours do not weigh
}

// UnitFigures are the figures of one unit. Those that are whole numbers are sums: the ones of the units below
// add up to them exactly.
//
// Covered, CrossCovered, Unmet, Share and Stations count what is known for sure. What is not known, as hours
// and conditions may be, makes the intervals: the truth lies between their ends.
type UnitFigures struct {
	Unit         *yizhan.Unit
	Households   int64
	Covered      int64    // within reach of a station, at some moment asked about
	CrossCovered int64    // within reach of two or more
	Unmet        int64    // within reach of none
	Share        *float64 // Covered as a part of Households, 0 to 1; nil where there are no households
	Stations     int      // active ones of the unit that count

	PossiblyCovered, PossiblyCrossCovered int64 // Covered and CrossCovered if all that is not known turns out well
	PossibleStations                      int

	// Weighted by the time asked about: households times the weight of the moments. One household for all of
	// the time is Model.Weight; without a profile these are the figures above.
	CoveredWeight, CrossWeight, UnmetWeight Interval
	Rate                                    Quantile // CoveredWeight as a part of all; nil where there are no households

	AreaM2        int64 // of the cells with households that belong to the unit
	CoveredAreaM2 Interval

	// These do not add up.
	P50M, P90M       Quantile // to the nearest station that counts, however far: half, nine tenths of the households
	StationsPer10000 Quantile // for 10,000 households
	Gini             Quantile // of what households have in reach: 0 is all alike
	SeatsAHousehold  Quantile // accessibility (E2SFCA), the mean over households
}

// Figures are those of a unit and of the units directly below it, in the order of their codes.
type Figures struct {
	Seq        int64 // as of this change
	Resolution int   // of the H3 cells that hold the demand
	Scenario   *ScenarioName
	Counted    *Counted
	Model      Model
	UnitFigures
	Children []UnitFigures
}

// ServedUnit is how many households of a unit there are seats for.
type ServedUnit struct {
	Unit        *yizhan.Unit
	Households  int64
	InReach     int64    // of a station of known capacity
	MicroServed int64    // households served, in millionths
	Share       *float64 // of the households; nil where there are none
}

// ServedFigures tell how many households the seats suffice for: a maximum flow. They take for open and
// working what is known to be.
type ServedFigures struct {
	Basis
	HouseholdsASeat int
	ServedUnit
	Children        []ServedUnit
	Capacity        int64 // households that the stations with demand in reach have seats for, in all of the city
	UnknownStations int   // that count, and whose capacity is not known: they take no part
	IdleStations    int   // with seats, and nobody in reach
	Bottlenecks     []Bottleneck
}

// Bottleneck is a part of the city that is short of seats.
type Bottleneck struct {
	Stations             []string // codes, ascending
	Cells                int
	Households, Capacity int64
}

// HoursOfWeek is how many hours a week has.
const HoursOfWeek = 168

// Hours are the households covered in each hour of the week, Monday 00:00 China's time first, in quarters
// of households: a household that is covered for a quarter-hour counts one, for an hour four.
type Hours struct {
	Basis
	Unit       *yizhan.Unit
	Households int64
	Services   []ServiceHours // one for each service named, and at the end the rule as a whole
}

// ServiceHours are the hours of one service; an empty Service is the question as a whole.
type ServiceHours struct {
	Service               yizhan.Service
	Covered, CrossCovered [HoursOfWeek]Interval
}

// Cell is one H3 cell with households.
type Cell struct {
	Cell       hex.Cell
	Households int64
	Covered    int64 // for sure
	Possible   int64 // covered if all that is not known turns out well
}

// OutlinedCell is a Cell and its boundary, closed and anticlockwise, of five vertices or more.
type OutlinedCell struct {
	Cell
	Outline orb.Ring
}

// Reason is why a gap is one, for most of its households.
type Reason string

// The reasons.
const (
	NoneInReach    Reason = "none_in_reach"   // no active station is in reach
	HoursUnknown   Reason = "hours_unknown"   // a station is in reach, and nobody knows whether it is open or its service works
	ClosedThen     Reason = "closed_then"     // it would be covered at another time
	Unheated       Reason = "unheated"        // it would be covered if heating did not matter
	ServiceMissing Reason = "service_missing" // stations are in reach, but do not offer what is asked for
)

// Reasons lists the reasons.
func Reasons() []Reason {
	return []Reason{NoneInReach, HoursUnknown, ClosedThen, Unheated, ServiceMissing}
}

// GapList are the gaps of a unit, those with most households first.
type GapList struct {
	Basis
	Unit       *yizhan.Unit
	Total      int   // gaps that touch the unit, of which the list may have fewer
	Cells      int   // in all of them
	Households int64 // in all of them, be they of the unit or beyond its border
	Gaps       []Gap
}

// Gap is connected cells with households that are surely covered at no moment asked about.
type Gap struct {
	ID         string // the H3 text of the cell with most households
	Cells      int
	Households int64
	Units      []UnitHouseholds // communities with households in it, by code
	Center     orb.Point
	Bound      orb.Bound
	Outline    orb.MultiPolygon
	Reason     Reason
	Reasons    []ReasonHouseholds // in the order of Reasons, those that occur
	Nearest    *NearestStation    // of those that count; nil if there is none
	BestSite   BestSite
}

// UnitHouseholds are some households of a unit.
type UnitHouseholds struct {
	Unit, Name string
	Households int64
}

// ReasonHouseholds are the households of a gap for which a reason holds.
type ReasonHouseholds struct {
	Reason     Reason
	Households int64
}

// NearestStation is the station that counts nearest to a gap.
type NearestStation struct {
	Code, Name string
	At         orb.Point
	EdgeM      float64 // from the nearest cell of the gap
}

// BestSite is the best single place for a new station that serves a gap.
type BestSite struct {
	Cell       hex.Cell
	At         orb.Point
	Households int64 // newly covered, of all gaps
	OfGap      int64
}

// Place is what to explain: the code of a Unit, or a Cell in H3 text, or a Point. Exactly one is given.
type Place struct {
	Unit  string
	Cell  string
	Point *orb.Point
}

// Explanation tells which stations, distances, hours and formula gave a figure. Either Unit or Cell is set.
type Explanation struct {
	Basis
	Formula []Step // what was computed from what, in order
	Unit    *UnitExplanation
	Cell    *CellExplanation
}

// Step is one formula, with its numbers filled in.
type Step struct {
	Name    string // what is computed, such as covered
	Formula string // in symbols
	Numbers string // the same with numbers
}

// UnitExplanation explains the figures of a unit.
type UnitExplanation struct {
	UnitFigures
	Stations []StationReach
}

// StationReach is a station that has households of a unit in reach.
type StationReach struct {
	Station     *yizhan.Station
	At          orb.Point // from which its reach is measured: the entrance, where it is known
	Sure, Maybe bool      // counts for sure, may count
	Reached     int64     // households of the unit in reach
	Alone       int64     // those of them that have no other station in reach that may count
}

// CellExplanation explains the figures of a cell.
type CellExplanation struct {
	Cell       hex.Cell
	Center     orb.Point // from which distances are taken
	Households int64
	Units      []UnitHouseholds
	Stations   []StationWitness // in reach, the nearest first
	Count      Interval         // stations that count; of several services under RuleAll, for the one that has fewest
	// Weight of the time when one station, and when two or more, are there, out of Model.Weight.
	CoveredWeight, CrossWeight Interval
}

// StationWitness is a station in reach, and why it counts or does not.
type StationWitness struct {
	Station         *yizhan.Station
	At              orb.Point
	DistanceM, WayM float64
	Sure, Maybe     bool
	Services        []yizhan.Service // of those asked for, that it is sure to offer
	MaybeServices   []yizhan.Service // that it may offer
	LeftOutCold     bool             // it is cold and the station is not known to be heated
	OpenWeight      Interval         // weight of the time asked about in which it is open
}

// Difference is what a picture differs in from another one, to which Base belongs.
type Difference struct {
	Basis
	Base     Basis
	Unit     UnitDifference
	Children []UnitDifference
	Services []ServiceDifference
	Gaps     []GapDifference
}

// UnitDifference is a unit before and after.
type UnitDifference struct{ Before, After UnitFigures }

// ServiceDifference compares the hours of one service, or, if it is empty, of the question as a whole.
type ServiceDifference struct {
	Service       yizhan.Service
	Before, After ServiceHours
}

// GapDifference is what became of some gaps that overlap.
type GapDifference struct {
	Kind                             string // created, closed, grown, shrunk, shifted, split, merged or regrouped
	Before, After                    []string
	CellsGained, CellsLost           int
	HouseholdsGained, HouseholdsLost int64
	Outline                          orb.MultiPolygon // of the gaps after, or where there is none of those before
}

// Comparison puts several pictures side by side, with the same classes for all.
type Comparison struct {
	Model  Model
	Breaks []float64 // upper ends of the classes of the share that is covered for sure, ascending
	Units  []ComparedUnit
	Bases  []Basis // of the pictures, in their order
}

// ComparedUnit is one unit in all pictures.
type ComparedUnit struct {
	Unit    *yizhan.Unit
	Figures []UnitFigures
	Classes []int // of Breaks; -1 where there is no share
}

// The models of siting.
const (
	MCLP        = "mclp"         // the most unmet demand with so many stations
	SecondCover = "second_cover" // a second station for the most demand that has one
	LSCP        = "lscp"         // the fewest stations for a share of the demand
)

// CandidateCells has every cell with households for a candidate.
const CandidateCells = "cells"

// SitingQuestion asks where to place stations. A new station is taken to offer what is asked for at any time.
type SitingQuestion struct {
	Question
	Model         string      // MCLP, SecondCover or LSCP; empty for MCLP
	P             int         // the most stations to place; 0 leaves it to the Budget
	Share         float64     // of LSCP: of the households, 0 to 1
	Budget        int64       // what all may cost together; 0 for no budget
	Cost          int64       // of each station that is placed on a cell
	Floors        []Floor     // the least stations in some banners
	Candidates    string      // CandidateCells or empty, or
	Points        []SitePoint // the places that may be chosen
	ExcludedUnits []string    // no station in these, nor below them
	ExcludedCells []string    // H3 text, of any resolution
	Unit          string      // only demand and candidates of this unit and below it; empty for the city
	Effort        int         // how much work is spent on closing the gap: 0 and 1 are normal
}

// Floor is the least number of stations in a banner.
type Floor struct {
	Banner   string
	Stations int
}

// SitePoint is a place for a station.
type SitePoint struct {
	Name string
	At   orb.Point
	Cost int64
	// Weight is what the place counts for by itself, in households, beside those that it reaches: for the riders
	// who asked for a station there. It counts towards what is covered most, not towards a share.
	Weight int64
}

// SitingProgress is how far a solver has come.
type SitingProgress = siting.Progress

// SitingAnswer is where to place stations, and how good an answer that is.
type SitingAnswer struct {
	Basis
	SitingQuestion                // as it was asked
	Sites          []SitedStation // in the order in which to open them
	Households     int64          // of the unit that was asked about
	CoveredBefore  int64          // of them, by the stations there are; under SecondCover by two or more
	// The following are households times Model.Weight.
	Objective int64 // newly covered by all sites
	Bound     int64 // no choice of stations covers more
	Total     int64 // still to be covered before
	Target    int64 // of LSCP: newly covered, to reach the share
	AtLeast   int   // of LSCP: no fewer stations reach the target
	Possible  bool  // of LSCP: all candidates together reach it
	GapShare  float64
	Proved    bool // the answer is the best there is
	Stopped   bool // cancelled: the best so far
	Capped    bool // P was above the number of candidates
	Places    int  // stations that could be placed at most
	Cost      int64
	Banners   []BannerGain
}

// SitedStation is a chosen place.
type SitedStation struct {
	Name       string // of the SitePoint
	Cell       hex.Cell
	At         orb.Point
	Unit       string // the community with most households in the cell; empty where there are none
	UnitName   string // of that
	Gain       int64  // that it adds to those before it
	Cumulative int64
	Cost       int64
}

// BannerGain is what a banner gains.
type BannerGain struct {
	Unit     *yizhan.Unit
	Gain     int64
	Stations int
}
