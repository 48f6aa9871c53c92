package coverage

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// Site is a place that serves demand, as far as coverage depends on it. What is not known is kept apart
// from what is not so: a site may offer what it is not sure to offer, and may be open when nobody knows.
type Site struct {
	Code string    // not empty, one of its kind
	At   orb.Point // WGS84
	Unit string    // the code of the unit it stands in

	Services      uint32 // bit set of what it is sure to offer
	MaybeServices uint32 // Services, and those whose condition is not known

	Open      Week // when it is sure to be open
	MaybeOpen Week // Open, and the time of which nobody knows; all of the week where no hours are known

	Capacity int  // 0: not known
	Heated   bool // heated and indoors, for sure

	MaybeHeated bool // nobody knows whether it is; means nothing where Heated
}

// Sites are in ascending order of Code, each once.
type Sites []Site

// MaxSites bounds Sites: counts of them take 16 bits.
const MaxSites = math.MaxUint16

// InputError says which field of a question or of its data is wrong, and why.
type InputError struct{ Field, Why string }

// Error implements error.
func (e *InputError) Error() string { return "coverage: " + e.Field + " " + e.Why }

func invalid(field, format string, args ...any) error {
	return &InputError{field, fmt.Sprintf(format, args...)}
}

// Validate gives an InputError, or nil.
func (s *Site) Validate() error {
	if err := s.check(); err != nil {
		return err
	}
	return nil
}

func (s *Site) check() *InputError {
	wrong := func(field, format string, args ...any) *InputError {
		return &InputError{field, fmt.Sprintf(format, args...)}
	}
	switch {
	case s.Code == "":
		return wrong("code", "is empty")
	case !(math.Abs(s.At[0]) <= 180 && math.Abs(s.At[1]) <= 90):
		return wrong("at", "of site %s is no place: %v", s.Code, s.At)
	case s.Services&^s.MaybeServices != 0:
		return wrong("maybe_services", "of site %s lack some of its services", s.Code)
	case !s.Open.Within(s.MaybeOpen) || !s.MaybeOpen.Within(FullWeek()):
		return wrong("maybe_open", "of site %s lacks some of the time when it is open, or has more than a week", s.Code)
	case s.Capacity < 0:
		return wrong("capacity", "of site %s is %d", s.Code, s.Capacity)
	}
	return nil
}

// Validate gives an InputError, or nil.
func (s Sites) Validate() error {
	if len(s) > MaxSites {
		return invalid("sites", "are %d; %d are allowed", len(s), MaxSites)
	}
	for i := range s {
		if err := s[i].check(); err != nil {
			return err
		}
		if i > 0 && s[i-1].Code >= s[i].Code {
			return invalid("sites", "are not in the order of codes, each once: %s, %s", s[i-1].Code, s[i].Code)
		}
	}
	return nil
}

// Find gives the position of a code, or where it would be.
func (s Sites) Find(code string) (at int, found bool) {
	return slices.BinarySearchFunc(s, code, func(site Site, code string) int { return strings.Compare(site.Code, code) })
}
