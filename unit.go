package yizhan

import (
	"regexp"
	"strings"
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
	case u.Level == LevelBanner && strings.HasSuffix(u.Code, "00"):
		return Invalid("code", "%q is the code of a city", u.Code)
	case u.Level == LevelCity && u.Parent != "":
		return Invalid("parent", "a city has none")
	case u.Parent != ParentCode(u.Level, u.Code):
		return Invalid("parent", "%q is not the unit above that code %s names", u.Parent, u.Code)
	}
	if err := checkName("name", u.Name); err != nil {
		return err
	}
	if err := checkText("name_en", u.NameEn, maxNameEnRunes); err != nil {
		return err
	}
	if err := checkText("type", u.Type, maxTypeRunes); err != nil {
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

// ParentCode is the code of the unit above the one with a code of the level; empty for a city and for a code
// that is not of the level.
func ParentCode(level Level, code string) string {
	if pattern, known := unitCodes[level]; !known || !pattern.MatchString(code) {
		return ""
	}
	switch level {
	case LevelBanner:
		return code[:4] + "00"
	case LevelTownship:
		return code[:6]
	case LevelCommunity:
		return code[:9]
	default:
		return ""
	}
}

// Bounds of texts, in characters.
const (
	maxNameRunes    = 120
	maxNameEnRunes  = 240
	maxTypeRunes    = 60
	maxAddressRunes = 300
)

func checkName(field, name string) error {
	if name == "" {
		return Invalid(field, "is empty")
	}
	return checkText(field, name, maxNameRunes)
}

func checkText(field, text string, maxRunes int) error {
	switch n := utf8.RuneCountInString(text); {
	case n > maxRunes:
		return Invalid(field, "has %d characters; %d are allowed", n, maxRunes)
	case !utf8.ValidString(text):
		return Invalid(field, "is not UTF-8")
	case strings.ContainsRune(text, 0):
		return Invalid(field, "holds a zero character")
	}
	return nil
}
