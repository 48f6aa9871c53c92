package yizhan

import (
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"
)

// ReportKind is what a rider has to say.
type ReportKind string

// The kinds of report.
const (
	ReportProblem      ReportKind = "problem"      // something about a station is not as it says
	ReportConfirmation ReportKind = "confirmation" // I am here, all fine
	ReportSuggestion   ReportKind = "suggestion"   // a station is wanted here
)

// ReportKinds lists the kinds.
func ReportKinds() []ReportKind {
	return []ReportKind{ReportProblem, ReportConfirmation, ReportSuggestion}
}

// ReportTopic is what a problem is about.
type ReportTopic string

// The topics.
const (
	TopicClosed     ReportTopic = "closed"       // 没开门
	TopicNoHotWater ReportTopic = "no_hot_water" // 没热水
	TopicNoHeat     ReportTopic = "no_heat"      // 不暖和
	TopicWrongPlace ReportTopic = "wrong_place"  // 位置不对
	TopicOther      ReportTopic = "other"        // 其他
)

// ReportTopics lists the topics.
func ReportTopics() []ReportTopic {
	return []ReportTopic{TopicClosed, TopicNoHotWater, TopicNoHeat, TopicWrongPlace, TopicOther}
}

// ReportStage is how far a report has come.
type ReportStage string

// The stages, and two ways out of them.
const (
	StageCalled    ReportStage = "called"    // 征集: it has come in
	StageCollected ReportStage = "collected" // 收集: staff have read it and take it up
	StageHandled   ReportStage = "handled"   // 办理: somebody works at it
	StageConverted ReportStage = "converted" // 转化: something lasting came of it
	StageDeclined  ReportStage = "declined"  // 不采纳: nothing will, and the answer says why
	StageMerged    ReportStage = "merged"    // 并入: another one tells the same, and stands for it
)

// ReportStages lists the stages.
func ReportStages() []ReportStage {
	return []ReportStage{StageCalled, StageCollected, StageHandled, StageConverted, StageDeclined, StageMerged}
}

// Open tells whether somebody still has to do something.
func (s ReportStage) Open() bool {
	return s == StageCalled || s == StageCollected || s == StageHandled
}

// ReportMove is a way from one stage to the next.
type ReportMove struct {
	From, To ReportStage
	Answer   bool // the rider gets one
}

// reportMoves is the one table of what staff may do. Merging is not among them: it takes another report.
var reportMoves = []ReportMove{
	{StageCalled, StageCollected, false},
	{StageCalled, StageDeclined, true},
	{StageCollected, StageHandled, false},
	{StageCollected, StageDeclined, true},
	{StageHandled, StageConverted, true},
	{StageHandled, StageDeclined, true},
	{StageHandled, StageCollected, false}, // given back
	{StageDeclined, StageCollected, false},
	{StageConverted, StageHandled, false}, // it was not solved after all
}

// MovesFrom lists where a report may go from a stage.
func MovesFrom(stage ReportStage) []ReportMove {
	return slices.DeleteFunc(slices.Clone(reportMoves), func(m ReportMove) bool { return m.From != stage })
}

// FindMove gives the move between two stages, if there is one.
func FindMove(from, to ReportStage) (ReportMove, bool) {
	i := slices.IndexFunc(reportMoves, func(m ReportMove) bool { return m.From == from && m.To == to })
	if i < 0 {
		return ReportMove{}, false
	}
	return reportMoves[i], true
}

// reportPatience is how long the rider of a report may have to wait for its end: a cold room in winter is not
// like a pin that is off.
var reportPatience = map[ReportTopic]time.Duration{
	TopicNoHeat:     12 * time.Hour,
	TopicClosed:     24 * time.Hour,
	TopicNoHotWater: 48 * time.Hour,
	TopicWrongPlace: 72 * time.Hour,
	TopicOther:      72 * time.Hour,
}

const (
	suggestionPatience   = 14 * 24 * time.Hour
	confirmationPatience = 7 * 24 * time.Hour // of one that staff have to look at
)

// MaxPatience bounds how far away staff may put the time by which something is to be done.
const MaxPatience = 180 * 24 * time.Hour

// DueAfter is how long after it came in a report is to be closed.
func DueAfter(kind ReportKind, topic ReportTopic) time.Duration {
	switch kind {
	case ReportProblem:
		return reportPatience[topic]
	case ReportSuggestion:
		return suggestionPatience
	}
	return confirmationPatience
}

