package api

import "github.com/yizhan/yizhan/feed/views"

// The command line prints the same documents that the API answers with.

// ReportFigures is the answer of /api/coverage, with accessibility if access is set.
func ReportFigures(figures views.Figures, access bool) CoverageReport {
	report := CoverageReport{
		AnswerBasis: basisOf(views.Basis{Seq: figures.Seq, Scenario: figures.Scenario, Counted: figures.Counted, Model: figures.Model}),
		Unit:        UnitName{figures.Unit.Code, figures.Unit.Name}, CoverageFigures: figuresReportOf(figures.UnitFigures, access),
		Children: []UnitCoverageReport{},
	}
	for _, child := range figures.Children {
		report.Children = append(report.Children, UnitCoverageReport{UnitName{child.Unit.Code, child.Unit.Name}, figuresReportOf(child, access)})
	}
	return report
}

// ReportRanking is the answer of /api/coverage/ranking.
func ReportRanking(basis views.Basis, level, within string, units []views.UnitFigures) CoverageRankingReport {
	report := CoverageRankingReport{AnswerBasis: basisOf(basis), Level: level, Within: textOrNil(within), Units: []RankedUnitReport{}}
	for i, unit := range units {
		report.Units = append(report.Units, RankedUnitReport{i + 1, UnitName{unit.Unit.Code, unit.Unit.Name}, figuresReportOf(unit, true)})
	}
	return report
}

// ReportSiting is the result of a job of /api/siting.
func ReportSiting(answer *views.SitingAnswer) SitingReport { return sitingReportOf(answer) }
