package cql2

import (
	"strings"

	"github.com/paulmach/orb"
)

// Type is the type of a value.
type Type int

// The types.
const (
	TypeTruth Type = iota + 1
	TypeText
	TypeNumber
	TypeTime
	TypeShape
	TypeTexts // a list of texts
)

func (t Type) String() string {
	return [...]string{"nothing", "a truth value", "text", "a number", "a time", "a geometry", "a list of texts"}[t]
}

// MaxPattern bounds the pattern of LIKE, in characters, and maxWildcards its percent signs: matching
// takes time in proportion to both.
const (
	MaxPattern   = 256
	maxWildcards = 16
)

// Types tells the type of each property that may be asked for.
type Types map[string]Type

// Check gives the first fault of a filter: a property that is not among types, or a value of a type that
// does not fit. A filter that passes has a meaning.
func Check(e Expr, types Types) error {
	t, err := types.TypeOf(e)
	if err == nil && t != TypeTruth {
		err = fault(e.At(), "is %s; a filter is a condition", t)
	}
	return err
}

// TypeOf gives the type of an expression, or its first fault.
func (types Types) TypeOf(e Expr) (Type, error) {
	switch n := e.(type) {
	case *Property:
		if t, known := types[n.Name]; known {
			return t, nil
		}
		return 0, fault(n.Place, "there is no property %q to filter by; there are %s", clip(n.Name), strings.Join(types.names(), ", "))
	case *Text:
		return TypeText, nil
	case *Number:
		return TypeNumber, nil
	case *Bool:
		return TypeTruth, nil
	case *Instant:
		return TypeTime, nil
	case *Interval:
		return TypeTime, types.checkInterval(n)
	case *Shape:
		return TypeShape, nil
	case *List:
		return TypeTexts, types.all(n.Items, TypeText, "a list")
	case *Call:
		return types.call(n)
	}
	return 0, fault("", "is not a filter")
}

func (types Types) names() []string { return sortedKeys(types) }

func (types Types) checkInterval(n *Interval) error {
	for _, end := range []Expr{n.Start, n.End} {
		if end == nil {
			continue
		}
		if err := types.want(end, TypeTime, "INTERVAL"); err != nil {
			return err
		}
	}
	return nil
}

// want checks that an argument of something is of a type.
func (types Types) want(e Expr, wanted Type, of string) error {
	t, err := types.TypeOf(e)
	if err == nil && t != wanted {
		err = fault(e.At(), "%s is %s; %s takes %s here", describe(e), t, of, wanted)
	}
	return err
}

func (types Types) all(list []Expr, wanted Type, of string) error {
	for _, e := range list {
		if err := types.want(e, wanted, of); err != nil {
			return err
		}
	}
	return nil
}

// describe names an expression in a message.
func describe(e Expr) string {
	if p, ok := e.(*Property); ok {
		return "the property " + clip(p.Name)
	}
	return "this"
}

func (types Types) call(n *Call) (Type, error) {
	name := strings.ToUpper(string(n.Op))
	switch n.Op.Family() {
	case Logical:
		return TypeTruth, types.all(n.Args, TypeTruth, name)
	case Comparison:
		return TypeTruth, types.comparison(n, n.Args)
	case Ranging:
		if t, err := types.TypeOf(n.Args[0]); err == nil && t == TypeTruth {
			return 0, fault(n.Place, "BETWEEN compares numbers, texts and times")
		}
		return TypeTruth, types.comparison(n, n.Args)
	case Listing:
		return TypeTruth, types.listing(n)
	case Matching:
		return TypeTruth, types.matching(n)
	case Nullness:
		_, err := types.TypeOf(n.Args[0])
		return TypeTruth, err
	case Folding:
		return TypeText, types.all(n.Args, TypeText, name)
	case Arithmetic:
		return TypeNumber, types.all(n.Args, TypeNumber, name)
	case Spatial:
		return TypeTruth, types.spatial(n, name)
	case Temporal:
		return TypeTruth, types.all(n.Args, TypeTime, name)
	case Array:
		return TypeTruth, types.all(n.Args, TypeTexts, name)
	}
	return 0, fault(n.Place, "there is no operator %q", clip(string(n.Op)))
}

func (types Types) comparison(n *Call, values []Expr) error {
	t, err := types.TypeOf(values[0])
	if err != nil {
		return err
	}
	for _, value := range values {
		if err := types.want(value, t, string(n.Op)+" with "+describe(values[0])+", "+t.String()+","); err != nil {
			return err
		}
		if _, is := value.(*Interval); is {
			return fault(value.At(), "an interval is compared by T_DURING, T_INTERSECTS and the like, not by %s", n.Op)
		}
	}
	switch t {
	case TypeShape, TypeTexts:
		return fault(n.Place, "%s does not compare %s", n.Op, strings.Replace(strings.Replace(t.String(), "a list", "lists", 1), "a geometry", "geometries", 1))
	case TypeTruth:
		if n.Op != Equal && n.Op != NotEqual && n.Op != In {
			return fault(n.Place, "truth values have no order; use = or <>")
		}
		for _, value := range values {
			if _, is := value.(*Call); is {
				return fault(value.At(), "a condition is not compared; use AND, OR and NOT")
			}
		}
	}
	return nil
}

func (types Types) listing(n *Call) error {
	list, ok := n.Args[1].(*List)
	if !ok || len(list.Items) == 0 {
		return fault(n.Args[1].At(), "IN takes a list of at least one value")
	}
	return types.comparison(n, append([]Expr{n.Args[0]}, list.Items...))
}

func (types Types) matching(n *Call) error {
	if err := types.all(n.Args, TypeText, "LIKE"); err != nil {
		return err
	}
	pattern := n.Args[1]
	for {
		folded, is := pattern.(*Call)
		if !is {
			break
		}
		pattern = folded.Args[0]
	}
	text, ok := pattern.(*Text)
	if !ok {
		return fault(pattern.At(), "the pattern of LIKE is a text")
	}
	return checkPattern(text)
}

func checkPattern(text *Text) error {
	escaped, wildcards, length := false, 0, 0
	for _, r := range text.Value {
		length++
		if r == '%' && !escaped {
			wildcards++
		}
		escaped = r == '\\' && !escaped
	}
	switch {
	case escaped:
		return fault(text.Place, "the pattern ends in a backslash, which escapes nothing")
	case length > MaxPattern:
		return fault(text.Place, "the pattern has %d characters; %d are allowed", length, MaxPattern)
	case wildcards > maxWildcards:
		return fault(text.Place, "the pattern has %d percent signs; %d are allowed", wildcards, maxWildcards)
	}
	return nil
}

func (types Types) spatial(n *Call, name string) error {
	if err := types.all(n.Args, TypeShape, name); err != nil {
		return err
	}
	for _, argument := range n.Args {
		shape, ok := argument.(*Shape)
		if !ok {
			continue
		}
		if _, mixed := shape.Geometry.(orb.Collection); mixed && n.Op != SIntersects && n.Op != SDisjoint {
			return fault(shape.Place, "%s does not take a GEOMETRYCOLLECTION; S_INTERSECTS and S_DISJOINT do", name)
		}
	}
	return nil
}