// Bounds of a report.
const (
	MaxReportText    = 1_000              // characters
	MaxReportContact = 60                 // characters
	MaxReportAge     = 7 * 24 * time.Hour // that it may have waited on a phone to count as seen
	MaxReportCodes   = 50                 // asked about at once
	MaxReportPage    = 500
)

// NewReport is a report as it comes in.
type NewReport struct {
	Key      string // made on the phone, a UUID: however often it arrives, it is one report
	Kind     ReportKind
	Topic    ReportTopic // of a problem
	Station  string      // code; empty for a suggestion
	Location *orb.Point  // of a suggestion, and of where a station really is; nil for the station's own
	Services []Service   // wanted, of a suggestion
	Text     string
	SeenAt   time.Time // when the rider saw it; zero for now
	Contact  string    // how to reach the rider; empty for none
	Photo    *Photo
}

// Photo is a picture that was made anew: JPEG, and nothing but the picture.
type Photo struct {
	JPEG          []byte
	Width, Height int
}

var reportKey = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// Validate checks what can be checked without the city.
func (r *NewReport) Validate() error {
	if !reportKey.MatchString(r.Key) {
		return Invalid("key", "is not a UUID in lower case")
	}
	if err := r.checkKind(); err != nil {
		return err
	}
	if r.Location != nil {
		if err := checkPoint("location", *r.Location); err != nil {
			return err
		}
	}
	for i, service := range r.Services {
		if !service.Valid() || slices.Contains(r.Services[:i], service) {
			return Invalid("services", "holds one that is unknown, or one twice")
		}
	}
	if err := checkText("text", r.Text, MaxReportText); err != nil {
		return err
	}
	return checkText("contact", r.Contact, MaxReportContact)
}

func (r *NewReport) checkKind() error {
	switch r.Kind {
	case ReportProblem:
		switch {
		case !slices.Contains(ReportTopics(), r.Topic):
			return Invalid("topic", "is not one of closed, no_hot_water, no_heat, wrong_place, other")
		case r.Topic == TopicOther && strings.TrimSpace(r.Text) == "":
			return Invalid("text", "is empty: say what is wrong")
		case r.Topic != TopicWrongPlace && r.Location != nil:
			return Invalid("location", "is only for a suggestion, and for a station that is elsewhere")
		}
	case ReportConfirmation:
		switch {
		case r.Location != nil:
			return Invalid("location", "is only for a suggestion, and for a station that is elsewhere")
		case r.Text != "" || r.Contact != "" || r.Photo != nil:
			return Invalid("kind", "a confirmation is one tap: no text, contact or photo")
		}
	case ReportSuggestion:
		switch {
		case r.Location == nil:
			return Invalid("location", "is missing: where is a station wanted?")
		case r.Station != "":
			return Invalid("station", "is not for a suggestion")
		}
	default:
		return Invalid("kind", "is not problem, confirmation or suggestion")
	}
	switch {
	case r.Kind != ReportSuggestion && !stationCode.MatchString(r.Station):
		return Invalid("station", "is not the code of a station")
	case r.Kind != ReportSuggestion && len(r.Services) > 0:
		return Invalid("services", "are only for a suggestion")
	case r.Kind != ReportProblem && r.Topic != "":
		return Invalid("topic", "is only for a problem")
	}
	return nil
}

// codeAlphabet has no letter that is taken for a digit.
var codeAlphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// reportCodeLetters is 75 bits: nobody finds one by trying.
const reportCodeLetters = 15

// ReportCode is how the rider asks what became of the report with a key. Of one key it is always the same, so
// that a phone that never heard the answer gets it when it sends again, and nothing but a hash is kept here.
func ReportCode(key string) string {
	sum := sha256.Sum256([]byte("yizhan report code\x00" + key))
	text := codeAlphabet.EncodeToString(sum[:])[:reportCodeLetters]
	return text[:5] + "-" + text[5:10] + "-" + text[10:]
}

// ParseReportCode reads a code as people write it: in any case, with or without hyphens, O for 0, I and L for 1.
func ParseReportCode(text string) (string, bool) {
	text = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(text))
	if len(text) != reportCodeLetters || strings.Trim(text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
		return "", false
	}
	return text[:5] + "-" + text[5:10] + "-" + text[10:], true
}

// RiderReport is what a rider is told of a report: nothing about who works at it, and nothing personal.
type RiderReport struct {
	Kind      ReportKind
	Topic     ReportTopic
	Station   string
	Stage     ReportStage // of the report that stands for it, if it was merged
	Merged    bool
	Answer    string
	CreatedAt time.Time
	MovedAt   time.Time
	DueAt     time.Time // zero for none
	Result    string    // the station it was turned into
	Renewed   bool      // a confirmation that counted
}

