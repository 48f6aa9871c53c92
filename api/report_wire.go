package api

import (
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// NewReportBody is what a rider has to say.
type NewReportBody struct {
	Key      string             `json:"key" maxLength:"36" minLength:"36" doc:"A UUID made on the phone. However often the report is sent, it is taken in once" example:"0b9d6a56-5b0e-4c6c-9a53-0d9f5b6c7d8e"`
	Kind     string             `json:"kind" enum:"problem,confirmation,suggestion" doc:"Something is not as it says; I am here, all fine; a station is wanted here"`
	Topic    string             `json:"topic,omitempty" enum:"closed,no_hot_water,no_heat,wrong_place,other" doc:"Of a problem"`
	Station  string             `json:"station,omitempty" maxLength:"32" doc:"Code of the station that a problem or a confirmation is about"`
	Location optional[Position] `json:"location,omitempty" doc:"lng, lat: where a station is wanted, or where this one really is. Nothing else takes a position"`
	Services []string           `json:"services,omitempty" nullable:"false" maxItems:"12" doc:"That a suggestion wishes for"`
	Text     string             `json:"text,omitempty" maxLength:"1000"`
	SeenAt   optional[Instant]  `json:"seen_at,omitempty" doc:"When the rider saw it; now if it is left away"`
	Contact  string             `json:"contact,omitempty" maxLength:"60" doc:"How staff can reach the rider, who need not say. It is kept encrypted until the report is closed"`
	Photo    string             `json:"photo,omitempty" maxLength:"933400" doc:"A JPEG, PNG or WebP in base64, at most 700,000 bytes and 8 megapixels, upright. It is drawn anew: what else is in the file (place, time, camera) is not kept"`
}

// ReportCodesBody asks about reports.
type ReportCodesBody struct {
	Codes []string `json:"codes" nullable:"false" minItems:"1" maxItems:"50" doc:"Codes that were given for reports, in any case, with or without hyphens"`
}

// RiderReportReport is what a rider is told of a report.
type RiderReportReport struct {
	Code      string     `json:"code" example:"7K3QD-0XW5M-9RTC2" doc:"With which to ask what became of it; who has it may look"`
	Kind      string     `json:"kind" enum:"problem,confirmation,suggestion"`
	Topic     *string    `json:"topic"`
	Station   *string    `json:"station"`
	Stage     string     `json:"stage" enum:"called,collected,handled,converted,declined" doc:"征集 it has come in; 收集 staff took it up; 办理 somebody works at it; 转化 something lasting came of it; or nothing will"`
	Merged    bool       `json:"merged" doc:"Others told the same: the stage and the answer are of all together"`
	Answer    string     `json:"answer" doc:"Empty while there is none"`
	CreatedAt time.Time  `json:"created_at"`
	MovedAt   time.Time  `json:"moved_at" doc:"When it came to its stage"`
	DueAt     *time.Time `json:"due_at" doc:"By when it is to be closed"`
	Result    *string    `json:"result" doc:"Code of the station that is planned now"`
	Renewed   bool       `json:"renewed" doc:"Of a confirmation: the station counts as seen then"`
}

// RiderReportListReport is what a rider is told of several.
type RiderReportListReport struct {
	Reports []maybe[RiderReportReport] `json:"reports" nullable:"false" doc:"In the order of the codes; null for a code that there is none of"`
}

// StaffReportReport is a report as staff see it.
type StaffReportReport struct {
	ID           int64       `json:"id"`
	Kind         string      `json:"kind" enum:"problem,confirmation,suggestion"`
	Topic        *string     `json:"topic" doc:"Of a problem: closed, no_hot_water, no_heat, wrong_place, other"`
	Station      *string     `json:"station"`
	Location     coordinates `json:"location"`
	Community    string      `json:"community" doc:"Whose staff handle it"`
	Services     []string    `json:"services" nullable:"false"`
	Text         string      `json:"text" doc:"As it was written by somebody unknown"`
	Photo        *string     `json:"photo" doc:"Address of the photo"`
	HasContact   bool        `json:"has_contact" doc:"The rider said how to be reached; see reveal"`
	SeenAt       time.Time   `json:"seen_at"`
	CreatedAt    time.Time   `json:"created_at"`
	Stage        string      `json:"stage" enum:"called,collected,handled,converted,declined,merged"`
	MovedAt      time.Time   `json:"moved_at"`
	DueAt        *time.Time  `json:"due_at"`
	Overdue      bool        `json:"overdue"`
	Assignee     *string     `json:"assignee" doc:"Name of an account"`
	AssigneeName *string     `json:"assignee_name" doc:"How its owner is called; null where the account is gone"`
	Answer       string      `json:"answer"`
	MergedInto   *int64      `json:"merged_into"`
	Result       *string     `json:"result" doc:"Code of the station that it was turned into"`
	Weight       int         `json:"weight" doc:"How many reports it stands for, with itself"`
	Version      int64       `json:"version"`
}

// ReportPageReport is a page of the queue.
type ReportPageReport struct {
	Reports []StaffReportReport `json:"reports" nullable:"false" doc:"What is due first comes first; what is closed comes last, newest first"`
	Total   int64               `json:"total"`
	AsOf    time.Time           `json:"as_of"`
}

// ReportStepReport is a line of the history of a report.
type ReportStepReport struct {
	At        time.Time `json:"at"`
	Actor     string    `json:"actor" doc:"Name of an account; rider, or yizhan for what follows by itself"`
	ActorName *string   `json:"actor_name" doc:"How the owner of the account is called; null where there is none"`
	Act       string    `json:"act" enum:"sent,renewed,moved,assigned,merged"`
	Stage     string    `json:"stage"`
	Note      string    `json:"note"`
}

// ReportMoveReport is a way to the next stage.
type ReportMoveReport struct {
	To     string `json:"to"`
	Answer bool   `json:"answer" doc:"Whether the rider has to be answered"`
}

// ReportDetailReport is a report with all that belongs to it.
type ReportDetailReport struct {
	StaffReportReport
	Steps      []ReportStepReport  `json:"steps" nullable:"false" doc:"Oldest first"`
	Moves      []ReportMoveReport  `json:"moves" nullable:"false" doc:"Where it may go from its stage"`
	Merged     []StaffReportReport `json:"merged" nullable:"false" doc:"Those that it stands for"`
	Duplicates []StaffReportReport `json:"duplicates" nullable:"false" doc:"Those that may tell the same: of one kind and topic, of one station or within 300 m, and within 30 days; nearest first"`
}

// ReportMoveBody takes a report to another stage.
type ReportMoveBody struct {
	Version int64  `json:"version" minimum:"1" doc:"That was looked at"`
	To      string `json:"to" enum:"collected,handled,converted,declined"`
	Answer  string `json:"answer,omitempty" maxLength:"1000" doc:"For the rider"`
	Note    string `json:"note,omitempty" maxLength:"1000" doc:"For staff"`
}

// ReportAssignBody gives a report to somebody.
type ReportAssignBody struct {
	Version  int64             `json:"version" minimum:"1"`
	Assignee string            `json:"assignee" maxLength:"64" doc:"Name of an account that may handle reports there; empty for nobody"`
	DueAt    optional[Instant] `json:"due_at" doc:"By when it is to be closed; null for no time"`
}

// ReportMergeBody lets another report stand for this one.
type ReportMergeBody struct {
	Version int64 `json:"version" minimum:"1"`
	Into    int64 `json:"into" minimum:"1" doc:"The other report, of the same kind"`
}

// ReportConvertBody makes a planned station of a suggestion.
type ReportConvertBody struct {
	Version int64  `json:"version" minimum:"1"`
	Name    string `json:"name" minLength:"1" maxLength:"120" doc:"Of the station"`
	Sponsor string `json:"sponsor" enum:"union,party_centre,bank,utility,post,retail,fuel,public_service"`
	Address string `json:"address,omitempty" maxLength:"300"`
	Answer  string `json:"answer" minLength:"1" maxLength:"1000" doc:"For the rider"`
}

// HandlerListReport lists the accounts that may be given a report.
type HandlerListReport struct {
	Handlers []HandlerReport `json:"handlers" nullable:"false"`
}

// HandlerReport is an account that may be given a report.
type HandlerReport struct {
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
}

// RiderContactReport is how to reach a rider.
type RiderContactReport struct {
	Contact string `json:"contact"`
}

// ReportStatisticsReport counts reports by stage and unit.
type ReportStatisticsReport struct {
	Unit     UnitName            `json:"unit"`
	Whole    ReportCountsReport  `json:"whole" doc:"The sum of the parts, at each stage"`
	Children []UnitReportsReport `json:"children" nullable:"false" doc:"The units right below, in the order of their codes; those without reports are left away"`
	Kinds    []KindReportsReport `json:"kinds" nullable:"false" doc:"The same reports by what they are"`
	AsOf     time.Time           `json:"as_of"`
}

// ReportCountsReport is how many reports stand at each stage.
type ReportCountsReport struct {
	Called    int64 `json:"called"`
	Collected int64 `json:"collected"`
	Handled   int64 `json:"handled"`
	Converted int64 `json:"converted"`
	Declined  int64 `json:"declined"`
	Merged    int64 `json:"merged"`
	Total     int64 `json:"total" doc:"All of them together"`
	Overdue   int64 `json:"overdue" doc:"Of those that are open"`
}

// UnitReportsReport is how many reports a unit has.
type UnitReportsReport struct {
	UnitName
	ReportCountsReport
}

// KindReportsReport is how many reports there are of a kind.
type KindReportsReport struct {
	Kind string `json:"kind" enum:"problem,confirmation,suggestion"`
	ReportCountsReport
}

func (c *ReportCountsReport) add(n yizhan.ReportCount) {
	for stage, sum := range map[yizhan.ReportStage]*int64{yizhan.StageCalled: &c.Called, yizhan.StageCollected: &c.Collected, yizhan.StageHandled: &c.Handled,
		yizhan.StageConverted: &c.Converted, yizhan.StageDeclined: &c.Declined, yizhan.StageMerged: &c.Merged} {
		if stage == n.Stage {
			*sum += n.Count
		}
	}
	c.Total += n.Count
	c.Overdue += n.Overdue
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// newReport reads the body; the photo is for photos.Clean.
func (b *NewReportBody) newReport() yizhan.NewReport {
	n := yizhan.NewReport{Key: b.Key, Kind: yizhan.ReportKind(b.Kind), Topic: yizhan.ReportTopic(b.Topic), Station: b.Station, Text: b.Text, Contact: b.Contact}
	if b.Location.value != nil {
		place := orb.Point(*b.Location.value)
		n.Location = &place
	}
	for _, service := range b.Services {
		n.Services = append(n.Services, yizhan.Service(service))
	}
	return n
}

func riderReportOf(code string, r yizhan.RiderReport) *RiderReportReport {
	return &RiderReportReport{Code: code, Kind: string(r.Kind), Topic: textOrNil(string(r.Topic)), Station: textOrNil(r.Station), Stage: string(r.Stage), Merged: r.Merged,
		Answer: r.Answer, CreatedAt: r.CreatedAt, MovedAt: r.MovedAt, DueAt: timeOrNull(r.DueAt), Result: textOrNil(r.Result), Renewed: r.Renewed}
}
