package api

import (
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/datum"
	"github.com/yizhan/yizhan/importers/intake"
)

// doingWords name what leads to a stage.
var doingWords = map[intake.Stage]string{intake.Inspected: "inspecting", intake.Checked: "checking", intake.Committed: "committing", intake.Reverted: "reverting"}

// importReport tells where an import stands.
func (s *Server) importReport(im *intake.Import) ImportReport {
	state := im.State()
	report := ImportReport{ID: im.ID, Name: im.Name, Bytes: im.Bytes, Received: state.Received, State: string(state.Stage), Created: im.Created.UTC(),
		Preview: []ImportPreviewRow{}, Fields: []ImportField{}, Datums: []ImportDatum{}, Changeset: zeroToNull(state.Changeset), Reverted: zeroToNull(state.Reverted), Broken: state.Broken}
	if state.Job != "" {
		address := "/api/jobs/" + state.Job
		report.Job = &address
		if job, ok := s.jobs.Find(state.Job); ok {
			if report.Error = jobReportOf(job).Error; report.Error != nil {
				report.ErrorZh = importers.Chinese(report.Error.Detail)
			}
			if !job.State.final() && state.Stage != state.Doing {
				report.State = doingWords[state.Doing]
			}
		}
	}
	if state.Trying != "" {
		report.State = doingWords[state.Trying]
	}
	if state.Inspection != nil {
		report.addInspection(state)
	}
	if found := state.Summary; found != nil {
		why := found.Why(state.Settings)
		report.Summary = &ImportSummary{Rows: found.Rows, Created: found.Created, Updated: found.Updated, Deleted: found.Deleted, Unchanged: found.Unchanged,
			Errors: found.Errors, Denied: found.Denied, Warnings: found.Warnings, Left: found.Left, Duplicates: found.Duplicates, Communities: found.Communities, Faults: found.Faults,
			Repairs: found.Repairs, Sites: found.Sites, Seq: found.Seq, CanCommit: why == "", Why: why}
	}
	return report
}

func (report *ImportReport) addInspection(state intake.State) {
	found := state.Inspection
	head := found.Head
	file := &ImportFile{Format: head.Format, SHA256: state.SHA256, Encoding: head.Encoding, Encodings: notNull(head.Encodings), Delimiter: head.Delimiter,
		Layer: head.Layer, Layers: notNull(head.Layers), Columns: []ImportColumn{}, Geometry: head.Geometry, CRS: head.CRS, Rows: zeroToNull(head.Rows)}
	for i, name := range head.Columns {
		file.Columns = append(file.Columns, ImportColumn{Name: name, Field: found.Guessed[i], Samples: notNull(found.Samples[i])})
	}
	report.File = file
	for _, row := range found.Preview {
		report.Preview = append(report.Preview, ImportPreviewRow{row.Row, notNull(row.Values)})
	}
	for _, f := range intake.Fields(state.Settings.Collection) {
		report.Fields = append(report.Fields, ImportField{f.Name, f.Chinese, f.English, f.Required})
	}
	for _, c := range found.Datums {
		chinese, english := datum.Names(c.Reference)
		report.Datums = append(report.Datums, ImportDatum{Datum: c.Reference.Name, Swapped: c.Swapped, Chinese: chinese, English: english, Score: c.Score,
			Reason: string(c.Reason), Message: c.Message(), Inside: c.Inside, DistanceM: c.DistanceM, InUnits: c.InUnits})
	}
	set := state.Settings
	var settled []ImportSettlement
	for _, s := range set.Settled {
		settled = append(settled, ImportSettlement(s))
	}
	report.Settings = &ImportSettings{Collection: string(set.Collection), Encoding: set.Encoding, Delimiter: set.Delimiter, Layer: set.Layer, Columns: notNull(set.Columns),
		Datum: set.Datum, Swapped: set.Swapped, Missing: set.Missing, RepairM: set.RepairM, SkipBad: set.SkipBad, Settled: settled}
}

func notNull(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
