package intake

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/yizhan/yizhan"
)

// servicesOfJSON reads services as GeoJSON of ours has them, or a list of their names.
func servicesOfJSON(text string) ([]yizhan.StationService, error) {
	var names []string
	if err := json.Unmarshal([]byte(text), &names); err == nil {
		var list []yizhan.StationService
		for _, name := range names {
			service := serviceOf(name)
			if service == "" {
				return nil, errors.New("names a service that is not known")
			}
			list = append(list, yizhan.StationService{Service: service, Condition: yizhan.Working})
		}
		return list, nil
	}
	var given []struct {
		Service     string     `json:"service"`
		Condition   string     `json:"condition"`
		ConfirmedAt *time.Time `json:"confirmed_at"`
	}
	if err := json.Unmarshal([]byte(text), &given); err != nil {
		return nil, errors.New("is not a list of services")
	}
	var list []yizhan.StationService
	for _, g := range given {
		have := yizhan.StationService{Service: yizhan.Service(g.Service), Condition: yizhan.Condition(g.Condition)}
		if have.Condition == "" {
			have.Condition = yizhan.Working
		}
		if g.ConfirmedAt != nil {
			at, err := checkYear(*g.ConfirmedAt)
			if err != nil {
				return nil, errors.New("has a time that " + err.Error())
			}
			have.ConfirmedAt = at
		}
		list = append(list, have)
	}
	return list, nil
}
