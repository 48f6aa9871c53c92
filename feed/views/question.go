package views

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
)

// Question is what is asked of the coverage. It can be compared, and be the key of a map. Zero values mean
// the usual: a service radius of 1 km, any station, any time, no cold.
type Question struct {
	Mode     string  // ModeRadius, ModeWalk or ModeEBike; empty for ModeRadius
	RadiusM  float64 // of ModeRadius: true metres, inclusive; 0 for DefaultRadiusM
	Minutes  float64 // of ModeWalk and ModeEBike; 0 for DefaultMinutes
	Services string  // joined by commas in the order of yizhan.Services, as of ParseServices; empty for any station
	Rule     string  // RuleAny, RuleAll or RuleOneStop: how several services go together; empty for RuleAny
	Quarter  int     // 1 + the quarter-hour of the week, Monday 00:00 China's time first; 0 for no one moment
	Week     string  // the Monday of a week, as in 2026-02-16, whose dated exceptions hold; empty for the usual week
	Profile  string  // how the hours of the week weigh: one of Profiles; empty if hours do not matter
	Cold     bool    // only heated stations count, and walks are shorter
	Celsius  float64 // only if Cold
}

// The modes.
const (
	ModeRadius = "radius" // the straight line
	ModeWalk   = "walk"   // 5 km/h, along ways 1.3 times as long as the straight line
	ModeEBike  = "ebike"  // 15 km/h, the same
)

// The rules.
const (
	RuleAny     = "any"      // a station that offers one of the services
	RuleAll     = "all"      // each of the services, be it from several stations
	RuleOneStop = "one_stop" // one station that offers all of the services
)

// The profiles.
const (
	ProfileUniform = "uniform"
	ProfileLunch   = "lunch"
	ProfileDinner  = "dinner"
	ProfileNight   = "night"
)

// Modes, Rules and Profiles list what there is.
func Modes() []string    { return []string{ModeRadius, ModeWalk, ModeEBike} }
func Rules() []string    { return []string{RuleAny, RuleAll, RuleOneStop} }
func Profiles() []string { return []string{ProfileUniform, ProfileLunch, ProfileDinner, ProfileNight} }

// Bounds and usual values of a Question. The usual radius, and the usual walk, are the union's standard.
const (
	MinRadiusM     = 100
	MaxRadiusM     = 10_000
	DefaultRadiusM = 1_000

	MinMinutes     = 2
	MaxMinutes     = 60
	DefaultMinutes = 15

	MinCelsius = -60
	MaxCelsius = 50
)

// maxReachM is at least the farthest reach that can be asked for: MaxMinutes on an e-bike.
const maxReachM = 12_000

// weekLayout is how Question.Week is written.
const weekLayout = "2006-01-02"

// ParseServices reads services joined by commas, in any order, each once, and gives them as Question.Services
// has them.
func ParseServices(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	asked := strings.Split(text, ",")
	for i, name := range asked {
		switch {
		case !yizhan.Service(name).Valid():
			return "", yizhan.Invalid("services", "%q is not a known service", name)
		case slices.Contains(asked[:i], name):
			return "", yizhan.Invalid("services", "%q occurs twice", name)
		}
	}
	return joinServices(func(s yizhan.Service) bool { return slices.Contains(asked, string(s)) }), nil
}

func joinServices(wanted func(yizhan.Service) bool) string {
	var names []string
	for _, service := range yizhan.Services() {
		if wanted(service) {
			names = append(names, string(service))
		}
	}
	return strings.Join(names, ",")
}

// QuestionAt gives Question.Quarter and Question.Week of a moment.
func QuestionAt(t time.Time) (quarter int, week string) {
	local := t.In(yizhan.China)
	day := (int(local.Weekday()) + 6) % 7
	quarter = 1 + (day*24+local.Hour())*coverage.QuartersAnHour + local.Minute()/(60/coverage.QuartersAnHour)
	return quarter, local.AddDate(0, 0, -day).Format(weekLayout)
}

