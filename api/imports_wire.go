package api

import (
	"encoding/json"
	"time"
)

// ImportBegin announces a file.
type ImportBegin struct {
	Name  string `json:"name" minLength:"1" maxLength:"200" doc:"Of the file, with its ending" example:"stations.csv"`
	Bytes int64  `json:"bytes" minimum:"1" maximum:"1073741824" doc:"How large it is"`
}

// ImportReport tells where an import stands.
type ImportReport struct {
	ID             string             `json:"id"`
	Name           string             `json:"name" doc:"Of the file"`
	Bytes          int64              `json:"bytes" doc:"Of the file"`
	Received       int64              `json:"received" doc:"How much of it is here: the offset of the next part"`
	ReceivedSHA256 string             `json:"received_sha256" doc:"Of what is here: a file to go on with begins alike. Empty in lists"`
	State          string             `json:"state" enum:"uploading,uploaded,inspecting,inspected,checking,checked,committing,committed,reverting,reverted" doc:"Those that end in -ing go on by themselves; a job that fails, or is cancelled, goes back to the state before"`
	Created        time.Time          `json:"created"`
	Job            *string            `json:"job" format:"uri-reference" doc:"The address of the job that runs, or ran last: its progress, its events, and by DELETE its end"`
	Error          *JobError          `json:"error" doc:"Why the last job failed; null if it did not"`
	ErrorZh        string             `json:"error_zh" doc:"The detail of the error in Chinese; empty for none, or where there are no words for it"`
	File           *ImportFile        `json:"file" doc:"What the file says of itself; null before it was inspected"`
	Preview        []ImportPreviewRow `json:"preview" nullable:"false" doc:"Its first 20 rows"`
	Fields         []ImportField      `json:"fields" nullable:"false" doc:"What a column may mean, for the collection that is chosen"`
	Datums         []ImportDatum      `json:"datums" nullable:"false" doc:"In which datum the coordinates may be, the likeliest first. Empty if there are none"`
	Settings       *ImportSettings    `json:"settings" doc:"How the file is read; null before it was inspected"`
	Summary        *ImportSummary     `json:"summary" doc:"What a check found; null before, and after the settings were changed"`

	Changeset *int64 `json:"changeset" doc:"That it was committed as; null before"`
	Reverted  *int64 `json:"reverted" doc:"The changeset that undid it; null if it was not undone"`
	Broken    bool   `json:"broken" doc:"The last commit, or undoing, was broken off, by a restart of the server or a lost connection: nothing of it is in the city. Check again"`
}

// ImportFile is what a file says of itself.
type ImportFile struct {
	Format    string         `json:"format" example:"csv"`
	SHA256    string         `json:"sha256"`
	Encoding  string         `json:"encoding" doc:"Of its text; empty where the format knows no other"`
	Encodings []string       `json:"encodings" nullable:"false" doc:"That can be chosen"`
	Delimiter string         `json:"delimiter" doc:"Of a table; empty for others"`
	Layer     string         `json:"layer" doc:"The sheet or layer that is read; empty for a file of one"`
	Layers    []string       `json:"layers" nullable:"false"`
	Columns   []ImportColumn `json:"columns" nullable:"false"`
	Geometry  bool           `json:"geometry" doc:"Its records have one, beside their columns"`
	CRS       string         `json:"crs" doc:"What it says about its coordinates; empty for nothing" example:"EPSG:4528"`
	Rows      *int64         `json:"rows" doc:"null if that is not known before a check"`
}

// ImportColumn is a column of the file.
type ImportColumn struct {
	Name    string   `json:"name" doc:"As the file has it"`
	Field   string   `json:"field" doc:"What it was taken for by its name; empty for nothing"`
	Samples []string `json:"samples" nullable:"false" doc:"Up to three values of it"`
}

// ImportPreviewRow is a row as it was read.
type ImportPreviewRow struct {
	Row    int64    `json:"row" doc:"As its owner counts: the line of the sheet, or the number of the feature from 1"`
	Values []string `json:"values" nullable:"false" doc:"In the order of the columns, cut short"`
}

// ImportField is what a column may mean.
type ImportField struct {
	Name     string `json:"name" example:"opening_hours"`
	Chinese  string `json:"zh" example:"开放时间"`
	English  string `json:"en" example:"opening hours"`
	Required bool   `json:"required" doc:"A new feature needs it"`
}

