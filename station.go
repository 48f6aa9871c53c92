package yizhan

import (
	"regexp"
	"slices"
	"time"

	"github.com/paulmach/orb"
)

// StationKind tells who keeps a station.
type StationKind string

// The kinds of station.
const (
	KindCommunity  StationKind = "community"  // 社区
	KindUnion      StationKind = "union"      // 工会
	KindEnterprise StationKind = "enterprise" // 企业
)

// Sponsor tells more closely in whose rooms a station is.
type Sponsor string

// The sponsors.
const (
	SponsorUnion         Sponsor = "union"          // 工会
	SponsorPartyCentre   Sponsor = "party_centre"   // 党群服务中心, 社区
	SponsorBank          Sponsor = "bank"           // 银行网点
	SponsorUtility       Sponsor = "utility"        // 通信, 供电营业厅
	SponsorPost          Sponsor = "post"           // 邮政快递网点
	SponsorRetail        Sponsor = "retail"         // 商超餐饮
	SponsorFuel          Sponsor = "fuel"           // 加油站
	SponsorPublicService Sponsor = "public_service" // 医院, 药店, 政务厅
)

// Sponsors lists the sponsors.
func Sponsors() []Sponsor {
	return []Sponsor{SponsorUnion, SponsorPartyCentre, SponsorBank, SponsorUtility, SponsorPost,
		SponsorRetail, SponsorFuel, SponsorPublicService}
}

// Kind is the kind of station that the sponsor keeps.
func (s Sponsor) Kind() StationKind {
	switch s {
	case SponsorUnion:
		return KindUnion
	case SponsorPartyCentre:
		return KindCommunity
	default:
		return KindEnterprise
	}
}

// Service is something a station offers.
type Service string

// The services.
const (
	Water       Service = "water"        // 饮水
	Charging    Service = "charging"     // 手机充电
	BatterySwap Service = "battery_swap" // 电动车换电
	Rest        Service = "rest"         // 休息
	Heating     Service = "heating"      // 取暖
	Toilet      Service = "toilet"       // 卫生间
	Microwave   Service = "microwave"    // 微波炉
	FirstAid    Service = "first_aid"    // 急救药箱
	WiFi        Service = "wifi"         // 无线网
	Books       Service = "books"        // 图书
	RainGear    Service = "rain_gear"    // 雨具, 工具
	Counselling Service = "counselling"  // 法律, 心理咨询
)

// Services lists the services in the order in which they are shown.
func Services() []Service {
	return []Service{Water, Charging, Rest, Heating, Toilet, Microwave, FirstAid, WiFi, BatterySwap,
		Books, RainGear, Counselling}
}

// Valid tells whether s is one of Services.
func (s Service) Valid() bool { return slices.Contains(Services(), s) }

// Condition is the state a service was last found in.
type Condition string

// The conditions.
const (
	Working   Condition = "working"
	Limited   Condition = "limited"
	Broken    Condition = "broken"
	Uncertain Condition = "unknown"
)

// StationService is a service at a station, with its condition and when that was last confirmed.
type StationService struct {
	Service     Service
	Condition   Condition
	ConfirmedAt time.Time // zero if never
}

// StationStatus is where a station stands in its life.
type StationStatus string

// The states of a station.
const (
	StationPlanned   StationStatus = "planned"
	StationActive    StationStatus = "active"
	StationSuspended StationStatus = "suspended"
	StationClosed    StationStatus = "closed"
)

// Station (服务驿站) is a place that gives riders services.
type Station struct {
	Code        string
	Name        string
	Kind        StationKind
	Sponsor     Sponsor
	Address     string // may be empty
	Location    orb.Point
	Approximate bool       // Location is a guess within the right community
	Entrance    *orb.Point // the door, where it is known
	Capacity    int        // seats
	Hours       Hours
	Status      StationStatus
	Community   string // code
	MicroGrid   string // code of the micro-grid that holds Location; may be empty
	Services    []StationService
	ConfirmedAt time.Time // when the station was last confirmed; zero if never
	Synthetic   bool      // generated for the demo
	Version     int64
}

var stationCode = regexp.MustCompile(`^[0-9A-Z][0-9A-Z-]{2,31}$`)

// MaxCapacity bounds the seats of a station.
const MaxCapacity = 1_000

// Ref names the station.
func (s *Station) Ref() Ref { return Ref{Stations, s.Code} }

// At gives the version.
func (s *Station) At() int64 { return s.Version }

// Offers tells whether the station has the service in a usable condition.
func (s *Station) Offers(service Service) bool {
	for _, have := range s.Services {
		if have.Service == service {
			return have.Condition != Broken
		}
	}
	return false
}