// Validate gives an Error that names the parameter at fault, or nil.
func (q Question) Validate() error {
	for _, check := range []func() error{q.checkReach, q.checkServices, q.checkTime, q.checkCold} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (q Question) checkReach() error {
	byRadius := q.Mode == "" || q.Mode == ModeRadius
	switch {
	case q.Mode != "" && !slices.Contains(Modes(), q.Mode):
		return yizhan.Invalid("mode", "%q is not one of %s", q.Mode, strings.Join(Modes(), ", "))
	case byRadius && q.Minutes != 0:
		return yizhan.Invalid("minutes", "go with the modes walk and ebike, not with a radius")
	case byRadius && q.RadiusM != 0 && !(q.RadiusM >= MinRadiusM && q.RadiusM <= MaxRadiusM):
		return yizhan.Invalid("radius_m", "%g is not in %d..%d", q.RadiusM, MinRadiusM, MaxRadiusM)
	case !byRadius && q.RadiusM != 0:
		return yizhan.Invalid("radius_m", "goes with the mode radius, not with minutes")
	case !byRadius && q.Minutes != 0 && !(q.Minutes >= MinMinutes && q.Minutes <= MaxMinutes):
		return yizhan.Invalid("minutes", "%g is not in %d..%d", q.Minutes, MinMinutes, MaxMinutes)
	}
	return nil
}

func (q Question) checkServices() error {
	canonical, err := ParseServices(q.Services)
	switch {
	case err != nil:
		return err
	case canonical != q.Services:
		return yizhan.Invalid("services", "are not in the order %s", canonical)
	case q.Rule != "" && !slices.Contains(Rules(), q.Rule):
		return yizhan.Invalid("rule", "%q is not one of %s", q.Rule, strings.Join(Rules(), ", "))
	case q.Services == "" && (q.Rule == RuleAll || q.Rule == RuleOneStop):
		return yizhan.Invalid("rule", "%q says how services go together, and none is named", q.Rule)
	}
	return nil
}

func (q Question) checkTime() error {
	switch {
	case q.Quarter < 0 || q.Quarter > coverage.QuarterHours:
		return yizhan.Invalid("at", "%d is no quarter-hour of a week", q.Quarter)
	case q.Profile != "" && !slices.Contains(Profiles(), q.Profile):
		return yizhan.Invalid("profile", "%q is not one of %s", q.Profile, strings.Join(Profiles(), ", "))
	case q.Profile != "" && q.Quarter != 0:
		return yizhan.Invalid("profile", "is about the whole week, and does not go with one moment")
	}
	if q.Week == "" {
		return nil
	}
	_, err := mondayOf(q.Week)
	return err
}

// mondayOf reads Question.Week. The zero time stands for the usual week.
func mondayOf(week string) (time.Time, error) {
	if week == "" {
		return time.Time{}, nil
	}
	monday, err := time.ParseInLocation(weekLayout, week, yizhan.China)
	switch {
	case err != nil:
		return time.Time{}, yizhan.Invalid("week", "%q is not a date such as 2026-02-16", week)
	case monday.Weekday() != time.Monday:
		return time.Time{}, yizhan.Invalid("week", "%s is a %s, not a Monday", week, monday.Weekday())
	case monday.Year() < 2000 || monday.Year() > 2100:
		return time.Time{}, yizhan.Invalid("week", "%s is not between 2000 and 2100", week)
	}
	return monday, nil
}

func (q Question) checkCold() error {
	switch {
	case !q.Cold && q.Celsius != 0:
		return yizhan.Invalid("celsius", "goes with cold only")
	case !(q.Celsius >= MinCelsius && q.Celsius <= MaxCelsius):
		return yizhan.Invalid("celsius", "%g is not in %d..%d", q.Celsius, MinCelsius, MaxCelsius)
	}
	return nil
}

// filled is the question with the usual values where it says nothing, so that equal questions are equal.
func (q Question) filled() Question {
	q.Mode = cmp.Or(q.Mode, ModeRadius)
	if q.Mode == ModeRadius {
		q.RadiusM = cmp.Or(q.RadiusM, DefaultRadiusM)
	} else {
		q.Minutes = cmp.Or(q.Minutes, DefaultMinutes)
	}
	if q.Rule = cmp.Or(q.Rule, RuleAny); !strings.Contains(q.Services, ",") {
		q.Rule = RuleAny // one service, or none, goes together in one way
	}
	q.Celsius = math.Abs(q.Celsius) * sign(q.Celsius) // no -0
	return q
}

func sign(x float64) float64 {
	switch {
	case x < 0:
		return -1
	case x > 0:
		return 1
	}
	return 0
}

// model is the question in the terms of geo/coverage.
func (q Question) model() coverage.Model {
	q = q.filled()
	m := coverage.Model{
		Reach:    coverage.Reach{RadiusM: q.RadiusM, Minutes: q.Minutes, Mode: coverage.Mode(slices.Index(Modes(), q.Mode))},
		Services: bitsOf(q.Services), Rule: coverage.Rule(slices.Index(Rules(), q.Rule)),
		Cold: q.Cold, Celsius: q.Celsius,
	}
	switch {
	case q.Quarter > 0:
		m.Time = coverage.Time{Kind: coverage.AtQuarter, Quarter: q.Quarter - 1}
	case q.Profile != "":
		m.Time = coverage.Time{Kind: coverage.OverWeek, Profile: coverage.Profile(slices.Index(Profiles(), q.Profile))}
	}
	return m
}

// bitsOf numbers services in the order of yizhan.Services.
func bitsOf(services string) uint32 {
	bits := uint32(0)
	for name := range strings.SplitSeq(services, ",") {
		if at := slices.Index(yizhan.Services(), yizhan.Service(name)); at >= 0 {
			bits |= 1 << at
		}
	}
	return bits
}

// servicesIn names the services of a bit set.
func servicesIn(bits uint32) []yizhan.Service {
	var services []yizhan.Service
	for i, service := range yizhan.Services() {
		if bits>>i&1 == 1 {
			services = append(services, service)
		}
	}
	return services
}

// hoursWeek is the week whose hours matter to the question: none in particular if hours do not.
func (q Question) hoursWeek() string {
	if q.Quarter == 0 && q.Profile == "" {
		return ""
	}
	return q.Week
}
