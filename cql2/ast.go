package cql2

import (
	"time"

	"github.com/paulmach/orb"
)

// Expr is a node of a filter. A tree is not written to once it was made.
type Expr interface{ At() Place }

// The nodes.
type (
	// Call applies an operator or function to its arguments.
	Call struct {
		Op   Op
		Args []Expr
		Place
	}
	// Property is the value that the feature has.
	Property struct {
		Name string
		Place
	}
	// Text is a text.
	Text struct {
		Value string
		Place
	}
	// Number is a finite number.
	Number struct {
		Value float64
		Place
	}
	// Bool is true or false.
	Bool struct {
		Value bool
		Place
	}
	// Instant is a time in UTC; with Day, the whole of that day.
	Instant struct {
		Time time.Time
		Day  bool
		Place
	}
	// Interval is the time between two Instants or Properties, both included; nil is open.
	Interval struct {
		Start, End Expr
		Place
	}
	// Shape is a geometry; a Bound is a box.
	Shape struct {
		Geometry orb.Geometry
		Place
	}
	// List is a list of values.
	List struct {
		Items []Expr
		Place
	}
)

// At gives the place itself; the nodes have it from here.
func (p Place) At() Place { return p }

// Op names an operator or function as CQL2 JSON does.
type Op string

// The operators.
const (
	And       Op = "and"
	Or        Op = "or"
	Not       Op = "not"
	Equal     Op = "="
	NotEqual  Op = "<>"
	Less      Op = "<"
	Greater   Op = ">"
	LessEq    Op = "<="
	GreaterEq Op = ">="
	Like      Op = "like"
	Between   Op = "between"
	In        Op = "in"
	IsNull    Op = "isNull"
	CaseI     Op = "casei"
	AccentI   Op = "accenti"
	Add       Op = "+"
	Subtract  Op = "-"
	Multiply  Op = "*"
	Divide    Op = "/"
	Modulo    Op = "%"
	IntDivide Op = "div"
	Power     Op = "^"
)

// The spatial, temporal and array predicates.
const (
	SIntersects   Op = "s_intersects"
	SEquals       Op = "s_equals"
	SDisjoint     Op = "s_disjoint"
	STouches      Op = "s_touches"
	SWithin       Op = "s_within"
	SOverlaps     Op = "s_overlaps"
	SCrosses      Op = "s_crosses"
	SContains     Op = "s_contains"
	TAfter        Op = "t_after"
	TBefore       Op = "t_before"
	TContains     Op = "t_contains"
	TDisjoint     Op = "t_disjoint"
	TDuring       Op = "t_during"
	TEquals       Op = "t_equals"
	TFinishedBy   Op = "t_finishedBy"
	TFinishes     Op = "t_finishes"
	TIntersects   Op = "t_intersects"
	TMeets        Op = "t_meets"
	TMetBy        Op = "t_metBy"
	TOverlappedBy Op = "t_overlappedBy"
	TOverlaps     Op = "t_overlaps"
	TStartedBy    Op = "t_startedBy"
	TStarts       Op = "t_starts"
	AEquals       Op = "a_equals"
	AContains     Op = "a_contains"
	AContainedBy  Op = "a_containedBy"
	AOverlaps     Op = "a_overlaps"
)

// Family groups the operators that take and give the same types.
type Family int

// The families.
const (
	Logical    Family = iota + 1 // truths to a truth
	Comparison                   // two values of one type to a truth
	Matching                     // like
	Ranging                      // between
	Listing                      // in
	Nullness                     // isNull
	Folding                      // text to text
	Arithmetic                   // two numbers to a number
	Spatial                      // two shapes to a truth
	Temporal                     // two times to a truth
	Array                        // two lists to a truth
)

type signature struct {
	family    Family
	min, most int // arguments
}

var signatures = map[Op]signature{
	And: {Logical, 2, MaxNodes}, Or: {Logical, 2, MaxNodes}, Not: {Logical, 1, 1},
	Like: {Matching, 2, 2}, Between: {Ranging, 3, 3}, In: {Listing, 2, 2}, IsNull: {Nullness, 1, 1},
	CaseI: {Folding, 1, 1}, AccentI: {Folding, 1, 1},
}

// functions maps the names of CQL2 text, in lower case, to the predicates that are written as calls.
var functions = map[string]Op{"casei": CaseI, "accenti": AccentI}

func init() {
	for family, ops := range map[Family][]Op{
		Comparison: {Equal, NotEqual, Less, Greater, LessEq, GreaterEq},
		Arithmetic: {Add, Subtract, Multiply, Divide, Modulo, IntDivide, Power},
		Spatial:    {SIntersects, SEquals, SDisjoint, STouches, SWithin, SOverlaps, SCrosses, SContains},
		Temporal: {TAfter, TBefore, TContains, TDisjoint, TDuring, TEquals, TFinishedBy, TFinishes, TIntersects, TMeets,
			TMetBy, TOverlappedBy, TOverlaps, TStartedBy, TStarts},
		Array: {AEquals, AContains, AContainedBy, AOverlaps},
	} {
		for _, op := range ops {
			signatures[op] = signature{family, 2, 2}
			if family >= Spatial {
				functions[lower(string(op))] = op
			}
		}
	}
}

// Family gives the family of an operator, 0 for none.
func (op Op) Family() Family { return signatures[op].family }

// Map gives a copy of the tree in which each node but calls and lists was replaced by what leaf makes of it.
func Map(e Expr, leaf func(Expr) Expr) Expr {
	switch n := e.(type) {
	case *Call:
		return &Call{n.Op, mapAll(n.Args, leaf), n.Place}
	case *List:
		return &List{mapAll(n.Items, leaf), n.Place}
	}
	return leaf(e)
}

func mapAll(list []Expr, leaf func(Expr) Expr) []Expr {
	mapped := make([]Expr, len(list))
	for i, e := range list {
		mapped[i] = Map(e, leaf)
	}
	return mapped
}