// Validate checks what can be checked without other features.
func (s *Station) Validate() error {
	switch {
	case !stationCode.MatchString(s.Code):
		return Invalid("code", "%q is not 3 to 32 of digits, capital letters and hyphens", s.Code)
	case !slices.Contains(Sponsors(), s.Sponsor):
		return Invalid("sponsor", "%q is not a known sponsor", s.Sponsor)
	case s.Kind != s.Sponsor.Kind():
		return Invalid("kind", "%q does not fit the sponsor %q", s.Kind, s.Sponsor)
	case s.Capacity < 0 || s.Capacity > MaxCapacity:
		return Invalid("capacity", "%d is not in 0..%d", s.Capacity, MaxCapacity)
	case !unitCodes[LevelCommunity].MatchString(s.Community):
		return Invalid("community", "%q is not the code of a community", s.Community)
	case s.MicroGrid != "" && !microGridCode.MatchString(s.MicroGrid):
		return Invalid("micro_grid", "%q is not a micro-grid code", s.MicroGrid)
	case s.MicroGrid != "" && s.MicroGrid[:12] != s.Community:
		return Invalid("micro_grid", "%s is not of the community %s", s.MicroGrid, s.Community)
	}
	switch s.Status {
	case StationPlanned, StationActive, StationSuspended, StationClosed:
	default:
		return Invalid("status", "%q is not planned, active, suspended or closed", s.Status)
	}
	if err := checkName("name", s.Name); err != nil {
		return err
	}
	if err := checkText("address", s.Address, maxAddressRunes); err != nil {
		return err
	}
	if err := checkPoint("location", s.Location); err != nil {
		return err
	}
	if s.Entrance != nil {
		if err := checkPoint("entrance", *s.Entrance); err != nil {
			return err
		}
	}
	return checkServices(s.Services)
}

func checkServices(services []StationService) error {
	seen := map[Service]bool{}
	for _, have := range services {
		switch {
		case !have.Service.Valid():
			return Invalid("services", "%q is not a known service", have.Service)
		case seen[have.Service]:
			return Invalid("services", "%q occurs twice", have.Service)
		}
		switch have.Condition {
		case Working, Limited, Broken, Uncertain:
		default:
			return Invalid("services", "%q is not working, limited, broken or unknown", have.Condition)
		}
		seen[have.Service] = true
	}
	return nil
}

// SceneKind is a kind of friendly scene.
type SceneKind string

// The kinds of friendly scene.
const (
	SceneShopping  SceneKind = "shopping"  // 友好商圈
	SceneCommunity SceneKind = "community" // 友好社区
	SceneHospital  SceneKind = "hospital"  // 友好医院
	ScenePort      SceneKind = "port"      // 友好口岸
	SceneScenic    SceneKind = "scenic"    // 友好景区
	SceneTransit   SceneKind = "transit"   // 友好车站
	SceneMarket    SceneKind = "market"    // 友好市场
	ScenePark      SceneKind = "park"      // 友好园区
	SceneCanteen   SceneKind = "canteen"   // 友好食堂
)

// SceneKinds lists the kinds of friendly scene.
func SceneKinds() []SceneKind {
	return []SceneKind{SceneShopping, SceneCommunity, SceneHospital, ScenePort, SceneScenic,
		SceneTransit, SceneMarket, ScenePark, SceneCanteen}
}

// FriendlyScene (友好场景) is a rider-friendly area: a set of micro-grids with the stations in it.
type FriendlyScene struct {
	Code       string
	Name       string
	Kind       SceneKind
	MicroGrids []string // codes, ascending, at least one
	Stations   []string // codes, ascending
	// Boundary is derived: the union of the micro-grids, filled in when a scene is read from the
	// store, ignored when one is written.
	Boundary  orb.MultiPolygon
	Synthetic bool
	Version   int64
}

// maxSceneParts bounds the micro-grids and the stations of a scene.
const maxSceneParts = 1_000

// Ref names the scene.
func (s *FriendlyScene) Ref() Ref { return Ref{FriendlyScenes, s.Code} }

// At gives the version.
func (s *FriendlyScene) At() int64 { return s.Version }

// Validate checks what can be checked without other features.
func (s *FriendlyScene) Validate() error {
	switch {
	case !stationCode.MatchString(s.Code):
		return Invalid("code", "%q is not 3 to 32 of digits, capital letters and hyphens", s.Code)
	case !slices.Contains(SceneKinds(), s.Kind):
		return Invalid("kind", "%q is not a known kind of scene", s.Kind)
	case len(s.MicroGrids) == 0 || len(s.MicroGrids) > maxSceneParts:
		return Invalid("micro_grids", "a scene has 1 to %d micro-grids", maxSceneParts)
	case len(s.Stations) > maxSceneParts:
		return Invalid("stations", "a scene has at most %d stations", maxSceneParts)
	case !slices.IsSorted(s.MicroGrids) || len(slices.Compact(slices.Clone(s.MicroGrids))) != len(s.MicroGrids):
		return Invalid("micro_grids", "must be in ascending order, each once")
	case !slices.IsSorted(s.Stations) || len(slices.Compact(slices.Clone(s.Stations))) != len(s.Stations):
		return Invalid("stations", "must be in ascending order, each once")
	}
	return checkName("name", s.Name)
}
