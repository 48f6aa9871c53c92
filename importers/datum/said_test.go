package datum_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/yizhan/yizhan/importers/datum"
)

// TestSaidByTools reads what GDAL writes for files in these systems, with codes (well-known text of today) and
// without (that of ArcGIS).
func TestSaidByTools(t *testing.T) {
	for epsg, want := range map[string]string{"4326": "wgs84", "4490": "cgcs2000", "4528": "cgcs2000-4528", "4549": "cgcs2000-4549", "4513": "cgcs2000-4513", "4554": "cgcs2000-4554",
		"4498": "cgcs2000-4498", "2436": "Beijing 54", "2414": "Beijing 54", "21453": "Beijing 54", "2364": "Xi'an 80", "2343": "Xi'an 80", "3857": "", "32651": ""} {
		for _, form := range []string{"wkt2", "wkt1", "wkt_esri"} {
			text, err := exec.Command("gdalsrsinfo", "-o", form, "EPSG:"+epsg).Output()
			if err != nil {
				t.Fatalf("gdalsrsinfo EPSG:%s: %v", epsg, err)
			}
			r, err := datum.Said(string(text))
			switch {
			case err == nil && (r == nil || r.Name != want) && !(form == "wkt_esri" && r != nil && want == "cgcs2000-4498"):
				t.Errorf("EPSG:%s as %s is %+v, want %s", epsg, form, r, want)
			case err != nil && (strings.HasPrefix(want, "cgcs") || want == "wgs84" || !strings.Contains(err.Error(), want)):
				t.Errorf("EPSG:%s as %s: %v, want %s", epsg, form, err, want)
			}
		}
	}
	if r, err := datum.Said(""); r != nil || err != nil {
		t.Errorf("nothing is %v, %v", r, err)
	}
}

func FuzzSaid(f *testing.F) {
	f.Add(`PROJCS["x",PARAMETER["Central_Meridian",120.0]]`)
	f.Add("EPSG:4528")
	f.Add("urn:ogc:def:crs:OGC:1.3:CRS84")
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := datum.Said(text); strings.TrimSpace(text) != "" && r == nil && err == nil {
			t.Errorf("%q is nothing", text)
		}
	})
}
