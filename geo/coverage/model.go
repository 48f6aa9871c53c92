package coverage

import "math"

// Rule is how the services of a question go together.
type Rule uint8

// The rules.
const (
	AnyService  Rule = iota // a site counts that offers one of the services; every site if none is named
	AllServices             // each of the services, be it from several sites
	OneStop                 // one site that offers all of the services
)

// TimeKind is what a question says about time.
type TimeKind uint8

// The kinds of time.
const (
	AnyTime   TimeKind = iota // hours do not matter
	AtQuarter                 // in one quarter-hour of the week
	OverWeek                  // all through the week, weighted by a profile
)

// Time is when a question asks.
type Time struct {
	Kind    TimeKind
	Quarter int     // of AtQuarter: 0..QuarterHours-1
	Profile Profile // of OverWeek
}

// Model is a question: what counts as covered. It can be compared, and be the key of a map.
type Model struct {
	Reach
	Services uint32 // bit set
	Rule     Rule
	Time     Time
	// Cold counts heated indoor sites only, and shortens walks by the WalkFactor of Celsius. A service
	// radius and a ride keep their length.
	Cold    bool
	Celsius float64 // only if Cold
}

// Validate gives an InputError, or nil.
func (m Model) Validate() error {
	switch {
	case m.Rule > OneStop:
		return invalid("rule", "%d is none", m.Rule)
	case m.Rule != AnyService && m.Services == 0:
		return invalid("services", "are needed for the rule")
	case m.Time.Kind > OverWeek:
		return invalid("time", "%d is no kind of time", m.Time.Kind)
	case m.Time.Quarter < 0 || m.Time.Quarter >= QuarterHours:
		return invalid("time", "%d is no quarter-hour of the week", m.Time.Quarter)
	case m.Time.Kind != AtQuarter && m.Time.Quarter != 0:
		return invalid("time", "has a quarter-hour that it does not ask about")
	case m.Time.Profile > lastProfile:
		return invalid("profile", "%d is none", m.Time.Profile)
	case m.Time.Kind != OverWeek && m.Time.Profile != 0:
		return invalid("profile", "is given for a question that is not about the week")
	case math.IsNaN(m.Celsius) || math.IsInf(m.Celsius, 0):
		return invalid("celsius", "%g is no temperature", m.Celsius)
	case !m.Cold && m.Celsius != 0:
		return invalid("celsius", "is given for a question that is not about the cold")
	}
	if err := m.Reach.Validate(); err != nil {
		return err
	}
	return m.EffectiveReach().Validate()
}

// EffectiveReach is the reach that is left in the cold.
func (m Model) EffectiveReach() Reach {
	reach := m.Reach
	if m.Cold && reach.Mode == OnFoot {
		reach.Minutes *= WalkFactor(m.Celsius)
	}
	return reach
}
