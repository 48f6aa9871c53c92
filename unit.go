package yizhan

import (
	"regexp"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// Level is a rank of administrative unit.
type Level string

// The levels, from the top.
const (
	LevelCity      Level = "city"      // 地级市
	LevelBanner    Level = "banner"    // 旗市区
	LevelTownship  Level = "township"  // 苏木乡镇街道
	LevelCommunity Level = "community" // 社区, 嘎查, 村
)

// Levels lists the levels from the top.
func Levels() []Level { return []Level{LevelCity, LevelBanner, LevelTownship, LevelCommunity} }

// unitCodes says how the code of a unit of each level looks (GB/T 2260 and the statistical code).
var unitCodes = map[Level]*regexp.Regexp{
	LevelCity:      regexp.MustCompile(`^[0-9]{4}00$`),
	LevelBanner:    regexp.MustCompile(`^[0-9]{6}$`),
	LevelTownship:  regexp.MustCompile(`^[0-9]{9}$`),
	LevelCommunity: regexp.MustCompile(`^[0-9]{12}$`),
}

// Unit (行政单元) is a city, banner, township or community. The code of a unit begins with the code of
// the unit above it, except that of a banner, whose first four digits are the city's.
type Unit struct {
	Code   string
	Level  Level
	Parent string // code of the unit above; empty for a city
	Name   string // for display, such as 天润社区
	NameEn string // may be empty
	Type   string // the registered kind, such as 自治旗, 街道, 嘎查
	Seat   *orb.Point
	// Boundary is nil for a registered unit without a territory of its own, such as a state farm.
	Boundary  orb.MultiPolygon
	Synthetic bool // the boundary was generated for the demo
	Version   int64
}

// Ref names the unit.
func (u *Unit) Ref() Ref { return Ref{Units, u.Code} }

// At gives the version.
func (u *Unit) At() int64 { return u.Version }

// Validate checks what can be checked without other features.
func (u *Unit) Validate() error {
	pattern, known := unitCodes[u.Level]
	switch {
	case !known:
		return Invalid("level", "%q is not one of city, banner, township, community", u.Level)
	case !pattern.MatchString(u.Code):
		return Invalid("code", "%q is not the code of a %s", u.Code, u.Level)
	case (u.Level == LevelCity) != (u.Parent == ""):
		return Invalid("parent", "every unit but a city has a parent")
	}
	if err := checkName("name", u.Name); err != nil {
		return err
	}
	if u.Seat != nil {
		if err := checkPoint("seat", *u.Seat); err != nil {
			return err
		}
	}
	if u.Boundary == nil {
		return nil
	}
	return checkMultiPolygon("boundary", u.Boundary)
}

const maxNameRunes = 120

func checkName(field, name string) error {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return Invalid(field, "is empty")
	case n > maxNameRunes:
		return Invalid(field, "has %d characters; %d are allowed", n, maxNameRunes)
	case !utf8.ValidString(name):
		return Invalid(field, "is not UTF-8")
	}
	return nil
}