// ImportDatum is a datum that the coordinates may be in.
type ImportDatum struct {
	Datum     string   `json:"datum" doc:"wgs84, cgcs2000, gcj02, bd09, or a zone of CGCS2000 by its EPSG code, such as cgcs2000-4528" example:"gcj02"`
	Swapped   bool     `json:"swapped" doc:"The first coordinate is the lat, or the northing"`
	Chinese   string   `json:"zh" example:"GCJ-02（高德、腾讯）"`
	English   string   `json:"en" example:"GCJ-02 (Amap, Tencent)"`
	Score     float64  `json:"score" minimum:"0" maximum:"1" doc:"How likely; those of all candidates need not sum to 1"`
	Reason    string   `json:"reason" enum:"file_says,fits_known,fits_units,inside_city,possible,outside_city" doc:"Why it is so likely, for a program"`
	Message   string   `json:"message" doc:"The same for a reader"`
	Inside    float64  `json:"inside" minimum:"0" maximum:"1" doc:"The part of the sample that then lies in the city"`
	DistanceM *float64 `json:"distance_m" doc:"How far, in the middle, features then are from those known by the same code or name; null if none is known"`
	InUnits   *float64 `json:"in_units" doc:"The part of the sample that then lies in the unit that it names; null if none names one"`
}

// ImportSettings is how a file is read.
type ImportSettings struct {
	Collection string   `json:"collection" enum:"stations,micro_grids,friendly_scenes,units,candidates" doc:"What the records are. candidates are sites for new stations, which change nothing"`
	Encoding   string   `json:"encoding,omitempty" maxLength:"20" doc:"Of the text; empty for the one that was found"`
	Delimiter  string   `json:"delimiter,omitempty" maxLength:"1" doc:"Of a table; empty for the one that was found"`
	Layer      string   `json:"layer,omitempty" maxLength:"200" doc:"The sheet or layer; empty for the first"`
	Columns    []string `json:"columns,omitempty" maxItems:"300" nullable:"false" doc:"What each column means: the name of a field, or empty for nothing. Empty for what was found"`
	Datum      string   `json:"datum,omitempty" maxLength:"20" doc:"Empty for the likeliest"`
	Swapped    bool     `json:"swapped,omitempty"`
	Missing    string   `json:"missing,omitempty" enum:"keep,delete" doc:"What becomes of features that the file does not have: of stations, those of the communities that the file names; of micro-grids, those of communities that the file has outlines in. Empty for keep with stations, and delete with outlines of micro-grids, which are a partition"`
	RepairM    float64  `json:"repair_m,omitempty" minimum:"0" maximum:"5" doc:"Repair outlines that miss each other by up to so many metres; each repair is listed"`
	SkipBad    bool     `json:"skip_bad,omitempty" doc:"Leave rows with errors out; otherwise a file with errors is not committed"`

	Settled []ImportSettlement `json:"settled,omitempty" maxItems:"2000" nullable:"false" doc:"What a person decided about records that were left to them"`
}

// ImportSettlement is what a person decided about one record.
type ImportSettlement struct {
	Row   int64  `json:"row" minimum:"1" doc:"As the problem tells"`
	Field string `json:"field,omitempty" maxLength:"40" doc:"That the problem is about; empty, and no code, to leave the record out"`
	Code  string `json:"code,omitempty" maxLength:"64" doc:"Of the feature, or the unit, that the field means: one of the candidates of the problem, or another"`
}

// ImportCommit says why.
type ImportCommit struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Stands in the changeset, with the name of the file and its SHA-256" example:"三月核实"`
}

// ImportSummary is what a check found.
type ImportSummary struct {
	Rows        int64  `json:"rows" doc:"Records read"`
	Created     int64  `json:"created"`
	Updated     int64  `json:"updated"`
	Deleted     int64  `json:"deleted"`
	Unchanged   int64  `json:"unchanged"`
	Errors      int64  `json:"errors" doc:"Problems because of which a record cannot go in"`
	Denied      int64  `json:"denied" doc:"Of the errors, changes that whoever asked for the check may not make: outside their units"`
	Warnings    int64  `json:"warnings" doc:"Problems that somebody should look at"`
	Left        int64  `json:"left" doc:"Records that only a person can tell what they are about"`
	Duplicates  int64  `json:"duplicates" doc:"Stations that may be one"`
	Communities int64  `json:"communities" doc:"Whose micro-grids the file redraws"`
	Faults      int64  `json:"faults" doc:"Overlaps and gaps between outlines"`
	Repairs     int64  `json:"repairs" doc:"What was repaired"`
	Sites       int64  `json:"sites" doc:"Candidates that lie in the city"`
	Seq         int64  `json:"seq" doc:"The change log had reached this"`
	CanCommit   bool   `json:"can_commit"`
	Why         string `json:"why" enum:",rights,errors,faults,nothing" doc:"Why it cannot be committed; empty if it can"`
}