// Report is a report as staff see it.
type Report struct {
	ID         int64
	Kind       ReportKind
	Topic      ReportTopic
	Station    string
	Location   orb.Point
	Community  string
	Services   []Service
	Text       string
	HasPhoto   bool
	HasContact bool
	SeenAt     time.Time
	CreatedAt  time.Time
	Stage      ReportStage
	MovedAt    time.Time
	DueAt      time.Time // zero for none
	Assignee   string    // name of an account
	Answer     string
	MergedInto int64
	Result     string
	Weight     int // how many reports it stands for, with itself
	Version    int64
}

// Overdue tells whether it should have been closed by now.
func (r *Report) Overdue(now time.Time) bool {
	return r.Stage.Open() && !r.DueAt.IsZero() && r.DueAt.Before(now)
}

// ReportStep is a line of the history of a report.
type ReportStep struct {
	At    time.Time
	Actor string
	Act   string // sent, renewed, moved, assigned, merged
	Stage ReportStage
	Note  string
}

// ReportNames tells how those are called who work at reports, by the names of their accounts. An account that is
// gone has none.
type ReportNames map[string]string

// ReportDetail is a report with all that belongs to it.
type ReportDetail struct {
	Report
	Steps      []ReportStep
	Merged     []Report // those that it stands for
	Duplicates []Report // those that may tell the same, nearest first
	Names      ReportNames
}

// ReportPage is a part of the queue.
type ReportPage struct {
	Reports []Report
	Total   int64 // in all
	Names   ReportNames
}

// ReportQuery asks for a page of the queue: what is due first comes first, then what is not due.
type ReportQuery struct {
	Unit     string
	Stages   []ReportStage // none for those that are open
	Kind     ReportKind
	Station  string // that it is about, or that it was turned into
	Assignee string
	Overdue  bool
	Limit    int
	Offset   int
}

// ReportCount is how many reports of a unit stand at a stage.
type ReportCount struct {
	Unit    string
	Stage   ReportStage
	Kind    ReportKind
	Count   int64
	Overdue int64
}

// Handler is an account that may be given a report.
type Handler struct{ Name, DisplayName string }

// RenewAfter is how long a station stays as fresh as it was: a confirmation within that time adds nothing, so
// that however many come, the change log gets at most two a day of each station.
const RenewAfter = 12 * time.Hour

// Contests tells which services a problem casts doubt on; all is the whole station.
func (t ReportTopic) Contests() (services []Service, all bool) {
	switch t {
	case TopicNoHotWater:
		return []Service{Water}, false
	case TopicNoHeat:
		return []Service{Heating}, false
	}
	return nil, true
}

// Renewal is what a confirmation does.
type Renewal string

// What a confirmation does.
const (
	Renews       Renewal = "renews"      // the station counts as seen now
	AlreadyFresh Renewal = "fresh"       // somebody was there just before
	Contradicts  Renewal = "contradicts" // staff say otherwise: they have to look
)

// RenewedBy gives the station as a rider saw it: all fine. One tap of somebody unknown renews what nobody
// doubts. It never changes a condition: what staff recorded as broken or limited stays so and as old as it is,
// and so does what a problem that staff took up is about. The time is kept to the hour.
func (s *Station) RenewedBy(seen time.Time, contested []ReportTopic) (*Station, Renewal) {
	if s.Status != StationActive {
		return nil, Contradicts
	}
	doubted := map[Service]bool{}
	for _, topic := range contested {
		services, all := topic.Contests()
		if all {
			return nil, Contradicts
		}
		for _, service := range services {
			doubted[service] = true
		}
	}
	seen = seen.UTC().Truncate(time.Hour)
	if seen.Before(s.ConfirmedAt.Add(RenewAfter)) {
		return nil, AlreadyFresh
	}
	renewed := *s
	renewed.ConfirmedAt = seen
	renewed.Services = slices.Clone(s.Services)
	for i := range renewed.Services {
		have := &renewed.Services[i]
		if have.Condition == Working && !doubted[have.Service] && seen.After(have.ConfirmedAt) {
			have.ConfirmedAt = seen
		}
	}
	return &renewed, Renews
}

// PlannedStation is what staff say of a station that a suggestion becomes; the suggestion tells the rest.
type PlannedStation struct {
	Name    string
	Sponsor Sponsor
	Address string
}
