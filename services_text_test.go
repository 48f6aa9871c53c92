package yizhan_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
)

func TestServicesText(t *testing.T) {
	at := time.Date(2026, 2, 17, 8, 30, 0, 120_000, time.UTC)
	all := []yizhan.StationService{
		{Service: yizhan.Water, Condition: yizhan.Working, ConfirmedAt: at},
		{Service: yizhan.Charging, Condition: yizhan.Working},
		{Service: yizhan.Heating, Condition: yizhan.Broken, ConfirmedAt: at.Truncate(time.Second)},
		{Service: yizhan.Rest, Condition: yizhan.Uncertain},
	}
	text := yizhan.ServicesText(all)
	if want := "water@2026-02-17T08:30:00.00012Z; charging; heating:broken@2026-02-17T08:30:00Z; rest:unknown"; text != want {
		t.Errorf("%q, want %q", text, want)
	}
	if back, err := yizhan.ParseServices(text, nil); err != nil || !reflect.DeepEqual(back, all) {
		t.Errorf("comes back as %v, %v", back, err)
	}
	chinese := map[string]string{"饮水": "water", "充电": "charging", "取暖": "heating", "损坏": "broken"}
	back, err := yizhan.ParseServices("饮水、充电，取暖：损坏@2026-02-17", func(word string) string { return chinese[word] })
	if err != nil || yizhan.ServicesText(back) != "water; charging; heating:broken@2026-02-16T16:00:00Z" {
		t.Errorf("%v, %v", back, err)
	}
	if none, err := yizhan.ParseServices("  ", nil); err != nil || len(none) != 0 {
		t.Errorf("%v, %v", none, err)
	}
	for _, bad := range []string{"water; sauna", "water, water", "water:fine", "water@yesterday", "water@9999-12-31T23:59:59-01:00", "water@" + strings.Repeat("9", 4000)} {
		if services, err := yizhan.ParseServices(bad, nil); yizhan.CodeOf(err) != yizhan.CodeInvalid {
			t.Errorf("%.30q is %v, %v", bad, services, err)
		}
	}
}

func FuzzParseServices(f *testing.F) {
	f.Add("water@2026-02-17T08:30:00Z; charging; heating:broken")
	f.Add("饮水、充电")
	f.Fuzz(func(t *testing.T, text string) {
		services, err := yizhan.ParseServices(text, nil)
		if err != nil {
			return
		}
		again, err := yizhan.ParseServices(yizhan.ServicesText(services), nil)
		if err != nil || !reflect.DeepEqual(again, services) {
			t.Errorf("%q is %v, then %v, %v", text, services, again, err)
		}
	})
}