// ImportProblems is a page of problems.
type ImportProblems struct {
	Problems []ImportProblem `json:"problems" nullable:"false"`
	Next     *int64          `json:"next" doc:"The after of the next page; null if this is the last"`
}

// ImportProblem is what is wrong with a record.
type ImportProblem struct {
	Severity string    `json:"severity" enum:"error,warning,left"`
	Row      int64     `json:"row" doc:"0 if it is about no single record"`
	Column   string    `json:"column" doc:"As the file names it; empty if it is about the whole record"`
	Field    string    `json:"field" doc:"What the column means; empty for nothing"`
	Code     string    `json:"code" doc:"The kind, for a program" example:"bad_value"`
	Message  string    `json:"message"`
	Chinese  string    `json:"message_zh" doc:"The message in Chinese; empty where there are no words for it"`
	Value    string    `json:"value" doc:"What is there, cut short"`
	Place    *Position `json:"place" doc:"Where on the map; null if unknown"`

	Candidates []ImportCandidate `json:"candidates" nullable:"false" doc:"Of a record that is left for a person: what it may be about, the likeliest first, eight at most. Say which by settled of the settings"`
}

// ImportCandidate is a feature that a record may be about.
type ImportCandidate struct {
	Code string `json:"code"`
	Name string `json:"name"`
	Unit string `json:"unit" doc:"The names of the units that it lies in; empty if unknown"`
}

// ImportDuplicates is a page of stations that may be one.
type ImportDuplicates struct {
	Duplicates []ImportDuplicate `json:"duplicates" nullable:"false"`
	Next       *int64            `json:"next"`
}

// ImportDuplicate is a record with a station that it may be.
type ImportDuplicate struct {
	Row        int64    `json:"row"`
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Place      Position `json:"place"`
	OtherRow   int64    `json:"other_row" doc:"0 for a station that is not in the file"`
	OtherCode  string   `json:"other_code"`
	OtherName  string   `json:"other_name"`
	OtherPlace Position `json:"other_place"`
	DistanceM  float64  `json:"distance_m"`
	Reason     string   `json:"reason" enum:"near,same_name"`
}

// ImportTopology is a page of the report on outlines.
type ImportTopology struct {
	Faults []ImportFault `json:"faults" nullable:"false"`
	Next   *int64        `json:"next"`
}

// ImportFault is an overlap, a gap, or what was done about one.
type ImportFault struct {
	Community string          `json:"community"`
	Kind      string          `json:"kind" enum:"overlap,gap,sliver,outside,not_shared,unmatched,repaired"`
	Codes     []string        `json:"codes" nullable:"false" doc:"Of the micro-grids that it is between"`
	AreaM2    float64         `json:"area_m2"`
	Message   string          `json:"message"`
	Chinese   string          `json:"message_zh" doc:"The message in Chinese; empty where there are no words for it"`
	Geometry  json.RawMessage `json:"geometry" doc:"Where, as GeoJSON; null for a whole community"`
}

// ImportDiff is a page of what a commit would change.
type ImportDiff struct {
	Changes []ImportChange `json:"changes" nullable:"false"`
	Next    *int64         `json:"next"`
}

// ImportChange is what a commit would do to one feature.
type ImportChange struct {
	Op         string          `json:"op" enum:"create,update,delete"`
	Row        int64           `json:"row" doc:"Of the file; 0 for a delete"`
	Collection string          `json:"collection"`
	Code       string          `json:"code"`
	Name       string          `json:"name"`
	Changed    []string        `json:"changed" nullable:"false" doc:"The properties that an update changes"`
	Before     json.RawMessage `json:"before" doc:"The feature as it is now, as GeoJSON; null for a create"`
	After      json.RawMessage `json:"after" doc:"The feature as it would be; null for a delete"`
}

// ImportSample is features of the file, as they would lie in one datum.
type ImportSample struct {
	Type     string              `json:"type" enum:"FeatureCollection"`
	Features []ImportSampleShape `json:"features" nullable:"false"`
}

// ImportSampleShape is one of them.
type ImportSampleShape struct {
	Type       string          `json:"type" enum:"Feature"`
	Geometry   json.RawMessage `json:"geometry"`
	Properties ImportSampleTag `json:"properties"`
}

// ImportSampleTag says which one.
type ImportSampleTag struct {
	Row  int64  `json:"row"`
	Name string `json:"name"`
}

// ImportList is the imports of whoever asks.
type ImportList struct {
	Imports []ImportReport `json:"imports" nullable:"false" doc:"The latest first, without their previews"`
}
