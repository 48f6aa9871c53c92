package yizhan_test

import (
	"testing"

	"github.com/yizhan/yizhan"
)

const aKey = "0b9d6a56-5b0e-4c6c-9a53-0d9f5b6c7d8e"

func TestReportCode(t *testing.T) {
	code := yizhan.ReportCode(aKey)
	if again := yizhan.ReportCode(aKey); again != code || len(code) != 17 {
		t.Errorf("%s, then %s", code, again)
	}
	for _, written := range []string{code, " " + code[:5] + code[6:11] + "  " + code[12:], "0" + code[1:]} {
		read, ok := yizhan.ParseReportCode(written)
		if !ok || (written[0] != '0' && read != code) {
			t.Errorf("%q is read as %q", written, read)
		}
	}
	if read, _ := yizhan.ParseReportCode("oO0il-1abcd-efghj"); read != "00011-1ABCD-EFGHJ" {
		t.Errorf("read as %q", read)
	}
	for _, wrong := range []string{"", "ABC", code + "0", "UUUUU-UUUUU-UUUUU", code[:16] + "é"} {
		if read, ok := yizhan.ParseReportCode(wrong); ok {
			t.Errorf("%q is read as %q", wrong, read)
		}
	}
}

func FuzzParseReportCode(f *testing.F) {
	f.Add(yizhan.ReportCode(aKey))
	f.Add("oo-il")
	f.Fuzz(func(t *testing.T, text string) {
		code, ok := yizhan.ParseReportCode(text)
		if !ok {
			return
		}
		if again, ok := yizhan.ParseReportCode(code); !ok || again != code {
			t.Errorf("%q is %q, which is %q", text, code, again)
		}
	})
}

// TestEveryStageLeadsSomewhere: a report that is open can be closed, and each end tells the rider why.
func TestEveryStageLeadsSomewhere(t *testing.T) {
	for _, stage := range yizhan.ReportStages() {
		reached := map[yizhan.ReportStage]bool{stage: true}
		for grown := true; grown; {
			grown = false
			for from := range reached {
				for _, m := range yizhan.MovesFrom(from) {
					grown = grown || !reached[m.To]
					reached[m.To] = true
					if m.Answer == m.To.Open() {
						t.Errorf("from %s to %s: answer %v", m.From, m.To, m.Answer)
					}
				}
			}
		}
		if stage.Open() && !(reached[yizhan.StageConverted] && reached[yizhan.StageDeclined]) {
			t.Errorf("%s leads to %v only", stage, reached)
		}
	}
}

func TestNewReportValidate(t *testing.T) {
	place := yizhan.SnapPoint([2]float64{119.7, 49.2})
	good := map[string]yizhan.NewReport{
		"problem":      {Key: aKey, Kind: yizhan.ReportProblem, Topic: yizhan.TopicClosed, Station: "150702-0001"},
		"elsewhere":    {Key: aKey, Kind: yizhan.ReportProblem, Topic: yizhan.TopicWrongPlace, Station: "150702-0001", Location: &place},
		"confirmation": {Key: aKey, Kind: yizhan.ReportConfirmation, Station: "150702-0001"},
		"suggestion":   {Key: aKey, Kind: yizhan.ReportSuggestion, Location: &place, Services: []yizhan.Service{yizhan.Water}},
	}
	for name, r := range good {
		if err := r.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for field, bend := range map[string]func() yizhan.NewReport{
		"key":      func() yizhan.NewReport { r := good["problem"]; r.Key = "1"; return r },
		"kind":     func() yizhan.NewReport { r := good["problem"]; r.Kind = "gossip"; return r },
		"topic":    func() yizhan.NewReport { r := good["problem"]; r.Topic = ""; return r },
		"text":     func() yizhan.NewReport { r := good["problem"]; r.Topic = yizhan.TopicOther; return r },
		"location": func() yizhan.NewReport { r := good["confirmation"]; r.Location = &place; return r },
		"station":  func() yizhan.NewReport { r := good["suggestion"]; r.Station = "150702-0001"; return r },
		"services": func() yizhan.NewReport {
			r := good["suggestion"]
			r.Services = []yizhan.Service{yizhan.Water, yizhan.Water}
			return r
		},
		"contact": func() yizhan.NewReport { r := good["problem"]; r.Contact = string(make([]byte, 61)); return r },
	} {
		r := bend()
		checkError(t, r.Validate(), yizhan.CodeInvalid, field)
	}
}
